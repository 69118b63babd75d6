# SPDX-License-Identifier: Apache-2.0
"""`Metric`, the base of every measurement, and what it gives back.

A metric plugin reads in full::

    from synthkit.eval import Definition, Metric

    class Loudness(Metric):
        gives = (Definition("loudness", "rms", "dB", "none", "Loudness", "20·log10 of the RMS."),)

        def measure(self, sample):
            x = sample.test.samples()
            return [self.value("loudness", 10 * np.log10(np.mean(x**2)), n=len(x))]
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

from synthkit.errors import SynthkitError
from synthkit.errors import reason as reason_of
from synthkit.eval.sample import EvalSample
from synthkit.stages import Component

Better = Literal["lower", "higher", "none"]

NEEDS: dict[str, tuple[Callable[[EvalSample], bool], str]] = {
    "reference": (lambda s: s.reference is not None, "there is no recording of this text"),
    "synthesis": (lambda s: not s.natural, "this is the recording itself"),
    "alignment": (lambda s: s.alignment is not None, "the recording has no phone labels"),
    "record": (lambda s: s.record is not None, "the pipeline recorded nothing"),
    "path": (lambda s: s.record is not None and s.record.path is not None, "not made of recorded units"),
    "phones": (lambda s: bool(s.target_phones()), "the phones of this text are not known"),
    "text": (lambda s: bool(s.text.strip()), "there is no text"),
}
"""What a metric may need of a sample: whether a sample has it, and what is said of one that has not."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Exactly what a figure is.

    Attributes
    ----------
    metric, id : str
        What is measured (``"mcd"``) and by which of its definitions (``"espnet"``).
    unit : str
        ``"dB"``, ``"Hz"`` …; empty for pure numbers.
    better : str
        ``"lower"``, ``"higher"`` or ``"none"`` where neither is better as such.
    title : str
        Name for a table head.
    text : str
        The definition in full, so that somebody else gets the same figure.
    source : str
        Paper or tool it follows.
    pool : str
        ``"mean"``: utterances count alike. ``"ratio"``: values are weighted by n (errors over words).
    group : str
        ``"spectral"``, ``"prosody"``, ``"duration"``, ``"intelligibility"``, ``"speaker"``,
        ``"predicted quality"``, ``"concatenation"`` or ``"cost"``.
    main : bool
        True for the definition of its metric that is tested and shown first, where several are measured.
    tested : bool
        False where a test between voices would say nothing: figures that need signals in step.
    range : (float or None, float or None), optional
        Least and greatest value that can be, None where there is no end; intervals end there. Left out,
        only percentages have an end, 0.
    """

    metric: str
    id: str
    unit: str
    better: Better
    title: str
    text: str
    source: str = ""
    pool: Literal["mean", "ratio"] = "mean"
    group: str = "spectral"
    main: bool = False
    tested: bool = True
    range: tuple[float | None, float | None] | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """`range`, infinite where there is no end."""
        least, most = self.range or (0.0 if self.unit == "%" else None, None)
        return -math.inf if least is None else least, math.inf if most is None else most

    @property
    def key(self) -> str:
        """``metric/id``, unique among everything installed."""
        return f"{self.metric}/{self.id}"

    @property
    def label(self) -> str:
        """Title with the unit."""
        return (
            f"{self.title}, {self.unit}" if self.unit and not self.title.endswith(self.unit) else self.title
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON.

        Returns
        -------
        dict
        """
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure of one utterance, or the reason why there is none.

    Attributes
    ----------
    metric, definition : str
    value : float or None
        None where it is undefined or failed; never NaN.
    n : float
        How much it was measured over (frames, phones, words …); the weight where definitions pool by ratio.
    unit : str
    reason : str
        Why there is no value.
    detail : dict
        Counts behind the value, such as substitutions, or what was recognised.
    """

    metric: str
    definition: str
    value: float | None
    n: float
    unit: str
    reason: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """``metric/definition``."""
        return f"{self.metric}/{self.definition}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON.

        Returns
        -------
        dict
        """
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Measurement:
        """Inverse of `to_dict`.

        Parameters
        ----------
        data : dict

        Returns
        -------
        Measurement
        """
        return cls(**data)


