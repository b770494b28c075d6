"""The synthetic county: a made-up population and what its departments would report. Seeded, and about nobody."""

from deploy.tenfold.county.examples import TYPE_NAMES, example
from deploy.tenfold.county.foreseen import Foreseen, foreseen
from deploy.tenfold.county.grants import grants
from deploy.tenfold.county.month import Expectations, MonthPlan, expectations, month, plan
from deploy.tenfold.county.provisioned import Facility, facilities, generate
from deploy.tenfold.county.registrations import registrations
from deploy.tenfold.county.values import REFERENCE_EVE, County, Report

__all__ = [
    "REFERENCE_EVE",
    "TYPE_NAMES",
    "County",
    "Expectations",
    "Facility",
    "Foreseen",
    "MonthPlan",
    "Report",
    "example",
    "expectations",
    "facilities",
    "foreseen",
    "generate",
    "grants",
    "month",
    "plan",
    "registrations",
]
