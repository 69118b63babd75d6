# SPDX-License-Identifier: Apache-2.0
"""Every row beside the others, in one run: what is understood, how near it is, what is heard at joins.

    python benchmarks/unitsel_words.py --voice "unit selection=FOLDER" --voice "hybrid=FOLDER join.f0=40" …
        [--whisper FOLDER] [--corpus msu-ru-nsh] [--first 0] [--every 10] [--count 62] [--keep FOLDER]
        [--no-anchors] [--no-peer] [--distillmos]

Recordings ``items[first::every]`` of the corpus (several ``--first`` take several such series), text in; a
voice made of units speaks without those of the sentence itself. Rows that are no voices: the recordings,
copies of them through WORLD, the same copies with F0 constant at its mean (what a voice without any melody
would score), and, of ``msu-ru-nsh``, Festival's clunits voice without the sentence's own units, where it is
installed.

WER and CER are Whisper's (a CTranslate2 model, docs/evaluation.md says where one is), with 95 % bootstrap
intervals over sentences; their quotients to the recordings' are resampled pair by pair. What was heard is
kept by the waveform's hash, so that a row that is measured again costs no recognition. MCD, F0 RMSE and
correlation are the metric ``world``'s; jumps (steps of F0 above two semitones at joins, in brackets those of
neighbours in one recording) the metric ``seams``'s, pooled over all joins. With --distillmos the quality that
DistillMOS predicts is told, too. The last lines are differences
of each voice from the first one, sentence by sentence.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from peers import festival_loo

from synthkit import audio
from synthkit.atomic import write_json
from synthkit.corpora import open_corpus
from synthkit.errors import SynthkitError
from synthkit.eval import Clip, EvalSample
from synthkit.eval.metric import measure
from synthkit.eval.statistics import bootstrap_interval
from synthkit.eval.voice_systems import record_of
from synthkit.pipeline.voice import Voice
from synthkit.pipeline.voice_folder import read_manifest
from synthkit.plugins import registry
from synthkit.types import Frames, Utterance, Waveform

NEAR = ("mcd", "f0-rmse", "f0-correlation")
HEARD = Path(tempfile.gettempdir()) / "synthkit-benchmark-heard"


class Spoken(NamedTuple):
    """A sentence as a row says it: its sound, and of a voice what its pipeline recorded."""

    wave: Waveform
    record: Any = None


Row = tuple[str, Callable[[Utterance], Spoken]]


def voice_row(text: str) -> Iterator[Row]:
    """The row of ``NAME=FOLDER [setting=value …]``."""
    name, _, rest = text.partition("=")
    folder, *settings = rest.split()
    others = ("vocoder.", "prosody.")
    voice = Voice.open(
        Path(folder), overrides=[s if s.startswith(others) else f"acoustic_model.{s}" for s in settings]
    )

    def speak(utterance: Utterance) -> Spoken:
        said = voice.speak(utterance.text, exclude=frozenset([utterance.id]))
        return Spoken(said.waveform, record_of(said, utterance.id))

    yield name, speak
    voice.close()


def anchors() -> list[Row]:
    """The recordings, and copies of them through WORLD with and without their melody."""
    features = registry().load("features", "world")
    vocoder = registry().load("vocoder", "world")()

    def frames(utterance: Utterance) -> Frames:
        wave = recording(utterance)
        made: Frames = features(features.Config(sample_rate=wave.sample_rate)).extract(wave, None)
        return made

    def copy(utterance: Utterance) -> Spoken:
        return Spoken(vocoder.render(frames(utterance)))

    def monotone(utterance: Utterance) -> Spoken:
        said = frames(utterance)
        data = {name: np.array(said[name]) for name in said.spec.names}
        voiced = data["vuv"] > 0.5
        # The mean in Hz is the constant that errs least by F0 RMSE.
        data["lf0"][:] = np.log(np.mean(np.exp(data["lf0"][voiced]))) if voiced.any() else 0.0
        return Spoken(vocoder.render(Frames(data, said.spec)))

    return [
        ("recordings", lambda u: Spoken(recording(u))),
        ("copy by WORLD", copy),
        ("copy, F0 constant", monotone),
    ]


def recording(utterance: Utterance) -> Waveform:
    """What was recorded."""
    return audio.read(utterance.audio, None, utterance.start, utterance.end)


def peer_row(chosen: list[Utterance], folder: Path) -> Row:
    """Festival's voice."""
    peer = festival_loo.speak([(u.id, u.text) for u in chosen], folder)
    return "Festival clunits", lambda u: Spoken(audio.read(peer.waves[u.id]))


