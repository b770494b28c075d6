"""PostgreSQL processes that an earlier, killed owner left behind in a database folder."""

import os
import signal
import subprocess
from pathlib import Path

from deploy.tenfold import process
from deploy.tenfold.embedded_account import Account
from deploy.tenfold.embedded_cluster import PORT


def end_orphans(cluster: Path, account: Account) -> None:
    """End every PostgreSQL process that works in `cluster`, then remove what would stop the next one.

    The caller holds the folder's lock, so whatever still runs there has no owner. Raises TimeoutError.
    """

    def works_here(pid: int) -> bool:
        return _works_in(pid, cluster, account)

    first = postmaster_lines(cluster)[:1]
    with process.opened(works_here) as found:
        if first and first[0].isdigit() and int(first[0]) in found:  # only the postmaster shuts down on SIGINT
            process.send(found[int(first[0])], signal.SIGINT)
            process.wait_until_ended(list(found.values()), 3.0)
    process.end_all(works_here, [(signal.SIGQUIT, 2.0), (signal.SIGKILL, 10.0)])
    # PostgreSQL believes a lock file whose number is some live process or a zombie nobody reaps. We know better.
    for stale in ("postmaster.pid", f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (cluster / stale).unlink(missing_ok=True)


def postmaster_lines(cluster: Path) -> list[str]:
    """postmaster.pid: line 1 is the process id, line 8 says `ready`. Empty when there is none."""
    try:
        return [line.strip() for line in (cluster / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []


def _works_in(pid: int, cluster: Path, account: Account) -> bool:
    folder = process.PROC / str(pid)
    try:
        if (folder / "comm").read_text() != "postgres\n" or folder.stat().st_uid != account.uid:
            return False
        links = [os.readlink(folder / name) for name in ("exe", "cwd")]
    except PermissionError:  # root without CAP_SYS_PTRACE, as in a container: ask as the account itself
        links = _links_as(account, folder)
    except OSError:
        return False
    exe = links[0].removesuffix(" (deleted)") if links else ""
    return exe.endswith("/postgres") and links[1:] == [str(cluster.resolve())]


def _links_as(account: Account, folder: Path) -> list[str]:
    argv = ["readlink", str(folder / "exe"), str(folder / "cwd")]
    with account.popen(argv, Path("/"), stdin=subprocess.DEVNULL, output=subprocess.PIPE) as it:
        return it.communicate()[0].splitlines()
