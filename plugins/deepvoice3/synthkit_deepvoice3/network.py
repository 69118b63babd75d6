# SPDX-License-Identifier: Apache-2.0
"""The whole model: phones in, mel frames out. `training.py` teaches it; `speaking.py` is the same in numpy.

    phones ──► Encoder ──► keys, values
                               │  attended one after another
    last frames ──► Decoder ───┴──► next frames, coarse ──► Converter ──► frames

It is Deep Voice 3 (Ping et al. 2018, arXiv:1710.07654) for a CPU: gated convolutions everywhere, each told of
the speaker by a softsign bias; a causal decoder that attends to the phones by keys and queries with codes of
their positions; a converter that sees the whole utterance. What is other than in the paper, and why, stands
in ``docs/deepvoice3.md``.

Shapes: B utterances, P phones and the mark of the end, S decoder steps, T = S * reduction frames, C channels.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synthkit_deepvoice3.stored import (
    CONVERTER_WIDTH,
    DECODER_WIDTH,
    DILATIONS,
    ENCODER_WIDTH,
    Shape,
    positions,
)

LONGEST = 8192
"""Phones of an utterance that it can be trained on."""


class Gated(nn.Module):
    """x + (a + softsign(speaker)) * sigmoid(b), where a, b = conv(dropout(norm(x)))."""

    def __init__(self, shape: Shape, width: int, dilation: int, dropout: float, *, causal: bool) -> None:
        super().__init__()
        c = shape.channels
        self.norm = nn.LayerNorm(c)
        self.conv = nn.Conv1d(c, 2 * c, width, dilation=dilation)
        self.speaker = nn.Linear(shape.speaker, c) if shape.speakers > 1 else None
        self.dropout = nn.Dropout(dropout)
        seen = (width - 1) * dilation
        self.padding = (seen, 0) if causal else (seen // 2, seen // 2)

    def forward(self, x: Tensor, speaker: Tensor | None, mask: Tensor | None = None) -> Tensor:
        """`x` (B, N, C), `speaker` (B, width); `mask` (B, N, 1) has 0 where the utterance has ended."""
        y = self.dropout(self.norm(x))
        if mask is not None:
            y = y * mask
        y = self.conv(F.pad(y.transpose(1, 2), self.padding)).transpose(1, 2)
        a, b = y.chunk(2, dim=2)
        if self.speaker is not None:
            a = a + F.softsign(self.speaker(speaker))[:, None]
        return x + a * torch.sigmoid(b)


class Encoder(nn.Module):
    """Phones to keys (B, P, C), which know their neighbours, and values, which know themselves as well."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        c = shape.channels
        self.symbol = nn.Embedding(shape.symbols + 1, c)
        self.feature = nn.Linear(shape.features, c)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            Gated(shape, ENCODER_WIDTH, 1, dropout, causal=False) for _ in range(shape.encoder)
        )
        self.norm = nn.LayerNorm(c)
        self.out = nn.Linear(c, c)

    def forward(
        self, symbols: Tensor, features: Tensor, speaker: Tensor | None, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """`symbols` (B, P), `features` (B, P, F)."""
        embedded = self.symbol(symbols) + self.feature(features)
        x = self.dropout(embedded)
        for block in self.blocks:
            x = block(x, speaker, mask)
        keys = self.out(self.norm(x))
        return keys, math.sqrt(0.5) * (keys + embedded)


class Decoder(nn.Module):
    """Step by step: from the frames before and the phone attended to, the phone to attend to next and its
    frames."""

    def __init__(self, shape: Shape, dropout: float, forgetting: float) -> None:
        super().__init__()
        c = shape.channels
        self.shape, self.forgetting = shape, forgetting
        self.squeeze = nn.Linear(shape.outputs * shape.reduction, shape.prenet)
        self.enter = nn.Linear(shape.prenet, c)
        self.last = nn.Linear(c, c)
        self.before = nn.ModuleList(
            Gated(shape, DECODER_WIDTH, DILATIONS[k % 4], dropout, causal=True) for k in range(shape.before)
        )
        self.norm = nn.LayerNorm(c)
        self.query = nn.Linear(c, shape.attention)
        self.key = nn.Linear(c, shape.attention)
        # Alike at first, so that a query finds the key whose position it has (Ping et al. 2018, section 3.4).
        self.key.load_state_dict(self.query.state_dict())
        self.context = nn.Linear(c, c)
        self.after = nn.ModuleList(
            Gated(shape, DECODER_WIDTH, DILATIONS[k % 4], dropout, causal=True) for k in range(shape.after)
        )
        self.end = nn.LayerNorm(c)
        self.out = nn.Linear(c, shape.outputs * shape.reduction)
        self.codes: Tensor
        self.register_buffer("codes", torch.from_numpy(positions(LONGEST, c)), persistent=False)

    def attend(
        self, keys: Tensor, values: Tensor, before: Tensor, last: Tensor, speaker: Tensor | None, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """States (B, S, C) before attention, and its logits (B, S, P).

        `before` (B, S, outputs * reduction) are the frames of the step before, `last` (B, S) the phone that
        it attended to.
        """
        # Frames are forgotten at random, so that what is said next has to be read from the phones.
        x = F.dropout(F.relu(self.squeeze(before)), self.forgetting, self.training)
        x = F.dropout(F.relu(self.enter(x)), self.forgetting, self.training)
        x = x + self.last(_chosen(values, last))
        for block in self.before:
            x = block(x, speaker)
        count = keys.shape[1]
        query = self.query(self.norm(x) + self.codes[last])
        key = self.key(keys + self.codes[:count])
        logits = query @ key.transpose(1, 2) / math.sqrt(self.shape.attention)
        return x, logits.float().masked_fill(mask.transpose(1, 2) == 0, -1e9)

    def speak(self, x: Tensor, context: Tensor, speaker: Tensor | None) -> Tensor:
        """Coarse frames (B, T, outputs) of states `x` and what was attended to (B, S, C)."""
        x = x + self.context(context)
        for block in self.after:
            x = block(x, speaker)
        y = self.out(self.end(x))
        return y.reshape(y.shape[0], -1, self.shape.outputs)


class Converter(nn.Module):
    """Coarse frames and what was attended to, seen from both sides, to frames."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        c = shape.channels
        self.channels = c
        self.frames = nn.Linear(shape.outputs, c)
        self.context = nn.Linear(c, c * shape.reduction)
        self.blocks = nn.ModuleList(
            Gated(shape, CONVERTER_WIDTH, DILATIONS[k % 4], dropout, causal=False)
            for k in range(shape.converter)
        )
        self.norm = nn.LayerNorm(c)
        self.out = nn.Linear(c, shape.outputs)
        self.dropout = nn.Dropout(dropout)

    def forward(self, coarse: Tensor, context: Tensor, speaker: Tensor | None, mask: Tensor) -> Tensor:
        """`coarse` (B, T, outputs), `context` (B, S, C), `mask` (B, T, 1)."""
        spread = self.context(context)
        x = self.dropout(self.frames(coarse)) + spread.reshape(spread.shape[0], -1, self.channels)
        for block in self.blocks:
            x = block(x, speaker, mask)
        return coarse + self.out(self.norm(x))


class DeepVoice3(nn.Module):
    """Encoder, decoder and converter.

    Parameters
    ----------
    shape : Shape
    dropout : float
        Of convolutions, and of a speaker's vector.
    forgetting : float
        Dropout of the frames that the decoder hears of itself.
    """

    def __init__(self, shape: Shape, dropout: float = 0.1, forgetting: float = 0.5) -> None:
        super().__init__()
        self.shape = shape
        self.speaker = nn.Embedding(shape.speakers, shape.speaker) if shape.speakers > 1 else None
        self.dropout = nn.Dropout(dropout)
        self.encoder = Encoder(shape, dropout)
        self.decoder = Decoder(shape, dropout, forgetting)
        self.converter = Converter(shape, dropout)

    def voice(self, shares: Tensor) -> Tensor | None:
        """The vector of speakers (B, width) of `shares` (B, speakers); None where there is but one."""
        return None if self.speaker is None else self.dropout(shares @ self.speaker.weight)

    def forward(self, batch: dict[str, Tensor], own: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
        """Attention's logits (B, S, P), coarse frames and frames (B, T, outputs), of aligned recordings.

        Parameters
        ----------
        batch : dict
            As `training.collate` gives it.
        own : float
            Share of steps that hear what the model would have said itself instead of the recording.
        """
        voice = self.voice(batch["speaker"])
        keys, values = self.encoder(batch["symbols"], batch["features"], voice, batch["phone_mask"])
        path, last = batch["path"], batch["last"]
        context = _chosen(values, path)
        before = batch["before"]

        def decoded(heard: Tensor) -> tuple[Tensor, Tensor]:
            x, logits = self.decoder.attend(keys, values, heard, last, voice, batch["phone_mask"])
            return logits, self.decoder.speak(x, context, voice)

        if own > 0:
            with torch.no_grad():
                said = decoded(before)[1].reshape(before.shape).to(before.dtype)
            said = F.pad(said, (0, 0, 1, 0))[:, :-1]
            instead = torch.rand(before.shape[:2], device=before.device)[:, :, None] < own
            before = torch.where(instead, said, before)
        logits, coarse = decoded(before)
        return logits, coarse, self.converter(coarse, context, voice, batch["frame_mask"])


def _chosen(values: Tensor, path: Tensor) -> Tensor:
    """`values` (B, P, C) at the places `path` (B, S)."""
    return values.gather(1, path[:, :, None].expand(-1, -1, values.shape[2]))
