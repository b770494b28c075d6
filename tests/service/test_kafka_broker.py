"""The broker as a child process: one owner, found again after its owner was killed, on the loopback address only."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker, BrokerUnavailable
from deploy.kafka.probe import answers

pytest_plugins = ["tests.kafka"]

OWNER = """
import sys, pathlib
from deploy.kafka.broker import Broker
broker = Broker(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
broker.start()
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_folder_has_one_owner_at_a_time(kafka_broker: Broker) -> None:
    with pytest.raises(BrokerUnavailable, match="another process"):
        Broker(kafka_broker.folder).start()
    assert answers("127.0.0.1", kafka_broker.port)


def test_a_broker_listens_on_the_loopback_address_only(kafka_broker: Broker) -> None:
    wanted = {f"0100007F:{kafka_broker.port:04X}", f"0000000000000000FFFF00000100007F:{kafka_broker.port:04X}"}
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    listening = {line[1] for line in lines if line[3] == "0A" and line[1].endswith(f":{kafka_broker.port:04X}")}
    assert listening
    assert listening <= wanted


def test_a_broker_whose_owner_was_killed_is_replaced_at_the_next_start(fragile_broker: Broker, tmp_path: Path) -> None:
    fragile_broker.stop()  # not two large processes more than needed
    broker = Broker(tmp_path)
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path), str(broker.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        orphan = int((tmp_path / "broker.pid").read_text())
        owner.kill()
        owner.communicate()
        assert answers("127.0.0.1", broker.port)
        broker.start()
        assert broker.pid != orphan
        assert not _alive(orphan)
    finally:
        owner.kill()
        broker.kill()


def test_the_foreground_command_ends_its_broker_on_ctrl_c(fragile_broker: Broker, tmp_path: Path) -> None:
    fragile_broker.stop()
    environment = {**os.environ, "TENFOLD_KAFKA_FOLDER": str(tmp_path)}
    port = str(fragile_broker.port)
    command = subprocess.Popen(
        [sys.executable, "-m", "deploy.kafka", port], stdout=subprocess.PIPE, env=environment, start_new_session=True
    )
    try:
        assert command.stdout is not None
        assert f"127.0.0.1:{port}".encode() in command.stdout.readline()
        command.send_signal(signal.SIGINT)
        assert command.wait(30) == 0
        command.stdout.close()
        assert not answers("127.0.0.1", fragile_broker.port)
    finally:
        command.kill()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False
