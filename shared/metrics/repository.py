"""What every service's database says of itself: all SQL of it. No label holds what anybody outside may choose."""

from shared.metrics.gauges import Measure

HEADS = Measure(
    "tenfold_feed_head",
    "Newest position of a feed's partition.",
    ("feed", "partition"),
    "SELECT feed, partition, position AS value FROM feed_head ORDER BY feed, partition",
)
CURSORS = Measure(
    "tenfold_feed_cursor",
    "How far another service's feed is followed: its head less this is the lag.",
    ("feed", "partition"),
    "SELECT feed, partition, position AS value FROM feed_cursor ORDER BY feed, partition",
)
PARKED = Measure(
    "tenfold_parked",
    "Entries and records that could not be handled and wait for someone.",
    (),
    "SELECT count(*) AS value FROM parked WHERE settled_at IS NULL",
)
FINDINGS = Measure(
    "tenfold_findings",
    "What the running reconciler found and has not settled.",
    ("kind",),
    "SELECT kind, count(*) AS value FROM finding WHERE settled_at IS NULL GROUP BY kind ORDER BY kind",
)
EVERYWHERE = (CURSORS, PARKED, FINDINGS)
