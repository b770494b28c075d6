"""The way out for webhooks: one look-up, judged, then only that address; names checked; no receiver holds us up."""

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.addresses import Allowed
from shared.client import MOST_ANSWER, NotDelivered, Sender

Streams = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
NAME = "hooks.example.cn"
FINE = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Resolver:
    """A name server of ours: what it answers, one answer after the other, and how often it was asked."""

    answers: list[list[str]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> list[str]:
        """Answer; the last answer for ever."""
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@asynccontextmanager
async def listening(handle: Streams, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """A bare server on loopback; its port."""
    server = await asyncio.start_server(handle, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def saying(answer: bytes, requests: list[bytes] | None = None) -> Streams:
    """A server that says this to every request."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if requests is not None:
            requests.append(head)
        writer.write(answer)
        await writer.drain()
        writer.close()

    return handle


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server that calls itself `name`, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key").write_bytes(pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert", folder / "key")
    return server, ssl.create_default_context(cafile=str(folder / "cert"))


async def why(sender: Sender, url: str) -> str:
    """Why a message was not delivered."""
    with pytest.raises(NotDelivered) as refused:
        await sender.deliver(url, {}, b"{}")
    assert ipaddress.ip_address("127.0.0.1").exploded not in str(refused.value)
    return refused.value.why


async def test_the_connection_goes_to_the_address_that_was_judged_whatever_the_name_says_later() -> None:
    requests: list[bytes] = []
    async with listening(saying(FINE, requests)) as port:
        # The second answer would lead elsewhere: it is never asked for.
        resolver = Resolver([["127.0.0.1"], ["10.0.0.1"]])
        answer = await Sender(internal=True, resolve=resolver).deliver(
            f"http://{NAME}:{port}/hook?a=1", {"x-y": "z"}, b"{}"
        )
    assert answer.status == 204
    assert resolver.asked == [NAME]
    head = requests[0].decode().lower()
    assert head.startswith("post /hook?a=1 http/1.1\r\n")
    assert f"host: {NAME}:{port}\r\n" in head
    assert "x-y: z\r\n" in head


async def test_one_internal_address_among_others_refuses_the_name() -> None:
    requests: list[bytes] = []
    async with listening(saying(FINE, requests)) as port:
        for found in (["8.8.8.8", "10.0.0.1"], ["127.0.0.1", "169.254.169.254"], ["::ffff:10.0.0.1"], ["0.0.0.0"]):
            for internal in (False, True):
                sender = Sender(internal=internal, resolve=Resolver([found]))
                assert await why(sender, f"https://{NAME}:{port}/") == "address-refused"
        for url in (f"https://127.0.0.1:{port}/", f"https://localhost:{port}/", f"https://[::1]:{port}/"):
            assert await why(Sender(), url) == "address-refused"
        # Forms of loopback that only a resolver understands.
        for url in (f"https://127.1:{port}/", f"https://2130706433:{port}/", f"https://0x7f.1:{port}/"):
            assert await why(Sender(), url) in ("address-refused", "unresolved", "unreachable")
    assert requests == []


async def test_a_listed_network_is_called_but_never_our_own_machine_in_it() -> None:
    class Names(dict[str, list[str]]):
        """Name servers: several names."""

        async def __call__(self, host: str, port: int) -> list[str]:
            if host not in self:
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            return self[host]

    names = Names(db=["10.20.0.5"], hook=["10.20.0.6"], both=["8.8.8.8", "10.20.0.6"], inner=["10.20.0.6", "10.9.0.1"])
    sender = Sender(allowed=Allowed.parse("10.20.0.0/16"), own=("db", "not-deployed"), resolve=names)
    for host in ("hook", "both"):
        assert len(await sender.addresses(httpx.URL(f"https://{host}/"))) == len(names[host])
    names["moved"] = ["10.20.0.5"]
    for host in ("db", "moved", "inner"):
        assert await why(sender, f"https://{host}/") == "address-refused"

    async def unsure(host: str, port: int) -> list[str]:
        if host == "db":
            raise socket.gaierror(socket.EAI_AGAIN, "try again")
        return ["10.20.0.6"]

    assert await why(replace(sender, resolve=unsure), "https://hook/") == "unresolved", "nobody can tell what is ours"


async def test_production_speaks_tls_only() -> None:
    resolver = Resolver([["8.8.8.8"]])
    for scheme in ("http", "ftp", "file"):
        assert await why(Sender(resolve=resolver), f"{scheme}://{NAME}/") == "address-refused"
    assert resolver.asked == []


async def test_the_certificate_is_checked_against_the_name_not_the_address(tmp_path: Path) -> None:
    server, trusting = certificate(tmp_path, NAME)
    async with listening(saying(FINE), server) as port:
        resolver = Resolver([["127.0.0.1"]])
        sender = Sender(internal=True, tls=trusting, resolve=resolver)
        assert (await sender.deliver(f"https://{NAME}:{port}/", {}, b"{}")).status == 204
        assert await why(sender, f"https://other.example.cn:{port}/") == "unreachable"
        assert await why(sender, f"https://127.0.0.1:{port}/") == "unreachable"
        assert await why(Sender(internal=True, resolve=resolver), f"https://{NAME}:{port}/") == "unreachable"


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    async with listening(saying(FINE)) as port:
        sender = Sender(internal=True, resolve=Resolver([["127.0.0.2", "127.0.0.1"]]))
        assert (await sender.deliver(f"http://{NAME}:{port}/", {}, b"{}")).status == 204


async def test_a_redirect_is_an_answer_like_any_other() -> None:
    requests: list[bytes] = []
    redirect = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n"
    async with listening(saying(redirect, requests)) as port:
        sender = Sender(internal=True)
        for _ in range(2):
            assert (await sender.deliver(f"http://127.0.0.1:{port}/", {}, b"{}")).status == 302
    assert len(requests) == 2
    assert b"cookie" not in requests[1].lower()


async def test_no_more_than_64_kib_of_an_answer_are_read_and_nothing_is_unpacked() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
        except ConnectionError:
            writer.close()

    async with listening(endless) as port:
        answer = await Sender(internal=True).deliver(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert (answer.status, answer.body) == (200, b"x" * MOST_ANSWER)


async def test_the_status_counts_though_the_body_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.client.ANSWER_SECONDS", 0.2)
    done = asyncio.Event()

    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx")
        await done.wait()
        writer.close()

    async with listening(dripping) as port:
        answer = await Sender(internal=True).deliver(f"http://127.0.0.1:{port}/", {}, b"{}")
        done.set()
    assert (answer.status, answer.body) == (200, b"x")


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nx: "])
async def test_a_receiver_that_says_nothing_is_given_up(beginning: bytes) -> None:
    done = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        await done.wait()
        writer.close()

    async with listening(silent) as port:
        began = time.monotonic()
        assert await why(Sender(internal=True, seconds=0.3), f"http://127.0.0.1:{port}/") == "timeout"
        assert time.monotonic() - began < 5
        done.set()


async def test_a_name_server_that_says_nothing_is_given_up() -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    assert await why(Sender(resolve=never, connect_seconds=0.1), f"https://{NAME}/") == "timeout"


async def test_what_is_no_http_or_nobody_at_all_is_unreachable() -> None:
    async with listening(saying(b"220 smtp ready\r\n\r\n")) as port:
        assert await why(Sender(internal=True), f"http://127.0.0.1:{port}/") == "unreachable"
    assert await why(Sender(internal=True), f"http://127.0.0.1:{port}/") == "unreachable"
    assert await why(Sender(resolve=Resolver([[]])), f"https://{NAME}/") == "unresolved"
    assert await why(Sender(internal=True), "https://\x00/") == "unreachable"
