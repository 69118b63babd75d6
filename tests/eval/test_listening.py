# SPDX-License-Identifier: Apache-2.0
"""Listening tests: plans are balanced, who did not listen is found, every design says what is true, files are
read."""

import json
import re
import warnings
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from synthkit.errors import ConfigError
from synthkit.eval.analysis import conclude
from synthkit.eval.listening import analyse_ratings
from synthkit.eval.listening.design import ATTENTION, Trial, plan, williams
from synthkit.eval.listening.discrimination import exact_binomial, share_interval
from synthkit.eval.listening.formats import read_heard
from synthkit.eval.listening.heard import Conduct, Heard
from synthkit.eval.listening.preference import bradley_terry
from synthkit.eval.listening.screening import Rules, screen
from synthkit.eval.listening.simulate import simulate, simulate_conduct
from synthkit.eval.listening.tidy import write_tidy
from synthkit.eval.listening.verdict import judge as judge_fully
from synthkit.eval.listening.verdict import verdict_text
from synthkit.eval.ratings import Rating, read_table
from synthkit.eval.ratings_files import RatingsError
from synthkit.eval.report.text import as_text
from synthkit.eval.two_way import two_way_interval, two_way_test
from synthkit.eval.verdict import verdict

ITEMS = [f"u{k}" for k in range(20)]
QUALITY = {"natural": 4.6, "copy:world": 4.1, "parametric": 3.3, "unit-selection": 2.9}
MUSHRA = {"reference": 5.0, "parametric": 3.6, "unit-selection": 2.9, "anchor70": 2.6, "anchor35": 1.6}


def judge(heard, **options):
    return judge_fully(heard, resamples=200, **options)


def counts(trials, key):
    return Counter(key(t, n) for n, mine in enumerate(trials) for t in mine)


def test_each_listener_hears_a_sentence_once_and_each_voice_equally_often():
    voices = list(QUALITY)
    trials = plan("mos", ITEMS, voices, 24, seed=1)
    for mine in trials:
        assert sorted(t.item for t in mine) == sorted(ITEMS)
        assert set(Counter(t.voices[0] for t in mine).values()) == {5}
        for k in range(0, 20, 4):
            assert {t.voices[0] for t in mine[k : k + 4]} == set(voices)
    assert set(counts(trials, lambda t, n: (t.item, t.voices[0])).values()) == {6}
    follows = Counter((a.voices[0], b.voices[0]) for mine in trials for a, b in pairwise(mine))
    between = [follows[a, b] for a in voices for b in voices if a != b]
    assert max(between) < 2 * min(between)


def test_plans_follow_from_their_seed():
    assert plan("mos", ITEMS, ["a", "b"], 4, seed=1) == plan("mos", ITEMS, ["a", "b"], 4, seed=1)
    assert plan("mos", ITEMS, ["a", "b"], 4, seed=1) != plan("mos", ITEMS, ["a", "b"], 4, seed=2)


@pytest.mark.parametrize("voices", [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]])
def test_sides_and_x_are_balanced(voices):
    pairs = len(voices) * (len(voices) - 1) // 2
    trials = plan("abx", ITEMS, voices, 4 * pairs, seed=3)
    each = counts(trials, lambda t, n: (t.item, frozenset(t.voices)))
    assert set(each.values()) == {4}
    assert set(counts(trials, lambda t, n: (t.item, t.voices, t.x)).values()) == {1}
    for mine in trials:
        x = Counter(t.x for t in mine)
        assert abs(x[0] - x[1]) <= 4
        first = Counter(t.voices == tuple(sorted(t.voices)) for t in mine)
        assert abs(first[True] - first[False]) <= 4


def test_every_stimulus_of_a_mushra_page_stands_everywhere():
    trials = plan("mushra", ITEMS[:6], list(MUSHRA), 20, seed=4)
    places = counts(trials, lambda t, n: (t.item, t.voices[0]))
    assert set(places.values()) == {4}
    assert all(sorted(t.voices) == sorted(MUSHRA) for mine in trials for t in mine)


