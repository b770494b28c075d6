"""No message leaves for a machine of ours or of a neighbour, however its address is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.addresses import may_be_called

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
