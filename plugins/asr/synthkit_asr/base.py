# SPDX-License-Identifier: Apache-2.0
"""What the recognisers share: errors of what was heard against the text."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from synthkit.eval import Definition, EvalSample, Measurement, Metric, Undefined
from synthkit.eval.intelligibility import NORMALISATION, character_errors, normalise, word_errors

RATE = 16000


def definitions(id: str, how: str) -> tuple[Definition, Definition]:
    """WER and CER of one recogniser, which `how` states."""
    rule = (
        f"{how} Text and transcript are normalised: {NORMALISATION}. Levenshtein counts, pooled over the "
        "test set: (S + D + I) / reference length. Read it beside the recordings' own rate: recognisers err "
        "on human speech too. "
    )
    return (
        Definition(
            "wer", id, "%", "lower", "Word error rate", rule + "Over words.", pool="ratio",
            group="intelligibility", main=id == "whisper",
        ),
        Definition(
            "cer", id, "%", "lower", "Character error rate", rule + "Over characters, spaces left out.",
            pool="ratio",
            group="intelligibility", main=id == "whisper",
        ),
    )  # fmt: skip


class Recogniser(Metric):
    """Base of the recognisers."""

    needs = ("text",)
    packages: ClassVar[tuple[str, ...]] = ("num2words",)

    @abstractmethod
    def transcribe(self, sample: EvalSample) -> str:
        """What the test is heard to say."""

    def measure(self, sample: EvalSample) -> list[Measurement]:
        """See the definitions."""
        text = normalise(sample.text, sample.language, read_number)
        if not text:
            raise Undefined("the text has no words")
        heard = self.transcribe(sample)
        said = normalise(heard, sample.language, read_number)
        out = []
        for name, e in (("wer", word_errors(text, said)), ("cer", character_errors(text, said))):
            assert e.rate is not None
            counts = {"substitutions": e.substitutions, "deletions": e.deletions, "insertions": e.insertions}
            out.append(self.value(name, 100.0 * e.rate, n=e.length, heard=heard, **counts))
        return out


def read_number(digits: str, language: str) -> str:
    """A number in the words of `language`; left as digits where num2words does not know it."""
    import num2words

    try:
        return str(num2words.num2words(int(digits), lang=language.split("-")[0]))
    except (NotImplementedError, OverflowError, ValueError):
        return digits
