# SPDX-License-Identifier: Apache-2.0
"""Melody: how high each phone should be, learned from recordings and aimed at by the acoustic model.

The way of a request through this package::

    segmentation ─ describe.py ─► rows ─ dilated.py ─► mean F0 of each half of a phone
      ─ spread as far as the speaker's ─ contours.py ─► contours of words chosen from recordings ─► `Prosody`

Pauses are told by `ensemble.py`. `measure.py` is the other way, from recordings to what is learned;
`model.py` ties both together. Only numpy is needed.
"""

from __future__ import annotations

from synthkit import hookimpl


@hookimpl
def register_prosody_models(register):
    register(
        "contours",
        "synthkit_prosody.model:Contours",
        summary="F0 of an ensemble, spread like the speaker's, in contours of recordings",
    )
