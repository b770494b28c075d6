"""What a process is told from outside, by environment variables named TENFOLD_<FIELD>."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.addresses import Allowed

PROVISIONING = Path(__file__).resolve().parent.parent / "deploy" / "provisioning"


class BrokerSettings(BaseSettings):
    """How Kafka is reached; whoever administers it is told no more than this.

    `kafka_bootstrap` unset means: no broker, pull only. `kafka_topics` is what the names of all topics begin with.
    `kafka_ca_file` unset means: the system's authorities. `kafka_certificate_file` and `kafka_key_file` are our own
    certificate, where the broker asks for one. `kafka_password_file` holds the password, else `kafka_password` is it.
    `kafka_replication`: on how many brokers each topic lies that Tenfold creates.
    `kafka_internal_feeds`: the services follow each other's feeds through Kafka as well, sealed.
    """

    model_config = SettingsConfigDict(env_prefix="TENFOLD_", extra="ignore")

    kafka_bootstrap: str | None = None
    kafka_topics: str = "tenfold"
    kafka_tls: bool = False
    kafka_ca_file: Path | None = None
    kafka_certificate_file: Path | None = None
    kafka_key_file: Path | None = None
    kafka_user: str | None = None
    kafka_password: SecretStr | None = None
    kafka_password_file: Path | None = None
    kafka_internal_feeds: bool = False
    kafka_replication: int = 1
    # The safe one unless somebody says otherwise: development mints login codes and lets an open broker in.
    environment: Literal["development", "production"] = "production"


class Settings(BrokerSettings):
    """Settings every service shares; a service adds its own by subclassing.

    `keys_file` is the service's key ring, `jwks_file` the public keys that tokens are checked with.
    `service_token_file` holds the bearer this service shows to the other two (`service_token`: the bearer itself, for
    a short run).
    `webhook_allowed`: networks, addresses and host names inside, with commas between, at which departments' receivers
    may be called; unset, only public ones.
    `events_per_second` and `requests_per_second`: how much each department may report and ask for, in each process
    (shared/rates.py); 0 is without limit.
    `cases_per_official_and_day` and `cases_per_department_and_day`: how many cases may be asked for by call, in all
    processes together (services/exchange/cases/quotas.py).
    `searches_per_official_and_hour` and `people_per_official_and_day`: how often an official may search, and of how
    many people see something, in all processes together (services/registry/people/quotas.py).
    `oidc_client`, `oidc_secret_file`, `oidc_redirect`, `oidc_scope`: as what this service is known to the token issuer,
    where people log in (shared/sessions/provider.py); `oidc_redirect` is the whole address of this service's
    /login/return. Without a client, people log in by one-time codes, and those are made in development only.
    `episode_keys`: the folder of the keys of episodes and of the erasure ledger (services/alerts/episodes/vault.py), on
    no disk that a backup of the database brings back; unset, a folder beside the key ring.
    `largest_import`: how many bytes a register may have that is sent over HTTP to be imported.
    `digest_hour`: from when on alerts makes a facility's digest of the day, in Asia/Shanghai.
    `metrics_host` and `metrics_port`: where this process answers /metrics; port 0 is nowhere.
    `flagged_…`: beyond so many accesses of one official the protection officer is told (services/registry/misuse).
    `break_glass_…`: how often glass may be broken in a day (services/registry/break_glass).
    `ended_cases_seconds`: so long after a department's case has ended its Kafka topics are begun anew, once for all
    that ended meanwhile.
    """

    # repr=False: the URL carries a password in production, and settings are printed in tracebacks.
    database_url: str = Field(repr=False)
    keys_file: Path
    jwks_file: Path
    token_issuer: str = "tenfold"
    token_audience: str = "tenfold"
    oidc_client: str | None = None
    oidc_secret_file: Path | None = None
    oidc_redirect: str = ""
    oidc_scope: str = "openid"
    service_token_file: Path | None = None
    service_token: SecretStr | None = None
    exchange_url: str = "http://127.0.0.1:8101"
    registry_url: str = "http://127.0.0.1:8102"
    alerts_url: str = "http://127.0.0.1:8103"
    provisioning: Path = PROVISIONING
    webhook_allowed: str = ""
    # Above what one process takes on two cores: they stop a loop gone wild, and not an honest load.
    events_per_second: int = Field(default=20_000, ge=0)
    requests_per_second: int = Field(default=1_000, ge=0)
    cases_per_official_and_day: int = Field(default=50, ge=1)
    cases_per_department_and_day: int = Field(default=500, ge=1)
    searches_per_official_and_hour: int = Field(default=100, ge=1)
    people_per_official_and_day: int = Field(default=500, ge=1)
    flagged_people_per_hour: int = Field(default=60, ge=1)
    flagged_people_per_day: int = Field(default=200, ge=1)
    flagged_without_case_per_day: int = Field(default=50, ge=1)
    flagged_looks_at_one_person_per_day: int = Field(default=10, ge=1)
    break_glass_per_official_and_day: int = Field(default=3, ge=0)
    break_glass_per_department_and_day: int = Field(default=20, ge=0)
    ended_cases_seconds: int = Field(default=3_600, ge=0)
    episode_keys: Path | None = None
    largest_import: int = Field(default=2 * 1024**3, ge=1)
    digest_hour: int = Field(default=7, ge=0, le=23)
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65_535)

    @field_validator("webhook_allowed")
    @classmethod
    def can_be_read(cls, text: str) -> str:
        """A service does not start with a list that it cannot read."""
        Allowed.parse(text)
        return text

    @model_validator(mode="after")
    def people_come_back_safely(self) -> Self:
        """A service does not start with a login that leads nowhere, or through the open."""
        if self.oidc_client is not None:
            if not self.oidc_redirect.endswith("/login/return"):
                raise ValueError("oidc_redirect must be the address of /login/return")
            if self.oidc_secret_file is not None and not self.oidc_secret_file.is_file():
                raise ValueError("oidc_secret_file must be a file")
            addresses = (self.token_issuer, self.oidc_redirect)
            if self.environment == "production" and not all(each.startswith("https://") for each in addresses):
                raise ValueError("token_issuer and oidc_redirect must be https")
        return self

    @property
    def own_hosts(self) -> tuple[str, ...]:
        """The machines of this installation that it is told of: database, services, brokers."""
        database = urlsplit(self.database_url)
        named = [database.hostname, *parse_qs(database.query).get("host", [])]
        named += [urlsplit(each).hostname for each in (self.exchange_url, self.registry_url, self.alerts_url)]
        brokers = (self.kafka_bootstrap or "").split(",")
        named += [each.strip().rpartition(":")[0].strip("[]") for each in brokers]
        return tuple(dict.fromkeys(each for each in named if each and not each.startswith("/")))

    @property
    def episode_folder(self) -> Path:
        """Where the keys of episodes lie."""
        return self.episode_keys or self.keys_file.with_name(f"{self.keys_file.stem}-episodes")

    def bearer(self) -> str:
        """The token this service shows now. A file is read each time: whoever issues tokens renews them there."""
        if self.service_token_file is not None:
            return self.service_token_file.read_text().strip()
        return self.service_token.get_secret_value() if self.service_token else ""
