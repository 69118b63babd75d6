# SPDX-License-Identifier: Apache-2.0
"""Everything that fixes the sizes of a network, and the names and shapes of its weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass

CONTEXT = 3
"""Frames before and after one that the conditioning network sees."""
READ, WIDEN = 5, 3
"""Frames under its two convolutions."""
PULSES = 4
"""Numbers that say where among the voice's pulses a sample is (`pulses.py`)."""
CLASSES = 256
"""Of the softmax."""
FORMS, OUTPUTS = ("residual", "waveform"), ("logistics", "softmax")


@dataclass(frozen=True)
class Shape:
    """Sizes of a network.

    Attributes
    ----------
    inputs : int
        Values of a frame.
    form : str
        ``"residual"``: it models what linear prediction leaves; ``"waveform"``: the samples themselves.
    output : str
        ``"logistics"``: a mixture of logistic distributions; ``"softmax"``: 256 classes on the µ-law scale.
    layers, cycle : int
        Dilations are 1, 2, 4 … for `cycle` layers, then from 1 again.
    channels, skip : int
        Of the residual way, and of what all layers give to the output.
    condition, hidden : int
        Channels of the conditioning network: what it gives, and within.
    mixtures : int
        Logistic distributions.
    order : int
        Of the linear prediction; 0 without.
    pulses : bool
        Whether it is told when the voice's pulses come.
    taps : int
        Samples around the one a period ago that are read beside the last one; odd, or 0 where frames state
        no pitch.
    """

    inputs: int
    form: str
    output: str
    layers: int = 20
    cycle: int = 10
    channels: int = 32
    skip: int = 64
    condition: int = 32
    hidden: int = 128
    mixtures: int = 5
    order: int = 24
    taps: int = 5
    pulses: bool = False

    def check(self) -> None:
        """Raise `ValueError` for sizes that no vocoder has; a file may state any."""
        if self.form not in FORMS or self.output not in OUTPUTS:
            raise ValueError(f"form = {self.form!r}, output = {self.output!r}")
        limits = {"layers": 200, "cycle": 14, "order": 64, "taps": 15, "mixtures": 64}
        for name, size in asdict(self).items():
            if name in ("form", "output"):
                continue
            if name == "pulses":
                if type(size) is not bool:
                    raise ValueError(f"pulses = {size!r}")
                continue
            least = 0 if name in ("order", "taps") else 1
            if type(size) is not int or not least <= size <= limits.get(name, 4096):
                raise ValueError(f"{name} = {size!r}")
        if self.pulses and not self.order:
            raise ValueError("pulses, and no prediction to find them by")
        if (self.form == "waveform") != (not self.order) or (
            self.taps and not (self.order and self.taps % 2)
        ):
            raise ValueError(f"form {self.form!r} with order {self.order} and {self.taps} taps")

    @property
    def signals(self) -> int:
        """Numbers that stand for what is known at a sample: the one before; with prediction, what it left of
        it, the sample, the prediction of the next, and the period ago; the pulses."""
        return (3 + self.taps if self.order else 1) + (PULSES if self.pulses else 0)

    @property
    def outputs(self) -> int:
        """Numbers that fix a distribution."""
        return CLASSES if self.output == "softmax" else 3 * self.mixtures

    @property
    def dilations(self) -> tuple[int, ...]:
        """Samples between the two that a layer sees."""
        return tuple(2 ** (k % self.cycle) for k in range(self.layers))

    @property
    def before(self) -> int:
        """Samples before the last one that an output depends on."""
        return sum(self.dilations)

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, as torch names those of `network.WaveNet`."""
        out: dict[str, tuple[int, ...]] = {}

        def both(name: str, *sizes: int) -> None:
            out[f"{name}.weight"], out[f"{name}.bias"] = sizes, (sizes[0],)

        both("read", self.hidden, self.inputs, READ)
        both("widen", self.condition, self.hidden, WIDEN)
        both("enter", self.channels, self.signals)
        for k in range(self.layers):
            both(f"gates.{k}", 2 * self.channels, 2 * self.channels + self.condition)
            if k < self.layers - 1:
                both(f"residuals.{k}", self.channels, self.channels)
        both("skip", self.skip, self.layers * self.channels)
        both("middle", self.skip, self.skip)
        both("out", self.outputs, self.skip)
        return out
