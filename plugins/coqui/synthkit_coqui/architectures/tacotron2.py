# SPDX-License-Identifier: Apache-2.0
"""Tacotron 2 (Shen et al. 2018): attention over the phones, one mel frame (or `r` of them) after another."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthkit.errors import ConfigError, SpeechWarning, VoiceError
from synthkit_coqui import mozilla, prior
from synthkit_coqui.acoustic import CoquiModel
from synthkit_coqui.architectures import coqui_config as parts
from synthkit_coqui.architectures.base import Batch
from synthkit_coqui.architectures.text import ReadsText
from synthkit_coqui.backend import coqui
from synthkit_coqui.batching import longest_first
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.memory import Need, Needs
from synthkit_coqui.settings import AlignedSettings, Field, Presets
from synthkit_coqui.speaking import Speaking
from synthkit_coqui.specs import audio_config

if TYPE_CHECKING:
    from synthkit_coqui.corpus import Corpus, Example

LONGEST = 4000
"""Frames after which speech that does not find its end is stopped, however long the text."""
SECONDS, SECONDS_PER_TOKEN = 1.0, 0.4
"""How long a text of so many tokens may take at most; a phone takes 0.08 s on average, a long pause 0.5 s."""
USUAL_WIDTH = 512
"""Channels that coqui-tts's dropout is made for, half of which it leaves out."""
AT_END = 0.5
"""Seconds that attention may stay at the last token, which is as long as a long pause."""


class Tacotron2Settings(AlignedSettings):
    """Tacotron 2 (Shen et al. 2018): attention, one mel frame after another."""

    lr: float = Field(5e-4, gt=0)
    grad_clip: float = Field(1.0, gt=0)
    hidden_frames: float = Field(0.0, ge=0, le=1)
    """The share of the decoder's steps that are not shown the frame before them while it learns."""


