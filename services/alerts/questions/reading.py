"""What is sealed of questions, opened and shaped for her."""

from datetime import date
from uuid import UUID

from services.alerts.episodes.acting import Act
from services.alerts.episodes.vault import Opened
from services.alerts.facilities.duty import Facilities
from services.alerts.questions import repository
from services.alerts.questions.repository import Stored
from services.alerts.questions.schemas import OwnQuestionView, QuestionView
from shared.sharing.words import Words

ASKED, ANSWERED = "question", "answer"  # what sealed bytes are bound to, with the question


def place(what: str, question_id: UUID) -> str:
    """Bind a text to its question."""
    return f"{what}:{question_id}"


def words_of(episode: Opened, stored: Stored) -> str:
    """What she asked."""
    return episode.unseal(stored.sealed, place(ASKED, stored.question_id)).decode()


def answer_of(episode: Opened, stored: Stored) -> str | None:
    """What she was answered; None: nothing yet."""
    if stored.answer is None:
        return None
    return episode.unseal(stored.answer, place(ANSWERED, stored.question_id)).decode()


async def hers(act: Act, facilities: Facilities, episode_id: UUID) -> list[OwnQuestionView]:
    """All her questions, the newest first. Raises Erased."""
    episode = act.care.vault.opened(episode_id)
    found = await repository.of_episode(act.connection, episode_id)
    return [shown(episode, facilities, each, act.care.today()) for each in found]


def shown(episode: Opened, facilities: Facilities, stored: Stored, today: date) -> OwnQuestionView:
    """A question as she sees it."""
    told = QuestionView.of(stored, words_of(episode, stored), today)
    asked = facilities.get(stored.asks)
    return OwnQuestionView(
        **dict(told),
        entry=stored.look.access_id,
        state=stored.state,
        facility=Words(zh=asked.zh, en=asked.en) if asked else Words(zh=stored.asks, en=stored.asks),
        answer=answer_of(episode, stored),
        answered_on=stored.answered_on,
    )
