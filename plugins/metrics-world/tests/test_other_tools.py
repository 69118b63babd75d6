# SPDX-License-Identifier: Apache-2.0
"""Every definition that bears another tool's name gives that tool's figure, on pairs of all kinds."""

from importlib.util import find_spec

import pytest
from parity_pairs import PAIRS, write

for package in ("pysptk", "fastdtw", "librosa"):
    pytest.importorskip(
        package,
        reason=f"compares with {package}: pip install -r requirements-test.txt -r requirements-compiled.txt",
    )

other_tools = pytest.importorskip("other_tools")
TOOLS = other_tools.TOOLS


# Half as long as in benchmarks/eval_parity.py, which takes all of them.
SOME = [
    p
    for p in PAIRS
    if p.name not in ("16 kHz", "24 kHz, two speakers", "44.1 kHz, in step", "48 kHz, two speakers", "short")
]


@pytest.mark.parametrize("pair", SOME, ids=[p.name for p in SOME])
@pytest.mark.parametrize("name", TOOLS)
def test_the_tools_own_figures(name, pair, tmp_path):
    tool = TOOLS[name]
    missing = [p for p in tool.packages if not find_spec(p)]
    if missing:
        pytest.skip(f"runs {missing[0]}: pip install --no-deps -r requirements-no-deps.txt")
    for key, theirs, mine, difference in other_tools.differences(tool, *write(pair, tmp_path, 0.5)):
        assert difference < 1e-6, f"{key}: {theirs} by the tool, {mine} by synthkit"


def test_the_pairs_hold_what_tools_refuse_and_what_they_measure(tmp_path):
    reference, test = write(next(p for p in PAIRS if p.stereo), tmp_path)
    assert set(TOOLS["merlin"].figures(reference, test).values()) == {None}
    reference, test = write(next(p for p in PAIRS if p.copied), tmp_path)
    assert None not in TOOLS["merlin"].figures(reference, test).values()
