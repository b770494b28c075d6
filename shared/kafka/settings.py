"""How every Kafka connection of Tenfold is set up."""

import logging
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any, Final, Literal

REQUEST_SECONDS: Final = 5.0
METADATA_SECONDS: Final = 5.0  # so soon a partition that was added is found

# At DEBUG aiokafka writes whole requests, and so personal data, into the log; and while a broker is gone it complains
# with every attempt. Callers are told both once: by `TopicReader.problem`, Unreachable and Undelivered.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Where the brokers are and how to prove who we are. `bootstrap` is "host:port", several joined by commas.

    Client certificates come in through `tls`; `certificate` says that there is one. `replication` is for topics that
    Tenfold creates.
    """

    bootstrap: str
    client: str = "tenfold"
    tls: SSLContext | None = field(default=None, repr=False)
    certificate: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    replication: int = 1

    @property
    def authenticated(self) -> bool:
        """Whether each side proves who it is; outside development a service refuses to start when this is false."""
        return self.tls is not None and (self.certificate or self.user is not None)

    def connection(self) -> dict[str, Any]:
        """The arguments that aiokafka's client and admin client have in common."""
        protocol = ("SASL_" if self.user is not None else "") + ("SSL" if self.tls is not None else "PLAINTEXT")
        return {
            "bootstrap_servers": self.bootstrap.split(","),
            "client_id": self.client,
            "request_timeout_ms": int(REQUEST_SECONDS * 1000),
            "metadata_max_age_ms": int(METADATA_SECONDS * 1000),
            "security_protocol": protocol,
            "ssl_context": self.tls,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }
