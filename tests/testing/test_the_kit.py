# SPDX-License-Identifier: Apache-2.0
"""The conformance kit passes what keeps its contract, and says of everything else what is wrong with it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
import testing_toys as toys

from synthkit.errors import MissingDependency, PluginError
from synthkit.eval import Definition
from synthkit.settings import Field, Settings
from synthkit.testing import checks, sample_speech, sample_utterances
from synthkit.testing.conformance import run
from synthkit.testing.declared import undeclared
from synthkit.testing.wrong import wrong_values
from synthkit.types import Alignment, Demand, Frames, Interval, Waveform


def fails(action, said):
    with pytest.raises(AssertionError, match=said):
        action()


def broken(kind: type, **parts: Any) -> Any:
    """An instance of `kind` with other parts."""
    return type(kind.__name__, (kind,), parts)()


# Segmenters


def without_last(self, text, language):
    got = toys.Letters.segment(self, text, language)
    return replace(got, text=text.strip("."))


def with_a_pause(self, text, language):
    got = toys.Letters.segment(self, text, language)
    word = replace(got.words[0], phones=(toys.Phone("pau", 0), *got.words[0].phones))
    return replace(got, words=(word, *got.words[1:]))


def test_segmenters():
    texts = {"en": ("cats sat.", "a b")}

    def check(**parts):
        checks.check_segmenter(broken(toys.Letters, **parts), texts)

    texts = {"en": ("cats sat", "a b")}
    check()
    count = iter(range(100))
    fails(lambda: check(languages=lambda self: ()), "languages")
    fails(lambda: check(phones=lambda self, language: ("a",)), "phones not in phones")
    fails(lambda: check(segment=with_a_pause), "pauses are breaks")
    fails(
        lambda: check(segment=lambda s, t, la: replace(toys.Letters.segment(s, t, la), words=())), "no words"
    )
    fails(
        lambda: check(
            segment=lambda s, t, la: replace(toys.Letters.segment(s, t, la), phone_set=str(next(count)))
        ),
        "the same segmentation",
    )
    fails(
        lambda: check(segment=lambda s, t, la: toys.Letters.segment(s, t or "a", la)),
        "segment.* is not refused",
    )
    fails(
        lambda: check(segment=lambda s, t, la: toys.Letters.segment(s, t, la) if t.strip() else {}[t]),
        r"segment\(''\) ends in KeyError",
    )
    texts = {"en": ("cats sat.",)}
    fails(lambda: check(segment=without_last), "no words|text as given")
    texts = {}
    fails(check, "no text to check it with")


# Aligners


def test_aligners(tmp_path):
    text = toys.Letters()
    pairs = [
        (replace(u, text="cats sat"), text.segment("cats sat", "en"))
        for u in sample_utterances("bundled-en", 2)
    ]

    def check(**parts):
        return checks.check_aligner(broken(toys.Evenly, **parts), pairs, tmp_path)

    def one(change):
        return lambda self, u, s: change(toys.Evenly.one(self, u, s))

    def gap(a: Alignment) -> Alignment:
        first, *rest = a.phones
        return replace(a, phones=(replace(first, end=first.end - 0.01), *rest))

    check()
    fails(lambda: check(align=lambda self, items, ctx: {}), "answers once for every utterance")
    fails(lambda: check(one=one(gap)), "a gap or overlap")
    fails(lambda: check(one=one(lambda a: replace(a, duration=a.duration + 1))), "does not reach the end")
    fails(lambda: check(one=one(lambda a: replace(a, words=(Interval(0.0, 0.05, "w"),)))), "'w' cuts a phone")
    fails(lambda: check(one=lambda self, u, s: ValueError("no")), "no SynthkitError")
    fails(lambda: check(one=lambda self, u, s: PluginError("no")), "nothing was aligned")


# Features and adapters


def test_features():
    def check(**parts):
        return checks.check_features(broken(toys.Loudness, **parts))

    def extracted(change):
        return lambda self, w, a=None: change(toys.Loudness.extract(self, w, a))

    def twice(frames: Frames) -> Frames:
        return Frames({"level": np.repeat(frames["level"], 2)}, frames.spec)

    rng = np.random.default_rng(0)

    def noisy(frames: Frames) -> Frames:
        return Frames(
            {"level": frames["level"] + rng.standard_normal(len(frames)).astype(np.float32)}, frames.spec
        )

    check()
    fails(lambda: check(extract=extracted(twice)), "frames, expected about")
    fails(lambda: check(extract=extracted(noisy)), "not the same bytes twice")
    fails(lambda: check(extract=extracted(lambda f: replace(f, spec=replace(f.spec, hop_length=7)))), "carry")
    anything = extracted(lambda f: f)
    fails(
        lambda: check(extract=lambda self, w, a=None: anything(self, Waveform(w.samples, 16000))),
        "another sample rate is not refused",
    )
    fails(
        lambda: check(
            extract=lambda self, w, a=None: anything(self, replace(w, samples=np.nan_to_num(w.samples)))
        ),
        "a recording of NaN is not refused",
    )
    fails(
        lambda: check(matching=classmethod(lambda cls, accepted, rate: cls())),
        "gives another spec",
    )
    with pytest.raises(ValueError, match="float64, not float32"):
        check(extract=extracted(lambda f: Frames({"level": f["level"].astype(np.float64)}, f.spec)))


def test_adapters():
    item = toys.Loudness().extract(toys.sample_waveform())

    def check(**parts):
        return checks.check_adapter(broken(toys.Halves, **parts), item, Demand("softness"))

    check()
    fails(lambda: check(bridge=lambda self, p, a: None), "refuses")
    fails(lambda: check(bridge=lambda self, p, a: p), "promises what is not accepted")
    fails(lambda: check(adapt=lambda self, item, spec: item), "another spec than")
    fails(lambda: check(describe=lambda self, p, s: ""), "says nothing")
    promise = toys.Halves().bridge(item.spec, Demand("softness"))
    fails(lambda: check(bridge=lambda self, p, a: promise), "a kind it cannot know")


# Acoustic models


def is_number(value):
    return isinstance(value, float)


def test_acoustic_models(tmp_path):
    data = toys.toy_data()
    number = iter(range(100))

    def check(**parts):
        folder = tmp_path / str(next(number))
        folder.mkdir()
        model = broken(toys.Repeats, **parts)
        return checks.check_acoustic_model(model, data, data.items[0].segmentation, folder)

    def pickled(self, data, folder, ctx):
        toys.Repeats.fit(self, data, folder, ctx)
        (folder / "model.pkl").write_bytes(b"")

    def forgetful(self, folder):
        self.frames = Frames({"level": np.zeros(3, np.float32)}, data.spec)

    rng = np.random.default_rng(0)

    def random(self, request):
        frames = toys.Repeats.predict(self, request)
        return Frames({"level": rng.standard_normal(len(frames)).astype(np.float32)}, frames.spec)

    check()
    fails(lambda: check(consumes=(Demand("mel"),)), "not what `consumes` asks for")
    fails(lambda: check(fit=lambda self, data, folder, ctx: None), "wrote nothing")
    fails(lambda: check(fit=pickled), r"pickled artefacts: \['model.pkl'\]")
    fails(lambda: check(open=forgetful), "an empty folder is not refused")
    fails(lambda: check(predict=lambda self, request: self.frames), "not opened is not refused")
    fails(
        lambda: check(predict=lambda self, request: self.frames if self.frames else self.nothing),
        "not opened ends in AttributeError",
    )
    fails(
        lambda: check(predict=lambda self, r: toys.Repeats.predict(self, replace(r, options={}))),
        "an unknown option is not refused",
    )
    fails(
        lambda: check(
            predict=lambda self, r: (
                toys.Repeats.predict(
                    self,
                    replace(
                        r, options={k: min(max(v, 0.1), 4) for k, v in r.options.items() if is_number(v)}
                    ),
                )
                if "no-such-option" not in r.options
                else self.asked(r.options)
            )
        ),
        r"option louder = 'no such value' \(another type\) is not refused",
    )
    fails(lambda: check(predict=random), "does not give the same prediction")
    fails(lambda: check(produces=lambda self, spec: replace(spec, hop_length=1)), "promised")


# Vocoders


def rendered(change, kind=toys.Hum):
    return lambda self, item: change(kind.render(self, item))


BAD_VOCODERS = {
    "accepts.. is empty": {"accepts": lambda self: ()},
    "spec is not accepted": {"accepts": lambda self: (Demand("mel"),)},
    "a kind it cannot know": {"accepts": lambda self: (Demand(),)},
    "which is no setting": {"adjusts": frozenset({"speed"})},
    "float64, not float32": {"render": rendered(lambda w: replace(w, samples=w.samples.astype(np.float64)))},
    "mono": {"render": rendered(lambda w: replace(w, samples=w.samples[:, None]))},
    "not finite": {"render": rendered(lambda w: replace(w, samples=w.samples * np.float32(np.nan)))},
    "silence": {"render": rendered(lambda w: replace(w, samples=w.samples * 0))},
    "beyond 1": {"render": rendered(lambda w: replace(w, samples=w.samples * 100))},
    "32000 Hz from 16000 Hz": {"render": rendered(lambda w: Waveform(np.repeat(w.samples, 2), 32000))},
    "s of frames": {"render": rendered(lambda w: replace(w, samples=w.samples[::2].copy()))},
    "there is none is not refused": {
        "render": lambda self, item: (
            toys.Hum.render(self, item) if len(item) else Waveform(np.zeros(1, np.float32), 1)
        )
    },
    "there is none ends in ZeroDivisionError": {
        "render": lambda self, item: toys.Hum.render(self, item) if len(item) else 1 / 0
    },
    "a waveform, to be rendered ends in TypeError": {
        "render": lambda self, item: toys.Hum.render(self, item) if isinstance(item, Frames) else len(item)
    },
}


@pytest.mark.parametrize("said", BAD_VOCODERS)
def test_vocoders(said):
    item = toys.Loudness().extract(toys.sample_waveform())
    checks.check_vocoder(toys.Hum(), item)
    fails(lambda: checks.check_vocoder(broken(toys.Hum, **BAD_VOCODERS[said]), item), said)


def test_a_vocoder_that_is_never_twice_the_same():
    count = iter(range(1, 100))
    louder = rendered(lambda w: replace(w, samples=w.samples * np.float32(1 / next(count))))
    item = toys.Loudness().extract(toys.sample_waveform())
    fails(lambda: checks.check_vocoder(broken(toys.Hum, render=louder), item), "not the same bytes twice")


def check_trained(tmp_path, **parts):
    return checks.check_trainable_vocoder(broken(toys.LearnedHum, **parts), toys.toy_data(), tmp_path)


def opens_anything(self, folder):
    self.learned = toys.Loudness().spec, 1.0


def learns_by_chance(self, folder):
    toys.LearnedHum.open(self, folder)
    self.gain = np.float32(np.random.default_rng().uniform(0.5, 1))


BAD_TRAINED = {
    "not opened is not refused": {"render": toys.Hum.render},
    "not opened ends in TypeError": {
        "render": lambda self, item: toys.Hum.render(self, item) if self.learned[0] else 0
    },
    "an empty folder is not refused": {"open": opens_anything},
    "an empty folder ends in FileNotFoundError": {
        "open": lambda self, folder: (folder / "hum.json").read_text()
    },
    "wrote nothing": {"fit": lambda self, data, folder, ctx: None},
    "frames of another": {"accepts": toys.Hum.accepts},
    "does not accept the frames it was trained on": {
        "accepts": lambda self: toys.Hum.accepts(self) if self.learned is None else (Demand("mel"),)
    },
    "opened again it renders something else": {
        "open": learns_by_chance,
        "render": lambda self, item: (
            (w := toys.LearnedHum.render(self, item)) and replace(w, samples=w.samples * self.gain)
        ),
    },
}


@pytest.mark.parametrize("said", BAD_TRAINED)
def test_vocoders_that_learn(said, tmp_path):
    fails(lambda: check_trained(tmp_path, **BAD_TRAINED[said]), said)


def test_a_vocoder_that_learns_and_keeps_its_contract(tmp_path):
    assert check_trained(tmp_path).duration == pytest.approx(1.0, abs=0.02)


# Metrics


@pytest.fixture(scope="module")
def speech():
    return sample_speech()


def one_of_two(self, sample):
    return toys.Level.measure(self, sample)[:1]


VAGUE = Definition("level", "rms", "", "none", "Level", "How loud.")
NARROW = replace(toys.Level.gives[0], range=(0.9, 1.0))
BAD_METRICS = {
    "needs names 'refernce'": {"needs": ("refernce",)},
    "lacks 'reference' failed: AttributeError": {"needs": ()},
    "gives is empty": {"gives": ()},
    "does not let anybody": {"gives": (VAGUE,)},
    "gives a figure twice": {"gives": toys.Level.gives[:1] * 2},
    "gave no difference/rms, nor a reason": {"measure": one_of_two},
    "beyond its range": {"gives": (NARROW, toys.Level.gives[1])},
    "has no figure of speech that has everything": {
        "measure": lambda self, s: [self.undefined("level", "no"), self.undefined("difference", "no")]
    },
    "silence failed: ZeroDivisionError": {"measure": lambda self, s: toys.Level.measure(self, s)
                                          if s.test.samples().any() else 1 / 0},
}  # fmt: skip


@pytest.mark.parametrize("said", BAD_METRICS)
def test_metrics(said, speech):
    checks.check_metric(toys.Level(), speech)
    fails(lambda: checks.check_metric(broken(toys.Level, **BAD_METRICS[said]), speech), said)


def test_a_metric_of_chance(speech):
    rng = np.random.default_rng()
    chance = broken(toys.Level, value=lambda self, m, v, n: toys.Level.undefined(self, m, str(rng.random())))
    fails(lambda: checks.check_metric(chance, speech), "no figure of speech")
    odd = broken(toys.Level, value=lambda self, m, v, n: toys.Metric.value(self, m, v * rng.random(), n))
    fails(lambda: checks.check_metric(odd, speech), "not the same figures twice")


def test_demos_are_of_settings_that_there_are():
    from synthkit.stages import Demo
    from synthkit.testing.checks.common import check_demos

    check_demos(toys.Hum, "hum")
    check_demos(broken(toys.Hum, demos=()), "hum")
    fails(lambda: check_demos(broken(toys.Hum, demos=[Demo()]), "hum"), "hum.demos is no tuple of Demo")
    fails(lambda: check_demos(broken(toys.Hum, demos=(Demo(), Demo())), "hum"), "two of one name")
    wrong = broken(toys.Hum, demos=(Demo(settings={"no_such": 1}),))
    fails(lambda: check_demos(wrong, "hum"), "no_such")


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


def run_needy(tmp_path: Path, imports: str, requires: str) -> str:
    """What pytest says of a plugin that imports and requires so."""
    (tmp_path / "needy.py").write_text(
        "from synthkit import hookimpl\n"
        "@hookimpl\n"
        "def register_vocoders(register):\n"
        "    register('needy', 'needy_parts:Needy', summary='needs what is not there')\n"
    )
    (tmp_path / "needy_parts.py").write_text(f"import {imports}\n")
    info = tmp_path / "needy-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: needy\nVersion: 1\n{requires}")
    (info / "entry_points.txt").write_text("[synthkit]\nneedy = needy\n")
    (tmp_path / "test_needy.py").write_text(
        "def test_contract(conformance):\n    conformance('vocoder', 'needy')\ndef test_other():\n    pass\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "test_needy.py"], cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path, "COLUMNS": "300"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_a_missing_package_is_a_skip_with_the_install_line(tmp_path: Path):
    extra = 'Provides-Extra: more\nRequires-Dist: no-such-package>=1; extra == "more"\n'
    said = run_needy(tmp_path, "no_such_package", extra)
    assert "1 passed, 1 skipped" in said, said
    assert "needs the package 'no_such_package'" in said
    assert "pip install no_such_package" in said


def test_a_missing_package_that_nobody_declared_is_a_failure(tmp_path: Path):
    said = run_needy(tmp_path, "nupmy", "Requires-Dist: numpy\nRequires-Dist: no-such-package\n")
    assert "1 failed, 1 passed" in said, said
    assert "needy_parts:Needy imports 'nupmy', which needy declares neither as a dependency" in said
    assert "did you mean 'numpy'?" in said


@pytest.mark.parametrize(
    ("module", "missing", "declared"),
    [
        ("sklearn", "Requires-Dist: no-such-package\n", True),  # may be what that package brings
        ("sklearn", "", False),
        ("no_such.part", "Requires-Dist: No.Such; extra == 'x'\nProvides-Extra: x\n", True),
        ("no_such", "Requires-Dist: no-such; python_version < '3'\n", False),
    ],
)
def test_what_a_distribution_declares(module, missing, declared, tmp_path, monkeypatch):
    info = tmp_path / "needy-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: needy\nVersion: 1\nRequires-Dist: click\n{missing}"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert (undeclared(module, "needy") == "") is declared


def test_what_has_no_kit_is_said(tmp_path: Path):
    with pytest.raises(PluginError, match="no checks for stage 'poetry'"):
        run("poetry", "x", tmp_path)
    assert issubclass(MissingDependency, Exception)
