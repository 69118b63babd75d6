# SPDX-License-Identifier: Apache-2.0
"""Unit selection: natural half-phones of a corpus, chosen by named costs and joined where they fit.

The way of a sentence through this package::

    segmentation ─ phone_row.py (pauses.py) ─► phones with pauses ─ context.py ─► context rows
      ─ predictor.py ─► predicted duration, F0, spectrum ─ preselect.py (index.py) ─► candidates
      ─ costs.py, viterbi.py ─► unit path ─ overlap_add.py ─► waveform

`store.py` holds the corpus as flat arrays; `model.py` ties fit and speech together. Only `overlap_add`
and `explain` know about sound; only numpy is needed to speak.
"""

from __future__ import annotations

from synthkit import hookimpl


@hookimpl
def register_acoustic_models(register):
    register(
        "unit-selection",
        "synthkit_unit_selection.model:UnitSelection",
        summary="natural half-phones chosen by target and join costs",
    )


@hookimpl
def register_vocoders(register):
    register(
        "overlap-add",
        "synthkit_unit_selection.overlap_add:OverlapAdd",
        summary="natural units joined at correlation-aligned points",
    )


@hookimpl
def register_commands(register):
    register(
        "explain",
        "synthkit_unit_selection.commands:explain",
        summary="why these units: a table, JSON, a picture",
    )
    register(
        "tune",
        "synthkit_unit_selection.commands:tune",
        summary="better weights, by the voice's own recordings",
    )
    register(
        "coverage", "synthkit_unit_selection.commands:coverage", summary="what the recordings cover, and lack"
    )
