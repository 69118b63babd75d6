# SPDX-License-Identifier: Apache-2.0
"""What each stage's contract asks, as checks that use the component."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from synthkit import audio
from synthkit.corpora import Layout
from synthkit.errors import SynthkitError, TextError
from synthkit.eval import Metric
from synthkit.labels import LabelFormat
from synthkit.pipeline.executors import Executor
from synthkit.plugins import registry
from synthkit.settings import Settings
from synthkit.stages import (
    AcousticModel,
    Adapter,
    Aligner,
    Component,
    FeatureExtractor,
    Request,
    Segmenter,
    SpeakerEncoder,
    TrainingData,
    Vocoder,
)
from synthkit.testing import functions
from synthkit.testing.samples import context, sample_alignment, sample_utterances, sample_waveform
from synthkit.types import (
    PAUSE,
    Alignment,
    Demand,
    FeatureSpec,
    Frames,
    Item,
    Segmentation,
    UnitPath,
    Utterance,
    Waveform,
)

BASES: dict[str, type] = {
    "segmentation": Segmenter,
    "alignment": Aligner,
    "features": FeatureExtractor,
    "acoustic_model": AcousticModel,
    "vocoder": Vocoder,
    "adapter": Adapter,
    "speaker_encoder": SpeakerEncoder,
    "executor": Executor,
    "layout": Layout,
    "label_format": LabelFormat,
}


def check_registration(stage: str, name: str) -> type[Component]:
    """The component is registered, loads, is of its stage's base class and has typed settings."""
    r = registry().find(stage, name)
    kind = r.load()
    base = BASES.get(stage)
    assert base is None or issubclass(kind, base), f"{r.reference} is no {base.__name__}"
    assert issubclass(kind.Config, Settings), f"{r.reference}.Config is no synthkit.settings.Settings"
    with suppress(ValueError):
        kind.Config(**{"no such key": 1})
        raise AssertionError(f"{r.reference}.Config lets unknown keys pass")
    assert r.summary, f"{stage} {name!r} has no summary; `synthkit plugins` shows it"
    defaults = kind.Config()
    again = kind.Config.model_validate_json(defaults.model_dump_json())
    assert again == defaults, f"{r.reference}.Config does not come back from JSON"
    return kind  # type: ignore[no-any-return]


def check_segmenter(segmenter: Segmenter, texts: Mapping[str, Sequence[str]]) -> None:
    """`texts` are sentences by language; every one has to be spoken whole, and nothing else."""
    assert segmenter.languages(), "languages() is empty"
    pickle.loads(pickle.dumps(segmenter.config))  # workers get the settings
    for language, sentences in texts.items():
        for text in sentences:
            got = segmenter.segment(text, language)
            assert isinstance(got, Segmentation), "segment() gives a Segmentation"
            assert got.text == text, "Segmentation.text is the text as given"
            assert got.words, f"{text!r}: no words"
            assert all(w.phones for w in got.words), f"{text!r}: a word without phones"
            assert all(p.symbol != PAUSE for p in got.phones()), "pauses are breaks, never phones of a word"
            assert {w.break_after for w in got.words} <= {0, 1, 2, 3}, "break_after is 0, 1, 2 or 3"
            assert got == segmenter.segment(text, language), "the same text gives the same segmentation"
            assert Segmentation.from_dict(got.to_dict()) == got, "to_dict() loses something"
            unknown = {p.symbol for p in got.phones()} - set(segmenter.phones(language))
            assert not unknown, f"phones not in phones({language!r}): {sorted(unknown)}"
        for nothing in ("", "   ", "…!?"):
            _raises(
                TextError,
                lambda t=nothing, lang=language: segmenter.segment(t, lang),
                f"segment({nothing!r})",
            )


def check_aligner(
    aligner: Aligner, items: Sequence[tuple[Utterance, Segmentation]], work: Path
) -> dict[str, Alignment]:
    """Every utterance gets a contiguous alignment of its own phones, or a reason."""
    found = aligner.align(items, context(work))
    assert set(found) == {u.id for u, _ in items}, "align() answers for every utterance and no other"
    good = {}
    for id_, alignment in found.items():
        if isinstance(alignment, Exception):
            assert isinstance(alignment, SynthkitError), f"{id_}: {alignment!r} is no SynthkitError"
            continue
        check_alignment(alignment)
        good[id_] = alignment
    assert good, f"nothing was aligned: {found}"
    return good


