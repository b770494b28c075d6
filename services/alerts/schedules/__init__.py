"""Care schedules: what the norms ask for, as data, and the pure plan that follows for one episode."""
