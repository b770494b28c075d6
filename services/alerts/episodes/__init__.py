"""Episodes of care: consent, enrolment, the key of each episode, and its end."""
