# SPDX-License-Identifier: Apache-2.0
"""Is an acknowledged rating ever lost? Fifty simulated browsers at once, and a server that is killed ten
times.

Plans a MUSHRA test of bundled recordings in a scratch folder, serves it on a free port of this machine as a
user does, lets the clients answer page by page, and ends the server with ``kill -9`` at random moments, again
and again, each time starting it anew on the same port. Every answer that the server acknowledged must then be
in its database as it was sent, and after every answer, kill or not, each session must be asked for the page
after it. Prints answers, kills, losses, sessions resumed on another page, and how long an acknowledgement
takes. Ends by itself.

    python benchmarks/listening_server.py [--clients 50] [--kills 10]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from synthkit_web.listen.folder import ANSWERS, Test
from synthkit_web.listen.journal import Store
from synthkit_web.listen.planning import Asked, make_test
from synthkit_web.listen.sources import Sources

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.eval.systems import recording
from synthkit.types import Waveform

LONGEST = 900.0
"""Seconds after which everything is stopped, come what may."""


def planned(folder: Path, listeners: int) -> Test:
    """A MUSHRA test of 12 sentences, two voices, reference and anchors."""
    items, sounds = {}, {}
    for u in open_corpus("bundled-ru").utterances[:12]:
        whole = recording(u)
        cut = whole.samples[whole.sample_rate :][: whole.sample_rate // 2]
        for name, samples in {"natural": cut, "a": np.clip(3 * cut, -0.3, 0.3), "b": 0.5 * cut}.items():
            path = folder / "in" / name / f"{u.id}.wav"
            audio.write(path, Waveform(samples.astype(np.float32), whole.sample_rate))
            sounds[name, u.id] = path
        items[u.id] = u.text
    asked = Asked("mushra", folder / "test", listeners=listeners, studies=2)
    return make_test(Sources(items, sounds, ["natural", "a", "b"]), asked)


class Server:
    """The command, and its end by kill -9."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.kills = 0
        self.start()

    def start(self) -> None:
        """Serve; returns when it answers."""
        command = [
            sys.executable,
            "-m",
            "synthkit",
            "listen",
            "serve",
            str(self.folder),
            "--port",
            str(self.port),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        if not self.process.stdout.readline():
            raise SystemExit("the server did not start")

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.kills += 1


class Client:
    """One browser: answers, and asks again while nobody replies."""

    def __init__(self, number: int, port: int, pause: float) -> None:
        self.random = random.Random(number)
        self.url = f"http://127.0.0.1:{port}/listen/api/"
        self.pause = pause
        self.session = ""
        self.sent: dict[str, Any] = {}
        self.elsewhere = 0
        self.retries = 0
        self.seconds: list[float] = []
        self.finished = False

    async def run(self, http: httpx.AsyncClient) -> None:
        """From the first page to the last."""
        state = await self.ask(http, "POST", "sessions", {})
        self.session = state["session"]
        order = []
        while state["step"] is not None:
            step = state["step"]
            data = self.reply(state)
            began = time.monotonic()
            state = await self.ask(
                http, "POST", f"sessions/{self.session}/answers", {"step": step, "data": data}
            )
            self.seconds.append(time.monotonic() - began)
            self.sent[step] = data
            order.append(step)
            here = await self.ask(http, "GET", f"sessions/{self.session}")
            self.elsewhere += here["step"] != state["step"] or state["step"] in order
            await asyncio.sleep(self.pause * self.random.random())
        self.finished = True

    def reply(self, state: dict[str, Any]) -> dict[str, Any]:
        """Any answer that is allowed."""
        if state["step"] == "consent":
            return {"agreed": True}
        if state["step"] == "sound":
            return {"headphones": True, "tries": 1}
        if state["step"] == "comment":
            return {"comment": "done"}
        scores = {name: float(self.random.randint(0, 100)) for name in state["page"]["sounds"]}
        return {"scores": scores, "seconds": 12.0, "comment": ""}

    async def ask(self, http: httpx.AsyncClient, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Until it is answered."""
        while True:
            try:
                reply = await http.request(method, self.url + path, json=body)
                reply.raise_for_status()
                return dict(reply.json())
            except httpx.TransportError:
                self.retries += 1
                await asyncio.sleep(0.1)


async def killed_again_and_again(
    server: Server, kills: int, clients: list[Client], chance: random.Random
) -> None:
    """Kill when another share of all answers is there, so that every kill falls among answers."""
    total = sum(1 for _ in clients) * 19
    for k in range(1, kills + 1):
        while sum(len(c.sent) for c in clients) < total * k / (kills + 1.5):
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2 * chance.random())
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)


async def main_async(args: argparse.Namespace) -> int:
    """Run and print."""
    with tempfile.TemporaryDirectory(prefix="synthkit-listening-") as scratch:
        folder = Path(scratch)
        test = planned(folder, args.clients)
        server = Server(folder / "test")
        clients = [Client(k, server.port, args.pause) for k in range(args.clients)]
        limits = httpx.Limits(max_connections=args.clients, max_keepalive_connections=args.clients)
        began = time.monotonic()
        try:
            async with asyncio.timeout(LONGEST), httpx.AsyncClient(timeout=30, limits=limits) as http:
                await asyncio.gather(
                    killed_again_and_again(server, args.kills, clients, random.Random(1)),
                    *(c.run(http) for c in clients),
                )
        finally:
            server.process.kill()
            server.process.wait()
        took = time.monotonic() - began
        store = Store(folder / "test" / ANSWERS, read_only=True)
        kept = {s.id: s.answers for s in store.sessions()}
        store.close()
    lost = changed = 0
    for c in clients:
        for step, data in c.sent.items():
            there = kept.get(c.session, {}).get(step)
            lost += there is None
            changed += there is not None and any(there[k] != v for k, v in data.items())
    seconds = sorted(s for c in clients for s in c.seconds)
    answers = sum(len(c.sent) for c in clients)
    print(
        f"{args.clients} browsers at once, {len(test.pages(0))} pages each, server killed (kill -9) "
        f"{server.kills} times "
        f"in {took:.0f} s\n"
        f"acknowledged answers {answers}, lost {lost}, changed {changed}\n"
        f"sessions finished {sum(c.finished for c in clients)} of {args.clients}, resumed on another page "
        f"{sum(c.elsewhere for c in clients)}, requests asked again {sum(c.retries for c in clients)}\n"
        f"acknowledged after {1000 * seconds[len(seconds) // 2]:.0f} ms (median), "
        f"{1000 * seconds[int(0.95 * len(seconds))]:.0f} ms (95 %), kills included"
    )
    good = not (lost or changed or sum(c.elsewhere for c in clients)) and all(c.finished for c in clients)
    print("ok" if good and server.kills == args.kills else "MISSED")
    return 0 if good else 1


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--pause", type=float, default=0.5, help="Longest pause between two answers, s.")
    raise SystemExit(asyncio.run(main_async(parser.parse_args())))


if __name__ == "__main__":
    main()
