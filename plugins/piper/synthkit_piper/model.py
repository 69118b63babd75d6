# SPDX-License-Identifier: Apache-2.0
"""The two files of a Piper voice: the network (ONNX) and what it was trained as (JSON)."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import VoiceError
from synthkit.onnx_network import open_network, run_network
from synthkit_piper.ids import BEGIN, END, PAD

NETWORK, DESCRIPTION = "voice.onnx", "voice.onnx.json"
SOWING = threading.Lock()
"""The seed is the process's: two that speak at once would take each other's."""
Scales = tuple[float, float, float]
"""Noise, length, and noise of durations."""
MOST_IDS = 100_000
"""Real tables have 256."""
LARGEST = 10_000_000
"""Bytes of a description; real ones have five thousand."""


@dataclass(frozen=True)
class Description:
    """What the JSON says, as far as speaking needs it.

    Attributes
    ----------
    sample_rate : int
        Hz.
    language : str
        BCP-47.
    espeak : str
        espeak-ng's voice that its phones are of.
    table : mapping
        A character to its ids.
    speakers : dict of str to int
        Empty for a voice of one speaker.
    noise, length, noise_w : float
        The scales that the voice comes with.
    """

    sample_rate: int
    language: str
    espeak: str
    table: Mapping[str, tuple[int, ...]]
    speakers: dict[str, int]
    noise: float
    length: float
    noise_w: float

    @classmethod
    def read(cls, path: Path) -> Description:
        """Read and check it.

        Raises
        ------
        VoiceError
            It is missing, or is not what Piper writes; the key is named.
        """
        try:
            if path.stat().st_size > LARGEST:
                raise VoiceError(f"is larger than {LARGEST // 1_000_000} MB", where=str(path))
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise VoiceError(
                "is missing", where=str(path), hint="a Piper voice is two files: NAME.onnx and NAME.onnx.json"
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            raise VoiceError(f"cannot be read: {error}", where=str(path)) from error
        try:
            return cls._of(data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise VoiceError(
                f"is no description of a Piper voice: {type(error).__name__} {error}", where=str(path)
            ) from error

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Description:
        table = {str(k): tuple(int(i) for i in v) for k, v in data["phoneme_id_map"].items()}
        lacking = [sign for sign in (PAD, BEGIN, END) if sign not in table]
        if lacking:
            raise ValueError(f"phoneme_id_map lacks {', '.join(map(repr, lacking))}")
        kind = data.get("phoneme_type", "espeak")
        if kind != "espeak":
            raise ValueError(f"phoneme_type is {kind!r}; only espeak-ng's phones can be given to it")
        if not all(0 <= i < MOST_IDS for own in table.values() for i in own):
            raise ValueError(f"phoneme_id_map has ids that are not from 0 to {MOST_IDS - 1}")
        scales = data.get("inference", {})
        length = float(scales.get("length_scale", 1.0))
        if not 0.05 <= length <= 20:
            raise ValueError(f"length_scale {length}")
        espeak = str(data["espeak"]["voice"])
        code = str(data.get("language", {}).get("code", espeak)).replace("_", "-")
        rate = int(data["audio"]["sample_rate"])
        if not 8000 <= rate <= 48000:
            raise ValueError(f"sample_rate {rate}")
        return cls(
            rate,
            code.split("-")[0].lower(),
            espeak,
            table,
            {str(k): int(v) for k, v in (data.get("speaker_id_map") or {}).items()},
            float(scales.get("noise_scale", 0.667)),
            length,
            float(scales.get("noise_w", 0.8)),
        )


def sown(path: Path, seed: int) -> Any:
    """`open_network` of one whose draws begin anew from `seed`: onnxruntime gives generators their seeds when
    it opens a network, and never again, so one that draws is opened for each utterance."""
    import onnxruntime

    with SOWING:
        onnxruntime.set_seed(seed)
        return open_network(path)


class Network:
    """The ONNX network as it came, ready to run.

    Raises
    ------
    MissingDependency
        onnxruntime is not installed.
    VoiceError
        The file is no network of Piper's: other inputs than ``input``, ``input_lengths``, ``scales`` (and
        ``sid``).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.session = open_network(path)
        names = [i.name for i in self.session.get_inputs()]
        if names[:3] != ["input", "input_lengths", "scales"] or names[3:] not in ([], ["sid"]):
            raise VoiceError(f"has inputs {', '.join(names)}, not those of a Piper voice", where=str(path))
        self.takes_speaker = names[3:] == ["sid"]

    def speak(self, ids: list[int], scales: Scales, speaker: int | None, seed: int = 0) -> np.ndarray:
        """Samples, float32 in [-1, 1], of phone ids; `scales` are noise, length and noise of durations."""
        given = {
            "input": np.asarray([ids], np.int64),
            "input_lengths": np.asarray([len(ids)], np.int64),
            "scales": np.asarray(scales, np.float32),
        }
        if self.takes_speaker:
            given["sid"] = np.asarray([speaker or 0], np.int64)
        session = sown(self.path, seed) if scales[0] or scales[2] else self.session
        samples = np.asarray(run_network(session, self.path, given)[0], np.float32).reshape(-1)
        return np.clip(samples, -1.0, 1.0)
