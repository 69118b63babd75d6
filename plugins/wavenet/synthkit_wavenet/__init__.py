# SPDX-License-Identifier: Apache-2.0
"""Vocoder `wavenet`: one sample after the other, each from a distribution given all before it and the frames.

    conditions.py      frames of the voice to what the network reads, and which frame a sample belongs to
    prediction.py      linear prediction from the frames: what of a sample is known before it is heard
    pulses.py          when the voice's pulses come: of a recording, and when it speaks
    shape.py           everything that fixes the sizes of a network
    stored.py          what a trained vocoder's folder holds
    network.py         the network in torch; likelihood.py and training.py teach it on examples.py
    generation.py      the same network one sample at a time, compiled by numba: it speaks without torch
    vocoder.py         the component; fitting.py is how it comes by its weights

Depends on `synthkit`'s public names, numpy, numba and safetensors; on torch when it learns.
"""

from synthkit import hookimpl


@hookimpl
def register_vocoders(register):
    register(
        "wavenet",
        "synthkit_wavenet.vocoder:WaveNetVocoder",
        summary="WaveNet, sample by sample: learns the waveform or what linear prediction leaves of it",
    )
