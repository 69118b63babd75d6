# SPDX-License-Identifier: Apache-2.0
"""The pytest side of the conformance kit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def conformance(tmp_path: Path) -> Callable[..., Any]:
    """Run the whole conformance kit on a registered component.

    Call it as ``conformance("vocoder", "buzz", settings={…})``. What the component works on is made from the
    bundled corpora; ``texts=``, ``item=``, ``accepted=``, ``data=``, ``sample=``, ``source=`` or ``corpus=``
    choose it (see `synthkit.testing.conformance.Given`). Where a package that the component needs is not
    installed, the test is skipped and says how to install it.
    """
    from synthkit.errors import MissingDependency
    from synthkit.testing.conformance import run

    def check(stage: str, name: str, **how: Any) -> Any:
        try:
            return run(stage, name, tmp_path, **how)
        except MissingDependency as error:
            pytest.skip(str(error))

    return check
