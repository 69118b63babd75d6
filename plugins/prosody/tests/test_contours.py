# SPDX-License-Identifier: Apache-2.0
"""The prosody part: what it learns, what it says, and that a voice aims at it."""

from __future__ import annotations

import numpy as np
import pytest
from synthkit_prosody import describe, ensemble, measure
from synthkit_prosody.contours import Recorded, groups
from synthkit_prosody.model import Contours, ContoursSettings, Learned, explained

from synthkit.errors import ConfigError, CorpusError, VoiceError
from synthkit.linguistic import SpokenPhone, spoken
from synthkit.pipeline.build import build
from synthkit.pipeline.config import resolve
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.pipeline.voice import Voice
from synthkit.progress import Progress
from synthkit.types import PAUSE, Phone, Prosody, Segmentation, Word

SMALL = {"members": 2, "hidden": 16, "epochs": 2}


def row(*symbols: str, word: int, stress: int = -1) -> list[SpokenPhone]:
    return [SpokenPhone(s, int(k == stress), word, k) for k, s in enumerate(symbols)]


PHONES = [
    SpokenPhone(PAUSE), *row("v", word=0), *row("d", "a", "m", "u", word=1, stress=1), SpokenPhone(PAUSE),
    *row("o", "n", "a", word=2, stress=2), SpokenPhone(PAUSE),
]  # fmt: skip
VOWELS = {3, 5, 7, 9}


def test_function_words_lean_on_the_next_word_and_pauses_part_groups():
    found = groups(PHONES, [True, False, False], VOWELS)
    assert [(g.start, g.end, g.place) for g in found] == [(1, 6, 3), (7, 10, 3)]
    assert found[0].at.tolist() == [6, 6, 6, 7, 9, 11]
    assert found[1].at.tolist() == [14, 16, 18, 19, 19, 19]


def recorded(*heights: float) -> Recorded:
    points = np.array(heights, np.float32)[:, None] + np.zeros((1, 6), np.float32)
    return Recorded(
        points, np.zeros(len(heights), np.int8), np.arange(len(heights), dtype=np.int32), tuple("abcdef")
    )


def test_what_is_chosen_is_near_and_goes_on_as_expected():
    wanted = np.array([[5.0] * 6, [5.3] * 6])
    store = recorded(4.99, 5.05, 5.31, 5.4)
    chosen = store.choose(wanted, np.zeros(2), ())
    assert chosen[:, 0] == pytest.approx([4.99, 5.31], abs=1e-6)
    without = store.choose(wanted, np.zeros(2), {"a"})
    assert without[0, 0] == pytest.approx(5.05, abs=1e-6)
    assert store.choose(wanted, np.zeros(2), set("abcdef")) is wanted


def test_a_step_between_groups_counts():
    wanted = np.array([[5.0] * 6, [5.0] * 6])
    store = recorded(5.0, 5.08, 4.9)
    # Alone 5.0 is nearest in both places; that the second may not be it makes both move.
    alone = Recorded(store.points, np.array([0, 1, 1], np.int8), store.utterance, store.ids)
    chosen = alone.choose(wanted, np.array([1, 1]), ())
    assert chosen[0, 0] == chosen[1, 0], "no step is expected, and none is made"


def test_an_ensemble_learns_and_comes_back():
    random = np.random.default_rng(0)
    rows = random.standard_normal((2000, 6)).astype(np.float32)
    target = np.stack([rows[:, 0] + rows[:, 1] ** 2, rows[:, 2]], axis=1)
    weight = np.ones_like(target)
    weight[::7, 1] = 0
    target[::7, 1] = 1e6  # counts for nothing
    made = ensemble.fit_ensemble(
        rows, target, weight, members=2, hidden=32, epochs=20, left_out=0.0, batch=64
    )
    share, _ = explained(made.predict(rows), target, weight)
    assert share > 0.8
    again = ensemble.Ensemble.restored(made.arrays("x"), "x")
    assert again.predict(rows[:9]).tobytes() == made.predict(rows[:9]).tobytes()
    with pytest.raises(KeyError):
        ensemble.Ensemble.restored({}, "x")
    broken = made.arrays("x") | {"x.0.w1": np.zeros((3, 3), np.float32)}
    with pytest.raises(ValueError, match="do not fit"):
        ensemble.Ensemble.restored(broken, "x")


