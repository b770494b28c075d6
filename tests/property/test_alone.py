"""What an import derives of one entry alone is what the fold and everything behind it derive of it."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.contradictions.rules import own
from services.registry.facts.fold import DEFAULT_AUTHORITIES, fold
from services.registry.facts.reported import read
from services.registry.imports.alone import ROLE, agrees, cells_of, fact_of, state_of
from services.registry.imports.rules import DEPARTMENT, Entry, message_of
from services.registry.statistics.counting import counted
from shared.contracts.judge import judge
from shared.crypto.keyring import KeyRing
from shared.identifiers.resident import make
from tests.registry_world import SOURCES

HOME = frozenset({"370102"})
DAYS = st.dates(date(1900, 1, 1), date(2025, 12, 31))


@pytest.fixture(scope="module")
def identity_ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing.create(tmp_path_factory.mktemp("keys") / "keys.json", ["identity"])


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """A row of a register that may be imported, whatever its numbers say of birth date and sex."""
    born = draw(DAYS)
    numbered = draw(st.one_of(st.just(born), DAYS))
    said = {
        "id": "row-1",
        "effective_on": str(draw(st.one_of(DAYS, st.just(born), st.just(born + timedelta(days=365))))),
        "name": draw(st.sampled_from(["王小明", "欧阳娜娜", "Gulnar Osman", "单雄信"])),
        "sex": draw(st.sampled_from(["male", "female", "unknown", "unspecified"])),
        "birth_date": str(born),
        "household_number": "H1",
        "household_kind": draw(st.sampled_from(["family", "collective"])),
        "relation": draw(st.sampled_from(["head", "spouse", "child"])),
        "area": draw(st.sampled_from(["370102901001", "370102901000", "370102000000", "110101001001"])),
    }
    kinds = draw(st.sets(st.sampled_from(["number", "passport", "certificate"]), min_size=1))
    if "number" in kinds:
        said["resident_identity_number"] = make("370102", numbered, draw(st.integers(1, 999)))
    if "passport" in kinds:
        said |= {"passport": "e12345678", "passport_issuer": "CHN"}
    if "certificate" in kinds:
        said["birth_certificate_number"] = "T370102345"
    source = SOURCES["public-security"]
    message, _ = message_of(source, said)
    return Entry(2, judge(message, DEPARTMENT, [source], {}))


@given(entry=entries())
def test_one_entry_gives_what_the_rules_give(entry: Entry, identity_ring: KeyRing) -> None:
    reported = read(identity_ring, entry.receipt, entry.body)
    fact = fact_of(entry)
    assert reported.facts == {ROLE: fact}
    state = state_of(fact)
    assert state == fold([fact], frozenset(), DEFAULT_AUTHORITIES)
    cells = cells_of(fact, state.registered_area or "", HOME)
    assert Counter(cells) == counted(state, [fact], HOME)
    if agrees(fact):
        assert own([fact], frozenset(), state) == set()
