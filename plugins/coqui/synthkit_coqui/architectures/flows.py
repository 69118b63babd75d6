# SPDX-License-Identifier: Apache-2.0
"""What Glow-TTS and VITS share: durations that are predicted, and frames that are drawn at random."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Any, ClassVar

import numpy as np

from synthkit_coqui import prior
from synthkit_coqui.architectures.base import Batch
from synthkit_coqui.architectures.text import ReadsText
from synthkit_coqui.backend import searching
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.settings import FlowSettings
from synthkit_coqui.speaking import Speaking, as_asked


class Flow(ReadsText):
    """A model with ``inference_noise_scale`` and ``length_scale``.

    Attributes
    ----------
    logarithm_adds : float
        It predicts ln(frames + this).

    Notes
    -----
    Its batches have ``places`` and ``period`` (`synthkit_coqui.prior`).
    """

    Settings: ClassVar[type[FlowSettings]] = FlowSettings  # type: ignore[assignment]
    logarithm_adds: ClassVar[float] = 0.0

    def before_step(self, model: Any, settings: Any, number: int) -> None:
        """See `Architecture.before_step`."""
        model.alignment_prior = settings.alignment_prior

    def losses(self, model: Any, batch: Batch, criteria: list[Any], index: int) -> tuple[Any, dict[str, Any]]:
        """See `Architecture.losses`; with a prior, alignments are searched for near the corpus's own."""
        if getattr(model, "alignment_prior", None) is None:
            return super().losses(model, batch, criteria, index)
        slack = model.alignment_prior / batch["period"]
        with searching(self.module, partial(prior.near, places=batch["places"], slack=slack)):
            return super().losses(model, batch, criteria, index)

    def quiet(self) -> float | None:
        """See `ReadsText.quiet`."""
        return 0.0

    def set_for(
        self, model: Any, voice: VoiceConfig, how: Speaking, tokens: int, limit: int | None
    ) -> ExitStack:
        """See `ReadsText.set_for`."""
        stack = ExitStack()
        if how.noise_scale is not None:
            stack.callback(setattr, model, "inference_noise_scale", model.inference_noise_scale)
            model.inference_noise_scale = how.noise_scale
        stack.callback(self.paced(model, how, voice.period).remove)
        return stack

    def paced(self, model: Any, how: Speaking, period: float) -> Any:
        """Hook a model's duration predictor, so that it speaks as fast and as long as `how` says, and no
        token lasts longer than any does (`speaking.as_asked`); gives the hook's handle."""
        raise NotImplementedError

    def changed(self, model: Any, logs: Any, how: Speaking, period: float) -> Any:
        """Predicted logarithms of durations, so that they come out as given, else by the speed as short;
        those predicted where nothing is changed."""
        import torch

        scale, less = float(model.length_scale), self.logarithm_adds
        frames = torch.ceil((torch.exp(logs) - less) * scale).clamp_min(1)
        made: np.ndarray = frames.flatten().cpu().numpy()
        new = as_asked(made, how, period)
        if new is made:
            return logs
        middle = torch.from_numpy(new - 0.5).to(logs)  # the model rounds up
        return torch.log(middle / scale + less).view_as(logs)
