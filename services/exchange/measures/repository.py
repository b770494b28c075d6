"""What the exchange measures: all SQL of it."""

from shared.metrics.gauges import Measure
from shared.metrics.repository import EVERYWHERE, HEADS

HELD = Measure(
    "tenfold_held",
    "Events that wait for a clerk, or for the event that they correct.",
    (),
    "SELECT count(*) AS value FROM outcome WHERE status = 'held'",
)
OUTBOX = Measure(
    "tenfold_outbox",
    "Webhook deliveries that wait, and those that were given up.",
    ("state",),
    "SELECT s.state, count(d.*) AS value FROM (VALUES ('due'), ('parked')) s(state)"
    " LEFT JOIN delivery d USING (state) GROUP BY s.state ORDER BY s.state",
)
MEASURES = (*EVERYWHERE, HEADS, HELD, OUTBOX)
