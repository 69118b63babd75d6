# SPDX-License-Identifier: Apache-2.0
"""Which part of the tree imports which: read from the sources, imports inside functions and for types
included."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = (
    (
        "errors",
        "paths",
        "atomic",
        "columns",
        "compact",
        "distribution",
        "progress",
        "places",
        "weights",
        "trained",
        "scratch",
        "ssml",
        "threads",
        "generator_graph",
        "onnx_network",
    ),
    ("types", "phones"),
    (
        "dsp",
        "audio",
        "resampling",
        "riff",
        "containers",
        "unsupported_audio",
        "encoding",
        "varied",
        "regression",
    ),
    ("saving", "plainly", "declared", "settings", "tables", "linguistic", "requested", "ipa_transcription"),
    ("request", "stages", "learning", "earlier", "taught", "neural_vocoder", "kept_scales", "curve"),
    ("hookspecs", "offers", "plugins", "discovery", "remembered"),
    ("recognise", "clips", "marks"),
    ("labels",),
    ("corpora",),
    ("pipeline",),
    ("pretrained",),
    ("eval",),
    ("show",),
    ("gallery",),
    ("testing",),
    ("cli",),
    ("front",),
    ("builtin", "__main__"),
)
"""Parts of the core, each of which may import those before it and those it stands beside."""
BACKENDS = {
    "torch", "TTS", "trainer", "transformers", "pyworld", "parselmouth", "numba", "librosa", "matplotlib",
    "pandas", "tensorflow", "onnxruntime", "whisper", "speechbrain",
}  # fmt: skip
"""What the harness may not need: a voice is what gives a waveform, and a metric that needs one is a
plugin's."""


def packages() -> dict[str, Path]:
    """Import packages of the core and of every plugin."""
    plugins = {p.name: p for p in sorted((ROOT / "plugins").glob("*/synthkit_*")) if p.is_dir()}
    return {"synthkit": ROOT / "synthkit", **plugins}


def modules() -> dict[str, Path]:
    """Every module by its dotted name."""
    found = {}
    for package, folder in packages().items():
        for path in folder.rglob("*.py"):
            parts = (package, *path.relative_to(folder).with_suffix("").parts)
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(module: str) -> set[tuple[str, str]]:
    """``(module, name in it or "")`` of each import, wherever in the file it stands."""
    out: set[tuple[str, str]] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            out |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: a relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                out.add((full, "") if full in MODULES else (node.module or "", alias.name))
    return out


GRAPH = {module: {name for name, _ in imported(module)} for module in MODULES}


def layer(module: str) -> int:
    """Where a module of the core stands in `LAYERS`; the package itself (a version and a marker) is below
    all."""
    part = module.split(".")[1] if "." in module else ""
    return next((n for n, parts in enumerate(LAYERS) if part in parts), -1 if not part else len(LAYERS))


def test_no_import_goes_in_a_circle() -> None:
    ours = {module: names & MODULES.keys() - {module} for module, names in GRAPH.items()}
    try:
        TopologicalSorter(ours).prepare()
    except CycleError as error:
        circle = error.args[1]
        pytest.fail("a circle: " + " → ".join(reversed(circle)))


def test_every_part_of_the_core_has_its_place() -> None:
    assert not [m for m in MODULES if m.startswith("synthkit.") and layer(m) == len(LAYERS)]


@pytest.mark.parametrize("module", sorted(m for m in MODULES if m.split(".")[0] == "synthkit"))
def test_the_core_points_one_way_and_to_no_plugin(module: str) -> None:
    for name in GRAPH[module]:
        assert not name.startswith("synthkit_"), f"imports the plugin {name}"
        if name.split(".")[0] == "synthkit":
            assert name in MODULES, f"imports {name}, which there is not"
            assert layer(name) <= layer(module), f"imports {name}, which stands above it"


def test_the_layers_are_needed() -> None:
    """Each part is used by one above it, so that the order says something of all of them."""
    used = {layer(name) for module, names in GRAPH.items() for name in names if layer(module) > layer(name)}
    assert used >= set(range(LAYERS.index(("cli",)) - 1))
    assert all(set(one).isdisjoint(other) for one, other in pairwise(LAYERS))


@pytest.mark.parametrize("module", sorted(m for m in MODULES if m.startswith("synthkit.types")))
def test_types_need_nothing_but_numpy(module: str) -> None:
    import sys

    allowed = {"numpy", "synthkit", *sys.stdlib_module_names}
    assert {name.split(".")[0] for name in GRAPH[module]} <= allowed
    ours = {name for name in GRAPH[module] if name.startswith("synthkit")}
    assert all(name.startswith("synthkit.types") or name == "synthkit.errors" for name in ours), ours


@pytest.mark.parametrize("module", sorted(m for m in MODULES if m.startswith("synthkit.eval")))
def test_the_harness_needs_no_backend_and_no_command_line(module: str) -> None:
    tops = {name.split(".")[0] for name in GRAPH[module]}
    assert not tops & BACKENDS
    assert not [name for name in GRAPH[module] if name.startswith(("synthkit.cli", "synthkit.testing"))]


@pytest.mark.parametrize("package", sorted(set(packages()) - {"synthkit"}))
def test_a_plugin_uses_public_names_alone(package: str) -> None:
    for module in (m for m in MODULES if m.split(".")[0] == package):
        for name, attribute in imported(module):
            top = name.split(".")[0]
            assert not top.startswith("synthkit_") or top == package, f"{module} imports the plugin {name}"
            if top != "synthkit":
                continue
            private = [part for part in (*name.split("."), attribute) if re.match("_(?!_)", part)]
            assert not private, f"{module} imports {name} {attribute}"
            assert not name.startswith(("synthkit.builtin", "synthkit.testing")), f"{module} imports {name}"
