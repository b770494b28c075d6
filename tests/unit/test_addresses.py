"""No message leaves for a machine of ours or of a neighbour, however its address is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.addresses import INSIDE, NOTHING, Allowed, may_be_called

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "223.5.5.5",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "2400:3200::1",
    "2606:4700::1111",
]
INTERNAL = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.200", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "::", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "2001:db8::1", "2001::1", "100::1", "4000::1", "64:ff9b:1::1",
    # IPv4 inside IPv6: mapped, 6to4, NAT64, the old compatible form.
    "::ffff:10.0.0.1", "::ffff:0.0.0.0", "::ffff:169.254.169.254", "2002:0a00:0001::1", "2002:c0a8:0101::",
    "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "::10.0.0.1",
]  # fmt: skip
LOOPBACK = ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:0001::"]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address: str) -> None:
    assert may_be_called(address)
    assert may_be_called(address, loopback=True)


@pytest.mark.parametrize("address", INTERNAL)
def test_internal_addresses_may_not_not_even_in_development(address: str) -> None:
    assert not may_be_called(address)
    assert not may_be_called(address, loopback=True)


@pytest.mark.parametrize("address", LOOPBACK)
def test_this_machine_may_be_called_in_development_only(address: str) -> None:
    assert not may_be_called(address)
    assert may_be_called(address, loopback=True)


@pytest.mark.parametrize("text", ["localhost", "", "127.1", "0x7f.1", "2130706433", "1.2.3.4.5", "::g"])
def test_what_is_no_address_is_refused_as_such(text: str) -> None:
    with pytest.raises(ValueError):
        may_be_called(text)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_itself(address: object) -> None:
    for written in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert may_be_called(written) == may_be_called(str(address))


EVERYTHING = Allowed.parse("0.0.0.0/0,::/0")
# What no list opens: ourselves, one link, everybody at once, nobody yet, and what tells a cloud's machine its keys.
NEVER = [
    "127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "0.0.0.0", "::", "169.254.169.254", "169.254.1.1",
    "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "fd00:ec2::254", "fd20:ce::254",
    "100.100.100.200", "192.0.0.192", "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "198.18.0.1",
    "192.0.2.1", "2001:db8::1", "::10.0.0.1",
]  # fmt: skip


def test_what_the_operator_lists_may_be_called_and_nothing_else_inside() -> None:
    listed = Allowed.parse("10.20.0.0/16, 192.168.7.9,fd12:3456::/32")
    for address in ("10.20.0.1", "10.20.255.255", "192.168.7.9", "fd12:3456::1", "::ffff:10.20.0.1", "8.8.8.8"):
        assert may_be_called(address, allowed=listed), address
    for address in ("10.21.0.1", "192.168.7.8", "fd12:3457::1", "::ffff:10.21.0.1", "172.16.0.1"):
        assert not may_be_called(address, allowed=listed), address


def test_a_listed_host_may_have_any_address_inside_and_only_that_host() -> None:
    listed = Allowed.parse("Receiver.county.")
    for host in ("receiver.county", "RECEIVER.county", "receiver.county."):
        assert may_be_called("10.1.2.3", allowed=listed, host=host)
        assert not may_be_called("127.0.0.1", allowed=listed, host=host)
    for host in ("", "county", "x.receiver.county", "receiver.county.example.cn"):
        assert not may_be_called("10.1.2.3", allowed=listed, host=host)


@pytest.mark.parametrize("address", NEVER)
def test_no_list_opens_these(address: str) -> None:
    assert not may_be_called(address, allowed=EVERYTHING)
    assert not may_be_called(address, allowed=Allowed.parse("receiver.county"), host="receiver.county")


def test_our_own_machines_stay_closed_however_they_are_written() -> None:
    own = ["10.20.0.5", "fd12:3456::5"]
    for address in ("10.20.0.5", "::ffff:10.20.0.5", "64:ff9b::10.20.0.5", "fd12:3456::5"):
        assert not may_be_called(address, allowed=EVERYTHING, own=own), address
    assert not may_be_called("10.20.0.5", allowed=EVERYTHING, own=["::ffff:10.20.0.5"])
    assert may_be_called("10.20.0.6", allowed=EVERYTHING, own=own)


@given(st.ip_addresses(), st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_a_list_opens_addresses_that_people_use_inside_and_closes_none(address: object, inside: object) -> None:
    before, after = may_be_called(str(address)), may_be_called(str(address), allowed=EVERYTHING)
    assert after >= before
    assert not after or before or any(address in network for network in INSIDE)
    assert may_be_called(str(inside), allowed=Allowed.parse(f"{inside}"))
    assert may_be_called(str(inside), allowed=NOTHING) is False


@pytest.mark.parametrize("text", ["10.20.0.0/8", "10.20.0", "300.1.1.1", "*.county", "a b", "https://x", "x/24", "_x"])
def test_a_list_that_cannot_be_read_stops_the_service(text: str) -> None:
    with pytest.raises(ValueError):
        Allowed.parse(f"10.0.0.0/8,{text}")
    assert Allowed.parse(" , ,") == NOTHING
