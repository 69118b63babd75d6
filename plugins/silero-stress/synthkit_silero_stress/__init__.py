# SPDX-License-Identifier: Apache-2.0
"""Stress marks for Russian by silero-stress (MIT; torch): homographs and new words."""

from synthkit import hookimpl


@hookimpl
def register_segmenters(register):
    register(
        "silero-stress",
        "synthkit_silero_stress.segmenter:SileroStress",
        summary="Russian through text, stress by a neural model (torch)",
    )
