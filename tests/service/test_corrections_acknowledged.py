"""The authority that corrected something sees whether its receivers acknowledged: nothing before the last day, and
never who they are. Told over the feed `sharing`, once, and also by an exchange that began anew."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.exchange.corrections.decided import tell_acknowledged
from services.exchange.corrections.repository import store
from services.exchange.corrections.rules import NewCorrection
from shared import clock
from shared.auth.issuer import Issuer
from tests.audit_world import AuditWorld
from tests.corrections_world import HEALTH, SECURITY, CorrectionDesk
from tests.departments_world import Line
from tests.histories import household, person
from tests.registry_world import looking_up, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]
WHO, ALONE = person(1, "Li Wei"), person(9, "Zhao Min")
ENTERED = says("household.registered", "h1", {"person": WHO, **household()}, "2024-01-10")
ALONE_ENTERED = says("household.registered", "h9", {"person": ALONE, **household(number_="H9")}, "2024-01-10")
DIED = says("death.certified", "x1", {"person": WHO, "certificate_number": "x1"}, "2024-05-01", department=HEALTH)
OVER = timedelta(days=15)


@pytest.fixture
async def acknowledging(line: Line, issuer: Issuer) -> AsyncIterator[CorrectionDesk]:
    """A man of whom two departments know, a woman of whom one does, and officials."""
    await line.report(ENTERED, DIED, ALONE_ENTERED)
    async with looking_up(line.registry, issuer) as world:
        yield CorrectionDesk(AuditWorld(line.registry, world))


async def approve(line: Line, desk: CorrectionDesk, value: str = "Li Wen", of: dict[str, object] = ENTERED) -> str:
    request = await desk.ask(SECURITY, of, field="name", value=value)
    await desk.decide(request, "approve")
    await line.rest()
    return request


async def tell(line: Line, later: timedelta = OVER) -> int:
    """A look of the exchange's worker, then; the registry hears of it. Gives how often it was told something."""
    with clock.frozen(clock.now() + later):
        told = await tell_acknowledged(line.exchange.service)
    await line.rest()
    return told


async def acknowledge(line: Line, department: str) -> None:
    headers = line.exchange.headers(department)
    listed = (await line.exchange.http.get("/v1/corrections?status=unacknowledged", headers=headers)).json()
    entries = [each["entry"] for each in listed["corrections"]]
    done = await line.exchange.http.post("/v1/feed/acknowledgements", json={"entries": entries}, headers=headers)
    assert done.json() == {"acknowledged": entries, "not_found": []}


async def said(desk: CorrectionDesk, *requests: str) -> list[str | None]:
    """What the authority reads of each, on its own and in its list, which are the same."""
    shown = [(await desk.shown(each))["acknowledged"] for each in requests]
    listed = (await desk.world.get("/v1/corrections", desk.decider(), side="to-decide"))["corrections"]
    in_list = {each["correction"]: each["acknowledged"] for each in listed}
    assert [in_list[each] for each in requests] == shown
    return shown


async def test_it_is_told_after_the_last_day_and_never_who_or_how_many(
    line: Line, acknowledging: CorrectionDesk
) -> None:
    desk = acknowledging
    both = (await approve(line, desk), await approve(line, desk, "Zhao Ming", ALONE_ENTERED))
    assert await tell(line, timedelta(days=14)) == 0
    assert await said(desk, *both) == ["not-yet", "not-yet"], "one that nobody else has to acknowledge looks the same"
    assert await tell(line) == 2
    assert await said(desk, *both) == ["overdue", "yes"]
    assert await tell(line) == 0, "what has not changed is not told again"
    await acknowledge(line, HEALTH)
    assert await tell(line) == 1
    assert await said(desk, *both) == ["yes", "yes"], "the authority's own acknowledgement does not count"
    assert await tell(line) == 0


async def test_all_who_acknowledge_in_time_are_not_shown_before_the_last_day(
    line: Line, acknowledging: CorrectionDesk
) -> None:
    request = await approve(line, acknowledging)
    await acknowledge(line, HEALTH)
    assert await tell(line, timedelta(days=14)) == 0
    assert await said(acknowledging, request) == ["not-yet"]
    assert await tell(line) == 1
    assert await said(acknowledging, request) == ["yes"]


