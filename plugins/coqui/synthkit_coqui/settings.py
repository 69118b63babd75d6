"""Typed settings of the models and of training, with the defaults of each kind of model."""

from __future__ import annotations

import difflib
from typing import Any, Literal

from synthkit.errors import ConfigError
from synthkit.settings import Field, Settings

Schedule = Literal["noam", "cosine", "exponential", "constant"]


class TrainSettings(Settings):
    """What every model of this plugin can be told about training.

    `steps` counts optimizer steps (for the adversarial models, pairs of them). The learning rate of step s is a
    function of s alone, so what is planned here is what is applied; ``synthkit doctor`` prints its peak.
    """

    steps: int = Field(100_000, ge=1)
    batch_size: int = Field(32, ge=1)
    lr: float = Field(1e-3, gt=0)
    schedule: Schedule = "noam"
    warmup_steps: int | None = Field(None, ge=0)
    """None: a tenth of the steps, at most 4000."""
    grad_clip: float = Field(5.0, gt=0)
    seed: int = 0
    device: str = "auto"
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """auto: bf16 on a GPU that has it for the adversarial models, else fp32."""
    threads: int = Field(0, ge=0)
    """CPU threads; 0: all cores, at most eight. Another number sums in another order, and ends in other bytes."""
    gpus: int = Field(1, ge=1)
    """More than one: training runs under torchrun on this machine."""
    max_minutes: float | None = Field(None, gt=0)
    """Stop in order after this long, wherever training is then."""
    checkpoint_every: int = Field(1000, ge=1)
    validate_every: int = Field(2000, ge=1)
    log_every: int = Field(50, ge=1)
    keep: int = Field(2, ge=1)
    """Checkpoints to keep in the work folder."""
    max_seconds: float = Field(20.0, gt=0)
    """Longer recordings are left out of training, and named."""
    rehearsal: bool = True
    preset: Literal["default", "small", "tiny"] = "default"
    model: dict[str, Any] = Field(default_factory=dict)
    """Architecture: keys of the model's own coqui-tts arguments."""
    start_from: str = ""
    """A voice of this plugin (its acoustic_model or vocoder folder) whose weights to begin with."""

    def warmup(self) -> int:
        """Steps until the learning rate is at its peak."""
        return self.warmup_steps if self.warmup_steps is not None else min(4000, max(1, self.steps // 10))


class RunSettings(TrainSettings):
    """What the training process is told: the common settings and the adversarial vocoders' own."""

    discriminator_from: int = Field(0, ge=0)


class AcousticSettings(TrainSettings):
    """Training, and who speaks what."""

    speakers: Literal["auto", "none", "embedding", "d-vector"] = "auto"
    """auto: an embedding where the corpus has several speakers. Cloning needs ``"d-vector"``."""
    speaker_encoder: str = "resemblyzer"
    languages: Literal["auto", "none", "embedding"] = "auto"
    substitute: dict[str, str] = Field(default_factory=dict)
    """Phones to say in place of phones the corpus never showed, such as ``{"zh" = "sh"}``."""


class Tacotron2Settings(AcousticSettings):
    """Tacotron 2 (Shen et al. 2018): attention, one mel frame after another."""

    lr: float = Field(5e-4, gt=0)
    grad_clip: float = Field(1.0, gt=0)


class FlowSettings(AcousticSettings):
    """Models that predict how long each token lasts, and draw their frames at random."""

    noise_scale: float | None = Field(None, ge=0)
    """How far the draw strays; None: as far as the model was made for."""
    speed: float = Field(1.0, ge=0.25, le=4)


class GlowTTSSettings(FlowSettings):
    """Glow-TTS (Kim et al. 2020): a flow with monotonic alignment search."""

    blank: bool = True


class VitsSettings(FlowSettings):
    """VITS (Kim et al. 2021): text to waveform in one model."""

    lr: float = Field(2e-4, gt=0)
    schedule: Schedule = "exponential"
    warmup_steps: int | None = Field(0, ge=0)
    grad_clip: float = Field(1000.0, gt=0)
    blank: bool = True
    n_fft: int = Field(1024, ge=64)
    hop_length: int = Field(256, ge=16)
    n_mels: int = Field(80, ge=8)
    fmin: float = Field(0.0, ge=0)
    fmax: float | None = Field(None, gt=0)


class VocoderSettings(TrainSettings):
    """The adversarial mel vocoders."""

    batch_size: int = Field(16, ge=1)
    lr: float = Field(2e-4, gt=0)
    schedule: Schedule = "exponential"
    warmup_steps: int | None = Field(0, ge=0)
    grad_clip: float = Field(1000.0, gt=0)
    segment: int = Field(8192, ge=256)
    """Samples per training example; a multiple of the hop."""
    discriminator_from: int = Field(0, ge=0)
    """Step at which the discriminator joins."""


class MbMelganSettings(VocoderSettings):
    """Multi-band MelGAN (Yang et al. 2020): hop 256 (or 4 × a product of factors), fast on one core."""

    batch_size: int = Field(64, ge=1)
    segment: int = Field(16384, ge=256)
    discriminator_from: int = Field(20_000, ge=0)


PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "glowtts": {
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
    },
    "tacotron2": {"default": {}, "small": {"r": 3}, "tiny": {"r": 8}},
    "vits": {
        "default": {},
        "small": {
            "hidden_channels": 96,
            "num_layers_text_encoder": 4,
            "num_layers_posterior_encoder": 8,
            "upsample_initial_channel_decoder": 256,
        },
        "tiny": {
            "hidden_channels": 16,
            "hidden_channels_ffn_text_encoder": 32,
            "num_layers_text_encoder": 1,
            "num_layers_posterior_encoder": 2,
            "num_layers_flow": 1,
            "upsample_initial_channel_decoder": 32,
            "resblock_type_decoder": "2",
            "resblock_kernel_sizes_decoder": [3],
            "resblock_dilation_sizes_decoder": [[1, 3]],
            "periods_multi_period_discriminator": [2],
            "spec_segment_size": 16,
        },
    },
    "coqui-hifigan": {
        "default": {},
        "small": {"upsample_initial_channel": 128},
        "tiny": {
            "upsample_initial_channel": 16,
            "resblock_type": "2",
            "resblock_kernel_sizes": [3],
            "resblock_dilation_sizes": [[1, 3]],
        },
    },
    "coqui-mb-melgan": {"default": {}, "small": {"num_res_blocks": 2}, "tiny": {"num_res_blocks": 1}},
}


def architecture(kind: str, settings: TrainSettings, known: list[str]) -> dict[str, Any]:
    """The preset's architecture with the user's own keys over it.

    Raises
    ------
    ConfigError
        A key the model does not have; the hint says which was meant.
    """
    merged: dict[str, Any] = {}
    for source in (PRESETS[kind][settings.preset], settings.model):
        for key, value in source.items():
            if key not in known:
                close = difflib.get_close_matches(key, known, 1)
                raise ConfigError(
                    f"{kind} has no model argument {key!r}",
                    where="acoustic_model.model",
                    hint=f"did you mean {close[0]!r}?"
                    if close
                    else "see coqui-tts's documentation of the model",
                )
            if isinstance(value, dict) and isinstance(merged.get(key), dict):
                value = {**merged[key], **value}
            merged[key] = value
    return merged