class Tacotron2Architecture(ReadsText):
    """coqui-tts's `Tacotron2`."""

    kind = "tacotron2"
    module = "Tacotron2"
    Settings = Tacotron2Settings
    foreign_names = ("tacotron2",)
    step_seconds: ClassVar = {"default": 4.9, "small": 0.8, "tiny": 0.6}
    optimizer = ("RAdam", {"betas": (0.9, 0.998), "weight_decay": 1e-6})
    presets: ClassVar[Presets] = {
        "default": {},
        "small": {"r": 4, "width": 256},
        "tiny": {"r": 8, "width": 64},
    }
    memory: ClassVar[Needs] = {
        "default": Need(1175, 0, 5.8, 0.6),
        "small": Need(545, 0, 4.0, 0.3),
        "tiny": Need(370, 0, 1.26, 0.2),
    }
    learns_attention = True
    breaks_on_one_d_vector = True
    told = frozenset({"loss", "decoder_loss", "postnet_loss", "stopnet_loss", "ga_loss", "astray"})

    def arguments(self) -> list[str]:
        """Those of coqui-tts's config that are of the model, which mixes them with everything else; and
        ``width``."""
        return [
            "r",
            "memory_size",
            "prenet_type",
            "prenet_dropout",
            "prenet_dropout_at_inference",
            "stopnet",
            "separate_stopnet",
            "encoder_in_features",
            "decoder_in_features",
            "attention_type",
            "attention_heads",
            "attention_norm",
            "attention_win",
            "windowing",
            "use_forward_attn",
            "forward_attn_mask",
            "transition_agent",
            "location_attn",
            "bidirectional_decoder",
            "double_decoder_consistency",
            "ddc_r",
            "speaker_embedding_dim",
            "decoder_ssim_alpha",
            "postnet_ssim_alpha",
            "width",
        ]

    def config(self, voice: VoiceConfig, d_vector_file: str | None = None) -> Any:
        """See `Architecture.config`."""
        mels = voice.mel.n_mels
        arguments = {"decoder_output_dim": mels, "out_channels": mels}
        arguments |= {**parts.conditioning(voice, d_vector_file), **voice.model}
        width = arguments.pop("width", None)
        if width is not None:
            if width < 2 or width % 2:
                raise ConfigError(
                    f"width = {width}: half of it reads forwards and half of it backwards",
                    where="acoustic_model.model", hint=f"width = {max(2, width + 1)}",
                )  # fmt: skip
            arguments |= {"encoder_in_features": width, "decoder_in_features": width}
        return coqui().Tacotron2Config(**arguments, **parts.of_text(voice, audio_config(voice.spec)))

    def make(self, voice: VoiceConfig) -> Any:
        """See `Architecture.make`."""
        model = super().make(voice)
        if "width" in voice.model:
            narrow(model, int(voice.model["width"]))
        if voice.reduction:
            model.decoder.set_r(voice.reduction)
        return model

    def reduction(self, voice: VoiceConfig) -> int:
        """See `ReadsText.reduction`."""
        return int(voice.reduction or voice.model.get("r") or coqui().Tacotron2Config().r)

    def batch(
        self, voice: VoiceConfig, corpus: Corpus, examples: list[Example], rng: np.random.Generator
    ) -> Batch:
        """Tokens, mel frames, and the frames between which the alignment has each token."""
        assert voice.symbols is not None
        examples = longest_first(examples)
        made = super().batch(voice, corpus, examples, rng)
        period, frames = voice.spec.frame_period, [e.frames for e in examples]
        places = prior.places_of(examples, frames, period, blank=voice.symbols.blank)
        return {**made, "places": places, "period": period}

    def before_step(self, model: Any, settings: Any, number: int) -> None:
        """See `Architecture.before_step`."""
        model.alignment_prior = settings.alignment_prior
        model.hidden_frames = settings.hidden_frames

    def losses(self, model: Any, batch: Batch, criteria: list[Any], index: int) -> tuple[Any, dict[str, Any]]:
        """See `Architecture.losses`; with a prior, attention beside the corpus's own alignment costs."""
        hidden = hides(getattr(model, "hidden_frames", 0.0))
        with ExitStack() as hiding:
            for decoder in _decoders(model):
                hiding.callback(decoder.prenet.register_forward_pre_hook(hidden).remove)
            outputs, found = super().losses(model, batch, criteria, index)
        if getattr(model, "alignment_prior", None) is None:
            return outputs, found
        slack, reduction = model.alignment_prior / batch["period"], model.decoder.r
        stray = prior.astray(
            outputs["alignments"].float(), batch["places"], slack, reduction, batch["mel_lengths"]
        )
        return outputs, {**found, "astray": stray, "loss": found["loss"] + stray}

    def longest(self, voice: VoiceConfig, tokens: int) -> int:
        """Frames that so many tokens may take."""
        return min(LONGEST, round((SECONDS + SECONDS_PER_TOKEN * tokens) / voice.spec.frame_period))

    def set_for(
        self, model: Any, voice: VoiceConfig, how: Speaking, tokens: int, limit: int | None
    ) -> ExitStack:
        """Decoder steps are limited: by what was asked, else by the length of the text; and attention that
        has come to the end of the text does not stay there."""
        if how.noise_scale is not None or how.speed != 1:
            raise ConfigError(
                "tacotron2 has neither noise_scale nor speed: its attention sets its own pace",
                where="options", hint="glowtts and vits predict durations, and can",
            )  # fmt: skip
        decoder = model.decoder
        frames = limit or self.longest(voice, tokens)
        decoder.max_decoder_steps = max(1, frames // decoder.r)
        stack = ExitStack()
        rest = self.rest(voice, decoder.r)
        stack.callback(decoder.attention.register_forward_hook(ended(decoder, tokens, rest)).remove)
        return stack

    def rest(self, voice: VoiceConfig, r: int) -> int:
        """Steps of `r` frames that attention may stay at the last token."""
        return max(1, round(AT_END / voice.spec.frame_period / r))

    def spoken(
        self, model: Any, voice: VoiceConfig, outputs: Any, tokens: int, limit: int | None
    ) -> np.ndarray:
        """Frames; says so when the end was not found."""
        out = super().spoken(model, voice, outputs, tokens, limit)
        if limit is None:
            self.mind_the_end(voice, tokens, out, model.decoder.r)
        return out

    def mind_the_end(self, voice: VoiceConfig, tokens: int, out: np.ndarray, r: int) -> None:
        """Say so where `out` is as long as `tokens` may last."""
        if len(out) >= max(1, self.longest(voice, tokens) // r) * r:
            seconds = len(out) * voice.spec.frame_period
            warnings.warn(
                f"the attention did not find the end of the text ({tokens} tokens) and was stopped after "
                f"{seconds:.1f} s: the model has not learned to stop; train it longer, or speak shorter "
                "sentences",
                SpeechWarning,
                stacklevel=2,
            )

    def without_torch(self, folder: Path, voice: VoiceConfig, weights: str) -> Any | None:
        """See `Architecture.without_torch`."""
        from synthkit_coqui.architectures import arrays, tacotron2_numbers

        if not tacotron2_numbers.speaks(voice):
            return None
        found = arrays.read(tacotron2_numbers.TacotronNumbers, folder, voice, weights)
        if isinstance(found, tacotron2_numbers.TacotronNumbers):
            found.architecture = self
        return found

    def imported(self, run: Any) -> VoiceConfig:
        """Gradual training ends with another reduction than the config begins with; the checkpoint says
        which."""
        ended = run.state.get("r")
        return run.acoustic(self, reduction=int(ended) if isinstance(ended, int) else 0)

    def imported_weights(self, weights: dict[str, Any]) -> dict[str, Any]:
        """Layers had other names until 2020."""
        return mozilla.weights(weights)

    def exported(self, voice: VoiceConfig, weights: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
        """See `Architecture.exported`.

        Raises
        ------
        VoiceError
            A width that coqui-tts cannot make.
        """
        if "width" in voice.model:
            raise VoiceError(
                "coqui-tts makes every Tacotron 2 as wide as the paper's, this one is "
                f"{voice.model['width']} wide",
                where="width",
                hint="only the presets default and small can be exported",
            )
        record = super().exported(voice, weights, config)
        return record | ({"r": voice.reduction} if voice.reduction else {})


def hides(share: float) -> Any:
    """A hook that shows the prenet zeros, as before the first frame, in place of that share of the frames.

    A decoder that always sees the recording's last frame copies it and hardly listens to the text: left to
    itself it drones. One that does not know what came before has to read.
    """

    def hook(_prenet: Any, inputs: tuple[Any]) -> tuple[Any] | None:
        import torch

        if not share:
            return None
        (frames,) = inputs
        return (frames * (torch.rand(*frames.shape[:-1], 1, device=frames.device) >= share),)

    return hook


def ended(decoder: Any, tokens: int, rest: int) -> Any:
    """A hook of a decoder's attention that stops it when the last of `tokens` was attended to in `rest` steps
    on end.

    The net that should say where speech stops learns of one step an utterance, thousands of steps after
    attention has learned to arrive.
    """
    steps = stayed = 0

    def hook(attention: Any, _inputs: Any, _output: Any) -> None:
        nonlocal steps, stayed
        steps += 1
        stayed = stayed + 1 if int(attention.attention_weights[0].argmax()) >= tokens - 1 else 0
        if stayed >= rest:
            decoder.max_decoder_steps = min(decoder.max_decoder_steps, steps)

    return hook


def _decoders(model: Any) -> list[Any]:
    """The one that speaks, and the coarse one beside which it learns where there is one."""
    return [d for d in (model.decoder, getattr(model, "coarse_decoder", None)) if d is not None]


def narrow(model: Any, width: int) -> None:
    """Make a Tacotron 2 `width` channels wide; coqui-tts's layers are 512 and 1024 wide, whatever its config
    says."""
    from torch import nn

    c = coqui()
    model.embedding = nn.Embedding(model.embedding.num_embeddings, width, padding_idx=0)
    blocks = model.postnet.convolutions
    mels, between = blocks[0].convolution1d.in_channels, len(blocks) - 2
    model.postnet.convolutions = nn.ModuleList(
        [
            c.ConvBNBlock(mels, width, 5, "tanh"),
            *(c.ConvBNBlock(width, width, 5, "tanh") for _ in range(between)),
            c.ConvBNBlock(width, mels, 5, None),
        ]
    )
    for block in (*model.encoder.convolutions, *model.postnet.convolutions):
        block.dropout.p = min(block.dropout.p, block.dropout.p * (width / USUAL_WIDTH) ** 2)
    for decoder in _decoders(model):
        into, frames = decoder.encoder_embedding_dim, decoder.frame_channels * decoder.r_init
        decoder.query_dim = decoder.decoder_rnn_dim = 2 * width
        decoder.prenet_dim = width
        kept = decoder.prenet.dropout_at_inference
        decoder.prenet = c.Prenet(
            decoder.frame_channels,
            model.prenet_type,
            model.prenet_dropout,
            out_features=[width, width],
            bias=False,
        )
        decoder.prenet.dropout_at_inference = kept
        decoder.attention_rnn = nn.LSTMCell(width + into, 2 * width)
        decoder.attention = c.init_attn(
            attn_type=model.attention_type,
            query_dim=2 * width,
            embedding_dim=into,
            attention_dim=width,
            location_attention=model.location_attn,
            attention_location_n_filters=32,
            attention_location_kernel_size=31,
            windowing=model.attention_win,
            norm=model.attention_norm,
            forward_attn=model.use_forward_attn,
            trans_agent=model.transition_agent,
            forward_attn_mask=model.forward_attn_mask,
            attn_K=model.attention_heads,
        )
        decoder.decoder_rnn = nn.LSTMCell(2 * width + into, 2 * width)
        decoder.linear_projection = c.Linear(2 * width + into, frames)
        decoder.stopnet = nn.Sequential(
            nn.Dropout(0.1), c.Linear(2 * width + frames, 1, bias=True, init_gain="sigmoid")
        )


class Tacotron2(CoquiModel):
    """Tacotron 2: attention over the phones, one mel frame (or `r` of them) after another."""

    version = "2"  # of size `small` it is as wide as its name says
    architecture = Tacotron2Architecture()
    Config = Tacotron2Settings
