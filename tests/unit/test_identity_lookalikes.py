"""People who look alike and are two, and one person's records that a machine cannot know to be one's: never certain."""

from datetime import date

import msgspec
import pytest

from services.registry.facts.values import RESIDENT_NUMBER, NamedNumber
from services.registry.identity.components import SourceRecord, ambiguity
from services.registry.identity.description import Description
from services.registry.identity.score import score, verdict
from services.registry.identity.weights import current
from shared.identifiers.resident import make

BORN = date(1990, 5, 17)
CERTIFICATE = "birth-certificate-number"


def resident(sequence: int, born: date = BORN) -> NamedNumber:
    return NamedNumber(RESIDENT_NUMBER, make("370102", born, sequence))


def passport(value: str, issuer: str = "CHN") -> NamedNumber:
    return NamedNumber("passport", value, issuer)


def paper(value: str) -> NamedNumber:
    return NamedNumber(CERTIFICATE, value)


PERSON = Description("王伟", "male", BORN, (), "李芳", "王强", "370102001002")
ALONE = msgspec.structs.replace(PERSON, mother=None, father=None)


def having(who: Description, *numbers: NamedNumber, **changes: object) -> Description:
    return msgspec.structs.replace(who, numbers=numbers, **changes)


NEWBORN = Description("", "female", date(2024, 3, 1), (), "李芳", "王强", "370102001002")
FATHER_BORN = date(1962, 5, 17)

LOOKALIKES = {
    "namesakes of one day, certificates in series": (
        having(ALONE, paper("Q370000001")),
        having(ALONE, paper("Q370000002")),
    ),
    "and with parents of the same names": (having(PERSON, paper("Q370000001")), having(PERSON, paper("Q370000002"))),
    "namesakes of one day, passports in series": (
        having(ALONE, passport("E7712345")),
        having(ALONE, passport("E7712346")),
    ),
    "passports with two digits swapped": (having(ALONE, passport("E7712345")), having(ALONE, passport("E7712354"))),
    "one passport number of two countries": (
        having(ALONE, passport("E7712345")),
        having(ALONE, passport("E7712345", "DEU")),
    ),
    "namesakes of one day with a number each": (having(ALONE, resident(11)), having(ALONE, resident(13))),
    "a shared passport, and a number each": (
        having(ALONE, resident(11), passport("E7712345")),
        having(ALONE, resident(13), passport("E7712345")),
    ),
    "a shared passport, and a certificate each, both parents alike": (
        having(PERSON, paper("Q370000001"), passport("E7712345")),
        having(PERSON, paper("Q370000009"), passport("E7712345")),
    ),
    "namesakes of one day without a number": (ALONE, ALONE),
    "and with mothers of the same name": (
        msgspec.structs.replace(ALONE, mother="李芳"),
        msgspec.structs.replace(ALONE, mother="李芳"),
    ),
    "twins": (having(PERSON, name="王小明"), having(PERSON, name="王小亮")),
    "twins whose given names were swapped under their numbers": (
        having(PERSON, resident(11), name="王小明"),
        having(PERSON, resident(11), name="王小亮"),
    ),
    "twins whose names sound alike": (having(PERSON, name="王小明"), having(PERSON, name="王晓明")),
    "boy and girl of one name and number": (having(PERSON, resident(11)), having(PERSON, resident(11), sex="female")),
    "unnamed twins": (having(NEWBORN, paper("Q370000001")), having(NEWBORN, paper("Q370000002"))),
    "unnamed twins under one paper": (having(NEWBORN, paper("Q370000001")), having(NEWBORN, paper("Q370000001"))),
    "father and son of one name, his year mistyped": (
        having(ALONE, resident(11)),
        having(ALONE, birth_date=BORN, mother="赵英", father="王伟"),
    ),
    "father and son of one name under one number": (
        having(ALONE, resident(11), birth_date=FATHER_BORN),
        having(ALONE, resident(11)),
    ),
    "the same, a year that lies near": (
        having(ALONE, resident(11), birth_date=date(1970, 5, 17)),
        having(ALONE, resident(11)),
    ),
    "a household under its head's number": (
        having(ALONE, resident(11)),
        having(ALONE, resident(11), name="王红", sex="female", birth_date=date(2015, 9, 1)),
    ),
    "an adopted child's new name": (
        having(PERSON, name="王小明"),
        having(PERSON, name="赵小明", mother="孙丽", father="赵刚"),
    ),
    "an adopted child's new name, on one paper": (
        having(PERSON, paper("Q370000001"), name="王小明"),
        having(PERSON, paper("Q370000001"), name="赵小明"),
    ),
    "a number that was reissued": (having(PERSON, resident(11)), having(PERSON, resident(411))),
    "a number issued twice": (
        having(PERSON, resident(11)),
        Description("张三", "male", date(1971, 3, 4), (resident(11),)),
    ),
    "born on 1 January, as many are who do not know": (
        having(PERSON, birth_date=date(1990, 1, 1)),
        having(PERSON, birth_date=date(1990, 1, 1)),
    ),
}


