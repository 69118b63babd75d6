# SPDX-License-Identifier: Apache-2.0
"""Glow-TTS without torch: the same weights, spoken by numpy, with the same draws as torch's on a CPU.

J. Kim, S. Kim, J. Kong, S. Yoon, "Glow-TTS: a generative flow for text-to-speech via monotonic alignment
search", NeurIPS 2020; section 3 and appendix A.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthkit_coqui.architectures.arrays import Arrays
from synthkit_coqui.architectures.draws import Draws
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.speaking import Speaking, as_asked

HEADS = 2
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
        and encoder.get("rel_attn_window_size") is None
        and encoder.get("input_length") is None
        and encoder.get("layer_norm_type", "1") == "1"
    )


class GlowNumbers(Arrays):
    """A trained Glow-TTS as arrays; see `Arrays`."""

    def prepared(self) -> str:
        """See `Arrays.prepared`."""
        model = self.voice.model
        self.heads = int((model.get("encoder_params") or {}).get("num_heads", HEADS))
        self.splits = int(model.get("num_splits", 4))
        self.dilation = int(model.get("dilation_rate", 1))
        self.length = float(model.get("length_scale", 1.0))
        self._inverse = {
            k: np.linalg.inv(v.astype(np.float64)).astype(np.float32)
            for k, v in self._weights.items()
            if k.startswith("decoder.flows.") and v.ndim == 2
        }
        bands = self._frames(self.encoded([0, 1])[0], np.array([2, 2])).shape[1]
        return "" if bands == self.voice.mel.n_mels else f"{bands} mel bands"

    def speak(self, ids: Sequence[int], how: Speaking, limit: int | None = None) -> np.ndarray:
        """Mel frames ``(T, n_mels)``, float32; T is even.

        Parameters
        ----------
        ids : sequence of int
        how : Speaking
        limit : int, optional
            Not needed: every token lasts as long as is predicted.

        Raises
        ------
        ConfigError
            A speed that leaves less than a frame for a token.
        """
        mean, logs = self.encoded(ids)
        with np.errstate(over="ignore"):  # of what has learned nothing, which is not believed
            frames = np.maximum(np.ceil((np.exp(logs) - 1) * np.float32(self.length)), 1)
        frames = as_asked(frames, how, self.voice.period)
        strays = (
            self.voice.model.get("inference_noise_scale", 0.0) if how.noise_scale is None else how.noise_scale
        )
        return self._frames(mean, frames, float(strays), how.seed)

    def encoded(self, ids: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Means of the frames of each token ``(n_mels, N)``, and ln(frames + 1) of each ``(N,)``."""
        x = self._embedded("encoder.emb.weight", ids)
        x = x * np.float32(np.sqrt(len(x)))
        if self.voice.model.get("use_encoder_prenet", True):
            y = x
            for k in range(self._count("encoder.prenet.conv_layers.")):
                y = self._convolve(f"encoder.prenet.conv_layers.{k}", y)
                y = np.maximum(self._normal(f"encoder.prenet.norm_layers.{k}", y), 0)
            x = x + self._convolve("encoder.prenet.proj", y)
        x = self._transformed("encoder.encoder", x, self.heads)
        return self._convolve("encoder.proj_m", x), self._durations("encoder.duration_predictor", x)

    def _frames(self, mean: np.ndarray, frames: np.ndarray, strays: float = 0.0, seed: int = 0) -> np.ndarray:
        """The flow backwards, from the means that last so many frames, and what is drawn about them."""
        z = np.repeat(mean, frames.astype(np.int64), axis=1)
        if strays:
            z = z + Draws(seed).normal(z.T.shape, beside=False).T * np.float32(strays)
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
        out = self._gated(f"{at}.wn", self._convolve(f"{at}.start", first), self.dilation)
        shift, scale = np.split(self._convolve(f"{at}.end", out), 2)
        return np.concatenate([first, (second - shift) * np.exp(-scale)])

    def _unmixed(self, name: str, x: np.ndarray) -> np.ndarray:
        n, (channels, time) = self.splits, x.shape
        inverse = self._inverse[name]
        self._used.add(name)
        x = x.reshape(2, channels // n, n // 2, time).transpose(0, 2, 1, 3).reshape(n, -1)
        x = (inverse @ x).reshape(2, n // 2, channels // n, time)
        return x.transpose(0, 2, 1, 3).reshape(channels, time)