def check_alignment(alignment: Alignment) -> None:
    """Contiguous phones from 0 to the end; word edges on phone edges."""
    phones = alignment.phones
    assert phones and phones[0].start == 0.0, f"{alignment.id}: does not begin at 0"
    assert abs(phones[-1].end - alignment.duration) < 1e-6, f"{alignment.id}: does not reach the end"
    for a, b in zip(phones, phones[1:], strict=False):
        assert a.end == b.start, f"{alignment.id}: a gap or overlap at {a.end} s"
    assert all(p.end > p.start for p in phones), f"{alignment.id}: a phone of no length"
    edges = {p.start for p in phones} | {p.end for p in phones}
    for word in alignment.words:
        assert word.start in edges and word.end in edges, f"{alignment.id}: {word.label!r} cuts a phone"
    assert Alignment.from_dict(alignment.to_dict()) == alignment, "to_dict() loses something"


def check_features(extractor: FeatureExtractor) -> Frames:
    """Frames keep the spec, have the expected number, and are the same twice."""
    spec = extractor.spec
    assert FeatureSpec.from_dict(spec.to_dict()) == spec, "the spec does not come back from a dict"
    wave = sample_waveform(spec.sample_rate)
    frames = extractor.extract(wave, sample_alignment()).check()
    assert frames.spec == spec, "frames carry the extractor's spec"
    assert spec.hop_length is not None, "the spec of frames states their hop_length"
    expected = len(wave.samples) / spec.hop_length
    assert abs(len(frames) - expected) <= 2, f"{len(frames)} frames, expected about {expected:.0f}"
    again = extractor.extract(wave, sample_alignment())
    assert all(frames[s].tobytes() == again[s].tobytes() for s in spec.names), "not the same bytes twice"
    _raises(
        SynthkitError,
        lambda: extractor.extract(Waveform(wave.samples, spec.sample_rate + 1)),
        "a waveform at another sample rate",
    )
    return frames


def check_acoustic_model(
    model: AcousticModel, data: TrainingData, segmentation: Segmentation, folder: Path
) -> Item:
    """Fit, open in a new instance, predict; the prediction keeps the promised spec and repeats."""
    fitted = folder / "fitted"
    fitted.mkdir()
    (folder / "work").mkdir(exist_ok=True)
    model.fit(data, fitted, context(folder / "work"))
    files = [p for p in fitted.rglob("*") if p.is_file()]
    assert files, "fit() wrote nothing"
    unsafe = [p.name for p in files if p.suffix in (".pkl", ".pickle", ".pt", ".pth", ".joblib")]
    assert not unsafe, f"pickled artefacts: {unsafe}"
    spec = model.produces(data.spec)
    results = []
    for _ in range(2):
        opened = type(model)(model.config)
        opened.open(fitted)
        results.append(opened.predict(Request(segmentation)))
        _raises(
            SynthkitError,
            lambda m=opened: m.predict(Request(segmentation, options={"no-such-option": 1})),
            "an unknown option",
        )
        opened.close()
    first, second = results
    assert _bytes(first) == _bytes(second), "the same request does not give the same prediction"
    if isinstance(first, Frames):
        first.check()
        assert first.spec == spec, f"produces() promised {spec}, predict() gave {first.spec}"
    elif isinstance(first, UnitPath):
        assert spec.kind == "units", "produces() of a unit path has kind 'units'"
        check_unit_path(first)
    else:
        assert spec.kind == "waveform", "produces() of a waveform has kind 'waveform'"
    return first


def check_unit_path(path: UnitPath) -> None:
    """Units follow the phones, and their costs sum to the path's cost."""
    assert path.units, "a path without units"
    order = [u.phone for u in path.units]
    assert order == sorted(order), "units do not follow the phones"
    assert all(u.end > u.start for u in path.units), "a unit of no length"
    total = sum(u.cost for u in path.units)
    assert abs(total - path.cost) <= 1e-6 * max(1.0, abs(path.cost)), f"costs sum to {total}, not {path.cost}"


