"""Use cases of questioned accesses: she asks, and reads the answer; supervisors of the facility answer, once."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from services.alerts.episodes import life
from services.alerts.episodes import repository as episodes
from services.alerts.episodes.acting import acting
from services.alerts.episodes.identity import name_of
from services.alerts.episodes.vault import Erased, Vault, skipping
from services.alerts.own.handlers import hers, own_purpose
from services.alerts.questions import reading, repository
from services.alerts.questions.reading import ANSWERED, ASKED, place, words_of
from services.alerts.questions.repository import Answering, New, Stored
from services.alerts.questions.schemas import Ask, OwnQuestionsView, OwnQuestionView, QuestionView
from services.alerts.state import Alerts
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.db import transaction
from shared.errors import Conflict, NotFound, declare
from shared.errors_text import ErrorText

DUE: Final = timedelta(days=14)
MOST_OPEN: Final = 20
WORDS: Final = ("question",)

declare(
    "questions-open",
    ErrorText(
        409,
        "Too many questions wait for an answer",
        "待答复的质询过多",
        "Wait for an answer; 20 may be open at a time.",
        "请等待答复；同时最多可有20项待答复。",
    ),
)
declare(
    "question-answered",
    ErrorText(409, "This question was answered", "该质询已答复", "What was answered stays.", "已作出的答复不再更改。"),
)


async def ask(alerts: Alerts, caller: Caller, body: Ask) -> OwnQuestionView:
    """Question an entry of her own log. Again is the same question, in its first words. Raises NotFound for any other
    entry, Conflict where too many are open."""
    async with acting(alerts.care) as act:
        episode = await hers(act, caller)
        connection, kept, today = act.connection, act.care.vault.opened(episode.episode_id), act.care.today()
        entry = await repository.entry(connection, body.entry, name_of(kept))
        if entry is None:
            raise NotFound
        stored = await repository.of_entry(connection, body.entry)
        if stored is None:
            if await repository.how_many(connection, episode.episode_id) >= MOST_OPEN:
                raise Conflict("questions-open")
            question = await repository.new_id(connection)
            sealed = kept.seal(body.text.encode(), place(ASKED, question))
            asks = entry.facility or episode.facility
            new = New(question, episode.episode_id, body.entry, asks, today, today + DUE, sealed)
            await repository.add(connection, new)
            stored = await repository.of_entry(connection, body.entry)
            assert stored is not None
        await life.note(act, own_purpose(caller), episode, "own-question")
        return reading.shown(kept, alerts.facilities, stored, today)


async def own(alerts: Alerts, caller: Caller) -> OwnQuestionsView:
    """Her questions with their answers. Raises NotFound."""
    async with acting(alerts.care) as act:
        episode = await hers(act, caller)
        shown = await reading.hers(act, alerts.facilities, episode.episode_id)
        await life.note(act, own_purpose(caller), episode, "own-questions")
    return OwnQuestionsView(questions=shown)


def answering(alerts: Alerts, caller: Caller) -> Answering:
    """Who would answer."""
    facility, today = caller.facility or "", alerts.today()
    return Answering(facility, caller.subject, today, alerts.facilities.elsewhere(facility, today))


async def listed(alerts: Alerts, caller: Caller) -> list[QuestionView]:
    """What the caller has to answer: nothing about what they did themselves. Written down, and seen by the women who
    asked."""
    today, vault = alerts.today(), alerts.care.vault
    async with transaction(alerts.service.pool) as connection:
        rows = await repository.waiting(connection, answering(alerts, caller))
        shown = [(each, *words) for each in rows if (words := opened(vault, each))]
        readings = [Reading(each, WORDS) for each in sorted({name for *_, name in shown})]
        await record(connection, caller, readings, action="read-questions", basis=life.BASIS)
    return [QuestionView.of(each, text, today) for each, text, _ in shown]


def opened(vault: Vault, stored: Stored) -> tuple[str, str] | None:
    """What she asked, and under which name its reading is written down; None where her episode was erased a moment ago,
    or cannot be opened, of which the log tells."""
    with skipping("question_not_opened"):
        episode = vault.opened(stored.episode_id)
        return words_of(episode, stored), name_of(episode)
    return None


async def answer(alerts: Alerts, caller: Caller, question: UUID, text: str) -> None:
    """Answer her. Raises NotFound where the caller is not asked, or did what is questioned; Conflict where it was
    answered before."""
    who = answering(alerts, caller)
    async with acting(alerts.care) as act:
        episode_id = await repository.episode(act.connection, question, who)
        episode = episode_id and await episodes.one(act.connection, episode_id)
        if not episode:
            raise NotFound
        try:
            sealed = act.care.vault.seal(episode.episode_id, text.encode(), place(ANSWERED, question))
        except Erased:
            raise NotFound from None
        if not await repository.answer(act.connection, question, sealed, who):
            raise Conflict("question-answered")
        await life.note(act, caller, episode, "answer-question")
