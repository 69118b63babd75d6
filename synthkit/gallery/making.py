# SPDX-License-Identifier: Apache-2.0
"""Make the voices of a gallery, each by the command that a user would give, and find vocoders that fit."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from synthkit.atomic import make_folder, write_text
from synthkit.errors import MissingDependency, PluginError, SynthkitError
from synthkit.eval.voice_systems import voice_system
from synthkit.gallery.wanted import Missing, Wanted, meant
from synthkit.pipeline.part import Part
from synthkit.pipeline.parts import Parts
from synthkit.pipeline.voice_folder import produced_spec, read_manifest
from synthkit.plugins import Registry
from synthkit.types import FeatureSpec

USUAL = ("world", "overlap-add", "griffin-lim")
"""Of several vocoders that fit, the one that a voice is shown with first."""


class NotMade(SynthkitError):
    """A voice could not be made."""


@dataclass(frozen=True)
class Made:
    """A voice that is there.

    Attributes
    ----------
    wanted : Wanted
    folder : Path
    vocoder : str
        Its own; empty where it gives a waveform.
    others : tuple of str
        Installed vocoders that need no training and render what it gives as it is.
    model, languages : str, tuple of str
        Name of its acoustic model, and what it speaks.
    """

    wanted: Wanted
    folder: Path
    vocoder: str
    others: tuple[str, ...]
    model: str
    languages: tuple[str, ...]


@dataclass
class Maker:
    """Makes voices of one corpus.

    Attributes
    ----------
    plugins : Registry
    corpus : str
    held_out : sequence of str
        Ids that no voice may learn from.
    rate : int
        Hz, of the recordings.
    labels : bool
        Whether the corpus has label files.
    root : Path
        Voices and their recipes are put here.
    minutes : float
        A build that takes longer is stopped; the next run goes on from where it was.
    workers : int
    log : callable
    unopened : list of Missing
        Vocoders that fit a voice and cannot be opened with it.
    """

    plugins: Registry
    corpus: str
    held_out: Sequence[str]
    rate: int
    labels: bool
    root: Path
    minutes: float
    workers: int
    log: Callable[[str], None]
    unopened: list[Missing] = field(default_factory=list)
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)

    def make_all(self, voices: Sequence[Wanted]) -> tuple[list[Made], list[Missing]]:
        """The voices that could be made, and why others could not.

        The first build is alone, since the others take alignments and features from the cache then; those are
        built beside one another, each after the voices that it needs.

        Parameters
        ----------
        voices : sequence of Wanted

        Returns
        -------
        made : list of Made
        missing : list of Missing
        """
        made: dict[str, Made] = {}
        missing: dict[str, Missing] = {}
        rest, names, several = list(voices), {w.name for w in voices}, False
        while rest:
            tried = made.keys() | missing.keys()
            ready = [w for w in rest if all(n in tried or n not in names for n in w.needs())] or rest
            if not several:
                ready = ready[:1]
                several = not ready[0].pretrained and ready[0].folder is None
            cores = self.workers or os.cpu_count() or 1
            at_once = min(cores, len(ready))
            with ThreadPoolExecutor(at_once) as pool:
                try:
                    for found in pool.map(partial(self._tried, made=made, workers=cores // at_once), ready):
                        if isinstance(found, Missing):
                            missing[found.name] = found
                        else:
                            made[found.wanted.name] = found
                except BaseException:
                    for process in list(self._running):
                        _ended(process)
                    raise
            rest = [w for w in rest if w not in ready]
        failed = [missing[w.name] for w in voices if w.name in missing]
        return [made[w.name] for w in voices if w.name in made], failed + self.unopened

    def _tried(self, wanted: Wanted, *, made: dict[str, Made], workers: int) -> Made | Missing:
        try:
            return self._make(wanted, dict(made), workers)
        except SynthkitError as error:
            self.log(f"{wanted.name}: {error.message}")
            return Missing.of(wanted.name, error)

    def _make(self, wanted: Wanted, made: dict[str, Made], workers: int) -> Made:
        folder = wanted.folder or self.root / wanted.name
        if wanted.pretrained:
            voice = self.plugins.load("pretrained_voice", wanted.pretrained)()
            self.log(f"$ synthkit voices get {wanted.pretrained} -o {shlex.quote(str(folder))}")
            voice.make(wanted.name, folder)
        elif wanted.folder is None:
            for name in wanted.needs():
                if name not in made:
                    raise NotMade(f"needs the voice {name!r}, which is not there")
            self._build(self._recipe(wanted, made), folder, workers)
        return self._described(wanted, folder)

    def _recipe(self, wanted: Wanted, made: dict[str, Made]) -> Path:
        """The TOML file of a voice, complete."""
        import tomli_w

        tables: dict[str, Any] = {stage: dict(table) for stage, table in wanted.tables.items()}
        for key, value in tables["acoustic_model"].items():
            if name := meant(value):
                tables["acoustic_model"][key] = str(made[name].folder.resolve())
        tables.setdefault("alignment", {"plugin": "labels" if self.labels else "hmm"})
        if "vocoder" not in tables:
            given = self._given(tables)
            if given is not None and given.kind != "waveform":
                fitting = self._fitting(given)
                if not fitting:
                    raise NotMade("no installed vocoder that needs no training renders what it gives")
                tables["vocoder"] = {"plugin": fitting[0]}
        voice = {
            "name": wanted.name.replace("+", "-"),
            "corpus": self.corpus,
            "limit": wanted.utterances,
            "held_out": list(self.held_out),
        }
        path = self.root / f"{wanted.name}.toml"
        make_folder(self.root)
        write_text(path, tomli_w.dumps({"voice": voice, **tables}))
        return path

    def _given(self, tables: dict[str, Any]) -> FeatureSpec:
        parts = Parts.of(tables, ("features", "acoustic_model"), base=self.root, rate=self.rate)
        given: FeatureSpec = parts["acoustic_model"].get().produces(parts["features"].get().spec)
        return given

    def _fitting(self, given: FeatureSpec) -> list[str]:
        """Vocoders that need no training and render `given`, the usual one first."""
        found = []
        for r in self.plugins.of_stage("vocoder"):
            try:
                kind = r.load()
                if kind.trainable:
                    continue
                part = Part.of("vocoder", {"plugin": r.name}, base=self.root, rate=self.rate)
                if any(d.accepts(given) for d in part.get().accepts()):
                    found.append(r.name)
            except (MissingDependency, PluginError):
                continue  # its own row says so
        return sorted(found, key=lambda n: (USUAL.index(n) if n in USUAL else len(USUAL), n))

    def _build(self, recipe: Path, folder: Path, workers: int) -> None:
        shown = f"synthkit build {shlex.quote(str(recipe))} -o {shlex.quote(str(folder))}"
        self.log(f"$ {shown}")
        command = [sys.executable, "-m", "synthkit", "build", str(recipe), "-o", str(folder)]
        with ExitStack() as ending:
            process = subprocess.Popen(
                [*command, "--workers", str(workers)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            self._running.add(process)
            ending.callback(self._running.discard, process)
            ending.callback(_ended, process)
            try:
                _, said = process.communicate(timeout=60 * self.minutes)
            except subprocess.TimeoutExpired:
                raise NotMade(
                    f"is not built within {self.minutes:g} minutes; the same command goes on with it",
                    hint=f"{shown}, or --build-minutes",
                ) from None
        if process.returncode:
            lines = said.decode("utf-8", "replace").splitlines()
            at = next((k for k, line in enumerate(lines) if line.startswith("error: ")), len(lines) - 1)
            why = lines[at].removeprefix("error: ") if lines else f"ended with code {process.returncode}"
            raise NotMade(f"cannot be built: {why}", hint=shown)

    def _described(self, wanted: Wanted, folder: Path) -> Made:
        manifest = read_manifest(folder)
        given = produced_spec(folder, manifest)
        own = "" if given.kind == "waveform" else str(manifest["plugins"]["vocoder"]["plugin"])
        voice_system(str(folder))  # one that does not open is none
        others: list[str] = []
        for name in self._fitting(given) if own and not wanted.trained_vocoder else ():
            try:
                if name != own:
                    voice_system(f"{folder}:{name}")
                    others.append(name)
            except SynthkitError as error:
                self.log(f"{wanted.name}:{name}: {error.message}")
                self.unopened.append(Missing.of(f"{wanted.name}:{name}", error))
        return Made(
            wanted,
            folder,
            own,
            tuple(others),
            str(manifest["plugins"]["acoustic_model"]["plugin"]),
            tuple(manifest["languages"]),
        )


def _ended(process: subprocess.Popen[bytes]) -> None:
    """A build that still runs is stopped, with its workers."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
