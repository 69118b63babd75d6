# SPDX-License-Identifier: Apache-2.0
"""The built-in metrics and the commands of the evaluation, as a plugin registers them."""

from __future__ import annotations

from synthkit import hookimpl
from synthkit.hookspecs import Register

_METRICS = "synthkit.eval.metrics"


@hookimpl
def register_metrics(register: Register) -> None:
    """Everything that needs numpy and scipy alone."""
    register("mcd-espnet", f"{_METRICS}.espnet:EspnetMcd", summary="MCD as ESPnet has it")
    register(
        "mcd-mel-cepstral-distance", f"{_METRICS}.mfcc:MelCepstralDistance", summary="that package's distance"
    )
    register("spectral", f"{_METRICS}.spectral:SpectralDistances", summary="LSD, multi-resolution STFT")
    register("f0-yin", f"{_METRICS}.prosody:YinF0", summary="F0 agreement, built-in tracker")
    register("pauses", f"{_METRICS}.prosody:Pauses", summary="pauses and speaking rate")
    register(
        "duration-planned", f"{_METRICS}.duration:PlannedDurations", summary="phone durations as planned"
    )
    register("duration-dtw", f"{_METRICS}.duration:WarpedDurations", summary="phone durations by alignment")
    register("concatenation", f"{_METRICS}.pipeline:Concatenation", summary="joins, runs, unit costs")
    register("cost", f"{_METRICS}.pipeline:Cost", summary="RTF, latency, memory, per stage")


@hookimpl
def register_commands(register: Register) -> None:
    """Comparing voices and measuring files."""
    register(
        "compare",
        "synthkit.cli.compare:compare",
        summary="voices, one held-out set, all metrics, a report",
    )
    register(
        "gallery", "synthkit.cli.gallery:gallery", summary="everything installed, the same sentences, a page"
    )
    register(
        "listeners",
        "synthkit.cli.measure:listeners",
        summary="a listening test's ratings, their intervals and tests",
    )
    register("measure", "synthkit.cli.measure:measure", summary="recordings against synthesis, file by file")
