"""Kafka as a means of distribution: the only folder that imports aiokafka.

Kafka's own bookkeeping is not trusted: no consumer groups, no committed offsets. A reader's positions are kept by the
caller, in the transaction of the effects; a relay finds where to go on in the last record's headers.
"""
