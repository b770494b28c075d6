"""A household at a point of both time axes: its members by what was known, and by who was who, then."""

from datetime import datetime
from typing import Any

from tests.histories import certificate, household, person
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]

HER, HIM = person(2, "Wang Fang"), person(1, "Li Wei")
CHILD_BY_CARD = {**person(5, "Li Na", sex="female"), "identifiers": [certificate("C5")]}
CHILD_BY_NUMBER = person(5, "Li Na", sex="female")


def registered(id_: str, who: dict[str, Any], on: str = "2020-01-01", kind: str = "family", **how: Any) -> CloudEvent:
    entry = household()["household"] | {"kind": kind}
    return says("household.registered", id_, {"person": who, "household": entry}, on, **how)


async def members(
    registry: RegistryWorld, lookups: LookUpWorld, event: CloudEvent, known_at: datetime | None = None, **query: Any
) -> list[str]:
    """Names, as public security is told them."""
    path = f"/v1/people/{await registry.reference('public-security', event)}"
    found = (await lookups.get(path, "public-security")).json()["household"]
    asked = query | ({"known_at": known_at} if known_at else {})
    answer = await lookups.get(f"/v1/households/{found}", "public-security", **asked)
    assert answer.status_code == 200, answer.text
    return sorted(each["fields"]["name"] for each in answer.json()["members"])


async def test_an_entry_that_was_annulled_was_known_before(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    head = registered("h1", HER)
    await registry.apply(head)
    alone = await registry.now()
    await registry.apply(registered("h2", HIM, "2021-01-01"))
    both = await registry.now()
    await registry.apply(registered("h3", HIM, "2021-01-01", action="annulled", of="h2", minute=1))
    assert await members(registry, lookups, head) == ["Wang Fang"]
    assert await members(registry, lookups, head, alone) == ["Wang Fang"]
    assert await members(registry, lookups, head, both) == ["Li Wei", "Wang Fang"]
    assert await members(registry, lookups, head, both, valid_at="2020-12-31") == ["Wang Fang"]


async def test_before_a_merge_two_were_known_where_one_is_now(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    head = registered("h1", HER)
    await registry.apply(head, registered("h2", CHILD_BY_CARD), registered("h3", CHILD_BY_NUMBER))
    before = await registry.now()
    joined = CHILD_BY_NUMBER | {"identifiers": [*CHILD_BY_NUMBER["identifiers"], certificate("C5")]}
    await registry.apply(says("insurance.enrolled", "i1", {"person": joined, "scheme": "basic-pension"}, "2021-01-01"))
    after = await registry.now()
    assert await members(registry, lookups, head, before) == ["Li Na", "Li Na", "Wang Fang"]
    assert await members(registry, lookups, head, after) == ["Li Na", "Wang Fang"]
    assert await members(registry, lookups, head) == ["Li Na", "Wang Fang"]


async def test_collective_households_list_nobody_at_any_time(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    head = registered("h1", HER, kind="collective")
    await registry.apply(head)
    assert await members(registry, lookups, head, await registry.now()) == []
