"""The names of the keys this service's ring must hold."""

OWN_KEYS = ("feed", "parked", "journal", "digest", "partition", "subscription", "told", "login")
SHARED_KEYS: tuple[str, ...] = ()
