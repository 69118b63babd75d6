# SPDX-License-Identifier: Apache-2.0
"""Every metric that is installed has its card, and the card says what the code says."""

from pathlib import Path

import pytest

from synthkit.eval.cards import card, collect
from synthkit.plugins import registry

DOCS = Path(__file__).parents[2] / "docs" / "metrics"
OURS = (
    "synthkit-speech",
    "synthkit-metrics-world",
    "synthkit-metrics-intrusive",
    "synthkit-asr",
    "synthkit-mos",
    "synthkit-speaker",
)
FOUND, MISSING = collect(registry())


def ours(metric):
    return all(r.distribution in OURS for _, r in FOUND[metric])


def test_all_that_is_registered_can_be_described():
    assert MISSING == []


def test_definition_keys_are_unique():
    keys = [d.key for some in FOUND.values() for d, _ in some]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("metric", [m for m in FOUND if ours(m)])
def test_card(metric):
    # Plugins that are not installed would leave their definitions out of a shared card.
    written = (DOCS / f"{metric}.md").read_text(encoding="utf-8")
    installed = {r.distribution for some in FOUND.values() for _, r in some}
    if set(OURS) <= installed:
        assert written == card(metric, FOUND[metric]), "python -m synthkit.eval.cards docs/metrics"
    for d, _ in FOUND[metric]:
        assert d.text in written


def test_definitions_say_enough():
    for some in FOUND.values():
        for d, _ in some:
            assert len(d.text) > 20, d.key
            assert d.text.endswith("."), d.key
            assert d.group, d.key


def test_no_card_without_a_metric():
    installed = {r.distribution for some in FOUND.values() for _, r in some}
    if not set(OURS) <= installed:
        pytest.skip(
            "needs all metric plugins: pip install -e plugins/metrics-world, metrics-intrusive, asr, mos, "
            "speaker"
        )
    assert {p.stem for p in DOCS.glob("*.md")} == {m for m in FOUND if ours(m)}
