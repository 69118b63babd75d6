# SPDX-License-Identifier: Apache-2.0
"""Adversarial vocoders over coqui-tts's `GAN`: mel frames to samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthkit.dsp.mel import mel_spectrum
from synthkit_coqui.architectures.base import Architecture, Batch, Rendition, gradient_free, in_float32
from synthkit_coqui.architectures.narrow import DIVISOR, narrow_discriminators
from synthkit_coqui.backend import coqui, held, without_mel_basis
from synthkit_coqui.batching import segment_batch
from synthkit_coqui.corpus import segment_starts
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.memory import RATE
from synthkit_coqui.settings import VocoderSettings
from synthkit_coqui.specs import audio_config

if TYPE_CHECKING:
    from synthkit_coqui.corpus import Corpus, Example


class RendersMel(Architecture):
    """A generator and a discriminator that take turns.

    Attributes
    ----------
    padding_frames : int
        Frames that coqui-tts's generator pads at each end in `inference` and leaves in its output.
    """

    Settings: ClassVar[type[VocoderSettings]] = VocoderSettings  # type: ignore[assignment]
    reads_text = False
    adversarial = True
    training_only = ("model_d.",)
    padding_frames: ClassVar[int]
    told = frozenset({"loss", "G_l1_spec_loss", "G_stft_loss_mg", "G_adv_loss", "G_feat_match_loss"})

    def arguments(self) -> list[str]:
        """Arguments of coqui-tts's generator, and how narrow its discriminators are."""
        return [*self.defaults().generator_model_params, DIVISOR]

    def of_generator(self, voice: VoiceConfig) -> dict[str, Any]:
        """The generator's arguments of a voice."""
        return {k: v for k, v in voice.model.items() if k != DIVISOR}

    def defaults(self) -> Any:
        """coqui-tts's config with its defaults."""
        raise NotImplementedError

    def make(self, voice: VoiceConfig) -> Any:
        """See `Architecture.make`."""
        with without_mel_basis():
            model = held(coqui().GAN(self.config(voice)), "GAN")
        if DIVISOR in voice.model:
            narrow_discriminators(model.model_d, int(voice.model[DIVISOR]))
        return model.train()

    def batch(
        self, voice: VoiceConfig, corpus: Corpus, examples: list[Example], rng: np.random.Generator
    ) -> Batch:
        """Segments of mel frames and their samples."""
        assert corpus.hop is not None
        starts = segment_starts(examples, voice.segment // corpus.hop, rng)
        return segment_batch(voice, corpus, examples, starts)

    def example_seconds(self, settings: Any, longest: float, sample_rate: int) -> float:
        """An example is a segment, however long the recording."""
        return float(settings.segment / RATE)

    def parts(self, model: Any) -> list[list[Any]]:
        """Discriminator, generator."""
        return [list(model.model_d.parameters()), list(model.model_g.parameters())]

    def criteria(self, model: Any, device: Any) -> list[Any]:
        """Losses of spectra lose too much in half precision."""
        return [in_float32(c, device) for c in super().criteria(model, device)]

    def before_step(self, model: Any, settings: Any, number: int) -> None:
        """The discriminator joins at the step that the settings say."""
        model.train_disc = number >= settings.discriminator_from

    def render(self, model: Any, voice: VoiceConfig, mel: np.ndarray, device: Any) -> np.ndarray:
        """Samples of mel frames ``(T, n_mels)``, exactly T hops long."""
        import torch

        hop = voice.mel.hop_length
        frames = torch.from_numpy(np.ascontiguousarray(mel.T, np.float32))[None].to(device)
        with torch.inference_mode():
            wave = gradient_free(model.inference(frames))[0, 0]
        skip = self.padding_frames * hop
        return wave[skip : skip + len(mel) * hop]

    def line(self, speech: Any, ids: list[int], mel: np.ndarray, frames: int) -> np.ndarray:
        """See `Architecture.line`."""
        out: np.ndarray = speech.render(mel)
        return out

    def rendition(self, speech: Any, corpus: Corpus, example: Example) -> Rendition:
        """See `Architecture.rendition`."""
        mel = corpus.mel(example)
        wave = speech.render(mel)
        return Rendition(mel_spectrum(wave, self.compared_under(speech.voice)), mel, wave)

    # From elsewhere
    # ---------------------------------------------------------------------------------------------

    def imported(self, run: Any) -> VoiceConfig:
        """See `Architecture.imported`."""
        return run.vocoder(self)

    def imported_weights(self, weights: dict[str, Any]) -> dict[str, Any]:
        """coqui-tts keeps a generator's weights under no name of their own."""
        if any(k.startswith("model_g.") for k in weights):
            return weights
        return {f"model_g.{k}": v for k, v in weights.items()}

    def exported(self, voice: VoiceConfig, weights: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
        """See `Architecture.exported`."""
        return {"model": {k.removeprefix("model_g."): v for k, v in weights.items()}, "model_disc": {}}

    def coqui_audio(self, voice: VoiceConfig) -> Any:
        """coqui-tts's audio settings of its frames."""
        return coqui().BaseAudioConfig(**audio_config(voice.spec))
