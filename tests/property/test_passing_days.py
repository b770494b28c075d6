"""However often somebody looks, the same transitions are told of a window, each with its day."""

from datetime import date, timedelta
from uuid import RFC_4122, UUID, uuid4

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.contacts.announcing import entry_id, ids_of
from services.alerts.contacts.passing import passed
from services.alerts.contacts.repository import Contact
from services.alerts.contacts.rules import State

BEGUN = date(2026, 1, 1)
days = st.integers(0, 120)


def told_by(contact: Contact, looks: list[int]) -> tuple[list[tuple[str, str]], Contact]:
    """What is told when somebody looks on these days, and how the contact stands then."""
    found = []
    for look in sorted(looks):
        (contact,), entries = passed([contact], BEGUN + timedelta(days=look))
        for facility, each in entries:
            assert facility == contact.facility
            body = msgspec.json.decode(each.body)
            assert body["contact"] == str(contact.contact_id)
            found.append((body["kind"], body["on"]))
    return found, contact


@given(opens=days, due=days, closes=days, looks=st.lists(days, max_size=30), last=days)
def test_looking_often_tells_what_looking_once_tells(
    opens: int, due: int, closes: int, looks: list[int], last: int
) -> None:
    begins, until, ends = (BEGUN + timedelta(days=each) for each in sorted((opens, due, closes)))
    contact = Contact(uuid4(), uuid4(), "F", begins, until, ends, State.PLANNED, 0, begins)
    often, stands = told_by(contact, [each for each in looks if each <= last] + [last])
    once, same = told_by(contact, [last])
    assert often == once
    assert stands == same
    assert stands.step == len(once)
    assert (stands.next_change_on is None) == (stands.state is State.MISSED)
    if stands.next_change_on is not None:
        quiet, _ = told_by(stands, [(stands.next_change_on - BEGUN).days - 1])
        change, _ = told_by(stands, [(stands.next_change_on - BEGUN).days])
        assert quiet == []
        assert len(change) == 1


@given(st.uuids(version=4), st.uuids(version=4))
def test_entries_of_a_contact_are_found_by_their_ids_and_no_others(contact: UUID, another: UUID) -> None:
    low, windowed, high = ids_of(contact)
    made = {entry_id(contact) for _ in range(20)}
    over = {entry_id(contact, over=True) for _ in range(20)}
    assert len(made | over) == 40
    assert all(low <= each <= windowed for each in made)
    assert all(windowed < each <= high for each in over)
    assert all((each.version, each.variant) == (4, RFC_4122) for each in made | over)
    if contact.bytes[:8] != another.bytes[:8]:
        assert not low <= entry_id(another) <= high
