"""What the registry knows of a person, as they see it: every field with who says so, and nothing of a relative."""

import pytest

from shared.sharing.fields import FIELDS
from tests.audit_world import AuditWorld
from tests.histories import household, person
from tests.registry_world import LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]
FANG, WEI = person(2, "Wang Fang"), person(1, "Li Wei")
HOME = says("household.registered", "h1", {"person": FANG, **household()}, "2024-01-10")
MARRIED = says("marriage.registered", "m1", {"spouses": [FANG, WEI], "certificate_number": "M1"}, "2024-02-02")


@pytest.fixture
async def own(registry: RegistryWorld, lookups: LookUpWorld) -> AuditWorld:
    """She is registered, and married to him."""
    await registry.apply(HOME, MARRIED)
    return AuditWorld(registry, lookups)


async def test_every_field_is_shown_with_the_departments_that_say_so(own: AuditWorld) -> None:
    mine = await own.get("/v1/me", await own.citizen(2, "Wang Fang"))
    shown = {each["name"]: (each["value"], [source["name"] for source in each["sources"]]) for each in mine["fields"]}
    assert list(shown) == list(FIELDS)
    assert shown["name"] == ("Wang Fang", ["civil-affairs", "public-security"])
    assert shown["household_number"] == ("H1", ["public-security"])
    assert shown["civil_status"] == ("married", ["civil-affairs"])
    assert shown["died_on"] == (None, [])
    assert [each["household_number"] for each in mine["residences"]] == ["H1"]
    assert all(each["title"]["zh"] and each["title"]["en"] for each in mine["fields"])


async def test_a_relative_is_recorded_and_not_named(own: AuditWorld) -> None:
    mine = await own.get("/v1/me", await own.citizen(2, "Wang Fang"))
    (spouse,) = [each for each in mine["fields"] if each["name"] == "spouse"]
    assert (spouse["value"], spouse["sources"][0]["name"]) == ("recorded", "civil-affairs")
    assert "Li Wei" not in str(mine)
    assert WEI["identifiers"][0]["value"] not in str(mine)


async def test_the_copy_is_the_same_as_a_file_and_both_are_written_down(own: AuditWorld) -> None:
    token = await own.citizen(2, "Wang Fang")
    copy = await own.call("GET", "/v1/me/copy", token)
    assert copy.headers["content-disposition"] == 'attachment; filename="my-record.json"'
    assert copy.headers["cache-control"] == "no-store"
    assert copy.json() == await own.get("/v1/me", token)
    seen = (await own.get("/v1/me/disclosures", token))["disclosures"]
    assert [(each["action"], each["yourself"]) for each in seen[:2]] == [("own-record", True)] * 2


async def test_an_adoption_changes_no_byte_of_the_childs_record_or_of_who_adopts(own: AuditWorld) -> None:
    await own.registry.apply(says("household.registered", "h2", {"person": WEI, **household()}, "2024-01-10"))
    child, who_adopts = await own.citizen(2, "Wang Fang"), await own.citizen(1, "Li Wei")
    worlds = []
    for adopted in (False, True):
        if adopted:
            data = {"child": FANG, "adopters": [WEI], "certificate_number": "A1"}
            await own.registry.apply(says("adoption.registered", "a1", data, "2024-03-01"))
        answers = [
            await own.call("GET", path, token)
            for token in (child, who_adopts)
            for path in ("/v1/me", "/v1/me/cases", "/v1/me/matches")
        ]
        worlds.append([(answer.status_code, answer.content) for answer in answers])
    assert await own.registry.count("fact") == 6
    assert worlds[0] == worlds[1]


async def test_what_cannot_be_written_down_is_not_shown(own: AuditWorld) -> None:
    token = await own.citizen(2, "Wang Fang")
    await own.registry.service.pool.execute("ALTER TABLE access_log ADD CHECK (action <> 'own-record') NOT VALID")
    for path in ("/v1/me", "/v1/me/copy"):
        assert (await own.call("GET", path, token)).status_code == 500
