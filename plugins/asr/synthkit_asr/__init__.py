# SPDX-License-Identifier: Apache-2.0
"""Intelligibility by a speech recogniser."""

from synthkit import hookimpl


@hookimpl
def register_metrics(register):
    """Word and character error rate."""
    register("whisper", "synthkit_asr.whisper:Whisper", summary="WER and CER by faster-whisper")
    register("onnx-asr", "synthkit_asr.onnx:OnnxAsr", summary="WER and CER by a model that onnx-asr knows")
