# SPDX-License-Identifier: Apache-2.0
"""The private places of coqui-tts that are used, on the version that is installed; and what another version
is told."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from coqui_samples import component, make_data
from packaging.requirements import Requirement
from synthkit_coqui import backend
from synthkit_coqui.architectures import BUILT_IN
from synthkit_coqui.models import make
from synthkit_coqui.pins import GATED, PINS

from synthkit.errors import MissingDependency

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", backend.CLASSES)
def test_every_class_is_there(name):
    assert callable(getattr(backend.coqui(), name))


@pytest.mark.parametrize("module", [m for m, _ in backend.REPLACED])
def test_what_is_replaced_is_there(module):
    backend.coqui()
    assert hasattr(importlib.import_module(module), dict(backend.REPLACED)[module])


def test_what_speaking_does_not_use_is_imported_when_it_is_used():
    """A third of what a cold `say` took beside `import torch`; the garbage collector is left as it was."""
    script = """
import gc, sys
from synthkit_coqui import backend
backend.coqui().Vits
print([n for n in backend.LATER if n in sys.modules], gc.isenabled())
from TTS.tts.models import vits
print(vits.torchaudio.transforms.Resample(16000, 8000).new_freq)
import torchaudio
print(torchaudio.__file__ == vits.torchaudio.__file__)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["[] True", "8000", "True"], done.stderr


def test_its_trainer_can_speak_where_standard_error_was_another_for_a_while():
    """As in a notebook, or in a test: its logger came with a handler on the stream of the import, and failed
    at each flush once that was closed."""
    script = """
import contextlib, io, logging
from synthkit_coqui import backend
with contextlib.redirect_stderr(io.StringIO()) as for_a_while:
    backend.coqui().GlowTTS
for_a_while.close()
from trainer.logging import ConsoleLogger
ConsoleLogger().print_train_start()
logging.getLogger("trainer").error("the scheduler is unknown")
print(logging.getLogger("trainer").level == logging.ERROR)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\n", "the scheduler is unknown\n")


@pytest.mark.parametrize("kind", BUILT_IN)
def test_every_private_place_is_there(kind):
    """`make` looks at them all; here with speakers, whose table is one of them."""
    data = make_data(count=2, held_out=0, seconds=0.8, speakers=("a", "b"))
    model = make(component(kind)._describe(data))
    assert type(model).__name__ in backend.PRIVATE


OF_MODELS = {
    "tacotron2.py": ("Tacotron2",), "glowtts.py": ("GlowTTS",), "vits.py": ("Vits",),
    "flows.py": ("GlowTTS", "Vits"), "text.py": ("Tacotron2", "GlowTTS", "Vits"),
    "base.py": tuple(backend.PRIVATE), "mel_vocoder.py": ("GAN",), "mb_melgan.py": ("GAN",),
}  # fmt: skip
OURS = {"alignment_prior", "hidden_frames", "num_embeddings", *dir(torch.nn.Module())} - {"forward"}
"""What this plugin itself puts into a model, and what torch's own layers have."""


