"""Who is calling: tokens, the machine's own issuer, and the FastAPI dependencies that require a caller."""
