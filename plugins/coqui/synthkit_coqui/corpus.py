# SPDX-License-Identifier: Apache-2.0
"""A corpus prepared for training: two flat binary files and an index, memory-mapped by every process.

`prepare` runs in the building process, which knows plugins and caches; training, on this machine or another,
needs nothing but the folder it wrote. Which utterances make batch number s is a function of the seed and of s
alone, so a training that was killed goes on with exactly the batch it would have taken next.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.audio import to_pcm16
from synthkit.dsp.specs import MelSpec
from synthkit.errors import VoiceError
from synthkit.paths import read_json
from synthkit.stages import Context, TrainingData, TrainingItem
from synthkit.types import Alignment
from synthkit_coqui.description import described
from synthkit_coqui.symbols import SymbolTable

PREPARED = "delete the folder it lies in: the same command prepares the corpus again"
LARGEST = 1 << 30
"""Bytes of the list of utterances: a thousand hours' is a quarter of it."""


@dataclass(frozen=True)
class Example:
    """One utterance in the index; positions count frames of ``mel.f32`` and samples of ``audio.i16``, `edges`
    are the seconds at which its phones begin, and at which the last one ends."""

    id: str
    text: str
    ids: list[int]
    speaker: int
    language: int
    frame: int
    frames: int
    sample: int
    samples: int
    held_out: bool
    edges: list[float] = field(default_factory=list)


def prepare(
    data: TrainingData,
    folder: Path,
    ctx: Context,
    *,
    symbols: SymbolTable | None,
    tokens: dict[str, list[str]],
    with_mel: bool,
    embed: Callable[[Any], np.ndarray] | None = None,
) -> None:
    """Write the corpus under `folder`; does nothing when it is there already and whole.

    Parameters
    ----------
    symbols : SymbolTable or None
        None for vocoders, which read no text.
    tokens : dict of str to list of str
        Tokens of each utterance.
    with_mel : bool
        Read the frames too; audio is then padded or cut to whole frames, so that frame t begins at t · hop.
    embed : callable or None
        Waveform to speaker embedding, for d-vector models.
    """
    index = folder / "index.json"
    if index.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    entries: list[dict[str, Any]] = []
    vectors: list[np.ndarray] = []
    frame = sample = 0
    mel_spec = MelSpec.of(data.spec) if with_mel else None
    hop = mel_spec.hop_length if mel_spec else 1
    every: list[tuple[TrainingItem, bool]] = [(i, False) for i in data.items] + [
        (i, True) for i in data.held_out
    ]
    with (folder / "mel.f32").open("wb") as mels, (folder / "audio.i16").open("wb") as audio:
        for item, held_out in ctx.track(every, label="preparing training data", total=len(every)):
            waveform = item.waveform()
            samples = waveform.samples
            frames = 0
            if with_mel:
                mel = item.frames()["mel"]
                frames = len(mel)
                samples = np.pad(samples, (0, max(0, frames * hop - len(samples))))[: frames * hop]
                mels.write(np.ascontiguousarray(mel, np.float32).tobytes())
            audio.write(to_pcm16(samples).tobytes())
            if embed is not None:
                vectors.append(embed(waveform).astype(np.float32))
            utterance = item.utterance
            ids = symbols.encode(tokens[utterance.id], where=utterance.id) if symbols else []
            entries.append(
                {
                    "id": utterance.id,
                    "text": utterance.text,
                    "ids": ids,
                    "speaker": data.speakers.index(utterance.speaker)
                    if utterance.speaker in data.speakers
                    else 0,
                    "language": data.languages.index(utterance.language)
                    if utterance.language in data.languages
                    else 0,
                    "frame": frame,
                    "frames": frames,
                    "sample": sample,
                    "samples": len(samples),
                    "held_out": held_out,
                    "edges": _edges(item.alignment) if symbols else [],
                }
            )
            frame += frames
            sample += len(samples)
    if vectors:
        np.save(folder / "d_vectors.npy", np.stack(vectors))
    whole = {
        "sample_rate": data.sample_rate,
        "hop_length": hop if with_mel else None,
        "n_mels": mel_spec.n_mels if mel_spec else None,
        "speakers": list(data.speakers),
        "languages": list(data.languages),
        "utterances": entries,
    }
    partial = folder / "index.json.part"
    partial.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    partial.replace(index)


