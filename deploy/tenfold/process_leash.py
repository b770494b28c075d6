"""Run a command that the kernel ends when the supervisor dies, even by kill -9.

Called as a script, by its path: `python -I -S process_leash.py SUPERVISOR-PID COMMAND ARGUMENT…`. It becomes the
command, so the process id stays. A script and not `preexec_fn`, which may deadlock in a program that has threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for SIGTERM at the parent's death, then become the command."""
    supervisor, command = int(sys.argv[1]), sys.argv[2:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != supervisor:  # it died before the kernel was asked
        sys.exit(1)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
