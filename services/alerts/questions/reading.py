"""What is sealed of questions, opened and shaped for her."""

from uuid import UUID

from services.alerts.episodes.acting import Act
from services.alerts.episodes.vault import Vault
from services.alerts.facilities.duty import Facilities
from services.alerts.questions import repository
from services.alerts.questions.repository import Stored
from services.alerts.questions.schemas import OwnQuestionView, QuestionView
from shared.sharing.words import Words

ASKED, ANSWERED = "question", "answer"  # what sealed bytes are bound to, with the question


def place(what: str, question_id: UUID) -> str:
    """Bind a text to its question."""
    return f"{what}:{question_id}"


def words_of(vault: Vault, stored: Stored) -> str:
    """What she asked. Raises Erased."""
    return vault.unseal(stored.episode_id, stored.sealed, place(ASKED, stored.question_id)).decode()


def answer_of(vault: Vault, stored: Stored) -> str | None:
    """What she was answered; None: nothing yet. Raises Erased."""
    if stored.answer is None:
        return None
    return vault.unseal(stored.episode_id, stored.answer, place(ANSWERED, stored.question_id)).decode()


async def hers(act: Act, facilities: Facilities, episode_id: UUID) -> list[OwnQuestionView]:
    """All her questions, the newest first. Raises Erased."""
    return [shown(act, facilities, each) for each in await repository.of_episode(act.connection, episode_id)]


def shown(act: Act, facilities: Facilities, stored: Stored) -> OwnQuestionView:
    """A question as she sees it. Raises Erased."""
    told = QuestionView.of(stored, words_of(act.care.vault, stored), act.care.today())
    asked = facilities.get(stored.asks)
    return OwnQuestionView(
        **dict(told),
        entry=stored.look.access_id,
        state=stored.state,
        facility=Words(zh=asked.zh, en=asked.en) if asked else Words(zh=stored.asks, en=stored.asks),
        answer=answer_of(act.care.vault, stored),
        answered_on=stored.answered_on,
    )
