"""What supervisors see of their facility: counts, and no woman."""
