"""`tenfold kafka`: for the operator of the broker. How to reach it stands in TENFOLD_KAFKA_… (see docs/kafka.md)."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from shared.settings import PROVISIONING

if TYPE_CHECKING:
    from deploy.kafka.provision import Installation
    from shared.kafka.settings import KafkaSettings

kafka = typer.Typer(help="Topics, users and rights at the broker.", no_args_is_help=True)
console = Console(soft_wrap=True)

PasswordFolder = Annotated[
    Path, typer.Option("--passwords", envvar="TENFOLD_KAFKA_PASSWORDS", help="Folder of <user>.password, 0600 each.")
]
Provisioning = Annotated[Path, typer.Option(envvar="TENFOLD_PROVISIONING", help="Folder with departments.yaml.")]
Partitions = Annotated[int, typer.Option(min=1, max=64, help="Intake topics get at least so many; never fewer.")]


@kafka.command()
def provision(passwords: PasswordFolder, provisioning: Provisioning = PROVISIONING, partitions: Partitions = 3) -> None:
    """Create topics, users and ACLs as departments.yaml says, and remove those it no longer names. May be repeated."""
    from deploy.kafka.provision import provision
    from shared.kafka.errors import TopicMismatch, Unreachable

    broker, installation = _told(passwords, provisioning, partitions)
    try:
        changes = asyncio.run(provision(broker, installation))
    except (Unreachable, TopicMismatch) as trouble:
        raise _failed(trouble) from None
    for change in changes:
        console.print(change.what, style="yellow" if change.warning else "green", markup=False, highlight=False)
    done = [change for change in changes if not change.warning]
    summary = f"{len(installation.departments)} departments, {len(done)} changes; every password is as in its file"
    console.print(summary, markup=False, highlight=False)


@kafka.command()
def rotate(
    user: Annotated[str, typer.Argument(help="A department, or exchange, registry, alerts.")],
    passwords: PasswordFolder,
    provisioning: Provisioning = PROVISIONING,
) -> None:
    """Give one user a new password, in its file and at the broker. Open connections go on; new ones need it."""
    from deploy.kafka.provision import UnknownUser, rotate
    from shared.kafka.errors import Unreachable

    broker, installation = _told(passwords, provisioning, 1)
    try:
        asyncio.run(rotate(broker, installation, user))
    except UnknownUser:
        raise typer.BadParameter(f"must be one of {', '.join(installation.users)}") from None
    except Unreachable as trouble:
        raise _failed(trouble) from None
    console.print(f"new password of {user}: {installation.passwords.file(user)}", markup=False, highlight=False)


def _told(passwords: Path, provisioning: Path, partitions: int) -> tuple["KafkaSettings", "Installation"]:
    from deploy.kafka.passwords import Passwords
    from deploy.kafka.provision import Installation
    from shared.kafka.connecting import ListenerRefused, kafka_settings
    from shared.settings import BrokerSettings
    from shared.sharing.departments import Departments
    from shared.sharing.provisioning import ProvisioningRefused

    settings = BrokerSettings()
    try:
        broker = kafka_settings(settings)
        departments = [each.name for each in Departments.load(provisioning).all() if each.kafka]
    except (ListenerRefused, ProvisioningRefused) as fault:
        raise _failed(fault) from None
    if broker is None:
        raise typer.BadParameter("TENFOLD_KAFKA_BOOTSTRAP names no broker")
    told = (Passwords(passwords), departments, settings.kafka_topics, settings.kafka_internal_feeds, partitions)
    return broker, Installation(*told)


def _failed(trouble: Exception) -> typer.Exit:
    Console(stderr=True, soft_wrap=True).print(str(trouble), style="red", markup=False, highlight=False)
    return typer.Exit(1)
