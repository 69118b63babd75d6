# SPDX-License-Identifier: Apache-2.0
"""How soon does a report of 300 sentences by 4 systems open in Chromium, and in how much memory?

Writes such a report (29 figures, lossless sounds of the bundled Russian recordings) and opens it from disk.
To reach: 3 s until the player is ready, 500 MB by all processes of the browser (proportional set size).

    python benchmarks/eval_report_open.py FOLDER [--sentences 300]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import psutil

from synthkit.corpora import open_corpus
from synthkit.eval.analysis import analyse
from synthkit.eval.items import Item
from synthkit.eval.metric import Definition, Measurement
from synthkit.eval.report.page import Content, write_report
from synthkit.eval.results import Row
from synthkit.testing.browser import launch

SYSTEMS = [("natural", "natural", {}), ("copy", "copy", {}), ("a", "voice", {}), ("b", "voice", {})]
FIGURES = [Definition(f"m{k}", "x", "dB", "lower", f"M{k}", "Drawn at random.", main=True) for k in range(29)]


def content(sentences: int) -> Content:
    """A report's content with random figures."""
    utterances = open_corpus("bundled-ru").utterances
    rng = np.random.default_rng(0)
    items, sounds, rows = [], {}, []
    for k in range(sentences):
        u = utterances[k % len(utterances)]
        items.append(Item(f"u{k}", u.text, "ru", u))
        for name, _, _ in SYSTEMS:
            sounds[name, f"u{k}"] = u.audio
            rows += [
                Row.of(f"u{k}", name, Measurement(d.metric, d.id, float(rng.normal()), 1, "dB"))
                for d in FIGURES
            ]
    names = [name for name, _, _ in SYSTEMS]
    analysis = analyse(rows, FIGURES, names, voices=["a", "b"], resamples=50)
    return Content("many", items, SYSTEMS, rows, analysis, sounds, verdict="Random.")


def main() -> None:
    """Write, open, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sentences", type=int, default=300)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    path = (args.folder / "index.html").resolve()
    size = write_report(path, content(args.sentences))
    with launch() as browser:
        page = browser.new_page()
        started = time.monotonic()
        page.goto(path.as_uri())
        page.wait_for_function("document.body.dataset.ready")
        seconds = time.monotonic() - started
        processes = psutil.Process().children(recursive=True)
        memory = sum(p.memory_full_info().pss for p in processes if "chrom" in p.name()) / 1e6
    marks = ["ok" if seconds < 3 else "MISSED", "ok" if memory < 500 else "MISSED"]
    print(f"{args.sentences} sentences × {len(SYSTEMS)} systems, page of {size / 1e6:.1f} MB")
    print(f"ready after {seconds:.2f} s (to reach 3) {marks[0]}; {memory:.0f} MB (to reach 500) {marks[1]}")


if __name__ == "__main__":
    main()
