"""Match: whom a description may mean, by what the caller may see of them and nothing else."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from services.registry.sharing.handlers import Sharing
from shared.auth.issuer import Issuer
from shared.db import transaction
from shared.feed.follow import FeedEntry
from shared.sharing.agreements import Agreements
from tests.histories import BORN, START, birth, certificate, household, number, person
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, looking_up, says

pytest_plugins = ["tests.registry"]

SECURITY = "public-security"
CHEN = "陈晓明"
DESCRIBED = {"name": CHEN, "birth_date": str(BORN)}


@pytest.fixture
async def clerks(registry: RegistryWorld, issuer: Issuer) -> AsyncIterator[LookUpWorld]:
    """Public security reviews identities: name and birth date of everyone, more of its own people."""
    async with looking_up(registry, issuer) as world:
        known = {each.identifier: each for each in Agreements.load(registry.service.settings.provisioning)}
        everyone = known["public-security-register"].model_dump()
        everyone |= {"identifier": "review-register", "purpose": "identity-review", "fields": ["name", "birth_date"]}
        own = known["public-security-own-people"].model_dump()
        own |= {"identifier": "review-own-people", "purpose": "identity-review"}
        told = [
            {"kind": "agreement", "identifier": each["identifier"], "status": "in-force", "agreement": each}
            for each in (everyone, own)
        ]
        entries = [FeedEntry(n, uuid4(), START, msgspec.Raw(msgspec.json.encode(each))) for n, each in enumerate(told)]
        async with transaction(registry.service.pool) as connection:
            await Sharing(registry.folding).handle(connection, entries)
        yield world


def at_home(sequence: int, name: str, born: str = str(BORN)) -> CloudEvent:
    who = person(sequence, name) | {"birth_date": born}
    return says("household.registered", f"h{sequence}", {"person": who, **household(number_=f"H{sequence}")})


async def match(world: LookUpWorld, body: dict[str, Any], *roles: str, **who: Any) -> httpx.Response:
    said = {"subject": "clerk-1", "department": SECURITY, "roles": roles or ("clerk",), "purpose": "identity-review"}
    headers = {"authorization": f"Bearer {world.issuer.issue(**(said | who))}"}
    return await world.http.post("/v1/people/match", json=body, headers=headers)


def levels(candidate: Any) -> dict[str, str | None]:
    return {each["field"]: each["level"] for each in candidate["fields"]}


async def test_candidates_are_scored_field_by_field_the_best_first(
    registry: RegistryWorld, clerks: LookUpWorld
) -> None:
    await registry.apply(at_home(1, "陳曉明"), at_home(3, CHEN), at_home(6, "王芳"))
    answer = await match(clerks, DESCRIBED | {"sex": "male"})
    assert answer.status_code == 200, answer.text
    best, other = answer.json()["candidates"]
    assert best["reference"] == await registry.reference(SECURITY, at_home(3, CHEN))
    assert levels(best) == {"name": "exact", "sex": "same", "birth_date": "exact"}
    assert levels(other)["name"] == "variant"
    assert best["score"] > other["score"]
    assert (best["verdict"], best["rules"]) == ("possible", ["neighbours"]), "name and birthday agree by chance"
    (certain,) = (await match(clerks, DESCRIBED | {"sex": "male", "identifiers": [number(3)]})).json()["candidates"]
    assert levels(certain)["identity_number"] == "exact"
    assert (certain["verdict"], certain["rules"]) == ("certain", [])
    for each in (best, other, certain):
        assert set(each) == {"reference", "verdict", "score", "fields", "rules", "withheld", "basis"}, "no values"


async def test_what_is_withheld_does_not_count(registry: RegistryWorld, clerks: LookUpWorld) -> None:
    """Of somebody on whom there is no case sex and number are not shown: right or wrong ones make no difference."""
    died = {"person": person(3, CHEN), "certificate_number": "x1"}
    await registry.apply(at_home(5, CHEN))
    await registry.service.pool.execute("UPDATE vital_event SET department = 'health'")  # no case by reporting
    await registry.apply(says("death.certified", "x1", died, "2024-03-01", department="health"))
    answers = [
        await match(clerks, DESCRIBED | {"sex": sex, "identifiers": [number(of)]})
        for sex, of in (("male", 5), ("female", 9))
    ]
    assert answers[0].content == answers[1].content
    (only,) = answers[0].json()["candidates"]
    assert levels(only) == {"name": "exact", "birth_date": "exact"}
    assert {"sex", "identity_number"} <= set(only["withheld"])


async def test_a_mother_is_compared_where_she_may_be_seen_and_that_is_written_down(
    registry: RegistryWorld, clerks: LookUpWorld
) -> None:
    mother = person(2, "王秀英")
    await registry.apply(says("birth.certified", "b1", birth(mother, name="王安安"), "2024-02-01"))
    baby = {"identifiers": [certificate("C1")], "name": "王安安", "sex": "female", "birth_date": "2024-02-01"}
    await registry.apply(says("household.registered", "h5", {"person": baby, **household(number_="H5")}, "2024-02-20"))
    described = {"name": "王安安", "birth_date": "2024-02-01", "mother": "王秀英"}
    (unseen,) = (await match(clerks, described)).json()["candidates"]
    assert levels(unseen)["mother"] is None, "she stands in no register, and public security has no case on her"
    await registry.apply(says("household.registered", "h2", {"person": mother, **household(number_="H5")}))
    before = await registry.count("access_log")
    (seen,) = (await match(clerks, described)).json()["candidates"]
    assert levels(seen)["mother"] == "exact"
    assert seen["score"] > unseen["score"]
    assert await registry.count("access_log") == before + 2, "the child, and the mother whose name was read"


async def test_nothing_is_stored_but_the_access_log_and_the_count(registry: RegistryWorld, clerks: LookUpWorld) -> None:
    await registry.apply(at_home(3, CHEN))
    assert len((await match(clerks, DESCRIBED, "reviewer")).json()["candidates"]) == 1
    (row,) = await registry.service.pool.fetch("SELECT action, purpose, fields FROM access_log")
    assert dict(row) == {"action": "match", "purpose": "identity-review", "fields": ["name", "birth_date"]}
    assert await registry.count("look_up_given") == 0, "no value was given"
    assert await registry.count("searches_asked") == 1
    assert await registry.count("person_seen") == 1


async def test_matching_is_for_those_who_review_identities(registry: RegistryWorld, clerks: LookUpWorld) -> None:
    await registry.apply(at_home(3, CHEN))
    assert (await match(clerks, DESCRIBED, purpose="household-registration")).status_code == 403
    assert (await match(clerks, DESCRIBED, "reporter")).status_code == 403
    assert (await match(clerks, DESCRIBED, department="health")).status_code == 403
    for body in ({"name": CHEN}, {"birth_date": str(BORN)}, {"mother": "王芳"}, DESCRIBED | {"name": "陈*"}):
        assert (await match(clerks, body)).status_code == 422
    assert await registry.count("access_log") == 0


async def test_whom_nobody_may_see_is_no_candidate(registry: RegistryWorld, clerks: LookUpWorld) -> None:
    died = {"person": person(3, CHEN), "certificate_number": "x1"}
    await registry.apply(says("death.certified", "x1", died, "2024-03-01", department="health"))
    answer = await match(clerks, DESCRIBED | {"identifiers": [number(3)]})
    assert answer.json()["candidates"] == []
