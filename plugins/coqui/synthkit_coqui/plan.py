# SPDX-License-Identifier: Apache-2.0
"""How many steps there will be: as many as were asked for, or as this machine takes in the time that it is
given.

The learning rate is a function of the planned steps, so a plan that cannot be reached is a rate that never
arrives: a warm-up of 4000 steps in a training that ends after 71. The speed is measured in the first steps,
on the batches that are trained on; what does not fit the time is planned anew, and what is too little to
learn anything is refused.

A machine does not keep its speed, and with ``max_minutes`` a rate that was planned for the first steps' would
be high still when time is up, or low long before. So at every twentieth of the first plan the rest is planned
again by the time that is left. What was planned is kept as steps (`Plan.revised`): the clock decides when a
revision is made and never again, and a training that goes on applies the rates that it would have applied.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from synthkit.atomic import write_json
from synthkit.errors import ConfigError, VoiceError
from synthkit.paths import read_json
from synthkit_coqui.description import described
from synthkit_coqui.history import USEFUL_PEAK
from synthkit_coqui.learner import learning_rate
from synthkit_coqui.settings import TrainSettings

FILE = "plan.json"
PLANNED = "delete it: the training is planned again"
MEASURED_STEPS, MEASURED_SECONDS, MEASURED_PART = 10, 20.0, 0.05
"""Steps after the first whose time is taken, or as many as there are in this long, or in this part of the
time there is, but two."""
AGAIN = 2
"""Steps by which smaller batches are measured."""
SPARE = 0.9
"""Part of the time that is planned for steps; the rest goes to checkpoints, validations and other
programs."""
LOOKS = 20
"""Times that the rest is planned again, at even steps of the first plan."""
HARDLY = 0.05
"""Part of the steps that are left by which a new plan must differ."""
MUCH = 0.25
"""Part of the steps that people were told of by which a revision must move the end to be told, too: every
line of a step says the end as it stands."""
FEWEST = 30
"""In fewer steps nothing is learned, however they are planned: after 20 a Tacotron 2 is no nearer to the
recordings than what has learned nothing, after 42 it is."""
SOME = 100
"""Steps in which something is. Where the time holds fewer, batches are made smaller: many small steps teach
more than a few large ones."""
LONG = 12 * 3600.0
"""Seconds of a training on a CPU that nobody expects."""


@dataclass(frozen=True)
class Plan:
    """Steps to take, and why so many.

    Attributes
    ----------
    steps : int
    asked : int
        Steps that the settings ask for.
    seconds_per_step : float
        As measured.
    max_minutes : float or None
        The time there is.
    revised : tuple of (int, int)
        Where the rest was planned again: at which step, and how many there are since.
    batch_size, asked_size : int or None
        Utterances of a step, and as the settings ask; None where that many are.
    """

    steps: int
    asked: int
    seconds_per_step: float
    max_minutes: float | None
    revised: tuple[tuple[int, int], ...] = ()
    batch_size: int | None = None
    asked_size: int | None = None

    @property
    def end(self) -> int:
        """Steps there will be, as planned last."""
        return self.revised[-1][1] if self.revised else self.steps

    def looks(self, step: int) -> bool:
        """Whether the rest is planned again after `step` steps: a function of the steps, the same in each of
        several processes. Never twice."""
        if self.max_minutes is None or step >= self.end or step % max(1, self.steps // LOOKS):
            return False
        return not self.revised or step > self.revised[-1][0]

    def place(self, step: int) -> float:
        """Where `step` (0-based) is in the first plan, of which the learning rate is a function.

        Each revision stretches what was left to the steps that there are then. Without one it is `step`.
        """
        at, done, end = 0, 0.0, self.steps
        for revised, new in self.revised:
            if step < revised:
                break
            done += (self.steps - done) * (revised - at) / max(1, end - at)
            at, end = revised, new
        if at == 0:
            return step
        return done + (self.steps - done) * (step - at) / max(1, end - at)

    @property
    def seconds(self) -> float:
        """All steps together."""
        return self.steps * self.seconds_per_step

    def told(self, device: str) -> str:
        """For people: how many steps, how fast, how long."""
        if self.revised:
            step, end = self.revised[-1]
            return (
                f"plan: {end} steps in all, {end - step} of them from here, by the time that is left and how "
                "long the last took"
            )
        each = self.seconds_per_step
        speed = f"{1 / each:.2f} steps/s" if each < 1 else f"{each:.1f} s a step"
        if self.steps < self.asked:
            batches = ""
            if self.batch_size is not None:
                batches = f" in batches of {self.batch_size} instead of {self.asked_size}"
            return (
                f"plan: {self.steps} of the {self.asked} steps asked for{batches}, since "
                f"{lasting(60 * (self.max_minutes or 0))} hold no more at {speed} on this machine; the "
                "learning rate is planned for them"
            )
        text = f"plan: {self.steps} steps at {speed} on this machine take {lasting(self.seconds)}"
        if device == "cpu" and self.seconds > LONG and self.max_minutes is None:
            text += (
                f"; `max_minutes = {round(LONG / 60)}` plans as many as fit {lasting(LONG)}, a smaller "
                "`preset` or "
                '`batch_size` takes shorter steps, and acoustic_model.plugin = "parametric" is made for a CPU'
            )
        return text


def again(plan: Plan, step: int, each: float, left: float) -> Plan:
    """The plan for what comes after `step`, by seconds of a step and those that are left.

    `plan` itself where that is hardly another.
    """
    end = min(plan.asked, step + max(1, int(SPARE * left / each)))
    if left <= 0 or abs(end - plan.end) <= HARDLY * (plan.end - step):
        return plan
    return replace(plan, revised=(*plan.revised, (step, end)))


def moved(told: int, end: int) -> bool:
    """Whether an end that people were `told` of has moved so far since that they are told again."""
    return abs(end - told) > MUCH * told


def typical(seconds: list[float]) -> float:
    """Seconds of a step, of those that were measured; 0 of none."""
    return median(seconds) if seconds else 0.0


def enough(took: list[float], seconds: float, max_minutes: float | None = None) -> bool:
    """Whether so many steps in so long tell how long a step takes."""
    longest = min(MEASURED_SECONDS, MEASURED_PART * 60 * (max_minutes or LONG))
    return len(took) >= 2 and seconds > longest


def fitting(
    settings: TrainSettings, each: float, size: int, utterances: int, *, step: int = 0, spent: float = 0.0
) -> int:
    """How many utterances a step may have, so that enough steps fit the time: as many as the settings ask for
    where they do anyway.

    Parameters
    ----------
    settings : TrainSettings
    each : float
        Seconds of a step, as measured.
    size : int
        Utterances of that step.
    utterances : int
        That each process has to make batches of.
    step : int
        Steps that are done.
    spent : float
        Seconds that they took.

    Returns
    -------
    int
        By steps that take as long as their batches are large, which not all do: they are measured again.
    """
    whole = min(settings.batch_size, utterances)
    if settings.max_minutes is None:
        return whole
    room = SPARE * (60 * settings.max_minutes - spent) / each
    some = max(1, min(SOME, settings.steps) - step)
    return min(whole, max(1, int(size * room / some)))


def make(
    settings: TrainSettings,
    each: float,
    batch_size: int | None = None,
    *,
    step: int = 0,
    spent: float = 0.0,
) -> Plan:
    """The plan of a training.

    Parameters
    ----------
    settings : TrainSettings
    each : float
        Seconds of a step, as measured.
    batch_size : int, optional
        Utterances of those steps, where they are fewer than the settings ask for.
    step : int
        Steps that are done: those that were measured, and in larger batches.
    spent : float
        Seconds that they took, which are not there for others.

    Raises
    ------
    ConfigError
        The time is too short for anything, or ends before the warm-up that the settings ask for.
    """
    minutes, steps = settings.max_minutes, settings.steps
    if minutes is not None:
        steps = min(steps, step + int(SPARE * max(0.0, 60 * minutes - spent) / each))
    if steps < min(FEWEST, settings.steps):
        raise ConfigError(
            f"in {lasting(60 * (minutes or 0))} this machine takes {steps} steps of this model ({each:.1f} s "
            "each): nothing is learned in so few",
            where="max_minutes",
            hint=_sooner(settings, each),
        )
    asked_size = None if batch_size is None else settings.batch_size
    plan = Plan(steps, settings.steps, each, minutes, (), batch_size, asked_size)
    if peak(planned(settings, plan), steps) < USEFUL_PEAK * settings.lr:
        raise ConfigError(
            f"in {lasting(60 * (minutes or 0))} this machine takes {steps} steps of this model, and the "
            f"warm-up of {settings.warmup()} ends after them: lr = {settings.lr:g} is never reached",
            where="warmup_steps",
            hint=f"warmup_steps = {max(1, steps // 10)}, or leave it out",
        )
    return plan


def _sooner(settings: TrainSettings, each: float) -> str:
    """What would do where so few steps fit the time, in batches as small as may be."""
    below = {"default": "small", "small": "tiny"}.get(settings.preset)
    smaller = f'preset = "{below}", or ' if below else ""
    return f"{smaller}max_minutes = {_minutes(500 * each / SPARE)} for 500 steps of these"


def planned(settings: TrainSettings, plan: Plan) -> TrainSettings:
    """The settings with the plan's steps, of which the learning rate is a function, and its batches."""
    size = plan.batch_size or settings.batch_size
    return type(settings)(**{**settings.model_dump(), "steps": plan.steps, "batch_size": size})


def peak(settings: TrainSettings, taken: int) -> float:
    """The highest learning rate applied in the first `taken` steps of a plan that was not revised."""
    top = min(settings.warmup(), taken)
    return max(learning_rate(settings, step) for step in {0, max(0, top - 1), max(0, taken - 1)})


def save(folder: Path, plan: Plan) -> None:
    """Keep the plan with the run: a training that goes on keeps to it."""
    write_json(folder / FILE, asdict(plan))


def load(folder: Path, settings: TrainSettings) -> Plan | None:
    """The plan of a run, or None: there is none yet, or it is of other settings."""
    path = folder / FILE
    if not path.exists():
        return None
    data: dict[str, Any] = read_json(path, VoiceError, hint=PLANNED)
    with described(str(path), "is no plan of a training", hint=PLANNED):
        plan = Plan(**{**data, "revised": tuple((at, end) for at, end in data.get("revised", ()))})
    asked = (settings.steps, settings.max_minutes, settings.batch_size)
    return plan if (plan.asked, plan.max_minutes, plan.asked_size or settings.batch_size) == asked else None


def lasting(seconds: float) -> str:
    """A time with a unit that a person would choose."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} minutes"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 3600:.0f} hours ({seconds / 86400:.1f} days)"


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / 60))
