"""One Kafka broker as a child process: start, stop, kill, wipe. Listens on the loopback address only."""

import fcntl
import os
import select
import shutil
import signal
import ssl
import subprocess
import time
from pathlib import Path
from typing import Final

from deploy.kafka import jars
from deploy.kafka.jars import BrokerUnavailable, available
from deploy.kafka.probe import answers, free_ports

__all__ = ["Broker", "BrokerUnavailable", "available"]

HOST: Final = "127.0.0.1"
CLUSTER: Final = "dGVuZm9sZC1icm9rZXItMQ"  # 16 bytes, base64url: "tenfold-broker-1"
START_SECONDS: Final = 60
STOP_SECONDS: Final = 20
# A short life on two cores: no second compiler, the simple collector, a small heap.
JVM: Final = ("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Djava.awt.headless=true")

PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=BROKER://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=BROKER://{host}:{port}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
delete.topic.enable=true
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
# After a crash the controller refuses the broker until its last session has expired: 9 s unless told.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
"""


class Broker:
    """A broker whose files all lie in `folder` (data/, server.properties, broker.log, broker.pid).

    The port stays the same over stop, kill and wipe, so that clients meet the same address again.
    Blocking calls: from an event loop use asyncio.to_thread.
    """

    def __init__(
        self, folder: Path, port: int | None = None, more: str = "", tls: ssl.SSLContext | None = None
    ) -> None:
        """`more` are further lines of server.properties: a property that stands twice has its last value.

        `tls` is how to ask whether it is ready, where `more` makes its first listener one that asks for certificates.
        """
        self.folder = folder
        self._more, self._tls = more, tls
        free = free_ports(2)
        self.port = free[0] if port is None else port
        self._controller_port = free[1]
        self._process: subprocess.Popen[bytes] | None = None
        self._claim: int | None = None

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """The process id of the running broker; raises BrokerUnavailable when it does not run."""
        if self._process is None or self._process.poll() is not None:
            raise BrokerUnavailable("the broker does not run")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def install(self) -> Path:
        """Fetch the jars once; raises BrokerUnavailable with the reason when the machine cannot."""
        return jars.install()

    def start(self) -> None:
        """Format the storage when it is new, start the broker and wait until it answers. Does nothing when it runs.

        Raises BrokerUnavailable: no JDK or Maven, the folder or port in use, or no answer within START_SECONDS.
        """
        if self.running:
            return
        classpath = f"{self.install()}{os.sep}*"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._claim_folder()
        self._end_orphan()
        settings = self._write_settings()
        if not (self.folder / "data" / "meta.properties").exists():
            self._format(classpath, settings)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_java(classpath), "kafka.Kafka", str(settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C in a terminal reaches us, and we stop the broker in order
            )
        self._pid_file.write_text(str(self._process.pid))
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """End the broker in order, by force after a deadline. Does nothing when it does not run."""
        self._end(signal.SIGTERM)

    def wait(self) -> None:
        """Return when the broker has ended by itself."""
        if self._process is not None:
            self._process.wait()

    def kill(self) -> None:
        """End the broker at once, as a crash would."""
        self._end(signal.SIGKILL)

    def wipe(self) -> None:
        """Delete everything the broker has stored: topics, records, identities. Stops it first."""
        self.kill()
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    @property
    def _log(self) -> Path:
        return self.folder / "broker.log"

    @property
    def _pid_file(self) -> Path:
        return self.folder / "broker.pid"

    def _write_settings(self) -> Path:
        path = self.folder / "server.properties"
        values = {"host": HOST, "port": self.port, "controller": self._controller_port, "data": self.folder / "data"}
        path.write_text((PROPERTIES + self._more).format(**values))
        return path

    def _format(self, classpath: str, settings: Path) -> None:
        command = [*_java(classpath), "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(settings)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS, check=False)
        if done.returncode != 0:
            raise BrokerUnavailable(f"the broker's storage could not be formatted:\n{done.stdout}{done.stderr}")

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers(HOST, self.port, tls=self._tls):
            if process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                told = self._log.read_text(errors="replace")[-2000:]
                raise BrokerUnavailable(f"the broker did not become ready on {self.bootstrap}:\n{told}")
            time.sleep(0.05)
        if process.poll() is not None:
            raise BrokerUnavailable(f"another process listens on {self.bootstrap}")

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(STOP_SECONDS)
            self._pid_file.unlink(missing_ok=True)
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    def _claim_folder(self) -> None:
        """One living owner for each folder. The claim ends with our process: what still runs then is an orphan."""
        if self._claim is not None:
            return
        claim = os.open(self.folder / "owner.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(claim)
            raise BrokerUnavailable("another process runs a broker in this folder") from error
        self._claim = claim

    def _end_orphan(self) -> None:
        """End a broker of this folder whose parent was killed: it would hold the lock on the data folder."""
        try:
            pid = int(self._pid_file.read_text())
            handle = os.pidfd_open(pid)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if os.fsencode(self.folder / "server.properties") in command:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                select.select([handle], [], [], STOP_SECONDS)  # readable once the process has ended
        except (FileNotFoundError, ProcessLookupError):
            pass
        finally:
            os.close(handle)


def _java(classpath: str) -> list[str]:
    logging = Path(__file__).with_name("log4j2.properties")
    return ["java", *JVM, f"-Dlog4j2.configurationFile={logging}", "-cp", classpath]
