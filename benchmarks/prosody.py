# SPDX-License-Identifier: Apache-2.0
"""Melody that is aimed at, and melody that is then spoken, beside the recordings': an ablation.

    python benchmarks/prosody.py --voice FOLDER [--first 0] [--every 10] [--count 62] [--f0 0.6 2.4 6]
        [--guide FOLDER] [--melody-alone]

FOLDER is a voice of units of ``msu-ru-nsh`` by ``corpora/recipes/nsh.toml`` without a guide, with
``voice.held_out = 10`` and the table ``[prosody]``: it has heard none of ``items[::10]``. (One whose guide
speaks, too, has no rows of units.) Each recording is spoken by its text, without its own units, once for each
row: the acoustic model alone, the ensemble's mean, the mean spread, contours of recordings, both; and all of
them for each weight of F0 in the search. The same rows of the parametric voice ``nsh`` (bundled weights,
which have not heard these recordings either, or ``--guide``, a voice's ``acoustic_model`` folder) are of its
frames.

Compared are halves of phones that text and recording have in common and in which both are voiced, by F0 of
WORLD: the share of the variance of ln F0 that the target explains, and of what the chosen units have been
recorded with RMSE in Hz, correlation, and deviation beside the recordings' own. Two rows are no voices: F0
constant at the mean, and the recordings. The first lines are of the ensemble alone, told where the recordings
pause, and of its means with the parametric voice's contour, told the same. For MCD and words, the same voice
with ``prosody.spread=0`` and the like is a row of ``unitsel_words.py``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.stages import Request, TrainingItem
from synthkit.testing.samples import context
from synthkit.types import Prosody
from synthkit.types.given import spoken_places

ROWS: dict[str, dict[str, Any] | None] = {
    "acoustic model alone": None,
    "ensemble, its mean": {"spread": 0.0, "contours": False},
    "ensemble, spread": {"spread": 1.0, "contours": False},
    "ensemble, its mean, `share = 0.7`": {"spread": 0.0, "contours": False, "share": 0.7},
    "contours chosen, near the mean": {"spread": 0.0, "contours": True},
    "contours chosen, spread": {"spread": 1.0, "contours": True},
}


class Heard(NamedTuple):
    """A recording: its text's segmentation, and by place F0 and voicing of both halves of a phone."""

    id: str
    segmentation: Any
    places: dict[tuple[int, int], int]
    measured: Any


def heard(chosen: list[Any], voice: Voice) -> list[Heard]:
    """Measure recordings."""
    from synthkit_prosody.measure import Measure

    extractor = registry().load("features", "world")
    extractor = extractor(extractor.Config(sample_rate=voice.sample_rate, aperiodicity=False))
    aligner = registry().load("alignment", "labels")()
    pairs = [(u, voice.segment(u.text)) for u in chosen]
    learned: Any = voice.prosody
    measure = Measure({s: k for k, s in enumerate(learned.learned.symbols)})
    out = []
    with tempfile.TemporaryDirectory() as work:
        for (u, said), (_, alignment) in zip(
            pairs, aligner.align_each(pairs, context(Path(work))), strict=True
        ):
            wave = audio.read(u.audio, None, u.start, u.end)
            frames = extractor.extract(wave, None)
            m = measure(TrainingItem(u, said, alignment, lambda w=wave: w, lambda f=frames: f))
            at = {p: k for k, p in enumerate(spoken_places([p.word for p in m.phones]))}
            out.append(Heard(u.id, said, at, m))
    return out


def row(voice: Voice, recordings: list[Heard], settings: dict[str, Any] | None, f0: float) -> np.ndarray:
    """Target, spoken and recorded ln F0 of every half-phone in common ``(N, 3)``."""
    part, model = voice.prosody, voice.acoustic_model
    kept = part.config if part is not None else None
    out = []
    for r in recordings:
        asked: dict[str, Any] = {"exclude": frozenset([r.id]), "options": {"target": {"f0": f0}}}
        if settings is None:
            asked["prosody"] = Prosody()
        elif part is not None and kept is not None:
            part.config = kept.model_copy(settings)
        path: Any = voice.predict(r.segmentation, **asked)
        store: Any = model.store
        block, at = store.units.fetch(np.array([u.index for u in path.units]))
        units = block["acoustics"][at]
        target = path.targets["f0"]
        for k, place in enumerate(spoken_places(path.words)):
            there = r.places.get(place, -1)
            if place[1] < 0 or there < 0 or not target[k] > 0:
                continue
            for half in (0, 1):
                if r.measured.voiced[there, half] > 0.5 and units[2 * k + half, 2] > 0.5:
                    out.append((np.log(target[k]), units[2 * k + half, 1], r.measured.f0[there, half]))
    if part is not None:
        part.config = kept
    return np.array(out)


