"""Tasks that a worker says are wrong: a list for the supervisors of the facility."""
