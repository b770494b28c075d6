"""What alerts measures: nothing of a facility, nor of how many families asked for help (protection rule 3)."""

from shared.metrics.repository import EVERYWHERE

MEASURES = EVERYWHERE
