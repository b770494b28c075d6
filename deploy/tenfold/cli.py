"""The `tenfold` command."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.kafka.commands import kafka
from deploy.tenfold.areas import areas
from deploy.tenfold.auditing import audit
from deploy.tenfold.layout import SERVICES, Layout, state_folder
from shared.auth.issuer import Issuer

app = typer.Typer(help="Tenfold: ten departments, one fold.", no_args_is_help=True, pretty_exceptions_enable=False)
console = Console(stderr=True, soft_wrap=True)

app.add_typer(kafka, name="kafka")
app.add_typer(areas, name="areas")
app.add_typer(audit, name="audit")

Data = Annotated[Path | None, typer.Option(help="Data folder; the default lies in the user's state folder.")]
PortBase = Annotated[int, typer.Option(help="Exchange on this port, registry +1, alerts +2.")]
Service = Annotated[str, typer.Argument(help="exchange, registry or alerts")]


def known(service: str) -> str:
    """Refuse an unknown service."""
    if service not in SERVICES:
        raise typer.BadParameter(f"must be one of {', '.join(SERVICES)}")
    return service


@app.command()
def up(
    data: Data = None,
    port_base: PortBase = 8101,
    kafka: Annotated[str | None, typer.Option()] = None,
    intakes: Annotated[int, typer.Option(min=1, max=4, help="Processes of the exchange's API, on one port.")] = 1,
) -> None:
    """Start everything on this machine: PostgreSQL, three services and their workers. Ctrl-C ends all of it."""
    from deploy.tenfold.starting import start

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    layout = Layout(data or state_folder("data"), port_base, kafka, intakes)
    start(layout, lambda: console.print("Tenfold runs: " + "  ".join(f"{s} {layout.url(s)}" for s in SERVICES)))


@app.command()
def serve(
    service: Service,
    port: Annotated[int, typer.Option()] = 8000,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    share_port: Annotated[bool, typer.Option(help="Beside other processes of this API on the same port.")] = False,
) -> None:
    """Serve one service's API (settings from TENFOLD_… variables)."""
    from deploy.tenfold.running import serve

    serve(known(service), host, port, share_port=share_port)


@app.command()
def work(service: Service) -> None:
    """Run one service's worker (settings from TENFOLD_… variables)."""
    from deploy.tenfold.running import work

    work(known(service))


@app.command()
def migrate(service: Service, url: Annotated[str, typer.Option(envvar="TENFOLD_DATABASE_URL")]) -> None:
    """Bring one service's database to the newest schema."""
    from shared.migrate import upgrade

    upgrade(known(service), url)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A register: .csv or .parquet.")],
    mapping: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="YAML: which column is which field.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge all rows and write their faults only.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an import that was stopped.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Processes that judge and write.")] = 2,
) -> None:
    """Import an existing household register beside the registry's database (its settings from TENFOLD_… variables)."""
    from deploy.tenfold.imports import import_file

    raise typer.Exit(import_file(file, mapping, dry_run=dry_run, resume=resume, workers=workers))


@app.command("weights")
def weights_(
    out: Annotated[Path, typer.Argument(help="A file that is not there yet, to be reviewed.")],
    share: Annotated[int, typer.Option(min=1, help="One person in this many is read.")] = 10,
) -> None:
    """Learn from the registry's own records how often its reporters err, and write the next version of the weights."""
    from deploy.tenfold.weights import learn

    raise typer.Exit(learn(out, share))


@app.command("rebuild")
def rebuild_(
    service: Annotated[str, typer.Argument(help="registry: nobody else has tables that derive from facts")],
    switch: Annotated[bool, typer.Option("--switch", help="Let what was derived stand where it differs.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Processes that derive.")] = 2,
) -> None:
    """Derive people, residencies, numbers and blocks once more beside the live tables, and compare."""
    from deploy.tenfold.rebuilding import rebuild

    if service != "registry":
        raise typer.BadParameter("must be registry")
    raise typer.Exit(rebuild(switch=switch, workers=workers))


@app.command()
def token(
    department: Annotated[str | None, typer.Option()] = None,
    purpose: Annotated[str | None, typer.Option()] = None,
    role: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    area: Annotated[list[str] | None, typer.Option()] = None,
    facility: Annotated[str | None, typer.Option()] = None,
    subject: Annotated[str | None, typer.Option()] = None,
    service: Annotated[str | None, typer.Option(help="Of the platform, such as identity-provider.")] = None,
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 30)] = 1,
) -> None:
    """Print a token of this machine's own issuer: one bare line."""
    roles = role or (["reporter", "follower"] if department else [])
    try:
        issued = Issuer.open().issue(
            subject=subject or f"cli:{department or service or 'nobody'}",
            department=department,
            service=service,
            purpose=purpose,
            roles=roles,
            areas=area or [],
            facility=facility,
            ttl=timedelta(hours=hours),
        )
    except ValueError as fault:
        raise typer.BadParameter(str(fault)) from None
    typer.echo(issued)


