# SPDX-License-Identifier: Apache-2.0
"""Ask each plugin, alone, what it offers.

Run as a program it asks the plugins that it is given, and prints each answer as a line of JSON: a plugin that
hangs, that prints, or that ends its process does so there, and not in a command (`synthkit.remembered` runs
it).
"""

from __future__ import annotations

import difflib
import importlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

import pluggy

from synthkit import hookspecs
from synthkit.distribution import NAME
from synthkit.errors import PluginError
from synthkit.offers import STAGE_OF_HOOK, Offer, Registration

GROUP = "synthkit"
BUILTIN = (
    "synthkit.builtin.corpora",
    "synthkit.builtin.pipeline",
    "synthkit.builtin.evaluation",
)


@dataclass(frozen=True)
class Source:
    """A plugin that can be asked: its name, its distribution, and how its module is loaded."""

    name: str
    distribution: str
    version: str
    load: Callable[[], ModuleType]


def points() -> list[tuple[str, str, str, str]]:
    """Every plugin that is installed, the built-in ones first: name, place, distribution and version."""
    from synthkit import __version__

    found = sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value))
    built_in = [(name, name, NAME, __version__) for name in BUILTIN]
    return built_in + [(p.name, p.value, *_name_and_version(p)) for p in found]


def ask(source: Source) -> Offer:
    """What a plugin offers; whatever is wrong with it is in the answer, and raises nothing.

    Parameters
    ----------
    source : Source

    Returns
    -------
    Offer
    """
    manager = pluggy.PluginManager("synthkit")
    manager.add_hookspecs(hookspecs)
    about = source.name, source.distribution, source.version
    found: list[Registration] = []
    try:
        module = source.load()
        manager.register(module, source.name)
        unknown = sorted(
            name
            for name in dir(module)
            if name.startswith("register_") and _is_hook(module, name) and name not in STAGE_OF_HOOK
        )
        if unknown:
            close = difflib.get_close_matches(unknown[0], STAGE_OF_HOOK, 1)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            raise PluginError(f"unknown hook {unknown[0]!r}{meant}")
        manager.check_pending()
        for hook, stage in STAGE_OF_HOOK.items():
            getattr(manager.hook, hook)(register=_collector(found, stage, source))
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:  # a stranger's module may raise anything, SystemExit included
        return Offer(*about, problem=f"{type(error).__name__}: {error}".strip().split("\n")[0])
    return Offer(*about, tuple(found))


def imported(value: str) -> ModuleType:
    """The object at ``"module"`` or ``"module:attribute"``, as an entry point names it.

    Parameters
    ----------
    value : str

    Returns
    -------
    module
    """
    module, _, attribute = value.partition(":")
    found: Any = importlib.import_module(module.strip())
    return reduce(getattr, filter(None, attribute.strip().split(".")), found)  # type: ignore[no-any-return]


def files_of(value: str) -> list[str]:
    """Files of the modules that were imported from the plugin's own package: what its answer came from.

    Parameters
    ----------
    value : str
        As an entry point names it.

    Returns
    -------
    list of str
        Paths.
    """
    top = value.partition(":")[0].strip()
    top = top if top in BUILTIN else top.partition(".")[0]
    own = [m for name, m in sys.modules.items() if name == top or name.startswith(f"{top}.")]
    return sorted({file for m in own if (file := getattr(m, "__file__", None)) and os.path.isfile(file)})


def _is_hook(module: ModuleType, name: str) -> bool:
    return hasattr(getattr(module, name), "synthkit_impl")


def _collector(found: list[Registration], stage: str, source: Source) -> hookspecs.Register:
    def register(name: str, reference: str, *, summary: str = "") -> None:
        if ":" not in reference:
            raise PluginError(f"{stage} {name!r}: reference {reference!r} is not 'module:attribute'")
        found.append(
            Registration(stage, name, reference, summary, source.name, source.distribution, source.version)
        )

    return register


def _name_and_version(point: EntryPoint) -> tuple[str, str]:
    """Of the distribution; read as lines, since the standard library parses each METADATA as an e-mail."""
    metadata = (point.dist.read_text("METADATA") if point.dist else None) or ""
    found: dict[str, str] = {}
    for line in metadata.partition("\n\n")[0].splitlines():
        field, _, value = line.partition(": ")
        found.setdefault(field, value)
    return found.get("Name", "?"), found.get("Version", "?")


def main() -> None:
    """Answer for the plugins in the first argument (JSON), one line before and one after each."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # a plugin that prints prints into nothing
        os.dup2(silence, stream)
    for name, value, distribution, version in json.loads(sys.argv[1]):
        print(json.dumps({"asking": name}), file=answers, flush=True)
        offer = ask(Source(name, distribution, version, partial(imported, value)))
        components = [[r.stage, r.name, r.reference, r.summary] for r in offer.components]
        answer = {"components": components, "problem": offer.problem, "files": files_of(value)}
        print(json.dumps(answer), file=answers, flush=True)
    answers.flush()
    os._exit(0)  # a thread that a plugin started would be waited for


if __name__ == "__main__":
    main()
