# SPDX-License-Identifier: Apache-2.0
"""Tacotron 2 without torch: the same weights, spoken by numpy.

J. Shen et al., "Natural TTS synthesis by conditioning WaveNet on mel spectrogram predictions", ICASSP 2018;
attention by J. Chorowski et al., "Attention-based models for speech recognition", NIPS 2015. Nothing is drawn
at random, since the prenet of a voice of this kind has no dropout when it speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from synthkit_coqui.architectures.arrays import Arrays, convolved, sigmoid
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.speaking import Speaking

EPSILON = 1e-5
STOPS = 0.5
"""Above this the net that says where speech ends is believed."""
BEHIND, AHEAD = 2, 6
"""Tokens on either side of the last one attended to that a window leaves."""
USUAL = {
    "attention_type": "original", "prenet_type": "original", "prenet_dropout_at_inference": False,
    "use_forward_attn": False, "transition_agent": False, "location_attn": True, "stopnet": True,
    "bidirectional_decoder": False, "double_decoder_consistency": False,
}  # fmt: skip
"""What a description has to say, or leave unsaid, to be spoken here."""


def speaks(voice: VoiceConfig) -> bool:
    """Whether a voice is of the usual kind: one speaker, attention by content and place, nothing drawn."""
    return (
        voice.conditioning == "none"
        and not voice.language_embedding
        and all(voice.model.get(name, usual) == usual for name, usual in USUAL.items())
        and voice.model.get("attention_norm", "sigmoid") in ("sigmoid", "softmax")
        and int(voice.model.get("memory_size", -1)) <= 0
    )


class TacotronNumbers(Arrays):
    """A trained Tacotron 2 as arrays; see `Arrays`.

    Attributes
    ----------
    architecture : Tacotron2Architecture or None
        Who knows how long speech may last; None while it is made, when two steps do.
    """

    architecture: Any = None

    def prepared(self) -> str:
        """See `Arrays.prepared`."""
        model = self.voice.model
        self.sharp = model.get("attention_norm", "sigmoid") == "softmax"
        self.window = bool(model.get("attention_win", False))
        self.bands = self.voice.mel.n_mels
        made = len(self._get("decoder.linear_projection.linear_layer.weight"))
        self.r = int(self.voice.reduction or made // self.bands)
        self._smooth = {
            at: self._normed(at)
            for at in (
                *(f"encoder.convolutions.{k}" for k in range(self._count("encoder.convolutions."))),
                *(f"postnet.convolutions.{k}" for k in range(self._count("postnet.convolutions."))),
            )
        }
        place = "decoder.attention.location_layer"
        taps = self._get(f"{place}.location_conv1d.weight")
        dense = self._get(f"{place}.location_dense.linear_layer.weight")
        self._placed = np.tensordot(dense, taps, 1)  # (attention, 2, taps)
        out = self.speak([0, 0], Speaking(), 2 * self.r)
        fits = made % self.bands == 0 and 1 <= self.r <= made // self.bands
        return (
            "" if fits and out.shape[1] == self.bands else f"{made} values a step of {self.bands} mel bands"
        )

    def can(self, ids: Sequence[int], how: Speaking) -> bool:
        """See `Arrays.can`: it refuses what the model has not, as torch's does."""
        return how.noise_scale is None and how.speed == 1

    def speak(self, ids: Sequence[int], how: Speaking, limit: int | None = None) -> np.ndarray:
        """Mel frames ``(T, n_mels)``, float32; T is a multiple of the frames a step.

        Parameters
        ----------
        ids : sequence of int
        how : Speaking
            Only `seed` of it may be set, which draws nothing.
        limit : int, optional
            Frames at most; else as many as a text of that length may take.
        """
        most, rest = limit, 1
        if self.architecture is not None:
            most = limit or self.architecture.longest(self.voice, len(ids))
            rest = self.architecture.rest(self.voice, self.r)
        assert most is not None, "without a limit somebody has to know one"
        frames = self._decoded(self._encoded(ids), max(1, most // self.r), rest)
        y, last = frames, self._count("postnet.convolutions.") - 1
        for k in range(last + 1):
            y = convolved(y, *self._smooth[f"postnet.convolutions.{k}"])
            y = np.tanh(y) if k < last else y
        out = np.ascontiguousarray((frames + y).T, np.float32)
        if limit is None:
            self.architecture.mind_the_end(self.voice, len(ids), out, self.r)
        return out

    def _encoded(self, ids: Sequence[int]) -> np.ndarray:
        """What the decoder attends to, ``(N, C)``."""
        x = self._embedded("embedding.weight", ids)
        for k in range(self._count("encoder.convolutions.")):
            x = np.maximum(convolved(x, *self._smooth[f"encoder.convolutions.{k}"]), 0)
        sides = []
        for end, way in (("", 1), ("_reverse", -1)):
            weights = [self._get(f"encoder.lstm.weight_{what}_l0{end}") for what in ("ih", "hh")]
            bias = self._biases(f"encoder.lstm.bias_{{}}_l0{end}", len(weights[0]))
            into = (weights[0] @ x).T + bias
            h = cell = np.zeros(weights[1].shape[1], np.float32)
            side = np.empty((len(ids), len(h)), np.float32)
            for n in range(len(ids))[::way]:
                h, cell = remembered(into[n] + weights[1] @ h, cell)
                side[n] = h
            sides.append(side)
        return np.concatenate(sides, 1)

    def _decoded(self, seen: np.ndarray, steps: int, rest: int) -> np.ndarray:
        """Frames ``(n_mels, T)`` of the decoder, one step after the other, until attention has
        stayed at the last token for `rest` of them."""
        attention, decoder = self._cell("attention_rnn"), self._cell("decoder_rnn")
        prenet = [
            self._get(f"decoder.prenet.linear_layers.{k}.linear_layer.weight")
            for k in range(self._count("decoder.prenet.linear_layers."))
        ]
        project, stop = self._line("linear_projection.linear_layer"), self._line("stopnet.1.linear_layer")
        query_layer, inputs_layer = (
            self._get(f"decoder.attention.{name}_layer.linear_layer.weight") for name in ("query", "inputs")
        )
        v, v_bias = (self._get(f"decoder.attention.v.linear_layer.{part}") for part in ("weight", "bias"))
        known, tokens = inputs_layer @ seen.T, len(seen)
        query = query_cell = np.zeros(attention[1].shape[1], np.float32)
        hidden = hidden_cell = np.zeros(decoder[1].shape[1], np.float32)
        context = np.zeros(seen.shape[1], np.float32)
        weights = np.zeros((2, tokens), np.float32)  # of the last step; of all steps
        frame, out, place, stayed = np.zeros(self.bands, np.float32), [], -1, 0
        for step in range(steps):
            for layer in prenet:
                frame = np.maximum(layer @ frame, 0)
            query, query_cell = stepped(attention, np.concatenate([frame, context]), query, query_cell)
            energies = v[0] @ np.tanh(
                (query_layer @ query)[:, None] + convolved(weights, self._placed) + known
            )
            energies += v_bias
            if self.window:
                place = self._looked(energies, place)
            weights[0] = self._shares(energies)
            weights[1] += weights[0]
            context = weights[0] @ seen
            hidden, hidden_cell = stepped(decoder, np.concatenate([query, context]), hidden, hidden_cell)
            made = project[0] @ np.concatenate([hidden, context]) + project[1]
            ends = sigmoid(stop[0] @ np.concatenate([hidden, made]) + stop[1])[0]
            made = made[: self.r * self.bands]
            out.append(made.reshape(self.r, self.bands))
            frame = out[-1][-1]
            stayed = stayed + 1 if int(weights[0].argmax()) >= tokens - 1 else 0
            if stayed >= rest or (ends > STOPS and step > 0):
                break
        return np.concatenate(out).T

    def _looked(self, energies: np.ndarray, place: int) -> int:
        """Leave what is near the place attended to last, and give the place that is attended to now."""
        energies[: max(0, place - BEHIND)] = -np.inf
        energies[place + AHEAD :] = -np.inf
        if place == -1:
            energies[0] = energies.max()
        return int(energies.argmax())

    def _shares(self, energies: np.ndarray) -> np.ndarray:
        shares = np.exp(energies - energies.max()) if self.sharp else sigmoid(energies)
        return np.asarray(shares / shares.sum())

    def _cell(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights of what comes in and of what is remembered, and both biases as one."""
        at = f"decoder.{name}"
        into = self._get(f"{at}.weight_ih")
        return into, self._get(f"{at}.weight_hh"), self._biases(at + ".bias_{}", len(into))

    def _line(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        weight = self._get(f"decoder.{name}.weight")
        return weight, self._vector(f"decoder.{name}.bias", len(weight))

    def _biases(self, name: str, size: int) -> np.ndarray:
        """Both biases of a long short-term memory as one."""
        out: np.ndarray = self._vector(name.format("ih"), size) + self._vector(name.format("hh"), size)
        return out

    def _vector(self, name: str, size: int) -> np.ndarray:
        found = self._get(name)
        if found.shape != (size,):
            raise ValueError(f"{name}: shape {found.shape} for {size} values")
        return found

    def _normed(self, at: str) -> tuple[np.ndarray, np.ndarray]:
        """Kernel and bias of a convolution and the normalisation behind it, as one convolution."""
        kernel = self._get(f"{at}.convolution1d.weight")
        bias = self._vector(f"{at}.convolution1d.bias", len(kernel))
        norm = {
            part: self._vector(f"{at}.batch_normalization.{part}", len(kernel))
            for part in ("weight", "bias", "running_mean", "running_var")
        }
        scale = norm["weight"] / np.sqrt(norm["running_var"] + np.float32(EPSILON))
        return kernel * scale[:, None, None], (bias - norm["running_mean"]) * scale + norm["bias"]


def stepped(
    cell: tuple[np.ndarray, np.ndarray, np.ndarray], x: np.ndarray, h: np.ndarray, memory: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """One step of a long short-term memory: what it says, and what it remembers."""
    into, again, bias = cell
    return remembered(into @ x + again @ h + bias, memory)


def remembered(gates: np.ndarray, memory: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same of its four gates, in torch's order: in, forget, new, out."""
    size = len(memory)
    opened = sigmoid(gates)
    memory = opened[size : 2 * size] * memory + opened[:size] * np.tanh(gates[2 * size : 3 * size])
    return opened[3 * size :] * np.tanh(memory), memory