@app.command()
def login(
    service: Annotated[str, typer.Argument(help="Whose page: exchange, registry or alerts")],
    department: Annotated[str | None, typer.Option(help="Without one: an administrator.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What they are there for.")] = None,
    facility: Annotated[str | None, typer.Option(help="Of alerts.")] = None,
    subject: Annotated[str, typer.Option()] = "cli",
    port_base: PortBase = 8101,
) -> None:
    """Print where to log in, and a one-time code. Development only: production comes by OIDC."""
    from deploy.tenfold.talking_login import login

    known(service)
    usual = ["care-worker"] if facility else ["reporter", "follower", "clerk"] if department else ["administrator"]
    given = {"department": department, "purpose": purpose, "facility": facility}
    wanted = {"subject": subject, "roles": role or usual, **{name: each for name, each in given.items() if each}}
    raise typer.Exit(asyncio.run(login(Layout(Path(), port_base), service, wanted)))


@app.command()
def example(
    type_name: Annotated[str, typer.Argument(help="birth.certified, cn.tenfold.birth.certified.v1, …")],
    people: Annotated[int, typer.Option(help="As the demo was started with.")] = 10_000,
) -> None:
    """Print a valid sample CloudEvent that applies to the demo's people, with a new id each time."""
    from deploy.tenfold.talking import example

    try:
        typer.echo(example(type_name, people))
    except ValueError as fault:
        raise typer.BadParameter(str(fault)) from None


@app.command()
def post(
    file: Annotated[Path, typer.Argument(help="A CloudEvent or an array of them as JSON; - for standard input.")],
    department: Annotated[str | None, typer.Option(help="Whose token to use; read off the event if left out.")] = None,
    exchange: Annotated[str, typer.Option(envvar="TENFOLD_EXCHANGE_URL")] = "http://127.0.0.1:8101",
    wait: Annotated[bool, typer.Option(help="Wait until the receipts are settled.")] = False,
    batch: Annotated[
        str | None, typer.Option(help="Corrections as one bulk load under this id, in its own lane.")
    ] = None,
) -> None:
    """Report events and print what was answered."""
    from deploy.tenfold.talking import post, post_bulk

    if batch is not None:
        raise typer.Exit(asyncio.run(post_bulk(file, department, exchange, batch, wait=wait)))
    raise typer.Exit(asyncio.run(post(file, department, exchange, wait=wait)))


@app.command()
def follow(
    department: Annotated[str, typer.Argument()],
    exchange: Annotated[str, typer.Option(envvar="TENFOLD_EXCHANGE_URL")] = "http://127.0.0.1:8101",
    after: Annotated[str | None, typer.Option(help="Cursor epoch:position.")] = None,
    once: Annotated[bool, typer.Option(help="End at the head instead of waiting.")] = False,
) -> None:
    """Print a department's feed, one entry a line, as they come."""
    from deploy.tenfold.talking import follow

    try:
        raise typer.Exit(asyncio.run(follow(department, exchange, after, once=once)))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@app.command()
def status(port_base: PortBase = 8101, json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show feeds, lags, held and parked of a running Tenfold."""
    from deploy.tenfold.talking import status

    raise typer.Exit(asyncio.run(status(Layout(Path(), port_base), as_json=json)))


@app.command()
def demo(
    people: Annotated[int, typer.Option(min=50, help="How many people live in the county.")] = 10_000,
    days: Annotated[int, typer.Option(min=7, max=90, help="Days to play, ending today.")] = 30,
    once: Annotated[bool, typer.Option(help="End when everything is accounted for.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One last line of JSON on standard output.")] = False,
    data: Data = None,
    port_base: PortBase = 8101,
) -> None:
    """Start everything, settle a county, play a month of its life through the public API, and account for all of it."""
    from deploy.tenfold.demo import demo

    layout = Layout(data or state_folder("demo"), port_base)
    raise typer.Exit(demo(layout, people, days, once=once, as_json=json))


@app.command()
def care(
    json: Annotated[bool, typer.Option("--json", help="One last line of JSON on standard output.")] = False,
) -> None:
    """Nine months of care at a made-up facility in seconds, on a date that is set; every transition with its reason."""
    from deploy.tenfold.care.run import care

    raise typer.Exit(care(as_one_line=json))


def main() -> None:
    """Entry point."""
    app()


if __name__ == "__main__":
    main()
