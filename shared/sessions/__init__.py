"""People log in on pages: one-time codes, then a session cookie. Both are kept as keyed fingerprints only."""
