# SPDX-License-Identifier: Apache-2.0
"""Pieces of coqui-tts's configs that several models share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from synthkit.errors import ConfigError
from synthkit.scratch import scratch_folder
from synthkit_coqui.backend import coqui
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.symbols import BLANK, FIRST_CODE_POINT, PAD, SymbolTable


def conditioning(voice: VoiceConfig, d_vector_file: str | None) -> dict[str, Any]:
    """Arguments that say how a model is told who speaks."""
    return {
        "use_speaker_embedding": voice.conditioning == "embedding",
        "use_d_vector_file": voice.conditioning == "d-vector",
        "d_vector_file": d_vector_file,
        "d_vector_dim": voice.d_vector_dim,
    }


def of_text(voice: VoiceConfig, audio: dict[str, Any]) -> dict[str, Any]:
    """What the configs of all models that read text have."""
    assert voice.symbols is not None
    return {
        "audio": coqui().BaseAudioConfig(**audio),
        "use_phonemes": False,
        "text_cleaner": None,
        "add_blank": voice.symbols.blank,
        "characters": characters(voice.symbols),
        "speakers": list(voice.speakers) if voice.conditioning == "embedding" else [],
        "languages": list(voice.languages),
        "test_sentences": [],
    }


def characters(symbols: SymbolTable) -> Any:
    """coqui-tts's vocabulary; of an imported model it has the right size alone, since `SymbolTable` does the
    reading."""
    code_points = "".join(chr(FIRST_CODE_POINT + i) for i in range(len(symbols) - 2))
    return coqui().CharactersConfig(
        characters_class="TTS.tts.utils.text.characters.Graphemes",
        pad=PAD,
        blank=BLANK,
        bos=None,
        eos=None,
        characters=code_points,
        punctuations="",
        phonemes=None,
        is_unique=True,
        is_sorted=True,
    )


@contextmanager
def d_vector_file(voice: VoiceConfig) -> Iterator[str | None]:
    """A file coqui-tts's speaker manager can read; only the names and the dimension matter to the model."""
    if voice.conditioning != "d-vector":
        yield None
        return
    with scratch_folder() as folder:
        path = folder / "d_vectors.json"
        zeros = [0.0] * voice.d_vector_dim
        names = {f"{i}": {"name": name, "embedding": zeros} for i, name in enumerate(voice.speakers)}
        path.write_text(json.dumps(names), encoding="utf-8")
        yield str(path)


def upsample_factors(hop: int) -> list[int]:
    """Factors of a generator whose product is the hop, largest first: [8, 8, 2, 2] for 256.

    Raises
    ------
    ConfigError
        The hop has a prime factor above 8.
    """
    known = {256: [8, 8, 2, 2], 200: [5, 5, 4, 2], 80: [5, 4, 2, 2], 128: [8, 4, 2, 2], 512: [8, 8, 4, 2]}
    if hop in known:
        return known[hop]
    factors, rest = [], hop
    for candidate in (8, 7, 6, 5, 4, 3, 2):
        while rest % candidate == 0 and len(factors) < 5:
            factors.append(candidate)
            rest //= candidate
    if rest != 1:
        raise ConfigError(
            f"a hop of {hop} samples cannot be made of factors up to 8",
            where="features.hop_length",
            hint="use 256, 200, 128 or 80",
        )
    return factors


def kernel_sizes(factors: list[int]) -> list[int]:
    """Kernels of the transposed convolutions, such that each layer is exactly its factor longer."""
    return [2 * f if f % 2 == 0 else 2 * f + 1 for f in factors]
