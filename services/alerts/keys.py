"""The names of the keys this service's ring must hold. The shared ones are the registry's, copied by KeyRing.share."""

NAMES = "help"  # seals the names of mother and child
WRAP = "episode-wrap"  # seals the keys of episodes in their folder (episodes/vault.py)
PERSON = "episode-person"  # names in episodes whom they are about (episodes/identity.py)
SUBSCRIPTION = "subscription"  # seals the secrets of webhooks (shared/subscriptions/secrets.py)
LOGIN = "login"  # fingerprints of login codes, sessions and addresses (shared/sessions)

OWN_KEYS = ("feed", "parked", "audit", NAMES, WRAP, PERSON, SUBSCRIPTION, LOGIN)
SHARED_KEYS = ("care-index", "registry-alerts")
