"""Help that a person asked for: child checks and vaccines, records to be sent on, what they are entitled to."""
