# SPDX-License-Identifier: Apache-2.0
"""What a metric offers whose recogniser can also write down what it hears."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from synthkit.eval.sample import EvalSample


@runtime_checkable
class Transcribes(Protocol):
    """A metric that hears words, as for an error rate: ``synthkit corpora transcribe`` asks it for them."""

    def prepare(self) -> None:
        """Load what it needs.

        Raises
        ------
        MissingDependency
            A package or a model is not here; the hint says how to get it.
        """
        ...

    def transcribe(self, sample: EvalSample) -> str:
        """What is heard.

        Parameters
        ----------
        sample : EvalSample
            Of which ``test`` is the sound and ``language`` that of the words; the text is not looked at.

        Returns
        -------
        str
            As the recogniser writes it, "" where it hears no words.
        """
        ...