def test_fewer_sentences_a_listener_are_spread_evenly():
    trials = plan("mos", ITEMS, ["a", "b"], 8, seed=5, per_listener=5)
    assert all(len(mine) == 5 for mine in trials)
    assert set(counts(trials, lambda t, n: t.item).values()) == {2}
    complete = plan("mos", ITEMS[:3], ["a", "b"], 2, seed=5, complete=True)
    assert all(len(mine) == 6 for mine in complete)


def test_a_plan_of_nothing_is_refused():
    with pytest.raises(ConfigError, match="no design 'mushroom'"):
        plan("mushroom", ITEMS, ["a"], 2, seed=0)
    with pytest.raises(ConfigError, match="at least two"):
        plan("ab", ITEMS, ["a"], 2, seed=0)
    with pytest.raises(ConfigError, match="not among the voices"):
        plan("cmos", ITEMS, ["a", "b"], 2, seed=0, against="c")
    against = plan("cmos", ITEMS, ["a", "b", "c"], 4, seed=0, against="a")
    assert {frozenset(t.voices) for mine in against for t in mine} == {frozenset("ab"), frozenset("ac")}


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_williams_squares_are_balanced(n):
    rows = williams(n)
    assert all(sorted(row) == list(range(n)) for row in rows)
    follows = Counter(pair for row in rows for pair in pairwise(row))
    assert len(set(follows.values())) <= 1
    assert len(follows) == n * (n - 1)


def study(design, seed, habits=(), quality=None, attention=0, listeners=12):
    quality = quality or (MUSHRA if design == "mushra" else QUALITY)
    rng = np.random.default_rng(seed)
    trials = plan(design, ITEMS[:12] if design == "mushra" else ITEMS, list(quality), listeners, seed=seed)
    ratings = simulate(design, trials, quality, rng, habits=habits)
    conduct = simulate_conduct(design, trials, ratings, rng, habits=habits, attention=attention, slip=0)
    return Heard(ratings, conduct=conduct)


def test_scores_lie_on_their_scales_and_sides_are_those_of_the_answers():
    for design, steps in {
        "mos": range(1, 6),
        "cmos": range(-3, 4),
        "ab": (0, 1),
        "abx": (0, 1),
        "mushra": range(101),
    }.items():
        heard = study(design, 0, ["random", "inverted", "lazy"])
        assert {r.score for r in heard.ratings} <= set(map(float, steps))
    trials = [[Trial("u", ("a", "b"), 1)]]
    answer = [Rating("l00", "u", "a", 1.0, "abx", "b")]
    assert simulate_conduct("abx", trials, answer, np.random.default_rng(0))["l00"].sides == ("B",)


@pytest.mark.parametrize("design", list(ATTENTION))
def test_a_random_an_inverted_and_a_lazy_listener_are_found(design):
    found = screen(study(design, 11, ["random", "inverted", "lazy"], attention=ATTENTION[design]))
    assert found.dropped == {"l00", "l01", "l02"}


def test_who_answers_the_other_way_round_in_an_abx_test_is_told_by_how_the_others_do():
    screening = screen(study("abx", 4, ["careful", "inverted"]))
    (finding,) = screening.findings
    assert (finding.listener, finding.rule) == ("l01", "agreement")
    assert "right, fewer than by guessing" in finding.what
    assert screening.agreement["l01"] < 0.5 < screening.agreement["l00"]
    # Where all guess, who guesses badly stays: what is left of the guesses would look like hearing.
    rng = np.random.default_rng(1)
    guessed = [
        Rating(f"l{n}", f"u{k}", "b", float(rng.random() < 0.5), "abx", "a")
        for n in range(40)
        for k in range(20)
    ]
    assert min(sum(r.score for r in guessed if r.listener == f"l{n}") for n in range(40)) <= 6
    screening = screen(Heard(guessed))
    assert screening.dropped == set()
    assert "too little" in screening.notes[0]


