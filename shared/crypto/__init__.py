"""Keys, encryption at rest, blind indexes and person references (protection.md, rule 7)."""
