# SPDX-License-Identifier: Apache-2.0
"""The whole model: phones in, durations and WORLD frames out. `training.py` teaches it.

    symbols, features ──► Encoder ──► one vector per phone ──► durations
                                           │ repeated for as long as each phone lasts
                                           ▼
                                        Decoder ──► mel-cepstrum, log F0, voicing, aperiodicity

It is FastSpeech (Ren et al. 2019, arXiv:1905.09263) made small: residual convolutions and one
bidirectional LSTM where that has transformer blocks, and durations from an alignment instead of a
teacher. One step of the decoder gives `reduction` frames, which halves the work at no loss that is heard.

Shapes: B utterances, P phones, S decoder steps, T = S * reduction frames, C channels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synthkit_parametric.timing import N_PLACE
from synthkit_parametric.voice import Shape

NOBODY = 0.25
"""Share of sentences from which the speaker's code is kept, in networks of several languages."""


class Block(nn.Module):
    """x + dropout(relu(conv(norm(x)))), over time."""

    def __init__(self, channels: int, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.conv = nn.Conv1d(channels, channels, width, padding=width // 2 * dilation, dilation=dilation)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`x` (B, N, C), `mask` (B, N, 1) with 0 where the utterance has ended."""
        y = (self.norm(x) * mask).transpose(1, 2)
        return x + self.dropout(F.relu(self.conv(y)).transpose(1, 2))


class Recurrent(nn.Module):
    """x + dropout(linear(lstm(norm(x)))), both ways through time."""

    def __init__(self, channels: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.ahead = nn.LSTM(channels, hidden, batch_first=True)
        self.back = nn.LSTM(channels, hidden, batch_first=True)
        self.out = nn.Linear(2 * hidden, channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """As `Block.forward`; each utterance is read backwards from its own end.

        Torch's packed sequences would do the same and are thirty times slower to learn through on a CPU.
        """
        lengths = mask[:, :, 0].sum(1).long()
        forwards = torch.arange(x.shape[1], device=x.device).expand(x.shape[0], -1)
        backwards = lengths[:, None] - 1 - forwards
        order = torch.where(backwards >= 0, backwards, forwards)[:, :, None]
        y = self.norm(x)
        ahead, _ = self.ahead(y)
        back, _ = self.back(y.gather(1, order.expand_as(y)))
        back = back.gather(1, order.expand_as(back))
        return x + self.dropout(self.out(torch.cat([ahead, back], dim=2)))


class Encoder(nn.Module):
    """Phone symbols and features to one vector per phone that knows its neighbours.

    With `sounds` (symbols, A), how the mouth makes each symbol (`synthkit.phones.features`), what is learned
    of one sound goes over to those made alike; `whole_symbols` puts both into one table. A network of several
    languages hears a share `NOBODY` of the sentences without their speakers' codes, so that it can speak as
    somebody whom it does not know: who is new begins so.
    """

    def __init__(self, shape: Shape, dropout: float, sounds: Tensor | None = None) -> None:
        super().__init__()
        c = shape.channels
        self.symbol = nn.Embedding(shape.symbols, c)
        if sounds is not None:
            self.register_buffer("sounds", sounds, persistent=False)
            self.sound = nn.Linear(sounds.shape[1], c, bias=False)
        if shape.languages:
            self.language = nn.Embedding(shape.languages, c)
            nn.init.zeros_(self.language.weight)
        self.feature = nn.Linear(shape.features, c)
        self.speaker = nn.Embedding(shape.speakers, c)
        nn.init.zeros_(self.speaker.weight)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(c, 5, 1, dropout) for _ in range(shape.encoder_layers))
        self.recurrent = Recurrent(c, shape.lstm, dropout)

    def forward(self, symbols: Tensor, features: Tensor, speaker: Tensor, mask: Tensor) -> Tensor:
        """`symbols` (B, P) ids, `features` (B, P, F), `speaker` (B, speakers + languages) shares; gives
        (B, P, C)."""
        x = self.whole_symbols()[symbols] + self.feature(features)
        count = self.speaker.num_embeddings
        code = speaker[:, :count] @ self.speaker.weight
        if speaker.shape[1] > count:
            if self.training:
                code = code * (torch.rand(len(code), 1, device=code.device) >= NOBODY)
            code = code + speaker[:, count:] @ self.language.weight
        x = self.dropout(x) + code[:, None]
        for block in self.blocks:
            x = block(x, mask)
        return self.recurrent(x, mask)

    def whole_symbols(self) -> Tensor:
        """The vector of each symbol (symbols, C): its own part and that of its sound."""
        table = self.symbol.weight
        return table + self.sound(self.sounds) if hasattr(self, "sound") else table


class Decoder(nn.Module):
    """Phone vectors, repeated in time, to frames."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        c = shape.channels
        self.place = nn.Linear(N_PLACE, c)
        self.enter = nn.Linear(c, c)
        self.blocks = nn.ModuleList(Block(c, 5, 2 ** (n % 4), dropout) for n in range(shape.decoder_layers))
        self.recurrent = Recurrent(c, shape.lstm, dropout)
        self.norm = nn.LayerNorm(c)
        self.out = nn.Linear(c, shape.outputs * shape.reduction)

    def forward(self, x: Tensor, places: Tensor, mask: Tensor) -> Tensor:
        """`x` (B, S, C), `places` (B, S, N_PLACE); gives (B, S, outputs * reduction)."""
        x = self.enter(x) + self.place(places)
        for block in self.blocks:
            x = block(x, mask)
        return self.out(self.norm(self.recurrent(x, mask)))


class Parametric(nn.Module):
    """Encoder, duration predictor, decoder and pause predictor."""

    def __init__(self, shape: Shape, dropout: float, sounds: Tensor | None = None) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = Encoder(shape, dropout, sounds)
        self.timing = Block(shape.channels, 3, 1, dropout)
        self.duration = nn.Linear(shape.channels, 1)
        self.decoder = Decoder(shape, dropout)
        self.pause_in = nn.Linear(shape.boundary, 32)
        self.pause_out = nn.Linear(32, 1)

    def encode(
        self, symbols: Tensor, features: Tensor, speaker: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Phone vectors (B, P, C) and normalised log durations (B, P)."""
        x = self.encoder(symbols, features, speaker, mask)
        return x, self.duration(self.timing(x, mask))[:, :, 0]

    def decode(self, encoded: Tensor, index: Tensor, places: Tensor, mask: Tensor) -> Tensor:
        """Normalised outputs (B, S * reduction, outputs); `index` (B, S) is each step's phone."""
        x = torch.gather(encoded, 1, index[:, :, None].expand(-1, -1, encoded.shape[2]))
        y = self.decoder(x, places, mask)
        return y.reshape(y.shape[0], -1, self.shape.outputs)

    def pauses(self, boundaries: Tensor) -> Tensor:
        """Logit of a pause at each word boundary, from (..., boundary) to (...)."""
        return self.pause_out(torch.tanh(self.pause_in(boundaries)))[..., 0]
