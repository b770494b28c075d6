"""Every route of the three services, however FastAPI nests them, and who may call each: the one table of rights."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.auth.caller import Caller
from shared.auth.require import caller
from shared.sessions.callers import any_caller
from shared.settings import Settings

SERVICES = ("exchange", "registry", "alerts")
KNOWS_ITS_CALLER = {caller, any_caller}

May = Callable[[Caller], bool]


def application(service: str, settings: Settings) -> FastAPI:
    """One service's application."""
    app: FastAPI = import_module(f"services.{service}.app").create_app(settings)
    return app


def endpoints(routes: Sequence[Any]) -> Iterator[APIRoute]:
    """All routes, those of included routers too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from endpoints(route.original_router.routes)


def names(route: APIRoute) -> list[str]:
    """`GET /path` for each method."""
    return [f"{method} {route.path}" for method in sorted(route.methods or ())]


def asks_for_a_caller(dependant: Dependant) -> bool:
    """Whether the caller is found out before the route runs."""
    return dependant.call in KNOWS_ITS_CALLER or any(map(asks_for_a_caller, dependant.dependencies))


# Everyone may call these, with a reason each.
OPEN = {
    "GET /healthz": "says only that the process answers; load balancers have no token",
    "GET /readyz": "says only that the database answers; load balancers have no token",
    "GET /docs": "the contract is public, and readable offline",
    "GET /docs/oauth2-redirect": "part of the interactive documentation",
    "GET /redoc": "the contract is public, and readable offline",
    "GET /v1/catalogue": "the contract is public: event types, nothing about people",
    "GET /schemas": "the contract is public: which JSON Schemas there are",
    "GET /schemas/{name}.json": "the contract is public: JSON Schemas",
    "GET /asyncapi.json": "the contract is public: topics and messages",
    "GET /catalogue": "the contract is public, for people to read",
    "GET /errors": "the contract is public: what each problem type means",
    "GET /": "leads to the first page, which asks for a session",
    "GET /login": "the form in which one shows who one is",
    "GET /login/start": "leads to the issuer at whom one shows who one is",
    "GET /login/return": "takes the issuer's answer, from the browser that asked for it",
    "POST /login": "takes the one-time code that shows who one is",
    "GET /secret/{secret}/feed.json": "the address is the credential; it holds counts and a link",
    "GET /secret/{secret}/calendar.ics": "the address is the credential; it holds counts and a link",
    "POST /logout": "ends a session; without one nothing happens",
    "GET /me/login": "the form in which one shows the code on a slip",
    "POST /me/login": "takes the code on a slip",
    "POST /me/logout": "ends a session; without one nothing happens",
}


def role(*wanted: str, department: bool = False, everywhere: bool = False, city: bool = False) -> May:
    """Any one of these roles, for a department (or for none: `city`) if asked; `everywhere`: by a token without
    areas."""
    return lambda who: (
        bool(who.roles & set(wanted))
        and (who.department is not None or not department)
        and not (who.areas and everywhere)
        and not (who.department is not None and city)
    )


def service(name: str) -> May:
    """That service of the platform."""
    return lambda who: who.service == name


def official(who: Caller) -> bool:
    """Someone of a department who names a purpose."""
    return role("reporter", "follower", "clerk", department=True)(who) and who.purpose is not None


def identity_clerk(who: Caller) -> bool:
    """A clerk of the department that registers identity, there to review it."""
    reviews = who.department == "public-security" and who.purpose == "identity-review"
    return reviews and role("clerk", "reviewer", department=True, everywhere=True)(who)


def watcher(who: Caller) -> bool:
    """Who watches over the city's access log, for that purpose."""
    return role("protection-officer", "administrator", city=True)(who) and who.purpose == "audit"


def matcher(who: Caller) -> bool:
    """Someone of a department who is there to find out who is who."""
    return role("clerk", "reviewer", department=True)(who) and who.purpose == "identity-review"


def care_staff(who: Caller) -> bool:
    """A care worker of a facility, there for care."""
    staff = who.department in (None, "health") and who.service is None
    return staff and role("care-worker", "supervisor")(who) and who.purpose == "care" and who.facility is not None


def care_hand(who: Caller) -> bool:
    """A care worker of a facility, there for care: who sees women, and acts for them."""
    return care_staff(who) and "care-worker" in who.roles


