# SPDX-License-Identifier: Apache-2.0
"""What a user may set of any model: training, speakers, flows, vocoders. Each model adds its own beside
it."""

from __future__ import annotations

from typing import Any, Literal

from synthkit.settings import Field, Settings

Schedule = Literal["noam", "cosine", "exponential", "constant"]
Presets = dict[str, dict[str, Any]]
"""Arguments of a model by the name of its size."""


class DrawOptions(Settings):
    """What a request may say to any model, and what is a setting too."""

    seed: int = Field(0, ge=0, le=2**63 - 1)
    """Of what is drawn at random; of training, when it is a setting."""


class FlowOptions(DrawOptions):
    """What a request may say to models that predict how long each token lasts."""

    noise_scale: float | None = Field(None, ge=0, le=100)
    """How far the draw strays; None: as far as the model was made for."""
    speed: float = Field(1.0, ge=0.25, le=4)


class TrainSettings(DrawOptions):
    """What every model of this plugin can be told about training.

    `steps` counts optimizer steps (for the adversarial models, pairs of them). The learning rate of step s is
    a function of s alone, so what is planned here is what is applied; ``synthkit doctor`` prints its peak.
    """

    steps: int = Field(100_000, ge=1)
    batch_size: int = Field(32, ge=1)
    lr: float = Field(1e-3, gt=0)
    schedule: Schedule = "noam"
    warmup_steps: int | None = Field(None, ge=0)
    """None: a tenth of the steps, at most 4000."""
    grad_clip: float = Field(5.0, gt=0)
    device: str = "auto"
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """auto: bf16 on a GPU that has it for the adversarial models, else fp32."""
    threads: int = Field(0, ge=0)
    """CPU threads; 0: as ``OMP_NUM_THREADS`` says, else all cores, at most eight. Another number sums in
    another order, and ends in other bytes."""
    gpus: int = Field(1, ge=1)
    """More than one: training runs under torchrun on this machine."""
    max_minutes: float | None = Field(None, gt=0)
    """The time there is: as many steps are planned as this machine takes in it, by the speed of the first
    ones, and of those that follow."""
    checkpoint_every: int = Field(1000, ge=1)
    validate_every: int = Field(2000, ge=1)
    log_every: int = Field(50, ge=1)
    keep: int = Field(2, ge=1)
    """Checkpoints to keep in the work folder."""
    max_seconds: float = Field(20.0, gt=0)
    """Longer recordings are left out of training, and named."""
    recogniser: str = ""
    """A metric that recognises speech, such as ``"whisper"``: character errors beside each validation."""
    rehearsal: bool = True
    preset: Literal["default", "small", "tiny"] = "default"
    model: dict[str, Any] = Field(default_factory=dict)
    """Architecture: keys of the model's own coqui-tts arguments."""
    start_from: str = ""
    """A voice of this plugin (its acoustic_model or vocoder folder) whose weights to begin with; of acoustic
    models also a name that is bundled."""
    stored: Literal["float16", "float32"] = "float32"
    """Precision of the weights on disk."""

    def warmup(self) -> int:
        """Steps until the learning rate is at its peak."""
        return self.warmup_steps if self.warmup_steps is not None else min(4000, max(1, self.steps // 10))


class AcousticSettings(TrainSettings):
    """Training, and who speaks what."""

    pretrained: str = ""
    """Take these weights instead of training: a name that is bundled, or the folder of others."""
    speakers: Literal["auto", "none", "embedding", "d-vector"] = "auto"
    """auto: an embedding where the corpus has several speakers. Cloning needs ``"d-vector"``."""
    speaker_encoder: str = "resemblyzer"
    languages: Literal["auto", "none", "embedding"] = "auto"
    substitute: dict[str, str] = Field(default_factory=dict)
    """Phones to say in place of phones the corpus never showed, such as ``{"zh" = "sh"}``."""


class AlignedSettings(AcousticSettings):
    """Models that are told where the corpus's alignment has each phone."""

    alignment_prior: float | None = Field(None, ge=0, le=10)
    """Seconds by which a phone may stray from where the corpus's alignment has it, while the model is taught;
    None: it finds out by itself."""


class FlowSettings(FlowOptions, AlignedSettings):
    """Models that predict how long each token lasts, and draw their frames at random."""


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
