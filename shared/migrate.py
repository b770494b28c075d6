"""Bring a service's schema up to date: `python -m shared.migrate {upgrade,revise} SERVICE URL [MESSAGE]`."""

import asyncio
import importlib
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData

from shared.reconciliation.repository import install
from shared.reconciliation.tables import TableTally

ROOT = Path(__file__).parent.parent


def metadata(service: str) -> MetaData:
    """The schema as `services/<service>/tables.py` defines it, apart from the other services' tables."""
    own = MetaData()
    for model in importlib.import_module(f"services.{service}.tables").TABLES:
        model.__table__.to_metadata(own)
    return own


def configuration(service: str, url: str) -> Config:
    """Alembic's configuration: one shared environment, versions in the service's own folder."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "shared" / "alembic"))
    config.set_main_option("version_locations", str(ROOT / "services" / service / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(
        url=url.replace("postgresql://", "postgresql+asyncpg://", 1), metadata=metadata(service), run=asyncio.run
    )
    return config


def upgrade(service: str, url: str) -> None:
    """Bring the database to the newest revision; nothing happens where it is there already."""
    command.upgrade(configuration(service, url), "head")
    tables = set(metadata(service).tables)
    if TableTally.__tablename__ in tables:
        asyncio.run(install(url, tables - {TableTally.__tablename__}))


if __name__ == "__main__":
    verb, service, url = sys.argv[1:4]
    if verb == "upgrade":
        upgrade(service, url)
    else:
        command.revision(configuration(service, url), sys.argv[4], autogenerate=True)
