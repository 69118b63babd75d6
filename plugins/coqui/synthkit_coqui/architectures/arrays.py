# SPDX-License-Identifier: Apache-2.0
"""What the models that speak without torch share: trained weights as arrays, and the layers that several of
them have.

Importing torch takes most of the time in which a cold command says a word. What is spoken agrees with the
torch module's to rounding.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from synthkit.errors import VoiceError
from synthkit.weights import read_arrays
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.speaking import Speaking

UNREAD = ("num_batches_tracked",)
"""Endings of names of counters, which only training needs."""


def convolved(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    dilation: int = 1,
    *,
    apart: bool = False,
) -> np.ndarray:
    """A convolution that keeps the length, as a product for each tap.

    Parameters
    ----------
    x : ndarray, shape (C, T), float32
    weight : ndarray, shape (D, C, K); (C, 1, K) where channels are left apart
    bias : ndarray, shape (D,), optional
    dilation : int
    apart : bool
        Each channel is convolved by itself.

    Returns
    -------
    ndarray, shape (D, T), float32

    Raises
    ------
    ValueError
        The weights are of other channels.
    """
    time, taps = x.shape[1], weight.shape[2]
    if weight.shape[1] != (1 if apart else len(x)) or (apart and len(weight) != len(x)):
        raise ValueError(f"weights of shape {weight.shape} for {len(x)} channels")
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(f"a bias of shape {bias.shape} for {len(weight)} channels")
    out = np.zeros((len(weight), time), np.float32)
    for k in range(taps):
        shift = (k - (taps - 1) // 2) * dilation
        if abs(shift) >= time:
            continue
        to = slice(max(-shift, 0), time - max(shift, 0))
        since = slice(max(shift, 0), time + min(shift, 0))
        out[:, to] += weight[:, :, k] * x[:, since] if apart else weight[:, :, k] @ x[:, since]
    if bias is not None:
        out += bias[:, None]
    return out


def sigmoid(x: np.ndarray) -> np.ndarray:
    """``1 / (1 + exp(-x))``, to rounding of what is small, too; it overflows nowhere."""
    small = np.exp(-np.abs(x))
    out: np.ndarray = np.where(x < 0, small, np.float32(1)) / (1 + small)
    return out


class Arrays(ABC):
    """A trained model as arrays.

    Parameters
    ----------
    voice : VoiceConfig
        Of a kind that the class speaks.
    weights : mapping of str to ndarray
        float32, under the names of coqui-tts's module.
    where : Path
        The weights' file, for messages.

    Attributes
    ----------
    silent : tuple of str
        Beginnings of the names of weights that speaking does not need.

    Raises
    ------
    VoiceError
        The weights are not those of `voice`.
    """

    silent: ClassVar[tuple[str, ...]] = ()

    def __init__(self, voice: VoiceConfig, weights: Mapping[str, np.ndarray], where: Path) -> None:
        self.voice, self.where = voice, where
        self._weights, self._used = weights, set[str]()
        self._kernels: dict[str, np.ndarray] = {}
        bad = [k for k, v in weights.items() if not np.isfinite(v).all()]
        if bad:
            raise self._misfit(f"{bad[0]}: values that are not finite")
        try:
            wrong = self.prepared()
        except (KeyError, ValueError, IndexError, np.linalg.LinAlgError) as error:
            raise self._misfit(f"{type(error).__name__}: {error}") from error
        left = sorted(k for k in set(weights) - self._used if not k.startswith(self.silent))
        if left or wrong:
            raise self._misfit(f"left over: {left[0]}" if left else wrong)

    @abstractmethod
    def prepared(self) -> str:
        """Make what is made once and speak a little, which uses every weight.

        Returns
        -------
        str
            What is wrong with that, or nothing.
        """

    @abstractmethod
    def speak(self, ids: Sequence[int], how: Speaking, limit: int | None) -> np.ndarray:
        """Mel frames ``(T, n_mels)``, or samples ``(N,)``, of tokens; at most `limit` frames."""

    def can(self, ids: Sequence[int], how: Speaking) -> bool:
        """Whether tokens can be spoken so; else torch does it."""
        return True

    def _convolve(self, at: str, x: np.ndarray, dilation: int = 1) -> np.ndarray:
        """`convolved` by the layer of that name, with a bias where it has one."""
        bias = self._get(f"{at}.bias") if f"{at}.bias" in self._weights else None
        return convolved(x, self._kernel(at), bias, dilation)

    def _kernel(self, at: str) -> np.ndarray:
        """A layer's weight; one kept as direction and length is multiplied out once, ``g v / |v|``."""
        parts = [f"{at}.parametrizations.weight.original{k}" for k in (0, 1)]
        if parts[0] not in self._weights:
            return self._get(f"{at}.weight")
        if at not in self._kernels:
            g, v = (self._get(part) for part in parts)
            size = np.sqrt((v**2).sum(tuple(range(1, v.ndim)), keepdims=True))
            self._kernels[at] = np.asarray(g * v / size, np.float32)
        return self._kernels[at]

    def _normal(self, at: str, x: np.ndarray, epsilon: float = 1e-4) -> np.ndarray:
        """A layer's normalisation over channels of ``(C, T)``."""
        apart = x - x.mean(0, keepdims=True)
        scaled = apart / np.sqrt((apart**2).mean(0, keepdims=True) + np.float32(epsilon))
        gamma, beta = (self._get(f"{at}.{name}").reshape(-1, 1) for name in ("gamma", "beta"))
        if len(gamma) != len(x) or len(beta) != len(x):
            raise ValueError(f"{at}: {len(gamma)} and {len(beta)} values for {len(x)} channels")
        out: np.ndarray = scaled * gamma + beta
        return out

    def _transformed(self, at: str, x: np.ndarray, heads: int, epsilon: float = 1e-4) -> np.ndarray:
        """A transformer's layers, attention and then two convolutions each."""
        for k in range(self._count(f"{at}.attn_layers.")):
            y = self._attended(f"{at}.attn_layers.{k}", x, heads)
            x = self._normal(f"{at}.norm_layers_1.{k}", x + y, epsilon)
            y = np.maximum(self._convolve(f"{at}.ffn_layers.{k}.conv_1", x), 0)
            y = self._convolve(f"{at}.ffn_layers.{k}.conv_2", y)
            x = self._normal(f"{at}.norm_layers_2.{k}", x + y, epsilon)
        return x

    def _attended(self, at: str, x: np.ndarray, heads: int) -> np.ndarray:
        """Attention of every frame to all; where it has them, with what is learned of the nearest places."""
        q, k, v = (self._convolve(f"{at}.conv_{which}", x).reshape(heads, -1, x.shape[1]) for which in "qkv")
        q = q.transpose(0, 2, 1) / np.float32(np.sqrt(q.shape[1]))
        scores = q @ k
        near = f"{at}.emb_rel_k" in self._weights
        if near:
            keys, values = self._get(f"{at}.emb_rel_k"), self._get(f"{at}.emb_rel_v")
            beside = q @ keys.transpose(0, 2, 1)
            for place, (row, column) in places_beside(x.shape[1], keys.shape[1]):
                scores[:, row, column] += beside[:, row, place]
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        weights = scores / scores.sum(-1, keepdims=True)
        seen = weights @ v.transpose(0, 2, 1)
        if near:
            for place, (row, column) in places_beside(x.shape[1], keys.shape[1]):
                seen[:, row] += weights[:, row, column, None] * values[:, place, None]
        return self._convolve(f"{at}.conv_o", seen.transpose(0, 2, 1).reshape(-1, x.shape[1]))

    def _durations(self, at: str, x: np.ndarray) -> np.ndarray:
        """Logarithms ``(N,)`` of what each token lasts, by two convolutions."""
        for k in (1, 2):
            x = np.maximum(self._convolve(f"{at}.conv_{k}", x), 0)
            x = self._normal(f"{at}.norm_{k}", x)
        found = self._convolve(f"{at}.proj", x)
        if len(found) != 1:
            raise ValueError(f"{len(found)} durations of each token")
        out: np.ndarray = found[0]
        return out

    def _embedded(self, name: str, ids: Sequence[int]) -> np.ndarray:
        """What is learned of each token, ``(C, N)``."""
        table, symbols = self._get(name), self.voice.symbols
        if symbols is None or len(table) != len(symbols):
            raise ValueError(f"{name}: {len(table)} tokens where the voice has {len(symbols or ())}")
        return table[list(ids)].T

    def _gated(self, at: str, x: np.ndarray, base: int) -> np.ndarray:
        """WaveNet's layers, of which layer k has dilation ``base ** k``."""
        h, out, layers = x, np.zeros_like(x), self._count(f"{at}.in_layers.")
        for k in range(layers):
            tangent, gate = np.split(self._convolve(f"{at}.in_layers.{k}", h, base**k), 2)
            acts = self._convolve(f"{at}.res_skip_layers.{k}", np.tanh(tangent) * sigmoid(gate))
            if k < layers - 1:
                more, acts = np.split(acts, 2)
                h = h + more
            out = out + acts
        return out

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


def places_beside(length: int, places: int) -> Any:
    """For each place of a window, frames, and those that stand there: ``(place, (row, column))``."""
    row = np.arange(length)
    for place in range(places):
        column = row + place - places // 2
        inside = (column >= 0) & (column < length)
        yield place, (row[inside], column[inside])


def read(kind: type[Arrays], folder: Path, voice: VoiceConfig, name: str) -> Arrays | None:
    """A voice's folder as that class; None where its weights are of a kind that numpy has not (bfloat16), or
    lie in parts.

    Raises
    ------
    VoiceError
        The file is cut short, or of another model.
    """
    if not (folder / name).is_file():
        return None
    weights = read_arrays(folder / name, unread=UNREAD)
    return None if weights is None else kind(voice, weights, folder / name)
