"""A department lists what it reported with digests of its own making: those that the intake makes."""

from datetime import date

from deploy.tenfold.county import generate, month, registrations
from deploy.tenfold.demo_journal import digest_of, list_of
from shared.contracts.judge import judge


def test_the_digest_of_every_report_is_the_one_that_the_intake_makes() -> None:
    county = generate(200)
    for report in [*registrations(county), *month(county, 30, date(2026, 3, 1))]:
        assert digest_of(report.cloud_event) == judge(report.cloud_event, report.department).digest.hex()


def test_a_list_names_each_report_once_and_nobody() -> None:
    county = generate(60)
    lines = list_of(report.cloud_event for report in registrations(county)).decode().splitlines()
    assert lines[0] == "source,id,digest"
    assert len(set(lines)) == 61
    assert not any(who.identity_number in line or who.name in line for line in lines for who in county.people)