def test_careful_listeners_are_kept():
    dropped = [screen(study("mos", seed, attention=2)).dropped for seed in range(6)]
    assert sum(map(len, dropped)) <= 3  # of 72
    # Where the voices are alike there is nothing to agree about, and nobody is sent away for it.
    alike = screen(study("mos", 5, quality=dict.fromkeys("abcd", 3.0)))
    assert alike.dropped == set()
    assert "too little" in alike.notes[0]


def test_the_hidden_reference_rule_counts_trials():
    def heard(below):
        return Heard([
            Rating("l", f"u{k}", v, 50.0 if v != "reference" else (80.0 if k < below else 100.0), "mushra")
            for k in range(13) for v in ("reference", "a")
        ])  # fmt: skip

    assert screen(heard(1)).dropped == set()
    (finding,) = screen(heard(2)).findings
    assert (finding.rule, finding.what) == ("hidden reference", "hidden reference below 90 in 2 of 13 trials")
    assert screen(heard(2), Rules(reference_below=80)).findings == []


def test_attention_pages_and_haste_and_sides():
    ratings = [Rating(who, f"u{k}", "a", 3.0 + k % 2) for who in "wxyz" for k in range(10)]
    conduct = {
        "w": Conduct(attention=(True, False, True)),  # one slip is borne
        "x": Conduct(attention=(True, False, False)),
        "y": Conduct(pages=((2.0, 3.0),) * 2 + ((9.0, 3.0),) * 8),
        "z": Conduct(sides=("A",) * 10),
    }
    found = {f.listener: f for f in screen(Heard(ratings, conduct=conduct)).findings}
    assert {who: f.rule for who, f in found.items()} == {"x": "attention", "y": "too fast", "z": "one side"}
    kept = screen(Heard(ratings, conduct=conduct), Rules(keep=("x", "y", "z")))
    assert kept.dropped == set()
    assert len(kept.notes) >= 3


@pytest.mark.parametrize("design", ["mushra", "ab", "abx"])
def test_a_table_carries_what_listeners_are_screened_by(tmp_path, design):
    heard = study(design, 11, ["random", "inverted", "lazy"], attention=ATTENTION[design])
    voices = 5 if design == "mushra" else 1
    for who, c in heard.conduct.items():
        count = sum(r.listener == who for r in heard.ratings) // voices
        heard.conduct[who] = Conduct(c.attention, ((2.0 if who == "l05" else 9.5, 4.25),) * count, c.sides)
    write_tidy(tmp_path / "ratings.csv", heard)
    read = read_heard(tmp_path / "ratings.csv")
    assert read.ratings == heard.ratings
    for who, c in heard.conduct.items():
        assert (sorted(read.conduct[who].attention), read.conduct[who].pages) == (
            sorted(c.attention),
            c.pages,
        )
        assert read.conduct[who].sides == c.sides
    before, after = screen(heard), screen(read)
    assert after.findings == before.findings
    assert {"l00", "l01", "l02", "l05"} <= after.dropped


def test_one_random_listener_no_longer_passes_silently():
    verdict = judge(study("mos", 3, ["random"], attention=2))
    assert verdict.screening.dropped == {"l00"}
    assert len(verdict.ratings_kept.listeners) == 11
    kept, everybody = (
        a.summary("mos/listeners", "copy:world").interval for a in (verdict.kept, verdict.everybody)
    )
    assert kept != everybody


def test_anchors_and_references_are_described_and_not_tested():
    verdict = judge(study("mushra", 2))
    assert {(p.first, p.second) for p in verdict.kept.pairs} == {("parametric", "unit-selection")}
    assert verdict.kept.summary("mushra/listeners", "anchor35").interval.estimate < 40
    assert verdict.kept.summary("mushra/listeners", "reference").interval.high <= 100
    assert "share a letter" in verdict_text(verdict)


def test_what_is_not_tested_is_not_said_to_share_letters():
    text = verdict_text(judge(Heard([Rating("l", "u", "a", 3.0)])))
    assert text.startswith("1 rating by 1 listener\n") and "share a letter" not in text


