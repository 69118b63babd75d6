# SPDX-License-Identifier: Apache-2.0
"""Executors, speaker encoders, corpora and commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from click.testing import CliRunner

from synthkit import audio
from synthkit.corpora import CorpusRecipe, check
from synthkit.errors import CorpusError, TextError
from synthkit.pipeline.executors import Executor
from synthkit.pretrained import PretrainedVoice
from synthkit.stages import SpeakerEncoder
from synthkit.testing import functions
from synthkit.testing.checks.common import refused
from synthkit.testing.samples import sample_utterances
from synthkit.types import Waveform


def check_executor(executor: Executor) -> None:
    """Results in the order of the items and as a plain loop gives them; errors come through whole.

    Parameters
    ----------
    executor : Executor

    Raises
    ------
    AssertionError
        Something of this is not so.
    """
    items = list(range(12))
    expected = [functions.project(i) for i in items]
    assert list(executor.map(functions.project, items)) == expected, "other bytes than one after another"
    assert list(executor.map(functions.project, [])) == [], "map() over nothing gives something"
    done, raised = [], None
    try:
        for n in executor.map(functions.refuse_three, items):
            done.append(n)
    except TextError as error:
        raised = error
    assert raised is not None, "an item's error is not raised"
    assert (raised.message, raised.where, raised.hint) == ("three", "here", "not three"), (
        "the error lost a part"
    )
    assert done == [0, 1, 2], f"before the error of item 3 came {done}"
    assert list(executor.map(functions.project, items[:2])) == expected[:2], "after an error it maps no more"
    executor.close()
    executor.close()  # closing twice is no error


def check_speaker_encoder(encoder: SpeakerEncoder) -> np.ndarray:
    """A real recording has one embedding of unit length, the same twice, nearer to its speaker than to
    another.

    Parameters
    ----------
    encoder : SpeakerEncoder

    Returns
    -------
    ndarray, shape (D,), float32

    Raises
    ------
    AssertionError
        Something of this is not so.
    """
    own, again = (audio.read(u.audio) for u in sample_utterances("bundled-ru", 2))
    other = audio.read(sample_utterances("bundled-en", 1)[0].audio)
    got = encoder.embed(own)
    assert got.ndim == 1 and got.dtype == np.float32, (
        f"embed() gives {got.dtype} {got.shape}, not float32 (D,)"
    )
    assert abs(float(np.linalg.norm(got)) - 1) < 1e-3, (
        f"an embedding of length {np.linalg.norm(got):.3f}, not 1"
    )
    twice = encoder.embed(own).tobytes() == got.tobytes()
    assert twice, "not the same bytes twice"
    same, strange = float(got @ encoder.embed(again)), float(got @ encoder.embed(other))
    assert same > strange, f"a speaker's two recordings are {same:.2f} alike, two speakers' {strange:.2f}"
    silence = Waveform(np.zeros(16000, np.float32), 16000)
    refused(lambda: encoder.embed(silence), "silence")
    return got


def check_corpus(recipe: CorpusRecipe, name: str, folder: Path, source: Path | None = None) -> None:
    """It says what it is and whose; obtained (from `source`, or where it is already there) it is whole.

    Parameters
    ----------
    recipe : CorpusRecipe
    name : str
        It is registered by that.
    folder : Path
        Empty, for what is obtained.
    source : Path, optional
        A folder with its downloads; left out, only a corpus that is on this machine is opened.
    """
    who = type(recipe).__name__
    assert recipe.name == name, f"{who}.name is {recipe.name!r}, and it is registered as {name!r}"
    for field in ("title", "licence", "attribution"):
        assert str(getattr(recipe, field)).strip(), f"{who}.{field} is empty; voices carry it with them"
    assert recipe.languages, f"{who}.languages is empty"
    assert recipe.megabytes >= 0, f"{who}.megabytes is {recipe.megabytes}"
    absent = folder / "absent"
    if not recipe.available():
        error = refused(lambda: recipe.load(absent), "load() of a corpus that is not there", CorpusError)
        assert name in error.hint, "load() of a corpus that is not there does not say how to get it"
    if source is not None:
        target = recipe.get(folder / "got", source=source)
        corpus = recipe.load(target)
        assert recipe.get(folder / "got", source=source) == target, (
            "get() of what is there gives another folder"
        )
    elif recipe.available():
        corpus = recipe.load()
    else:
        return
    assert corpus.utterances, "a corpus without utterances"
    ids = [u.id for u in corpus.utterances]
    assert len(set(ids)) == len(ids), "two utterances of one id"
    languages = {u.language for u in corpus.utterances}
    assert languages <= set(recipe.languages), (
        f"utterances in {languages - set(recipe.languages)}, not in languages"
    )
    errors = [f for f in check(corpus) if f.severity == "error"]
    assert not errors, f"{len(errors)} utterances cannot be used, first {errors[0].id}: {errors[0].reason}"


def check_command(command: click.Command, name: str) -> None:
    """A command and all under it explain themselves, and take no option that they do not have.

    Parameters
    ----------
    command : click.Command
    name : str
        It is registered by that.

    Raises
    ------
    AssertionError
        Something of this is not so.
    """
    assert isinstance(command, click.Command), (
        f"command {name!r} is a {type(command).__name__}, no click command"
    )
    runner = CliRunner()
    for path, each in _commands(command, name):
        assert (each.help or "").strip(), f"{path}: no help"
        for option in each.params:
            if isinstance(option, click.Option):
                assert (option.help or "").strip() or option.hidden, f"{path} {option.opts[0]}: no help"
        words = path.split()[1:]
        shown = runner.invoke(command, [*words, "--help"])
        assert shown.exit_code == 0, f"{path} --help ends with {shown.exit_code}: {shown.exception!r}"
        bad = runner.invoke(command, [*words, "--no-such-option"])
        assert bad.exit_code == 2, f"{path} --no-such-option ends with {bad.exit_code}, not 2"


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands(inner, f"{path} {name}")


def check_pretrained_voice(voice: PretrainedVoice, folder: Path) -> None:
    """It says what a user has to know, and where it is here already, becomes a voice that opens.

    Parameters
    ----------
    voice : PretrainedVoice
    folder : Path
        Empty.
    """
    assert voice.paradigm, "paradigm is empty"
    assert voice.languages, "languages is empty"
    assert voice.sample_rate > 0, f"sample_rate is {voice.sample_rate}"
    assert voice.megabytes >= 0, f"megabytes is {voice.megabytes}"
    for name in ("name", "licence", "attribution"):
        assert getattr(voice.origin, name), f"origin.{name} is empty: whose voice is it?"
    if not voice.here:
        return
    from synthkit.pipeline.voice import Voice

    made = voice.make("made", folder / "voice")
    with Voice.open(made, full_check=True) as opened:
        assert opened.sample_rate == voice.sample_rate, f"it opens at {opened.sample_rate} Hz"
        assert opened.language in voice.languages, f"it opens as {opened.language!r}"
        assert opened.name == "made", f"it is called {opened.name!r}"
