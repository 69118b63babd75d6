# SPDX-License-Identifier: Apache-2.0
"""Is a clip good enough to clone a voice from? Its length, level, noise, and whether one person speaks."""

from __future__ import annotations

from typing import Any

import numpy as np

from synthkit.types import Finding, Waveform

SHORTEST, GOOD, LONGEST = 3.0, 6.0, 120.0
QUIET_DB, CLIPPED, TOO_CLIPPED = -40.0, 0.002, 0.05
WIDE_HZ = 16000
NOISY_DB, TOO_NOISY_DB = 20.0, 10.0
SAME_SPEAKER = 0.60
"""Cosine of two parts' embeddings under which two people are suspected."""


def frame_levels(waveform: Waveform) -> np.ndarray:
    """RMS level of 25 ms frames every 10 ms, dB re full scale; a constant offset is not sound.

    Parameters
    ----------
    waveform : Waveform

    Returns
    -------
    ndarray, shape (N,)
    """
    size, hop = int(0.025 * waveform.sample_rate), int(0.010 * waveform.sample_rate)
    x = waveform.samples.astype(np.float64)
    x = np.pad(x - x.mean(), (0, size))
    framed = np.lib.stride_tricks.sliding_window_view(x, size)[::hop]
    levels: np.ndarray = 10 * np.log10(np.mean(framed**2, axis=1) + 1e-10)
    return levels


def measure(waveform: Waveform) -> dict[str, float]:
    """How long, how loud and how noisy a clip is.

    Parameters
    ----------
    waveform : Waveform

    Returns
    -------
    dict of str to float
        ``seconds``, ``speech_seconds``, ``level_db`` of the speech, ``floor_db``, ``snr_db`` (the 95th less
        the 5th percentile of level) and ``clipped`` (share of samples at full scale).

    Notes
    -----
    Speech are frames within 25 dB of the 95th percentile of level. A clip cut so tightly that it holds no
    pause shows a low ratio; leave half a second of silence.
    """
    levels = frame_levels(waveform)
    top, floor = float(np.percentile(levels, 95)), float(np.percentile(levels, 5))
    speech = levels > max(top - 25, floor + 6)
    return {
        "seconds": waveform.duration,
        "speech_seconds": float(speech.sum() * 0.010),
        "level_db": float(10 * np.log10(np.mean(10 ** (levels[speech] / 10)))) if speech.any() else top,
        "floor_db": floor,
        "snr_db": top - floor,
        "clipped": float(np.mean(np.abs(waveform.samples) >= 0.999)),
    }


def check_clip(waveform: Waveform, encoder: Any | None = None, where: str = "clip") -> list[Finding]:
    """What is wrong with a clip for cloning; errors are worth refusing it for.

    Parameters
    ----------
    encoder : SpeakerEncoder, optional
        To hear whether one person speaks.
    waveform : Waveform
    where : str
        For the findings.

    Returns
    -------
    list of Finding
    """
    m = measure(waveform)
    found: list[Finding] = []

    def say(severity: str, code: str, problem: str, consequence: str, mend: str) -> None:
        found.append(Finding(severity, code, problem, consequence, mend, where))

    if m["seconds"] < SHORTEST:
        say("error", "clip-short", f"{m['seconds']:.1f} s long", "the embedding is mostly chance",
            f"record at least {GOOD:.0f} s of speech")  # fmt: skip
        return found
    if m["level_db"] < QUIET_DB:
        say("error", "clip-quiet", f"its loudest parts are at {m['level_db']:.0f} dB",
            "noise is heard as the voice",
            "record nearer to the microphone")  # fmt: skip
    elif m["snr_db"] < TOO_NOISY_DB:
        say("error", "clip-noisy",
            f"its loudest parts are {m['snr_db']:.0f} dB above its quietest: noise, or no speech",
            "the noise is cloned, not the voice",
            "record in a quiet room, with half a second of silence at the ends")  # fmt: skip
    elif m["snr_db"] < NOISY_DB:
        say("warning", "clip-noisy", f"speech is {m['snr_db']:.0f} dB above the noise",
            "the clone may sound dull",
            "record in a quieter room")  # fmt: skip
    if m["speech_seconds"] < SHORTEST:
        say("error", "clip-short", f"{m['speech_seconds']:.1f} s of speech", "the embedding is mostly chance",
            f"record at least {GOOD:.0f} s of speech")  # fmt: skip
    elif m["speech_seconds"] < GOOD:
        say("warning", "clip-short", f"{m['speech_seconds']:.1f} s of speech", "the likeness will be rough",
            f"record {GOOD:.0f} s or more")  # fmt: skip
    if m["seconds"] > LONGEST:
        say(
            "warning",
            "clip-long",
            f"{m['seconds']:.0f} s",
            "it takes long and gains nothing",
            f"{LONGEST:.0f} s are enough",
        )
    if m["clipped"] > CLIPPED:
        severity = "error" if m["clipped"] > TOO_CLIPPED else "warning"
        say(severity, "clip-overdriven", f"{m['clipped']:.1%} of the samples are at full scale",
            "the clone sounds harsh",
            "record at a lower level")  # fmt: skip
    if waveform.sample_rate < WIDE_HZ:
        say("warning", "clip-narrow",
            f"it holds {waveform.sample_rate} samples a second", "consonants are missing, and the "
            "likeness will be rough", f"record at {WIDE_HZ} Hz or more")  # fmt: skip
    if encoder is not None and m["speech_seconds"] >= SHORTEST:
        likeness = least_likeness(waveform, encoder)
        if likeness < SAME_SPEAKER:
            say("error", "clip-two-speakers", f"parts of the clip differ (likeness {likeness:.2f})",
                "the clone is a mixture of two people", "cut the clip to one speaker")  # fmt: skip
    return found


def least_likeness(waveform: Waveform, encoder: Any, seconds: float = 3.0) -> float:
    """Smallest cosine between the embeddings of any two parts of the clip.

    Returns 1 for clips too short to be divided.

    Parameters
    ----------
    waveform : Waveform
    encoder : SpeakerEncoder
    seconds : float
        Of each part; quiet parts are passed over.

    Returns
    -------
    float
        In [-1, 1].
    """
    size = int(seconds * waveform.sample_rate)
    parts = [waveform.samples[i : i + size] for i in range(0, len(waveform.samples) - size // 2, size)]
    levels = [float(np.sqrt(np.mean(p.astype(np.float64) ** 2))) for p in parts]
    loud = [p for p, level in zip(parts, levels, strict=True) if level > 0.3 * max(levels)]
    if len(loud) < 2:
        return 1.0
    vectors = np.stack([encoder.embed(Waveform(p, waveform.sample_rate)) for p in loud]).astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return float((vectors @ vectors.T).min())