def opened_guide(folder: Path | None) -> Any:
    """The parametric voice of these weights, or of the bundled ones."""
    kind = registry().load("acoustic_model", "parametric")
    model = kind()
    model.open(folder or kind.bundled("nsh").folder)
    return model


def told(recordings: list[Heard], model: Any) -> np.ndarray:
    """ln F0 of both halves of each phone ``(P, 2)`` by the parametric voice that is told their pauses; NaN
    where it speaks without voice."""
    from synthkit_prosody.measure import half_means

    out = []
    for r in recordings:
        pauses = frozenset(np.flatnonzero(r.measured.paused).tolist())
        frames = model.predict(Request(r.segmentation, prosody=Prosody(pauses)))
        edges = frames.timing.edges / frames.spec.frame_period
        halves = np.append(np.column_stack([edges[:-1], (edges[:-1] + edges[1:]) / 2]).reshape(-1), edges[-1])
        f0, _ = half_means(frames["lf0"], frames["vuv"] > 0.5, halves)
        here = {p: k for k, p in enumerate(spoken_places(frames.timing.words))}
        rows = np.array([here.get(p, -1) for p in spoken_places([p.word for p in r.measured.phones])])
        out.append(np.where(rows[:, None] >= 0, f0.reshape(-1, 2)[rows], np.nan))
    return np.concatenate(out)


def together(recordings: list[Heard], said: np.ndarray, guide: np.ndarray) -> None:
    """Print what means of the ensemble and the guide explain, and the difference from the ensemble alone."""
    f0, voiced = (np.concatenate([getattr(r.measured, n) for r in recordings]) for n in ("f0", "voiced"))
    good = (voiced > 0.5) & np.isfinite(guide)
    whose = np.repeat(np.arange(len(recordings)), [len(r.measured.phones) for r in recordings])
    whose = np.broadcast_to(whose[:, None], good.shape)[good]
    said, guide, real = said[good], guide[good], f0[good]
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(whose == k) for k in range(len(recordings))]
    drawn = [np.concatenate([rows[k] for k in rng.integers(0, len(rows), len(rows))]) for _ in range(1000)]

    def explains(which: np.ndarray, at: Any = slice(None)) -> float:
        return float(1 - np.square(which[at] - real[at]).mean() / real[at].var())

    print("| the ensemble's share, the guide's rest | explains | more than the ensemble | correlation |")
    print("|---" * 4 + "|")
    for share in (1.0, 0.8, 0.7, 0.6, 0.5, 0.0):
        both = share * said + (1 - share) * guide
        more = [explains(both, at) - explains(said, at) for at in drawn]
        low, high = np.percentile(more, [2.5, 97.5])
        print(
            f"| {share:g} | {explains(both):.3f} | {explains(both) - explains(said):+.3f} ({low:+.3f} to "
            f"{high:+.3f}) | {np.corrcoef(both, real)[0, 1]:.3f} |"
        )
    print()


