"""What a person's own record looks like on a page. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.registry.citizens.schemas import Basis, Department, OwnRecord
from services.registry.ui.citizen_words import AREAS, DAYS, VALUES
from services.registry.ui.places import called
from services.registry.ui.words import in_words
from shared.identifiers.areas import AreaTable
from shared.sharing.words import Words


@dataclass(frozen=True)
class ShownField:
    """A field: a day, a code in both languages, or a text as it is; none of them where nobody has said."""

    name: str
    title: Words
    day: date | None
    words: Words | None
    text: str | None
    sources: Sequence[Department]


def shown_fields(record: OwnRecord, table: AreaTable) -> list[ShownField]:
    """All fields in the order of the closed list."""
    named = place_names(table)
    found = []
    for each in record.fields:
        day = date.fromisoformat(each.value) if each.value and each.name in DAYS else None
        words = None
        if each.value and each.name in AREAS:
            words = named(each.value)
        elif each.value and each.name in VALUES:
            words = in_words(VALUES[each.name], each.value)
        text = each.value if day is None and words is None else None
        found.append(ShownField(each.name, each.title, day, words, text, each.sources))
    return found


def laws_of(bases: Iterable[Basis]) -> list[tuple[Words, list[Words]]]:
    """The laws of several agreements, each once, with its articles as the agreements name them."""
    found: dict[str, tuple[Words, list[Words]]] = {}
    for basis in bases:
        for each in basis.laws:
            _, articles = found.setdefault(each.law.zh, (each.law, []))
            if each.article not in articles:
                articles.append(each.article)
    return list(found.values())


def place_names(table: AreaTable) -> Callable[[str], Words]:
    """An area by its name and code; the code alone where the list knows nothing around it either."""

    def named(code: str) -> Words:
        area = called(table, code)
        return Words(zh=f"{area.zh}（{code}）", en=f"{area.en} ({code})") if area else Words(zh=code, en=code)

    return named
