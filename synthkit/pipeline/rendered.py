# SPDX-License-Identifier: Apache-2.0
"""What a stage gives as sound is looked at before anybody hears or writes it: a vocoder may be anybody's."""

from __future__ import annotations

import numpy as np

from synthkit.errors import SynthkitError
from synthkit.types import Waveform


class NoSound(SynthkitError):
    """A stage gave something that is no sound: a fault of that stage, whatever the text."""

    status = 500


def sounding(made: object, maker: str) -> Waveform:
    """A waveform that can be heard.

    Parameters
    ----------
    made : object
        What a vocoder's `render` or an acoustic model's `predict` gave.
    maker : str
        ``"vocoder 'world'"``, for the message.

    Returns
    -------
    Waveform
        `made` itself.

    Raises
    ------
    NoSound
        It is no `Waveform`, its samples are no float array of shape (N,), some are not finite, or its rate is
        no positive integer.
    """
    wanted = "render gives synthkit.types.Waveform(samples, sample_rate): float32 (N,) in [-1, 1], Hz"
    if not isinstance(made, Waveform):
        raise NoSound(f"{maker} gave {_a(type(made).__name__)} in place of a Waveform", hint=wanted)
    samples, rate = made.samples, made.sample_rate
    if not isinstance(samples, np.ndarray):
        raise NoSound(f"{maker} gave samples as {_a(type(samples).__name__)}, not as an array", hint=wanted)
    if samples.ndim != 1 or samples.dtype.kind != "f":
        raise NoSound(
            f"{maker} gave samples of shape {samples.shape} of {samples.dtype}: a sound is float32 (N,)",
            hint=wanted,
        )
    if isinstance(rate, bool) or not isinstance(rate, int | np.integer) or rate <= 0:
        raise NoSound(f"{maker} gave {rate!r} as its sample rate", hint="a whole number of Hz, as in 16000")
    if bad := len(samples) - int(np.count_nonzero(np.isfinite(samples))):
        raise NoSound(
            f"{maker} gave {bad} of {len(samples)} samples that are NaN or infinite",
            hint="what divides by 0, or takes the logarithm of it, in render?",
        )
    return made


def _a(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