def test_preferences_are_fitted_as_the_model_says():
    # Two voices, three of four for b: the log-odds are log(3), with half a win each way log(3.5 / 1.5).
    ratings = [Rating(f"l{k}", f"u{k}", "b", float(k > 0), "ab", "a") for k in range(4)]
    fitted = bradley_terry(ratings, ["a", "b"])
    assert fitted.interval("b", "a").estimate == pytest.approx(np.log(3.5 / 1.5))
    assert fitted.worth.sum() == pytest.approx(0)
    turned = [Rating(r.listener, r.utterance, "a", 1 - r.score, "ab", "b") for r in ratings]
    assert bradley_terry(turned, ["a", "b"]).worth == pytest.approx(fitted.worth)


def test_preferences_find_what_is_there():
    voices = ["natural", "copy:world", "parametric", "unit-selection"]
    analysis = judge(study("ab", 1, listeners=24), voices=voices).kept
    (pair,) = analysis.pairs
    assert (pair.first, pair.second) == ("parametric", "unit-selection")
    assert pair.difference.estimate < 0 and pair.effect < 0
    said = verdict(analysis, voices[2:])
    assert said.startswith("parametric is preferred by listeners: preference by ")
    worth = [analysis.summary("ab/listeners", v).interval.estimate for v in voices]
    assert worth == sorted(worth, reverse=True)


def test_an_abx_test_is_an_exact_binomial():
    assert exact_binomial(12, 16) == pytest.approx(0.0384063720703125)  # Σ C(16, k) / 2¹⁶, k = 12 … 16
    ratings = [Rating(f"l{k % 4}", f"u{k}", "b", float(k < 12), "abx", "a") for k in range(16)]
    (pair,) = conclude(analyse_ratings(ratings, ["a", "b"]), ["a", "b"]).pairs
    assert (pair.p, pair.difference.estimate) == (exact_binomial(12, 16), 25.0)
    assert pair.difference.low < 25 < pair.difference.high <= 50
    # Whoever tells two voices apart has not said which is better; and signed ranks' least p is not its.
    plain = [Rating(f"l{k % 4}", f"u{k}", "b", 1.0, "abx", "a") for k in range(16)]
    told = conclude(analyse_ratings(plain, ["a", "b"]), ["a", "b"])
    assert re.match(r"Listeners tell a from b in 100 % \[\d\d\.\d, 100\] of ABX", verdict(told, ["a", "b"]))
    assert "too few" not in as_text(told)
    certain = share_interval([Rating(f"l{k}", f"u{k}", "b", 1.0, "abx", "a") for k in range(9)])
    assert certain.estimate == certain.high == 1.0
    assert 0.5 < certain.low < 1


