"""The database folder: made whole or not at all, configured anew at every start."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.tenfold.embedded_account import Account, EmbeddedPostgresError, operating_user
from deploy.tenfold.embedded_binaries import VERSION

ROLE = "tenfold"
PORT = 5432  # part of the socket's name only; nothing listens on TCP
HERE = "/proc/self/cwd"  # resolves in the kernel, so a folder below closed ones can be used without opening those

SETTINGS = {
    "cluster_name": f"'{ROLE}'",  # shown by ps
    "listen_addresses": "''",
    "port": str(PORT),
    "unix_socket_directories": "'.'",  # relative to the database folder, which is 0700
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "max_locks_per_transaction": "1024",  # a batch takes one advisory lock per identifier
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
    "max_parallel_maintenance_workers": "1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "idle_in_transaction_session_timeout": "'60s'",  # a cancelled task may leave a transaction and its locks open
    # No personal data in logs: statements, their values and the DETAIL of errors are never written.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}
# For tests: everything that only matters after a power cut is off.
# Without autovacuum: a worker of its runs as superuser, and while one looks at a database no other role can drop it.
FLEETING = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "io_method": "sync",
    "autovacuum": "off",
}

# The services' role is no superuser. It makes its databases and watches and checkpoints its server, no more.
NEW_ROLE = f"CREATE ROLE {ROLE} LOGIN CREATEDB CREATEROLE;\n\nGRANT pg_monitor, pg_checkpoint TO {ROLE};\n\n"


def create(cluster: Path, account: Account, programs: Path, *, durable: bool) -> None:
    """Make a new database folder beside `cluster` and rename it into position. Raises EmbeddedPostgresError."""
    for leftover in cluster.parent.glob("new-*"):
        shutil.rmtree(leftover)
    staging = Path(tempfile.mkdtemp(prefix="new-", dir=cluster.parent))
    account.own(staging)
    initdb = [
        "initdb", "-D", HERE, "--username=postgres", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8", "--auth-local=peer", "--auth-host=reject", "--no-instructions",
    ]  # fmt: skip
    _run(account, programs, staging, [*initdb, *([] if durable else ["--no-sync"])])
    single = [
        "postgres",
        "--single",
        "-j",
        "-D",
        HERE,
        *([] if durable else ["-F"]),
        "-c",
        "exit_on_error=on",
        "postgres",
    ]
    _run(account, programs, staging, single, NEW_ROLE)
    staging.rename(cluster)
    if durable:
        parent = os.open(cluster.parent, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(parent)
        os.close(parent)


def _run(account: Account, programs: Path, folder: Path, argv: list[str], text: str = "") -> None:
    with account.popen(
        [str(programs / argv[0]), *argv[1:]], folder, stdin=subprocess.PIPE, output=subprocess.PIPE
    ) as it:
        output, _ = it.communicate(text)
    if it.returncode != 0:
        raise EmbeddedPostgresError(f"{argv[0]} failed with {it.returncode}:\n{output[-2000:]}")


def configure(cluster: Path, account: Account, *, durable: bool, shared_buffers: str) -> None:
    """Write settings and log-in rules: only the account that runs us, through the socket, as the role `tenfold`.

    An operator's own settings go into `local.conf` in the same folder; they win.
    """
    made_by = (cluster / "PG_VERSION").read_text().strip() if (cluster / "PG_VERSION").exists() else "nobody"
    if made_by != VERSION:
        raise EmbeddedPostgresError(f"{cluster} was made by PostgreSQL {made_by}, not {VERSION}")
    settings = SETTINGS | {"shared_buffers": f"'{shared_buffers}'"} | ({} if durable else FLEETING)
    lines = [f"{name} = {value}" for name, value in settings.items()]
    if (cluster / "local.conf").exists():
        lines.append("include = 'local.conf'")
    _write(cluster / "postgresql.conf", "\n".join([*lines, ""]), account)
    _write(cluster / "pg_hba.conf", f"local all {ROLE} peer map={ROLE}\n", account)
    _write(cluster / "pg_ident.conf", f'{ROLE} "{operating_user()}" {ROLE}\n', account)


def _write(path: Path, text: str, account: Account) -> None:
    """Replace a file of the account's folder. The folder is not ours alone: never follow a link someone put there."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as file:
        account.own(file.fileno())
        file.write(text)
    new.rename(path)
