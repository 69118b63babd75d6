# SPDX-License-Identifier: Apache-2.0
"""A comparison from end to end with voices that need no backend: resuming, failures, identical voices, the
files."""

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from synthkit import audio
from synthkit.eval import measuring
from synthkit.eval.analysis import analyse, primary
from synthkit.eval.entries import find_metrics
from synthkit.eval.items import Item
from synthkit.eval.metric import Definition, Measurement, Metric, Undefined, measure
from synthkit.eval.remarks import power_warnings
from synthkit.eval.report.page import Content, page
from synthkit.eval.results import Row, worst
from synthkit.eval.results_files import to_json, write_parquet
from synthkit.eval.sample import Clip, EvalSample, PathRecord, SpeechRecord
from synthkit.eval.study import Study, environment
from synthkit.eval.systems import Natural
from synthkit.pipeline.executors import ProcessExecutor, ProcessSettings, SerialExecutor
from synthkit.plugins import registry
from synthkit.progress import Progress
from synthkit.types import Alignment, Interval, Utterance, Waveform

RATE = 16000
METRICS = ("spectral", "f0-yin", "pauses", "duration-planned", "concatenation", "cost")


def sound(hertz, seconds=0.6, noise=1e-3, seed=0):
    """A vowel between two silences."""
    t = np.arange(round(seconds * RATE)) / RATE
    x = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 12)) * 0.1 * np.hanning(len(t))
    x = np.concatenate([np.zeros(1600), x, np.zeros(1600)])
    return Waveform(
        (x + noise * np.random.default_rng(seed).standard_normal(len(x))).astype(np.float32), RATE
    )


@dataclass(frozen=True)
class Buzzer:
    """A voice that buzzes at its pitch and cannot say "broken"; it counts how often it spoke."""

    name: str
    ratio: float
    folder: str
    kind = "voice"

    def identity(self, item):
        return ["buzzer", self.ratio, item.id]

    def speak(self, item):
        with open(f"{self.folder}/{self.name}.log", "a") as file:
            file.write(f"{item.id}\n")
        if item.text == "broken":
            raise RuntimeError("no such word")
        number = int(item.id[1:])
        record = SpeechRecord(
            phones=("pau", "a", "pau"),
            durations=(0.1, 0.5, 0.1),
            path=PathRecord(4, 1, (2, 2), 2.0, 1.0, 0, 0.8),
            stages={"segmentation": 0.01, "acoustic_model": 0.02, "vocoder": 0.03},
            latency=0.06,
        )
        return sound((100 + 3 * number) * self.ratio, seed=number), record

    def describe(self):
        return {"what": "a buzzer", "config": '[voice]\nname = "<buzzer>"'}


