# SPDX-License-Identifier: Apache-2.0
"""How a voice came by its weights: what is kept beside them, and told where a voice is opened.

Apart from the plan that it tells of, since a voice that speaks needs no plan.
"""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

from synthkit.atomic import write_json
from synthkit.errors import SpeechWarning, VoiceError
from synthkit.paths import read_json
from synthkit_coqui.description import described

TRAINED = "training.json"
USEFUL_PEAK = 0.5
"""Part of the intended learning rate that must be reached at least."""


@dataclass(frozen=True)
class Trained:
    """How a voice came by its weights; kept beside them.

    Attributes
    ----------
    steps, asked : int
        Taken, and asked for.
    minutes : float
    lr, applied : float
        The learning rate that was asked for, and the highest that was applied.
    warnings : tuple of str
        Codes of what the watch said.
    """

    steps: int
    asked: int
    minutes: float
    lr: float
    applied: float
    warnings: tuple[str, ...] = ()

    def complaint(self) -> str | None:
        """What a user must know before judging the voice, or None."""
        if self.applied >= USEFUL_PEAK * self.lr:
            return None
        return (
            f"the model was trained for {self.steps} of {self.asked} steps, and the learning rate reached "
            f"{self.applied:.1e} of {self.lr:g}: it has hardly learned anything"
        )

    def save(self, folder: Path) -> None:
        """Write it beside the weights."""
        write_json(folder / TRAINED, asdict(self))

    @classmethod
    def of(cls, folder: Path) -> Trained | None:
        """What `save` wrote, or None: imported voices and old ones have nothing of the kind.

        Raises
        ------
        VoiceError
            The file says something else.
        """
        path = folder / TRAINED
        if not path.exists():
            return None
        with described(str(path)):
            data = read_json(path, VoiceError)
            return cls(**{**data, "warnings": tuple(data["warnings"])})


def tell_how_trained(folder: Path) -> None:
    """Warn, with `SpeechWarning`, of a voice that was hardly trained."""
    trained = Trained.of(folder)
    complaint = trained.complaint() if trained else None
    if complaint:
        warnings.warn(complaint, SpeechWarning, stacklevel=3)
