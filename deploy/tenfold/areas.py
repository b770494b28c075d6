"""`tenfold areas`: enter a list of areas from a file, look through earlier ones, and take one back."""

import asyncio
import csv
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from deploy.tenfold.talking_status import table, terminal
from deploy.tenfold.talking_trouble import complain, in_plain_words
from shared.auth.issuer import Issuer
from shared.client import Client
from shared.clock import SHANGHAI

areas = typer.Typer(help="The list of areas: splits, merges, new names.", no_args_is_help=True)
Registry = Annotated[str, typer.Option(envvar="TENFOLD_REGISTRY_URL")]
Reason = Annotated[str, typer.Option(help="Why; for example the number of the resolution.")]
REGISTRY = "http://127.0.0.1:8102"
MANY = ("successors",)
HOUSEHOLDS = "households"


def client(registry: str) -> Client:
    """As TENFOLD_TOKEN says, else as an administrator of this machine's issuer."""
    token = os.environ.get("TENFOLD_TOKEN") or Issuer.open().issue(subject="cli:administrator", roles=["administrator"])
    return Client(registry, token, timeout=60)


def read(file: Path) -> list[dict[str, Any]]:
    """The areas of a file: YAML as it is provisioned, or CSV with a header, lists separated by spaces and the
    households of each successor of a split as `code:number number; code:number`. Raises ValueError."""
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix == ".csv":
        return [row_of(row) for row in csv.DictReader(text.splitlines())]
    content = yaml.safe_load(text)
    if not isinstance(content, dict) or not isinstance(content.get("areas"), list):
        raise ValueError("holds no list named areas")
    return [{name: plain(value) for name, value in area.items()} for area in content["areas"]]


def row_of(row: Mapping[str, str]) -> dict[str, Any]:
    """A line of a CSV file; what is empty is left out. Raises ValueError."""
    found: dict[str, Any] = {name: value.split() if name in MANY else value for name, value in row.items() if value}
    if HOUSEHOLDS in found:
        found[HOUSEHOLDS] = placed(found[HOUSEHOLDS])
    return found


def placed(text: str) -> dict[str, list[str]]:
    """Which households each successor of a split holds. Raises ValueError where one is named twice, or none."""
    found: dict[str, list[str]] = {}
    for part in text.replace("；", ";").split(";"):
        code, named, numbers = part.replace("：", ":").partition(":")
        if not named or code.strip() in found:
            raise ValueError(f"{HOUSEHOLDS} names successors, each once, as `code:number number; code:number`")
        found[code.strip()] = numbers.split()
    return found


def plain(value: object) -> object:
    """A value as JSON writes it: YAML reads days as days."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def show(entered: Mapping[str, Any]) -> None:
    """What changes, code by code."""
    shown = table("What changes", "code", "until now", "from now on", texts=3)
    for change in entered["changes"]:
        shown.add_row(change["code"], *(said(change[side]) for side in ("before", "after")))
    terminal().print(shown)
    changes = len(entered["changes"])
    if entered["list_id"]:
        terminal().print(f"entered {entered['list_id']}: {changes} changed")
    else:
        terminal().print(f"tried, nothing entered: {changes} would change")


def said(area: Mapping[str, Any] | None) -> str:
    """An area in a line."""
    if area is None:
        return "-"
    days = f"{area['valid_from'] or '…'} – {area['valid_until'] or '…'}"
    became = f" → {' '.join(area['successors'])}" if area["successors"] else ""
    return f"{area['zh']} {area['en']}, {days}{became}"


@areas.command()
def enter(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The whole list, .yaml or .csv.")],
    reason: Reason,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    registry: Registry = REGISTRY,
) -> None:
    """Let the list of a file stand from now on."""
    try:
        body = {"reason": reason, "areas": read(file)}
    except (ValueError, yaml.YAMLError) as fault:
        complain(f"{file.name} cannot be read: {fault}")
        raise typer.Exit(1) from None

    async def sent() -> int:
        async with client(registry) as registered:
            show(await registered.post(f"/v1/areas/lists?dry_run={str(dry_run).lower()}", body))
        return 0

    raise typer.Exit(asyncio.run(in_plain_words(sent())))


@areas.command("list")
def listed(registry: Registry = REGISTRY) -> None:
    """The newest fifty lists: who entered which, when and why."""

    async def asked() -> int:
        async with client(registry) as registered:
            found = await registered.get("/v1/areas/lists")
        shown = table("Lists of areas", "list", "entered", "by", "reason", "areas", texts=4)
        for each in found["lists"]:
            entered = datetime.fromisoformat(each["entered_at"]).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
            shown.add_row(each["list_id"], entered, each["by"], each["reason"], str(each["areas"]))
        terminal().print(shown)
        return 0

    raise typer.Exit(asyncio.run(in_plain_words(asked())))


@areas.command()
def restore(
    list_id: Annotated[str, typer.Argument(help="As `tenfold areas list` shows it.")],
    reason: Reason,
    registry: Registry = REGISTRY,
) -> None:
    """Let an earlier list stand once more."""

    async def sent() -> int:
        async with client(registry) as registered:
            show(await registered.post(f"/v1/areas/lists/{list_id}/restore", {"reason": reason}))
        return 0

    raise typer.Exit(asyncio.run(in_plain_words(sent())))
