# SPDX-License-Identifier: Apache-2.0
"""A small listening test of the bundled recordings, and a running server of it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
from synthkit_web.listen.folder import Test
from synthkit_web.listen.planning import Asked, make_test
from synthkit_web.listen.sources import Sources

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.eval.systems import recording
from synthkit.types import Waveform

for _call in (httpx.request, httpx.get, httpx.post, httpx.put, httpx.delete, httpx.head, httpx.options):
    # Who says nothing of time waits for a server on a busy machine, and not the 5 s that httpx does.
    _call.__kwdefaults__["timeout"] = httpx.Timeout(120.0)


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    """Twelve bundled recordings, 0.45 s of each, and two voices: one noisy, one clipped and louder."""
    folder = tmp_path_factory.mktemp("sounds")
    items, sounds = {}, {}
    for u in open_corpus("bundled-ru").utterances[:12]:
        whole = recording(u)
        cut = whole.samples[whole.sample_rate :][: int(0.45 * whole.sample_rate)]
        noise = np.random.default_rng(1).normal(0, 0.02, len(cut))
        for name, samples in {
            "natural": cut, "noisy": 0.3 * (cut + noise), "clipped": np.clip(8 * cut, -0.5, 0.5)
        }.items():  # fmt: skip
            path = folder / name / f"{u.id}.wav"
            audio.write(path, Waveform(samples.astype(np.float32), whole.sample_rate))
            sounds[name, u.id] = path
        items[u.id] = u.text
    return Sources(items, sounds, ["natural", "noisy", "clipped"])


@pytest.fixture
def make(sources, tmp_path):
    """``make(design, **options)``: a planned test and its folder."""

    def made(design: str, **options) -> tuple[Path, Test]:
        out = tmp_path / f"test-{design}"
        options = {"listeners": 6, "headphones": False, "studies": 4, **options}
        return out, make_test(sources, Asked(design, out, **options))

    return made


@pytest.fixture
def serving():
    """``with serving(folder, port=0) as (url, admin, process)``: `synthkit listen serve` as a user runs
    it."""

    @contextlib.contextmanager
    def run(folder, port=0, *more):
        command = [
            sys.executable,
            "-m",
            "synthkit",
            "listen",
            "serve",
            str(folder),
            "--port",
            str(port),
            *more,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            lines = [process.stdout.readline().split() for _ in range(2)]
            assert all(lines), process.stderr.read()
            yield lines[0][1], lines[1][1], process
        finally:
            process.kill()
            process.communicate()

    return run


@pytest.fixture(scope="session")
def voice_folder(tmp_path_factory):
    """A small unit-selection voice of twelve bundled recordings."""
    from synthkit.pipeline.build import build
    from synthkit.pipeline.config import load
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import SerialExecutor
    from synthkit.progress import Progress

    folder = tmp_path_factory.mktemp("voice")
    recipe = Path(__file__).parents[3] / "corpora" / "recipes" / "demo-ru.toml"
    # The default weights, and no guide: the lab is what is tested.
    plain = [f"acoustic_model.{name}" for name in ("guidance_pretrained=", "target={}", "join={}")]
    config = load(recipe, ["voice.limit=12", *plain])
    return build(
        config, folder / "demo-ru", BuildContext(SerialExecutor(), Progress(enabled=False), folder / "work")
    )


@pytest.fixture
def speaking(voice_folder):
    """``with speaking("--max-requests", "2") as (url, process)``: `synthkit serve` as a user runs it."""

    @contextlib.contextmanager
    def run(*more, voices=(voice_folder,)):
        command = [sys.executable, "-m", "synthkit", "serve", *map(str, voices), "--port", "0", *more]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            lines = [process.stdout.readline().split() for _ in range(2)]
            assert all(lines), process.stderr.read()
            yield lines[1][1], process
        finally:
            process.kill()
            process.communicate()

    return run


@pytest.fixture(scope="session")
def lab(voice_folder):
    """Address of `synthkit lab` as a user runs it."""
    command = [sys.executable, "-m", "synthkit", "lab", str(voice_folder), "--port", "0", "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        yield process.stdout.readline().split()[1]
    finally:
        process.kill()
        process.wait()
