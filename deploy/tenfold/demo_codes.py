"""One-time login codes, with which whoever runs the demo sees its pages: the worklist, the registry's, a department's,
the overview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console

from deploy.tenfold.county import facilities
from deploy.tenfold.demo_reach import Citizen, Reach, again
from deploy.tenfold.talking_status import table
from shared.clock import SHANGHAI
from shared.settings import PROVISIONING
from shared.sharing.departments import Departments

SHOWN = "public-security"  # the department whose page is shown: it reports most
ROLES = ("reporter", "follower", "clerk")
CARE_ROLES = ("supervisor", "care-worker")  # the first line of a list is a supervisor's


@dataclass(frozen=True)
class LoginCode:
    """A code, the page it opens, for whom in both languages, and until when."""

    page: str
    zh: str
    en: str
    code: str
    until: datetime


async def login_codes(reach: Reach, help_open: Mapping[str, int], citizen: Citizen | None) -> list[LoginCode]:
    """A code for each facility with somebody to help, for three people of the registry's pages, for an administrator of
    the exchange, and for a department."""
    department = Departments.load(PROVISIONING).get(SHOWN)
    await list_staff(reach)
    found = [
        await minted(
            reach,
            "alerts",
            {"subject": f"demo:{facility.code}", "facility": facility.code, "roles": list(CARE_ROLES)},
            ("/worklist", facility.zh, facility.en),
        )
        for facility in facilities()
        if help_open.get(facility.code)
    ]
    administrator = {"subject": "demo:administrator", "roles": ["administrator"]}
    clerk = {"subject": f"demo:{SHOWN}", "department": SHOWN, "roles": list(ROLES)}
    title = department.title
    return [
        *found,
        *await registry_codes(reach, citizen),
        await minted(reach, "exchange", administrator, ("/overview", "管理员", "Administrator")),
        await minted(reach, "exchange", clerk, ("/department", title.zh, title.en)),
    ]


async def list_staff(reach: Reach) -> None:
    """List at each facility whom the demo plays there: from then on nobody else gets in."""
    for facility in facilities():
        for role in CARE_ROLES:
            line = {"subject": f"demo:{facility.code}", "role": role, "clinician": role == "care-worker"}
            (await again(reach.care_worker(facility.code).http.put, "/v1/staff", json=line)).raise_for_status()


async def registry_codes(reach: Reach, citizen: Citizen | None) -> list[LoginCode]:
    """For who reviews identities, for who reads statistics, and for one person of the county about themselves."""
    staff = {"subject": f"demo:{SHOWN}", "department": SHOWN, "roles": ["clerk"]}
    found = [
        await minted(
            reach, "registry", staff | {"purpose": "identity-review"}, ("/reviews", "身份复核", "Identity review")
        ),
        await minted(reach, "registry", staff | {"purpose": "statistics"}, ("/population", "人口概况", "Population")),
    ]
    if citizen is not None:
        told = await again(reach.identity_provider().ask, "/v1/citizens", dict(citizen))
        wanted = {"subject": told["subject"], "roles": ["citizen"]}
        found.append(await minted(reach, "registry", wanted, ("/me", "本人", "Oneself")))
    return found


async def minted(reach: Reach, service: str, wanted: Mapping[str, object], shown: tuple[str, str, str]) -> LoginCode:
    """One code of a service."""
    answer = await reach.administrator(service).post("/v1/login-codes", dict(wanted))
    return LoginCode(*shown, answer["code"], datetime.fromisoformat(answer["expires_at"]))


def show_codes(console: Console, codes: Sequence[LoginCode]) -> None:
    """How to get into the pages."""
    ends = min(each.until for each in codes).astimezone(SHANGHAI)
    logins = table(f"One-time login codes, until {ends:%H:%M} Beijing time", "page", "for", "", "code", texts=4)
    for each in codes:
        logins.add_row(each.page, each.zh, each.en, f"[bold]{each.code}[/]")
    console.print(logins)
