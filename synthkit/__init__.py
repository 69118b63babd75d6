# SPDX-License-Identifier: Apache-2.0
"""synthkit: classical and neural voices as one pipeline of plugins, judged by one harness.

What lives where
    types/      the data that flows between stages (numpy only)
    plugins.py  components by stage and name; hookspecs.py, the hooks that plugins fill;
                discovery.py asks each plugin, remembered.py keeps what it said
    tables.py   TOML and --set, checked against settings.py
    pipeline/   build and speak over the same stages, cache, executors
    corpora/    recipes, checks and splits
    eval/       metrics, statistics, comparison reports (never imports a backend)
    show/       how data shows itself in a notebook
    front.py    what ``import synthkit as sk`` offers: `load`, `corpus`, `read`, `write`, `measure` and others
    cli/        the command line
    testing/    a pytest plugin with a conformance kit for every stage

The core imports no plugin and no heavy dependency.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, which is not there yet where no file can be opened: see `__main__`
if TYPE_CHECKING:
    from typing import Any

    import pluggy

__version__ = "0.1.0"

hookimpl: pluggy.HookimplMarker
"""Decorator a plugin puts on each hook it fills."""

_FRONT = dict.fromkeys(
    ("load", "corpus", "read", "write", "measure", "comparison", "register"), "synthkit.front"
) | {
    "Voice": "synthkit.pipeline.voice",
    "Spoken": "synthkit.pipeline.spoken",
    "Corpus": "synthkit.corpora.corpus",
    **dict.fromkeys(("Alignment", "Frames", "Segmentation", "UnitPath", "Waveform"), "synthkit.types"),
}
"""What the front door offers, and where it is: imported when it is asked for (PEP 562)."""

__all__ = ["__version__", "hookimpl", *_FRONT]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """What is imported when it is asked for: a command that uses no plugin needs no pluggy."""
    if name in _FRONT:
        from importlib import import_module

        found = getattr(import_module(_FRONT[name]), name)
        globals()[name] = found
        return found
    if name != "hookimpl":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import pluggy

    globals()["hookimpl"] = marker = pluggy.HookimplMarker("synthkit")
    return marker
