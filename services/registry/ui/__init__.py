"""Pages of the registry for people: who is one person, what contradicts, who is who, and who saw it."""
