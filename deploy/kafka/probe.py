"""Asking a broker whether it is ready, by a metadata request written by hand: no client library, no event loop."""

import socket
import ssl
import struct
from typing import Final

METADATA: Final = 3
VERSION: Final = 1
CLIENT: Final = b"tenfold-probe"


def answers(host: str, port: int, timeout: float = 1.0, tls: ssl.SSLContext | None = None) -> bool:
    """Whether the broker answers a metadata request and counts at least one live broker (itself).

    `tls` is for a listener that asks for certificates; one that asks for a password gives no metadata.

    Source: Kafka protocol guide, Metadata request version 1 (an empty list of topics).
    """
    body = struct.pack(">hhih", METADATA, VERSION, 1, len(CLIENT)) + CLIENT + struct.pack(">i", 0)
    try:
        with _connected(host, port, timeout, tls) as connection:
            connection.settimeout(timeout)
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = _receive(connection, 12)
    except OSError:
        return False
    if len(answer) < 12:
        return False
    _, correlation, brokers = struct.unpack(">iii", answer)
    return bool(correlation == 1 and brokers > 0)


def _connected(host: str, port: int, timeout: float, tls: ssl.SSLContext | None) -> socket.socket:
    plain = socket.create_connection((host, port), timeout=timeout)
    if tls is None:
        return plain
    try:
        return tls.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody listens on now; held open together so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for held in sockets:
            held.bind(("127.0.0.1", 0))
        return [int(held.getsockname()[1]) for held in sockets]
    finally:
        for held in sockets:
            held.close()


def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        piece = connection.recv(size - len(received))
        if not piece:
            break
        received += piece
    return received
