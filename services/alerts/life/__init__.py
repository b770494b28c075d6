"""What the registry's feed `care` does to help and to episodes: deaths, moves, annulled births, merges and splits."""
