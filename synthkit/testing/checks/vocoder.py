# SPDX-License-Identifier: Apache-2.0
"""Vocoders, those that are trained included."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from synthkit.stages import TrainingData, Vocoder
from synthkit.testing.checks.common import check_artefacts, refused
from synthkit.testing.samples import context
from synthkit.types import FeatureSpec, Frames, Item, UnitPath, Waveform


def check_vocoder(vocoder: Vocoder, item: Item) -> Waveform:
    """`item` has an accepted spec; rendering gives finite sound of about its length, twice the same.

    Parameters
    ----------
    vocoder : Vocoder
        Ready to render.
    item : Frames or UnitPath

    Returns
    -------
    Waveform

    Raises
    ------
    AssertionError
        It does not keep to its stage's contract; the message says in what.
    """
    assert vocoder.accepts(), "accepts() is empty"
    assert any(a.accepts(item.spec) for a in vocoder.accepts()), "the item's spec is not accepted"
    for name in vocoder.adjusts:
        assert name in type(vocoder).Config.model_fields, f"adjusts names {name!r}, which is no setting"
    wave = vocoder.render(item)
    assert isinstance(wave, Waveform) and wave.samples.ndim == 1, "render() gives a mono Waveform"
    assert wave.samples.dtype == np.float32, f"samples are {wave.samples.dtype}, not float32"
    assert len(wave.samples), "no samples"
    assert np.isfinite(wave.samples).all(), "samples that are not finite"
    assert np.abs(wave.samples).max() > 1e-4, "silence"
    assert np.abs(wave.samples).max() <= 1, f"samples up to {np.abs(wave.samples).max():.2f}, beyond 1"
    assert wave.sample_rate == item.spec.sample_rate, f"{wave.sample_rate} Hz from {item.spec.sample_rate} Hz"
    twice = vocoder.render(item).samples.tobytes() == wave.samples.tobytes()
    assert twice, "not the same bytes twice"  # apart: pytest would draw the difference of thousands of bytes
    if isinstance(item, Frames):
        seconds = len(item) * item.spec.frame_period
        assert abs(wave.duration - seconds) < 0.1 + 0.05 * seconds, (
            f"{wave.duration} s from {seconds} s of frames"
        )
        none = Frames({name: a[:0] for name, a in item.data.items()}, item.spec)
        refused(lambda: vocoder.render(none), "frames of which there is none")
        refused(
            lambda: vocoder.render(Waveform(wave.samples, wave.sample_rate)), "a waveform, to be rendered"
        )
    elif isinstance(item, UnitPath):
        none_of_it = UnitPath((), item.audio, item.spec)
        refused(lambda: vocoder.render(none_of_it), "a path without units")
        refused(
            lambda: vocoder.render(Waveform(wave.samples, wave.sample_rate)), "a waveform, to be rendered"
        )
    alien = FeatureSpec("no-such-kind", item.spec.sample_rate)
    assert not any(a.accepts(alien) for a in vocoder.accepts()), "accepts() takes a kind it cannot know"
    return wave


def check_trainable_vocoder(vocoder: Vocoder, data: TrainingData, folder: Path) -> Waveform:
    """Fit, open in a new instance, render; until it is opened it refuses, and afterwards it keeps to its
    frames.

    Parameters
    ----------
    vocoder : Vocoder
        As it is registered, not fitted.
    data : TrainingData
    folder : Path
        Empty.

    Returns
    -------
    Waveform

    Raises
    ------
    AssertionError
        It does not keep to its stage's contract; the message says in what.
    """
    kind = type(vocoder)
    fitted, work, empty = folder / "fitted", folder / "work", folder / "empty"
    for each in (fitted, work, empty):
        each.mkdir(exist_ok=True)
    assert vocoder.accepts(), "accepts() is empty before it is trained; it says what it can be trained on"
    assert any(a.accepts(data.spec) for a in vocoder.accepts()), "the data's frames are not accepted"
    item = data.items[0].frames()
    refused(lambda: vocoder.render(item), "render() of a vocoder that was not opened")
    refused(lambda: kind(vocoder.config).open(empty), "open() of an empty folder")
    vocoder.fit(data, fitted, context(work))
    check_artefacts(fitted)
    opened = kind(vocoder.config)
    opened.open(fitted)
    assert any(a.accepts(data.spec) for a in opened.accepts()), (
        "it does not accept the frames it was trained on"
    )
    other = FeatureSpec(
        data.spec.kind, data.spec.sample_rate * 2, data.spec.hop_length, data.spec.streams, data.spec.params
    )
    assert not any(a.accepts(other) for a in opened.accepts()), (
        "trained at one rate it accepts frames of another: accepts() of an opened vocoder states what it "
        "learned from"
    )
    wave = check_vocoder(opened, item)
    again = kind(vocoder.config)
    again.open(fitted)
    same = again.render(item).samples.tobytes() == wave.samples.tobytes()
    assert same, "opened again it renders something else"
    return wave
