"""Help with birth registration for mothers who asked for it at certification."""
