"""Hand-over: an episode is offered to another facility, and the duty stays until that accepts."""
