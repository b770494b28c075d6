"""The access log: every read of a person's data is written down in the transaction of the read (protection rule 8)."""
