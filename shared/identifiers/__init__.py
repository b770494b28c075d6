"""Identifiers every service understands: resident identity numbers and area codes."""