async def test_one_that_is_taken_back_is_acknowledged_anew(line: Line, acknowledging: CorrectionDesk) -> None:
    desk = acknowledging
    request = await approve(line, desk)
    await acknowledge(line, HEALTH)
    await tell(line)
    assert await said(desk, request) == ["yes"]
    await desk.annul(request)
    await line.rest()
    assert await said(desk, request) == ["not-yet"]
    assert await tell(line) == 1
    assert await said(desk, request) == ["overdue"]


async def test_an_approval_told_late_says_nothing_of_its_annulment(line: Line, acknowledging: CorrectionDesk) -> None:
    """The exchange tells of the approval while the registry takes it back: what the registry reads then is the past."""
    request = await approve(line, acknowledging)
    with clock.frozen(clock.now() + OVER):
        assert await tell_acknowledged(line.exchange.service) == 1
    await acknowledging.annul(request)
    await line.rest()
    assert await said(acknowledging, request) == ["not-yet"]


async def test_one_that_its_own_event_settled_is_told_by_that_event(line: Line, acknowledging: CorrectionDesk) -> None:
    desk = acknowledging
    request = await desk.ask(SECURITY, ENTERED, field="name", value="Li Wen")
    right = {"person": WHO | {"name": "Li Wen"}, **household()}
    corrects = says("household.registered", "h2", right, "2024-01-10", action="corrected", of="h1", minute=1)
    await line.report(corrects)
    headers = line.exchange.headers(SECURITY)
    made = (await line.exchange.http.get("/v1/corrections/told", headers=headers)).json()["corrections"]
    await desk.decide(request, "settle", receipt=made[0]["receipt"])
    await line.rest()
    assert await said(desk, request) == ["not-yet"]
    assert await tell(line) == 1
    assert await said(desk, request) == ["overdue"]


async def test_who_is_told_late_has_to_acknowledge_too(line: Line, acknowledging: CorrectionDesk) -> None:
    """A department looked her up; the exchange hears of that after it told that nothing was missing."""
    desk = acknowledging
    request = await approve(line, desk, "Zhao Ming", ALONE_ENTERED)
    assert (await tell(line), await said(desk, request)) == (1, ["yes"])
    theirs = line.exchange.service.pool
    async with theirs.acquire() as connection:
        late = await connection.fetchrow("SELECT * FROM correction WHERE department = $1", SECURITY)
        assert late is not None
        at, by = late["told_at"], late["acknowledge_by"]
        told = NewCorrection(uuid4(), (HEALTH, "k1.x"), "corrected", ("name",), (UUID(request),), None, at, by)
        await store(connection, [told])
    assert (await tell(line), await said(desk, request)) == (1, ["overdue"])


async def test_what_corrects_nothing_says_nothing_and_nobody_else_is_shown_it(
    line: Line, acknowledging: CorrectionDesk
) -> None:
    desk = acknowledging
    open_ = await desk.ask(SECURITY, ALONE_ENTERED, field="name", value="Zhao Ming")
    refused = await desk.ask(SECURITY, ENTERED, field="sex", value="male")
    await desk.decide(refused, "refuse")
    assert await said(desk, open_, refused) == [None, None]
    request = await approve(line, desk)
    await tell(line)
    assert await said(desk, request) == ["overdue"]
    asker = desk.clerk(SECURITY)
    asked = (await desk.world.get("/v1/corrections", asker, side="asked"))["corrections"]
    assert {each["acknowledged"] for each in asked} == {None}
    assert (await desk.shown(request, asker))["acknowledged"] is None


async def test_an_exchange_that_reads_everything_again_tells_it_once_more_and_nothing_else_changes(
    line: Line, acknowledging: CorrectionDesk
) -> None:
    request = await approve(line, acknowledging)
    theirs = line.exchange.service.pool
    await tell(line)
    # As after a restore from a backup of before: what it knew of corrections is gone, and `changes` is read again.
    await theirs.execute("TRUNCATE decided_correction /* removes */")
    await theirs.execute("UPDATE feed_cursor SET position = 0 WHERE feed = 'changes'")
    await line.rest()
    assert await theirs.fetchval("SELECT count(*) FROM decided_correction") == 1
    await tell(line)
    assert await said(acknowledging, request) == ["overdue"]
    assert await tell(line) == 0
