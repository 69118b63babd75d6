"""The pytest side of the conformance kit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def conformance(tmp_path: Path) -> Callable[..., Any]:
    """Run the whole conformance kit on a registered component.

    Call it as ``conformance("vocoder", "buzz", settings={…})``. What the component works on is made from
    the bundled corpora; pass ``item=``, ``texts=``, ``data=`` or ``features=`` to choose it yourself.
    """
    from synthkit.testing.conformance import run

    def check(stage: str, name: str, **how: Any) -> Any:
        return run(stage, name, tmp_path, **how)

    return check