def _edges(alignment: Alignment) -> list[float]:
    """Seconds at which each phone begins, and at which the last one ends."""
    phones = alignment.phones
    return [round(p.start, 5) for p in phones] + [round(p.end, 5) for p in phones[-1:]]


class Corpus:
    """What `prepare` wrote, opened for reading."""

    def __init__(self, folder: Path) -> None:
        file = folder / "index.json"
        data = read_json(file, VoiceError, hint=PREPARED, limit=LARGEST)
        with described(str(file), "is no list of utterances", hint=PREPARED):
            self.sample_rate: int = data["sample_rate"]
            self.hop: int | None = data["hop_length"]
            self.speakers: list[str] = data["speakers"]
            self.languages: list[str] = data["languages"]
            examples = [Example(**entry) for entry in data["utterances"]]
        self.all = examples
        self.training = [e for e in examples if not e.held_out]
        self.held_out = [e for e in examples if e.held_out]
        self._audio = np.memmap(folder / "audio.i16", np.int16, "r")
        self._mel = (
            np.memmap(folder / "mel.f32", np.float32, "r").reshape(-1, data["n_mels"]) if self.hop else None
        )
        vectors = folder / "d_vectors.npy"
        self._vectors = np.load(vectors, allow_pickle=False) if vectors.exists() else None
        self._place = {e.id: i for i, e in enumerate(examples)}

    def audio(self, example: Example, start: int = 0, length: int | None = None) -> np.ndarray:
        """Samples, float32 in [-1, 1]."""
        stop = example.sample + (example.samples if length is None else min(start + length, example.samples))
        return self._audio[example.sample + start : stop].astype(np.float32) / np.float32(32768)

    def mel(self, example: Example, start: int = 0, length: int | None = None) -> np.ndarray:
        """Frames, float32 ``(T, n_mels)``."""
        assert self._mel is not None
        stop = example.frame + (example.frames if length is None else min(start + length, example.frames))
        return np.array(self._mel[example.frame + start : stop])

    def d_vector(self, example: Example) -> np.ndarray | None:
        """Speaker embedding of the utterance, for d-vector models."""
        return None if self._vectors is None else self._vectors[self._place[example.id]]


class Batches:
    """Which examples make which step's batch.

    Every epoch is a fresh permutation; within groups of eight batches, utterances of like length are put
    together, so that little is padded.
    """

    def __init__(self, corpus: Corpus, batch_size: int, seed: int, *, rank: int = 0, world: int = 1) -> None:
        self.corpus, self.seed, self.rank, self.world = corpus, seed, rank, world
        self.examples = corpus.training
        self.total = min(batch_size * world, len(self.examples))
        self.total -= self.total % world if self.total >= world else 0
        self.per_epoch = max(1, len(self.examples) // self.total)
        self._epoch = -1
        self._order: list[list[int]] = []

    def at(self, step: int) -> list[Example]:
        """This process's examples for `step` (0-based)."""
        epoch, index = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            self._order, self._epoch = self._shuffled(epoch), epoch
        return [self.examples[i] for i in self._order[index][self.rank :: self.world]]

    def _shuffled(self, epoch: int) -> list[list[int]]:
        rng = np.random.default_rng((self.seed, epoch))
        order = rng.permutation(len(self.examples))
        group = self.total * 8
        batches: list[list[int]] = []
        for start in range(0, len(order), group):
            block = sorted(order[start : start + group].tolist(), key=lambda i: (self.examples[i].samples, i))
            batches += [block[i : i + self.total] for i in range(0, len(block), self.total)]
        batches = [b for b in batches if len(b) == self.total]
        rng.shuffle(batches)  # type: ignore[arg-type]
        while len(batches) < self.per_epoch:  # groups that did not divide evenly
            batches.append(sorted(order[: self.total].tolist()))
        return batches


def segment_starts(examples: list[Example], frames: int, rng: np.random.Generator) -> list[int]:
    """Start frame of the training segment of each example."""
    return [int(rng.integers(0, max(1, e.frames - frames + 1))) for e in examples]
