"""Start everything of one data folder under the supervisor."""

import threading
from collections.abc import Callable

from rich.console import Console

from deploy.tenfold.embedded import EmbeddedPostgresError
from deploy.tenfold.layout import SERVICE_TOKEN_RENEWED, Layout
from deploy.tenfold.supervisor import Supervisor, SupervisorError
from shared.auth.issuer import Issuer

console = Console(stderr=True, soft_wrap=True)


def start(layout: Layout, on_ready: Callable[[], None]) -> None:
    """Run until SIGTERM or Ctrl-C. Exits with a clear message where something is in the way."""
    layout.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    layout.prepare_keys()
    issuer = Issuer.open()
    postgres = layout.postgres()
    supervisor = Supervisor(
        layout.data,
        layout.children(postgres, issuer),
        postgres=postgres,
        prepare=lambda: layout.prepare_databases(postgres),
        on_ready=on_ready,
    )
    ended = threading.Event()
    threading.Thread(target=renew, args=(layout, issuer, ended), name="tokens", daemon=True).start()
    try:
        supervisor.run()
    except (SupervisorError, EmbeddedPostgresError) as trouble:
        console.print(str(trouble), style="red", markup=False, highlight=False)
        raise SystemExit(1) from None
    finally:
        ended.set()


def renew(layout: Layout, issuer: Issuer, ended: threading.Event) -> None:
    """Renew the services' tokens long before they end, for as long as everything runs."""
    while not ended.wait(SERVICE_TOKEN_RENEWED.total_seconds()):
        layout.issue_tokens(issuer)
