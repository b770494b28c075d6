"""What `tenfold care` shows: every transition with its reason, and at the end whether all went as it must."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.tenfold.care.played import Played, Transition
from deploy.tenfold.care.women import WOMEN

STYLES = {"opened": "green", "overdue": "yellow", "missed": "red", "moved-here": "cyan", "moved-away": "cyan"}


def line(transition: Transition) -> Text:
    """One transition: when, where, what, who and why. A close has no reason, and nobody's name."""
    told = Text(f"{transition.day} {transition.facility} ")
    told.append(f"{transition.kind:<11}", style=STYLES.get(transition.kind, "dim"))
    if transition.who:
        told.append(f" {transition.who}", style="bold")
        told.append(f"  {transition.title}")
        told.append(f"  ({transition.reason})", style="dim")
    return told


def cast() -> Table:
    """Who is played."""
    shown = Table(title="Twelve women who agreed. None of them exists.", title_justify="left")
    for heading in ("Name", "Weeks on the first day", "What happens"):
        shown.add_column(heading, justify="right" if heading.startswith("Weeks") else "left")
    for woman in WOMEN:
        shown.add_row(woman.name, str(woman.weeks), woman.story)
    return shown


def checks(played: Played) -> list[tuple[bool, str]]:
    """What must hold at the end."""
    return [
        (bool(played.transitions), f"{len(played.transitions)} transitions were told, each with its day"),
        (played.repeated == 0, "each was told once"),
        (
            all(each.who for each in played.transitions if each.kind == "opened"),
            "each task says whom it is for, and why",
        ),
        (played.withheld > 0, f"{played.withheld} entries are withheld by now: her consent was withdrawn"),
        (not played.readable, "what was withdrawn can be read by nobody"),
        (bool(played.kinds["missed"] and played.kinds["overdue"]), "who did not come was due, overdue and missed"),
        (bool(played.kinds["moved-away"] and played.kinds["moved-here"]), "who moved was handed over"),
    ]


def show(console: Console, played: Played) -> bool:
    """The account; whether all of it holds."""
    counted = Table(title="Transitions", title_justify="left")
    counted.add_column("Kind")
    counted.add_column("Number", justify="right")
    for kind, number in sorted(played.kinds.items()):
        counted.add_row(kind, str(number))
    console.print(counted)
    found = checks(played)
    for holds, what in found:
        console.print(Text("✓ " if holds else "✗ ", style="green" if holds else "red") + Text(what))
    return all(holds for holds, _ in found)
