# SPDX-License-Identifier: Apache-2.0
"""What there is to show: a walk through what is registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from synthkit.corpora import Corpus
from synthkit.errors import MissingDependency, PluginError, SynthkitError
from synthkit.pipeline.contract import extractor_for
from synthkit.pipeline.parts import Parts
from synthkit.plugins import Registry
from synthkit.stages import AcousticModel, Demo, Vocoder


@dataclass(frozen=True)
class Missing:
    """Something that is not shown.

    Attributes
    ----------
    name, why, mend : str
        ``mend`` is what to do about it; empty where nothing can be done.
    """

    name: str
    why: str
    mend: str = ""

    @classmethod
    def of(cls, name: str, error: SynthkitError) -> Missing:
        """Something that an error keeps from being shown.

        Parameters
        ----------
        name : str
        error : SynthkitError
            Its first line is why, the first of its hint what to do.

        Returns
        -------
        Missing
        """
        why = error.message if not error.where else f"{error.where}: {error.message}"
        return cls(name, why.split("\n")[0], error.hint.split("\n")[0])


@dataclass(frozen=True)
class Wanted:
    """A voice to be made.

    Attributes
    ----------
    name : str
        Of its folder and of its row.
    tables : mapping
        A recipe for `synthkit build`, without ``[voice]``; where it names no vocoder, one that fits is found.
    pretrained : str
        Instead of a recipe: the name of a pretrained voice.
    folder : Path or None
        Instead of either: a voice that is there.
    utterances : int
        Of the recipe: recordings that are enough; 0 for all.
    trained_vocoder : str
        A vocoder that is made with it, and of which copy synthesis is shown.
    beside : str
        A voice with the same acoustic model, which is made first: two builds at once would share its work.
    """

    name: str
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pretrained: str = ""
    folder: Path | None = None
    utterances: int = 0
    trained_vocoder: str = ""
    beside: str = ""

    def needs(self) -> list[str]:
        """Names of voices that are made before it: what its settings refer to, as in ``"{parametric}"``."""
        meant_by = [name for v in self.tables.get("acoustic_model", {}).values() if (name := meant(v))]
        return [self.beside, *meant_by] if self.beside else meant_by


def meant(value: Any) -> str:
    """The voice that a setting refers to, ``"parametric"`` of ``"{parametric}"``; empty of any other.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
    """
    return value[1:-1] if isinstance(value, str) and value[:1] == "{" and value[-1:] == "}" else ""


@dataclass(frozen=True)
class Programme:
    """What is shown in one language.

    Attributes
    ----------
    voices : list of Wanted
        Each after those that it needs.
    copies : list of str
        Vocoders of which copy synthesis is shown.
    missing : list of Missing
    """

    voices: list[Wanted]
    copies: list[str]
    missing: list[Missing]


def programme(
    plugins: Registry,
    language: str,
    corpus: Corpus,
    rate: int,
    *,
    fetch: bool = False,
    given: Sequence[Path] = (),
    only: Sequence[str] = (),
) -> Programme:
    """What there is to show in `language`.

    Parameters
    ----------
    plugins : Registry
    language : str
        Primary subtag.
    corpus : Corpus
        That voices are built of.
    rate : int
        Hz, of its recordings.
    fetch : bool
        Whether pretrained voices that are not here are fetched.
    given : sequence of Path
        Voices that somebody has built.
    only : sequence of str
        Patterns (``"parametric*"``) of which a name has to match one; all names if empty.

    Returns
    -------
    Programme
    """
    missing: list[Missing] = []
    trained: list[tuple[str, Demo]] = []  # several of a vocoder with weights for several frames
    copies = []
    for r in plugins.of_stage("vocoder"):
        try:
            kind: type[Vocoder] = r.load()
            demos = _of_language(kind.demos, language)
            if not kind.trainable:
                _require_copies(kind(), rate, plugins)
                copies.append(r.name)
            elif ready := [d for d in demos if d.settings]:
                trained += [(r.name, demo) for demo in ready]
            else:
                missing.append(
                    Missing(
                        f"copy:{r.name}",
                        f"has to be trained, and names no weights for {language}",
                        "name a voice that was built with it",
                    )
                )
        except SynthkitError as error:
            missing.append(Missing.of(f"copy:{r.name}", error))
    voices: list[Wanted] = []
    for r in plugins.of_stage("acoustic_model"):
        try:
            model: type[AcousticModel] = r.load()
            demos = _of_language(model.demos, language)
            built = [_demo_voice(r.name, model, demo, rate, plugins) for demo in demos]
        except SynthkitError as error:
            missing.append(Missing.of(r.name, error))
            continue
        voices += built
        voices += [
            _with_vocoder(w, name, demo)
            for w in built
            for name, demo in trained
            if _fits(w, rate, name, demo, plugins)
        ]
        if not model.demos and not _has_voices(r.distribution, plugins):
            missing.append(
                Missing(r.name, "is not trained in minutes, and no voice of it was named", "--voice FOLDER")
            )
    for r in plugins.of_stage("pretrained_voice"):
        try:
            voice = r.load()()
            if language not in {x.partition("-")[0] for x in voice.languages}:
                continue
            if voice.here or fetch:
                voices.append(Wanted(r.name, pretrained=r.name))
            else:
                missing.append(Missing(r.name, "is not on this machine", f"synthkit voices get {r.name}"))
        except (MissingDependency, PluginError) as error:
            missing.append(Missing.of(r.name, error))
    for folder in given:
        name = folder.resolve().name
        if name in {w.name for w in voices}:
            missing.append(
                Missing(str(folder), f"another voice here is called {name!r}", "rename its folder")
            )
        else:
            voices.append(Wanted(name, folder=folder))
    if only:
        chosen = {w.name for w in voices if any(fnmatch(w.name, p) for p in only)}
        chosen |= {n for w in voices if w.name in chosen for n in w.needs()}
        voices = [w for w in voices if w.name in chosen]
        copies = [c for c in copies if any(fnmatch(f"copy:{c}", p) for p in only)]
        missing = [m for m in missing if any(fnmatch(m.name, p) for p in only)]
    return Programme(_in_order(voices), copies, missing)


def _of_language(demos: Sequence[Demo], language: str) -> list[Demo]:
    return [d for d in demos if not d.languages or language in d.languages]


def _demo_voice(name: str, model: type[AcousticModel], demo: Demo, rate: int, plugins: Registry) -> Wanted:
    features = dict(demo.features) or _features(model, rate, plugins)
    tables = {"features": features, "acoustic_model": {"plugin": name, **demo.settings}}
    return Wanted(f"{name}-{demo.name}" if demo.name else name, tables, utterances=demo.utterances)


def _features(model: type[AcousticModel], rate: int, plugins: Registry) -> dict[str, Any]:
    """A table of features that `model` trains on; empty where the usual ones are."""
    usual = Parts.of({}, ("features",), base=Path.cwd(), rate=rate)["features"].get().spec
    if any(wanted.accepts(usual) for wanted in model.consumes):
        return {}
    for wanted in model.consumes:
        found = extractor_for(wanted, rate, plugins)
        if found is not None:
            return {"plugin": found[0], **found[1].config.model_dump(exclude_none=True)}
    raise PluginError("no installed features are what it trains on")


def _fits(voice: Wanted, rate: int, name: str, demo: Demo, plugins: Registry) -> bool:
    """Whether a vocoder that was trained, under the settings of `demo`, is for what `voice` gives."""
    table = voice.tables["features"]
    free = {k: v for k, v in voice.tables["acoustic_model"].items() if not meant(v)}
    tables = {"features": table, "acoustic_model": free}
    parts = Parts.of(tables, ("features", "acoustic_model"), base=Path.cwd(), rate=rate)
    given = parts["acoustic_model"].get().produces(parts["features"].get().spec)
    return any(d.accepts(given) for d in demo.renders or plugins.load("vocoder", name)().accepts())


def _with_vocoder(voice: Wanted, name: str, demo: Demo) -> Wanted:
    tables = {**voice.tables, "vocoder": {"plugin": name, **demo.settings}}
    made = f"{voice.name}+{name}"
    return Wanted(made, tables, utterances=voice.utterances, trained_vocoder=name, beside=voice.name)


def _require_copies(vocoder: Vocoder, rate: int, plugins: Registry) -> None:
    demands = vocoder.accepts()
    if any(d.kind == "units" for d in demands):
        return
    if not any(extractor_for(d, rate, plugins) for d in demands):
        raise PluginError("no installed features are what it renders")


def _has_voices(distribution: str, plugins: Registry) -> bool:
    return any(r.distribution == distribution for r in plugins.of_stage("pretrained_voice"))


def _in_order(voices: Sequence[Wanted]) -> list[Wanted]:
    """Each after those that it needs."""
    names = {w.name for w in voices}
    out: list[Wanted] = []
    rest = list(voices)
    while rest:
        done = {w.name for w in out}
        ready = [w for w in rest if all(n in done or n not in names for n in w.needs())]
        if not ready:  # they need one another: whoever makes them says so
            return [*out, *rest]
        out += ready
        rest = [w for w in rest if w not in ready]
    return out
