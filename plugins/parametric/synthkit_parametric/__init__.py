# SPDX-License-Identifier: Apache-2.0
"""A parametric voice that a laptop trains: phones to WORLD frames by a small neural network.

    timing.py       durations to decoder steps
    model.py        the network, in torch; training.py teaches it, preparing.py feeds it
    speaking.py     the same network in numpy: a voice speaks without torch
    starting.py     weights of another voice as the beginning of a training
    fitting.py      how a voice comes by its weights: trained, or taken from an earlier training
    voice.py        what a trained voice's folder holds
    parametric.py   the acoustic models `parametric` and `parametric-mel`

Depends on `synthkit`'s public names, numpy and safetensors; on torch when it learns.
"""

from synthkit import hookimpl


@hookimpl
def register_acoustic_models(register):
    register(
        "parametric",
        "synthkit_parametric.parametric:ParametricModel",
        summary="a small network for WORLD frames: trains in minutes on a CPU, speaks without torch",
    )
    register(
        "parametric-mel",
        "synthkit_parametric.parametric:ParametricMel",
        summary="the same network for mel spectra, for griffin-lim and neural vocoders",
    )
