"""Corrections asked by people and departments, decided by the authority on the field."""