def places(path):
    """Dotted attributes of what a file of an architecture calls ``model``, or ``decoder``, its model's."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        steps = []
        while isinstance(node, ast.Attribute):
            steps.insert(0, node.attr)
            node = node.value
        if steps and isinstance(node, ast.Name) and node.id in ("model", "decoder"):
            steps = ["decoder", *steps] if node.id == "decoder" else steps
            known = [
                n
                for n, s in enumerate(steps)
                if s in OURS or (hasattr(torch.nn.Module, s) and s != "forward")
            ]
            steps = steps[: known[0]] if known else steps
            found |= {".".join(steps)} - {""}
    return found


@pytest.mark.parametrize("name", OF_MODELS)
def test_every_place_that_is_touched_is_in_the_list(name):
    """A private place that nobody listed would end an older coqui-tts in a traceback."""
    touched = places(Path(backend.__file__).parent / "architectures" / name)
    everything = {m: [*backend.PRIVATE[m], *backend.SOMETIMES.get(m, ())] for m in OF_MODELS[name]}
    rows = [backend.WITH_SPEAKERS[m] for m in OF_MODELS[name] if m in backend.WITH_SPEAKERS]
    for model, listed in everything.items():
        steps = [place.split(".") for place in [*listed, *rows]]
        covered = {".".join(s[: n + 1]) for s in steps for n in range(len(s))}
        assert touched <= covered, f"{model}: {touched - covered}"


def test_nothing_reaches_coqui_past_the_door():
    folder = Path(backend.__file__).parent
    for path in folder.rglob("*.py"):
        if path.name != "backend.py":
            assert not re.search(
                r"^\s*(from|import) (TTS|trainer)\b", path.read_text(encoding="utf-8"), re.MULTILINE
            )


@pytest.fixture
def other(monkeypatch):
    """As if another version were installed."""
    real = importlib.metadata.version

    def pretend(name, version):
        monkeypatch.setattr(importlib.metadata, "version", lambda n: version if n == name else real(n))
        backend.coqui.cache_clear()

    yield pretend
    monkeypatch.undo()
    backend.coqui.cache_clear()


@pytest.mark.parametrize(
    ("name", "version"), [("coqui-tts", "0.26.1"), ("coqui-tts", "1.0.0"), ("coqui-tts-trainer", "0.3.1")]
)
def test_another_version_is_refused_by_name(name, version, other):
    other(name, version)
    with pytest.raises(MissingDependency) as caught:
        backend.coqui()
    assert f"{name} {version} is installed" in str(caught.value)
    assert f"made with {PINS[name]}" in str(caught.value)
    assert f"{name}=={PINS[name]}" in caught.value.hint


def test_a_fix_of_the_version_that_was_tried_is_taken(other):
    other("coqui-tts", "0.28.7")
    assert callable(backend.coqui().GlowTTS)


def test_a_place_that_is_gone_is_named(other, monkeypatch):
    monkeypatch.setitem(backend.CLASSES, "GlowTTS", "TTS.tts.models.glow_tts_that_moved")
    backend.coqui.cache_clear()
    with pytest.raises(
        MissingDependency, match=r"coqui-tts 0.28.0 has no TTS.tts.models.glow_tts_that_moved.GlowTTS"
    ):
        _ = backend.coqui().GlowTTS
    monkeypatch.setitem(backend.PRIVATE, "GAN", ("model_d.layers_of_old",))
    data = make_data(count=2, held_out=0, seconds=0.8)
    with pytest.raises(MissingDependency, match=r"has no GAN.model_d.layers_of_old, .* made with 0.28.0"):
        make(component("coqui-mb-melgan")._describe(data))


def test_the_command_says_so_without_a_traceback(other, tmp_path):
    from synthkit_coqui.commands import coqui_group

    other("coqui-tts", "0.22.0")
    config = tmp_path / "config.json"
    config.write_text('{"model": "tacotron2", "characters": {"characters": "ab", "characters_class": null}}')
    (tmp_path / "best_model.pth").write_bytes(b"")
    import torch

    torch.save({"model": {"embedding.weight": torch.zeros(4, 2)}}, tmp_path / "best_model.pth")
    result = CliRunner().invoke(
        coqui_group, ["import", str(tmp_path), str(tmp_path / "out")], standalone_mode=False
    )
    assert isinstance(result.exception, MissingDependency)
    assert "coqui-tts 0.22.0 is installed" in str(result.exception)


def requirements(text):
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return {r.name.lower(): r for r in map(Requirement, filter(None, lines))}


def test_every_file_that_names_a_version_names_this_one():
    extras = tomllib.loads((ROOT / "plugins/coqui/pyproject.toml").read_text(encoding="utf-8"))["project"]
    files = {
        "plugins/coqui/pyproject.toml": "\n".join(extras["optional-dependencies"]["backend"]),
        **{
            name: (ROOT / name).read_text(encoding="utf-8")
            for name in ("plugins/coqui/constraints.txt", "requirements-no-deps.txt", "requirements-test.txt")
        },
    }
    named = set()
    for path, text in files.items():
        for name, requirement in requirements(text).items():
            if name in PINS:
                named.add(name)
                assert requirement.specifier.contains(PINS[name]), f"{path}: {requirement}, not {PINS[name]}"
                if name in GATED:
                    assert str(requirement.specifier) == f"=={PINS[name]}", path
    assert named == set(PINS)
    assert set(requirements(files["plugins/coqui/constraints.txt"])) >= set(PINS)