def test_half_means_take_voiced_frames_alone():
    log = np.array([5.0, 5.2, 0.0, 4.0, 0.0, 0.0])
    voiced = np.array([True, True, False, True, False, False])
    mean, share = measure.half_means(log, voiced, np.array([0.0, 2.0, 4.0, 6.0]))
    assert mean[:2] == pytest.approx([5.1, 4.0]) and np.isnan(mean[2])
    assert share.tolist() == [1.0, 0.5, 0.0]


def segmentation() -> Segmentation:
    words = (
        Word("в", (Phone("v"),), function=True),
        Word("даму", (Phone("d"), Phone("a", 1), Phone("m"), Phone("u")), 2, ","),
        Word("она", (Phone("o"), Phone("n"), Phone("a", 1)), 3, "."),
    )
    return Segmentation("в даму, она.", "ru", "toy", words)


def test_rows_tell_what_is_around():
    said = segmentation()
    phones = spoken(said, {1})
    symbols = {s: k for k, s in enumerate(sorted({p.symbol for p in said.phones()}))}
    rows = describe.phones_described(phones, said, symbols)
    assert len(rows) == len(phones) and np.isfinite(rows).all()
    other = describe.phones_described(spoken(said, ()), said, symbols)
    assert rows.shape[1] == other.shape[1]
    assert not np.array_equal(rows[2], other[2]), "a pause after a word is told to its phones"
    assert describe.breaks_described(said).shape[0] == 2
    assert describe.around(np.ones((2, 3), np.float32), 1).tolist() == [
        [0, 0, 0, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 0, 0, 0],
    ]  # fmt: skip


def test_it_keeps_its_contract(conformance):
    found = conformance("prosody", "contours", settings=SMALL | {"contours": True})
    assert isinstance(found, Prosody) and len(found.f0) and found.pauses is not None


def test_an_empty_corpus_is_refused(tmp_path):
    from synthkit.stages import TrainingData
    from synthkit.testing.samples import context
    from synthkit.types import FeatureSpec

    nothing = TrainingData([], 16000, ("ru",), ("a",), "toy", FeatureSpec("world", 16000))
    with pytest.raises(CorpusError, match="no utterance"):
        Contours(ContoursSettings()).fit(nothing, tmp_path, context(tmp_path))


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    folder = tmp_path_factory.mktemp("melody")
    tables = {
        "voice": {"name": "melody", "corpus": "bundled-ru", "limit": 12},
        "alignment": {"plugin": "labels"},
        "features": {"plugin": "world", "aperiodicity": False, "f0": "dio"},
        "prosody": {"plugin": "contours", "contours": True, **SMALL},
        "acoustic_model": {"plugin": "unit-selection"},
    }
    context = BuildContext(SerialExecutor(), Progress(enabled=False), folder / "work")
    return build(resolve(tables, base=folder), folder / "melody", context)


TEXT = "Мама мыла раму, а потом ушла домой."


def test_a_voice_aims_at_it(voice):
    with Voice.open(voice) as opened:
        assert opened.manifest["plugins"]["prosody"]["plugin"] == "contours"
        said = opened.segment(TEXT)
        own = opened.predict(said)
        plain = opened.predict(said, prosody=Prosody())
        assert own.targets["f0"].tolist() != plain.targets["f0"].tolist()
        high = opened.predict(
            said, prosody=Prosody(frozenset(), f0=np.array([[k + 0.5, 260.0] for k in range(1, 30)]))
        )
        voiced = high.targets["f0"] > 0
        assert np.median(high.targets["f0"][voiced][:-2]) == pytest.approx(260, rel=0.05)
        assert high.phones.count(PAUSE) == 2 and not high.given, "an aim is no order"


def test_its_share_is_that_much_of_the_way_from_the_acoustic_model_s_own_melody(voice):
    def aimed(share):
        with Voice.open(voice, overrides=[f"prosody.share={share}"]) as opened:
            return np.log(opened.predict(opened.segment(TEXT)).targets["f0"])

    own, whole, some = aimed(0), aimed(1), aimed(0.7)
    voiced = np.isfinite(own) & np.isfinite(whole) & np.isfinite(some)
    assert voiced.mean() > 0.5 and np.abs(whole - own)[voiced].max() > 0.05
    np.testing.assert_allclose(some[voiced], (own + 0.7 * (whole - own))[voiced], atol=0.02)
    with pytest.raises(ConfigError, match="share"):
        Voice.open(voice, overrides=["prosody.share=1.5"])


