# SPDX-License-Identifier: Apache-2.0
"""Listening tests: known effects are found, equal voices are not told apart, bad files are refused by
line."""

import json

import numpy as np
import pytest

from synthkit.eval.analysis import conclude
from synthkit.eval.listening import analyse_ratings, rows
from synthkit.eval.ratings import Rating, read_table
from synthkit.eval.ratings_files import RatingsError
from synthkit.eval.two_way import two_way_interval, two_way_test

HEAD = "listener,utterance,voice,score\n"


def simulate(means, *, listeners=14, utterances=16, latin=False, seed=7):
    """Ratings of voices with these true means, listeners who differ and sentences that differ."""
    rng = np.random.default_rng(seed)
    by_listener, by_utterance = rng.normal(0, 0.5, listeners), rng.normal(0, 0.3, utterances)
    out = []
    for k, (voice, mean) in enumerate(means.items()):
        for u in range(utterances):
            for v in range(listeners):
                if not latin or (u + v) % len(means) == k:
                    score = mean + by_listener[v] + by_utterance[u] + rng.normal(0, 0.5)
                    out.append(Rating(f"l{v}", f"u{u}", voice, float(score)))
    return out


def concluded(ratings, systems, **options):
    return conclude(analyse_ratings(ratings, systems, resamples=300, **options), systems)


@pytest.mark.parametrize("latin", [False, True])
def test_a_known_effect_is_found_and_its_size_is_right(latin):
    systems = ["a", "b", "c"]
    analysis = concluded(
        simulate({"a": 3.0, "b": 3.0, "c": 4.0}, listeners=18, utterances=18, latin=latin), systems
    )
    by_pair = {(p.first, p.second): p for p in analysis.pairs}
    for first in "ab":
        found = by_pair[first, "c"]
        assert found.different
        assert found.effect > 0.8
        # Of one study; benchmarks/listening_statistics.py counts how often the interval holds the truth.
        assert found.difference.low - 0.1 < 1.0 < found.difference.high + 0.1
        assert found.difference.low > 0.5
    assert not by_pair["a", "b"].different
    letters = {s: analysis.summary("mos/listeners", s).letters for s in systems}
    assert letters["a"] == letters["b"] != letters["c"] == "a"


def test_identical_voices_do_not_differ():
    one = simulate({"a": 3.3})
    twins = one + [Rating(r.listener, r.utterance, "b", r.score) for r in one]
    (pair,) = concluded(twins, ["a", "b"]).pairs
    assert (pair.p, pair.adjusted, pair.effect, pair.ties) == (1.0, 1.0, 0.0, 16)
    assert (pair.difference.low, pair.difference.estimate, pair.difference.high) == (0.0, 0.0, 0.0)


def test_an_effect_that_one_listener_makes_is_no_effect():
    # Every utterance says the same, but only because one of eight listeners likes b.
    ratings = simulate({"a": 3.0, "b": 3.0}, listeners=8, utterances=30)
    fan = [
        Rating(r.listener, r.utterance, r.voice, r.score + 6.0 * (r.listener == "l0" and r.voice == "b"))
        for r in ratings
    ]
    (pair,) = concluded(fan, ["a", "b"]).pairs
    assert pair.effect > 0.8
    assert not pair.different
    assert pair.difference.low < 0


def test_the_interval_of_a_mean_is_that_of_the_statistics_module():
    ratings = simulate({"a": 3.0, "b": 3.5})
    analysis = concluded(ratings, ["a", "b"])
    own = [r for r in ratings if r.voice == "b"]
    expected = two_way_interval(
        np.array([r.score for r in own]), [r.utterance for r in own], [r.listener for r in own], resamples=300
    )
    assert analysis.summary("mos/listeners", "b").interval == expected


def test_a_paired_difference_by_hand():
    # Two utterances, two listeners, all cells: differences 1, 2, 3, 4.
    values = np.array([1.0, 1, 1, 1, 2, 3, 4, 5])
    second = np.arange(8) >= 4
    utterance, listener = [0, 0, 1, 1] * 2, [0, 1, 0, 1] * 2
    found = two_way_interval(values, utterance, listener, second=second)
    assert found.estimate == 2.5
    # Cell residuals /4: ∓ (1.5, 0.5). Sums by utterance ∓0.5, by listener ∓0.25, cells squared 5/16:
    # variances 2·2·0.5² = 1, 2·2·0.25² = 0.25, less 0.3125 makes 0.9375: less than by utterance alone, so 1.
    t = 2.5 / np.sqrt(1.0)
    assert two_way_test(values, second, utterance, listener) == pytest.approx(
        2 * (0.5 - np.arctan(t) / np.pi)
    )
    assert found.high - found.estimate == pytest.approx(np.tan(np.pi * 0.475))  # Student's t of one degree