@pytest.mark.parametrize(("one", "other"), LOOKALIKES.values(), ids=LOOKALIKES)
def test_who_looks_alike_is_never_linked_by_machine(one: Description, other: Description) -> None:
    for first, second in ((one, other), (other, one)):
        scored = score(first, second, current())
        assert scored.rules, "whatever weights a city learns"
        assert verdict(scored, current()) != "certain"


EAGER = current().model_copy(update={"certain": -1000.0, "possible": -1001.0})


@pytest.mark.parametrize(("one", "other"), LOOKALIKES.values(), ids=LOOKALIKES)
def test_no_weights_make_them_certain(one: Description, other: Description) -> None:
    assert verdict(score(one, other, EAGER), EAGER) == "possible"


CERTAIN = {
    "the same number": (having(ALONE, resident(11)), having(ALONE, resident(11))),
    "the same passport": (having(ALONE, passport("E7712345")), having(ALONE, passport("E7712345"), area=None)),
    "a passport whose issuer one report leaves out": (
        having(ALONE, passport("E7712345")),
        having(ALONE, passport("E7712345", "")),
    ),
    "one digit of the number wrong, as its check character shows": (
        having(ALONE, resident(11)),
        having(ALONE, NamedNumber(RESIDENT_NUMBER, "47" + resident(11).value[2:])),
    ),
    "both parents, character by character": (PERSON, PERSON),
}


@pytest.mark.parametrize(("one", "other"), CERTAIN.values(), ids=CERTAIN)
def test_what_is_certain(one: Description, other: Description) -> None:
    assert verdict(score(one, other, current()), current()) == "certain"


def record(name: str, born: date = BORN, *numbers: str) -> SourceRecord:
    return SourceRecord(frozenset(numbers), name, born)


SHARED = {
    "a passport with a slip is somebody else's": [record("王伟"), record("赵红", date(1985, 3, 2))],
    "two children under one paper": [record("王小明", date(2020, 3, 1)), record("赵小红", date(2021, 4, 2))],
    "a child under its mother's passport, unnamed": [record("李芳"), record("", date(2024, 3, 1))],
    "father and son of one name under one number": [record("王伟", FATHER_BORN, "n1"), record("王伟", BORN, "n1")],
    "a household under its head's number": [record("王伟", BORN, "n1"), record("王红", date(2015, 9, 1), "n1")],
}


@pytest.mark.parametrize("records", SHARED.values(), ids=SHARED)
def test_what_two_share_does_not_make_them_one(records: list[SourceRecord]) -> None:
    assert ambiguity(records) == ambiguity(records[::-1]) == "shared-number"
    assert ambiguity(records, [records]) is None, "a clerk may know better"