def test_hand_edits_go_before_aims(voice):
    with Voice.open(voice) as opened:
        said = opened.segment(TEXT)
        rows = said.symbols()
        place = next(k for k, s in enumerate(rows) if s.startswith("a"))
        aims = Prosody(f0=np.array([[place + 0.5, 260.0]]))
        path = opened.predict(said, prosody=aims, f0=np.array([[place + 0.25, 90.0], [place + 0.75, 90.0]]))
        assert path.targets["f0"][place] == pytest.approx(90, rel=0.02) and path.given
        fixed = np.full(len(rows), np.nan)
        pause = rows.index(PAUSE, 1)
        fixed[pause] = 0
        made = opened.predict(said, prosody=Prosody(frozenset({2})), durations=fixed)
        assert made.phones.count(PAUSE) == 2


def test_melody_that_nothing_was_learned_of_is_warned_of_and_not_spread(tmp_path, monkeypatch):
    """Noise was widened to the speaker's own deviation, in a line that looked like any other."""
    from synthkit_prosody import model as made

    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "cache"))  # learned now, not earlier
    monkeypatch.setattr(made, "explained", lambda said, real, weight: (-0.01, 0.22))
    said = []
    monkeypatch.setattr(BuildContext, "log", lambda self, message: said.append(message))
    tables = {
        "voice": {"name": "melody", "corpus": "bundled-ru", "limit": 6},
        "alignment": {"plugin": "labels"},
        "features": {"plugin": "world", "aperiodicity": False, "f0": "dio"},
        "prosody": {"plugin": "contours", **SMALL},
        "acoustic_model": {"plugin": "unit-selection"},
    }
    context = BuildContext(SerialExecutor(), Progress(enabled=False), tmp_path / "work")
    folder = build(resolve(tables, base=tmp_path), tmp_path / "melody", context)
    assert [line for line in said if line.startswith("warning: there is too little here to learn melody")]
    assert Learned.load(folder / "prosody" / "contours.npz").gain == 1


def test_other_settings_speak_otherwise_without_a_build(voice):
    with (
        Voice.open(voice, overrides=["prosody.spread=2", "prosody.contours=false"]) as own,
        Voice.open(voice, overrides=["prosody.spread=0", "prosody.contours=false"]) as flat,
    ):
        from synthkit.stages import Request

        request = Request(own.segment(TEXT))
        spread, mean = (v.prosody.predict(request).f0 for v in (own, flat))
        assert spread[:, 0].tolist() == mean[:, 0].tolist()
        assert np.log(spread[:, 1]).std() > np.log(mean[:, 1]).std()
    with pytest.raises(ConfigError, match="cannot change"):
        Voice.open(voice, overrides=["prosody.plugin=other"])


def test_a_damaged_file_is_refused(voice, tmp_path):
    path = voice / "prosody" / "contours.npz"
    learned = Learned.load(path)
    learned.save(tmp_path / "contours.npz")
    assert (tmp_path / "contours.npz").read_bytes() == path.read_bytes()
    (tmp_path / "contours.npz").write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(VoiceError, match="cannot be read"):
        Contours().open(tmp_path)


@pytest.mark.parametrize("setting", ["members=3", "hidden=8", "epochs=1", "seed=1"])
def test_what_only_a_build_heeds_is_refused_when_speaking(voice, setting):
    """It was taken without a word, and nothing changed."""
    with pytest.raises(ConfigError, match="only when a voice is built"):
        Voice.open(voice, overrides=[f"prosody.{setting}"])


def test_models_that_are_deaf_to_it_are_refused(tmp_path):
    tables = {
        "voice": {"name": "x", "corpus": "bundled-ru"},
        "prosody": {},
        "acoustic_model": {"plugin": "parametric-mel"},
        "features": {"plugin": "mel"},
    }
    parts = resolve(tables, base=tmp_path).parts.at(16000)
    with pytest.raises(Exception, match="prosody 'contours'"):
        parts.contract(16000)


@pytest.mark.parametrize("features", ["mel", "world"])
def test_one_that_takes_no_aims_is_told_so_whatever_the_features_are(tmp_path, features):
    """By its features alone it was sent from mel to WORLD frames, and back."""
    pytest.importorskip("synthkit_deepvoice3")
    tables = {
        "voice": {"name": "x", "corpus": "bundled-ru"},
        "prosody": {},
        "acoustic_model": {"plugin": "deepvoice3"},
        "features": {"plugin": features},
    }
    parts = resolve(tables, base=tmp_path).parts.at(16000)
    with pytest.raises(ConfigError, match="'deepvoice3' takes no pauses") as caught:
        parts.contract(16000)
    assert caught.value.where == "[prosody]"
