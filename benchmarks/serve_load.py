# SPDX-License-Identifier: Apache-2.0
"""How much speech a server makes when many ask at once, and how soon a long text is heard.

Starts `synthkit serve` with the given voices, as a user does. Sixteen clients then ask for sentences, each
its own, one after another, for as long as asked; then one client asks for a long text with everything quiet,
and the time to its first sound (the first byte after the header) is taken; and, in this process, the
processor time of its first piece, which other work on the machine does not change. Prints speech made per
second of the clock and of the server's processor time, the median and the 99th percentile of a sentence, and
errors.
Voices of make demo: demo/demo-ru demo/demo-ru-parametric.

    python benchmarks/serve_load.py VOICE … [--clients 16] [--seconds 15]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
import psutil
from threadpoolctl import threadpool_limits

WORDS = {
    "ru": (
        "сегодня вчера завтра мы они дети пойдём гулять читать в парк домой быстро хорошая погода вечером "
        "книгу новую большой город река лес утром солнце светит"
    ),
    "en": (
        "today we they will go home read the new book big town river forest morning sun shines fast good "
        "weather evening children walk and after that"
    ),
}
HEADER = 44


def sentence(language: str, seed: int) -> str:
    """A sentence of ten words that is no other."""
    words = WORDS["ru" if language.startswith("ru") else "en"]
    return " ".join(np.random.default_rng(seed).choice(words.split(), 10)).capitalize() + "."


async def client(
    http: httpx.AsyncClient, number: int, voice: dict, until: float, took: list[float], made: list[float]
) -> int:
    """Ask for sentences until the time is up; gives the number of errors."""
    errors, count = 0, 0
    while time.monotonic() < until:
        text = sentence(voice["languages"][0], number * 100_000 + count)
        began = time.monotonic()
        reply = await http.post("/say", json={"text": text, "voice": voice["name"]})
        if reply.status_code == 200:
            took.append(time.monotonic() - began)
            made.append((len(reply.content) - HEADER) / 2 / voice["sample_rate"])
        else:
            errors += 1
        count += 1
    return errors


async def load(url: str, voice: dict, clients: int, seconds: float, pid: int) -> str:
    """A row of the table."""
    took: list[float] = []
    made: list[float] = []
    limits = httpx.Limits(max_connections=clients)
    server = psutil.Process(pid)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as http:
        await asyncio.gather(*(client(http, k, voice, time.monotonic() + 1, [], []) for k in range(clients)))
        before = server.cpu_times()
        began = time.monotonic()
        errors = sum(
            await asyncio.gather(
                *(client(http, 1 + k, voice, began + seconds, took, made) for k in range(clients))
            )
        )
        wall = time.monotonic() - began
        after = server.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return (
        f"{voice['name']:<22}{sum(made) / wall:8.0f} x{sum(made) / spent:10.0f} x"
        f"{1000 * statistics.median(took):9.0f} ms{1000 * float(np.percentile(took, 99)):9.0f} ms"
        f"{len(took):9d}{errors:8d}"
    )


def first_sound(url: str, voice: dict) -> str:
    """Time to the first sound of a text of 200 sentences, of five such."""
    found = []
    for seed in range(6):
        text = " ".join(sentence(voice["languages"][0], 9_000_000 + 1000 * seed + k) for k in range(200))
        began = time.monotonic()
        body = {"text": text, "voice": voice["name"]}
        with httpx.stream("POST", f"{url}/say", json=body, timeout=120) as reply:
            count = 0
            for part in reply.iter_raw():
                count += len(part)
                if count > HEADER:
                    break
        found.append(1000 * (time.monotonic() - began))
    warm = found[1:]
    return f"{voice['name']:<22}{min(warm):8.0f}{statistics.median(warm):8.0f}{max(warm):8.0f} ms"


def first_piece(folder: Path) -> str:
    """Processor time of the first piece of such texts, in this process: what no other work can change."""
    from synthkit.pipeline.voice import Voice

    found = []
    with Voice.open(folder) as voice, threadpool_limits(1):  # as the server has it
        for seed in range(6):
            text = " ".join(sentence(voice.language, 9_000_000 + 1000 * seed + k) for k in range(200))
            began = time.process_time()
            next(voice.stream(text))
            found.append(1000 * (time.process_time() - began))
        name = voice.name
    warm = found[1:]
    return f"{name:<22}{min(warm):8.0f}{statistics.median(warm):8.0f}{max(warm):8.0f} ms"


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("voices", nargs="+", type=Path)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=15.0)
    asked = parser.parse_args()
    command = [sys.executable, "-m", "synthkit", "serve", *map(str, asked.voices), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        url = server.stdout.readline().split()[1]
        voices = httpx.get(f"{url}/voices").json()["voices"]
        busy = psutil.cpu_percent(1.0)
        print(f"{asked.clients} clients, {asked.seconds:g} s; {psutil.cpu_count()} cores, {busy:.0f} % busy")
        print(
            f"{'voice':<22}{'in all':>10}{'per cpu s':>12}{'median':>12}{'p99':>12}{'sent':>9}{'errors':>8}"
        )
        for voice in voices:
            print(asyncio.run(load(url, voice, asked.clients, asked.seconds, server.pid)), flush=True)
        print("\nfirst sound of a text of 200 sentences")
        print(f"{'voice':<22}{'least':>8}{'median':>8}{'most':>8}")
        for voice in voices:
            print(first_sound(url, voice), flush=True)
    finally:
        server.terminate()
        server.wait()
    print("\nprocessor time of its first piece")
    for folder in asked.voices:
        print(first_piece(folder), flush=True)


if __name__ == "__main__":
    main()