def of_frames(
    recordings: list[Heard], part: Any, settings: dict[str, Any] | None, folder: Path | None
) -> np.ndarray:
    """The same of the parametric voice's frames, whose contour is what it aims at."""
    from synthkit_prosody.measure import half_means

    model = opened_guide(folder)
    kept, out = part.config, []
    part.config = kept.model_copy(settings or {})
    for r in recordings:
        request = Request(r.segmentation, exclude=frozenset([r.id]))
        if settings is not None:
            request = replace(request, prosody=part.predict(request))
        frames = model.predict(request)
        edges = frames.timing.edges / frames.spec.frame_period
        halves = np.append(np.column_stack([edges[:-1], (edges[:-1] + edges[1:]) / 2]).reshape(-1), edges[-1])
        f0, voiced = half_means(frames["lf0"], frames["vuv"] > 0.5, halves)
        for k, place in enumerate(spoken_places(frames.timing.words)):
            there = r.places.get(place, -1)
            for n in (0, 1) if place[1] >= 0 and there >= 0 else ():
                if r.measured.voiced[there, n] > 0.5 and voiced[2 * k + n] > 0.5:
                    out.append((f0[2 * k + n], f0[2 * k + n], r.measured.f0[there, n]))
    model.close()
    part.config = kept
    return np.array(out)


def line(name: str, target: np.ndarray | None, spoken: np.ndarray, real: np.ndarray) -> str:
    """A row of the table."""
    hertz, own = np.exp(spoken), np.exp(real)
    share = "–" if target is None else f"{1 - np.square(target - real).mean() / real.var():.3f}"
    rmse, flat = np.sqrt(np.square(hertz - own).mean()), hertz.std() < 1e-9
    together = "–" if flat else f"{np.corrcoef(hertz, own)[0, 1]:.3f}"
    return f"| {name} | {share} | {rmse:.1f} | {together} | {hertz.std() / own.std():.2f} |"


def main() -> None:
    """Print Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--voice", type=Path, required=True)
    parser.add_argument("--first", type=int, nargs="+", default=[0])
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--count", type=int, default=62)
    parser.add_argument("--f0", type=float, nargs="+", default=[0.6, 2.4, 6.0])
    parser.add_argument("--guide", type=Path, help="acoustic_model of a parametric voice")
    parser.add_argument("--melody-alone", action="store_true", help="no rows of voices")
    asked = parser.parse_args()
    items = list(open_corpus("msu-ru-nsh").utterances)
    chosen = [u for k, u in enumerate(items) if k % asked.every in asked.first][: asked.count]
    with Voice.open(asked.voice) as voice:
        strange = {u.id for u in chosen} & set(voice.manifest["utterances"])
        if strange:
            print(f"**the voice has heard {len(strange)} of them**\n")
        recordings = heard(chosen, voice)
        part: Any = voice.prosody
        said = np.concatenate([part.learned.ensemble.predict(r.measured.rows) for r in recordings])
        f0, voiced = (np.concatenate([getattr(r.measured, n) for r in recordings]) for n in ("f0", "voiced"))
        good = voiced > 0.5
        left = np.square(said - f0)[good].mean() / f0[good].var()
        print(
            f"{len(chosen)} recordings; the ensemble, told their pauses, explains {1 - left:.3f} of the "
            f"variance of ln F0 with {said[good].std() / f0[good].std():.2f} of its deviation\n"
        )
        guide = opened_guide(asked.guide)
        together(recordings, said, told(recordings, guide))
        guide.close()
        if asked.melody_alone:
            return
        print(
            "| | target explains | F0 RMSE, Hz | correlation | deviation ÷ recordings' |\n" + "|---" * 5 + "|"
        )
        real = f0[good]
        print(line("F0 constant", None, np.full(len(real), np.log(np.exp(real).mean())), real))
        print(line("recordings", None, real, real))
        model: Any = voice.acoustic_model
        guide_speaks = model.config.guide_speaks is not None
        for weight in [] if guide_speaks else asked.f0:
            for name, settings in ROWS.items():
                start = time.process_time()
                found = row(voice, recordings, settings, weight)
                print(line(f"{name}, `target.f0 = {weight:g}`", *found.T), flush=True)
                spent = time.process_time() - start
                if settings is None:
                    alone = spent
        for name, settings in ROWS.items():
            print(
                line(f"parametric: {name}", *of_frames(recordings, part, settings, asked.guide).T), flush=True
            )
        if guide_speaks:
            print("\nno rows of units: in this voice the guide speaks, too (`unitsel_words.py` is for such)")
            return
        print(f"\nprocessor seconds of the last row of units {spent:.1f}, of the model alone {alone:.1f}")


if __name__ == "__main__":
    main()
