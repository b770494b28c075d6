"""Which addresses a message may leave for: the open internet only, never a machine of ours or of a neighbour. Pure."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

# What Python 3.11 takes for global and is not: protocol assignments, 6to4 relays, carrier-grade NAT.
NOT_PUBLIC_4: Final = tuple(ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10"))
UNICAST_6: Final = IPv6Network("2000::/3")  # the only range that is given out to the public (RFC 4291)
TEREDO: Final = IPv6Network("2001::/32")
TRANSLATED: Final = IPv6Network("64:ff9b::/96")  # NAT64: the last four bytes are an IPv4 address


def may_be_called(address: str, *, loopback: bool = False) -> bool:
    """Whether a resolved address is public; `loopback` lets this machine itself be called too (development only).

    An IPv6 address that stands for an IPv4 one (mapped, 6to4, NAT64) is judged as what it stands for. Raises ValueError
    for what is no address.
    """
    found: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            return False
        inner = stands_for(found)
        if inner is None:
            if found.is_loopback:
                return loopback
            return found in UNICAST_6 and found not in TEREDO and usable(found)
        found = inner
    if found.is_loopback:
        return loopback
    return usable(found) and not any(found in network for network in NOT_PUBLIC_4)


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
