# SPDX-License-Identifier: Apache-2.0
"""The conformance kit on names, settings and what is no stage: executors, encoders, corpora, commands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
import numpy as np
import pytest
import testing_toys as toys
from testing_toys import broken, fails

from synthkit.settings import Field, Settings
from synthkit.testing import checks
from synthkit.testing.wrong import wrong_values
from synthkit.types import Demand

# Names


@pytest.mark.parametrize(
    ("stage", "kind", "parts", "meant"),
    [
        ("vocoder", toys.Hum, {"trainabel": True}, "trainable"),
        ("vocoder", toys.Hum, {"opne": lambda self, folder: None}, "open"),
        ("vocoder", toys.Hum, {"Cofnig": Settings}, "Config"),
        ("metric", toys.Level, {"compatibel": True}, "compatible"),
    ],
)
def test_a_misspelt_attribute_is_named_with_the_one_that_was_meant(stage, kind, parts, meant):
    fails(lambda: checks.check_class(stage, type(broken(kind, **parts)), "X"), f"did you mean {meant!r}")


def test_attributes_of_a_class_of_its_own_are_its_own():
    own = broken(toys.Hum, closed=True, versions=("a", "b"), hum_hz=100.0)
    checks.check_class("vocoder", type(own), "X")
    fails(lambda: checks.check_class("vocoder", toys.Loudness, "X"), "is no Vocoder")


@pytest.mark.parametrize(
    ("demands", "said"), [(Demand("hum"), "is a Demand, no tuple"), (("hum",), "holds a str")]
)
def test_demands_that_are_no_tuple_of_demands(demands, said):
    checks.check_demands((Demand("hum"),), "accepts()")
    fails(lambda: checks.check_demands(demands, "accepts()"), said)


# Settings


class Loose(Settings):
    value: Any = 1


class Endless(Settings):
    seconds: float = 1.0


class Polite(Settings):
    speed: float = Field(1.0, gt=0, le=4)

    @classmethod
    def prepare(cls, values):
        return {"speed": min(max(values.get("speed", 1.0), 0.1), 4.0)} if values else values


class Mumbles(Settings):
    speed: float = Field(1.0, gt=0, le=4)

    @classmethod
    def prepare(cls, values):
        try:
            float(values.get("speed", 1.0))
        except (TypeError, ValueError):
            raise ValueError("bad value") from None
        return values


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Loose, "value takes values of every type"),
        (Endless, "seconds is a number without limits"),
        (Polite, "lets unknown keys pass"),
        (Mumbles, "refuses 'speed' without naming it"),
        (dict, "no synthkit.settings.Settings"),
    ],
)
def test_settings(kind, said):
    fails(lambda: checks.check_settings(kind, "X"), said)


def test_every_setting_is_tried_with_another_type_and_beyond_its_limits():
    checks.check_settings(toys.Typed, "Typed")
    tried = {(w.field, w.why) for w in wrong_values(toys.Typed)}
    assert tried == {
        ("mode", "another type"),
        ("speed", "another type"),
        ("speed", "below gt=0"),
        ("speed", "above le=4"),
        ("speed", "no number"),
        ("speed", "without end"),
        ("count", "another type"),
        ("count", "below ge=1"),
    }


# The others


def test_executors():
    def check(**parts):
        return checks.check_executor(broken(toys.Serial, **parts))

    def swallows(self, function, items):
        for item in items:
            try:
                yield function(item)
            except Exception:
                return

    check()
    fails(lambda: check(map=lambda self, f, items: reversed([f(i) for i in items])), "other bytes")
    fails(lambda: check(map=swallows), "an item's error is not raised")


def test_converters(tmp_path):
    number = iter(range(100))

    def check(**parts):
        folder = tmp_path / str(next(number))
        folder.mkdir()
        return checks.check_converter(broken(toys.Tilt, **parts), folder)

    def changed(change):
        return lambda self, w: change(toys.Tilt.convert(self, w))

    def away(self, folder):
        toys.Tilt.open(self, folder)
        self.tilt = -self.tilt

    made = check()
    assert made.sample_rate == 16000
    fails(lambda: check(convert=changed(lambda w: replace(w, samples=w.samples[:-1]))), "times would be")
    fails(lambda: check(convert=changed(lambda w: replace(w, samples=2 * np.sign(w.samples)))), "beyond 1")
    fails(lambda: check(convert=changed(lambda w: replace(w, sample_rate=8000))), "8000 Hz from 16000 Hz")
    fails(lambda: check(convert=changed(lambda w: replace(w, samples=w.samples * np.nan))), "not finite")
    fails(lambda: check(open=away), "goes away from the target")
    fails(lambda: check(convert=lambda self, w: w), "not opened.* is not refused")
    fails(lambda: check(learn=lambda self, pairs, folder, ctx: None), "learn.. of nothing is not refused")


def test_speaker_encoders():
    def check(**parts):
        return checks.check_speaker_encoder(broken(toys.Spectrum, **parts))

    one = np.zeros(100, np.float32)
    one[0] = 1
    check()
    fails(lambda: check(embed=lambda self, w: 2 * toys.Spectrum.embed(self, w)), "of length 2.000")
    fails(lambda: check(embed=lambda self, w: toys.Spectrum.embed(self, w).astype(np.float64)), "float64")
    fails(lambda: check(embed=lambda self, w: one), "two speakers' 1.00")
    fails(
        lambda: check(embed=lambda self, w: toys.Spectrum.embed(self, w) if w.samples.any() else one),
        "silence is not refused",
    )


def test_corpora(tmp_path):
    number = iter(range(100))

    def check(name="tones", **parts):
        folder = tmp_path / str(next(number))
        folder.mkdir()
        return checks.check_corpus(broken(toys.Tones, **parts), name, folder, source=folder)

    def silent(self, folder, source, log, progress):
        corpus = toys.Tones.make(self, folder, source, log, progress)
        (folder / "one.wav").write_bytes(b"RIFF")
        return corpus

    check()
    fails(lambda: check(name="other"), "registered as 'other'")
    fails(lambda: check(licence=""), "licence is empty")
    fails(lambda: check(languages=("ru",)), "not in languages")
    fails(lambda: check(make=silent), "cannot be used, first one")


def test_commands():
    checks.check_command(toys.hello, "hello")

    @click.command(help="")
    def dumb():
        pass

    @click.group(help="Several.")
    def several():
        pass

    @several.command(help="One.")
    @click.option("--what")
    def one(what):
        pass

    @click.command(help="Takes anything.", context_settings={"ignore_unknown_options": True})
    @click.argument("rest", nargs=-1)
    def anything(rest):
        pass

    fails(lambda: checks.check_command(dumb, "dumb"), "dumb: no help")
    fails(lambda: checks.check_command(several, "several"), "several one --what: no help")
    fails(lambda: checks.check_command(anything, "anything"), "--no-such-option ends with 0")
    fails(lambda: checks.check_command(print, "print"), "no click command")
