# SPDX-License-Identifier: Apache-2.0
"""What the pipeline recorded while speaking: joins and costs."""

from __future__ import annotations

from synthkit.eval.concatenation import path_figures
from synthkit.eval.metric import Definition, Measurement, Metric, Undefined
from synthkit.eval.sample import EvalSample


class Concatenation(Metric):
    """Joins, runs and costs of a unit path."""

    gives = (
        Definition(
            "joins", "synthkit", "per s", "lower", "Joins",
            "Places where neighbouring units do not come from one stretch of recording, per second of units.",
            group="concatenation",
        ),
        Definition(
            "run-length", "synthkit", "units", "higher", "Run length",
            "Units per maximal stretch taken unbroken from one recording.", group="concatenation",
        ),
        Definition(
            "join-cost", "synthkit", "", "none", "Join cost",
            "Sum of the voice's weighted join costs over the number of joins. Comparable between voices of "
            "one "
            "engine and weighting only.", group="concatenation",
        ),
        Definition(
            "target-cost", "synthkit", "", "none", "Target cost",
            "Sum of the voice's weighted target costs over the number of units. Comparable as join-cost is.",
            group="concatenation",
        ),
        Definition(
            "own-units", "synthkit", "%", "none", "Own-utterance units",
            "Share of units cut from the recording of the very utterance that is spoken: above zero, the "
            "comparison "
            "with that recording is not a fair one.", group="concatenation",
        ),
    )  # fmt: skip
    needs = ("path",)

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        assert sample.record is not None and sample.record.path is not None
        path = sample.record.path
        if not path.units:
            raise Undefined("the unit path is empty")
        figures = path_figures(path)
        return [
            self.value("joins", figures.joins_per_second, n=path.joins),
            self.value("run-length", figures.run_length, n=len(path.runs)),
            self.value("join-cost", figures.join_cost, n=path.joins)
            if figures.join_cost is not None
            else self.undefined("join-cost", "no join in the path"),
            self.value("target-cost", figures.target_cost, n=path.units),
            self.value("own-units", 100.0 * figures.own_share, n=path.units),
        ]


class Cost(Metric):
    """Time and memory it took to speak."""

    gives = (
        Definition(
            "rtf", "synthkit", "", "lower", "Real-time factor",
            "Wall seconds of all stages over seconds of speech, voice already open, one thread, on the "
            "machine the "
            "report names.", group="cost", pool="ratio", main=True, range=(0.0, None),
        ),
        *(
            Definition(
                f"rtf-{stage.replace('_', '-')}", "synthkit", "", "lower", f"RTF, {stage.replace('_', ' ')}",
                f"Wall seconds of the stage {stage!r} over seconds of speech.", group="cost", pool="ratio",
                range=(0.0, None),
            )
            for stage in ("segmentation", "acoustic_model", "vocoder")
        ),
        Definition(
            "latency", "synthkit", "ms", "lower", "Latency",
            "Wall milliseconds from the text to the first sample. Of a voice that does not stream, this is "
            "the time "
            "to the whole utterance.", group="cost",
        ),
        Definition(
            "peak-memory", "synthkit", "MB", "lower", "Peak memory",
            "Largest resident memory so far of the process that spoke this utterance (10⁶ bytes); a process "
            "speaks "
            "for one voice only.", group="cost",
        ),
    )  # fmt: skip
    needs = ("record",)

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        assert sample.record is not None
        record, seconds = sample.record, sample.test.duration
        out = []
        if record.stages and seconds > 0:
            out.append(self.value("rtf", sum(record.stages.values()) / seconds, n=seconds))
        else:
            out.append(self.undefined("rtf", "the pipeline recorded no times"))
        for stage in ("segmentation", "acoustic_model", "vocoder"):
            name = f"rtf-{stage.replace('_', '-')}"
            if stage in record.stages and seconds > 0:
                out.append(self.value(name, record.stages[stage] / seconds, n=seconds))
            else:
                out.append(self.undefined(name, "this stage was not run or not timed"))
        for name, value, scale in (
            ("latency", record.latency, 1000.0),
            ("peak-memory", record.peak_memory, 1.0),
        ):
            out.append(
                self.value(name, scale * value, n=1)
                if value is not None
                else self.undefined(name, "not recorded")
            )
        return out
