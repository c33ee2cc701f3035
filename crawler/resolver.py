"""Keeps the crawler off private networks: a name that leads to a private, loopback or link-local address is refused."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred, fail

#: Names that led to a private address in this process: Twisted reports them like names that don't exist.
refused_names: set[str | None] = set()


class PrivateAddress(Exception):
    """The host is, or resolves to, an address that is not public."""


class PublicAddressesOnly(CachingThreadedResolver):
    """Sees IP literals too, as Scrapy asks the resolver for them as well. The proxy alone may be private: an outlet's
    name is then resolved by the proxy, and the list of registered hosts stands alone."""

    def getHostByName(self, name: str, timeout: object = ()) -> Deferred[str]:  # noqa: N802 (Twisted's name)
        del timeout  # Scrapy's resolver puts its own DNS_TIMEOUT in its place
        found: Deferred[str] = super().getHostByName(name)
        return found if name in proxy_hosts() else found.addCallback(_public, name)


def proxy_hosts() -> set[str | None]:
    """The hosts that HTTP_PROXY and HTTPS_PROXY name."""
    return {urlsplit(proxy if "//" in proxy else f"//{proxy}").hostname for proxy in getproxies().values()}


def _public(address: str, name: str) -> str | Deferred[str]:
    if ipaddress.ip_address(address).is_global:
        return address
    refused_names.add(name)
    refused: Deferred[str] = fail(PrivateAddress(address))
    return refused
