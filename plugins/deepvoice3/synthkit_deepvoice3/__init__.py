# SPDX-License-Identifier: Apache-2.0
"""Acoustic model `deepvoice3`: convolutions and attention from phones to mel frames, small enough for a CPU.

    stored.py       what a trained voice's folder holds, and the sizes of all weights
    network.py      the network in torch; training.py teaches it, examples.py feeds it
    watching.py     whether it learns: held-out distance, attention, the end
    speaking.py     the same network in numpy: a voice speaks without torch
    fitting.py      how a voice comes by its weights: trained, or taken from an earlier training
    model.py        the component

Depends on `synthkit`'s public names, numpy and safetensors; on torch when it learns.
"""

from synthkit import hookimpl


@hookimpl
def register_acoustic_models(register):
    register(
        "deepvoice3",
        "synthkit_deepvoice3.model:DeepVoice",
        summary="Deep Voice 3 for mel frames: convolutions and attention, taught by alignments; trains on a "
        "CPU, speaks by numpy",
    )