def test_one_listener_gives_no_interval_and_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = two_way_interval(np.array([3.0, 4.0]), ["u1", "u2"], ["l", "l"])
        assert (found.estimate, found.low, found.clusters) == (3.5, None, 1)
        analysis = judge(Heard([Rating("l", f"u{k}", v, 3.0) for k in range(3) for v in "ab"])).kept
        assert analysis.summary("mos/listeners", "a").interval.low is None
        with pytest.raises(ValueError, match="1 listeners"):
            two_way_test(np.array([3.0, 4.0]), np.array([False, True]), ["u1", "u2"], ["l", "l"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("listener,utterance,voice,score\nl,u,a,4\nl,v,a,9\n",
         "line 3: the score 9 is not on the scale of 'mos'"),
        ("listener,utterance,voice,score\nl,u,a,74\n", "'mushra' would have this score"),
        ("listener,utterance,voice,score,metric\nl,u,a,101,mushra\n", "line 2: the score 101"),
        ("listener,utterance,voice,score,metric\nl,u,a,1,cmos\n", "line 2: 'cmos' compares two voices"),
        ("listener,utterance,voice,score,metric,against\nl,u,a,4,cmos,b\n", "line 2: the score 4"),
        ("listener,utterance,voice,score,metric,against\nl,u,a,0.5,abx,b\n", "is 1 .right. or 0"),
        ("listener,utterance,voice,score,metric,against\nl,u,a,3,mos,b\n", "rates one voice by itself"),
        ("listener,utterance,voice,score,metric\nl,u,a,1,mushra\nl,u,b,1,mushraa\n",
         "line 3: there is no scale 'mushraa'\n.*did you mean 'mushra'"),
        ("listener,utterance,voice,score,role\nl,u,a,3,anker\n", "no role 'anker'"),
        ("listener,utterance,voice,score,role\nl,u,a,3,anchor\nl,v,a,3,voice\n",
         "line 3: 'a' is a voice here"),
        ("listener,utterance,voice,score,seconds\nl,u,a,3,soon\n", "line 2: 'soon' in the column 'seconds'"),
        ("listener,utterance,voice,score,least\nl,u,a,3,-1\n", "line 2: '-1' in the column 'least'"),
        ("listener,utterance,voice,score,side\nl,u,a,3,left\n", "line 2: 'left' in the column 'side'"),
        ("listener,utterance,voice,score,attention\nl,u,a,3,6/5\n", "line 2: '6/5' in the column"),
        ("listener,utterance,voice,score,attention\nl,u,a,3,4/5\nl,v,a,3,3/5\n", "line 3: 'l' passed other"),
    ],
)  # fmt: skip
def test_scores_that_cannot_be_are_refused_with_their_line(tmp_path, text, message):
    path = tmp_path / "ratings.csv"
    path.write_text(text)
    with pytest.raises(RatingsError, match=message):
        read_table(path)


def test_what_was_asked_for_can_be_said_on_the_command_line(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("listener,utterance,voice,score\nl,u,a,74\n")
    assert read_table(path, metric="mushra").ratings == [Rating("l", "u", "a", 74.0, "mushra")]
    with pytest.raises(RatingsError, match="did you mean 'mushra'"):
        read_table(path, metric="Mushraa")


def test_what_is_taken_for_granted_is_said(tmp_path, capsys):
    from synthkit.cli import run

    path = tmp_path / "ratings.csv"
    path.write_text("listener,utterance,voice,score\nl,u,a,4\nl,u,b,3\n")
    assert run(["listeners", str(path)]) == 0
    assert "note: nothing says what was asked for: taken as 'mos', 1 to 5" in capsys.readouterr().out
    path.write_text("listener,utterance,voice,score,metric\nl,u,a,4,dmos\nl,u,b,30,pleasantness\n")
    assert run(["listeners", str(path), "--json"]) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert [n.partition(" is no scale")[0] for n in notes[:2]] == ["'dmos'", "'pleasantness'"]
    path.write_text("listener,utterance,voice,score,metric\nl,u,a,4,mos\n")
    assert run(["listeners", str(path), "--json"]) == 0
    assert not any(
        "no scale" in n or "nothing says" in n for n in json.loads(capsys.readouterr().out)["notes"]
    )


def test_the_command_says_who_was_left_out_and_why(tmp_path, capsys):
    from synthkit.cli import run

    path = tmp_path / "ratings.csv"
    heard = study("mushra", 7, ["random"])
    path.write_text(
        "listener,utterance,voice,score,metric\n"
        + "".join(f"{r.listener},{r.utterance},{r.voice},{r.score},mushra\n" for r in heard.ratings)
    )
    assert run(["listeners", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "hidden reference below 90 in" in shown
    assert "Without those left out (11 listeners)" in shown
    assert "With everybody (12 listeners)" in shown
    assert run(["listeners", str(path), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {f["listener"] for f in data["left_out"]} == {"l00"}
    assert data["roles"]["anchor35"] == "anchor"
    assert len(data["everybody"]["pairs"]) == len(data["pairs"]) == 1
    assert run(["listeners", str(path), "--keep", "l00"]) == 0
    assert "l00 is kept though" in capsys.readouterr().out
    assert run(["listeners", str(path), "--keep", "l77"]) == 2
