# SPDX-License-Identifier: Apache-2.0
"""Figures are asked for by the names the report prints."""

import pytest

from synthkit.errors import ConfigError
from synthkit.eval.analysis import analyse
from synthkit.eval.figures import choose, find
from synthkit.eval.metric import Definition
from synthkit.eval.remarks import untested
from synthkit.plugins import registry


def test_a_figure_by_any_of_its_names():
    plugins = registry()
    if "world" not in plugins.names("metric"):
        pytest.skip("needs the metrics of WORLD: pip install -e plugins/metrics-world")
    assert find(plugins, "mcd") == ("world", "mcd")
    assert find(plugins, "MCD, dB") == ("world", "mcd")
    assert find(plugins, "mcd/espnet") == ("mcd-espnet", "mcd/espnet")
    assert find(plugins, "world") == ("world", "")
    with pytest.raises(ConfigError, match="mdc") as error:
        find(plugins, "mdc")
    assert "did you mean 'mcd'" in error.value.hint


def test_sets_and_what_is_tested():
    plugins = registry()
    fast = choose(plugins)
    assert {"pauses", "spectral", "cost"} <= set(fast.metrics)
    assert not {"whisper", "distillmos", "mcd-espnet"} & set(fast.metrics)
    assert ("f0-yin" in fast.metrics) != ("world" in fast.metrics)
    assert (fast.required, fast.primary) == (frozenset(), ())
    assert choose(plugins, "full").metrics == ()
    only = choose(plugins, None, ["lsd", "pauses"])
    assert only.metrics == ("spectral", "pauses")
    assert only.primary == ("lsd", "pauses")  # a metric and its figure are of one name
    # A figure to be tested is measured too.
    more = choose(plugins, "fast", (), ["lsd", "mcd/espnet"])
    assert "mcd-espnet" in more.metrics and "mcd-espnet" in more.required
    assert more.primary == ("lsd", "mcd/espnet")
    with pytest.raises(ConfigError, match="no set"):
        choose(plugins, "quick")
    with pytest.raises(ConfigError, match="several figures"):
        choose(plugins, None, (), ["spectral"])


def test_what_is_asked_for_and_not_tested_is_said():
    plain = Definition("mcd", "a", "dB", "lower", "MCD", "x")
    stoi = Definition("stoi", "b", "", "higher", "STOI", "y", tested=False)
    found = analyse([], [plain, stoi], ["v", "w"], wanted=["mcd", "stoi"])
    (said,) = untested(found, ["mcd", "stoi"])
    assert said.startswith("STOI stands in the report alone") and "--primary stoi/b" in said
    assert untested(found, []) == []
