"""`tenfold audit`: print where the chain over an access log stands, and check all of it."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shared.audit import repository
from shared.audit.checkpoint import PublicKey, keys_in, keys_of, public_jwks
from shared.audit.verify import Verdict, Verification
from shared.crypto.keyring import KeyRing
from shared.db import connect

AUDITED = ("registry", "alerts")
NAMED = 20
"""So many faults are named each; of the rest there are counts."""
console = Console(stderr=True, soft_wrap=True)
audit = typer.Typer(help="The chain over the access log: print its checkpoint, check every row.", no_args_is_help=True)

Service = Annotated[str, typer.Option(help="registry or alerts")]
Url = Annotated[str, typer.Option(envvar="TENFOLD_DATABASE_URL", help="The service's database; reading is enough.")]
Keys = Annotated[Path | None, typer.Option(envvar="TENFOLD_KEYS_FILE", help="The service's key ring.")]


def audited(service: str) -> str:
    """Refuse a service that keeps no access log."""
    if service not in AUDITED:
        raise typer.BadParameter(f"must be one of {', '.join(AUDITED)}")
    return service


@audit.command()
def checkpoint(url: Url, service: Service = "registry") -> None:
    """Print the newest signed checkpoint as one line. Keep it where nobody of the operators can change it."""
    audited(service)
    line = asyncio.run(newest(url))
    if line is None:
        console.print("nothing is sealed yet")
        raise typer.Exit(1)
    typer.echo(line)


@audit.command()
def key(keys: Annotated[Path, typer.Option(envvar="TENFOLD_KEYS_FILE", help="The service's key ring.")]) -> None:
    """Print the public key that checks checkpoints, as a JWKS. It may be given to anyone."""
    typer.echo(json.dumps(public_jwks(KeyRing.load(keys))))


@audit.command()
def verify(
    url: Url,
    service: Service = "registry",
    keys: Keys = None,
    public_key: Annotated[
        Path | None, typer.Option(help="A JWKS from `tenfold audit key`, in place of the ring.")
    ] = None,
    kept: Annotated[
        Path | None, typer.Option("--checkpoint", help="Checkpoints that were kept elsewhere, one a line.")
    ] = None,
) -> None:
    """Read the whole access log against its seals. Ends with 1 and names what was changed, if anything was."""
    audited(service)
    if public_key is not None:
        known = keys_in(public_key.read_bytes())
    elif keys is not None:
        known = keys_of(KeyRing.load(keys))
    else:
        raise typer.BadParameter("give --keys or --public-key")
    lines = [line.strip() for line in kept.read_text().splitlines() if line.strip()] if kept else []
    verdict = asyncio.run(verified(url, service, known, lines))
    tell(verdict)
    raise typer.Exit(1 if verdict.faults else 0)


async def newest(url: str) -> str | None:
    """The newest checkpoint's line."""
    pool = await connect(url, most=1)
    async with pool.acquire() as connection:
        line = await repository.checkpoint(connection)
    await pool.close()
    return line


async def verified(url: str, service: str, known: PublicKey, kept: Sequence[str]) -> Verdict:
    """Verify with a bar that moves with the rows that were read."""
    pool = await connect(url, most=1)
    async with pool.acquire() as connection:
        _, rows = await repository.counts(connection)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("rows", total=rows)
        found = await Verification(service, known, kept, lambda read: bar.advance(task, read)).run(pool)
    await pool.close()
    return found


def tell(verdict: Verdict) -> None:
    """Say what was read, and what is wrong with it."""
    typer.echo(f"read {verdict.rows} rows in {verdict.seals} seals")
    if verdict.waiting.rows and verdict.waiting.oldest is not None:
        typer.echo(f"not sealed yet: {verdict.waiting.rows} rows, the oldest of {verdict.waiting.oldest.isoformat()}")
    for fault in verdict.faults[:NAMED]:
        typer.echo(f"{fault.what} seal {fault.seal}" + (f" row {fault.row}" if fault.row else ""))
    if len(verdict.faults) > NAMED:
        counts = Counter(fault.what for fault in verdict.faults)
        typer.echo("in all: " + ", ".join(f"{number} {what}" for what, number in sorted(counts.items())))
    typer.echo("CHANGED" if verdict.faults else "unchanged")
