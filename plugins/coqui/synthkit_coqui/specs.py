# SPDX-License-Identifier: Apache-2.0
"""coqui-tts's audio settings as a `FeatureSpec`, and back.

`TTS.utils.audio.AudioProcessor` takes centred frames with reflected edges, magnitudes, Slaney's mel filters,
a logarithm with a floor of 1e-8 and, unless ``signal_norm`` is off, a rule that maps decibels to ±max_norm.
"""

from __future__ import annotations

from typing import Any

from synthkit.dsp.specs import MelSpec
from synthkit.errors import VoiceError
from synthkit.types import FeatureSpec
from synthkit.types.differences import Row

REFERENCE_DB, LOWEST_DB = 20.0, -100.0


def spec_of_audio(audio: dict[str, Any], *, where: str = "config.json") -> FeatureSpec:
    """The spec of the mel frames that coqui-tts's `AudioProcessor` gives with these settings.

    Raises
    ------
    VoiceError
        Settings a spec cannot state: pre-emphasis, per-band statistics, trimming that moves frames.
    """
    rate = int(audio.get("sample_rate", 22050))
    if audio.get("preemphasis"):
        raise VoiceError(
            f"its frames are of pre-emphasised audio ({audio['preemphasis']}), which no feature here gives",
            where=where,
            hint="only models with preemphasis 0.0 can be imported",
        )
    if audio.get("stats_path"):
        raise VoiceError(
            "its frames are normalised by a statistics file",
            where=where,
            hint="only models without stats_path",
        )
    gain = float(audio.get("spec_gain") or 20)
    natural = "log10" not in str(audio.get("log_func", "np.log10"))
    if gain not in (1.0, 20.0) or (natural and gain != 1.0):
        raise VoiceError(
            f"a spec_gain of {gain:g} with {audio.get('log_func')} has no name here", where=where
        )
    log_base = "e" if natural else ("db" if gain == 20 else "10")
    bins = audio.get("num_freq")  # Mozilla TTS's name until 2020
    n_fft = int(audio.get("fft_size") or (2 * (int(bins) - 1) if bins else 1024))
    hop = _samples(audio, "hop_length", "frame_shift_ms", rate, 256)
    window = _samples(audio, "win_length", "frame_length_ms", rate, 1024)
    if not audio.get("win_length") and audio.get("frame_length_ms") and not bins:
        window = int(hop * float(audio["frame_length_ms"]) / float(audio["frame_shift_ms"]))  # from 2020 on
    fmax = audio.get("mel_fmax")
    mozilla = bool(audio) and "log_func" not in audio  # its floor shows where no normalisation clips it
    return MelSpec(
        sample_rate=rate,
        n_fft=n_fft,
        win_length=window,
        hop_length=hop,
        window="hann",
        n_mels=int(audio.get("num_mels", 80)),
        fmin=float(audio.get("mel_fmin") or 0.0),
        fmax=float(fmax) if fmax else rate / 2,
        mel_scale="slaney",
        mel_norm="slaney",
        power=1.0,
        log_base=log_base,
        floor=1e-5 if mozilla and not audio.get("signal_norm", True) else 1e-8,
        normalisation=_normalisation(audio, where),
        padding="center-reflect",
    ).spec


def _samples(audio: dict[str, Any], name: str, milliseconds: str, rate: int, default: int) -> int:
    if audio.get(name):
        return int(audio[name])
    if audio.get(milliseconds):
        return int(float(audio[milliseconds]) / 1000 * rate)
    return default


def _normalisation(audio: dict[str, Any], where: str) -> str:
    if not audio.get("signal_norm", True):
        return "none"
    if not audio.get("clip_norm", True):
        raise VoiceError(
            "unclipped normalisation has no name here", where=where, hint="clip_norm must be true"
        )
    rule = "symmetric" if audio.get("symmetric_norm", True) else "range"
    name = f"{rule}-{_number(audio.get('max_norm', 4.0))}"
    lowest, reference = (
        float(audio.get("min_level_db", LOWEST_DB)),
        float(audio.get("ref_level_db", REFERENCE_DB)),
    )
    if (lowest, reference) == (LOWEST_DB, REFERENCE_DB):
        return name
    return f"{name}:{_number(lowest)}:{_number(reference)}"


def _number(value: float) -> str:
    return f"{float(value):g}"


def audio_config(spec: FeatureSpec) -> dict[str, Any]:
    """coqui-tts's audio settings for mel frames of `spec`; its `AudioProcessor` agrees where
    `coqui_differences` is empty."""
    s = MelSpec.of(spec)
    rule, *levels = str(s.normalisation).split(":")
    lowest, reference = (float(x) for x in levels) if levels else (LOWEST_DB, REFERENCE_DB)
    return {
        "sample_rate": s.sample_rate,
        "fft_size": s.n_fft,
        "win_length": s.win_length,
        "hop_length": s.hop_length,
        "num_mels": s.n_mels,
        "mel_fmin": s.fmin,
        "mel_fmax": s.fmax,
        "log_func": "np.log" if s.log_base == "e" else "np.log10",
        "spec_gain": 20 if s.log_base == "db" else 1,
        "signal_norm": rule != "none",
        "symmetric_norm": rule.startswith("symmetric"),
        "max_norm": float(rule.split("-")[1]) if rule != "none" else 4.0,
        "min_level_db": int(lowest),
        "ref_level_db": int(reference),
        "clip_norm": True,
        "do_trim_silence": False,
        "preemphasis": 0.0,
    }


def coqui_differences(spec: FeatureSpec) -> list[Row]:
    """Fields in which frames of `spec` differ from the nearest that coqui-tts can compute itself.

    An exported model works in coqui-tts either way; only its own feature extraction and Griffin-Lim would
    mean something else.
    """
    return spec.differences(spec_of_audio(audio_config(spec)))
