"""Pages for people: one frame, two languages, no scripts, nothing loaded from elsewhere."""
