"""The contracts departments and services share: the envelope, one payload module per subject, the catalogue."""
