"""For what glass may be broken. Pure."""

from typing import Final

PURPOSE: Final = "service-delivery"
"""The one purpose for which an official may look somebody up without a case."""
