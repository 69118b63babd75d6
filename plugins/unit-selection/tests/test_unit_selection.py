# SPDX-License-Identifier: Apache-2.0
"""A voice of a few synthetic recordings: fit, speak, exclude, force, explain."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from synthkit_unit_selection import preselect, select
from synthkit_unit_selection.coverage import coverage, next_sentences
from synthkit_unit_selection.explain import explanation, table
from synthkit_unit_selection.model import UnitSelection
from synthkit_unit_selection.overlap_add import OverlapAdd, best_lag
from synthkit_unit_selection.phone_row import edit_path
from synthkit_unit_selection.picture import draw
from synthkit_unit_selection.viterbi import cheapest_path

from synthkit.errors import ConfigError, VoiceError
from synthkit.stages import Request, TrainingData, TrainingItem
from synthkit.types import (
    Alignment,
    FeatureSpec,
    Frames,
    Interval,
    Phone,
    Segmentation,
    Stream,
    Utterance,
    Waveform,
    Word,
)

RATE = 16000
SPEC = FeatureSpec("world", RATE, 80, (Stream("mcep", width=25), Stream("lf0"), Stream("vuv")))
SENTENCES = ("mama sama", "sama nosu", "nosu mama amos", "osam nos", "samo nosa maso", "unos amon")


class Ctx:
    """Runs at once and says nothing."""

    work = Path()

    def map(self, function, items, *, label):
        return map(function, items)

    def track(self, items, *, label, total=None):
        return items

    def log(self, message):
        pass


def segmentation(text: str) -> Segmentation:
    words = text.split()
    return Segmentation(
        text, "xx", "ipa",
        tuple(
            Word(
                w,
                tuple(Phone(c, int(c in "aou" and i == 1)) for i, c in enumerate(w)),
                3 if n == len(words) - 1 else 0,
            )
            for n, w in enumerate(words)
        ),
    )  # fmt: skip


def item(number: int, text: str) -> TrainingItem:
    rng = np.random.default_rng(number)
    said = segmentation(text)
    symbols = said.symbols()
    ends = np.cumsum(0.06 + 0.04 * rng.random(len(symbols)))
    starts = np.concatenate([[0], ends[:-1]])
    phones = tuple(Interval(a, b, s) for a, b, s in zip(starts.tolist(), ends.tolist(), symbols, strict=True))
    samples = (0.1 * rng.standard_normal(int(ends[-1] * RATE))).astype(np.float32)
    samples = np.rint(samples * 32768).astype(np.float32) / 32768
    count = len(samples) // 80 + 1
    place = np.minimum(np.searchsorted(ends, np.arange(count) * 0.005, side="right"), len(symbols) - 1)
    level = np.array([ord(s[0]) for s in symbols])[place] / 20
    mcep = (level[:, None] * np.linspace(1, 0.1, 25) + 0.3 * rng.standard_normal((count, 25))).astype(
        np.float32
    )
    voiced = np.array([s in "aoumn" for s in symbols])[place].astype(np.float32)
    lf0 = (5 + 0.1 * rng.standard_normal(count)).astype(np.float32)
    id_ = f"u{number}"
    return TrainingItem(
        Utterance(id_, text, Path(f"{id_}.wav"), "xx"), said, Alignment(id_, phones, (), float(ends[-1])),
        lambda: Waveform(samples, RATE), lambda: Frames({"mcep": mcep, "lf0": lf0, "vuv": voiced}, SPEC),
    )  # fmt: skip


@pytest.fixture(scope="module")
def items():
    return tuple(item(i, text) for i, text in enumerate(SENTENCES))


def fit(items, folder: Path) -> UnitSelection:
    model = UnitSelection(UnitSelection.Config(hidden=16, epochs=30))
    model.fit(TrainingData(items, RATE, ("xx",), ("s",), "ipa", SPEC), folder, Ctx())
    model.open(folder)
    return model


@pytest.fixture(scope="module")
def model(items, tmp_path_factory):
    return fit(items, tmp_path_factory.mktemp("voice"))


@pytest.mark.parametrize("number", range(len(SENTENCES)))
def test_own_sentence_comes_back_whole(model, items, number):
    path = model.predict(Request(segmentation(SENTENCES[number])))
    assert path.joins == 0
    assert {u.source for u in path.units} == {f"u{number}"}
    assert path.cost == sum(u.cost for u in path.units)
    heard = OverlapAdd().render(path).samples
    own = items[number].waveform().samples
    end = path.units[-1].end
    np.testing.assert_array_equal(heard[: end - 96], own[: end - 96])


def test_every_recording_but_one_excluded(model):
    """Where a whole window is excluded any unit of the phone serves, else any unit at all."""
    request = Request(segmentation("nosu mama"), exclude=frozenset(f"u{i}" for i in range(1, 6)))
    path = model.predict(request)
    assert {u.source for u in path.units} == {"u0"}
    assert any("~" in u.label for u in path.units)  # "mama sama" has no o, n, u


def test_recordings_are_found_by_name(model):
    store = model.store
    assert store.recordings == len(SENTENCES)
    assert [store.source(i) for i in range(6)] == [f"u{i}" for i in range(6)]
    assert store.numbers(["u3", "nobody", "u0"]) == [3, 0]
    for number in range(6):
        first, last = store.span(number)
        assert last - first == 2 * (len(SENTENCES[number].replace(" ", "")) + 2)
        assert set(store.recording_of(np.arange(first, last)).tolist()) == {number}


def test_a_voice_of_the_old_format_is_refused(model, tmp_path):
    (tmp_path / "units.json").write_text('{"sources": ["u0"], "first_sample": [0, 1]}', encoding="utf-8")
    with pytest.raises(VoiceError, match="another version"):
        UnitSelection(model.config).open(tmp_path)


def test_excluded_recording_is_not_used(model):
    path = model.predict(Request(segmentation(SENTENCES[0]), exclude=frozenset(["u0"])))
    assert path.joins > 0
    assert "u0" not in {u.source for u in path.units}
    assert [u.label.split(".")[0] for u in path.units[::2]] == list(path.phones)


def test_search_finds_the_cheapest_of_all_paths():
    rng = np.random.default_rng(0)
    starts = np.array([0, 3, 5, 9])
    target = rng.random(9).astype(np.float32)
    left, right = rng.random((2, 9, 4)).astype(np.float32)
    constant, factor = np.array([0, 0.3, 0.1]), np.array([1, 0.5, 1])
    natural = (np.array([1, 4]), np.array([3, 8]))
    path, cost = cheapest_path(starts, target, left, right, constant, factor, natural)

    def price(choice):
        total = sum(float(target[i]) for i in choice)
        for t, (i, j) in enumerate(itertools.pairwise(choice), 1):
            if (i, j) not in ((1, 3), (4, 8)):
                total += factor[t] * (constant[t] + float(left[i] @ right[j]))
        return total

    every = itertools.product(range(3), range(3, 5), range(5, 9))
    best = min(every, key=price)
    assert tuple(path) == best
    assert cost == pytest.approx(price(best), rel=1e-5)


def test_search_cost_is_the_accounted_cost(model):
    from synthkit_unit_selection.select import Search, Selector

    request = Request(segmentation("nosa mono samu"))
    target, forced = model.target(request, model.asked({}))
    selector = Selector(model.store, model.index, model.scales)
    units, cost = selector.path(target, model.weights(), Search(forced=forced))
    path = selector.account(target, units, model.weights(), model.spec)
    assert path.cost == pytest.approx(cost, rel=1e-4)


def test_how_many_candidates_are_judged_at_once_changes_no_path(model, monkeypatch):
    request = Request(segmentation("mama nosu osam amos"))
    before = model.predict(request)
    monkeypatch.setattr(select, "TOGETHER", 3)
    monkeypatch.setattr(preselect, "TOGETHER", 2)
    after = model.predict(request)
    assert [u.index for u in before.units] == [u.index for u in after.units]
    assert after.cost == before.cost


def test_force_and_forbid(model):
    request = Request(segmentation("nosa mono samu"))
    free = model.predict(request)
    unit = free.units[5].index
    other = model.predict(Request(request.segmentation, options={"forbid": [unit]}))
    assert unit not in [u.index for u in other.units]
    forced = model.predict(Request(request.segmentation, options={"force": {5: 3}}))
    assert forced.units[5].index == 3
    for strange in (-1, 99_999_999):
        with pytest.raises(ConfigError, match=f"cannot forbid unit {strange}"):
            model.predict(Request(request.segmentation, options={"forbid": [strange]}))
    with pytest.raises(ConfigError, match="cannot force unit"):
        model.predict(Request(request.segmentation, options={"force": {5: 10**6}}))


def test_unknown_option_is_an_error_with_a_suggestion(model):
    with pytest.raises(ConfigError) as caught:
        model.predict(Request(segmentation("mama"), options={"guidence": 0.2}))
    assert "did you mean 'guidance'?" in str(caught.value)


def test_full_guidance_never_costs_sound(model):
    """More guidance brings the chosen spectra no farther from the predicted ones."""
    request = segmentation("nosa mono samu maso")

    def distance(guidance):
        options = {"guidance": guidance, "phrases": False}
        path = model.predict(Request(request, options=options))
        target, _ = model.target(Request(request), model.asked(options))
        rows = model.store.units.mapped()["acoustics"][[u.index for u in path.units]]
        return float(((rows[:, 4:-1] - target.predicted[:, 4:]) ** 2).sum())

    assert distance(0.98) <= distance(0.0)


def test_symbol_the_voice_lacks_is_said_with_its_nearest(model):
    path = model.predict(Request(segmentation("mɨma")))
    assert any("~" in u.label for u in path.units)
    assert len(OverlapAdd().render(path).samples)


def test_one_utterance_is_a_voice(items, tmp_path):
    model = fit(items[:1], tmp_path)
    assert model.predict(Request(segmentation(SENTENCES[0]))).joins == 0
    assert len(OverlapAdd().render(model.predict(Request(segmentation("sasa")))).samples)


def test_same_bytes_twice(items, tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        fit(items, tmp_path / name)
    for file in sorted((tmp_path / "a").iterdir()):
        if file.suffix != ".npz":
            assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name
            continue
        with np.load(file) as one, np.load(tmp_path / "b" / file.name) as two:
            for name in one:
                np.testing.assert_array_equal(one[name], two[name], err_msg=f"{file.name} {name}")


def test_explanation_adds_up(model, tmp_path):
    path = model.predict(Request(segmentation("nosa mono samu")))
    data = json.loads(json.dumps(explanation(path)))
    assert sum(data["terms"].values()) == pytest.approx(data["cost"], rel=1e-12)
    per_unit = [sum(u["target"].values()) + sum(u["join"].values()) for u in data["units"]]
    assert sum(per_unit) == data["cost"] == path.cost
    assert f"{path.joins} joins" in table(path)
    pytest.importorskip("matplotlib")
    draw(path, OverlapAdd().render(path), tmp_path / "p.png")
    assert (tmp_path / "p.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_best_lag_finds_a_known_shift():
    wave = np.sin(np.arange(600) * 2 * np.pi / 120).astype(np.float32)
    assert best_lag(wave[200:296], wave[200 - 60 - 17 : 296 + 60 - 17]) == 17
    assert best_lag(np.zeros(96, np.float32), wave[:288]) == 0


def test_coverage_counts_and_advises(model):
    found = coverage(model.store)
    assert found["phones"]["m"] == sum(s.count("m") for s in SENTENCES)
    assert found["recordings"] == len(SENTENCES)
    assert "u u" in found["diphones"]["missing"]
    rows = next_sentences(model.store, [segmentation("mama"), segmentation("uusu")], count=1)
    assert rows[0][0] == "uusu"
    assert "u u" in rows[0][2]


def test_edit_path_pairs_the_cheapest_way():
    assert edit_path(list("abcd"), list("abd")) == [(0, 0), (1, 1), (2, 3)]
    assert edit_path(list("ad"), list("abd")) == [(0, 0), (2, 1)]


@pytest.mark.parametrize(
    ("stage", "name"), [("acoustic_model", "unit-selection"), ("vocoder", "overlap-add")]
)
def test_contract(conformance, stage, name):
    conformance(stage, name)


@pytest.mark.parametrize(
    ("edge", "said"), [(2**31 - 1, "outside of its recording"), (-(2**31), "ends before")]
)
def test_a_unit_whose_edge_lies_days_away_is_damaged(edge, said, items, model, tmp_path):
    fit(items, tmp_path).close()
    found = model.predict(Request(segmentation(SENTENCES[0]))).units
    units = np.lib.format.open_memmap(tmp_path / "units.npy", mode="r+")
    units["edge"][found[-1].index + 1] = edge
    units.flush()
    del units
    altered = UnitSelection(model.config)
    altered.open(tmp_path)
    with pytest.raises(VoiceError, match=said):
        altered.predict(Request(segmentation(SENTENCES[0])))
