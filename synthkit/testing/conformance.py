# SPDX-License-Identifier: Apache-2.0
"""One call per component: make the input it needs from the bundled corpora, and check it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile

from synthkit.errors import MissingDependency, PluginError
from synthkit.eval.sample import EvalSample
from synthkit.offers import Registration
from synthkit.pipeline.contract import extractor_for
from synthkit.plugins import registry
from synthkit.stages import FeatureExtractor, TrainingData
from synthkit.testing import checks
from synthkit.testing.declared import undeclared
from synthkit.testing.samples import (
    sample_alignment,
    sample_speech,
    sample_training_data,
    sample_utterances,
    sample_waveform,
)
from synthkit.types import Demand, Item

TEXTS = {
    "ru": ("Мама мыла раму.", "Он пришёл домой, и стало тихо!"),
    "en": ("The cat sat on the mat.", "Where is it, then?"),
}


WITHOUT_SETTINGS = ("command", "corpus", "layout", "label_format", "pretrained_voice")
"""Stages whose components are told nothing by a configuration."""


@dataclass(frozen=True)
class Provided:
    """What the caller gives a check to work with; what is left out is made from the bundled corpora.

    Attributes
    ----------
    folder : Path
        Empty, for whatever is written.
    texts : mapping of str to sequence of str, optional
        For a segmenter: sentences by language.
    item : Frames or UnitPath, optional
        For a vocoder or an adapter.
    accepted : Demand, optional
        For an adapter: what it is to reach.
    data : TrainingData, optional
        For what is trained.
    sample : EvalSample, optional
        For a metric.
    tree : Path, optional
        For a layout: a small corpus laid out so.
    source : Path, optional
        For a corpus: a folder with its downloads.
    corpus : str
        Where recordings are taken from.
    """

    folder: Path
    texts: Mapping[str, Sequence[str]] | None = None
    item: Item | None = None
    accepted: Demand | None = None
    data: TrainingData | None = None
    sample: EvalSample | None = None
    tree: Path | None = None
    source: Path | None = None
    corpus: str = "bundled-ru"


def run(
    stage: str, name: str, folder: Path, *, settings: Mapping[str, Any] | None = None, **given: Any
) -> Any:
    """Check one registered component.

    Parameters
    ----------
    stage, name : str
    folder : Path
        Empty.
    settings : mapping, optional
        Of the component.
    **given
        See `Provided`.

    Returns
    -------
    object
        What the component gave (frames, alignments, a waveform …), for further assertions.

    Raises
    ------
    AssertionError
        It does not keep its contract; the message says in what.
    MissingDependency
        A package it needs, and declares, is not installed; the hint says how.
    """
    try:
        how = CHECKS[stage]
    except KeyError:
        raise PluginError(f"the conformance kit has no checks for stage {stage!r}") from None
    wanted = Provided(folder, **given)
    found = registry().find(stage, name)
    component = _load(found)
    if stage in WITHOUT_SETTINGS:
        assert found.summary, f"{stage} {name!r} has no summary; `synthkit plugins` shows it"
        if stage == "command":
            return how(component, name, wanted)
        checks.check_class(stage, component, found.reference)
        return how(component(), name, wanted)
    kind = checks.check_registration(stage, name)
    return how(kind(kind.Config(**(settings or {}))), name, wanted)


def _load(found: Registration) -> Any:
    """The component; a package that its distribution does not declare is no optional dependency."""
    try:
        return found.load()
    except MissingDependency as error:
        missing = getattr(error.__cause__, "name", None)
        why = undeclared(missing, found.distribution) if missing else ""
        assert not why, f"{found.reference} imports {missing!r}, {why}"
        raise


def _segmenter(component: Any, name: str, given: Provided) -> None:
    known = component.languages()
    checks.check_segmenter(
        component, given.texts or {k: v for k, v in TEXTS.items() if k in known or "*" in known}
    )


def _aligner(component: Any, name: str, given: Provided) -> Any:
    segmenter = registry().load("segmentation", "text")()
    pairs = [(u, segmenter.segment(u.text, u.language)) for u in sample_utterances(given.corpus, 6)]
    return checks.check_aligner(component, pairs, given.folder)


def _features(component: Any, name: str, given: Provided) -> Any:
    return checks.check_features(component)


def _acoustic_model(component: Any, name: str, given: Provided) -> Item:
    checks.check_demands(component.consumes, f"consumes of {name!r}")
    data = given.data or _data(component.consumes, given)
    return checks.check_acoustic_model(component, data, data.items[0].segmentation, given.folder)


def _prosody(component: Any, name: str, given: Provided) -> Any:
    checks.check_demands(component.consumes, f"consumes of {name!r}")
    data = given.data or _data(component.consumes, given)
    return checks.check_prosody_model(component, data, data.items[0].segmentation, given.folder)


def _vocoder(component: Any, name: str, given: Provided) -> Any:
    checks.check_demands(component.accepts(), f"accepts() of {name!r}")
    if component.trainable and given.item is None:
        data = given.data or _data(component.accepts(), given)
        return checks.check_trainable_vocoder(component, data, given.folder)
    return checks.check_vocoder(component, given.item if given.item is not None else _item(component))


def _adapter(component: Any, name: str, given: Provided) -> Item:
    if given.item is None or given.accepted is None:
        raise PluginError("an adapter is checked with item= and accepted=")
    return checks.check_adapter(component, given.item, given.accepted)


def _metric(component: Any, name: str, given: Provided) -> Any:
    return checks.check_metric(component, given.sample or sample_speech(given.corpus))


def _layout(reader: Any, name: str, given: Provided) -> Any:
    if given.tree is None:
        raise PluginError("a layout is checked with tree=, a folder with a small corpus")
    return checks.check_layout(reader, given.tree)


def _data(demands: Sequence[Demand], given: Provided) -> TrainingData:
    frames = given.folder / "frames"
    frames.mkdir()
    rate = int(soundfile.info(sample_utterances(given.corpus, 1)[0].audio).samplerate)
    return sample_training_data(given.corpus, features=_extractor(demands, rate), folder=frames)


def _item(vocoder: Any) -> Item:
    """Frames of the sample sound under a spec the vocoder accepts, or a unit path over a recording."""
    for accepted in vocoder.accepts():
        if accepted.kind == "units":
            from synthkit.pipeline.copy import recording_path

            return recording_path(sample_waveform(16000), sample_alignment())
    extractor = _extractor(vocoder.accepts(), 16000)
    return extractor.extract(sample_waveform(extractor.spec.sample_rate), sample_alignment())


def _extractor(demands: Sequence[Demand], rate: int) -> FeatureExtractor:
    """The first installed extractor that meets one of `demands`, at `rate` Hz where they leave that open."""
    for demand in demands:
        found = extractor_for(demand, rate, registry())
        if found is not None:
            return found[1]
    raise PluginError("no installed feature plugin gives the frames that this asks for; pass item= or data=")


def _pretrained_voice(component: Any, name: str, given: Provided) -> None:
    checks.check_pretrained_voice(component, given.folder)


CHECKS: dict[str, Callable[[Any, str, Provided], Any]] = {
    "segmentation": _segmenter,
    "alignment": _aligner,
    "features": _features,
    "acoustic_model": _acoustic_model,
    "prosody": _prosody,
    "vocoder": _vocoder,
    "conversion": lambda component, name, given: checks.check_converter(component, given.folder),
    "adapter": _adapter,
    "metric": _metric,
    "pretrained_voice": _pretrained_voice,
    "speaker_encoder": lambda component, name, given: checks.check_speaker_encoder(component),
    "executor": lambda component, name, given: checks.check_executor(component),
    "corpus": lambda recipe, name, given: checks.check_corpus(recipe, name, given.folder, given.source),
    "layout": _layout,
    "label_format": lambda reader, name, given: checks.check_label_format(reader),
    "command": lambda command, name, given: checks.check_command(command, name),
}
"""By stage, what is asked of a made component of that name with what is given."""
