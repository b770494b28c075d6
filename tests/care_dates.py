"""Worked dates of care schedules: what a calendar on paper gives, entered by hand and never computed by the plan.

Days were counted with the system's own calendar program, months read off the calendar.
"""

from dataclasses import dataclass
from datetime import date

from services.alerts.schedules.facts import Child, Dating, EpisodeFacts, Referral, Risk
from services.alerts.schedules.selection import Choice

ANTENATAL = Choice("cn-antenatal", "2017")
POSTNATAL = Choice("cn-postnatal", "2017")
NEWBORN = Choice("cn-newborn", "2017")
MANAGED = Choice("cn-case-management", "2017")
REFERRAL = Choice("cn-referral", "2017")
WHO = Choice("who-antenatal", "2016")
WHO_AFTER = Choice("who-postnatal", "2022")
CHECKS = Choice("cn-child-checks", "2017")
DOSES = Choice("cn-immunisation", "2026")


def day(text: str) -> date:
    """A date as a person writes it."""
    return date.fromisoformat(text)


def maternal(
    lmp: str | None = None,
    *,
    edd: str | None = None,
    enrolled: str | None = None,
    born: str | None = None,
    discharged: str | None = None,
) -> EpisodeFacts:
    """A maternal episode, enrolled on its first day unless said otherwise."""
    first = enrolled or lmp or born or edd
    assert first is not None
    return EpisodeFacts(
        enrolled_on=day(first),
        lmp=day(lmp) if lmp else None,
        edd=day(edd) if edd else None,
        dating=Dating.EDD if edd else Dating.LMP,
        delivered_on=day(born) if born else None,
        discharged_on=day(discharged) if discharged else None,
    )


def child(born: str, *, enrolled: str | None = None) -> EpisodeFacts:
    """A child's episode, enrolled at birth unless said otherwise."""
    return EpisodeFacts(enrolled_on=day(enrolled or born), children=(Child(1, day(born)),))


@dataclass(frozen=True)
class Worked:
    """One row: opens, due and closes of one contact."""

    says: str
    choice: Choice
    facts: EpisodeFacts
    code: str
    opens: str
    due: str
    closes: str


# By estimated due date alone: 29 February 2028 less 280 days is 25 May 2027.
BY_EDD = maternal(edd="2028-02-29", enrolled="2027-06-01")
DISCHARGED = maternal(born="2026-02-20", discharged="2026-02-25")
IN_LEAP_YEAR = maternal(born="2024-02-20", discharged="2024-02-25")
AT_NEW_YEAR = maternal(born="2026-12-28", discharged="2026-12-31")
LONG_STAY = maternal(born="2026-02-20", discharged="2026-03-30")
MANAGED_RED = EpisodeFacts(
    enrolled_on=day("2026-04-01"), lmp=day("2026-01-01"), risk=Risk("cn-2017", "red", day("2026-05-01"))
)
MANAGED_ORANGE = EpisodeFacts(
    enrolled_on=day("2026-04-01"), lmp=day("2026-01-01"), risk=Risk("cn-2017", "orange", day("2026-05-01"))
)


def referred(on: str) -> EpisodeFacts:
    """An episode with a referral on this day."""
    return EpisodeFacts(enrolled_on=day(on), lmp=day(on), referrals=(Referral(1, day(on)),))


def _row(says: str, choice: Choice, facts: EpisodeFacts, code: str, dates: str) -> Worked:
    opens, due, closes = dates.split()
    return Worked(says, choice, facts, code, opens, due, closes)


