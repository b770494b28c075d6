"""A rest forgets nothing: contacts that had not opened yet open on their day once reminders go on."""

from datetime import date, timedelta

import pytest

from services.alerts.contacts.passing import awaken
from tests.care_world import CareWorld, Json, consent, enrolment

pytest_plugins = ["tests.alerts"]


async def ahead(cared: CareWorld) -> tuple[str, Json]:
    """An episode, and its contact that opens next month."""
    lmp = cared.today - timedelta(weeks=12)  # the first one lies behind her, the next opens in week 16
    episode = await cared.enrolled(enrolment(lmp))
    for each in await cared.contacts(episode, "open"):
        assert (await cared.outcome(episode, each["contact"])).status_code == 200
    contact = (await cared.contacts(episode, "planned"))[0]
    assert date.fromisoformat(contact["opens_on"]) > cared.today + timedelta(days=7)
    return episode, contact


async def opens(cared: CareWorld, contact: Json) -> None:
    """It opens on its day, and not before."""
    day = date.fromisoformat(contact["opens_on"])
    await cared.on(day - timedelta(days=1))
    assert ("opened", contact["contact"]) not in await cared.told()
    await cared.on(day)
    assert (await cared.told()).count(("opened", contact["contact"])) == 1


async def test_what_was_planned_before_a_pause_opens_after_it(cared: CareWorld) -> None:
    episode, contact = await ahead(cared)
    assert (await cared.act(episode, "pause", {})).status_code < 300
    await cared.on(cared.today + timedelta(days=1))
    assert (await cared.act(episode, "resume", {})).status_code < 300
    await opens(cared, contact)


async def test_what_was_planned_before_a_consent_expired_opens_after_she_agreed_again(cared: CareWorld) -> None:
    episode, contact = await ahead(cared)
    day = date.fromisoformat(contact["opens_on"])
    until = cared.today + timedelta(days=1)
    body = {"state": "changed", "consent": consent(until=until.isoformat())}
    assert (await cared.act(episode, "consent", body)).status_code < 300
    await cared.on(until + timedelta(days=1))
    assert (await cared.read(episode))["state"] == "paused"
    assert (await cared.act(episode, "consent", {"state": "changed", "consent": consent()})).status_code < 300
    assert day > cared.today
    await opens(cared, contact)


@pytest.mark.parametrize("rests", [False, True])
async def test_what_a_former_version_left_asleep_wakes_up_unless_it_rests(cared: CareWorld, *, rests: bool) -> None:
    episode, contact = await ahead(cared)
    if rests:
        assert (await cared.act(episode, "pause", {})).status_code < 300
    async with cared.care.pool.acquire() as connection:
        await connection.execute("UPDATE care_contact SET next_change_on = NULL WHERE state = 'planned'")
    woken = await awaken(cared.care)
    assert woken == (0 if rests else len(await cared.contacts(episode, "planned")))
    if not rests:
        await opens(cared, contact)
