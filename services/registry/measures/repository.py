"""What the registry measures: all SQL of it."""

from shared.metrics.gauges import Measure
from shared.metrics.repository import EVERYWHERE, HEADS

HELD = Measure(
    "tenfold_held",
    "Events that wait for a clerk, or for the event that they correct.",
    (),
    "SELECT count(*) AS value FROM held_event WHERE rejected_at IS NULL",
)
MEASURES = (*EVERYWHERE, HEADS, HELD)
