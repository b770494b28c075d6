"""Help that a person asked for: taken down in front of whoever asks, then an episode like any other."""

from datetime import date, timedelta

import pytest

from shared.crypto.blind import blind_index
from tests.alerts_world import Body, person
from tests.care_world import NUMBER, CareWorld, Json

pytest_plugins = ["tests.alerts"]

GUARDIAN = "110101199003070417"
SUBSIDY = {"schedule": "cn-child-subsidy", "version": "2025"}
PAPERS = {"schedule": "cn-child-papers", "version": "2019"}
TRANSFER = {"schedule": "cn-record-transfer", "version": "2021"}
TEXTS = {"child": "child", "transfer": "help", "entitlement": "help"}


def number(value: str) -> Json:
    return {"type": "resident-identity-number", "value": value}


def of_child(born: date, kind: str = "entitlement", *helps: Json) -> Json:
    """A guardian asks for help for a child."""
    told: Json = {
        "person": {
            "name": "王安",
            "identifiers": [number(NUMBER)],
            "reach": [{"how": "phone", "value": "13800000001"}],
        },
        "asked_for": "育儿补贴怎么领？",
        "guardian": {"name": "王秀英", "identifiers": [number(GUARDIAN)]},
        "born_on": born.isoformat(),
    }
    return asked(kind, told | ({"schedules": list(helps)} if helps else {}))


def of_oneself() -> Json:
    """Somebody who moved asks for their records to be sent on."""
    told = {
        "person": {"name": "李明", "identifiers": [number(NUMBER)]},
        "asked_for": "请转档案",
        "schedules": [TRANSFER],
    }
    return asked("transfer", told)


def asked(kind: str, care: Json) -> Json:
    consent = {"text": TEXTS[kind], "version": "2026-01", "language": "zh", "channel": "in-person-written"}
    return {"request": "request-1", "kind": kind, "consent": consent, "care": care}


async def ask(cared: CareWorld, body: Json) -> str:
    answer = await cared.call("POST", "/v1/help-asked-for", body)
    assert answer.status_code == 201, answer.text
    await cared.on(cared.today)
    episode: str = answer.json()["episode"]
    return episode


def known(cared: CareWorld, reference: str, value: str, **more: object) -> Body:
    index = blind_index(cared.care.ring, "care-index", "resident-identity-number", "", value).hex()
    return person(reference, indexes=[index]) | more


async def test_each_task_of_a_help_explains_itself(cared: CareWorld) -> None:
    episode = await ask(cared, of_child(cared.today - timedelta(days=5), "entitlement", SUBSIDY, PAPERS))
    shown = await cared.read(episode)
    tasks = {each["code"]: each for each in shown["contacts"]}
    assert set(tasks) == {
        "claim-year-1", "claim-year-2", "claim-year-3", "household-registration", "vaccination-certificate",
    }  # fmt: skip
    claim = tasks["claim-year-1"]
    assert (claim["state"], claim["due_on"]) == ("open", f"{cared.today.year + 1}-12-31")
    assert (claim["schedule"], claim["version"]) == ("cn-child-subsidy", "2025")
    assert "3600" in claim["reason"]["reason"]["zh"].replace(",", "")
    assert claim["reason"]["clause"]["zh"]
    assert shown["record"]["details"] == {"asked_for": "育儿补贴怎么领？", "guardian": "王秀英"}


async def test_what_a_worker_says_of_a_task_is_all_that_is_known_of_it(cared: CareWorld) -> None:
    episode = await ask(cared, of_child(cared.today - timedelta(days=5), "entitlement", SUBSIDY))
    (claim,) = await cared.contacts(episode, "open")
    assert (await cared.outcome(episode, claim["contact"], "declined")).status_code == 200
    assert await cared.contacts(episode, "open") == []
    assert [kind for kind, _ in await cared.told()] == ["opened", "closed"]


async def test_help_is_paused_resumed_and_withdrawn_as_care_is(cared: CareWorld) -> None:
    episode = await ask(cared, of_oneself())
    assert [each["code"] for each in await cared.contacts(episode, "open")] == ["ask-for-records"]
    assert (await cared.act(episode, "pause")).status_code == 204
    assert await cared.contacts(episode, "open") == []
    assert (await cared.act(episode, "resume")).status_code == 204
    assert len(await cared.contacts(episode, "open")) == 1
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 404


async def test_a_child_follows_the_checks_and_vaccines_in_force(cared: CareWorld) -> None:
    episode = await ask(cared, of_child(cared.today - timedelta(days=1), "child"))
    schedules = {each["schedule"] for each in (await cared.read(episode))["record"]["schedules"]}
    assert {"cn-child-checks", "cn-immunisation"} <= schedules
    assert not schedules & {"cn-child-subsidy", "cn-child-papers", "cn-record-transfer"}
    assert {each["schedule"] for each in await cared.contacts(episode, "open")} == {"cn-immunisation"}


