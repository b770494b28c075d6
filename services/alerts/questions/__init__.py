"""A woman questions an access to her record; the supervisors of the facility whose access it was answer her."""
