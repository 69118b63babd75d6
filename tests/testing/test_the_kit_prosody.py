# SPDX-License-Identifier: Apache-2.0
"""The conformance kit on prosody parts that break their contract (`synthkit.testing.checks.prosody`)."""

from __future__ import annotations

import numpy as np
import pytest
from testing_toys import broken, fails

from synthkit.errors import VoiceError
from synthkit.stages import ProsodyModel, Request, TrainingData
from synthkit.testing.checks import check_prosody_model
from synthkit.types import FeatureSpec, Phone, Prosody, Segmentation, Word

SAID = Segmentation("la la", "en", "toy", (Word("la", (Phone("l"), Phone("a", 1))),) * 2)
NOTHING = TrainingData([], 16000, ("en",), ("a",), "toy", FeatureSpec("toy", 16000))


class Even(ProsodyModel):
    """One height for every phone, and no pause."""

    def fit(self, data, folder, ctx):
        (folder / "height.txt").write_text("120")

    def open(self, folder):
        if not (folder / "height.txt").exists():
            raise VoiceError("there is no height")
        self.height = float((folder / "height.txt").read_text())

    def predict(self, request):
        if not hasattr(self, "height"):
            raise VoiceError("not opened")
        places = np.arange(1, len(request.segmentation.symbols()) - 1) + 0.5
        return Prosody(frozenset(), f0=np.column_stack([places, np.full(len(places), self.height)]))


def gives(**parts):
    def predict(self, request: Request) -> Prosody:
        return Prosody(**{"pauses": Even.predict(self, request).pauses, **parts})

    return broken(Even, predict=predict)


def test_one_that_keeps_its_contract_is_passed(tmp_path):
    assert len(check_prosody_model(Even(), NOTHING, SAID, tmp_path).f0) == 4


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"pauses": frozenset({7})}, "a pause after word"),
        ({"durations": np.zeros(2)}, "of 6 phones"),
        ({"durations": np.full(6, -1.0)}, "below 0"),
        ({"f0": np.zeros(3)}, "not points"),
        ({"f0": np.array([[2.0, 100.0], [1.0, 100.0]])}, "not in order"),
        ({"f0": np.array([[20.0, 100.0]])}, "outside 6 phones"),
        ({"f0": np.array([[1.0, 9000.0]])}, "nobody speaks"),
    ],
)
def test_prosody_that_is_not_of_the_text(parts, said, tmp_path):
    fails(lambda: check_prosody_model(gives(**parts), NOTHING, SAID, tmp_path), said)


def test_one_that_needs_no_opening_or_is_another_each_time(tmp_path):
    careless = broken(Even, predict=lambda self, request: Prosody())
    fails(lambda: check_prosody_model(careless, NOTHING, SAID, tmp_path), "not opened")
    seen = []

    def other(self, request):
        seen.append(1)
        return Prosody(f0=np.add(Even.predict(self, request).f0, [0.0, float(len(seen))]))

    restless = broken(Even, predict=other)
    fails(lambda: check_prosody_model(restless, NOTHING, SAID, tmp_path), "the same prosody")
