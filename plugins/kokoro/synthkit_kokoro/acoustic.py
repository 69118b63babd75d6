# SPDX-License-Identifier: Apache-2.0
"""The acoustic model `kokoro`.

Y. A. Li, C. Han, V. S. Raghavan, G. Mischler, N. Mesgarani, "StyleTTS 2", NeurIPS 2023, as Kokoro-82M
(hexgrad) has it and kokoro-onnx exports it. A style is a vector of 256 values for each number of tokens that
an utterance may have; a mixture of styles is their weighted mean.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from synthkit.errors import ConfigError, SpeechWarning, TextError, VoiceError
from synthkit.ipa_transcription import punctuated, transcribe
from synthkit.onnx_network import open_network, run_network
from synthkit.paths import read_json
from synthkit.requested import speaker_shares
from synthkit.settings import Field, Settings
from synthkit.stages import AcousticModel, Context, Request, TrainingData
from synthkit.types import FeatureSpec, Segmentation, Waveform
from synthkit_kokoro.tokens import LONGEST, spelt, to_tokens

NETWORK, STYLES, VOCABULARY = "voice.onnx", "styles.npz", "vocabulary.json"
RATE, WIDTH = 24000, 256


class KokoroOptions(Settings):
    """What a request may ask."""

    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="2 is twice as fast")


class KokoroSettings(KokoroOptions):
    """Settings of `kokoro`."""

    model: Path | None = Field(
        default=None, description="kokoro-v1.0.onnx or a smaller one; a voice keeps it"
    )
    styles: Path | None = Field(default=None, description="its styles by name: voices-v1.0.bin, or a .npz")
    vocabulary: Path | None = Field(default=None, description="its config.json, or any with a table `vocab`")


class Kokoro(AcousticModel):
    """Speaks with a network that was trained elsewhere, in any of its styles; it learns nothing here."""

    Config = KokoroSettings
    Options = KokoroOptions
    version = "2"
    lacks: ClassVar[Mapping[str, str]] = {
        "durations": "the network never says its own",
        "f0": "the network gives sound and never says its pitch",
    }
    demos = ()  # its voices are shown by their own names

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._session: Any = None
        self._network = Path(NETWORK)
        self._styles: dict[str, np.ndarray] = {}
        self._vocabulary: dict[str, int] = {}

    def produces(self, features: FeatureSpec) -> FeatureSpec:
        """A waveform of 24 kHz, whatever the features are."""
        return FeatureSpec("waveform", RATE)

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Copy the network, its styles and its vocabulary into the voice.

        Raises
        ------
        ConfigError
            One of them is not named, or is not there.
        VoiceError
            One is not what it should be.
        """
        paths = []
        for name in ("model", "styles", "vocabulary"):
            path: Path | None = getattr(self.config, name)
            if path is None or not path.is_file():
                raise ConfigError(
                    "is not named" if path is None else f"{path}: there is no such file",
                    where=f"[acoustic_model] {name}",
                    hint="three files make a voice; `synthkit voices get kokoro` has one that is ready",
                )
            paths.append(path)
        keep(*paths, folder)

    def open(self, folder: Path) -> None:
        """Load the network and the styles.

        Raises
        ------
        VoiceError
            A file is missing, or is not what it should be.
        """
        self._vocabulary = read_vocabulary(folder / VOCABULARY)
        self._styles = read_styles(folder / STYLES)
        self._network = folder / NETWORK
        self._session = network_of(self._network)

    def predict(self, request: Request) -> Waveform:
        """Speak one utterance.

        Raises
        ------
        TextError
            It has no phone that the network knows, or more of them than it can say.
        ConfigError
            An unknown style.
        VoiceError
            It was not opened, or the network cannot be run: its files do not belong together.
        """
        if self._session is None:
            raise VoiceError("acoustic model 'kokoro' was not opened")
        asked, said, lacking = self.asked(request.options), list[np.ndarray](), dict[str, None]()
        for piece in self._pieces(request.segmentation, request.language):
            tokens, unknown = self._tokens(piece, request.language)
            lacking |= dict.fromkeys(unknown)
            given = {
                "tokens": np.asarray([[0, *tokens, 0]], np.int64),
                "style": self._style(request.speaker, len(tokens)),
                "speed": np.asarray([asked.speed], np.float32),
            }
            said.append(self._spoken(given))
        if lacking:
            warnings.warn(
                f"the voice has no {', '.join(map(repr, lacking))}; left out", SpeechWarning, stacklevel=2
            )
        return Waveform(np.clip(np.concatenate(said), -1.0, 1.0), RATE)

    def check_said(self, request: Request) -> None:
        """Refuse a style that there is not, and a word that is longer than the network speaks."""
        speaker_shares(request.speaker or None, list(self._styles))
        self._pieces(request.segmentation, request.language)

    def close(self) -> None:
        """Give the memory back."""
        self._session, self._styles = None, {}

    def _pieces(self, segmentation: Segmentation, language: str | None) -> list[Segmentation]:
        """What is said at once: of what is too long for that the halves, cut at the longest break, of several
        the one nearest the middle."""
        count, words = len(self._tokens(segmentation, language)[0]), segmentation.words
        if count <= min(LONGEST, *(len(style) for style in self._styles.values())):
            return [segmentation]
        if len(words) < 2:
            raise TextError(
                f"the word {words[0].text[:40]!r} has {count} phones and marks, {LONGEST} at most can be said"
            )
        middle = len(words) / 2
        cut = max(range(1, len(words)), key=lambda k: (words[k - 1].break_after, -abs(k - middle)))
        halves = (replace(segmentation, words=part) for part in (words[:cut], words[cut:]))
        return [piece for half in halves for piece in self._pieces(half, language)]

    def _tokens(self, segmentation: Segmentation, language: str | None) -> tuple[list[int], list[str]]:
        text = transcribe(segmentation, punctuated(segmentation)).text
        tokens, lacking = to_tokens(spelt(text, language or segmentation.language), self._vocabulary)
        if all(c in " .,;:!?—…" for c in text) or len(tokens) <= 1:
            raise TextError(f"the voice knows none of the phones {text!r}")
        return tokens, lacking

    def _spoken(self, given: dict[str, np.ndarray]) -> np.ndarray:
        """Samples (N,), float32, of what the network is given."""
        return np.asarray(run_network(self._session, self._network, given)[0], np.float32).reshape(-1)

    def _style(self, speaker: str | None, count: int) -> np.ndarray:
        """The style of an utterance of `count` tokens, (1, 256)."""
        shares = speaker_shares(speaker or None, list(self._styles))
        rows = np.stack([style[count - 1] for style in self._styles.values()])
        return np.asarray(shares @ rows, np.float32)[None]


