# SPDX-License-Identifier: Apache-2.0
"""HiFi-GAN (Kong et al. 2020): vocoder ``coqui-hifigan``."""

from __future__ import annotations

from typing import Any, ClassVar

from synthkit_coqui.architectures.coqui_config import kernel_sizes, upsample_factors
from synthkit_coqui.architectures.mel_vocoder import RendersMel
from synthkit_coqui.backend import coqui
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.memory import Need, Needs
from synthkit_coqui.settings import Presets
from synthkit_coqui.vocoders import CoquiVocoder


class HifiganArchitecture(RendersMel):
    """coqui-tts's `HifiganGenerator` and `HifiganDiscriminator`."""

    kind = "coqui-hifigan"
    foreign_names = ("hifigan",)
    padding_frames = 5
    step_seconds: ClassVar = {"default": 8.0, "small": 7.0, "tiny": 0.6}
    optimizer = ("AdamW", {"betas": (0.8, 0.99), "weight_decay": 0.01})
    presets: ClassVar[Presets] = {
        "default": {},
        "small": {"upsample_initial_channel": 128},
        "tiny": {
            "upsample_initial_channel": 16,
            "resblock_type": "2",
            "resblock_kernel_sizes": [3],
            "resblock_dilation_sizes": [[1, 3]],
            "discriminator_divisor": 16,
        },
    }
    memory: ClassVar[Needs] = {
        "default": Need(2315, 0, 622),
        "small": Need(2199, 0, 284),
        "tiny": Need(512, 0, 11.7),
    }

    def defaults(self) -> Any:
        """See `RendersMel.defaults`."""
        return coqui().HifiganConfig()

    def config(self, voice: VoiceConfig, d_vector_file: str | None = None) -> Any:
        """See `Architecture.config`."""
        mel, base = voice.mel, self.defaults()
        hop = mel.hop_length
        factors = upsample_factors(hop)
        parameters = {
            **base.generator_model_params,
            "upsample_factors": factors,
            "upsample_kernel_sizes": kernel_sizes(factors),
            **self.of_generator(voice),
        }
        loss = {**base.l1_spec_loss_params, "sample_rate": mel.sample_rate, "hop_length": hop}
        loss |= {"n_fft": mel.n_fft, "win_length": mel.win_length, "mel_fmax": mel.fmax}
        return coqui().HifiganConfig(
            audio=self.coqui_audio(voice),
            generator_model_params=parameters,
            l1_spec_loss_params=loss,
            seq_len=voice.segment,
        )


class CoquiHifigan(CoquiVocoder):
    """HiFi-GAN (Kong et al. 2020)."""

    architecture = HifiganArchitecture()
    Config = HifiganArchitecture.Settings
