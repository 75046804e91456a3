"""The client that vendors are called with: a name is resolved once, judged, and that address is connected to.

So no answer of a name server, redirect or odd spelling leads to what only this machine or its network can reach.
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import httpcore
import httpx

from incident_copilot.errors import ConfigError, VendorRefused

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

_OWN_NETWORKS = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)
# Where clouds hand out credentials; two of them look like addresses of one's own network.
_METADATA = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192")))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_OWN_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
_COMPATIBLE = ipaddress.ip_network("::/96")  # ::127.0.0.1, which Python holds to be public


def client(named: frozenset[str], ca_file: Path | None = None) -> httpx.AsyncClient:
    """Return a client that follows no redirect and reads no proxy from the environment.

    It reaches public addresses; in one's own network only the hosts in `named`; this machine and cloud metadata only
    where the address itself, or localhost, is in `named`. Certificates signed by those in `ca_file` are trusted too.
    Raises ConfigError: that file holds none.
    """
    return httpx.AsyncClient(transport=_Transport(Pinned(named), ca_file), follow_redirects=False, trust_env=False)


def hosts_in(options: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the hosts of all http(s) URLs in the options of plugins."""
    return frozenset(host for one in options for host in _hosts(one))


class Pinned(httpcore.AsyncNetworkBackend):
    """Connects to the address that was judged; the host's name still is what TLS checks the certificate against."""

    def __init__(
        self, named: frozenset[str], resolve: Resolve | None = None, inner: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._named = named
        self._resolve = resolve or _resolved
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the host's addresses that takes it.

        Raises:
            VendorRefused: one of the addresses may not be called.
        """
        addresses = await self._judged(host, port, timeout)
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await self._inner.sleep(seconds)

    async def _judged(self, host: str, port: int, timeout: float | None) -> list[str]:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved") from error
        for address in addresses:
            if not may_call(host, address, self._named):
                raise VendorRefused(
                    f"{host} leads to {address}, which is not public; if it is meant, name it in copilot.yaml", 0
                )
        return addresses


def may_call(host: str, address: str, named: frozenset[str]) -> bool:
    """Whether a host may be called at an address that it resolves to."""
    found = _innermost(ipaddress.ip_address(address.partition("%")[0]))
    if found.is_global and not found.is_multicast and found not in _METADATA and found not in _OWN_NAT64:
        return True
    name = host.lower().rstrip(".")
    if name not in named:
        return False
    if found not in _METADATA and any(found in network for network in _OWN_NETWORKS):
        return True
    return name in {address, "localhost"} or name == socket.gethostname().lower()


def _innermost(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one carries, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


async def _resolved(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def _hosts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from _hosts(one)
    elif isinstance(value, str) and value.startswith(("http://", "https://")):
        try:
            yield httpx.URL(value).host.lower().rstrip(".")
        except httpx.InvalidURL:
            return


@cache
def _trusting_the_public() -> ssl.SSLContext:
    """To read all the roots takes longer than most calls, so clients that trust nobody else share what was read."""
    return httpx.create_ssl_context(trust_env=False)


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is None:
        return _trusting_the_public()
    context = httpx.create_ssl_context(trust_env=False)
    try:
        context.load_verify_locations(ca_file)
    except OSError as error:  # an SSLError is one, where the file holds no certificate
        raise ConfigError(f"COPILOT_CA_FILE: {ca_file}: {error.strerror or error}; name a PEM file") from None
    return context


class _Transport(httpx.AsyncHTTPTransport):
    """httpx's own, over connections that are made by `Pinned`, which it has no argument for."""

    def __init__(self, backend: Pinned, ca_file: Path | None = None) -> None:
        context = _trusting(ca_file)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=backend,
        )
