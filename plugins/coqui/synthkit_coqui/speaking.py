# SPDX-License-Identifier: Apache-2.0
"""How one utterance is spoken: by whom, how fast, how far the draw strays; paces as numbers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from synthkit.errors import ConfigError, SpeechWarning

LONGEST_TOKEN = 3.0
"""Seconds that a phone, a pause or a blank may last by what a model predicts."""


@dataclass(frozen=True)
class Speaking:
    """How to speak one utterance.

    Attributes
    ----------
    speaker : int, ndarray or None
        An id, a mixture of the embedding rows as weights by id ``(N,)``, or None for one-speaker voices.
    vector : ndarray or None
        A d-vector, for models conditioned so.
    language : int or None
    noise_scale : float or None
        None leaves the model's own.
    speed : float
        2 is twice as fast as the model's own.
    durations : ndarray or None
        Frames per token, NaN where the model's own stand (Glow-TTS and VITS).
    seed : int
    """

    speaker: int | np.ndarray | None = None
    vector: np.ndarray | None = None
    language: int | None = None
    noise_scale: float | None = None
    speed: float = 1.0
    durations: np.ndarray | None = None
    seed: int = 0


def believed(frames: np.ndarray, period: float, given: np.ndarray | None = None) -> np.ndarray:
    """Predicted frames per token, none of which lasts longer than `LONGEST_TOKEN`; says so where one would.

    Where frames are given, nothing is made of what is predicted, and nothing said of it.

    A model of few steps, or of damaged weights, predicts logarithms of anything: hours, or no number.

    Parameters
    ----------
    frames : ndarray, shape (N,)
    period : float
        Seconds of a frame.
    given : ndarray, shape (N,), optional
        Frames that stand instead, NaN where there are none.
    """
    most = np.floor(np.float32(LONGEST_TOKEN / period))
    wild = ~(frames <= most)
    if given is not None:
        wild &= np.isnan(given)
    if not wild.any():
        return frames
    warnings.warn(
        f"{wild.sum()} of {len(frames)} phones, pauses and blanks would last longer than {LONGEST_TOKEN:g} s "
        "and were cut to that: the model has not learned how long sounds last; train it longer",
        SpeechWarning,
        stacklevel=2,
    )
    return np.where(wild, most, frames)


def as_asked(predicted: np.ndarray, how: Speaking, period: float) -> np.ndarray:
    """Frames per token ``(N,)`` as `how` asks for them, of those that a model predicts.

    What is given stands, else the whole is as much shorter as the speed says. The models' own
    ``length_scale`` multiplies durations before they are rounded up to frames, one token at a time: with two
    tokens a phone and a few frames a token, twice the speed came out as 1.5 times.

    Parameters
    ----------
    predicted : ndarray, shape (N,)
        Whole frames; given back as it is where nothing of it changes.
    how : Speaking
    period : float
        Seconds of a frame.

    Raises
    ------
    ConfigError
        A speed that leaves less than a frame for a token.
    """
    frames = believed(predicted, period, how.durations)
    if how.durations is not None:
        return np.where(np.isnan(how.durations), frames, how.durations)
    return frames if how.speed == 1 else shared_out(frames, how.speed)


def shared_out(frames: np.ndarray, speed: float) -> np.ndarray:
    """Whole numbers of frames ``(N,)`` whose sum is that of `frames` divided by `speed`, each at least one.

    Every token ends as near as can be to where it should, so rounding never adds up.

    Raises
    ------
    ConfigError
        That leaves less than a frame for a token.
    """
    fastest = frames.sum() / len(frames)
    if speed > fastest:
        raise ConfigError(
            f"at speed {speed:g} {len(frames)} phones and blanks would share {frames.sum() / speed:.0f} "
            "frames",
            where="speed", hint=f"this sentence can be spoken {fastest:.2f} times as fast at most",
        )  # fmt: skip
    ends = np.cumsum(frames) / speed
    out = np.empty(len(frames), np.float32)
    total = 0.0
    for index, end in enumerate(ends):
        left = len(frames) - index - 1
        latest = round(float(ends[-1])) - total - left
        out[index] = max(1.0, min(round(float(end)) - total, latest))
        total += out[index]
    return out


def frames_of_tokens(seconds: np.ndarray, period: float, *, blank: bool) -> np.ndarray:
    """Whole frames per token from seconds per phone, NaN where there is none; no rounding adds up.

    With blanks ``(2 P + 1,)``: a phone's frames are its own and those of the blank before it, of the last
    phone also those of the blank after it. A blank gets one, which is the least that the models give.
    """
    out = np.full(len(seconds), np.nan)
    over = 0.0
    least = np.full(len(seconds), 2 if blank else 1)
    least[-1] += blank
    for k in np.flatnonzero(~np.isnan(seconds)).tolist():
        exact = seconds[k] / period + over
        out[k] = max(round(exact), least[k])
        over = exact - out[k]
    if not blank:
        return out
    tokens = np.full(2 * len(out) + 1, np.nan)
    given = ~np.isnan(out)
    tokens[1::2] = out - least + 1
    tokens[:-1:2][given] = 1
    if given[-1]:
        tokens[-1] = 1
    return tokens