def herself(who: Caller) -> bool:
    """A citizen, there for their own data and for nobody's care."""
    return role("citizen")(who) and who.purpose in (None, "own-data") and who.facility is None


def care_supervisor(who: Caller) -> bool:
    """A supervisor of a facility, there for care."""
    return care_staff(who) and "supervisor" in who.roles


def care_clinician(who: Caller) -> bool:
    """Both: where nobody need be listed as a clinician, a care worker who is a supervisor too."""
    return care_hand(who) and care_supervisor(who)


def reads_agreements(who: Caller) -> bool:
    """An official of a department; or who watches over all agreements."""
    watches = role("administrator", "protection-officer", city=True)(who)
    return watches or role("reporter", "follower", "clerk", "reviewer", department=True)(who)


def suspends(who: Caller) -> bool:
    """A department's reviewer, for its own agreements; a protection officer, for any."""
    return role("protection-officer", city=True)(who) or role("reviewer", department=True)(who)


def clerk_everywhere(who: Caller) -> bool:
    """A clerk or reviewer of a whole department who names a purpose."""
    return role("clerk", "reviewer", department=True, everywhere=True)(who) and who.purpose is not None


def questions_facts(who: Caller) -> bool:
    """A clerk or reviewer of a whole department, there to find out who is who."""
    return clerk_everywhere(who) and who.purpose == "identity-review"


def registrar(who: Caller) -> bool:
    """A clerk of public security, there to register households."""
    for_it = (who.department, who.purpose) == ("public-security", "household-registration")
    return role("clerk", department=True)(who) and for_it


def bulk_registrar(who: Caller) -> bool:
    """The same, of the whole department: a register knows no areas of its clerks."""
    return registrar(who) and not who.areas


def anyone(who: Caller) -> bool:
    """Whoever has a valid token: nothing of a person is told."""
    return True


def statistician(who: Caller) -> bool:
    """Someone of a department who is there for statistics."""
    staff = role("reporter", "follower", "clerk", "reviewer", department=True)(who)
    return staff and who.purpose == "statistics"


def audits(who: Caller) -> bool:
    """A protection officer, there to audit."""
    return role("protection-officer", city=True)(who) and who.purpose == "audit"


def answers_for_accesses(who: Caller) -> bool:
    """A department's administrator, there to audit."""
    return role("administrator", department=True)(who) and who.purpose == "audit"


def breaks_glass(who: Caller) -> bool:
    """A clerk of a department, there for service."""
    return role("clerk", department=True)(who) and who.purpose == "service-delivery"


def protects(who: Caller) -> bool:
    """An official of an authority that protects people, there for that."""
    there = {("public-security", "service-delivery"), ("civil-affairs", "vital-registration")}
    return role("clerk", "reviewer", department=True, everywhere=True)(who) and (who.department, who.purpose) in there


def asks_corrections(who: Caller) -> bool:
    """A clerk or reporter of a whole department who names a purpose."""
    return role("clerk", "reporter", department=True, everywhere=True)(who) and who.purpose is not None


def sees_corrections(who: Caller) -> bool:
    """Whoever asks for corrections or decides about them."""
    staff = role("clerk", "reporter", "reviewer", department=True, everywhere=True)
    return staff(who) and who.purpose is not None


def decides_corrections(who: Caller) -> bool:
    """A clerk or reviewer of a whole department, there to correct."""
    return role("clerk", "reviewer", department=True, everywhere=True)(who) and who.purpose == "correction"


administrator = role("administrator", city=True)
reviewer = role("reviewer", department=True)
follower = role("follower", department=True, everywhere=True)
staff = role("reporter", "follower", "clerk", "reviewer", department=True)


@dataclass(frozen=True)
class Right:
    """Who may call a route. `page`: whoever is not signed in is led to the `login`. `endless`: it never stops.

    `more`: entitled callers may still be refused, by an agreement.
    """

    may: May
    page: bool = False
    endless: bool = False
    more: bool = False
    login: str = "/login"


