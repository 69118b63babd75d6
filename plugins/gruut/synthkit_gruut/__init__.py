# SPDX-License-Identifier: Apache-2.0
"""Segmentation through gruut: words and IPA phones for the languages whose data is installed."""

from synthkit import hookimpl


@hookimpl
def register_segmenters(register):
    register("gruut", "synthkit_gruut.segmenter:GruutSegmenter", summary="a dozen languages to IPA (MIT)")
