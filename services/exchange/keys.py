"""The names of the keys this service's ring must hold. The shared one is the registry's, copied by KeyRing.share."""

OWN_KEYS = ("feed", "parked", "journal", "digest", "partition", "subscription", "told", "login")
SHARED_KEYS = ("exchange-registry",)  # seals what the two tell each other through Kafka
