# SPDX-License-Identifier: Apache-2.0
"""One call per stage: make the input a component needs from the bundled corpora, and check it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import soundfile

from synthkit.errors import PluginError
from synthkit.pipeline.contract import extractor_for
from synthkit.plugins import registry
from synthkit.stages import FeatureExtractor
from synthkit.testing import checks, readers
from synthkit.testing.samples import (
    context,
    sample_alignment,
    sample_training_data,
    sample_utterances,
    sample_waveform,
)
from synthkit.types import Demand, Item

TEXTS = {
    "ru": ("Мама мыла раму.", "Он пришёл домой, и стало тихо!"),
    "en": ("The cat sat on the mat.", "Where is it, then?"),
}


def run(
    stage: str,
    name: str,
    folder: Path,
    *,
    settings: dict[str, Any] | None = None,
    texts: dict[str, tuple[str, ...]] | None = None,
    item: Item | None = None,
    data: Any = None,
    accepted: Demand | None = None,
    corpus: str = "bundled-ru",
    tree: Path | None = None,
) -> Any:
    """Check one registered component; see the fixture ``conformance``.

    Returns
    -------
    object
        What the component gave (frames, alignments, a waveform …), for further assertions.
    """
    if stage in ("layout", "label_format"):
        return _run_reader(stage, name, tree)
    kind = checks.check_registration(stage, name)
    component: Any = kind(kind.Config(**(settings or {})))
    if stage == "segmentation":
        known = component.languages()
        return checks.check_segmenter(component, texts or {k: v for k, v in TEXTS.items() if k in known})
    if stage == "alignment":
        segmenter = registry().load("segmentation", "text")()
        pairs = [(u, segmenter.segment(u.text, u.language)) for u in sample_utterances(corpus, 6)]
        return checks.check_aligner(component, pairs, folder)
    if stage == "features":
        return checks.check_features(component)
    if stage == "acoustic_model":
        data = data or _data_for(component, corpus, folder)
        return checks.check_acoustic_model(component, data, data.items[0].segmentation, folder)
    if stage == "vocoder":
        return checks.check_vocoder(component, item if item is not None else _item_for(component))
    if stage == "adapter":
        if item is None or accepted is None:
            raise PluginError("an adapter is checked with item= and accepted=")
        return checks.check_adapter(component, item, accepted)
    if stage == "metric":
        checks.check_metric(type(component))
        return component
    if stage == "executor":
        return checks.check_executor(component)
    if stage == "speaker_encoder":
        return checks.check_speaker_encoder(component)
    raise PluginError(f"the conformance kit has no checks for stage {stage!r}")


def _run_reader(stage: str, name: str, folder: Path | None) -> Any:
    """Readers have no settings: they are told what to read by the folder or the file."""
    registration = registry().find(stage, name)
    assert registration.summary, f"{stage} {name!r} has no summary; `synthkit plugins` shows it"
    reader: Any = registration.load()()
    base = checks.BASES[stage]
    assert issubclass(type(reader), base), f"{registration.reference} is no {base.__name__}"
    if stage == "label_format":
        return readers.check_label_format(reader)
    if folder is None:
        raise PluginError("a layout is checked with tree=, a folder with a small corpus")
    return readers.check_layout(reader, folder)


def _data_for(model: Any, corpus: str, folder: Path) -> Any:
    frames = folder / "frames"
    frames.mkdir()
    rate = int(soundfile.info(sample_utterances(corpus, 1)[0].audio).samplerate)
    return sample_training_data(corpus, features=_extractor(model.consumes, rate), folder=frames)


def _item_for(vocoder: Any) -> Item:
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


__all__ = ["context", "run"]
