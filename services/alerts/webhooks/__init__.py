"""A facility's webhooks: signed and thin messages about its transition log, sent by the code of shared/deliveries."""
