"""`tenfold status`: what runs, what was reported, how far every feed is followed."""

import dataclasses
import json
from collections import defaultdict
from contextlib import AsyncExitStack

from rich import box
from rich.console import Console
from rich.table import Table

from deploy.tenfold.layout import SERVICES, Layout
from deploy.tenfold.talking_figures import Feed, Figures, read
from deploy.tenfold.talking_trouble import complain, in_plain_words
from shared.auth.issuer import Issuer
from shared.client import Client


async def status(layout: Layout, as_json: bool) -> int:
    """Print the figures. Exit code 1 when a service is down."""
    return await in_plain_words(look(layout, as_json))


async def look(layout: Layout, as_json: bool) -> int:
    """See `status`."""
    token = Issuer.open().issue(subject="cli:administrator", roles=["administrator"])
    async with AsyncExitStack() as stack:
        clients = {
            service: await stack.enter_async_context(Client(layout.url(service), token, timeout=10))
            for service in SERVICES
        }
        figures = await read(clients)
    if as_json:
        print(json.dumps(members(figures)))  # noqa: T201 - the answer itself, bare
    elif not any(figures.up.values()):
        first, last = layout.port(SERVICES[0]), layout.port(SERVICES[-1])
        complain(f"Nothing answers on ports {first} to {last}. Is `tenfold up` running there?")
    else:
        show(layout, figures)
    return 0 if all(figures.up.values()) else 1


def members(figures: Figures) -> dict[str, object]:
    """The figures for programs."""
    return {
        "services": {service: "up" if up else "down" for service, up in figures.up.items()},
        "departments": [dataclasses.asdict(department) for department in figures.departments],
        "feeds": [dataclasses.asdict(feed) for feed in figures.feeds],
        "followers": [dataclasses.asdict(follower) for follower in figures.followers],
        "held": figures.total("held"),
        "parked": figures.parked,
    }


def table(title: str, *columns: str, texts: int = 1) -> Table:
    """A table whose first columns are text and whose others are figures."""
    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(columns):
        made.add_column(column, justify="left" if place < texts else "right", no_wrap=True)
    return made


def terminal(*, stderr: bool = False) -> Console:
    """Where tables go: as wide as the terminal, and wide enough for every table in a file or pipe."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=100)


def show(layout: Layout, figures: Figures) -> None:
    """The figures for people."""
    console = terminal()
    services = table("Services", "service", "address", "", texts=3)
    for service, up in figures.up.items():
        services.add_row(service, layout.url(service), "[green]up[/]" if up else "[red]down[/]")
    console.print(services)
    if figures.departments:
        console.print(departments_table(figures))
    followers = table("Followers", "service", "follows", "position", "lag", texts=2)
    for each in figures.followers:
        lag = "[dim]?[/]" if each.lag is None else f"[{'green' if each.lag == 0 else 'yellow'}]{each.lag:,}[/]"
        place = "[dim]?[/]" if each.position is None else f"{each.position:,}"
        followers.add_row(each.service, f"{each.feed} / {each.partition}", place, lag)
    console.print(followers)
    console.print(feeds_table(figures.feeds))
    held, parked = figures.total("held"), figures.parked
    colour = "red" if parked else "green"
    console.print(f"held {held:,}   parked [{colour}]{parked:,}[/]   on the way {figures.total('pending'):,}")


def departments_table(figures: Figures) -> Table:
    """Who reported, and what became of it."""
    made = table("Reported", "department", "accepted", "applied", "held", "rejected", "on the way")
    for row in figures.departments:
        counts = (row.accepted, row.applied, row.held, row.rejected, row.pending)
        made.add_row(row.department, *(f"{count:,}" for count in counts))
    return made


def feeds_table(feeds: tuple[Feed, ...]) -> Table:
    """Every feed, its partitions together; a feed with a hole is red."""
    together: dict[tuple[str, str], list[Feed]] = defaultdict(list)
    for feed in feeds:
        together[feed.service, feed.feed].append(feed)
    made = table("Feeds", "service", "feed", "partitions", "head", "entries", texts=2)
    for (service, name), parts in together.items():
        head, entries = sum(part.head for part in parts), sum(part.entries for part in parts)
        colour = "" if head == entries else "[red]"
        made.add_row(service, name, str(len(parts)), f"{head:,}", f"{colour}{entries:,}")
    return made
