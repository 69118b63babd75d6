# SPDX-License-Identifier: Apache-2.0
"""Glow-TTS (Kim et al. 2020): a normalising flow over mel frames, aligned by monotonic search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthkit.stages import Demo
from synthkit_coqui import prior
from synthkit_coqui.acoustic import CoquiModel
from synthkit_coqui.architectures import coqui_config as parts
from synthkit_coqui.architectures.base import Batch
from synthkit_coqui.architectures.flows import Flow
from synthkit_coqui.backend import coqui
from synthkit_coqui.batching import longest_first
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.memory import Need, Needs
from synthkit_coqui.settings import FlowOptions, FlowSettings, Presets
from synthkit_coqui.specs import audio_config

if TYPE_CHECKING:
    from synthkit_coqui.corpus import Corpus, Example


class GlowTTSSettings(FlowSettings):
    """Glow-TTS (Kim et al. 2020): a flow with monotonic alignment search."""

    blank: bool = True


class GlowTTSArchitecture(Flow):
    """coqui-tts's `GlowTTS`."""

    kind = "glowtts"
    module = "GlowTTS"
    Settings = GlowTTSSettings
    foreign_names = ("glow_tts",)
    step_seconds: ClassVar = {"default": 1.3, "small": 0.5, "tiny": 0.08}
    optimizer = ("RAdam", {"betas": (0.9, 0.998), "weight_decay": 1e-6})
    presets: ClassVar[Presets] = {
        "default": {},
        "small": {
            "hidden_channels_enc": 96,
            "hidden_channels_dec": 96,
            "hidden_channels_dp": 96,
            "num_flow_blocks_dec": 6,
            "encoder_params": {"num_layers": 4, "hidden_channels_ffn": 384},
        },
        "tiny": {
            "hidden_channels_enc": 16,
            "hidden_channels_dec": 16,
            "hidden_channels_dp": 16,
            "num_flow_blocks_dec": 2,
            "num_block_layers": 2,
            "encoder_params": {"num_layers": 2, "hidden_channels_ffn": 32},
        },
    }
    memory: ClassVar[Needs] = {
        "default": Need(1000, 0, 15.8),
        "small": Need(541, 0, 5.7),
        "tiny": Need(461, 0, 1.7),
    }
    normalises_speakers = True
    logarithm_adds = 1.0
    told = frozenset({"loss", "log_mle", "loss_dur"})

    def arguments(self) -> list[str]:
        """Those of coqui-tts's config that are of the model: it mixes them with everything else."""
        return [
            "use_encoder_prenet",
            "hidden_channels_enc",
            "hidden_channels_dec",
            "hidden_channels_dp",
            "dropout_p_dp",
            "dropout_p_dec",
            "mean_only",
            "num_flow_blocks_dec",
            "kernel_size_dec",
            "dilation_rate",
            "num_block_layers",
            "num_splits",
            "num_squeeze",
            "sigmoid_scale",
            "encoder_type",
            "encoder_params",
            "inference_noise_scale",
            "length_scale",
        ]

    def config(self, voice: VoiceConfig, d_vector_file: str | None = None) -> Any:
        """See `Architecture.config`; nested tables are completed from coqui-tts's defaults."""
        c = coqui()
        arguments = {
            "out_channels": voice.mel.n_mels,
            **parts.conditioning(voice, d_vector_file),
            **voice.model,
        }
        if isinstance(arguments.get("encoder_params"), dict):
            arguments["encoder_params"] = {**c.GlowTTSConfig().encoder_params, **arguments["encoder_params"]}
        return c.GlowTTSConfig(**arguments, **parts.of_text(voice, audio_config(voice.spec)))

    def initialise(self, model: Any, batch: Batch) -> None:
        """Activation norms, once, before the first step."""
        import torch

        model.run_data_dep_init = False
        model.unlock_act_norm_layers()
        with torch.no_grad():
            model.forward(
                batch["text_input"],
                batch["text_lengths"],
                batch["mel_input"],
                batch["mel_lengths"],
                aux_input={"d_vectors": batch["d_vectors"], "speaker_ids": batch["speaker_ids"]},
            )
        model.lock_act_norm_layers()

    def batch(
        self, voice: VoiceConfig, corpus: Corpus, examples: list[Example], rng: np.random.Generator
    ) -> Batch:
        """Tokens, mel frames, and the frames between which the alignment has each token."""
        assert voice.symbols is not None
        examples = longest_first(examples)
        made = super().batch(voice, corpus, examples, rng)
        period = voice.spec.frame_period
        # the flow takes two frames at a time
        frames = [e.frames // 2 * 2 for e in examples]
        places = prior.places_of(examples, frames, period, blank=voice.symbols.blank)
        return {**made, "places": places, "period": period}

    def before_step(self, model: Any, settings: Any, number: int) -> None:
        """coqui-tts would initialise by data again."""
        super().before_step(model, settings, number)
        model.run_data_dep_init = False

    def open(self, model: Any) -> None:
        """See `Architecture.open`."""
        model.run_data_dep_init = False

    def without_torch(self, folder: Path, voice: VoiceConfig, weights: str) -> Any | None:
        """See `Architecture.without_torch`."""
        from synthkit_coqui.architectures import arrays, glowtts_numbers

        if not glowtts_numbers.speaks(voice):
            return None
        return arrays.read(glowtts_numbers.GlowNumbers, folder, voice, weights)

    def speaker_table(self, model: Any) -> Any:
        """See `ReadsText.speaker_table`."""
        return model.emb_g

    def paced(self, model: Any, how: Any, period: float) -> Any:
        """See `Flow.paced`."""
        return model.encoder.register_forward_hook(
            lambda _m, _i, out: (*out[:2], self.changed(model, out[2], how, period), *out[3:])
        )


class GlowTTS(CoquiModel):
    """Glow-TTS: a normalising flow over mel frames, aligned by monotonic search."""

    architecture = GlowTTSArchitecture()
    Config = GlowTTSSettings
    Options = FlowOptions
    demos = (
        Demo(
            settings={"pretrained": "nsh"}, languages=("ru",), utterances=8,
            features={"plugin": "mel", "preset": "htk-16k"},
        ),
    )  # fmt: skip
    takes = frozenset({"durations"})
