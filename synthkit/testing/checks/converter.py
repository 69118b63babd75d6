# SPDX-License-Identifier: Apache-2.0
"""Converters: from what a voice says to what another speaker would sound like."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from synthkit.stages import Converter
from synthkit.testing.checks.common import check_artefacts, refused
from synthkit.testing.samples import context, sample_pairs
from synthkit.types import Waveform


def check_converter(converter: Converter, folder: Path) -> Waveform:
    """It learns of pairs, comes back in a new instance, and brings speech nearer to the target, in step with
    what it was given.

    Parameters
    ----------
    converter : Converter
        As it is registered; it has learned nothing.
    folder : Path
        Empty.

    Returns
    -------
    Waveform
        What it made of a sentence.

    Raises
    ------
    AssertionError
        It does not keep to its stage's contract; the message says in what.
    """
    kind, pairs = type(converter), sample_pairs()
    said, wanted = pairs[0]
    rate = said.sample_rate
    learned, work, empty = folder / "learned", folder / "work", folder / "empty"
    for each in (learned, work, empty):
        each.mkdir(exist_ok=True)
    refused(lambda: converter.convert(said), "convert() of a converter that was not opened")
    refused(lambda: kind(converter.config).learn([], empty, context(work)), "learn() of nothing")
    converter.learn(pairs, learned, context(work))
    check_artefacts(learned)
    opened, again = kind(converter.config), kind(converter.config)
    opened.open(learned)
    made = opened.convert(said)
    check_in_step(made, said)
    again.open(learned)
    same = again.convert(said).samples.tobytes() == made.samples.tobytes()
    assert same, "opened again it makes something else"
    near, far = _apart(made, wanted), _apart(said, wanted)
    assert near < far, f"it goes away from the target: {near:.2f} from it after, {far:.2f} before"
    for length in (0, 1, 79, rate // 2):
        check_in_step(opened.convert(_silence(length, rate)), _silence(length, rate))
    check_in_step(opened.convert(Waveform(said.samples[: rate // 50], rate)), _silence(rate // 50, rate))
    other = Waveform(said.samples, rate * 2)
    refused(lambda: opened.convert(other), "a waveform at another rate than it learned at")
    opened.close()
    kind(converter.config).close()  # one that was never opened can be closed
    return made


def check_in_step(made: Waveform, said: Waveform) -> None:
    """A conversion is a sound of the rate and the length of what was given.

    Parameters
    ----------
    made, said : Waveform
        After and before.

    Raises
    ------
    AssertionError
        It is not.
    """
    assert isinstance(made, Waveform) and made.samples.ndim == 1, "convert() gives a mono Waveform"
    assert made.samples.dtype == np.float32, f"samples are {made.samples.dtype}, not float32"
    assert made.sample_rate == said.sample_rate, f"{made.sample_rate} Hz from {said.sample_rate} Hz"
    assert len(made.samples) == len(said.samples), (
        f"{len(made.samples)} samples of {len(said.samples)}: times would be wrong behind it"
    )
    assert np.isfinite(made.samples).all(), "samples that are not finite"
    assert not len(made.samples) or np.abs(made.samples).max() <= 1, "samples beyond 1"


def _silence(length: int, rate: int) -> Waveform:
    return Waveform(np.zeros(length, np.float32), rate)


def _apart(one: Waveform, other: Waveform) -> float:
    """Distance of two long-term spectra, root mean square in nepers over 40 bands, levels left out."""
    spectra = []
    for w in (one, other):
        frames = w.samples[: len(w.samples) // 512 * 512].reshape(-1, 512)
        power = (np.abs(np.fft.rfft(frames * np.hanning(512))) ** 2).mean(0)[1:201].reshape(40, 5).mean(1)
        spectra.append(np.log(power + 1e-9))
    off = spectra[0] - spectra[1]
    return float(np.sqrt(((off - off.mean()) ** 2).mean()))
