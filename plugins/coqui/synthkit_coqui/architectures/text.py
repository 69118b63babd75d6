# SPDX-License-Identifier: Apache-2.0
"""Models that read tokens: to mel frames, or to samples."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthkit.errors import VoiceError
from synthkit_coqui.architectures.base import Architecture, Batch, Rendition, gradient_free
from synthkit_coqui.architectures.coqui_config import d_vector_file
from synthkit_coqui.backend import coqui, held, without_mel_basis
from synthkit_coqui.batching import mel_batch
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.settings import AcousticSettings
from synthkit_coqui.speaking import Speaking

if TYPE_CHECKING:
    from synthkit_coqui.corpus import Corpus, Example

EMBEDDINGS = ("text_encoder.emb.weight", "encoder.emb.weight", "embedding.weight")
"""The symbols' embedding, of VITS, Glow-TTS and Tacotron 2."""


class ReadsText(Architecture):
    """What models that read tokens share: conditioning, speakers and mixtures, one way to be spoken with.

    The module's ``inference(tokens, aux)`` gives ``{"model_outputs": …}``, as coqui-tts's models do.

    Attributes
    ----------
    module : str
        Name of coqui-tts's class in `synthkit_coqui.backend.CLASSES`, of models that are coqui-tts's.
    normalises_speakers : bool
        It scales a speaker's row of the embedding to unit length before use.
    """

    Settings: ClassVar[type[AcousticSettings]] = AcousticSettings  # type: ignore[assignment]
    module: ClassVar[str] = ""
    normalises_speakers: ClassVar[bool] = False

    def check(self, voice: VoiceConfig) -> None:
        """See `Architecture.check`."""
        if voice.symbols is None:
            raise ValueError(f"a {self.kind} without symbols")
        super().check(voice)

    def make(self, voice: VoiceConfig) -> Any:
        """coqui-tts's model of `config`."""
        with d_vector_file(voice) as file, without_mel_basis():
            model = getattr(coqui(), self.module)(self.config(voice, file)).train()
        return held(model, self.module, speakers=voice.conditioning == "embedding")

    def batch(
        self, voice: VoiceConfig, corpus: Corpus, examples: list[Example], rng: np.random.Generator
    ) -> Batch:
        """Tokens and mel frames."""
        return mel_batch(voice, corpus, examples, self.reduction(voice))

    def reduction(self, voice: VoiceConfig) -> int:
        """Mel frames per step of the decoder."""
        return 1

    def attention(self, alignments: Any) -> np.ndarray | None:
        """See `Architecture.attention`."""
        return None if alignments is None else alignments[0].float().cpu().numpy()

    # Speech
    # -----------------------------------------------------------------------------------------------------

    def set_for(
        self, model: Any, voice: VoiceConfig, how: Speaking, tokens: int, limit: int | None
    ) -> AbstractContextManager[Any]:
        """The model set for one utterance of so many tokens and at most `limit` frames, and put back
        after."""
        return nullcontext()

    def speak(
        self,
        model: Any,
        voice: VoiceConfig,
        ids: Sequence[int],
        how: Speaking,
        *,
        device: Any,
        limit: int | None = None,
    ) -> np.ndarray:
        """Mel frames ``(T, n_mels)``, or samples ``(N,)``, of the token sequence; at most `limit` frames."""
        import torch

        tokens = torch.tensor([list(ids)], device=device)
        aux: dict[str, Any] = {"x_lengths": torch.tensor([len(ids)], device=device), "durations": None}
        aux |= {"speaker_ids": None, "d_vectors": None, "language_ids": None}
        if voice.conditioning == "embedding":
            aux["speaker_ids"] = self._speaker_row(model, voice, how.speaker, device)
        if voice.conditioning == "d-vector":
            if how.vector is None:
                raise VoiceError("this voice speaks only with a speaker embedding; none was given")
            aux["d_vectors"] = torch.from_numpy(np.float32(how.vector)[None]).to(device)
        if voice.language_embedding:
            aux["language_ids"] = torch.tensor([how.language or 0], device=device)
        set_for = self.set_for(model, voice, how, len(ids), limit)
        with set_for, torch.random.fork_rng(devices=[]), torch.inference_mode():
            torch.manual_seed(how.seed)
            outputs = model.inference(tokens, aux)["model_outputs"]
        return self.spoken(model, voice, outputs, len(ids), limit)

    def spoken(
        self, model: Any, voice: VoiceConfig, outputs: Any, tokens: int, limit: int | None
    ) -> np.ndarray:
        """Frames or samples of what the module gave."""
        return gradient_free(outputs[0])

    def speaker_table(self, model: Any) -> Any:
        """The embedding that holds a row for each speaker."""
        return model.speaker_embedding

    def _speaker_row(self, model: Any, voice: VoiceConfig, speaker: Any, device: Any) -> Any:
        """Id of a speaker; a mixture is written into a row kept free for it at the table's end."""
        import torch

        if not isinstance(speaker, np.ndarray):
            return torch.tensor([speaker or 0], device=device)
        table = self.speaker_table(model)
        count = len(voice.speakers)
        with torch.no_grad():
            rows = table.weight[:count]
            if self.normalises_speakers:
                rows = torch.nn.functional.normalize(rows)
            weights = torch.from_numpy(np.float32(speaker)).to(device)
            mixed = (weights[:, None] * rows).sum(0, keepdim=True)
            table.weight = torch.nn.Parameter(torch.cat([table.weight[:count], mixed]), requires_grad=False)
        return torch.tensor([count], device=device)

    def quiet(self) -> float | None:
        """The noise scale without chance, of models that have one."""
        return None

    def line(self, speech: Any, ids: list[int], mel: np.ndarray, frames: int) -> np.ndarray:
        """See `Architecture.line`."""
        voice = speech.voice
        vector = np.ones(voice.d_vector_dim, np.float32) if voice.conditioning == "d-vector" else None
        speech.max_frames = frames
        how = Speaking(speaker=0, vector=vector, language=0, noise_scale=self.quiet())
        out: np.ndarray = speech.acoustic(ids, how)
        return out

    def rendition(self, speech: Any, corpus: Corpus, example: Example) -> Rendition:
        """See `Architecture.rendition`."""
        return Rendition(self._heard(speech, corpus, example), corpus.mel(example))

    def _heard(self, speech: Any, corpus: Corpus, example: Example) -> np.ndarray:
        hop = self.compared_under(speech.voice).hop_length
        speech.max_frames = 3 * max(example.frames, example.samples // hop)
        how = Speaking(example.speaker, corpus.d_vector(example), example.language)
        out: np.ndarray = speech.acoustic(example.ids, how)
        return out

    # From elsewhere
    # ---------------------------------------------------------------------------------------------

    def imported(self, run: Any) -> VoiceConfig:
        """See `Architecture.imported`."""
        return run.acoustic(self)

    def vocabulary(self, characters: dict[str, Any], named: str, phonemes: bool) -> Any | None:
        """coqui-tts's vocabulary object of a config, of models with a class of their own for it; else
        None."""
        return None
