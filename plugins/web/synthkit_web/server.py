# SPDX-License-Identifier: Apache-2.0
"""Run an application on a port of this machine, until it is told to stop."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import secrets
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from synthkit.errors import ConfigError, SynthkitError
from synthkit.paths import read_json

GRACE = 5
"""Seconds that open requests have to end when the server stops."""


@dataclass(frozen=True)
class Place:
    """Where a server listens.

    Attributes
    ----------
    host : str
    port : int
        0: any that is free.
    """

    host: str = "127.0.0.1"
    port: int = 0

    @property
    def exposed(self) -> bool:
        """Whether other machines can reach it."""
        if self.host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return True

    def bind(self) -> socket.socket:
        """A listening socket.

        Raises
        ------
        SynthkitError
            The port is taken, or there is no such host.
        """
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM
            )[0]
            bound = socket.socket(family, kind, protocol)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError as error:
            raise SynthkitError(
                f"cannot listen there: {error.strerror}",
                where=f"{self.host}:{self.port}",
                hint="another server may have the port: --port 0 takes any that is free",
            ) from None
        return bound

    def url(self, port: int) -> str:
        """Its address for a browser on this machine, or for others where they can reach it."""
        host = self.host
        if host in ("0.0.0.0", "::"):
            host = outward_address() or socket.gethostname()
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def outward_address() -> str:
    """The address by which this machine would talk to others; empty where there is none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""


def new_secret() -> str:
    """A token that nobody guesses: 128 bits."""
    return secrets.token_urlsafe(16)


def serve(app: ASGIApp, bound: socket.socket, ready: Callable[[], None], grace: int = GRACE) -> None:
    """Answer requests until interrupted (Ctrl-C) or told to end (SIGTERM); open requests are finished first.

    Parameters
    ----------
    app : ASGI application
    bound : socket
        From `Place.bind`.
    ready : callable
        Called when requests are answered.
    grace : int
        Seconds that open requests have to end when it stops.
    """
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=grace, server_header=False,
        lifespan="on"
    )  # fmt: skip
    server = uvicorn.Server(config)

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)

    async def run() -> None:
        answering = asyncio.create_task(server.serve(sockets=[bound]))
        while not server.started and not answering.done():
            await asyncio.sleep(0.01)
        if server.started:
            ready()
        await answering

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        pass  # uvicorn has stopped in order and raises the signal again
    finally:
        signal.signal(signal.SIGTERM, before)
        bound.close()


def kept_secret(path: Path, name: str) -> str:
    """The secret `name` of the file at `path`, made when there is none: links stay good when a server starts
    again.

    The file is readable by its owner alone.

    Raises
    ------
    ConfigError
        It is there and is not what is written here: a new one would silently end the links of the old.
    """
    gone = "remove it: a new one is made, and links that were given out are no longer good"
    known = read_json(path, ConfigError, hint=gone) if path.exists() else {}
    if not isinstance(known, dict):
        raise ConfigError("is not what a server keeps its secrets in", where=str(path), hint=gone)
    if not isinstance(known.get(name), str) or len(known[name]) < 16:
        known[name] = new_secret()
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        with open(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(json.dumps(known) + "\n")
        os.replace(temporary, path)
    return str(known[name])
