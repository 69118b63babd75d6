# SPDX-License-Identifier: Apache-2.0
"""VITS (Kim et al. 2021): text to waveform in one model, with its own vocoder inside."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthkit.dsp.mel import mel_spectrum
from synthkit.dsp.specs import MelSpec
from synthkit.stages import TrainingData
from synthkit.types import Demand, FeatureSpec, Finding
from synthkit_coqui import prior
from synthkit_coqui.acoustic import CoquiModel
from synthkit_coqui.architectures import coqui_config as parts
from synthkit_coqui.architectures.base import Batch, Rendition, gradient_free, in_float32
from synthkit_coqui.architectures.flows import Flow
from synthkit_coqui.architectures.narrow import DIVISOR, narrow_discriminators
from synthkit_coqui.backend import coqui
from synthkit_coqui.batching import wave_batch
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.memory import Need, Needs
from synthkit_coqui.settings import Field, FlowOptions, FlowSettings, Presets, Schedule

if TYPE_CHECKING:
    from synthkit_coqui.corpus import Corpus, Example

OF_MODEL = (
    "out_channels", "spec_segment_size", "hidden_channels", "hidden_channels_ffn_text_encoder",
    "num_heads_text_encoder", "num_layers_text_encoder", "kernel_size_text_encoder",
    "dropout_p_text_encoder", "dropout_p_duration_predictor", "kernel_size_posterior_encoder",
    "dilation_rate_posterior_encoder", "num_layers_posterior_encoder", "kernel_size_flow",
    "dilation_rate_flow", "num_layers_flow", "resblock_type_decoder", "resblock_kernel_sizes_decoder",
    "resblock_dilation_sizes_decoder", "upsample_rates_decoder", "upsample_initial_channel_decoder",
    "upsample_kernel_sizes_decoder", "periods_multi_period_discriminator", "use_sdp", "noise_scale",
    "inference_noise_scale", "length_scale", "noise_scale_dp", "inference_noise_scale_dp",
    "max_inference_len", "init_discriminator", "use_spectral_norm_disriminator",
    "speaker_embedding_channels", "detach_dp_input", "embedded_language_dim", "condition_dp_on_speaker",
    "freeze_encoder", "freeze_DP", "freeze_PE", "freeze_flow_decoder", "freeze_waveform_decoder",
    "encoder_sample_rate", "interpolate_z", "reinit_DP", "reinit_text_encoder",
)  # fmt: skip
"""Those of coqui-tts's `VitsArgs` that are of the model; named here, so that speaking need not import it."""


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


