"""`tenfold weights`: the next version of the weights by which people are told apart, for somebody to review.

It puts nothing into force: the file of the release does, when it is replaced (docs/identity.md).
"""

import asyncio
from pathlib import Path

import yaml

from deploy.tenfold.imports import console
from deploy.tenfold.running import settings
from deploy.tenfold.talking_status import table
from deploy.tenfold.talking_trouble import complain
from services.registry.identity.weights import Weights, current, load
from services.registry.matching.learning import ENOUGH, TooFew, learn_from
from shared.db import AWAY


def learn(out: Path, share: int) -> int:
    """Learn, write and show; the exit code. 2: too few pairs; 1: no answer, or the file is there already."""
    if out.exists():
        complain("That file is there already; a version is written once. · 文件已存在。")
        return 1
    try:
        found = asyncio.run(learn_from(settings(), share, current()))
    except AWAY as trouble:
        complain(f"The database does not answer ({type(trouble).__name__}).")
        return 1
    except TooFew as few:
        complain(f"Only {few} pairs to learn from; it takes {ENOUGH}. · 可供学习的配对不足。")
        return 2
    out.write_text(yaml.safe_dump(found.model_dump(mode="json"), allow_unicode=True, sort_keys=False), encoding="utf-8")
    show(current(), load(out))
    return 0


def show(before: Weights, after: Weights) -> None:
    """What each level is worth in bits, before and after."""
    shown = table(f"Weights {after.version}", "field", "level", "bits", f"version {before.version}", texts=2)
    for old, new in zip(before.fields, after.fields, strict=True):
        for level, shares in new.levels.items():
            shown.add_row(new.field, level, f"{shares.weight:+.2f}", f"{old.levels[level].weight:+.2f}")
    console.print(shown)
