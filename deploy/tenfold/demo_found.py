"""What the registry found that cannot all be true, and moves of which one half is missing, as its clerks list them."""

from collections import Counter

from rich.table import Table

from deploy.tenfold.county.planted import Planted
from deploy.tenfold.demo_reach import again
from deploy.tenfold.talking_status import table
from shared.client import Client

PAGE = 100


async def contradictions(client: Client) -> Counter[str]:
    """Kind → how many stand, for a reviewer of the authority on identity, who sees all."""
    found: Counter[str] = Counter()
    after: str | None = None
    while True:
        page = await again(client.get, "/v1/contradictions", limit=PAGE, **({"after": after} if after else {}))
        found.update(each["kind"] for each in page["contradictions"])
        after = page["next_after"]
        if after is None:
            return found


async def half_moves(client: Client) -> Counter[str]:
    """Half → how many stand alone, for a clerk of those who register moves."""
    found: Counter[str] = Counter()
    last: dict[str, str] = {}
    while True:
        page = await again(client.get, "/v1/moves/unmatched", limit=PAGE, **last)
        found.update(each["half"] for each in page["moves"])
        if not page["more"]:
            return found
        last = {"after_day": page["moves"][-1]["since"], "after_id": page["moves"][-1]["id"]}


def found_table(found: Planted, planned: Planted) -> Table:
    """What was found beside what the county planned."""
    made = table("What does not fit together, or is not complete", "", "found", "planned")
    for kind in sorted(found.contradictions.keys() | planned.contradictions.keys()):
        counts = (found.contradictions.get(kind, 0), planned.contradictions.get(kind, 0))
        made.add_row(f"contradiction: {kind}", *map(str, counts))
    for half in ("departure", "arrival"):
        counts = (found.half_moves.get(half, 0), planned.half_moves.get(half, 0))
        made.add_row(f"{half} without its other half", *map(str, counts))
    return made


def unlike(found: Planted, planned: Planted) -> int:
    """How many were not found, or invented."""
    pairs = ((found.contradictions, planned.contradictions), (found.half_moves, planned.half_moves))
    return sum(abs(one.get(key, 0) - other.get(key, 0)) for one, other in pairs for key in one.keys() | other.keys())
