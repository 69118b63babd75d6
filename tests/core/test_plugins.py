# SPDX-License-Identifier: Apache-2.0
"""Plugins are found one by one; what is broken, duplicate or misspelt is named and left out."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import warnings
from collections import OrderedDict
from pathlib import Path

import pytest

from synthkit import hookspecs
from synthkit.errors import MissingDependency, PluginError, SynthkitWarning
from synthkit.offers import STAGE_OF_HOOK
from synthkit.plugins import registry

CORE = Path(__file__).parents[2] / "synthkit"
BUZZ = """
@hookimpl
def register_vocoders(register):
    register("buzz", "collections:OrderedDict", summary="a class that exists")
"""


def test_a_component_is_found_and_loaded_by_name(found):
    got = found(a=BUZZ)
    assert got.problems == []
    assert got.names("vocoder") == ["buzz"]
    assert got.load("vocoder", "buzz") is OrderedDict


def test_a_broken_plugin_is_named_and_the_others_work(found):
    got = found(bad="raise RuntimeError('no licence')", good=BUZZ)
    assert got.names("vocoder") == ["buzz"]
    (problem,) = got.problems
    assert (problem.plugin, problem.distribution) == ("bad", "dist-bad")
    assert "no licence" in problem.reason


def test_a_plugin_that_exits_does_not_end_the_host(found):
    got = found(bad="raise SystemExit(3)", good=BUZZ)
    assert got.names("vocoder") == ["buzz"]
    assert "SystemExit" in got.problems[0].reason


def test_a_name_taken_twice_is_used_by_neither_and_names_both(found):
    got = found(one=BUZZ, two=BUZZ)
    assert got.names("vocoder") == []
    assert "dist-one" in got.problems[0].reason
    assert "dist-two" in got.problems[0].reason
    with pytest.raises(PluginError, match="offered twice"):
        got.find("vocoder", "buzz")


def test_a_third_of_the_same_name_does_not_slip_in(found):
    got = found(one=BUZZ, two=BUZZ, three=BUZZ)
    assert got.names("vocoder") == []
    assert len(got.problems) == 2


def test_a_misspelt_hook_is_an_error_that_says_what_was_meant(found):
    got = found(typo=BUZZ.replace("register_vocoders", "register_vocoder"))
    assert got.names("vocoder") == []
    assert "did you mean 'register_vocoders'" in got.problems[0].reason


def test_a_plugin_that_fails_half_way_offers_nothing(found):
    got = found(half=BUZZ + "    raise ValueError('half')")
    assert got.names("vocoder") == []


def test_a_target_that_is_no_path_is_an_error(found):
    got = found(a=BUZZ.replace("collections:OrderedDict", "collections.OrderedDict"))
    assert "module:attribute" in got.problems[0].reason


def test_a_missing_package_says_what_to_install(found):
    got = found(a=BUZZ.replace("collections:OrderedDict", "synthkit_no_such_module:X"))
    with pytest.raises(PluginError, match="synthkit_no_such_module"):
        got.load("vocoder", "buzz")


def test_a_missing_dependency_says_what_to_install(found, tmp_path, monkeypatch):
    (tmp_path / "needy.py").write_text("import no_such_package_of_mine\nclass X: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    got = found(a=BUZZ.replace("collections:OrderedDict", "needy:X"))
    with pytest.raises(MissingDependency, match="no_such_package_of_mine") as error:
        got.load("vocoder", "buzz")
    assert "pip install" in error.value.hint


def test_a_misspelt_import_of_what_is_installed_is_the_plugins_fault(found, tmp_path, monkeypatch):
    (tmp_path / "mistaken.py").write_text("from synthkit.dsp.mell import edge\nclass X: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    got = found(a=BUZZ.replace("collections:OrderedDict", "mistaken:X"))
    with pytest.raises(PluginError, match=r"synthkit\.dsp\.mell.*its package is installed") as error:
        got.load("vocoder", "buzz")
    assert "misspelt" in error.value.hint


def test_an_attribute_that_nobody_reads_is_told_once_as_it_is_loaded(found, tmp_path, monkeypatch):
    source = "from synthkit.stages import Vocoder\nclass X(Vocoder):\n    trainabel = True\n    mine = 1\n"
    (tmp_path / "slipped.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    got = found(a=BUZZ.replace("collections:OrderedDict", "slipped:X"))
    with pytest.warns(SynthkitWarning) as said:
        assert got.load("vocoder", "buzz").__name__ == "X"  # it goes on working
    (told,) = [str(w.message) for w in said]
    assert "X.trainabel is read by nobody: did you mean 'trainable'?" in told and "dist-a" in told
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got.load("vocoder", "buzz")


def test_an_unknown_name_suggests_the_nearest(found):
    with pytest.raises(PluginError) as error:
        found(a=BUZZ).find("vocoder", "bozz")
    assert "did you mean 'buzz'" in str(error.value)


HOOKS = [n for n, f in inspect.getmembers(hookspecs, inspect.isfunction) if n.startswith("register_")]


@pytest.mark.parametrize("hook", HOOKS)
def test_hook(hook, found):
    """Every hook registers what can be found again, is filled by something here, and is documented."""
    stage = STAGE_OF_HOOK[hook]
    got = found(mine=BUZZ.replace("register_vocoders", hook))
    assert got.names(stage) == ["buzz"]
    assert got.load(stage, "buzz") is OrderedDict
    assert registry().names(stage), f"nothing here fills {hook}"
    assert inspect.getdoc(getattr(hookspecs, hook)), f"{hook} has no docstring"
    page = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text()
    row = re.search(rf"^\| `{hook}` \| \S.+ \| `?([^`|]+)`? \|$", page, re.M)
    assert row, f"docs/plugins.md does not describe {hook}"
    if "." in row[1]:
        module, _, name = row[1].rpartition(".")
        assert inspect.isclass(getattr(importlib.import_module(module), name)), f"{row[1]} is no class"


def test_no_stage_is_without_a_hook():
    assert sorted(HOOKS) == sorted(STAGE_OF_HOOK)


@pytest.mark.parametrize("stage", sorted({*STAGE_OF_HOOK.values()} - {"command", "corpus", "metric"}))
def test_the_conformance_kit_knows_the_stage(stage):
    from synthkit.testing.checks import BASES

    assert stage in BASES


def test_everything_installed_here_is_whole():
    assert registry().problems == []


HEAVY = {"torch", "pyworld", "parselmouth", "numba", "matplotlib", "librosa", "pandas", "TTS", "trainer"}


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda p: str(p.relative_to(CORE)))
def test_the_core_imports_no_plugin_and_when_loaded_nothing_heavy(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_load = {id(n) for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)} - {
        id(n)
        for f in ast.walk(tree)
        if isinstance(f, ast.FunctionDef)
        or (isinstance(f, ast.If) and ast.unparse(f.test) == "TYPE_CHECKING")
        for n in ast.walk(f)
    }
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            top = name.split(".")[0]
            assert not top.startswith("synthkit_"), f"imports the plugin {name}"
            assert id(node) not in at_load or top not in HEAVY, f"imports {name} when it is loaded"
