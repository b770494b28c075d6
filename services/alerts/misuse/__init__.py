"""Accesses to care that are worth a second look: rules notice them, supervisors of the facility decide about them."""
