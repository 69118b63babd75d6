"""Speak with what was trained: weights and config from a folder, tokens in, frames or samples out."""

from __future__ import annotations

import difflib
import json
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import ConfigError, SpeechWarning, VoiceError
from synthkit_coqui.checkpoints import load_tensors, save_tensors
from synthkit_coqui.models import (
    VOCODERS,
    VoiceConfig,
    described,
    gradient_free,
    load_weights,
    make,
    speaking_state,
)

CONFIG, WEIGHTS, VECTORS = "config.json", "model.safetensors", "d_vectors.json"
TRIM_FRAMES = {"coqui-hifigan": 5, "coqui-mb-melgan": 2}
"""Frames that coqui-tts's generators pad at each end in `inference` and leave in their output."""
LONGEST = 4000
"""Frames after which a Tacotron 2 that does not find its end is stopped."""


def save_voice(
    folder: Path,
    voice: VoiceConfig,
    state: dict[str, Any],
    *,
    vectors: dict[str, list[float]] | None = None,
    half: bool = False,
) -> None:
    """Write a voice that speaks: config, weights without discriminators, mean d-vectors by speaker."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    weights = speaking_state(voice, state)
    if half:
        weights = {k: v.to(torch.float16) if v.dtype == torch.float32 else v for k, v in weights.items()}
    save_tensors(folder / WEIGHTS, weights)
    if vectors:
        (folder / VECTORS).write_text(json.dumps(vectors, ensure_ascii=False), encoding="utf-8")
    text = json.dumps(voice.to_dict(), ensure_ascii=False, indent=1)
    (folder / CONFIG).write_text(text, encoding="utf-8")


def read_config(folder: Path) -> VoiceConfig:
    """The config of a voice written by `save_voice`.

    Raises
    ------
    VoiceError
        It is missing or does not describe a voice of this plugin.
    """
    path = folder / CONFIG
    if not path.exists():
        raise VoiceError("there is no trained model here", where=str(path))
    with described(str(path)):
        return VoiceConfig.from_dict(json.loads(path.read_text(encoding="utf-8"))).check()


def read_weights(folder: Path) -> dict[str, Any]:
    """Weights of a voice, in float32; written whole or in parts ``model-1.safetensors``, ``model-2…``."""
    import torch

    parts = sorted(folder.glob("model-*.safetensors")) or [folder / WEIGHTS]
    state: dict[str, Any] = {}
    for part in parts:
        state |= load_tensors(part)
    return {k: v.float() if v.dtype in (torch.float16, torch.bfloat16) else v for k, v in state.items()}


def read_vectors(folder: Path, voice: VoiceConfig) -> dict[str, np.ndarray]:
    """Mean d-vector of each speaker, float32; empty for models that take none.

    Raises
    ------
    VoiceError
        The file is missing, or does not hold one finite vector of the model's size for every speaker.
    """
    if voice.conditioning != "d-vector":
        return {}
    path = folder / VECTORS
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        vectors = {name: np.array(table[name], np.float32) for name in voice.speakers}
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise VoiceError(
            f"no d-vectors of the speakers {', '.join(voice.speakers)} ({type(error).__name__}: {error})",
            where=str(path),
        ) from error
    for name, vector in vectors.items():
        if vector.shape != (voice.d_vector_dim,) or not np.isfinite(vector).all():
            raise VoiceError(
                f"the d-vector of {name!r} is not {voice.d_vector_dim} finite numbers", where=str(path)
            )
    return vectors


@dataclass(frozen=True)
class Speaking:
    """How to speak one utterance.

    Attributes
    ----------
    speaker : int, ndarray or None
        An id, a mixture of the embedding rows as weights by id ``(N,)``, or None for one-speaker voices.
    vector : ndarray or None
        A d-vector, for models conditioned so.
    language : int or None
    noise_scale : float or None
        None leaves the model's own.
    speed : float
        2 is twice as fast as the model's own.
    durations : ndarray or None
        Frames per token (VITS alone).
    seed : int
    """

    speaker: int | np.ndarray | None = None
    vector: np.ndarray | None = None
    language: int | None = None
    noise_scale: float | None = None
    speed: float = 1.0
    durations: np.ndarray | None = None
    seed: int = 0


class Speech:
    """A trained model, ready to speak.

    Parameters
    ----------
    voice : VoiceConfig
    model : Module
        As `make` gives it, with its weights loaded.
    device : torch.device
    """

    def __init__(self, voice: VoiceConfig, model: Any, device: Any) -> None:
        self.voice, self.device = voice, device
        self.model = model.to(device).eval()
        self.max_frames: int | None = None
        """Where to stop; None: Glow-TTS and VITS know their end, Tacotron 2 gets `LONGEST` to find it."""
        if voice.kind == "glowtts":
            self.model.run_data_dep_init = False

    @classmethod
    def open(cls, folder: Path, device: str = "cpu") -> Speech:
        """Load a voice from its folder."""
        from synthkit_coqui.learner import pick_device

        voice = read_config(folder)
        with described(str(folder / CONFIG)):
            model = make(voice)
        load_weights(model, read_weights(folder), where=str(folder))
        return cls(voice, model, pick_device(device))

    def acoustic(self, ids: Sequence[int], how: Speaking) -> np.ndarray:
        """Mel frames ``(T, n_mels)``, or for VITS samples ``(N,)``, of the token sequence."""
        import torch

        model, device = self.model, self.device
        tokens = torch.tensor([list(ids)], device=device)
        aux: dict[str, Any] = {"x_lengths": torch.tensor([len(ids)], device=device), "durations": None}
        aux |= {"speaker_ids": None, "d_vectors": None, "language_ids": None}
        if self.voice.conditioning == "embedding":
            aux["speaker_ids"] = self._speaker_row(how.speaker)
        if self.voice.conditioning == "d-vector":
            if how.vector is None:
                raise VoiceError("this voice speaks only with a speaker embedding; none was given")
            aux["d_vectors"] = torch.from_numpy(np.float32(how.vector)[None]).to(device)
        if self.voice.language_embedding:
            aux["language_ids"] = torch.tensor([how.language or 0], device=device)
        if how.durations is not None:
            aux["durations"] = torch.from_numpy(np.float32(how.durations)[None]).to(device)
        with self._scales(how), torch.random.fork_rng(devices=[]), torch.inference_mode():
            torch.manual_seed(how.seed)
            outputs = model.inference(tokens, aux)["model_outputs"]
        if self.voice.kind == "vits":
            return gradient_free(outputs[0, 0])
        if (
            self.voice.kind == "tacotron2"
            and self.max_frames is None
            and len(outputs[0]) > LONGEST - model.decoder.r
        ):
            seconds = LONGEST * self.voice.spec.frame_period
            warnings.warn(
                f"the attention did not find the end of the text ({len(ids)} tokens) and was stopped after {seconds:.0f} s: "
                "the model has not learned to stop; train it longer, or speak shorter sentences",
                SpeechWarning,
                stacklevel=2,
            )
        return gradient_free(outputs[0])

    def render(self, mel: np.ndarray) -> np.ndarray:
        """Samples of mel frames ``(T, n_mels)``, exactly T hops long."""
        import torch

        hop = self.voice.mel.hop_length
        frames = torch.from_numpy(np.ascontiguousarray(mel.T, np.float32))[None].to(self.device)
        with torch.inference_mode():
            wave = gradient_free(self.model.inference(frames))[0, 0]
        skip = TRIM_FRAMES[self.voice.kind] * hop
        return wave[skip : skip + len(mel) * hop]

    def _speaker_row(self, speaker: int | np.ndarray | None) -> Any:
        """Id of a speaker; a mixture is written into a row kept free for it at the table's end."""
        import torch

        if not isinstance(speaker, np.ndarray):
            return torch.tensor([speaker or 0], device=self.device)
        table = self.model.emb_g if hasattr(self.model, "emb_g") else self.model.speaker_embedding
        count = len(self.voice.speakers)
        with torch.no_grad():
            rows = table.weight[:count]
            if self.voice.kind == "glowtts":  # it normalises a speaker's row before use
                rows = torch.nn.functional.normalize(rows)
            weights = torch.from_numpy(np.float32(speaker)).to(self.device)
            mixed = (weights[:, None] * rows).sum(0, keepdim=True)
            table.weight = torch.nn.Parameter(torch.cat([table.weight[:count], mixed]), requires_grad=False)
        return torch.tensor([count], device=self.device)

    def _scales(self, how: Speaking) -> Any:
        """The model set for one utterance, then put back; Tacotron 2 gets a limit of decoder steps."""
        from contextlib import ExitStack

        stack = ExitStack()
        model = self.model
        if self.voice.kind == "tacotron2":
            if how.noise_scale is not None or how.speed != 1:
                raise ConfigError(
                    "tacotron2 has neither noise_scale nor speed: its attention sets its own pace", where="options",
                    hint="glowtts and vits predict durations, and can",
                )  # fmt: skip
            model.decoder.max_decoder_steps = max(1, (self.max_frames or LONGEST) // model.decoder.r)
            return stack
        if self.voice.kind == "vits":
            model.max_inference_len = self.max_frames
        if how.noise_scale is not None:
            stack.callback(setattr, model, "inference_noise_scale", model.inference_noise_scale)
            model.inference_noise_scale = how.noise_scale
        if how.speed != 1:
            stack.callback(paced(model, self.voice.kind, how.speed).remove)
        return stack


def paced(model: Any, kind: str, speed: float) -> Any:
    """Hook a model's duration predictor, so that it speaks `speed` times as fast; gives the hook's handle.

    The models' own ``length_scale`` multiplies durations before they are rounded up to frames, one token at a time:
    with two tokens a phone and a few frames a token, twice the speed came out as 1.5 times. Here the frames that
    the model would have taken are shared out anew (`shared_out`), so that the whole is as much shorter as was asked.
    """
    import torch

    scale, less = float(model.length_scale), 1.0 if kind == "glowtts" else 0.0  # it predicts ln(frames + 1)

    def changed(logs: Any) -> Any:
        frames = torch.ceil((torch.exp(logs) - less) * scale).clamp_min(1)
        new = shared_out(frames.flatten().cpu().numpy(), speed)
        middle = torch.from_numpy(new - 0.5).to(logs)  # the model rounds up
        return torch.log(middle / scale + less).view_as(logs)

    if kind == "vits":
        return model.duration_predictor.register_forward_hook(lambda _m, _i, out: changed(out))
    return model.encoder.register_forward_hook(lambda _m, _i, out: (*out[:2], changed(out[2]), *out[3:]))


def shared_out(frames: np.ndarray, speed: float) -> np.ndarray:
    """Whole numbers of frames ``(N,)`` whose sum is that of `frames` divided by `speed`, each at least one.

    Every token ends as near as can be to where it should, so rounding never adds up.

    Raises
    ------
    ConfigError
        That leaves less than a frame for a token.
    """
    fastest = frames.sum() / len(frames)
    if speed > fastest:
        raise ConfigError(
            f"at speed {speed:g} {len(frames)} phones and blanks would share {frames.sum() / speed:.0f} frames",
            where="speed", hint=f"this sentence can be spoken {fastest:.2f} times as fast at most",
        )  # fmt: skip
    ends = np.cumsum(frames) / speed
    out = np.empty(len(frames), np.float32)
    total = 0.0
    for index, end in enumerate(ends):
        left = len(frames) - index - 1
        latest = round(float(ends[-1])) - total - left
        out[index] = max(1.0, min(round(float(end)) - total, latest))
        total += out[index]
    return out


_TERM = re.compile(r"\s*(?P<weight>\d*\.?\d+)\s*\*\s*(?P<name>.+?)\s*$")


def parse_speaker(text: str, speakers: Sequence[str]) -> dict[str, float]:
    """Speaker name or mixture to weights by name, summing to 1.

    ``"anna"`` and ``"0.6*anna+0.4*борис"`` are both understood; a name that itself holds ``+`` or ``*`` is
    taken as a name when it is one.

    Raises
    ------
    VoiceError
        An unknown name (the hint says which was meant) or weights that are not positive.
    """
    if text in speakers:
        return {text: 1.0}
    weights: dict[str, float] = {}
    for term in text.split("+"):
        found = _TERM.match(term)
        weight, name = (float(found["weight"]), found["name"]) if found else (1.0, term.strip())
        if name not in speakers:
            close = difflib.get_close_matches(name, speakers, 1)
            raise VoiceError(
                f"the voice has no speaker {name!r}",
                where="--speaker",
                hint=(f"did you mean {close[0]!r}? " if close else "")
                + f"it has: {', '.join(speakers) or 'one'}",
            )
        weights[name] = weights.get(name, 0.0) + weight
    total = sum(weights.values())
    if total <= 0:
        raise VoiceError(f"the weights of {text!r} sum to {total:g}", where="--speaker", hint="0.6*a+0.4*b")
    return {name: weight / total for name, weight in weights.items()}


def is_vocoder(voice: VoiceConfig) -> bool:
    """True for the kinds that render mel frames."""
    return voice.kind in VOCODERS
