"""Whatever a worker does with an episode is written down under a name, and she is told it in words of hers."""

import ast
from collections.abc import Iterator
from pathlib import Path

import services.alerts as alerts
from services.alerts.misuse.repository import NO_ACTS
from services.alerts.own.words import ACTIONS

ROOT = Path(alerts.__path__[0])
# About help with registering a birth, which belongs to no episode and stands on no page of hers.
NOT_OF_AN_EPISODE = {"close-help"}
NAMES = {"ACTION", "ENROLLED"}


def written(tree: ast.Module) -> Iterator[str]:
    """The actions that a module writes down, as far as they stand there: in calls of `note` and of `record`, and in
    constants of these names."""
    for node in ast.walk(tree):
        places: list[ast.expr] = []
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            places = node.args[3:4] if called == "note" else []
            places += [each.value for each in node.keywords if each.arg == "action" and called.startswith("record")]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            places = [node.value for each in targets if isinstance(each, ast.Name) and each.id in NAMES]
        for place in places:
            either = [place.body, place.orelse] if isinstance(place, ast.IfExp) else [place]
            yield from (each.value for each in either if isinstance(each, ast.Constant) and isinstance(each.value, str))


def test_every_action_that_is_written_down_has_words() -> None:
    found = {action for path in sorted(ROOT.rglob("*.py")) for action in written(ast.parse(path.read_text()))}
    assert {"worklist", "feed", "enrol", "pause", "report-task", "choose-schedules"} <= found
    assert found - NOT_OF_AN_EPISODE - set(ACTIONS) == set()


def test_each_action_either_writes_something_down_or_explains_no_look() -> None:
    """Misuse rules let an act explain why a record was opened: whoever adds an action says here which it is."""
    acts = {
        "enrol",
        "take-consent",
        "change-consent",
        "withdraw-consent",
        "decide-on-findings",
        "record-outcome",
        "undo-outcome",
        "revise-dates",
        "record-delivery",
        "set-risk",
        "pause",
        "resume",
        "end-episode",
        "report-task",
        "make-own-code",
        "answer-question",
        "offer-handover",
        "accept-handover",
        "decline-handover",
        "take-back-handover",
        "choose-schedules",
        "name-workers",
    }
    hers = {action for action in ACTIONS if action.startswith("own-")}
    assert set(ACTIONS) - hers - set(NO_ACTS) == acts
    assert set(NO_ACTS) <= set(ACTIONS)