WORKED = (
    # National antenatal contacts, counted in days.
    _row("plain", ANTENATAL, maternal("2026-01-01"), "first", "2026-01-01 2026-04-01 2026-04-22"),
    _row("plain", ANTENATAL, maternal("2026-01-01"), "weeks-16-20", "2026-04-23 2026-05-27 2026-05-27"),
    _row("plain", ANTENATAL, maternal("2026-01-01"), "weeks-21-24", "2026-05-28 2026-06-24 2026-07-15"),
    _row("plain", ANTENATAL, maternal("2026-01-01"), "weeks-28-36", "2026-07-16 2026-09-16 2026-09-16"),
    _row("plain", ANTENATAL, maternal("2026-01-01"), "weeks-37-40", "2026-09-17 2026-10-14 2026-10-22"),
    _row("across a leap day", ANTENATAL, maternal("2024-01-01"), "first", "2024-01-01 2024-03-31 2024-04-21"),
    _row("across a leap day", ANTENATAL, maternal("2024-01-01"), "weeks-37-40", "2024-09-16 2024-10-13 2024-10-21"),
    _row("from 31 December", ANTENATAL, maternal("2023-12-31"), "weeks-16-20", "2024-04-21 2024-05-25 2024-05-25"),
    _row("from 31 December", ANTENATAL, maternal("2023-12-31"), "weeks-28-36", "2024-07-14 2024-09-14 2024-09-14"),
    _row("by due date alone", ANTENATAL, BY_EDD, "first", "2027-05-25 2027-08-23 2027-09-13"),
    _row("by due date alone", ANTENATAL, BY_EDD, "weeks-21-24", "2027-10-19 2027-11-15 2027-12-06"),
    _row("by due date alone, a leap day", ANTENATAL, BY_EDD, "weeks-37-40", "2028-02-08 2028-03-06 2028-03-14"),
    _row("plain", ANTENATAL, maternal("2026-01-01"), "ask-about-birth", "2026-10-01 2026-10-15 2026-11-05"),
    _row("across a leap day", ANTENATAL, maternal("2024-01-01"), "ask-about-birth", "2024-09-30 2024-10-14 2024-11-04"),
    _row("by due date alone", ANTENATAL, BY_EDD, "ask-about-birth", "2028-02-22 2028-03-07 2028-03-28"),
    # WHO antenatal contacts: last menstrual period + 7 × weeks.
    _row("WHO", WHO, maternal("2026-01-01"), "week-12", "2026-01-01 2026-03-26 2026-05-13"),
    _row("WHO", WHO, maternal("2026-01-01"), "week-20", "2026-05-14 2026-05-21 2026-06-24"),
    _row("WHO", WHO, maternal("2026-01-01"), "week-26", "2026-06-25 2026-07-02 2026-07-22"),
    _row("WHO", WHO, maternal("2026-01-01"), "week-40", "2026-10-01 2026-10-08 2026-10-15"),
    _row("WHO", WHO, maternal("2026-01-01"), "ask-about-birth", "2026-10-01 2026-10-15 2026-11-05"),
    _row("WHO, leap year", WHO, maternal("2024-02-01"), "week-12", "2024-02-01 2024-04-25 2024-06-12"),
    _row("WHO, leap year", WHO, maternal("2024-02-01"), "week-30", "2024-08-22 2024-08-29 2024-09-18"),
    _row("WHO, leap year", WHO, maternal("2024-02-01"), "week-34", "2024-09-19 2024-09-26 2024-10-02"),
    _row("WHO, leap year", WHO, maternal("2024-02-01"), "week-38", "2024-10-17 2024-10-24 2024-10-30"),
    # After the birth: the visit counts from discharge, the check from the birth.
    _row("visit", POSTNATAL, DISCHARGED, "home-visit", "2026-02-25 2026-03-04 2026-03-24"),
    _row("visit, leap year", POSTNATAL, IN_LEAP_YEAR, "home-visit", "2024-02-25 2024-03-03 2024-03-23"),
    _row("visit, new year", POSTNATAL, AT_NEW_YEAR, "home-visit", "2026-12-31 2027-01-07 2027-01-27"),
    _row("discharge unknown", POSTNATAL, maternal(born="2026-02-20"), "home-visit", "2026-02-23 2026-03-02 2026-03-22"),
    _row("day 42", POSTNATAL, LONG_STAY, "day-42", "2026-04-03 2026-04-09 2026-04-17"),
    _row("day 42, leap year", POSTNATAL, maternal(born="2024-02-20"), "day-42", "2024-04-02 2024-04-08 2024-04-16"),
    _row("WHO, first day", WHO_AFTER, maternal(born="2025-12-25"), "hours-24", "2025-12-25 2025-12-26 2025-12-26"),
    _row("WHO, third day", WHO_AFTER, maternal(born="2025-12-25"), "hours-48-72", "2025-12-27 2025-12-28 2025-12-31"),
    _row("WHO, second week", WHO_AFTER, maternal(born="2025-12-25"), "days-7-14", "2026-01-01 2026-01-08 2026-01-28"),
    _row("WHO, week six", WHO_AFTER, maternal(born="2024-02-20"), "week-6", "2024-03-26 2024-04-02 2024-04-16"),
    # Children, by calendar months.
    _row("28 days, leap year", CHECKS, child("2024-01-31"), "days-28-30", "2024-02-28 2024-03-01 2024-04-29"),
    _row("28 days", CHECKS, child("2026-02-01"), "days-28-30", "2026-03-01 2026-03-03 2026-04-30"),
    _row("31 January + 3 months", CHECKS, child("2024-01-31"), "months-3", "2024-04-30 2024-05-30 2024-07-30"),
    _row("30 November + 3 months, leap", CHECKS, child("2023-11-30"), "months-3", "2024-02-29 2024-03-29 2024-05-29"),
    _row("30 November + 3 months", CHECKS, child("2022-11-30"), "months-3", "2023-02-28 2023-03-29 2023-05-29"),
    _row("31 August + 6 months", CHECKS, child("2026-08-31"), "months-6", "2027-02-28 2027-03-30 2027-04-29"),
    _row("31 August + 18 months, leap", CHECKS, child("2026-08-31"), "months-18", "2028-02-29 2028-03-30 2028-08-30"),
    _row("a leap day's first year", CHECKS, child("2024-02-29"), "months-12", "2025-02-28 2025-03-28 2025-08-28"),
    _row("a leap day's fourth year", CHECKS, child("2024-02-29"), "years-4", "2028-02-29 2029-02-27 2029-02-27"),
    _row("a leap day's sixth year", CHECKS, child("2024-02-29"), "years-6", "2030-02-28 2031-02-27 2031-02-27"),
    _row("36 months", CHECKS, child("2026-12-31"), "months-36", "2029-12-31 2030-01-30 2030-12-30"),
    _row("dose 2, 31 January", DOSES, child("2026-01-31"), "hepb-2", "2026-02-28 2026-03-30 2033-01-30"),
    _row("dose 2, 31 January, leap", DOSES, child("2024-01-31"), "hepb-2", "2024-02-29 2024-03-30 2031-01-30"),
    _row("dose at 2 months", DOSES, child("2026-12-31"), "dtap-1", "2027-02-28 2027-03-30 2033-12-30"),
    _row("2026, not 3-4-5 months", DOSES, child("2026-12-31"), "dtap-2", "2027-04-30 2027-05-30 2033-12-30"),
    _row("2026, not 3-4-5 months", DOSES, child("2026-12-31"), "dtap-3", "2027-06-30 2027-12-30 2033-12-30"),
    _row("9 months", DOSES, child("2026-05-31"), "mena-2", "2027-02-28 2027-11-29 2029-05-30"),
    _row("6 years from a leap day", DOSES, child("2024-02-29"), "dtap-5", "2030-02-28 2031-02-27 2031-02-27"),
    _row("BCG", DOSES, child("2026-11-30"), "bcg", "2026-11-30 2027-02-27 2030-11-29"),
    # Managed as a case, and referred.
    _row("orange, at once", MANAGED, MANAGED_ORANGE, "orange-1", "2026-05-01 2026-05-08 2026-05-14"),
    _row("orange, two weeks on", MANAGED, MANAGED_ORANGE, "orange-2", "2026-05-15 2026-05-22 2026-05-28"),
    _row("red, at once", MANAGED, MANAGED_RED, "red-1", "2026-05-01 2026-05-04 2026-05-07"),
    _row("red, a week on", MANAGED, MANAGED_RED, "red-2", "2026-05-08 2026-05-11 2026-05-14"),
    _row("referral", REFERRAL, referred("2026-02-20"), "follow-up-1", "2026-02-20 2026-03-06 2026-03-20"),
    _row("referral, leap year", REFERRAL, referred("2028-02-20"), "follow-up-1", "2028-02-20 2028-03-05 2028-03-19"),
    _row("referral, new year", REFERRAL, referred("2026-12-20"), "follow-up-1", "2026-12-20 2027-01-03 2027-01-17"),
)  # fmt: skip
