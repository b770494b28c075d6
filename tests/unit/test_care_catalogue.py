"""Schedules, scales and variants are read from files, and refused with their place where they are not sound."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.alerts.schedules.catalogue import DATA, load
from services.alerts.schedules.facts import Ending, EpisodeFacts, Finished
from services.alerts.schedules.moves import Change, preview
from services.alerts.schedules.offsets import Offset
from services.alerts.schedules.plan import plan, upcoming
from services.alerts.schedules.schedule import EpisodeKind
from services.alerts.schedules.selection import Catalogue, Choice, UnknownSchedule, adopted
from shared.sharing.provisioning import ProvisioningRefused
from tests.care_dates import ANTENATAL, CHECKS, child, day, maternal
from tests.documents import ROOT, blocks

TITLE = {"zh": "标题", "en": "Title"}
CONTACT: dict[str, Any] = {
    "code": "one", "title": TITLE, "reason": TITLE, "clause": TITLE,
    "counts_from": "birth", "opens": "0 days", "due": "7 days", "closes": "13 days",
}  # fmt: skip
LATER = CONTACT | {"code": "two", "opens": "14 days", "due": "21 days", "closes": "27 days"}
SCHEDULE: dict[str, Any] = {
    "schedule": "local-visits", "version": "2026", "title": TITLE, "source": TITLE, "about": "child",
    "in_force_from": date(2026, 1, 1), "kinds": ["child"], "by_default": True, "contacts": [CONTACT, LATER],
}  # fmt: skip
THREE = {"contact": "three", "at_least": "1 day"}
VARIANT: dict[str, Any] = {
    "variant": "jinghe", "of": "cn-child-checks", "base": "2017", "title": TITLE, "source": TITLE,
    "in_force_from": date(2026, 7, 1), "areas": ["990102"],
    "changes": [{"code": "days-28-30", "clause": TITLE, "opens": "25 days", "due": "28 days"}],
}  # fmt: skip
SCALE: dict[str, Any] = {
    "scale": "three", "title": TITLE, "source": TITLE,
    "levels": [{"code": code, "title": TITLE, "case_management": code == "high"} for code in ("low", "middle", "high")],
}  # fmt: skip
MANAGED = CONTACT | {"counts_from": "risk", "only": {"risk": ["high"]}}


def city(folder: Path, **files: dict[str, Any]) -> Catalogue:
    """The catalogue of a city with these files of its own: `versions_a` is a.yaml in versions."""
    for name, content in files.items():
        where, _, file = name.partition("_")
        (folder / "schedules" / where).mkdir(parents=True, exist_ok=True)
        (folder / "schedules" / where / f"{file}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return load(folder)


def test_what_comes_with_tenfold_is_sound_and_cites_its_sources() -> None:
    catalogue = load()
    assert {name for name, _ in catalogue} == {
        *("cn-antenatal", "cn-postnatal", "cn-newborn", "cn-case-management", "cn-referral"),
        *("cn-child-referral", "cn-child-checks", "cn-immunisation", "who-antenatal", "who-postnatal"),
        *("cn-child-papers", "cn-child-subsidy", "cn-record-transfer"),
    }
    for schedule in catalogue.values():
        for code in schedule.by_code:
            told = catalogue.explain(schedule.schedule, schedule.version, code)
            assert told.version == schedule.version
            for words in (told.title, told.reason, told.clause, told.source):
                assert re.search(r"[一-鿿]", words.zh), words
                assert not re.search(r"[一-鿿]", words.en), words


def test_every_file_is_named_for_what_is_in_it() -> None:
    for file in (DATA / "versions").glob("*.yaml"):
        content = yaml.safe_load(file.read_text("utf-8"))
        assert file.stem == f"{content['schedule']}-{content['version']}"


def test_the_examples_of_the_documentation_are_sound(tmp_path: Path) -> None:
    schedule, variant = blocks((ROOT / "docs" / "care-schedules.md").read_text("utf-8"), "yaml")
    catalogue = city(tmp_path, versions_a=yaml.safe_load(schedule), variants_a=yaml.safe_load(variant))
    assert {("cn-child-checks", "2030"), ("cn-child-checks", "2017+jinghe")} <= set(catalogue)


def test_no_schedule_speaks_of_infection() -> None:
    """The flag may accompany any level and belongs to no feed: nothing that is planned may be told from it."""
    for file in DATA.rglob("*.yaml"):
        lines = file.read_text("utf-8").splitlines()
        said = " ".join(line for line in lines if not line.startswith("#")).lower()
        assert not re.search(r"infect|purple|感染|传染|紫色", said), file.name


def test_a_city_may_have_schedules_and_scales_of_its_own(tmp_path: Path) -> None:
    managed = SCHEDULE | {
        "schedule": "local-managed", "about": "mother", "kinds": ["maternal"], "scale": "three", "contacts": [MANAGED],
    }  # fmt: skip
    catalogue = city(tmp_path, versions_a=SCHEDULE, versions_b=managed, scales_a=SCALE)
    (first, second) = plan(catalogue, [Choice("local-visits", "2026")], child("2026-03-01"))
    assert (first.code, first.number, second.code, second.number) == ("one", 1, "two", 2)
    assert catalogue.level("three", "high").case_management
    chosen = catalogue.choices(EpisodeKind.CHILD, day("2026-03-01"), facility="A")
    assert "local-visits" in {choice.schedule for choice in chosen}


@pytest.mark.parametrize(
    ("change", "place", "why"),
    [
        ({"parity": 2}, "/parity", "Extra inputs"),
        ({"about": "village"}, "/about", "'mother', 'child' or 'person'"),
        ({"contacts": []}, "/contacts", "at least 1"),
        ({"contacts": [CONTACT | {"due": "soon"}]}, "/contacts/0/due", "is no span of time"),
        ({"contacts": [CONTACT | {"due": 7}]}, "/contacts/0/due", "is no span of time"),
        ({"contacts": [CONTACT | {"only": {"infection": True}}]}, "/contacts/0/only/infection", "Extra inputs"),
        ({"contacts": [CONTACT | {"title": {"en": "Title"}}]}, "/contacts/0/title/zh", "required"),
        ({"contacts": [CONTACT | {"due": "14 days"}]}, "/contacts/0", "in this order"),
        ({"contacts": [CONTACT | {"opens": "31 days", "due": "1 month", "closes": "40 days"}]}, "/contacts/0", "2023-"),
        ({"contacts": [CONTACT | {"counts_from": "discharge"}]}, "/contacts/0", "says what it `assumes`"),
        ({"contacts": [CONTACT | {"assumes": "3 days"}]}, "/contacts/0", "says what it `assumes`"),
        ({"contacts": [CONTACT, CONTACT]}, "", "the code one stands twice"),
        ({"contacts": [CONTACT, LATER | {"opens": "13 days"}]}, "", "opens before one has closed"),
        ({"contacts": [LATER, CONTACT]}, "", "opens before two has closed"),
        ({"contacts": [CONTACT, LATER | {"counts_from": "referral"}]}, "", "counts from one day"),
        ({"contacts": [CONTACT, LATER | {"after": THREE}]}, "", "does not stand before"),
        (
            {"contacts": [CONTACT, LATER | {"opens": "0 days", "after": {"contact": "one", "at_least": "1 day"}}]},
            "",
            "opens before one has opened",
        ),
        ({"contacts": [CONTACT | {"repeat": {"every": "13 days", "times": 3}}]}, "", "opens before one-1 has closed"),
        ({"contacts": [CONTACT | {"repeat": {"every": "14 days", "times": 1}}]}, "/contacts/0/repeat/times", "greater"),
        ({"contacts": [MANAGED]}, "", "only a mother's schedule knows"),
        ({"about": "mother", "contacts": [MANAGED]}, "", "names no `scale`"),
        ({"about": "mother", "contacts": [CONTACT | {"only": {"child": ["preterm"]}}]}, "", "depends on a child"),
        ({"about": "mother", "scale": "five", "contacts": [MANAGED]}, "/scale", "there is no scale five"),
        ({"about": "mother", "scale": "cn-2017", "contacts": [MANAGED]}, "/contacts/0/only/risk", "high is no level"),
        ({"schedule": "cn-child-checks", "version": "2017"}, "", "stands in cn-child-checks-2017.yaml already"),
        ({"version": "of 2026"}, "/version", "should match pattern"),
    ],
)  # fmt: skip
def test_a_schedule_that_is_not_sound_is_refused_with_its_place(
    tmp_path: Path, change: dict[str, Any], place: str, why: str
) -> None:
    with pytest.raises(ProvisioningRefused) as refused:
        city(tmp_path, versions_mine=SCHEDULE | change)
    assert refused.value.file == "mine.yaml"
    assert any(pointer == place and why in said for pointer, said in refused.value.faults), refused.value


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"areas": []}, "names neither facilities nor areas"),
        ({"changes": []}, "changes nothing"),
        ({"leaves_out": [{"code": "days-28-30", "reason": TITLE}]}, "two things about one contact"),
        ({"base": "2011"}, "there is no cn-child-checks 2011"),
        ({"changes": [{"code": "days-7", "clause": TITLE}]}, "days-7 is no contact of cn-child-checks 2017"),
        ({"changes": [{"code": "days-28-30", "clause": TITLE, "opens": "31 days"}]}, "in this order"),
        (
            {"changes": [{"code": "months-3", "clause": TITLE, "closes": "7 months"}]},
            "opens before months-3 has closed",
        ),
        ({"changes": [{"code": "days-28-30", "clause": TITLE, "name": "x"}]}, "Extra inputs"),
        ({"areas": ["99010"]}, "should match pattern"),
        ({"adds": [CONTACT | {"code": "months-3"}]}, "stands twice"),
    ],
)
def test_a_variant_that_does_not_fit_its_base_is_refused(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    with pytest.raises(ProvisioningRefused, match=re.escape(why)) as refused:
        city(tmp_path, variants_mine=VARIANT | change)
    assert refused.value.file == "mine.yaml"


def test_two_variants_of_one_name_and_base_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProvisioningRefused, match="same name and base"):
        city(tmp_path, variants_a=VARIANT, variants_b=VARIANT)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"levels": SCALE["levels"][:1]}, "at least 2"),
        ({"levels": [*SCALE["levels"], SCALE["levels"][2]]}, "stands twice"),
        ({"levels": SCALE["levels"][::-1]}, "a higher level is not managed"),
        ({"infection": {"zh": "感染", "en": "Infection"}}, "Extra inputs"),
    ],
)
def test_a_scale_that_is_not_sound_is_refused(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    with pytest.raises(ProvisioningRefused, match=why):
        city(tmp_path, scales_mine=SCALE | change)


def test_a_variant_holds_where_and_from_when_it_says(tmp_path: Path) -> None:
    catalogue = city(tmp_path, variants_mine=VARIANT | {"facilities": ["JINGHE-MCH"]})

    def version(on: str, facility: str, *serves: str) -> str:
        choices = catalogue.choices(EpisodeKind.CHILD, day(on), facility=facility, serves=serves)
        return next(choice.version for choice in choices if choice.schedule == "cn-child-checks")

    assert version("2026-06-30", "A", "990102001002") == "2017"
    assert version("2026-07-01", "A", "990102001002") == "2017+jinghe"
    assert version("2026-07-01", "A", "990102001002", "990103") == "2017"
    assert version("2026-07-01", "A") == "2017"
    assert version("2026-07-01", "JINGHE-MCH") == "2017+jinghe"


def test_a_variant_says_whose_each_change_is_and_leaves_the_rest_to_its_base(tmp_path: Path) -> None:
    ours = {"zh": "泾河县方案", "en": "Jinghe county plan"}
    extra = CONTACT | {
        "code": "months-4",
        "opens": "5 months",
        "due": "5 months + 10 days",
        "closes": "5 months + 20 days",
    }
    change = {
        "source": ours,
        "adds": [extra],
        "changes": [*VARIANT["changes"], {"code": "months-3", "clause": TITLE, "closes": "4 months"}],
        "leaves_out": [{"code": "years-6", "reason": TITLE}],
    }
    catalogue = city(tmp_path, variants_mine=VARIANT | change)
    mine = Choice("cn-child-checks", "2017+jinghe")
    found = {each.code: each for each in plan(catalogue, [mine], child("2026-08-01"))}
    assert found["days-28-30"].opens_on == day("2026-08-26")
    assert [found[code].number for code in ("days-28-30", "months-3", "months-4", "months-6")] == [1, 2, 3, 4]
    assert "years-6" not in found
    assert catalogue.explain(*mine.names, "days-28-30").source.en == "Jinghe county plan"
    assert catalogue.explain(*mine.names, "months-4").source.en == "Jinghe county plan"
    assert catalogue.explain(*mine.names, "months-8").source.en.startswith("National norms")
    assert upcoming(found.values())[0].version == "2017+jinghe"


def test_what_a_new_version_would_move_is_shown_before_it_is_adopted(tmp_path: Path) -> None:
    change = {"adds": [CONTACT | {"code": "days-7"}], "leaves_out": [{"code": "years-6", "reason": TITLE}]}
    catalogue = city(tmp_path, variants_mine=VARIANT | change)
    facts = child("2026-07-20")
    new = adopted([CHECKS], Choice("cn-child-checks", "2017+jinghe", day("2026-08-10")))
    found = preview(catalogue, [CHECKS], facts, new_choices=new)
    # The contact of the first week was over when the variant was adopted, and never applies.
    assert [(move.change, (move.after or move.before).code) for move in found if move.after or move.before] == [  # type: ignore[union-attr]
        (Change.MOVES, "days-28-30"),
        (Change.VANISHES, "years-6"),
    ]
    moved = found[0]
    assert moved.before is not None
    assert moved.after is not None
    assert (moved.before.opens_on, moved.after.opens_on) == (day("2026-08-17"), day("2026-08-14"))
    assert preview(catalogue, [CHECKS], facts, new_choices=[CHECKS]) == []
    at_birth = adopted([CHECKS], Choice("cn-child-checks", "2017+jinghe"))
    appearing = preview(catalogue, [CHECKS], facts, new_choices=at_birth)
    assert (appearing[0].change, appearing[0].after and appearing[0].after.code) == (Change.APPEARS, "days-7")


def test_adopting_replaces_one_schedule_and_leaves_the_others() -> None:
    new = Choice("cn-child-checks", "2017+jinghe", day("2026-08-10"))
    assert adopted([ANTENATAL, CHECKS], new) == (ANTENATAL, new)
    assert adopted([ANTENATAL], new) == (ANTENATAL, new)


def test_a_contact_that_was_renamed_is_finished_under_its_old_name(tmp_path: Path) -> None:
    renamed = SCHEDULE | {"version": "2027", "contacts": [CONTACT | {"code": "first", "was": ["one"]}, LATER]}
    catalogue = city(tmp_path, versions_a=SCHEDULE, versions_b=renamed)
    done = Finished("local-visits", "one", 1, Ending.DONE, day("2026-03-02"))
    facts = EpisodeFacts(day("2026-03-01"), children=child("2026-03-01").children, finished=(done,))
    assert [each.code for each in plan(catalogue, [Choice("local-visits", "2027")], facts)] == ["two"]


def test_what_is_not_in_the_catalogue_is_named() -> None:
    catalogue = load()
    with pytest.raises(UnknownSchedule, match="cn-antenatal 1999"):
        plan(catalogue, [Choice("cn-antenatal", "1999")], maternal("2026-01-01"))
    with pytest.raises(UnknownSchedule, match="nothing"):
        catalogue.explain("cn-antenatal", "2017", "nothing")
    with pytest.raises(UnknownSchedule, match="purple"):
        catalogue.level("cn-2017", "purple")
    with pytest.raises(UnknownSchedule, match="elsewhere"):
        catalogue.level("elsewhere", "red")
    assert catalogue.explain("cn-referral", "2017", "follow-up-3").title.en == "Follow-up of a referral"
    assert len(catalogue) == len(list(catalogue))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16 weeks", Offset(0, 112)),
        ("1 day", Offset(0, 1)),
        ("4 months - 1 day", Offset(4, -1)),
        ("2 years + 10 days", Offset(24, 10)),
    ],
)
def test_spans_of_time_are_read(text: str, expected: Offset) -> None:
    assert Offset.parse(text) == expected
    assert Offset.parse(expected) == expected


@pytest.mark.parametrize(
    "text", ["", "16", "weeks", "1.5 months", "-1 day", "1 month + 1 week", "1  day", None, 3, True]
)
def test_what_is_no_span_of_time_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="no span of time"):
        Offset.parse(text)