class Ears:
    """A recogniser, and a judge of quality, that hear no waveform twice."""

    def __init__(self, model: Path | None, distillmos: bool) -> None:
        load = registry().load
        self.metrics = []
        if model:
            kind = load("metric", "whisper")
            self.metrics.append(kind(kind.Config(model=str(model))))
            try:
                self.metrics[-1].prepare()
            except SynthkitError as error:  # now, not after the first row
                raise SystemExit(str(error)) from error
        if distillmos:
            self.metrics.append(load("metric", "distillmos")())

    def hear(self, utterance: Utterance, wave: Waveform) -> dict[str, list[float]]:
        """WER and CER in percent, each with the number of words or characters; predicted quality."""
        out: dict[str, list[float]] = {}
        sample = EvalSample(utterance.id, utterance.text, utterance.language, Clip(wave))
        for metric in self.metrics:
            about = f"{metric.fingerprint()} {wave.sample_rate} {utterance.text}".encode()
            key = hashlib.sha256(about + np.ascontiguousarray(wave.samples).tobytes()).hexdigest()
            path = HEARD / f"{key[:40]}-{type(metric).__name__}.json"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_json(path, {m.metric: [m.value, m.n] for m in measure(metric, sample)})
            out |= json.loads(path.read_text(encoding="utf-8"))
        return out


def figures(utterance: Utterance, said: Spoken, ears: Ears, metrics: list[Any]) -> dict[str, list[float]]:
    """Everything measured of one sentence: values with their weights."""
    sample = EvalSample(
        utterance.id, utterance.text, utterance.language, Clip(said.wave), Clip(recording(utterance)),
        record=said.record,
    )  # fmt: skip
    out = ears.hear(utterance, said.wave)
    path = getattr(said.record, "path", None)
    for metric in metrics if path is not None else metrics[:1]:
        for m in measure(metric, sample):
            if m.value is not None and (
                m.metric in NEAR or m.key.endswith("/neighbours") or path is not None
            ):
                out[m.key if m.key.endswith("/neighbours") else m.metric] = [m.value, m.n or 1]
    if path is not None:
        out["joins"] = [path.joins, 1]
    return out


def pooled(rows: list[dict[str, list[float]]], name: str) -> str:
    """Mean by the number of places, of a figure of joins; both kinds, neighbours in brackets."""
    cells = []
    for whose in ("", "/neighbours"):
        means = []
        for kind in ("boundary", "mid-phone"):
            values = [row[key] for row in rows if (key := f"{name}-{kind}{whose}") in row]
            shares, counts = np.array(values).T if values else (np.zeros(0), np.zeros(0))
            means.append(f"{np.average(shares, weights=counts):.1f}" if values else "–")
        cells.append(" / ".join(means))
    return "–" if cells[0] == "– / –" else f"{cells[0]} ({cells[1]})"


def mean(rows: list[dict[str, list[float]]], name: str, digits: int, *, weighted: bool = False) -> str:
    """With its 95 % interval."""
    values = np.array([row[name] for row in rows if name in row], float)
    if not len(values):
        return "–"
    found = bootstrap_interval(values[:, 0], values[:, 1] if weighted else None)
    if (
        found.low is None
        or found.high is None
        or name not in ("wer", "cer", "mcd", "f0-rmse", "predicted-mos")
    ):
        return f"{found.estimate:.{digits}f}"
    return f"{found.estimate:.{digits}f} ({found.low:.{digits}f}–{found.high:.{digits}f})"


def quotient(rows: list[dict[str, list[float]]], base: list[dict[str, list[float]]], name: str) -> str:
    """Of two pooled error rates over the same sentences, with a percentile interval over sentences."""
    if not rows or name not in rows[0] or name not in base[0]:
        return "–"
    wrong, whole = (np.array([r[name][0] * r[name][1] for r in some]) for some in (rows, base))
    picked = np.random.default_rng(0).integers(0, len(wrong), (4000, len(wrong)))
    resampled = wrong[picked].sum(1) / np.maximum(whole[picked].sum(1), 1e-9)
    low, high = np.percentile(resampled, [2.5, 97.5])
    return f"{wrong.sum() / max(whole.sum(), 1e-9):.2f} ({low:.2f}–{high:.2f})"


