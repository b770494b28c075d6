"""Pages of the alerts service: logging in, the worklist, and the question before a refusal."""
