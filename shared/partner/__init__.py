"""A department's side of Tenfold: report until the receipt is there, follow with a durable cursor, believe no stranger.

Everything a department's own programme needs, in one file of its own (SQLite). See docs/client.md.
"""
