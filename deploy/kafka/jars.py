"""The broker's jars: what must be on the machine, and fetching them once with Maven."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

POM: Final = Path(__file__).with_name("pom.xml")
COPY_PLUGIN: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
OLDEST_JAVA: Final = 17
INSTALL_SECONDS: Final = 300


class BrokerUnavailable(RuntimeError):
    """The broker cannot be installed or started; the message says what to do."""


def available() -> str | None:
    """Why no broker can run on this machine, in one line, or None when it can."""
    java = shutil.which("java")
    if java is None:
        return f"no java on the path: install a JDK, version {OLDEST_JAVA} or newer"
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version.group(1)) < OLDEST_JAVA:
        return f"Kafka needs Java {OLDEST_JAVA} or newer"
    if not _complete(_folder()) and shutil.which("mvn") is None:
        return "no mvn on the path: install Maven, which fetches the broker's jars"
    return None


def install() -> Path:
    """Fetch the jars unless they are there already; return their folder.

    Safe to call from several processes at once. Raises BrokerUnavailable when Maven cannot fetch them.
    """
    reason = available()
    if reason is not None:
        raise BrokerUnavailable(reason)
    folder = _folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _complete(folder):
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    command = ["mvn", "-B", "-q", "-f", str(POM), COPY_PLUGIN, f"-DoutputDirectory={partial}", "-DincludeScope=runtime"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise BrokerUnavailable(f"Maven did not fetch the broker's jars within {INSTALL_SECONDS} s") from error
    if done.returncode != 0:
        raise BrokerUnavailable(f"Maven could not fetch the broker's jars:\n{done.stdout[-2000:]}{done.stderr[-500:]}")
    partial.rename(folder)


def _complete(folder: Path) -> bool:
    # The folder is renamed into place only when every jar has been copied.
    return folder.is_dir()


def state_folder() -> Path:
    """Where jars and the development broker live: the checkout's ignored folder, else the user's cache."""
    checkout = POM.parents[2]
    if (checkout / "pyproject.toml").is_file() and os.access(checkout, os.W_OK):
        return checkout / ".kafka"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tenfold" / "kafka"


def _folder() -> Path:
    # One folder for each content of the pom: a new version never mixes with the old jars.
    return state_folder() / f"jars-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
