"""Fixed releases: made once; small cells and their complements withheld; births for the county and year only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from services.registry.areas.handlers import Areas
from services.registry.statistics import repository as sql
from services.registry.statistics.following import follow_areas
from services.registry.statistics.recount import PAGE, kept, recount_of
from services.registry.statistics.releases import Releases
from shared import clock
from shared.crypto.sealing import Unsealable
from shared.db import transaction
from shared.errors import Conflict
from shared.identifiers.resident import make
from tests.histories import birth
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]

COUNTY = "370102"
LIUQUAN, DONGMING, QINGHE = "370102901001", "370102902001", "370102903001"
HOME = frozenset({COUNTY})
OUTSIDE = "370103000000"


def resident(n: int, born: date, sex: str) -> dict[str, Any]:
    sequence = 2 * n + (1 if sex == "male" else 0)
    identifiers = [{"type": "resident-identity-number", "value": make(COUNTY, born, sequence)}]
    return {"identifiers": identifiers, "name": f"Person {n}", "sex": sex, "birth_date": str(born)}


def entered(n: int, who: dict[str, Any], area: str, on: str = "2023-05-02", relation: str = "other") -> CloudEvent:
    home = {"number": f"H{n}", "kind": "family", "relation": relation, "area": area}
    return says("household.registered", f"h{n}", {"person": who, "household": home}, on)


def settlers() -> list[CloudEvent]:
    """Three townships: 40, 30 and 4 people of each sex in each of three age groups."""
    found, n = [], 0
    for area, people in ((LIUQUAN, 40), (DONGMING, 30), (QINGHE, 4)):
        for sex in ("female", "male"):
            for born in (date(1990, 3, 1), date(1985, 3, 2), date(1960, 3, 3)):
                for _ in range(people):
                    n += 1
                    found.append(entered(n, resident(n, born, sex), area))
    return found


def newborns() -> list[CloudEvent]:
    """24 births of 2024: 12 boys, 12 girls; all registered in time but for two."""
    found = []
    for n in range(24):
        sex, born = ("male", "female")[n % 2], f"2024-{n % 12 + 1:02}-03"
        mother = resident(470 + n, date(1990, 3, 1), "female")
        data = birth(mother, name=f"Baby {n}", cert=f"C{n}", sex=sex, born=born)
        found.append(says("birth.certified", f"b{n}", data, born))
        if n < 22:
            baby = {
                "identifiers": [{"type": "birth-certificate-number", "value": f"C{n}"}],
                "name": f"Baby {n}",
                "sex": sex,
                "birth_date": born,
            }
            found.append(entered(900 + n, baby, LIUQUAN, f"2024-{n % 12 + 1:02}-20", "child"))
    return found


def died(n: int, who: dict[str, Any], on: str) -> CloudEvent:
    return says("death.certified", f"d{n}", {"person": who, "certificate_number": f"D{n}"}, on, department="health")


async def folded(registry: RegistryWorld) -> RegistryWorld:
    events = [*settlers(), *newborns()]
    events += [died(n, resident(n, date(1990, 3, 1), "female"), "2024-06-01") for n in range(1, 13)]
    couple = {"spouses": [resident(41, date(1985, 3, 2), "female"), resident(121, date(1990, 3, 1), "male")]}
    events.append(says("marriage.registered", "m1", couple | {"certificate_number": "M1"}, "2024-06-06"))
    move = {"permit_number": "P1", "from_area": LIUQUAN, "to_area": OUTSIDE}
    mover = resident(45, date(1985, 3, 2), "female")
    events.append(says("migration.departed", "g1", {"person": mover, **move}, "2024-07-01"))
    for start in range(0, len(events), 200):
        await registry.apply(*events[start : start + 200])
    return registry


@contextmanager
def on(day: date) -> Iterator[None]:
    with clock.frozen(datetime(day.year, day.month, day.day, 4, tzinfo=UTC)):
        yield


async def published(registry: RegistryWorld, *periods: str) -> None:
    releases = Releases(registry.service.pool, HOME)
    with on(date(2026, 3, 2)):
        for period in periods:
            await releases.publish(period)


async def asked(lookups: LookUpWorld, path: str, department: str = "statistics", **query: Any) -> httpx.Response:
    return await lookups.get(path, department, "statistics", **query)


async def values(lookups: LookUpWorld, indicator: str, **query: Any) -> list[dict[str, Any]]:
    answer = await asked(lookups, f"/v1/statistics/{indicator}", **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["values"]
    return found


async def value(lookups: LookUpWorld, indicator: str, **query: Any) -> Any:
    (only,) = await values(lookups, indicator, **query)
    return only["value"]


@pytest.fixture
async def county(registry: RegistryWorld) -> RegistryWorld:
    """A county of 444 people and 24 newborns, with the year 2024 published."""
    await folded(registry)
    await published(registry, "2023-12", "2024-12")
    return registry


async def test_the_year_closes_and_says_what_the_county_had(county: RegistryWorld, lookups: LookUpWorld) -> None:
    year = {"period": "2024"}
    assert await value(lookups, "population-before", **year) == 444
    assert await value(lookups, "births", **year) == 24
    assert await value(lookups, "deaths", area=COUNTY, **year) == 12
    assert await value(lookups, "population-after", **year) == 444 + 24 - 12 - 1
    assert await value(lookups, "natural-increase", **year) == 12
    assert await value(lookups, "sex-ratio-at-birth", **year) == 100
    mean = (444 + 455) / 2
    assert await value(lookups, "birth-rate", **year) == round(24000 / mean, 2)
    assert await value(lookups, "death-rate", area=COUNTY, **year) == round(12000 / mean, 2)
    # One person moved out: too few, and so the balance must not tell it either.
    assert [await value(lookups, name, **year) for name in ("moved-out", "registered-otherwise")] == [None, None]
    # 222 women at the beginning, 209 at the end; a third of them born 1990, then 34 years old, a third 1985, 39.
    assert await value(lookups, "total-fertility", **year) == round(5 * 24 / ((74 + 62) / 2), 2)


async def test_people_by_area_sex_and_age_with_small_ones_and_complements_withheld(
    county: RegistryWorld, lookups: LookUpWorld
) -> None:
    month = {"period": "2024-12"}
    assert await value(lookups, "population", **month) == 450  # 453 in places; two newborns in none
    sexes = await values(lookups, "population", by="sex", **month)
    assert [(each["sex"], each["value"]) for each in sexes] == [("female", 220), ("male", 230)]
    areas = {each["area"]: each["value"] for each in await values(lookups, "population", by="area", **month)}
    # Of 24 people no cell could vary by ten while their sum stays: the sum is withheld, and another one with it.
    assert areas == {"370102901000": None, "370102902000": 180, "370102903000": None}
    ages = await values(lookups, "population", area="370102903000", by="sex,age", **month)
    assert {each["value"] for each in ages} == {None}  # four people each
    others = await values(lookups, "population", area="370102902000", by="age", **month)
    assert None in {each["value"] for each in others}  # nobody under five lives there
    villages = await values(lookups, "population", area="370102902000", by="area", **month)
    assert villages == [{"area": DONGMING, "sex": None, "age": None, "value": 180}]


async def test_an_areas_population_is_that_of_the_fixed_release_or_withheld(
    county: RegistryWorld, lookups: LookUpWorld
) -> None:
    for code, people in ((COUNTY, 450), ("370102902000", 180), ("370102901000", None), (DONGMING, 180)):
        answer = await asked(lookups, f"/v1/areas/{code}/population", period="2024-12")
        area = None if code == COUNTY else code
        told = answer.json()
        assert (told["area"], told["period"], told["people"]) == (area, "2024-12", people)
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    newest = await asked(lookups, f"/v1/areas/{DONGMING}/population")
    assert (newest.json()["period"], newest.headers["cache-control"]) == ("2024-12", "private, no-cache")
    headers = {
        "authorization": f"Bearer {lookups.token('health', 'statistics')}",
        "if-none-match": newest.headers["etag"],
    }
    assert (await lookups.http.get(f"/v1/areas/{DONGMING}/population", headers=headers)).status_code == 304
    for code, period in ((DONGMING, "2019-01"), ("370102990000", "2024-12")):
        assert (await asked(lookups, f"/v1/areas/{code}/population", period=period)).status_code == 404
    assert (await asked(lookups, f"/v1/areas/{DONGMING}/population", period="2024")).status_code == 422
    assert (await lookups.get(f"/v1/areas/{DONGMING}/population", "health", "vital-registration")).status_code == 403


async def test_the_tree_of_areas_has_the_figures_of_the_release_and_no_others(
    county: RegistryWorld, lookups: LookUpWorld
) -> None:
    answer = await asked(lookups, f"/v1/areas/{COUNTY}/tree", period="2024-12")
    assert answer.status_code == 200, answer.text
    tree = answer.json()["tree"]
    assert (tree["area"], tree["people"], bool(tree["name"]["zh"])) == (None, 450, True)
    told = {each["area"]: each["people"] for each in tree["children"]}
    assert told == {"370102901000": None, "370102902000": 180, "370102903000": None}
    assert [(each["area"], each["people"]) for each in tree["children"][1]["children"]] == [(DONGMING, 180)]
    for township in tree["children"]:
        villages = await values(lookups, "population", area=township["area"], by="area", period="2024-12")
        assert [(each["area"], each["people"]) for each in township["children"]] == [
            (each["area"], each["value"]) for each in villages
        ]
    before = answer.content
    await county.apply(*[died(n, resident(n, date(1990, 3, 1), "female"), "2024-06-01") for n in range(13, 31)])
    assert (await asked(lookups, f"/v1/areas/{COUNTY}/tree", period="2024-12")).content == before
    branch = (await asked(lookups, "/v1/areas/370102902000/tree")).json()
    assert branch["period"] == "2024-12"
    assert branch["tree"] == tree["children"][1]
    assert (await asked(lookups, "/v1/areas/370102990000/tree")).status_code == 404
    assert (await asked(lookups, f"/v1/areas/{COUNTY}/tree", period="2024")).status_code == 422
    assert (await lookups.get(f"/v1/areas/{COUNTY}/tree", "health", "vital-registration")).status_code == 403


async def test_births_are_told_for_the_whole_county_and_year_only(county: RegistryWorld, lookups: LookUpWorld) -> None:
    for name in ("births", "sex-ratio-at-birth", "total-fertility", "general-fertility", "birth-rate"):
        for query in ({"area": "370102901000"}, {"by": "area"}, {"period": "2024-12"}):
            answer = await asked(lookups, f"/v1/statistics/{name}", **query)
            assert (answer.status_code, answer.json()["type"]) == (403, "/errors#county-and-year-only"), (name, query)
    sexes = await asked(lookups, "/v1/statistics/births", by="sex")
    assert sexes.status_code == 422
    stored = await county.service.pool.fetch(
        "SELECT DISTINCT area FROM statistic_delta WHERE kind IN ('born', 'delivered')"
    )
    assert [row["area"] for row in stored] == [""]


async def test_what_is_asked_wrongly_is_named(county: RegistryWorld, lookups: LookUpWorld) -> None:
    wrong: tuple[tuple[str, dict[str, str], int], ...] = (
        ("statistics/unheard-of", {}, 404),
        ("statistics/population", {"period": "2019-01"}, 404),
        ("statistics/population", {"area": "370102990000"}, 404),
        ("statistics/population", {"period": "2024"}, 422),
        ("statistics/population", {"area": "37"}, 422),
        ("statistics/population", {"by": "marriage"}, 422),
        ("statistics/population", {"area": "370102901000", "by": "area,age"}, 422),
        ("statistics/deaths", {"period": "2024-12", "by": "area"}, 422),
        ("quality", {"period": "2019-01"}, 404),
    )
    for path, query, status in wrong:
        assert (await asked(lookups, f"/v1/{path}", **query)).status_code == status, (path, query)


async def test_deaths_by_township_are_rounded_and_withheld_with_others(
    county: RegistryWorld, lookups: LookUpWorld
) -> None:
    found = await values(lookups, "deaths", period="2024", by="area")
    assert {each["area"] for each in found} == {"370102901000", "370102902000", "370102903000"}
    assert [each["value"] for each in found].count(None) == 3  # twelve in one township, none in the others


async def test_a_release_is_made_once_and_never_changes(county: RegistryWorld, lookups: LookUpWorld) -> None:
    before = (await asked(lookups, "/v1/statistics/population", period="2024-12", by="area")).content
    with pytest.raises(Conflict):
        await published(county, "2024-12")
    await county.apply(*[died(n, resident(n, date(1990, 3, 1), "female"), "2024-06-01") for n in range(13, 31)])
    assert (await asked(lookups, "/v1/statistics/population", period="2024-12", by="area")).content == before
    await published(county, "2025-01")
    assert await value(lookups, "population", period="2025-01") == 440  # 435; what was told late stands in the next


async def test_published_figures_may_be_kept_for_ever(county: RegistryWorld, lookups: LookUpWorld) -> None:
    fixed = await asked(lookups, "/v1/statistics/population", period="2024-12")
    assert fixed.headers["cache-control"] == "private, max-age=31536000, immutable"
    newest = await asked(lookups, "/v1/statistics/population")
    assert newest.headers["cache-control"] == "private, no-cache"
    assert newest.json()["period"] == "2024-12"
    headers = {
        "authorization": f"Bearer {lookups.token('finance', 'statistics')}",
        "if-none-match": newest.headers["etag"],
    }
    again = await lookups.http.get("/v1/statistics/population", headers=headers)
    assert (again.status_code, again.content) == (304, b"")


async def test_the_list_says_what_each_figure_means_in_both_languages(
    county: RegistryWorld, lookups: LookUpWorld
) -> None:
    listed = (await asked(lookups, "/v1/statistics", "education")).json()
    assert [each["period"] for each in listed["releases"]] == ["2023", "2023-12", "2024", "2024-12"]
    for each in listed["indicators"]:
        for words in ("title", "definition", "unit", "source"):
            assert each[words]["en"]
            assert each[words]["zh"]
        period = "2024-12" if each["monthly"] is not None else "2024"
        assert (await asked(lookups, f"/v1/statistics/{each['name']}", period=period)).status_code == 200


async def test_only_departments_that_come_for_statistics_read_and_administrators_publish(
    county: RegistryWorld, lookups: LookUpWorld
) -> None:
    for path in ("/v1/statistics", "/v1/statistics/population", "/v1/quality"):
        other = await lookups.get(path, "health", "vital-registration")
        assert (other.status_code, other.json()["type"]) == (403, "/errors#statistics-purpose-required")
    token = lookups.issuer.issue(subject="admin", roles=["administrator"])
    headers = {"authorization": f"Bearer {token}"}
    made = await lookups.http.post("/v1/statistics/releases", json={"period": "2025-12"}, headers=headers)
    assert (made.status_code, made.json()) == (201, {"periods": ["2025-12", "2025"]})
    again = await lookups.http.post("/v1/statistics/releases", json={"period": "2025-12"}, headers=headers)
    assert again.status_code == 409
    future = await lookups.http.post("/v1/statistics/releases", json={"period": "2199-12"}, headers=headers)
    assert future.status_code == 422
    official = {"authorization": f"Bearer {lookups.token('statistics', 'statistics')}"}
    refused = await lookups.http.post("/v1/statistics/releases", json={"period": "2025-11"}, headers=official)
    assert refused.status_code == 403


async def test_quality_is_published_with_the_month_and_says_where_nothing_can_be_said(
    county: RegistryWorld, lookups: LookUpWorld
) -> None:
    found = (await asked(lookups, "/v1/quality")).json()
    assert found["period"] == "2024-12"
    assert found["births"] == {"year": 2023, "available": False}
    assert found["marriages"]["available"] is False
    assert found["marriages"]["reason"]["zh"]
    assert found["consistency"]["available"] is False  # below a thousand people


async def test_the_worker_publishes_the_month_before_once_and_not_what_it_did_not_know(
    registry: RegistryWorld,
) -> None:
    await registry.apply(*settlers()[:40])
    recorded = await registry.service.pool.fetchval("SELECT min(recorded_at) FROM vital_event")
    releases = Releases(registry.service.pool, HOME)
    with clock.frozen(recorded):
        assert await releases.publish_due() == []
    later = date(recorded.year + 1, 1, 9)
    with on(later):
        assert await releases.publish_due() == [f"{recorded.year}-12", str(recorded.year)]
        assert await releases.publish_due() == []


async def test_totals_are_added_up_and_a_register_without_counts_is_counted(county: RegistryWorld) -> None:
    async with transaction(county.service.pool) as connection:
        wanted = await kept(connection)
        assert await sql.add_up(connection, 100_000) > 0
        assert await sql.add_up(connection, 100_000) == 0
        assert await kept(connection) == wanted
        await connection.execute("TRUNCATE statistic_counted, statistic_delta, statistic_total")
    assert await followed(county) == await county.count("statistic_counted")
    async with county.service.pool.acquire() as connection:
        assert await kept(connection) == wanted
    assert await followed(county) is None


async def test_a_first_count_that_was_interrupted_is_finished(county: RegistryWorld) -> None:
    async with transaction(county.service.pool) as connection:
        wanted, people = await kept(connection), await county.count("statistic_counted")
        await connection.execute("TRUNCATE statistic_counted, statistic_delta, statistic_total")
        last = "SELECT person_id, 'unreadable' FROM person ORDER BY person_id DESC LIMIT 1"
        await connection.execute(f"INSERT INTO statistic_counted {last}")
    with pytest.raises(Unsealable):
        await followed(county, page=100)
    counted = await county.count("statistic_counted")
    assert 100 < counted < people
    await county.service.pool.execute("DELETE FROM statistic_counted WHERE cells = 'unreadable'")
    assert await followed(county, page=100) == people - counted + 1
    async with county.service.pool.acquire() as connection:
        assert await kept(connection) == wanted
    assert await followed(county) is None


async def test_an_empty_register_is_counted_at_once(registry: RegistryWorld) -> None:
    assert [await followed(registry), await followed(registry)] == [0, None]


async def followed(registry: RegistryWorld, page: int = PAGE) -> int | None:
    """What the worker does before it adds up."""
    service = registry.service
    areas = Areas(service.pool, service.ring, service.settings.provisioning)
    return await follow_areas(service.pool, areas, replace(recount_of(service, registry.folding), page=page))
