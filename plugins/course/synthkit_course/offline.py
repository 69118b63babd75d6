# SPDX-License-Identifier: Apache-2.0
"""No network: what a kernel is told before the first cell of a chapter.

Chapters are made from what lies in the source tree. A cell that asks for anything else fails at once and
says so, on every machine, and not on the one day when there is no network.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

_connect = socket.socket.connect


class NetworkUsed(OSError):
    """A chapter asked for the network."""


def refuse() -> None:
    """From now on this process reaches no other machine; sockets within it stay."""

    def connect(own: socket.socket, address: Any, /) -> None:
        if own.family in (socket.AF_INET, socket.AF_INET6) and not _here(address[0]):
            raise NetworkUsed(f"a chapter may not use the network, and asked for {address[0]}")
        _connect(own, address)

    def getaddrinfo(host: Any, *rest: Any, **more: Any) -> Any:
        if host is not None and not _here(host):
            raise NetworkUsed(f"a chapter may not use the network, and asked for {host}")
        return _resolve(host, *rest, **more)

    _resolve = socket.getaddrinfo
    socket.socket.connect = connect  # type: ignore[method-assign]
    socket.getaddrinfo = getaddrinfo


def _here(host: Any) -> bool:
    if host in ("localhost", b"localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
