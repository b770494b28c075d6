"""A facility's feed: one log of announcements, read as numbered feed, Server-Sent Events and JSON Feed."""
