"""What the registry found that cannot all be true, and moves of which one half is missing, as its clerks list them:
held against what the county planned, person by person."""

from collections import Counter
from collections.abc import Iterator, Mapping

from rich.table import Table

from deploy.tenfold.county.planted import Contradiction, HalfMove, Planted
from deploy.tenfold.demo_reach import again
from deploy.tenfold.talking_status import table
from shared.client import Client

PAGE = 100

Known = Mapping[str, int]
"""The reference of public security → the county's own number of the person."""


async def contradictions(client: Client, known: Known) -> Counter[Contradiction]:
    """All that stand, for a reviewer of the authority on identity, who sees all."""
    found: Counter[Contradiction] = Counter()
    after: str | None = None
    while True:
        page = await again(client.get, "/v1/contradictions", limit=PAGE, **({"after": after} if after else {}))
        for each in page["contradictions"]:
            sides = frozenset((side["department"], side["value"]) for side in each["sides"])
            found[Contradiction(each["kind"], known.get(each["person"], each["person"]), sides)] += 1
        after = page["next_after"]
        if after is None:
            return found


async def half_moves(client: Client, known: Known) -> Counter[HalfMove]:
    """All that stand alone, for a clerk of those who register moves."""
    found: Counter[HalfMove] = Counter()
    last: dict[str, str] = {}
    while True:
        page = await again(client.get, "/v1/moves/unmatched", limit=PAGE, **last)
        for each in page["moves"]:
            person = known.get(each["person"], each["person"])
            found[HalfMove(each["half"], person, each["permit"], each["since"], each["area"])] += 1
        if not page["more"]:
            return found
        last = {"after_day": page["moves"][-1]["since"], "after_id": page["moves"][-1]["id"]}


def found_table(found: Planted, planned: Planted) -> Table:
    """What was found beside what the county planned."""
    made = table("What does not fit together, or is not complete", "", "found", "planned")
    kinds, planned_kinds = found.kinds(), planned.kinds()
    for kind in sorted(kinds.keys() | planned_kinds.keys()):
        made.add_row(f"contradiction: {kind}", str(kinds[kind]), str(planned_kinds[kind]))
    halves, planned_halves = found.halves(), planned.halves()
    for half in ("departure", "arrival"):
        made.add_row(f"{half} without its other half", str(halves[half]), str(planned_halves[half]))
    return made


def unlike(found: Planted, planned: Planted) -> Iterator[str]:
    """What was not found, and what was invented: a line each, that names no value."""
    pairs = ((found.contradictions, planned.contradictions), (found.half_moves, planned.half_moves))
    for listed, wanted in pairs:
        for each in [*listed.keys() - wanted.keys(), *wanted]:
            if listed[each] != wanted[each]:
                yield f"{each[0]}: {listed[each]} times in the list, planned {wanted[each]} times"
