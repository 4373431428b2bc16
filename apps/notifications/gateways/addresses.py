"""Where a webhook may go: an operator writes its address, and must not reach our own network through us."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from apps.notifications.exceptions import Undelivered

# Addresses in which another one hides, for a translator on the way to find.
TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("2002::/16"))


def resolve(host: str, port: int, *, allow_private: bool) -> str:
    """The address to connect to, which nobody resolves again; raises Undelivered.

    One address that is not public spoils the name: which of several one gets is the name server's to choose.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise Undelivered(f"There is no address of {host}.", is_down=True) from exc
    addresses = [str(each[4][0]).partition("%")[0] for each in found]
    if not allow_private and not all(is_public(ip_address(each)) for each in addresses):
        raise Undelivered(f"{host} is inside our own network.", is_down=True)
    return addresses[0]


def is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address.teredo or any(address in network for network in TRANSLATED):
            return False
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not is_special
