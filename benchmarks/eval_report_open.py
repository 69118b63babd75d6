# SPDX-License-Identifier: Apache-2.0
"""How soon does a report of 300 sentences by 4 voices open in Chromium, and in how much memory?

The report has everything that one can have: every figure that is installed, recordings and copies beside the
four voices, phones, F0 and alignment for the spectrogram of every sentence, what a recogniser heard, and the
section of a listening test with its correlations. Sounds are bundled recordings, slower or faster by voice;
there are fewer different ones than sentences, for the browser each is another.

To reach: 3 s until the player is ready, 500 MB by all processes of the browser (proportional set size); the
memory also after every part was opened and 20 sentences were played, each by two voices.

    python benchmarks/eval_report_open.py FOLDER [--sentences 300] [--different 24]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.eval.analysis import analyse
from synthkit.eval.figures import catalogue
from synthkit.eval.items import Item
from synthkit.eval.listening import analyse_ratings
from synthkit.eval.listening import rows as rating_rows
from synthkit.eval.listening.design import plan
from synthkit.eval.listening.joining import correlations
from synthkit.eval.listening.screening import Objection, Rules
from synthkit.eval.listening.simulate import simulate
from synthkit.eval.metric import Measurement
from synthkit.eval.report.listening import Listening
from synthkit.eval.report.page import Content, track_job, write_report
from synthkit.eval.report.tracks import Track, track_sentence
from synthkit.eval.results import Row
from synthkit.labels import read_alignment
from synthkit.plugins import registry
from synthkit.testing.browser import launch
from synthkit.types import Alignment, Waveform

SPEEDS = {"natural": 1.0, "copy:world": 1.0, "units": 1.04, "parametric": 0.95, "vits": 1.1, "tacotron": 0.9}
VOICES = ["units", "parametric", "vits", "tacotron"]
SYSTEMS = [
    (
        name,
        "natural" if name == "natural" else "voice" if name in VOICES else "copy",
        {"what": f"{name}, of a benchmark"},
    )
    for name in SPEEDS
]
LISTENERS = 24
PLAYED = 20


def sounds_of(folder: Path, different: int) -> list[tuple[Item, dict[str, Path], dict[str, Track]]]:
    """So many sentences as every system says them, with their tracks."""
    out = []
    for u in open_corpus("bundled-ru").utterances[:different]:
        wave = audio.read(u.audio)
        paths = {}
        for n, (name, speed) in enumerate(SPEEDS.items()):
            samples = wave.samples
            if name != "natural":
                at = np.arange(0, len(samples) - 1, speed)
                noise = np.random.default_rng(n).normal(0, 2e-4, len(at))
                samples = (np.interp(at, np.arange(len(samples)), samples) + noise).astype(np.float32)
            paths[name] = folder / f"{u.id}-{n}.wav"
            audio.write(paths[name], Waveform(samples, wave.sample_rate))
        own = read_alignment(u.labels) if u.labels is not None else None
        item = Item(u.id, u.text, "ru", u, own)
        keyed = {(name, u.id): path for name, path in paths.items()}
        said: dict[tuple[str, str], Alignment] = {}
        out.append((item, paths, track_sentence(track_job(SYSTEMS, keyed, said, item, True))))
    return out


def content(sentences: int, different: int, folder: Path) -> Content:
    """A report's content: sounds with all tracks, figures drawn at random, a listening test."""
    made = sounds_of(folder, different)
    figures = [d for d, _ in catalogue(registry())]
    rng = np.random.default_rng(0)
    items, sounds, tracks, rows = [], {}, {}, []
    for k in range(sentences):
        like, paths, found = made[k % len(made)]
        item = replace(like, id=f"sentence-{k:04d}")
        items.append(item)
        tracks[item.id] = found
        for n, name in enumerate(SPEEDS):
            sounds[name, item.id] = paths[name]
            for d in figures:
                low, high = d.bounds
                value = float(np.clip(rng.normal(3 + 0.2 * n, 1), low, high))
                detail = {"heard": item.text} if d.group == "intelligibility" else {}
                rows.append(Row.of(item.id, name, Measurement(d.metric, d.id, value, 10, d.unit, "", detail)))
    trials = plan("mos", [i.id for i in items], VOICES, LISTENERS, seed=1, per_listener=60)
    ratings = simulate("mos", trials, dict(zip(VOICES, (2.8, 3.1, 3.9, 3.6), strict=True)), rng)
    names = list(SPEEDS)
    heard = analyse_ratings(ratings, names, references=["natural", "copy:world"], resamples=200)
    analysis = analyse(rows, figures, names, voices=VOICES, heard=heard, resamples=50)
    said = rating_rows(ratings)
    listening = Listening(
        f"{len(ratings)} by {LISTENERS} listeners", Rules().text(),
        [Objection(f"l{n:02d}", "attention", "2 of 3 attention pages not as asked") for n in range(3)],
        ["a note"], correlations(said, rows, resamples=100),
    )  # fmt: skip
    return Content(
        "Everything that a report can have", items, SYSTEMS, [*rows, *said], analysis, sounds, tracks=tracks,
        facts={"corpus": "bundled-ru"}, warnings=["a warning"] * 3, left_out=[("a metric", "a reason")],
        environment={"synthkit": "benchmark"}, command="synthkit compare …", verdict="Random.",
        listening=listening,
    )  # fmt: skip


def memory() -> float:
    """Proportional set size of all processes of the browser, in MB."""
    mine = psutil.Process().children(recursive=True)
    return sum(p.memory_full_info().pss for p in mine if "chrom" in p.name()) / 1e6


def main() -> None:
    """Write, open, play, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--different", type=int, default=24)
    args = parser.parse_args()
    (args.folder / "made").mkdir(parents=True, exist_ok=True)
    path = (args.folder / "index.html").resolve()
    started = time.monotonic()
    shown = content(args.sentences, args.different, args.folder / "made")
    size = write_report(path, shown)
    beside = sum(p.stat().st_size for p in path.parent.glob("sounds/*"))
    print(
        f"{args.sentences} sentences × {len(VOICES)} voices, recordings and copies, "
        f"{len(shown.analysis.definitions)} figures: page of {size / 1e6:.1f} MB, "
        f"sounds beside it {beside / 1e6:.0f} MB, written in {time.monotonic() - started:.0f} s",
        flush=True,
    )
    with launch("--autoplay-policy=no-user-gesture-required") as browser:
        page = browser.new_page()
        started = time.monotonic()
        page.goto(path.as_uri())
        page.wait_for_function("document.body.dataset.ready")
        seconds = time.monotonic() - started
        opened = memory()
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        for k in range(min(PLAYED, args.sentences)):
            page.locator("#sentence").select_option(str(k * args.sentences // PLAYED))
            for voice in (3, 5):
                page.locator("#systems button").nth(voice).click()
                page.wait_for_function(
                    "v => document.body.dataset.painted.endsWith(v)", arg=list(SPEEDS)[voice]
                )
            page.locator("#play").click()
            page.wait_for_function("document.body.dataset.playing")
            page.locator("#systems button").nth(2).click()
        played = memory()
    marks = ["ok" if x else "MISSED" for x in (seconds < 3, opened < 500, played < 500)]
    print(f"ready after {seconds:.2f} s (to reach 3) {marks[0]}; {opened:.0f} MB (to reach 500) {marks[1]}")
    print(f"everything open and {PLAYED} sentences played: {played:.0f} MB {marks[2]}")


if __name__ == "__main__":
    main()
