# SPDX-License-Identifier: Apache-2.0
"""Examples to the tensors that coqui-tts's `train_step` methods read."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit_coqui.description import VoiceConfig

if TYPE_CHECKING:
    from synthkit_coqui.architectures.base import Architecture
    from synthkit_coqui.corpus import Batches, Corpus, Example

Batch = dict[str, Any]


def padded(arrays: list[np.ndarray], length: int | None = None, value: float = 0.0) -> np.ndarray:
    """Arrays of different length stacked, padded at the end with `value`."""
    longest = length or max(len(a) for a in arrays)
    out = np.full((len(arrays), longest, *arrays[0].shape[1:]), value, arrays[0].dtype)
    for row, array in zip(out, arrays, strict=True):
        row[: len(array)] = array
    return out


def conditioning(voice: VoiceConfig, corpus: Corpus, examples: list[Example]) -> Batch:
    """Speaker ids or d-vectors and language ids, or None for each the model does not take."""
    import torch

    speakers = d_vectors = languages = None
    if voice.conditioning == "embedding":
        speakers = torch.tensor([e.speaker for e in examples])
    if voice.conditioning == "d-vector":
        vectors = [corpus.d_vector(e) for e in examples]
        d_vectors = torch.from_numpy(np.stack([v for v in vectors if v is not None]))
    if voice.language_embedding:
        languages = torch.tensor([e.language for e in examples])
    return {"speaker_ids": speakers, "d_vectors": d_vectors, "language_ids": languages}


def longest_first(examples: list[Example]) -> list[Example]:
    """In the order in which they stand in a batch of frames: Tacotron 2's encoder packs them so."""
    return sorted(examples, key=lambda e: -len(e.ids))


def mel_batch(voice: VoiceConfig, corpus: Corpus, examples: list[Example], reduction: int) -> Batch:
    """Batch of Glow-TTS and Tacotron 2."""
    import torch

    examples = longest_first(examples)
    mels = [corpus.mel(e) for e in examples]
    lengths = np.array([len(m) for m in mels])
    longest = int(-(-lengths.max() // reduction) * reduction)
    stop = padded([np.eye(1, n, n - 1, dtype=np.float32)[0] for n in lengths], longest, 1.0)
    stop = (stop.reshape(len(mels), longest // reduction, reduction).sum(2) > 0).astype(np.float32)
    return {
        "text_input": torch.from_numpy(padded([np.array(e.ids, np.int64) for e in examples])),
        "text_lengths": torch.tensor([len(e.ids) for e in examples]),
        "mel_input": torch.from_numpy(padded(mels, longest)),
        "mel_lengths": torch.from_numpy(lengths),
        "stop_targets": torch.from_numpy(stop),
        "stop_target_lengths": torch.from_numpy(np.ceil(lengths / reduction)),
        **conditioning(voice, corpus, examples),
    }


def wave_batch(voice: VoiceConfig, corpus: Corpus, examples: list[Example]) -> Batch:
    """Batch of VITS: tokens and whole waveforms; the spectrograms are computed on the device."""
    import torch

    waves = [corpus.audio(e) for e in examples]
    lengths = torch.tensor([len(w) for w in waves])
    return {
        "tokens": torch.from_numpy(padded([np.array(e.ids, np.int64) for e in examples])),
        "token_lens": torch.tensor([len(e.ids) for e in examples]),
        "waveform": torch.from_numpy(padded(waves))[:, None, :],
        "waveform_lens": lengths,
        "waveform_rel_lens": lengths / lengths.max(),
        **conditioning(voice, corpus, examples),
    }


def segment_batch(voice: VoiceConfig, corpus: Corpus, examples: list[Example], starts: list[int]) -> Batch:
    """Batch of a vocoder: mel segments and the samples they stand for."""
    import torch

    hop = corpus.hop
    assert hop is not None
    frames = voice.segment // hop
    mels = [corpus.mel(e, s, frames) for e, s in zip(examples, starts, strict=True)]
    waves = [corpus.audio(e, s * hop, frames * hop) for e, s in zip(examples, starts, strict=True)]
    return {
        "input": torch.from_numpy(padded(mels, frames)).transpose(1, 2).contiguous(),
        "waveform": torch.from_numpy(padded(waves, frames * hop))[:, None, :],
    }


def maker(
    architecture: Architecture, voice: VoiceConfig, corpus: Corpus, seed: int, rank: int
) -> Callable[[int, list[Example]], Batch]:
    """The function from (step, examples) to a batch on the CPU; what is drawn in it depends on seed, step and
    rank alone."""

    def make(step: int, examples: list[Example]) -> Batch:
        return architecture.batch(voice, corpus, examples, np.random.default_rng((seed, 1 + step, rank)))

    return make


def prefetched(
    batches: Batches, make: Callable[..., Batch], first: int, ahead: int = 3
) -> Generator[Batch, None, None]:
    """Batches from step `first` on, without end, made `ahead` steps early in a thread."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        step = first
        waiting = []
        try:
            while True:
                while len(waiting) < ahead:
                    waiting.append(pool.submit(lambda s: make(s, batches.at(s)), step))
                    step += 1
                yield waiting.pop(0).result()
        finally:
            for future in waiting:
                future.cancel()


def to_device(batch: Batch, device: Any) -> Batch:
    """Every tensor of the batch on `device`."""
    return {k: v.to(device, non_blocking=True) if hasattr(v, "to") else v for k, v in batch.items()}
