# SPDX-License-Identifier: Apache-2.0
"""Naturalness as a model predicts it. Never a mean opinion score."""

from synthkit import hookimpl


@hookimpl
def register_metrics(register):
    """DistillMOS, and NISQA-TTS where its weights are (non-commercial use)."""
    register("distillmos", "synthkit_mos.distill:DistillMos", summary="naturalness as DistillMOS predicts it")
    register(
        "nisqa-tts",
        "synthkit_mos.nisqa:NisqaTts",
        summary="naturalness as NISQA-TTS predicts it, non-commercial",
    )
