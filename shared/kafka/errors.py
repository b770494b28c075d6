"""What can go wrong with Kafka, as callers treat it differently. No text carries a key, value or header."""


class Unreachable(Exception):
    """The broker or the topic cannot be used now; asking again later is right. The text is for operators."""


class Undelivered(Exception):
    """The messages are not known to have arrived: a beginning of them, in order, may have. Sending again is safe only
    for receivers that skip repeats; a relay first asks `last_record` how far the topic is."""


class Undeliverable(Undelivered):
    """Undelivered, and sending the same again cannot help, for example a message above the broker's size limit."""


class TopicMismatch(Exception):
    """A topic exists with another number of partitions, or is compacted; a person has to decide."""
