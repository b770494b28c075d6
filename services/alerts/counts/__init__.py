"""How much there is to do: counts of tasks, of a facility, by day and by worker. Never whose tasks they are."""
