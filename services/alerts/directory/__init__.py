"""Who lives where, as the registry tells alerts about everyone: so alerts never has to ask about anyone."""
