# SPDX-License-Identifier: Apache-2.0
"""Metrics that hang, crash or chatter are stopped and reported; the rest goes on and our output stays
ours."""

import json

import numpy as np
import pytest

from synthkit.errors import MachineError
from synthkit.eval.entries import MetricEntry, Unusable, find_metrics
from synthkit.eval.guard import Guard
from synthkit.eval.quiet import quiet
from synthkit.eval.sample import Clip, EvalSample
from synthkit.offers import Registration
from synthkit.plugins import registry
from synthkit.types import Waveform

STRANGER = """
import os, sys, time
print("WELCOME TO THE STRANGER'S METRIC, now loading")
from synthkit.eval import Definition, Metric

class Odd(Metric):
    gives = (Definition("odd", "x", "", "lower", "Odd", "Something odd."),)

    def prepare(self):
        print("loading weights", flush=True)
        if os.environ.get("ODD") == "unloadable":
            raise RuntimeError("no weights")

    def measure(self, sample):
        os.write(1, b"measuring with C's printf\\n")
        print("a progress bar", file=sys.stderr, flush=True)
        if sample.text == "hang":
            time.sleep(1000)
        if sample.text == "crash":
            print("assertion failed in stranger.cpp", file=sys.stderr, flush=True)
            os.abort()
        if sample.text == "killed":
            os.kill(os.getpid(), 9)
        return [self.value("odd", sample.test.memo("size", lambda: len(sample.test.samples())), n=1)]
"""


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """A metric of a plugin that does everything wrong."""
    (tmp_path / "strangers_metric.py").write_text(STRANGER)
    monkeypatch.syspath_prepend(str(tmp_path))
    return MetricEntry(Registration("metric", "odd", "strangers_metric:Odd", "", "odd", "stranger", "1"))


def sample(text):
    return EvalSample("u", text, "en", Clip(Waveform(np.zeros(160, np.float32), 16000)))


def test_a_metric_that_hangs_or_crashes_is_stopped_and_the_rest_goes_on(stranger, capfd):
    pauses = MetricEntry(registry().find("metric", "pauses"))
    guarded = Guard(seconds=20)
    try:
        guarded.load([sample("fine"), sample("crash"), sample("hang")])
        assert guarded.measure(stranger, 0)[0].value == 160
        with pytest.raises(Unusable, match=r"crashed \(signal 6\): .*assertion failed in stranger.cpp"):
            guarded.measure(stranger, 1)
        assert guarded.measure(pauses, 1)[0].metric == "speaking-rate"
        guarded.seconds = 1.0
        with pytest.raises(Unusable, match="stopped: not done after 1 s"):
            guarded.measure(stranger, 2)
        guarded.seconds = 20
        assert guarded.measure(stranger, 0)[0].value == 160
        with pytest.raises(Unusable, match="crashed"):
            guarded.measure(stranger, 1)
        with pytest.raises(Unusable, match="not tried: it was stopped 3 times before"):
            guarded.measure(stranger, 0)
    finally:
        guarded.close()
    assert capfd.readouterr() == ("", "")


def test_a_process_that_the_system_kills_is_the_machines_fault_and_no_metrics(stranger):
    guarded = Guard(seconds=20)
    try:
        guarded.load([sample("fine"), sample("killed")])
        for _ in range(4):  # as often as that happens: it does not count as the metric's
            with pytest.raises(MachineError, match="the process that measures odd was killed"):
                guarded.measure(stranger, 1)
        assert guarded.measure(stranger, 0)[0].value == 160
    finally:
        guarded.close()


def test_one_that_cannot_be_made_ready_is_left_out_unless_it_was_asked_for(stranger, monkeypatch, capfd):
    class Plugins:
        def names(self, stage):
            return ["odd"]

        def find(self, stage, name):
            return stranger.registration

    monkeypatch.setenv("ODD", "unloadable")
    guarded = Guard()
    try:
        usable, left_out = find_metrics(Plugins(), prepare=lambda entry, _: guarded.prepare(entry))
        assert usable == []
        assert left_out == [("odd", "failed: RuntimeError: no weights")]
        with pytest.raises(Unusable, match="no weights"):
            find_metrics(Plugins(), ["odd"], prepare=lambda entry, _: guarded.prepare(entry))
    finally:
        guarded.close()
    assert capfd.readouterr().out == ""


def test_quiet_holds_python_and_c_back(capfd):
    import os

    with quiet():
        print("python")
        os.write(1, b"C\n")
        os.write(2, b"C\n")
    with quiet(errors=False):
        os.write(1, b"C\n")
        os.write(2, b"heard\n")
    print("after")
    assert capfd.readouterr() == ("after\n", "heard\n")


def test_a_whole_comparison_goes_on_without_it(stranger, tmp_path, capfd, monkeypatch):
    from synthkit.cli import run
    from synthkit.plugins import Registry

    find, names = Registry.find, Registry.names
    odd = stranger.registration
    monkeypatch.setattr(
        Registry, "find", lambda self, stage, name: odd if name == "odd" else find(self, stage, name)
    )
    monkeypatch.setattr(
        Registry, "names", lambda self, stage: [*names(self, stage), *(["odd"] if stage == "metric" else [])]
    )
    arguments = ["compare", "-c", "bundled-ru", "--limit", "2", "-m", "odd", "-m", "pauses"]
    arguments += ["--metric-timeout", "5", "--executor", "serial", "--json"]
    arguments += ["-o", str(tmp_path / "out"), "--work", str(tmp_path / "work")]
    source = tmp_path / "strangers_metric.py"
    source.write_text(source.read_text().replace('sample.text == "crash"', "True"))
    assert run(arguments) == 0
    out, err = capfd.readouterr()
    shown = json.loads(out)
    assert any(w.startswith("odd/x crashed (signal 6)") for w in shown["warnings"])
    assert "WELCOME" not in out + err and "printf" not in out + err
    assert err.index("warning: odd/x crashed") >= 0
    assert any(k.endswith("speaking-rate/synthkit") and v for k, v in shown["figures"].items())
