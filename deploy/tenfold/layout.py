"""Where everything lies in a data folder, and what each process is told: keys, addresses, commands."""

import importlib
import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from deploy.tenfold.embedded import EmbeddedPostgres
from deploy.tenfold.process_child import ChildSpec
from shared.auth.issuer import Issuer, default_folder
from shared.crypto.keyfile import write_whole
from shared.crypto.keyring import KeyRing
from shared.migrate import upgrade

SERVICES = ("exchange", "registry", "alerts")
WORKER = 5  # its place behind the processes of an API, of which there are four at most
SERVICE_TOKEN_LIVES = timedelta(days=3)
SERVICE_TOKEN_RENEWED = timedelta(hours=12)


@dataclass(frozen=True)
class Layout:
    """One data folder and its ports: exchange on the base port, registry +1, alerts +2. `intakes`: processes of the
    exchange's API, on one port."""

    data: Path
    port_base: int = 8101
    kafka: str | None = None
    intakes: int = 1

    def port(self, service: str) -> int:
        """The port of a service's API."""
        return self.port_base + SERVICES.index(service)

    def metrics_port(self, service: str, process: int) -> int:
        """The port of /metrics of a process: the API's processes are 1 to 4, the worker is 5."""
        return min(self.port(service) + 10 * process, 65_535)

    def url(self, service: str) -> str:
        """The address of a service's API, on loopback."""
        return f"http://127.0.0.1:{self.port(service)}"

    def keys(self, service: str) -> Path:
        """The key ring of a service."""
        return self.data / "keys" / f"{service}.json"

    def token(self, service: str) -> Path:
        """The token of a service, renewed while everything runs."""
        return self.data / "tokens" / f"{service}.jwt"

    @property
    def episode_keys(self) -> Path:
        """The keys of episodes and the erasure ledger: beside the database, not in it."""
        return self.data / "episodes"

    def postgres(self) -> EmbeddedPostgres:
        """The embedded PostgreSQL of this folder."""
        return EmbeddedPostgres(self.data / "postgres")

    def prepare_keys(self) -> None:
        """Create what is missing of every ring; what two services share is copied from the one that owns it."""
        (self.data / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
        for service in SERVICES:
            KeyRing.create(self.keys(service), importlib.import_module(f"services.{service}.keys").OWN_KEYS)
        for service in SERVICES:
            shared = importlib.import_module(f"services.{service}.keys").SHARED_KEYS
            KeyRing.share(self.keys("registry"), self.keys(service), shared)

    def prepare_databases(self, postgres: EmbeddedPostgres) -> None:
        """Create and migrate the three databases."""
        for service in SERVICES:
            postgres.ensure_database(service)
            upgrade(service, postgres.dsn(service))

    def issue_tokens(self, issuer: Issuer) -> None:
        """Give every service a new token, in place of the one before; they read it at each call."""
        (self.data / "tokens").mkdir(mode=0o700, parents=True, exist_ok=True)
        for service in SERVICES:
            token = issuer.issue(subject=service, service=service, ttl=SERVICE_TOKEN_LIVES)
            write_whole(self.token(service), token.encode())

    def environment(self, service: str, postgres: EmbeddedPostgres, issuer: Issuer) -> dict[str, str]:
        """What a process of a service is told."""
        told = {
            "TENFOLD_DATABASE_URL": postgres.dsn(service),
            "TENFOLD_KEYS_FILE": str(self.keys(service)),
            "TENFOLD_JWKS_FILE": str(issuer.public_jwks_path),
            "TENFOLD_SERVICE_TOKEN_FILE": str(self.token(service)),
            "TENFOLD_ENVIRONMENT": "development",
            **{f"TENFOLD_{name.upper()}_URL": self.url(name) for name in SERVICES},
        }
        if service == "alerts":
            told["TENFOLD_EPISODE_KEYS"] = str(self.episode_keys)
        return told | ({"TENFOLD_KAFKA_BOOTSTRAP": self.kafka} if self.kafka else {})

    def children(self, postgres: EmbeddedPostgres, issuer: Issuer) -> list[ChildSpec]:
        """An API and a worker for each service, each with a token to start with."""
        self.issue_tokens(issuer)
        specs = []
        for service in SERVICES:
            told = self.environment(service, postgres, issuer)
            command = [sys.executable, "-m", "deploy.tenfold.cli"]
            api = [*command, "serve", service, "--port", str(self.port(service))]
            many = self.intakes if service == "exchange" else 1
            for number in range(1, many + 1):
                name, shares = f"{service}-api" + (f"-{number}" if number > 1 else ""), ["--share-port"] * (many > 1)
                watched = told | {"TENFOLD_METRICS_PORT": str(self.metrics_port(service, number))}
                specs.append(ChildSpec(name, [*api, *shares], watched, f"{self.url(service)}/readyz"))
            watched = told | {"TENFOLD_METRICS_PORT": str(self.metrics_port(service, WORKER))}
            specs.append(ChildSpec(f"{service}-worker", [*command, "work", service], watched))
        return specs


def state_folder(name: str) -> Path:
    """A folder for the state of `up` or `demo`, below the machine's Tenfold folder."""
    return default_folder() / name


def token_from_environment() -> str | None:
    """A token given by the caller, for production use of the CLI."""
    return os.environ.get("TENFOLD_TOKEN")
