# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the core's tests: plugin modules made on the spot."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable

import pytest

from synthkit.discovery import Source, ask
from synthkit.plugins import Registry


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Source]:
    """``plugin(name, source)`` is a plugin whose module has that source."""

    def make(name: str, source: str) -> Source:
        def load() -> types.ModuleType:
            module = types.ModuleType(name)
            monkeypatch.setitem(sys.modules, name, module)
            exec("from synthkit import hookimpl\n" + source, module.__dict__)
            return module

        return Source(name, f"dist-{name}", "1.2", load)

    return make


@pytest.fixture
def found(plugin: Callable[[str, str], Source]) -> Callable[..., Registry]:
    """``found(a="source", b="source")`` is the registry of those plugins."""

    def make(**sources: str) -> Registry:
        return Registry.of(ask(plugin(name, source)) for name, source in sources.items())

    return make