def keep(network: Path, styles: Path, vocabulary: Path, folder: Path) -> tuple[str, ...]:
    """Copy a voice's files into `folder`, each once it has been read; gives the styles' names.

    Raises
    ------
    VoiceError
        One is not what it should be.
    """
    network_of(network)
    names = tuple(read_styles(styles))
    table = read_vocabulary(vocabulary)
    shutil.copyfile(network, folder / NETWORK)
    shutil.copyfile(styles, folder / STYLES)
    (folder / VOCABULARY).write_text(json.dumps({"vocab": table}, ensure_ascii=False), encoding="utf-8")
    return names


def read_styles(path: Path) -> dict[str, np.ndarray]:
    """Styles by name, each (tokens, 256), float32, sorted by name."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = {name: np.asarray(archive[name], np.float32) for name in sorted(archive.files)}
    except Exception as error:  # numpy raises whatever the zip or the header made it stumble over
        raise VoiceError(f"holds no styles: {str(error)[:200]}", where=str(path)) from error
    styles = {name: style.reshape(len(style), -1) for name, style in found.items() if style.ndim >= 2}
    bad = [n for n, s in styles.items() if s.shape[1] != WIDTH or not len(s) or not np.isfinite(s).all()]
    if bad or len(styles) < len(found) or not styles:
        raise VoiceError(
            f"holds no styles of {WIDTH} finite values: {', '.join(bad or found) or 'nothing'}",
            where=str(path),
        )
    return styles


def read_vocabulary(path: Path) -> dict[str, int]:
    """Numbers of characters."""
    data = read_json(path, VoiceError)
    table = data.get("vocab") if isinstance(data, dict) else None
    if not isinstance(table, dict) or not all(
        len(k) == 1 and type(v) is int and 0 < v < 10_000 for k, v in table.items()
    ):
        raise VoiceError("has no table `vocab` of characters' numbers", where=str(path))
    return dict(table)


def network_of(path: Path) -> Any:
    """The network, ready to run on one thread.

    Raises
    ------
    MissingDependency
        onnxruntime is not installed.
    VoiceError
        It is missing, or no network of Kokoro's.
    """
    session = open_network(path)
    names = [i.name for i in session.get_inputs()]
    if names != ["tokens", "style", "speed"]:
        raise VoiceError(f"has inputs {', '.join(names)}, not those of Kokoro", where=str(path))
    return session
