"""Webhooks on their way from a numbered feed: planned, claimed, tried, tried again, parked. For every service."""