def test_comparison_scores_count_for_both_orders():
    rng = np.random.default_rng(0)
    ratings = []
    for u in range(12):
        for v in range(10):
            score = float(np.round(1 + rng.normal(0, 0.8)))
            turned = (u + v) % 2
            first, second = ("a", "b") if turned else ("b", "a")
            ratings.append(Rating(f"l{v}", f"u{u}", first, -score if turned else score, "cmos", second))
    analysis = concluded(ratings, ["a", "b"])
    (pair,) = analysis.pairs
    assert (pair.first, pair.second) == ("a", "b")
    assert pair.difference.estimate == pytest.approx(1.0, abs=0.3)
    assert pair.different
    assert analysis.summaries == {}
    assert rows(ratings) == []


def test_comparison_with_one_anchor_has_a_figure_for_each_voice():
    ratings = [
        Rating(f"l{v}", f"u{u}", "b", 1.0 + 0.1 * (u % 3), "cmos", "a") for u in range(9) for v in range(8)
    ]
    analysis = concluded(ratings, ["a", "b"])
    assert analysis.summary("cmos/listeners", "b").interval.estimate == pytest.approx(1.1)
    assert {r.utterance: r.value for r in rows(ratings)}["u2"] == pytest.approx(1.2)
    assert "against a" in analysis.definitions[0].title


def test_few_listeners_are_not_tested_and_it_is_said():
    analysis = concluded(simulate({"a": 3.0, "b": 4.0}, listeners=3), ["a", "b"])
    assert analysis.pairs == []
    assert analysis.untested_pairs == ["mos/listeners: a and b have 3 listeners in common"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("listener,utterance,voice\nl,u,a\n", "no column 'score'"),
        (HEAD + "l,u,a,3\nl,u2,a,good\n", "line 3: the score 'good' is not a number"),
        (HEAD + "l,u,a,nan\n", "line 2: the score 'nan' is not a number"),
        (HEAD + "l,u,a,\n", "line 2: the column 'score' is empty"),
        (HEAD + "l,u,nhs,3\n", "line 2: there is no voice 'nhs'"),
        (
            HEAD + "l,u,a,3\n\nl,u,a,4\n",
            "line 4: listener 'l' rates utterance 'u' of a again \\(first on line 2\\)",
        ),
        (HEAD, "holds no ratings"),
        ("", "no column"),
        ("listener,utterance,voice,score,against\nl,u,a,1,a\n", "compares the voice 'a' with itself"),
        ("listener,utterance,voice,score,metric,against\nl,u,a,1,x,nsh\nl,u,a,2,x,\n", "some do not"),
    ],
)
def test_a_bad_file_is_refused_with_the_line(tmp_path, text, message):
    path = tmp_path / "ratings.csv"
    path.write_text(text)
    with pytest.raises(RatingsError, match=message):
        read_table(path, ["a", "nsh"]).ratings if "nan" not in text else read_table(path)


