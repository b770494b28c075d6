"""Two registries that are fed the same county in opposite orders hold the same: people, contradictions, half moves,
households, statistics. Each has a database and keys of its own."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from deploy.tenfold.county import Foreseen, foreseen, generate, grants, plan, registrations
from deploy.tenfold.county.mentions import key_of
from deploy.tenfold.county.planted import Contradiction as Planned
from deploy.tenfold.county.planted import HalfMove, planted
from services.registry.blocks.handlers import Blinding
from services.registry.contradictions.keeping import Keeping
from services.registry.contradictions.values import KINDS, Contradiction
from services.registry.contradictions.worker import judge_families
from services.registry.facts.page import AMBIGUOUS
from services.registry.facts.rebuild import Rebuild
from services.registry.facts.state import PersonState
from services.registry.facts.values import Mention
from services.registry.matching.handlers import Matching
from services.registry.moves.keeping import HalfMoves
from services.registry.statistics.counting import Cells
from services.registry.statistics.recount import kept, recount_of
from shared.auth.issuer import Issuer
from tests.conftest import Database
from tests.property.test_registry_order import expected, gone_in
from tests.registry_world import CloudEvent, RegistryWorld, looking_up, opened, settings_for
from tests.reviews_world import Desk

TODAY = date(2026, 3, 1)
PEOPLE, DAYS, PAGE = 400, 30, 60


@dataclass(frozen=True)
class Held:
    """Everything that a registry holds, people named by their smallest source record."""

    states: dict[Mention, PersonState]
    contradictions: Counter[tuple[Mention, Contradiction]]
    half_moves: Counter[tuple[Mention, str, str, date, str]]
    residencies: Counter[tuple[object, ...]]
    named: Counter[tuple[object, ...]]
    households: set[str]
    statistics: Cells
    events: Counter[tuple[object, ...]]
    waiting: Counter[tuple[object, ...]]


async def held_by(registry: RegistryWorld, events: Sequence[CloudEvent]) -> Held:
    """Read it all."""
    pool, ring = registry.service.pool, registry.service.ring
    gone = gone_in(events)
    _, links = await registry.people()
    names: dict[UUID, Mention] = {}
    for mention in sorted(links, reverse=True):
        if mention[:2] not in gone:
            names[links[mention]] = mention
    contradictions = await pool.fetch("SELECT * FROM contradiction WHERE gone_at IS NULL")
    halves = await pool.fetch("SELECT * FROM half_move")
    residencies = await pool.fetch("SELECT * FROM residency")
    named = await pool.fetch("SELECT * FROM household_named")
    keeping, moves = Keeping(ring), HalfMoves(ring)
    async with pool.acquire() as connection:
        statistics = await kept(connection)
    return Held(
        states=await registry.states(gone),
        contradictions=Counter(
            (names[row["person_id"]], keeping.opened(row["contradiction_id"], row["body"])) for row in contradictions
        ),
        half_moves=Counter(
            (
                names[row["person_id"]],
                moves.opened(row["move_id"], row["permit"]),
                row["half"],
                row["since"],
                row["area"],
            )
            for row in halves
        ),
        residencies=Counter((names[row["person_id"]], *tuple(row)[1:]) for row in residencies),
        named=Counter((row["household_number"], names[row["person_id"]]) for row in named if row["person_id"] in names),
        households={row["number"] for row in await pool.fetch("SELECT number FROM household")},
        statistics=statistics,
        events=Counter(map(tuple, await pool.fetch("SELECT receipt, source, id, type, action FROM vital_event"))),
        waiting=Counter(
            map(tuple, await pool.fetch("SELECT receipt, reason FROM held_event WHERE rejected_at IS NULL"))
        ),
    )


async def fed(registry: RegistryWorld, events: Iterable[CloudEvent]) -> None:
    """Fold page by page, compare people, judge families, until nothing is left to do."""
    waiting = list(events)
    matching = Matching(registry.service.pool, registry.folding, Blinding(registry.service.ring))
    while waiting:
        await registry.apply(*waiting[:PAGE])
        waiting = waiting[PAGE:]
    while await matching.step():
        pass
    while await judge_families(registry.service.pool, registry.folding.vault):
        pass


async def decided(registry: RegistryWorld, issuer: Issuer, events: Iterable[CloudEvent]) -> None:
    """A clerk says that each of these held reports is about the person whom it describes."""
    async with looking_up(registry, issuer) as api:
        for event in events:
            await Desk(registry, api).link(event, event["data"]["person"]["name"])
    while await judge_families(registry.service.pool, registry.folding.vault):
        pass


async def test_a_county_is_the_same_in_opposite_orders(database: Database, issuer: Issuer, tmp_path: Path) -> None:
    """A whole county with a month of all its departments: errors, corrections that come first, annulments. Of two
    people who are reported under one number whoever comes later waits for a clerk: that report is last in both orders.
    Every kind of contradiction is in it, and no other is found.
    """
    planned = plan(generate(PEOPLE), DAYS, TODAY)
    reports = [report.cloud_event for report in (*registrations(planned.county), *planned.reports)]
    doubtful = [event for event in reports if event["id"] in planned.held]
    events = [event for event in reports if event["id"] not in planned.held]
    found: list[Held] = []
    for name, order in (("onwards", events), ("backwards", events[::-1])):
        folder = tmp_path / name
        folder.mkdir()
        async with opened(settings_for(await database("registry"), folder, issuer)) as registry:
            await fed(registry, [*order, *doubtful])
            await decided(registry, issuer, [event for event in events if key_of(event) in planned.decided])
            held = await held_by(registry, events)
            assert held.states == expected(events, registry.folding.authorities)
            async with registry.service.pool.acquire() as connection:
                stored, rebuilt = await Rebuild(registry.folding.vault, registry.folding.authorities).compare(
                    connection
                )
                assert stored == rebuilt
                assert held.statistics == +(await recount_of(registry.service, registry.folding).counts(connection))
            found.append(held)
    onwards, backwards = found
    assert onwards == backwards
    assert [reason for _, reason in onwards.waiting] == [AMBIGUOUS] * len(doubtful)
    everybody = foreseen(planned, grants(planned.today))
    wanted, listed = (
        planted(planned, everybody),
        Counter(
            Planned(
                each.kind, who_is(everybody, name), frozenset((side.department, side.value) for side in each.statements)
            )
            for name, each in onwards.contradictions.elements()
        ),
    )
    assert (listed, wanted.kinds().keys()) == (wanted.contradictions, KINDS.keys())
    halves = Counter(
        HalfMove(half, who_is(everybody, name), permit, since.isoformat(), area)
        for name, permit, half, since, area in onwards.half_moves.elements()
    )
    assert halves == wanted.half_moves


def who_is(everybody: Foreseen, name: Mention) -> int:
    """The county's own number of whom a source record is about."""
    return everybody.roles[name[0], name[1]][name[2]]