def difference(rows: list[dict[str, list[float]]], base: list[dict[str, list[float]]], name: str) -> str:
    """Mean difference of a figure, sentence by sentence, with its interval."""
    pairs = [(a[name], b[name]) for a, b in zip(rows, base, strict=True) if name in a and name in b]
    if len(pairs) < 2:
        return "–"
    rate = name in ("wer", "cer")
    change = np.array([a[0] - b[0] for a, b in pairs])
    found = bootstrap_interval(change, np.array([a[1] for a, _ in pairs]) if rate else None)
    return f"{found.estimate:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def main() -> None:
    """Print Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--voice", action="append", default=[])
    parser.add_argument("--whisper", type=Path)
    parser.add_argument("--corpus", default="msu-ru-nsh")
    parser.add_argument("--first", type=int, nargs="+", default=[0])
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--ids", nargs="+", help="these recordings instead")
    parser.add_argument("--count", type=int, default=62)
    parser.add_argument("--keep", type=Path, help="write what was spoken here")
    parser.add_argument("--no-anchors", action="store_true", help="of what is no voice, the recordings only")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--distillmos", action="store_true")
    asked = parser.parse_args()
    if asked.count < 1:
        parser.error("--count: at least 1 sentence")
    for text in asked.voice:  # a mistake in the last ends no run of hours
        folder = text.partition("=")[2].split()[0]
        try:
            read_manifest(Path(folder))
        except SynthkitError as error:
            parser.error(f"--voice {text!r}: {error}")
    items = list(open_corpus(asked.corpus).utterances)
    series = [u for k, u in enumerate(items) if k % asked.every in asked.first]
    if asked.ids:
        series = [u for u in items if u.id in set(asked.ids)]
    spread = np.linspace(0, len(series) - 1, min(asked.count, len(series))).round().astype(int)
    chosen = [series[k] for k in spread]
    ears = Ears(asked.whisper, asked.distillmos)
    metrics = [registry().load("metric", name)() for name in ("world", "seams")]
    done: dict[str, list[dict[str, list[float]]]] = {}
    voices: list[str] = []
    print(f"{len(chosen)} sentences of {asked.corpus}, {chosen[0].id} … {chosen[-1].id}\n")
    head = (
        "", "WER, %", "÷ recordings", "CER, %", "MCD, dB", "F0 RMSE, Hz", "correlation",
        "jumps, boundary / mid-phone, %", "joins", "DistillMOS",
    )  # fmt: skip
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))

    def tell(name: str, speak: Callable[[Utterance], Spoken]) -> None:
        rows = []
        for utterance in chosen:
            said = speak(utterance)
            if asked.keep:
                place = asked.keep / name.replace(" ", "-")
                place.mkdir(parents=True, exist_ok=True)
                audio.write(place / f"{utterance.id}.wav", said.wave)
            rows.append(figures(utterance, said, ears, metrics if name != "recordings" else []))
        done[name] = rows
        base = done["recordings"]
        cells = (
            name, mean(rows, "wer", 1, weighted=True), quotient(rows, base, "wer"),
            mean(rows, "cer", 1, weighted=True),
            *((mean(rows, "mcd", 3), mean(rows, "f0-rmse", 1), mean(rows, "f0-correlation", 3))
              if name != "recordings" else ("0", "0", "1")),
            pooled(rows, "seam-jumps"), mean(rows, "joins", 1), mean(rows, "predicted-mos", 2),
        )  # fmt: skip
        print("| " + " | ".join(cells) + " |", flush=True)

    for name, speak in anchors()[: 1 if asked.no_anchors else None]:
        tell(name, speak)
    if asked.corpus == "msu-ru-nsh" and not asked.no_peer and festival_loo.available():
        with tempfile.TemporaryDirectory() as scratch:
            tell(*peer_row(chosen, Path(scratch)))
    for text in asked.voice:
        for name, speak in voice_row(text):
            tell(name, speak)
            voices.append(name)
    for name in voices[1:]:
        parts = [
            f"{what} {difference(done[name], done[voices[0]], what)}"
            for what in ("wer", "cer", "mcd", "f0-rmse", *(["predicted-mos"] if asked.distillmos else []))
        ]
        print(f"\n{name} less {voices[0]}: " + ", ".join(parts), flush=True)


if __name__ == "__main__":
    main()