async def test_the_same_request_is_the_same_help(cared: CareWorld) -> None:
    body = of_oneself()
    episode = await ask(cared, body)
    for again in (body, body | {"request": "request-2"}):
        answer = await cared.call("POST", "/v1/help-asked-for", again)
        assert (answer.status_code, answer.json()) == (200, {"episode": episode, "created": False})
    other = await cared.call("POST", "/v1/help-asked-for", of_child(cared.today, "child") | {"request": "request-3"})
    assert other.status_code == 201  # of the same person, for something else


NOT_SO: dict[str, Json] = {
    "a transfer with a guardian": {"guardian": {"name": "王秀英"}, "born_on": "2026-01-01"},
    "a transfer of nothing": {"schedules": None},
    "a help that is none": {"schedules": [{"schedule": "cn-antenatal", "version": "2017"}]},
    "a help for others": {"schedules": [SUBSIDY]},
    "nothing asked for": {"asked_for": None},
    "more than may be said": {"parity": 2},
}


@pytest.mark.parametrize("change", NOT_SO.values(), ids=NOT_SO.keys())
async def test_what_was_not_asked_for_is_refused_and_leaves_nothing(cared: CareWorld, change: Json) -> None:
    body = of_oneself()
    body["care"] |= change
    answer = await cared.call("POST", "/v1/help-asked-for", body)
    assert answer.status_code == 422, answer.text
    assert await cared.care.pool.fetchval("SELECT count(*) FROM episode") == 0


async def test_a_child_needs_a_guardian_who_agrees_and_a_birth_that_has_come(cared: CareWorld) -> None:
    alone = of_child(cared.today, "child")
    del alone["care"]["guardian"]
    early = of_child(cared.today + timedelta(days=1), "child")
    unconsented = of_child(cared.today, "child")
    unconsented["consent"]["text"] = "help"
    for body in (alone, early, unconsented):
        assert (await cared.call("POST", "/v1/help-asked-for", body)).status_code == 422


async def test_an_annulled_birth_stops_what_hangs_on_it_and_asks(cared: CareWorld) -> None:
    await cared.world.tell(known(cared, "child", NUMBER))
    episode = await ask(cared, of_child(cared.today - timedelta(days=5), "entitlement", SUBSIDY))
    await cared.world.tell(person("child", indexes=[], area=None))
    shown = await cared.read(episode)
    assert (shown["state"], [each["code"] for each in shown["findings"]]) == ("ended", ["nothing-reported"])
    assert await cared.contacts(episode, "open") == []
    await cared.world.tell(known(cared, "child", NUMBER))  # the annulment was annulled
    assert (await cared.read(episode))["state"] == "ended"
    assert (await cared.act(episode, "looked", {"goes_on": True, "findings": ["nothing-reported"]})).status_code == 204
    assert len(await cared.contacts(episode, "open")) == 1


async def test_a_guardians_death_is_shown_to_the_worker_and_stops_nothing(cared: CareWorld) -> None:
    await cared.world.tell(known(cared, "child", NUMBER), known(cared, "guardian", GUARDIAN))
    episode = await ask(cared, of_child(cared.today - timedelta(days=5), "entitlement", SUBSIDY))
    await cared.world.tell(known(cared, "guardian", GUARDIAN, alive=False))
    shown = await cared.read(episode)
    assert (shown["state"], [each["code"] for each in shown["findings"]]) == ("active", ["guardian-death-registered"])
    found = (await cared.call("GET", "/v1/episodes?needs=decision")).json()["episodes"]
    assert [each["episode"] for each in found] == [episode]
    answer = await cared.act(episode, "looked", {"goes_on": True, "findings": ["guardian-death-registered"]})
    assert answer.status_code == 204
    assert (await cared.read(episode))["findings"] == []


async def test_the_list_of_helps_tells_rules_and_nobody(cared: CareWorld) -> None:
    answer = await cared.call("GET", "/v1/help-asked-for")
    helps = {each["schedule"]: each for each in answer.json()["helps"]}
    assert {"cn-child-subsidy", "cn-child-papers", "cn-record-transfer", "cn-child-checks", "cn-immunisation"} <= set(
        helps
    )
    assert helps["cn-child-subsidy"]["scheme"] == "childcare-subsidy"
    tasks = {each["code"]: each for each in helps["cn-child-papers"]["tasks"]}
    assert tasks["vaccination-certificate"]["clause"]["en"] == "Article 47"
    assert tasks["household-registration"]["source"]["en"].startswith("Household Registration Regulations")