RIGHTS: dict[str, dict[str, Right]] = {
    "exchange": {
        "POST /v1/events": Right(role("reporter", department=True)),
        "GET /v1/caller": Right(staff),
        "GET /v1/receipts": Right(role("reporter", "follower", "clerk", department=True)),
        "GET /v1/receipts/{receipt}": Right(role("reporter", "follower", "clerk", department=True)),
        "POST /v1/receipts/{receipt}/retry": Right(role("reporter", "clerk", department=True)),
        "GET /v1/batches": Right(role("reporter", "follower", "clerk", department=True)),
        "GET /v1/batches/{batchid}": Right(role("reporter", "follower", "clerk", department=True)),
        "GET /v1/feed": Right(follower),
        "GET /v1/feed/stream": Right(follower, endless=True),
        "GET /v1/feeds/{feed}": Right(service("registry")),
        "GET /v1/snapshot": Right(follower),
        "POST /v1/feed/acknowledgements": Right(follower),
        "GET /v1/corrections": Right(role("reporter", "follower", "clerk", department=True, everywhere=True)),
        "GET /v1/corrections/told": Right(role("reporter", "clerk", department=True)),
        "GET /v1/subscriptions": Right(follower),
        "PUT /v1/subscriptions/{name}": Right(follower),
        "GET /v1/subscriptions/{name}": Right(follower),
        "DELETE /v1/subscriptions/{name}": Right(follower),
        "POST /v1/subscriptions/{name}/test": Right(follower),
        "POST /v1/subscriptions/{name}/pause": Right(follower),
        "POST /v1/subscriptions/{name}/resume": Right(follower),
        "POST /v1/subscriptions/{name}/rotate": Right(follower),
        "POST /v1/subscriptions/{name}/replay": Right(follower),
        "POST /v1/subscriptions/{name}/retry": Right(follower),
        "GET /v1/subscriptions/{name}/feed": Right(follower),
        "GET /v1/subscriptions/{name}/stream": Right(follower),
        "GET /v1/subscriptions/{name}/deliveries": Right(follower),
        "POST /v1/cases": Right(role("clerk", "reporter", department=True, everywhere=True)),
        "GET /v1/cases": Right(role("reporter", "follower", "clerk", department=True, everywhere=True)),
        "GET /v1/cases/{case}": Right(role("reporter", "follower", "clerk", department=True, everywhere=True)),
        "DELETE /v1/cases/{case}": Right(role("clerk", "reporter", department=True, everywhere=True)),
        "GET /v1/agreements": Right(reads_agreements),
        "POST /v1/agreements": Right(reviewer),
        "POST /v1/agreements/preview": Right(reads_agreements),
        "GET /v1/agreements/{identifier}": Right(reads_agreements),
        "POST /v1/agreements/{identifier}/approval": Right(reviewer),
        "POST /v1/agreements/{identifier}/refuse": Right(reviewer),
        "POST /v1/agreements/{identifier}/suspend": Right(suspends),
        "POST /v1/agreements/{identifier}/resume": Right(suspends),
        "POST /v1/agreements/{identifier}/end": Right(reviewer),
        "GET /v1/agreements/matrix": Right(role("administrator", "protection-officer", city=True)),
        "GET /v1/overview": Right(administrator),
        "POST /v1/reconciliations": Right(role("reporter", "clerk", department=True, everywhere=True)),
        "GET /v1/reconciliations": Right(role("reporter", "clerk", department=True, everywhere=True)),
        "GET /v1/reconciliations/{reconciliation}": Right(role("reporter", "clerk", department=True, everywhere=True)),
        "GET /v1/reconciliations/{reconciliation}/differences": Right(
            role("reporter", "clerk", department=True, everywhere=True)
        ),
        "GET /v1/reconciliations/findings": Right(administrator),
        "GET /v1/parked": Right(administrator),
        "POST /v1/parked/{parked_id}/retry": Right(administrator),
        "GET /department": Right(staff, page=True),
        "GET /department/receipts": Right(staff, page=True),
        "POST /department/receipts/{receipt}/retry": Right(role("reporter", "clerk", department=True), page=True),
        "GET /department/feed": Right(follower, page=True),
        "GET /department/cases": Right(
            role("reporter", "follower", "clerk", department=True, everywhere=True), page=True
        ),
        "GET /department/agreements": Right(staff, page=True),
        "GET /overview": Right(administrator, page=True),
        "POST /v1/login-codes": Right(administrator),
    },
    "registry": {
        "POST /v1/people/search": Right(official, more=True),
        "POST /v1/people/match": Right(matcher, more=True),
        "GET /v1/people/{reference}": Right(official, more=True),
        "GET /v1/people/{reference}/timeline": Right(official, more=True),
        "GET /v1/people/{reference}/disclosures": Right(watcher),
        "GET /v1/households/{reference}": Right(official, more=True),
        "GET /v1/areas": Right(anyone),
        "GET /v1/areas/{code}": Right(anyone),
        "GET /v1/areas/{code}/population": Right(statistician),
        "GET /v1/areas/{code}/tree": Right(statistician),
        "GET /v1/areas/lists": Right(administrator),
        "POST /v1/areas/lists": Right(administrator),
        "POST /v1/areas/lists/{list_id}/restore": Right(administrator),
        "GET /v1/contradictions": Right(clerk_everywhere, more=True),
        "GET /v1/contradictions/{id}": Right(clerk_everywhere, more=True),
        "POST /v1/contradictions/{id}/explanation": Right(clerk_everywhere, more=True),
        "POST /v1/imports": Right(bulk_registrar),
        "GET /v1/imports": Right(bulk_registrar),
        "GET /v1/imports/{import_id}": Right(bulk_registrar),
        "DELETE /v1/imports/{import_id}": Right(bulk_registrar),
        "PUT /v1/imports/{import_id}/file": Right(bulk_registrar),
        "GET /v1/imports/{import_id}/faults": Right(bulk_registrar),
        "POST /v1/imports/{import_id}/resume": Right(bulk_registrar),
        "GET /v1/moves/unmatched": Right(registrar, more=True),
        "POST /v1/me/corrections": Right(role("citizen")),
        "GET /v1/me/corrections": Right(role("citizen")),
        "POST /v1/me/corrections/{correction}/withdrawal": Right(role("citizen")),
        "POST /v1/corrections": Right(asks_corrections, more=True),
        "GET /v1/corrections": Right(sees_corrections),
        "GET /v1/corrections/{correction}": Right(sees_corrections, more=True),
        "POST /v1/corrections/{correction}/withdrawal": Right(asks_corrections),
        "POST /v1/corrections/{correction}/decision": Right(decides_corrections),
        "POST /v1/corrections/{correction}/annulment": Right(decides_corrections),
        "GET /v1/reviews": Right(identity_clerk),
        "POST /v1/reviews": Right(identity_clerk),
        "GET /v1/reviews/{review}": Right(identity_clerk),
        "POST /v1/reviews/{review}/decision": Right(identity_clerk),
        "POST /v1/citizens": Right(service("identity-provider")),
        "GET /v1/me": Right(role("citizen")),
        "GET /v1/me/copy": Right(role("citizen")),
        "GET /v1/me/questions": Right(role("citizen")),
        "POST /v1/me/questions": Right(role("citizen")),
        "GET /v1/questions": Right(audits),
        "GET /v1/questions/asked": Right(answers_for_accesses),
        "GET /v1/questions/{question}": Right(audits),
        "POST /v1/questions/{question}/statement": Right(role("administrator", department=True)),
        "POST /v1/questions/{question}/answer": Right(audits),
        "GET /v1/flags": Right(audits),
        "POST /v1/flags/{flag}/decision": Right(audits),
        "PUT /v1/officials/{subject}": Right(role("administrator", department=True)),
        "DELETE /v1/officials/{subject}": Right(role("administrator", department=True)),
        "POST /v1/people/break-glass": Right(breaks_glass, more=True),
        "POST /v1/people/break-glass/{grant}/justification": Right(breaks_glass),
        "PUT /v1/protections": Right(protects, more=True),
        "GET /v1/protections": Right(protects),
        "POST /v1/protections/{protection}/end": Right(protects),
        "GET /v1/me/cases": Right(role("citizen")),
        "GET /v1/me/matches": Right(role("citizen")),
        "GET /v1/me/disclosures": Right(role("citizen")),
        "GET /v1/feeds/{feed}": Right(service("exchange")),
        "POST /v1/reconciliation/receipts": Right(service("exchange")),
        "POST /v1/reconciliation/people": Right(service("exchange")),
        "POST /v1/reconciliation/agreements": Right(service("exchange")),
        "GET /v1/reconciliations/findings": Right(administrator),
        "GET /v1/statistics": Right(statistician),
        "GET /v1/statistics/{indicator}": Right(statistician),
        "POST /v1/statistics/releases": Right(administrator),
        "GET /v1/quality": Right(statistician),
        "GET /v1/overview": Right(administrator),
        "GET /v1/parked": Right(administrator),
        "POST /v1/parked/{parked_id}/retry": Right(administrator),
        "GET /population": Right(statistician, page=True),
        "GET /me": Right(role("citizen"), page=True),
        "GET /me/copy": Right(role("citizen"), page=True),
        "GET /me/disclosures": Right(role("citizen"), page=True),
        "GET /me/cases": Right(role("citizen"), page=True),
        "GET /me/matches": Right(role("citizen"), page=True),
        "GET /me/questions": Right(role("citizen"), page=True),
        "POST /me/questions": Right(role("citizen"), page=True),
        "GET /me/corrections": Right(role("citizen"), page=True),
        "POST /me/corrections": Right(role("citizen"), page=True),
        "POST /me/corrections/{correction}/withdrawal": Right(role("citizen"), page=True),
        "GET /reviews": Right(identity_clerk, page=True),
        "GET /reviews/{review}": Right(identity_clerk, page=True),
        "POST /reviews/{review}": Right(identity_clerk, page=True),
        "POST /reviews": Right(identity_clerk, page=True),
        "POST /corrections": Right(asks_corrections, page=True, more=True),
        "GET /statements": Right(answers_for_accesses, page=True),
        "POST /statements": Right(answers_for_accesses, page=True),
        "GET /questions": Right(audits, page=True),
        "GET /questions/{question}": Right(audits, page=True),
        "POST /questions/{question}": Right(audits, page=True),
        "GET /flags": Right(audits, page=True),
        "POST /flags/{flag}": Right(audits, page=True),
        "GET /seen": Right(audits, page=True),
        "GET /contradictions": Right(questions_facts, page=True),
        "GET /contradictions/{id}": Right(questions_facts, page=True),
        "POST /contradictions/{id}": Right(questions_facts, page=True),
        "GET /corrections": Right(sees_corrections, page=True),
        "GET /corrections/{correction}": Right(sees_corrections, page=True, more=True),
        "POST /corrections/{correction}": Right(decides_corrections, page=True),
        "POST /corrections/{correction}/annulment": Right(decides_corrections, page=True),
        "GET /people": Right(official, page=True),
        "POST /people": Right(official, page=True, more=True),
        "GET /people/{reference}": Right(official, page=True, more=True),
        "POST /v1/login-codes": Right(administrator),
    },
    "alerts": {
        "GET /v1/worklist": Right(care_staff),
        "POST /v1/worklist/{help_id}/refusal": Right(care_hand),
        "GET /v1/feed": Right(care_hand),
        "GET /v1/feed/stream": Right(care_hand, endless=True),
        "GET /v1/feed.json": Right(care_hand),
        "GET /v1/staff": Right(care_staff),
        "GET /v1/channels/addresses": Right(care_staff),
        "POST /v1/channels/addresses": Right(care_staff),
        "POST /v1/channels/addresses/{address_id}/rotate": Right(care_staff),
        "DELETE /v1/channels/addresses/{address_id}": Right(care_staff),
        "GET /v1/channels/webhooks": Right(care_supervisor),
        "PUT /v1/channels/webhooks/{name}": Right(care_supervisor),
        "GET /v1/channels/webhooks/{name}": Right(care_supervisor),
        "DELETE /v1/channels/webhooks/{name}": Right(care_supervisor),
        "POST /v1/channels/webhooks/{name}/test": Right(care_supervisor),
        "POST /v1/channels/webhooks/{name}/pause": Right(care_supervisor),
        "POST /v1/channels/webhooks/{name}/resume": Right(care_supervisor),
        "POST /v1/channels/webhooks/{name}/rotate": Right(care_supervisor),
        "POST /v1/channels/webhooks/{name}/replay": Right(care_supervisor),
        "POST /v1/channels/webhooks/{name}/retry": Right(care_supervisor),
        "GET /v1/channels/webhooks/{name}/deliveries": Right(care_supervisor),
        "GET /v1/supervision": Right(care_supervisor),
        "PUT /v1/staff": Right(care_supervisor),
        "DELETE /v1/staff/{staff_id}": Right(care_supervisor),
        "POST /v1/staff/{staff_id}/revocation": Right(care_supervisor),
        "GET /v1/schedules": Right(care_staff),
        "PUT /v1/episodes/{episode}/schedules/{schedule}": Right(care_hand),
        "DELETE /v1/episodes/{episode}/schedules/{schedule}": Right(care_hand),
        "POST /v1/episodes/{episode}/handover": Right(care_hand),
        "GET /v1/episodes/{episode}/workers": Right(care_hand),
        "PUT /v1/episodes/{episode}/workers": Right(care_hand),
        "GET /v1/handovers": Right(care_staff),
        "GET /v1/handovers/words": Right(care_hand),
        "POST /v1/handovers/{handover}/accept": Right(care_hand),
        "POST /v1/handovers/{handover}/decline": Right(care_hand),
        "DELETE /v1/handovers/{handover}": Right(care_hand),
        "POST /v1/episodes": Right(care_hand),
        "GET /v1/episodes": Right(care_hand),
        "GET /v1/help-asked-for": Right(care_staff),
        "POST /v1/help-asked-for": Right(care_hand),
        "GET /v1/episodes/{episode}": Right(care_hand),
        "POST /v1/episodes/{episode}/looked": Right(care_hand),
        "GET /v1/episodes/{episode}/task-reports": Right(care_hand),
        "POST /v1/episodes/{episode}/consent": Right(care_hand),
        "DELETE /v1/episodes/{episode}/consent": Right(care_hand),
        "POST /v1/episodes/{episode}/dates": Right(care_hand),
        "POST /v1/episodes/{episode}/delivery": Right(care_hand),
        "POST /v1/episodes/{episode}/risk": Right(care_clinician),
        "POST /v1/episodes/{episode}/pause": Right(care_hand),
        "POST /v1/episodes/{episode}/resume": Right(care_hand),
        "POST /v1/episodes/{episode}/end": Right(care_hand),
        "POST /v1/episodes/{episode}/contacts/{contact}/outcome": Right(care_hand),
        "DELETE /v1/episodes/{episode}/contacts/{contact}/outcome": Right(care_hand),
        "GET /v1/overview": Right(administrator),
        "GET /v1/reconciliations/findings": Right(administrator),
        "GET /worklist": Right(care_staff, page=True),
        "POST /v1/worklist/{task}/wrong": Right(care_hand),
        "GET /v1/task-reports": Right(care_supervisor),
        "DELETE /v1/task-reports/{report}": Right(care_supervisor),
        "POST /v1/episodes/{episode}/own-code": Right(care_hand),
        "GET /v1/me/episode": Right(herself),
        "POST /v1/me/episode/pause": Right(herself),
        "POST /v1/me/episode/resume": Right(herself),
        "DELETE /v1/me/episode/consent": Right(herself),
        "GET /v1/me/episode/copy": Right(herself),
        "GET /v1/me/episode/disclosures": Right(herself),
        "POST /v1/me/questions": Right(herself),
        "GET /v1/me/questions": Right(herself),
        "GET /v1/questions": Right(care_supervisor),
        "POST /v1/questions/{question}/answer": Right(care_supervisor),
        "GET /v1/flags": Right(care_supervisor),
        "POST /v1/flags/{flag}/decision": Right(care_supervisor),
        "GET /me": Right(herself, page=True, login="/me/login"),
        "GET /me/disclosures": Right(herself, page=True, login="/me/login"),
        "GET /me/copy": Right(herself, page=True, login="/me/login"),
        "GET /me/questions": Right(herself, page=True, login="/me/login"),
        "POST /me/questions": Right(herself, page=True, login="/me/login"),
        "POST /me/pause": Right(herself, page=True, login="/me/login"),
        "POST /me/resume": Right(herself, page=True, login="/me/login"),
        "GET /me/withdrawal": Right(herself, page=True, login="/me/login"),
        "POST /me/withdrawal": Right(herself, page=True, login="/me/login"),
        "GET /worklist/{task}": Right(care_hand, page=True),
        "POST /worklist/{task}/wrong": Right(care_hand, page=True),
        "POST /episodes/{episode}/contacts/{contact}/outcome": Right(care_hand, page=True),
        "POST /episodes/{episode}/contacts/{contact}/undo": Right(care_hand, page=True),
        "GET /enrolment": Right(care_hand, page=True),
        "POST /enrolment": Right(care_hand, page=True),
        "GET /asked": Right(care_hand, page=True),
        "GET /asked/{kind}": Right(care_hand, page=True),
        "POST /asked/{kind}": Right(care_hand, page=True),
        "GET /episodes": Right(care_hand, page=True),
        "GET /episodes/{episode}": Right(care_hand, page=True),
        "GET /episodes/{episode}/birth": Right(care_hand, page=True),
        "GET /episodes/{episode}/consent": Right(care_hand, page=True),
        "POST /episodes/{episode}/consent": Right(care_hand, page=True),
        "POST /episodes/{episode}/looked": Right(care_hand, page=True),
        "POST /episodes/{episode}/dates": Right(care_hand, page=True),
        "POST /episodes/{episode}/delivery": Right(care_hand, page=True),
        "POST /episodes/{episode}/schedules": Right(care_hand, page=True),
        "POST /episodes/{episode}/risk": Right(care_clinician, page=True),
        "POST /episodes/{episode}/pause": Right(care_hand, page=True),
        "POST /episodes/{episode}/resume": Right(care_hand, page=True),
        "POST /episodes/{episode}/end": Right(care_hand, page=True),
        "GET /episodes/{episode}/withdrawal": Right(care_hand, page=True),
        "POST /episodes/{episode}/withdrawal": Right(care_hand, page=True),
        "POST /episodes/{episode}/slip": Right(care_hand, page=True),
        "GET /handovers": Right(care_hand, page=True),
        "POST /handovers/{handover}/accept": Right(care_hand, page=True),
        "POST /handovers/{handover}/decline": Right(care_hand, page=True),
        "POST /handovers/{handover}/back": Right(care_hand, page=True),
        "GET /episodes/{episode}/handover": Right(care_hand, page=True),
        "POST /episodes/{episode}/handover": Right(care_hand, page=True),
        "GET /supervision": Right(care_supervisor, page=True),
        "POST /supervision/reports/{report}": Right(care_supervisor, page=True),
        "GET /questions": Right(care_supervisor, page=True),
        "GET /flags": Right(care_supervisor, page=True),
        "POST /flags/{flag}": Right(care_supervisor, page=True),
        "POST /questions/{question}": Right(care_supervisor, page=True),
        "GET /episodes/{episode}/workers": Right(care_hand, page=True),
        "POST /episodes/{episode}/workers": Right(care_hand, page=True),
        "GET /staff": Right(care_supervisor, page=True),
        "POST /staff": Right(care_supervisor, page=True),
        "GET /staff/{line}": Right(care_supervisor, page=True),
        "POST /staff/{line}": Right(care_supervisor, page=True),
        "POST /staff/{line}/end": Right(care_supervisor, page=True),
        "POST /staff/{line}/revocation": Right(care_supervisor, page=True),
        "POST /staff/{line}/again": Right(care_supervisor, page=True),
        "GET /channels": Right(care_staff, page=True),
        "POST /channels/addresses": Right(care_staff, page=True),
        "POST /channels/addresses/{address}/rotate": Right(care_staff, page=True),
        "POST /channels/addresses/{address}/revocation": Right(care_staff, page=True),
        "POST /channels/webhooks": Right(care_supervisor, page=True),
        "GET /channels/webhooks/{name}": Right(care_supervisor, page=True),
        "POST /channels/webhooks/{name}": Right(care_supervisor, page=True),
        "POST /channels/webhooks/{name}/test": Right(care_supervisor, page=True),
        "POST /channels/webhooks/{name}/pause": Right(care_supervisor, page=True),
        "POST /channels/webhooks/{name}/resume": Right(care_supervisor, page=True),
        "POST /channels/webhooks/{name}/retry": Right(care_supervisor, page=True),
        "POST /channels/webhooks/{name}/rotate": Right(care_supervisor, page=True),
        "POST /channels/webhooks/{name}/deletion": Right(care_supervisor, page=True),
        "GET /worklist/paper": Right(care_staff, page=True),
        "GET /worklist/changes": Right(care_staff, page=True),
        "GET /worklist/{help_id}/refusal": Right(care_hand, page=True),
        "POST /worklist/{help_id}/refusal": Right(care_hand, page=True),
        "POST /v1/login-codes": Right(administrator),
    },
}
