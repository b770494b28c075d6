"""What the registry's feed `care` says (pure shapes). Unknown fields are refused: nothing slips in unseen."""

from datetime import date, datetime
from typing import NamedTuple

import msgspec

from shared.feed.follow import FeedEntry


class Told(NamedTuple):
    """When the registry said it; the later word counts."""

    at: datetime
    position: int


class PersonTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="person"):
    """What alerts may know of everyone: where they live, whether they live, under which blind indexes."""

    reference: str
    indexes: list[str]
    area: str | None
    alive: bool
    registered: bool
    adopted: bool


class HelpTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="help"):
    """A mother asked, or no longer asks, for help with registering this birth."""

    child: str
    mother: str
    born_on: date
    mother_name: str | None
    child_name: str | None
    asked: bool


class MergedTold(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="merged", rename={"before": "from"}
):
    """Two references are one person."""

    before: str
    into: str


class SplitTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="split"):
    """One reference turned out to be two people's: `into` is another person again, and `former` are names of that one.
    What is known of either is told after it."""

    into: str
    former: list[str]
    before: str = msgspec.field(name="from")


CareTold = PersonTold | HelpTold | MergedTold | SplitTold
DECODER: msgspec.json.Decoder[CareTold] = msgspec.json.Decoder(CareTold)


def read(entry: FeedEntry) -> tuple[Told, CareTold]:
    """Read one entry. Raises msgspec.ValidationError, or ValueError for one without a time."""
    return Told(entry.known_time, entry.position), DECODER.decode(entry.data)