class Undefined(SynthkitError):
    """A measurement that has no value for this utterance; the message says why."""


class Metric(Component, ABC):
    """One analysis of a sample and the figures it gives.

    Figures that share work (all F0 figures of one alignment path) belong in one class. A figure that has no
    value is given by `undefined`, or by raising `Undefined` for all of them; any other exception is reported
    with the utterance and counted, and stops nothing.

    Attributes
    ----------
    gives : tuple of Definition
        Every figure `measure` may give. May be a property where settings choose.
    compatible : bool
        True where it only reproduces another tool's figures; ``compare`` runs it when it is asked for.
    needs : tuple of str
        What a sample must have, of `NEEDS`: ``"reference"``, ``"alignment"``, ``"record"``, ``"path"``,
        ``"phones"``, ``"text"`` or ``"synthesis"`` (the metric says nothing about natural speech).
    packages : tuple of str
        Distributions beside the plugin's own whose release its figures depend on: where one is upgraded,
        ``compare`` measures again what this metric gave, and nothing else.
    """

    gives: ClassVar[tuple[Definition, ...]] = ()
    compatible: ClassVar[bool] = False
    needs: ClassVar[tuple[str, ...]] = ()
    packages: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def measure(self, sample: EvalSample) -> list[Measurement]:
        """The figures of `sample`, one per definition in `gives`.

        Parameters
        ----------
        sample : EvalSample
            Has everything that `needs` names.

        Returns
        -------
        list of Measurement
            One for each of `gives`.

        Raises
        ------
        Undefined
            None of the figures has a value for this sample; the message says why.
        """

    def prepare(self) -> None:
        """Load what is heavy; called once per process before the first sample.

        Raises
        ------
        MissingDependency
            A package or model is missing; the metric is then left out of the run, with this reason.
        """

    def value(self, metric: str, value: float, n: float, **detail: Any) -> Measurement:
        """A figure of the definition in `gives` with this metric name (or ``metric/id`` key).

        Parameters
        ----------
        metric : str
            Name of the figure: `Definition.metric`.
        value : float
            In the unit of its definition.
        n : float
            How much it was measured over.
        **detail
            Counts behind it.

        Returns
        -------
        Measurement
            Without a value where it is not finite.
        """
        definition = self._definition(metric)
        if not math.isfinite(value):
            return self.undefined(metric, f"the computation gave {value}")
        return Measurement(
            definition.metric, definition.id, float(value), float(n), definition.unit, "", detail
        )

    def undefined(self, metric: str, reason: str, **detail: Any) -> Measurement:
        """A figure that has no value.

        Parameters
        ----------
        metric : str
            Name of the figure: `Definition.metric`.
        reason : str
            Why it has no value.
        **detail
            Counts behind it.

        Returns
        -------
        Measurement
        """
        definition = self._definition(metric)
        return Measurement(definition.metric, definition.id, None, 0.0, definition.unit, reason, detail)

    def _definition(self, metric: str) -> Definition:
        for definition in self.gives:
            if metric in (definition.metric, definition.key):
                return definition
        raise KeyError(f"{type(self).__name__} does not give {metric!r}")


def measure(metric: Metric, sample: EvalSample) -> list[Measurement]:
    """Figures of `sample`, every definition of `metric` exactly once, failures with their reasons.

    Parameters
    ----------
    metric : Metric
    sample : EvalSample

    Returns
    -------
    list of Measurement
        One for each of ``metric.gives``, with a reason where there is no value.
    """
    reason = _lacking(metric, sample)
    if not reason:
        try:
            found = {m.key: m for m in metric.measure(sample)}
        except Undefined as error:
            reason = reason_of(error)
        except (
            Exception
        ) as error:  # a metric's failure is a result: it is counted and shown with its utterance
            reason = f"failed: {type(error).__name__}: {reason_of(error)}".split("\n")[0]
        else:
            return [
                found.get(d.key) or metric.undefined(d.key, "the metric gave nothing") for d in metric.gives
            ]
    return [metric.undefined(d.key, reason) for d in metric.gives]


def _lacking(metric: Metric, sample: EvalSample) -> str:
    lacking = (NEEDS[need][1] for need in metric.needs if not NEEDS[need][0](sample))
    return next(lacking, "")
