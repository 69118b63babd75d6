# SPDX-License-Identifier: Apache-2.0
"""Multi-band MelGAN (Yang et al. 2020): vocoder ``coqui-mb-melgan``."""

from __future__ import annotations

from typing import Any, ClassVar

from synthkit.errors import ConfigError, VoiceError
from synthkit_coqui.architectures.coqui_config import upsample_factors
from synthkit_coqui.architectures.mel_vocoder import RendersMel
from synthkit_coqui.architectures.narrow import DIVISOR
from synthkit_coqui.backend import coqui
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.memory import Need, Needs
from synthkit_coqui.settings import Field, Presets, VocoderSettings
from synthkit_coqui.vocoders import CoquiVocoder


class MbMelganSettings(VocoderSettings):
    """Multi-band MelGAN (Yang et al. 2020): hop 256 (or 4 × a product of factors), fast on one core."""

    batch_size: int = Field(64, ge=1)
    segment: int = Field(16384, ge=256)
    discriminator_from: int = Field(20_000, ge=0)


class MbMelganArchitecture(RendersMel):
    """coqui-tts's `MultibandMelganGenerator`: four bands, put together by a filter bank."""

    kind = "coqui-mb-melgan"
    Settings = MbMelganSettings
    foreign_names = ("multiband_melgan",)
    padding_frames = 2
    step_seconds: ClassVar = {"default": 8.0, "small": 7.0, "tiny": 0.3}
    optimizer = ("AdamW", {"betas": (0.8, 0.99), "weight_decay": 0.0})
    presets: ClassVar[Presets] = {
        "default": {},
        "small": {"num_res_blocks": 2},
        "tiny": {"num_res_blocks": 1, "base_channels": 48, "discriminator_divisor": 4},
    }
    memory: ClassVar[Needs] = {
        "default": Need(542, 0, 91),
        "small": Need(554, 0, 59),
        "tiny": Need(414, 0, 41),
    }

    def arguments(self) -> list[str]:
        """With ``base_channels``, which coqui-tts's config does not reach."""
        return [*super().arguments(), "base_channels"]

    def of_generator(self, voice: VoiceConfig) -> dict[str, Any]:
        """See `RendersMel.of_generator`."""
        return {k: v for k, v in super().of_generator(voice).items() if k != "base_channels"}

    def make(self, voice: VoiceConfig) -> Any:
        """See `Architecture.make`."""
        model = super().make(voice)
        channels = voice.model.get("base_channels")
        if channels is not None:
            parameters = model.config.generator_model_params
            model.model_g = coqui().MultibandMelganGenerator(
                in_channels=voice.mel.n_mels,
                out_channels=4,
                proj_kernel=7,
                base_channels=channels,
                upsample_factors=parameters["upsample_factors"],
                res_kernel=3,
                num_res_blocks=parameters["num_res_blocks"],
            )
        return model

    def exported(self, voice: VoiceConfig, weights: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
        """See `Architecture.exported`.

        Raises
        ------
        VoiceError
            A width that coqui-tts cannot make.
        """
        if "base_channels" in voice.model:
            raise VoiceError(
                f"coqui-tts makes this model 384 channels wide, this one is {voice.model['base_channels']}",
                where="base_channels",
                hint="only the presets default and small can be exported",
            )
        return super().exported(voice, weights, config)

    def defaults(self) -> Any:
        """See `RendersMel.defaults`."""
        return coqui().MultibandMelganConfig()

    def config(self, voice: VoiceConfig, d_vector_file: str | None = None) -> Any:
        """See `Architecture.config`.

        Raises
        ------
        ConfigError
            The hop is no multiple of the four bands.
        """
        hop = voice.mel.hop_length
        if hop % 4:
            raise ConfigError(
                f"coqui-mb-melgan has four bands: a hop of {hop} is not a multiple of 4", where="features"
            )
        parameters = {
            "num_res_blocks": 4,
            "upsample_factors": _band_factors(hop // 4),
            **self.of_generator(voice),
        }
        divisor, narrow = voice.model.get(DIVISOR), {}
        if divisor is not None:
            widths = {
                "base_channels": max(1, 16 // int(divisor)),
                "max_channels": max(4, 512 // int(divisor)),
            }
            narrow["discriminator_model_params"] = {**self.defaults().discriminator_model_params, **widths}
        return coqui().MultibandMelganConfig(
            audio=self.coqui_audio(voice),
            generator_model_params=parameters,
            seq_len=voice.segment,
            **narrow,
        )


def _band_factors(hop: int) -> list[int]:
    return {64: [8, 4, 2], 50: [5, 5, 2], 32: [4, 4, 2], 20: [5, 2, 2], 128: [8, 4, 4]}.get(
        hop
    ) or upsample_factors(hop)


class CoquiMbMelgan(CoquiVocoder):
    """Multi-band MelGAN (Yang et al. 2020)."""

    architecture = MbMelganArchitecture()
    Config = MbMelganSettings
