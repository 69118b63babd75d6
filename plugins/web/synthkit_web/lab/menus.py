# SPDX-License-Identifier: Apache-2.0
"""What can be changed in a voice: which vocoders fit and why others do not, and the options of its model."""

from __future__ import annotations

import types
from typing import Any, get_args, get_type_hints

from synthkit.errors import SpecMismatch, SynthkitError
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.settings import Settings

WIDEST = 4.0
"""A slider without limits reaches this many times the value that it begins with."""


def vocoders(voice: Voice) -> list[dict[str, Any]]:
    """Every installed vocoder: whether it fits the voice, over which adapters, and else why not, what to do,
    and the tables of a `SpecMismatch`.

    The voice's own comes first.
    """
    own = voice.stages["vocoder"]
    out = [{"name": own.plugin, "own": True, "fits": True, "adapters": list(own.adapters)}]
    for name in registry().names("vocoder"):
        if name == own.plugin:
            continue
        row: dict[str, Any] = {"name": name, "own": False, "fits": False, "adapters": []}
        try:
            other = voice.with_vocoder(name, adapters=["auto"])
        except SynthkitError as error:
            tables = error.tables if isinstance(error, SpecMismatch) else ()
            why = error.message.partition("\n")[0] if tables else error.message
            row |= {"why": why, "hint": error.hint, "tables": tables}
        else:
            row |= {"fits": True, "adapters": [bridge.name for bridge in other.bridges]}
            other.close()
        out.append(row)
    return out


def sliders(voice: Voice) -> list[dict[str, Any]]:
    """The options of the acoustic model that are numbers or switches, with where they begin and how far they
    reach; options within options are named with a dot."""
    now = voice.acoustic_model.asked({})
    return _of(type(now), now, "")


def can_forbid(voice: Voice) -> bool:
    """Whether a request may name units that must not be used, or must."""
    return {"force", "forbid"} <= voice.acoustic_model.Options.model_fields.keys()


def _of(kind: type[Settings], now: Settings, before: str) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    hints, limits = get_type_hints(kind), kind.constraints()
    for name, field in kind.model_fields.items():
        value = getattr(now, name)
        if isinstance(value, Settings):
            out += _of(type(value), value, f"{before}{name}.")
        elif isinstance(value, bool):
            out.append({"name": before + name, "kind": "switch", "value": value, "about": field.description})
        elif isinstance(value, (int, float)) and _plain(hints[name]):
            c = limits[name]
            low = float(c.get("ge", c.get("gt", 0.0)))
            reach = WIDEST * abs(value) if value else 1.0
            high = min(float(c.get("le", c.get("lt", reach))), max(reach, low + 1))
            whole = isinstance(value, int)
            step = 1 if whole else 10.0 ** round(_digits(high - low) - 2)
            low += step if low == c.get("gt") else 0
            high -= step if high == c.get("lt") else 0
            out.append(
                {"name": before + name, "kind": "number", "value": value, "low": low, "high": high,
                 "step": step, "about": field.description}
            )  # fmt: skip
    return out


def _digits(reach: float) -> int:
    import math

    return math.floor(math.log10(reach)) if reach > 0 else 0


def _plain(hint: Any) -> bool:
    kinds = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return all(kind in (int, float) for kind in kinds)
