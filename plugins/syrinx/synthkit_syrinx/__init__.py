# SPDX-License-Identifier: Apache-2.0
"""Vocoder `syrinx`: pulses and noise, filtered frame by frame by a small network that a CPU trains.

    source.py          the excitation: harmonics of F0 and noise, as short-time spectra
    conditions.py      frames of the voice to what the network reads, on the network's own grid
    stored.py          what a trained vocoder's folder holds
    network.py         the network in torch; discriminators.py, losses.py and training.py teach it
    trunk.py           the same network in numpy: a voice speaks without torch
    speaking.py        frames to samples with it
    vocoder.py         the component

Depends on `synthkit`'s public names, numpy and safetensors; on torch when it learns.
"""

from synthkit import hookimpl


@hookimpl
def register_vocoders(register):
    register(
        "syrinx",
        "synthkit_syrinx.vocoder:Syrinx",
        summary="a small network that filters pulses and noise: trains in an hour or two on a CPU, speaks by "
        "numpy",
    )
