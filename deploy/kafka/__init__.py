"""A real Apache Kafka broker (KRaft, one node) for development and tests, from its Maven artefacts."""
