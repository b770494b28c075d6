"""The names of the keys this service's ring must hold. The shared ones are the registry's, copied by KeyRing.share."""

NAMES = "help"  # seals the names of mother and child
LOGIN = "login"  # fingerprints of login codes, sessions and addresses (shared/sessions)

OWN_KEYS = ("feed", "parked", "audit", NAMES, LOGIN)
SHARED_KEYS = ("care-index", "registry-alerts")
