"""Who may log in here, and see a facility's care work; logging in itself is shared/sessions."""
