# SPDX-License-Identifier: Apache-2.0
"""The conformance kit passes stages that keep their contract, and says of others what is wrong with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import testing_toys as toys
from testing_toys import broken, fails

from synthkit.errors import PluginError
from synthkit.eval import Definition
from synthkit.testing import checks, sample_speech, sample_utterances
from synthkit.types import Alignment, Demand, Frames, Interval, Waveform

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
