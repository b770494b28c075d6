"""Which addresses a message may leave for: public ones, what the operator lists besides, never our own. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

# What Python 3.11 takes for global and is not: protocol assignments, 6to4 relays, carrier-grade NAT.
NOT_PUBLIC_4: Final = tuple(ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10"))
INSIDE: Final = tuple(
    ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
LABEL: Final = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST: Final = re.compile(rf"(?=.{{1,253}}$)({LABEL}\.)*(?![0-9]+$){LABEL}")  # the last label is no number
UNICAST_6: Final = IPv6Network("2000::/3")  # the only range that is given out to the public (RFC 4291)
TEREDO: Final = IPv6Network("2001::/32")
TRANSLATED: Final = IPv6Network("64:ff9b::/96")  # NAT64: the last four bytes are an IPv4 address


# Where clouds tell a machine who it is, and with which keys: no list opens these (nor any link-local address).
METADATA: Final = frozenset(
    ip_address(each)
    for each in ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16")
)


@dataclass(frozen=True)
class Allowed:
    """What the operator lets departments' receivers have besides public addresses (TENFOLD_WEBHOOK_ALLOWED)."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    hosts: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Allowed":
        """Read networks (10.20.0.0/16), addresses and host names, with commas between. Raises ValueError."""
        networks: list[IPv4Network | IPv6Network] = []
        hosts: set[str] = set()
        for each in filter(None, map(str.strip, text.split(","))):
            host = each.lower().removesuffix(".")
            if HOST.fullmatch(host):
                hosts.add(host)
            else:
                networks.append(ip_network(each))
        return cls(tuple(networks), frozenset(hosts))

    def lists(self, address: IPv4Address | IPv6Address, host: str) -> bool:
        """Whether an address is in one of the networks, or belongs to one of the hosts."""
        return host.lower().removesuffix(".") in self.hosts or any(address in network for network in self.networks)


NOTHING: Final = Allowed()


def may_be_called(
    address: str, *, loopback: bool = False, allowed: Allowed = NOTHING, host: str = "", own: Iterable[str] = ()
) -> bool:
    """Whether a resolved address of `host` is public, or listed; `loopback` lets this machine itself be called too
    (development only).

    No list opens this machine, link-local, multicast and reserved addresses, a cloud's metadata, or the platform's
    `own` machines. An IPv6 address that stands for an IPv4 one (mapped, 6to4, NAT64) is judged as what it stands for.
    Raises ValueError for what is no address.
    """
    found = meant(address)
    if found is None or found in METADATA:
        return False
    if found.is_loopback:
        return loopback
    if is_public(found):
        return True
    return inside(found) and allowed.lists(found, host) and all(meant(each) != found for each in own)


def meant(address: str) -> IPv4Address | IPv6Address | None:
    """The address that is reached; None for one that holds on one link only. Raises ValueError."""
    found: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(found, IPv6Address):
        return None if found.scope_id is not None else stands_for(found) or found
    return found


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether anybody may have it, so that nobody inside does."""
    if isinstance(address, IPv6Address):
        return address in UNICAST_6 and address not in TEREDO and usable(address)
    return usable(address) and not any(address in network for network in NOT_PUBLIC_4)


def inside(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is one that networks of one's own use: RFC 1918, RFC 6598 (carriers), RFC 4193 (fc00::/7)."""
    return any(address in network for network in INSIDE)


def stands_for(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def usable(address: IPv4Address | IPv6Address) -> bool:
    """Neither private, link-local, multicast, reserved nor unspecified."""
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    )
