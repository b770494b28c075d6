"""The collector of garbage in processes that make many objects and no cycles: pages of a fold, days that are caught up.

A look through everything held takes up to 0.3 s and finds nothing; at the usual thresholds it was a fifth of the CPU
time of a worker."""

import gc


def seldom() -> None:
    """Leave out what there is by now, and look through the rest a hundred times less often. Once, when a process has
    opened what it needs."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
