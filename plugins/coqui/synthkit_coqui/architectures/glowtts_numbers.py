# SPDX-License-Identifier: Apache-2.0
"""Glow-TTS without torch: the same weights, spoken by numpy, where nothing is drawn at random.

J. Kim, S. Kim, J. Kong, S. Yoon, "Glow-TTS: a generative flow for text-to-speech via monotonic alignment
search", NeurIPS 2020; section 3 and appendix A. Importing torch takes most of the time in which a cold
command says a word. Frames agree with the torch module's to rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import VoiceError
from synthkit.weights import read_arrays
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.speaking import Speaking, shared_out

HEADS, KERNEL = 2, 3
"""Of the encoder, as coqui-tts has them where a description says nothing else."""


def speaks(voice: VoiceConfig) -> bool:
    """Whether a voice is of the usual kind: one speaker, attention without windows, means alone."""
    model, encoder = voice.model, voice.model.get("encoder_params") or {}
    return (
        voice.conditioning == "none"
        and not voice.language_embedding
        and model.get("encoder_type", "rel_pos_transformer") == "rel_pos_transformer"
        and model.get("mean_only", True)
        and not model.get("sigmoid_scale", False)
        and model.get("num_squeeze", 2) == 2
        and not model.get("inference_noise_scale")
        and encoder.get("rel_attn_window_size") is None
        and encoder.get("input_length") is None
        and encoder.get("layer_norm_type", "1") == "1"
    )


class GlowNumbers:
    """A trained Glow-TTS as arrays.

    Parameters
    ----------
    voice : VoiceConfig
        One that `speaks`.
    weights : mapping of str to ndarray
        float32, under the names of coqui-tts's module.
    where : Path
        The weights' file, for messages.

    Raises
    ------
    VoiceError
        The weights are not those of `voice`.
    """

    def __init__(self, voice: VoiceConfig, weights: Mapping[str, np.ndarray], where: Path) -> None:
        self.voice, self.where = voice, where
        encoder = voice.model.get("encoder_params") or {}
        self.heads = int(encoder.get("num_heads", HEADS))
        self.splits = int(voice.model.get("num_splits", 4))
        self.dilation = int(voice.model.get("dilation_rate", 1))
        self.length = float(voice.model.get("length_scale", 1.0))
        self._weights, self._used = weights, set[str]()
        bad = [k for k, v in weights.items() if not np.isfinite(v).all()]
        if bad:
            raise self._misfit(f"{bad[0]}: values that are not finite")
        try:
            self._folded = {k: self._fold(k) for k in sorted(weights) if k.endswith(".original1")}
            self._inverse = {
                k: np.linalg.inv(v.astype(np.float64)).astype(np.float32)
                for k, v in weights.items()
                if k.startswith("decoder.flows.") and v.ndim == 2
            }
            probe = self._frames(*self.encoded([0, 1])[:1], np.array([2, 2]))
        except (KeyError, ValueError, IndexError, np.linalg.LinAlgError) as error:
            raise self._misfit(f"{type(error).__name__}: {error}") from error
        left = sorted(set(weights) - self._used)
        if left or probe.shape[1] != voice.mel.n_mels:
            raise self._misfit(f"left over: {left[0]}" if left else f"{probe.shape[1]} mel bands")

    def speak(self, ids: Sequence[int], how: Speaking) -> np.ndarray:
        """Mel frames ``(T, n_mels)``, float32; T is even.

        Parameters
        ----------
        ids : sequence of int
        how : Speaking
            Without noise.

        Raises
        ------
        ConfigError
            A speed that leaves less than a frame for a token.
        """
        mean, logs = self.encoded(ids)
        frames = np.maximum(np.ceil((np.exp(logs) - 1) * np.float32(self.length)), 1)
        if how.durations is not None:
            frames = np.where(np.isnan(how.durations), frames, how.durations)
        elif how.speed != 1:
            frames = shared_out(frames, how.speed)
        return self._frames(mean, frames)

    def encoded(self, ids: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Means of the frames of each token ``(n_mels, N)``, and ln(frames + 1) of each ``(N,)``."""
        x = self._get("encoder.emb.weight")[list(ids)].T
        x = x * np.float32(np.sqrt(len(x)))
        if self.voice.model.get("use_encoder_prenet", True):
            y = x
            for k in range(self._count("encoder.prenet.conv_layers.")):
                y = self._convolve(f"encoder.prenet.conv_layers.{k}", y)
                y = np.maximum(self._normal(f"encoder.prenet.norm_layers.{k}", y), 0)
            x = x + self._convolve("encoder.prenet.proj", y)
        for k in range(self._count("encoder.encoder.attn_layers.")):
            at = "encoder.encoder."
            x = self._normal(f"{at}norm_layers_1.{k}", x + self._attended(f"{at}attn_layers.{k}", x))
            y = np.maximum(self._convolve(f"{at}ffn_layers.{k}.conv_1", x), 0)
            y = self._convolve(f"{at}ffn_layers.{k}.conv_2", y)
            x = self._normal(f"{at}norm_layers_2.{k}", x + y)
        y = x
        for k in (1, 2):
            y = np.maximum(self._convolve(f"encoder.duration_predictor.conv_{k}", y), 0)
            y = self._normal(f"encoder.duration_predictor.norm_{k}", y)
        logs = self._convolve("encoder.duration_predictor.proj", y)[0]
        return self._convolve("encoder.proj_m", x), logs

    def _frames(self, mean: np.ndarray, frames: np.ndarray) -> np.ndarray:
        """The flow backwards, from the means that last so many frames."""
        z = np.repeat(mean, frames.astype(np.int64), axis=1)
        bands, half = len(z), z.shape[1] // 2
        x = z[:, : 2 * half].reshape(bands, half, 2).transpose(2, 0, 1).reshape(2 * bands, half)
        for k in reversed(range(self._count("decoder.flows.") // 3)):
            x = self._uncoupled(f"decoder.flows.{3 * k + 2}", x)
            x = self._unmixed(f"decoder.flows.{3 * k + 1}.weight", x)
            at = f"decoder.flows.{3 * k}"
            x = (x - self._get(f"{at}.bias")[0]) * np.exp(-self._get(f"{at}.logs")[0])
        x = x.reshape(2, bands, half).transpose(1, 2, 0).reshape(bands, 2 * half)
        return np.ascontiguousarray(x.T, np.float32)

    def _uncoupled(self, at: str, x: np.ndarray) -> np.ndarray:
        first, second = np.split(x, 2)
        h, out, layers = self._convolve(f"{at}.start", first), None, self._count(f"{at}.wn.in_layers.")
        for k in range(layers):
            both = self._convolve(f"{at}.wn.in_layers.{k}", h, self.dilation**k)
            tangent, gate = np.split(both, 2)
            acts = self._convolve(f"{at}.wn.res_skip_layers.{k}", np.tanh(tangent) / (1 + np.exp(-gate)))
            if k < layers - 1:
                more, acts = np.split(acts, 2)
                h = h + more
            out = acts if out is None else out + acts
        shift, scale = np.split(self._convolve(f"{at}.end", out), 2)
        return np.concatenate([first, (second - shift) * np.exp(-scale)])

    def _unmixed(self, name: str, x: np.ndarray) -> np.ndarray:
        n, (channels, time) = self.splits, x.shape
        inverse = self._inverse[name]
        self._used.add(name)
        x = x.reshape(2, channels // n, n // 2, time).transpose(0, 2, 1, 3).reshape(n, -1)
        x = (inverse @ x).reshape(2, n // 2, channels // n, time)
        return x.transpose(0, 2, 1, 3).reshape(channels, time)

    def _attended(self, at: str, x: np.ndarray) -> np.ndarray:
        q, k, v = (
            self._convolve(f"{at}.conv_{which}", x).reshape(self.heads, -1, x.shape[1]) for which in "qkv"
        )
        scores = q.transpose(0, 2, 1) @ k / np.float32(np.sqrt(q.shape[1]))
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        weights = scores / scores.sum(-1, keepdims=True)
        seen = (v @ weights.transpose(0, 2, 1)).reshape(-1, x.shape[1])
        return self._convolve(f"{at}.conv_o", seen)

    def _convolve(self, at: str, x: np.ndarray | None, dilation: int = 1) -> np.ndarray:
        """A convolution that keeps the length, ``(C, T)`` to ``(D, T)``: a product for each tap."""
        assert x is not None
        weight = self._folded.get(f"{at}.parametrizations.weight.original1")
        if weight is None:
            weight = self._get(f"{at}.weight")
        time, taps = x.shape[1], weight.shape[2]
        out = np.zeros((len(weight), time), np.float32)
        for k in range(taps):
            shift = (k - (taps - 1) // 2) * dilation
            to, since = (
                slice(max(-shift, 0), time - max(shift, 0)),
                slice(max(shift, 0), time + min(shift, 0)),
            )
            if abs(shift) < time:
                out[:, to] += weight[:, :, k] @ x[:, since]
        return out + self._get(f"{at}.bias")[:, None]

    def _normal(self, at: str, x: np.ndarray) -> np.ndarray:
        apart = x - x.mean(0, keepdims=True)
        scaled = apart / np.sqrt((apart**2).mean(0, keepdims=True) + np.float32(1e-4))
        out: np.ndarray = scaled * self._get(f"{at}.gamma")[0] + self._get(f"{at}.beta")[0]
        return out

    def _fold(self, name: str) -> np.ndarray:
        """``w = g v / |v|``, of weights that are kept in two parts."""
        v, g = self._get(name), self._get(f"{name[:-1]}0")
        return np.asarray(g * v / np.sqrt((v**2).sum((1, 2), keepdims=True)), np.float32)

    def _get(self, name: str) -> np.ndarray:
        self._used.add(name)
        return self._weights[name]

    def _count(self, beginning: str) -> int:
        """How many numbers follow a name's beginning."""
        cut = len(beginning)
        return len({k[cut:].partition(".")[0] for k in self._weights if k.startswith(beginning)})

    def _misfit(self, why: str) -> VoiceError:
        return VoiceError(
            f"the weights do not fit the model: {why}",
            where=str(self.where),
            hint="the config must be the one the weights were trained with: same symbols, speakers and "
            "languages",
        )


def read(folder: Path, voice: VoiceConfig, name: str) -> Any:
    """`GlowNumbers` of a voice's folder; None where its weights are of a kind that numpy has not (bfloat16).

    Raises
    ------
    VoiceError
        The file is missing, cut short, or of another model.
    """
    weights = read_arrays(folder / name)
    return None if weights is None else GlowNumbers(voice, weights, folder / name)