def test_a_misspelt_voice_is_guessed(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text(HEAD + "l,u,nhs,3\n")
    with pytest.raises(RatingsError) as error:
        read_table(path, ["natural", "nsh"])
    assert "did you mean 'nsh'" in error.value.hint


def test_not_utf8_and_other_separators(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_bytes("listener;utterance;voice;score\nИ;u;a;3\n".encode("cp1251"))
    with pytest.raises(RatingsError, match="not UTF-8"):
        read_table(path)
    path.write_text("\ufefflistener;utterance;voice;score\nИ;u;a;3\n", encoding="utf-8")
    assert read_table(path).ratings == [Rating("И", "u", "a", 3.0)]


def test_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow", reason="reads parquet: pip install pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "ratings.parquet"
    columns = {
        "listener": ["l", "l"],
        "utterance": [1, 2],
        "voice": ["a", "a"],
        "score": [3, 4],
        "metric": ["smos", None],
    }
    pq.write_table(pa.table(columns), path)
    assert read_table(path).ratings == [Rating("l", "1", "a", 3.0, "smos"), Rating("l", "2", "a", 4.0)]
    pq.write_table(pa.table({**columns, "score": ["3", "x"]}), path)
    with pytest.raises(RatingsError, match="row 2: the score 'x'"):
        read_table(path)


def write(path, ratings):
    lines = (f"{r.listener},{r.utterance},{r.voice},{min(max(r.score, 1.0), 5.0)}\n" for r in ratings)
    path.write_text(HEAD + "".join(lines))


def test_the_command(tmp_path, capsys):
    from synthkit.cli import run

    path = tmp_path / "ratings.csv"
    write(path, simulate({"a": 3.0, "b": 4.2}))
    assert run(["listeners", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "b − a" in shown
    assert "p, family" in shown
    assert run(["listeners", str(path), "--json", "--voice", "b", "--voice", "a"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["systems"] == ["b", "a"]
    assert data["pairs"][0]["adjusted"] < 0.05
    assert run(["listeners", str(path), "--voice", "b"]) == 2
    assert "there is no voice 'a'" in capsys.readouterr().err


def test_ratings_join_the_report_of_a_comparison(tmp_path, capsys):
    from synthkit.cli import run
    from synthkit.corpora import open_corpus

    ids = [u.id for u in open_corpus("bundled-ru").utterances[:4]]
    ratings = [
        Rating(
            r.listener,
            ids[int(r.utterance[1:]) % 4] if int(r.utterance[1:]) < 4 else r.utterance,
            r.voice,
            r.score,
        )
        for r in simulate({"natural": 4.5, "copy:world": 3.5})
    ]
    path = tmp_path / "ratings.csv"
    write(path, ratings)
    arguments = [
        "compare",
        "-c",
        "bundled-ru",
        "--limit",
        "2",
        "-m",
        "pauses",
        "--executor",
        "serial",
        "--copy",
        "world",
    ]
    arguments += ["-o", str(tmp_path / "out"), "--work", str(tmp_path / "work"), "--ratings", str(path)]
    assert run(arguments) == 0
    assert "of the utterances rated are not among these sentences" in capsys.readouterr().err
    data = json.loads((tmp_path / "out" / "results.json").read_text())
    found = [p for p in data["pairs"] if p["definition"] == "mos/listeners"]
    assert len(found) == 1
    assert found[0]["adjusted"] < 0.05
    assert sum(r["metric"] == "mos" for r in data["rows"]) == 32
    page = (tmp_path / "out" / "index.html").read_text()
    assert '<h2 id="listeners">What listeners said</h2>' in page
    assert data["about"]["ratings"]["left_out"] == []
    write(path, [Rating("l", "u", "copi:world", 3.0)])
    assert run(arguments) == 2
    said = capsys.readouterr().err
    assert "did you mean 'copy:world'" in said and f"{path}, line 2: there is no voice" in said


def test_ratings_go_with_figures_and_reference_and_anchors_find_their_place(tmp_path):
    from synthkit.eval.listening.joining import correlations, join_ratings
    from synthkit.eval.results import Row

    lines = ["listener,utterance,voice,score,metric"]
    for v in range(6):
        for u in range(5):
            for voice, score in {"reference": 100, "a": 40 + 5 * u, "anchor35": 10}.items():
                lines.append(f"l{v},u{u},{voice},{score},mushra")
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join(lines) + "\n")
    joined = join_ratings(path, ["natural", "a"])
    assert {r.voice for r in joined.ratings} == {"natural", "a"}
    assert joined.warnings() == []
    measured = [
        Row(f"u{u}", s, "mcd", "x", float(v), 1, "dB")
        for u in range(5)
        for s, v in (("a", 9 - u), ("natural", 0))
    ]
    (found,) = correlations(rows(joined.ratings), measured, resamples=50)
    assert (found.rated, found.measured, found.pairs, found.sentences) == ("mushra/listeners", "mcd/x", 10, 5)
    assert found.rho == pytest.approx(-1.0)
    again = [*measured, *(Row(r.utterance, r.system, "lsd", "x", r.value % 2, 1, "dB") for r in measured)]
    told = correlations(rows(joined.ratings), again, first=["lsd/x"], resamples=20)
    assert [c.measured for c in told] == ["lsd/x", "mcd/x"]  # the primary figure, then the closer one
    with pytest.raises(RatingsError, match="there is no voice 'a'") as unknown:
        join_ratings(path, ["natural", "b"])
    assert unknown.value.where == f"{path}, line 3"