@pytest.fixture(scope="module")
def items(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    out = []
    for k in range(12):
        path = folder / f"u{k}.wav"
        audio.write(path, sound(100 + 3 * k, seed=50 + k))
        text = "broken" if k == 11 else f"sentence {k} </script><b>"
        tier = tuple(Interval(*i) for i in ((0, 0.1, "pau"), (0.1, 0.7, "a"), (0.7, 0.8, "pau")))
        out.append(
            Item(f"u{k}", text, "en", Utterance(f"u{k}", text, path, "en"), Alignment(f"u{k}", tier, (), 0.8))
        )
    return out


def study(items, systems, root, executor=SerialExecutor):
    usable, _ = find_metrics(registry(), METRICS)
    return Study(items, systems, usable, root, executor, Progress(enabled=False))


@pytest.fixture(scope="module")
def done(items, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    systems = [Natural(), *(Buzzer(n, r, str(root)) for n, r in (("low", 1.0), ("twin", 1.0), ("high", 1.3)))]
    run = study(items, systems, root)
    outcome = run.run()
    voices = [s.name for s in systems if s.kind == "voice"]
    analysis = analyse(
        outcome.rows, run.definitions(), [s.name for s in systems], voices=voices, resamples=300
    )
    return root, systems, run, outcome, analysis


def test_every_figure_of_every_sentence_is_there_once(done, items):
    _, systems, run, outcome, _ = done
    seen = [(r.system, r.utterance, r.key) for r in outcome.rows]
    assert len(seen) == len(set(seen)) == len(systems) * len(items) * len(run.definitions())


def test_a_sentence_that_fails_is_counted_with_its_reason(done):
    _, _, _, outcome, analysis = done
    assert {(f.system, f.item) for f in outcome.failures} == {
        ("low", "u11"),
        ("twin", "u11"),
        ("high", "u11"),
    }
    summary = analysis.summary("f0-rmse/yin", "low")
    assert (summary.measured, summary.undefined) == (11, 1)
    assert list(summary.reasons) == ["could not be spoken: RuntimeError: no such word"]


def test_identical_voices_come_out_the_same_and_another_pitch_does_not(done):
    analysis = done[-1]
    by_pair = {(p.key, p.first, p.second): p for p in analysis.pairs}
    twins = by_pair["f0-rmse/yin", "low", "twin"]
    assert (twins.p, twins.adjusted, twins.effect, twins.difference.estimate) == (1.0, 1.0, 0.0, 0.0)
    assert twins.note == "identical in every sentence"
    for p in analysis.pairs:
        if {p.first, p.second} == {"low", "twin"}:
            assert not p.tested
    high = by_pair["f0-rmse/yin", "low", "high"]
    assert high.different
    assert high.effect == 1.0
    assert high.difference.low > 20
    assert (
        analysis.summary("f0-rmse/yin", "low").letters
        == analysis.summary("f0-rmse/yin", "twin").letters
        == "a"
    )
    assert analysis.summary("f0-rmse/yin", "high").letters == "b"
    assert analysis.best("f0-rmse/yin", ["low", "twin", "high"]) == ["low", "twin"]


def test_the_family_is_voices_by_primary_figures(done):
    _, systems, run, outcome, analysis = done
    names = [s.name for s in systems]
    voices = [s.name for s in systems if s.kind == "voice"]
    assert analysis.tested == ["f0-rmse/yin", "vuv-error/yin", "duration-rmse/planned", "lsd/synthkit"]
    assert {s for p in analysis.pairs for s in (p.first, p.second)} == set(voices)
    for p in analysis.pairs:
        assert p.different == (p.tested and not p.difference.low <= 0 <= p.difference.high)
    one = analyse(outcome.rows, run.definitions(), names, voices=voices, wanted=["f0-cents"], resamples=20)
    assert one.tested == ["f0-cents/yin"]
    assert len(one.family) == 2
    both = {p.key: p.adjusted for p in one.pairs if p.second == "high"}
    alone = analyse(outcome.rows, run.definitions(), ["low", "high"], wanted=["f0-cents"], resamples=20)
    assert alone.pairs[0].adjusted <= both["f0-cents/yin"]


def test_without_power_there_are_no_letters_and_it_is_said(done):
    _, _, run, outcome, _ = done
    few = [r for r in outcome.rows if r.utterance in ("u0", "u1", "u2", "u3", "u4")]
    found = analyse(few, run.definitions(), ["low", "twin", "high"], resamples=20)
    assert found.family == []
    assert all(not s.letters for s in found.summaries.values())
    assert {p.note for p in found.pairs if p.second == "high"} >= {
        "no power: at n = 5 the smallest p is 0.32"
    }
    warnings = power_warnings(found)
    assert any("no power: at n = 5 the smallest p is 0.32; " in w for w in warnings)
    assert any("sentences would be needed for a difference of 5.00 Hz" in w for w in warnings)
    assert to_json(found, few, {})["power"][0]["least_p"] > 0.05


def test_figures_are_right(done):
    analysis = done[-1]
    cents = analysis.summary("f0-cents/yin", "high").interval.estimate
    assert cents == pytest.approx(1200 * np.log2(1.3), abs=15)
    assert analysis.summary("duration-rmse/planned", "low").interval.estimate == pytest.approx(100, abs=0.01)
    assert analysis.summary("joins/synthkit", "low").interval.estimate == pytest.approx(1 / 0.8)
    assert analysis.summary("rtf/synthkit", "low").interval.estimate == pytest.approx(0.06 / 0.8, rel=1e-3)


def test_natural_speech_is_not_compared_with_itself(done):
    summary = done[-1].summary("lsd/synthkit", "natural")
    assert summary.interval is None
    assert "recording itself" in next(iter(summary.reasons))


def test_a_second_run_speaks_and_measures_nothing(done, items):
    root, systems, *_ = done
    before = (root / "low.log").read_text()
    again = study(items, systems, root).run()
    assert again.computed == 0
    # The broken sentence is tried again; nothing else is.
    assert (root / "low.log").read_text().removeprefix(before).split() == ["u11"]
    assert again.rows == done[3].rows


def test_a_new_voice_measures_nothing_old(done, items):
    root, systems, *_ = done
    new = Buzzer("new", 0.8, str(root))
    again = study(items, [*systems, new], root).run()
    assert again.computed == len(METRICS) * (len(items) - 1)


def test_an_upgraded_metric_is_measured_again_and_nothing_else(done, items, monkeypatch):
    root, systems, run, _, _ = done
    sounds = len(items) + 2 * (len(items) - 1)  # recordings; the twin sounds as "low"; none says "broken"
    released = {"installed": "1.0"}
    monkeypatch.setattr("synthkit.eval.measuring._KNOWN", {})
    monkeypatch.setattr("synthkit.eval.entries.installed_version", lambda name: released["installed"])
    monkeypatch.setattr("synthkit.eval.metrics.prosody.YinF0.packages", ("tracker",))

    def computed(metrics=None):
        measuring._KNOWN.clear()
        usable = run.metrics if metrics is None else metrics
        return Study(items, systems, usable, root, SerialExecutor, Progress(enabled=False)).run().computed

    assert computed() == sounds  # f0-yin depends on a package now
    assert computed() == 0
    released["installed"] = "1.1"
    assert computed() == sounds
    monkeypatch.setattr("synthkit.eval.metrics.prosody.Pauses.version", "99")
    assert computed() == sounds
    newer = [
        (replace(e, registration=replace(e.registration, version="99")), m)
        if e.registration.name == "spectral"
        else (e, m)
        for e, m in run.metrics
    ]
    assert computed(newer) == 0, "a release of its plugin alone changes no metric"


def test_workers_change_nothing(done, items, tmp_path):
    executor = partial(ProcessExecutor, ProcessSettings(workers=2))
    other = study(items[:3], [Natural()], tmp_path, executor).run()
    mine = [r for r in done[3].rows if r.system == "natural" and r.utterance in ("u0", "u1", "u2")]
    assert other.rows == mine


def test_results_files(done, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet", reason="results.parquet needs pyarrow: pip install pyarrow")
    _, _, _, outcome, analysis = done
    write_parquet(tmp_path / "results.parquet", outcome.rows)
    table = pq.read_table(tmp_path / "results.parquet").to_pylist()
    assert len(table) == len(outcome.rows)
    assert set(table[0]) >= {"utterance", "voice", "vocoder", "metric", "definition", "value", "n"}
    data = json.loads(json.dumps(to_json(analysis, outcome.rows, {}), allow_nan=False))
    assert data["seed"] == analysis.seed
    assert len(data["rows"]) == len(outcome.rows)


def test_the_worst_are_the_worst(done):
    _, _, run, outcome, _ = done
    d = next(d for d in run.definitions() if d.key == "f0-rmse/yin")
    rows = worst(outcome.rows, d, 3)
    assert [r.system for r in rows] == ["high"] * 3
    assert rows[0].value == max(r.value for r in outcome.rows if r.key == d.key and r.value is not None)


def test_an_interval_ends_where_values_end():
    rate = Definition("wer", "x", "%", "lower", "WER", "Errors over words, pooled.", pool="ratio")
    level = Definition("level", "x", "dB", "none", "Level", "Decibels of something.")
    correlation = Definition("level", "r", "", "none", "r", "A correlation of something.", range=(-1.0, 1.0))
    errors = [0.0] * 11 + [40.0]
    rows = [
        Row.of(f"u{k}", "v", Measurement(d.metric, d.id, e, 5, d.unit))
        for k, e in enumerate(errors)
        for d in (rate, level)
    ]
    rows += [Row.of(f"u{k}", "v", Measurement("level", "r", 1 - e / 40, 5, "")) for k, e in enumerate(errors)]
    found = analyse(rows, [rate, level, correlation], ["v"], resamples=300)
    assert found.summary("level/r", "v").interval.high == 1
    assert found.summary("wer/x", "v").interval.low == 0
    assert found.summary("level/x", "v").interval.low < 0


def test_one_definition_of_a_metric_is_tested():
    a = Definition("mcd", "a", "dB", "lower", "", "")
    b = Definition("mcd", "b", "dB", "lower", "", "", main=True)
    c = Definition("pesq", "wb", "", "higher", "", "", tested=False)
    d = Definition("rtf", "x", "", "lower", "", "", group="cost")
    measured = dict.fromkeys((x.key for x in (a, b, c, d)), 2)
    assert primary([a, b, c, d], measured) == ["mcd/b"]
    assert primary([a, b, c, d], {**measured, "mcd/b": 1}) == ["mcd/a"]  # that more voices have
    assert primary([a, b, c, d], measured, ["rtf/x", "mcd/a"]) == ["rtf/x", "mcd/a"]


class Odd(Metric):
    gives = (Definition("odd", "x", "", "lower", "Odd", ""), Definition("even", "x", "", "lower", "Even", ""))

    def measure(self, sample):
        if sample.text == "fail":
            raise ZeroDivisionError("oops")
        if sample.text == "undefined":
            raise Undefined("cannot say")
        return [self.value("odd", float("nan"), n=1)]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("fail", ["failed: ZeroDivisionError: oops"] * 2),
        ("undefined", ["cannot say"] * 2),
        ("nan", ["the computation gave nan", "the metric gave nothing"]),
    ],
)
def test_a_metric_that_fails_is_a_reason_never_a_number(text, reasons):
    found = measure(Odd(), EvalSample("x", text, "en", Clip(sound(100))))
    assert [m.reason for m in found] == reasons
    assert all(m.value is None for m in found)


def test_rows_and_records_survive_json():
    m = Measurement("a", "b", 1.0, 2, "dB", "", {"x": 1})
    assert Measurement.from_dict(json.loads(json.dumps(m.to_dict()))) == m
    record = SpeechRecord(phones=("a",), durations=(0.5,), path=PathRecord(1, 0, (1,), 0.0, 0.0, 0, 0.5))
    assert SpeechRecord.from_dict(json.loads(json.dumps(record.to_dict()))) == record
    assert Row.of("u", "s", m).key == "a/b"


@pytest.fixture(scope="module")
def html(done, items):
    _root, systems, _, outcome, analysis = done
    first = analysis.tested[0]
    rows = [
        replace(r, detail={"heard": f"{r.system} </script> said"}) if r.key == first else r
        for r in outcome.rows
    ]
    content = Content(
        title="Buzzers <test>",
        items=items,
        systems=[(s.name, s.kind, s.describe()) for s in systems],
        rows=rows,
        analysis=analysis,
        sounds=outcome.audio,
        environment=environment(),
        verdict="High is <worse>.",
    )
    return page(content)


def test_the_report_needs_nothing_but_itself(html):
    import re

    assert not re.search(
        r"""(?:src|href)\s*=\s*["'](?!data:|#)""", html.split('<script type="application/json"')[0]
    )
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in html
    assert "<b>&lt;" not in html
    assert "Buzzers &lt;test&gt;" in html
    assert str(20240229) in html


def test_measuring_files(tmp_path):
    from synthkit.cli import run
    from synthkit.errors import ConfigError
    from synthkit.eval.files import giving, measure_files

    for name, hertz in (("a", 100), ("b", 110)):
        (tmp_path / name).mkdir()
        audio.write(tmp_path / name / "x.wav", sound(hertz))
    rows, _ = measure_files(tmp_path / "a", tmp_path / "b", ("f0-yin",))
    value = {r.key: r.value for r in rows}["f0-rmse/yin"]
    assert value == pytest.approx(10, abs=0.5)
    assert giving(("mcd/espnet", "lsd/synthkit")) == ("mcd-espnet", "spectral")
    with pytest.raises(ConfigError, match="mcd/espnt") as error:
        giving(("mcd/espnt",))
    assert "did you mean 'mcd/espnet'" in error.value.hint
    assert (
        run(["measure", str(tmp_path / "a/x.wav"), str(tmp_path / "b/x.wav"), "--definition", "f0-rmse/yin"])
        == 0
    )


def test_the_documented_metric_works():
    text = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    space: dict = {}
    exec(text.split("```python\n")[1].split("```")[0], space)
    wave = Waveform(np.full(1000, 0.1, np.float32), RATE)
    found = measure(space["Loudness"](), EvalSample("x", "", "en", Clip(wave)))
    assert found[0].value == pytest.approx(-20, abs=1e-4)