def check_vocoder(vocoder: Vocoder, item: Item) -> Waveform:
    """`item` has an accepted spec; rendering gives finite sound of about its length, twice the same."""
    assert vocoder.accepts(), "accepts() is empty"
    assert any(a.accepts(item.spec) for a in vocoder.accepts()), "the item's spec is not accepted"
    wave = vocoder.render(item)
    assert isinstance(wave, Waveform) and wave.samples.ndim == 1, "render() gives a mono Waveform"
    assert wave.samples.dtype == np.float32, f"samples are {wave.samples.dtype}, not float32"
    assert len(wave.samples), "no samples"
    assert np.isfinite(wave.samples).all(), "samples that are not finite"
    assert np.abs(wave.samples).max() > 1e-4, "silence"
    assert vocoder.render(item).samples.tobytes() == wave.samples.tobytes(), "not the same bytes twice"
    if isinstance(item, Frames):
        seconds = len(item) * item.spec.frame_period
        assert abs(wave.duration - seconds) < 0.1 + 0.05 * seconds, (
            f"{wave.duration} s from {seconds} s of frames"
        )
    return wave


def check_adapter(adapter: Adapter, item: Item, accepted: Demand) -> Item:
    """The bridge it promises is the one it gives; it refuses what it cannot bridge."""
    spec = adapter.bridge(item.spec, accepted)
    assert spec is not None, "bridge() refuses"
    assert accepted.accepts(spec), f"bridge() promises what is not accepted: {accepted.differences(spec)}"
    got = adapter.adapt(item, spec)
    assert got.spec == spec, "adapt() gives another spec than bridge() promised"
    if isinstance(got, Frames):
        got.check()
    alien = FeatureSpec("no-such-kind", 1)
    assert adapter.bridge(alien, accepted) is None, "bridge() promises to bridge a kind it cannot know"
    return got


def check_metric(metric: type[Metric]) -> None:
    """The metric says exactly what each of its figures is."""
    assert metric.gives, f"{metric.__name__}.gives is empty: which figures does it give?"
    for d in metric.gives:
        assert d.title and d.metric and d.id, f"{metric.__name__}: a figure without a name"
        assert len(d.text.split()) > 5, f"{d.key}: its text does not let anybody get the same figure"
        assert d.better in ("lower", "higher", "none"), f"{d.key}: better is {d.better!r}"
    keys = [d.key for d in metric.gives]
    assert len(set(keys)) == len(keys), f"{metric.__name__} gives a figure twice: {keys}"


def check_executor(executor: Executor) -> None:
    """Results in the order of the items and as a plain loop gives them; errors come through whole."""
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
    executor.close()
    executor.close()  # closing twice is no error


def check_speaker_encoder(encoder: SpeakerEncoder) -> np.ndarray:
    """A real recording has one embedding of unit length, the same twice; nothing but silence is refused."""
    wave = audio.read(sample_utterances(count=1)[0].audio)
    got = encoder.embed(wave)
    assert got.ndim == 1 and got.dtype == np.float32, (
        f"embed() gives {got.dtype} {got.shape}, not float32 (D,)"
    )
    assert abs(float(np.linalg.norm(got)) - 1) < 1e-3, (
        f"an embedding of length {np.linalg.norm(got):.3f}, not 1"
    )
    assert encoder.embed(wave).tobytes() == got.tobytes(), "not the same bytes twice"
    silence = Waveform(np.zeros(16000, np.float32), 16000)
    _raises(SynthkitError, lambda: encoder.embed(silence), "silence")
    return got


def _bytes(item: Item) -> bytes:
    if isinstance(item, Frames):
        return b"".join(a.tobytes() for a in item.data.values())
    if isinstance(item, Waveform):
        return item.samples.tobytes()
    return repr([(u.index, u.source, u.start, u.end, u.cost) for u in item.units]).encode()


def _raises(kind: type[Exception], action: Any, what: str) -> None:
    try:
        action()
    except kind:
        return
    raise AssertionError(f"{what} is not refused with a {kind.__name__}")