class VitsArchitecture(Flow):
    """coqui-tts's `Vits`."""

    kind = "vits"
    module = "Vits"
    Settings = VitsSettings
    foreign_names = ("vits",)
    step_seconds: ClassVar = {"default": 9.2, "small": 5.0, "tiny": 0.75}
    optimizer = ("AdamW", {"betas": (0.8, 0.99), "eps": 1e-9, "weight_decay": 0.01})
    presets: ClassVar[Presets] = {
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
            "discriminator_divisor": 16,
        },
    }
    memory: ClassVar[Needs] = {
        "default": Need(2005, 195, 19),
        "small": Need(1577, 135, 9),
        "tiny": Need(504, 2.3, 7.2),
    }
    frames = False
    adversarial = True
    training_only = ("disc.",)
    takes_languages = True
    told = frozenset({"loss", "loss_gen", "loss_kl", "loss_feat", "loss_mel", "loss_duration"})

    def arguments(self) -> list[str]:
        """Those of coqui-tts's `VitsArgs` that are of the model, and how narrow its discriminators are."""
        return [*OF_MODEL, DIVISOR]

    def make(self, voice: VoiceConfig) -> Any:
        """See `Architecture.make`."""
        model = super().make(voice)
        if DIVISOR in voice.model and getattr(model, "disc", None) is not None:
            narrow_discriminators(model.disc, int(voice.model[DIVISOR]))
        return model

    def spec(self, data: TrainingData) -> FeatureSpec:
        """A waveform."""
        return FeatureSpec("waveform", data.sample_rate)

    def audio(self, settings: Any, sample_rate: int) -> dict[str, Any]:
        """See `Architecture.audio`."""
        names = ("n_fft", "hop_length", "n_mels", "fmin", "fmax")
        return {"sample_rate": sample_rate, **{name: getattr(settings, name) for name in names}}

    def of_data(self, settings: Any, data: TrainingData) -> list[Finding]:
        """See `Architecture.of_data`."""
        top = data.sample_rate / 2
        if settings.fmax is not None and settings.fmax > top:
            return [
                Finding("error", "fmax-above-nyquist",
                        f"fmax = {settings.fmax:g} Hz, the recordings hold up to {top:g} Hz",
                        "mel bands above would be empty and the mel loss infinite", f"fmax = {top:g}", "fmax")
            ]  # fmt: skip
        return []

    def compared_under(self, voice: VoiceConfig) -> MelSpec:
        """The mel spec of its own loss."""
        a = voice.audio
        return MelSpec(
            a["sample_rate"], a["n_fft"], a["n_fft"], a["hop_length"], "hann", a["n_mels"], a["fmin"],
            a["fmax"] or a["sample_rate"] / 2, "slaney", "slaney", 1.0, "e", 1e-5, "none", "reflect",
        )  # fmt: skip

    def config(self, voice: VoiceConfig, d_vector_file: str | None = None) -> Any:
        """See `Architecture.config`."""
        c, a = coqui(), voice.audio
        audio = {
            "sample_rate": a["sample_rate"],
            "fft_size": a["n_fft"],
            "win_length": a["n_fft"],
            "hop_length": a["hop_length"],
            "num_mels": a["n_mels"],
            "mel_fmin": a["fmin"],
            "mel_fmax": a["fmax"],
            "do_trim_silence": False,
        }
        rates = parts.upsample_factors(a["hop_length"])
        arguments = {
            "out_channels": a["n_fft"] // 2 + 1,
            "upsample_rates_decoder": rates,
            "upsample_kernel_sizes_decoder": parts.kernel_sizes(rates),
            "use_language_embedding": voice.language_embedding,
            **parts.conditioning(voice, d_vector_file),
            **{k: v for k, v in voice.model.items() if k != DIVISOR},
        }
        return c.VitsConfig(model_args=c.VitsArgs(**arguments), **parts.of_text(voice, audio))

    def batch(
        self, voice: VoiceConfig, corpus: Corpus, examples: list[Example], rng: np.random.Generator
    ) -> Batch:
        """Tokens, whole recordings, and the frames between which the alignment has each token."""
        assert voice.symbols is not None
        hop = voice.audio["hop_length"]
        frames = [e.samples // hop for e in examples]
        period = hop / voice.audio["sample_rate"]
        places = prior.places_of(examples, frames, period, blank=voice.symbols.blank)
        return {**wave_batch(voice, corpus, examples), "places": places, "period": period}

    def parts(self, model: Any) -> list[list[Any]]:
        """Discriminator, all else."""
        speaking = [p for n, p in model.named_parameters() if not n.startswith("disc.")]
        return [list(model.disc.parameters()), speaking]

    def use_precision(self, model: Any, device: Any) -> None:
        """Alignment search reads the scores as numpy, and the splines of durations lose their order in half
        precision."""
        model.forward_mas = in_float32(model.forward_mas, device)

    def on_device(self, model: Any, batch: Batch) -> Batch:
        """Spectrograms."""
        out: Batch = model.format_batch_on_device(batch)
        return out

    def attention(self, alignments: Any) -> np.ndarray | None:
        """See `Architecture.attention`."""
        found = super().attention(alignments)
        return None if found is None else found.T

    def set_for(self, model: Any, voice: VoiceConfig, how: Any, tokens: int, limit: int | None) -> ExitStack:
        """See `ReadsText.set_for`."""
        model.max_inference_len = limit
        return super().set_for(model, voice, how, tokens, limit)

    def spoken(
        self, model: Any, voice: VoiceConfig, outputs: Any, tokens: int, limit: int | None
    ) -> np.ndarray:
        """Samples."""
        return gradient_free(outputs[0, 0])

    def without_torch(self, folder: Path, voice: VoiceConfig, weights: str) -> Any | None:
        """See `Architecture.without_torch`."""
        from synthkit_coqui.architectures import arrays, vits_numbers

        if not vits_numbers.speaks(voice):
            return None
        return arrays.read(vits_numbers.VitsNumbers, folder, voice, weights)

    def speaker_table(self, model: Any) -> Any:
        """See `ReadsText.speaker_table`."""
        return model.emb_g

    def paced(self, model: Any, how: Any, period: float) -> Any:
        """See `Flow.paced`."""
        return model.duration_predictor.register_forward_hook(
            lambda _m, _i, out: self.changed(model, out, how, period)
        )

    def rendition(self, speech: Any, corpus: Corpus, example: Example) -> Rendition:
        """See `Architecture.rendition`."""
        spec, out = self.compared_under(speech.voice), self._heard(speech, corpus, example)
        return Rendition(
            mel_spectrum(out, spec), mel_spectrum(corpus.audio(example), spec), np.clip(out, -1, 1)
        )

    def imported(self, run: Any) -> VoiceConfig:
        """Its frames are its own affair: it speaks a waveform."""
        mel = MelSpec.of(run.spec)
        audio = {
            "sample_rate": mel.sample_rate, "n_fft": mel.n_fft, "hop_length": mel.hop_length,
            "n_mels": mel.n_mels, "fmin": mel.fmin, "fmax": run.audio.get("mel_fmax"),
        }  # fmt: skip
        known = (
            {"d_vector_dim": 0} if run.conditioning == "embedding" else {}
        )  # there it is another table's width
        return run.acoustic(self, spec=FeatureSpec("waveform", mel.sample_rate), audio=audio, **known)

    def vocabulary(self, characters: dict[str, Any], named: str, phonemes: bool) -> Any | None:
        """VITS has a vocabulary class of its own."""
        if named not in ("VitsCharacters", ""):
            return None
        return coqui().VitsCharacters(
            characters.get("characters", ""), characters.get("punctuations", ""), characters.get("pad", "_"),
            characters.get("phonemes"),
        )  # fmt: skip

    def exported(self, voice: VoiceConfig, weights: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
        """See `Architecture.exported`."""
        config["model_args"]["init_discriminator"] = False
        return super().exported(voice, weights, config)


class Vits(CoquiModel):
    """VITS: text to waveform in one model, with its own vocoder inside."""

    architecture = VitsArchitecture()
    consumes = (Demand(),)
    Config = VitsSettings
    Options = FlowOptions
    takes = frozenset({"durations"})

    def produces(self, features: FeatureSpec) -> FeatureSpec:
        """A waveform; no vocoder follows."""
        return FeatureSpec("waveform", features.sample_rate)
