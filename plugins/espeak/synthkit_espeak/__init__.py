# SPDX-License-Identifier: Apache-2.0
"""Segmentation through espeak-ng (GPL-3.0-or-later): words and IPA phones for a hundred languages."""

from synthkit import hookimpl


@hookimpl
def register_segmenters(register):
    register(
        "espeak", "synthkit_espeak.segmenter:EspeakSegmenter", summary="a hundred languages to IPA (GPL)"
    )
