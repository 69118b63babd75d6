# SPDX-License-Identifier: Apache-2.0
"""Text to words and phones, and recordings to where those are said."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from synthkit.errors import AlignmentError
from synthkit.stages.component import Component, Context
from synthkit.types import Segmentation

if TYPE_CHECKING:
    from synthkit.types import Alignment, Utterance
    from synthkit.types.session import Said


class Segmenter(Component, ABC):
    """Text to words and phones."""

    @abstractmethod
    def languages(self) -> tuple[str, ...]:
        """Languages it can segment, BCP-47; ``("*",)`` for any its backend has.

        Returns
        -------
        tuple of str
        """

    @abstractmethod
    def segment(self, text: str, language: str) -> Segmentation:
        """Words and phones of `text`.

        Parameters
        ----------
        text : str
        language : str
            BCP-47.

        Returns
        -------
        Segmentation

        Raises
        ------
        TextError
            Nothing in the text can be spoken; the message names what.
        """

    def phones(self, language: str) -> tuple[str, ...]:
        """Every phone symbol it may give for `language`, `PAUSE` excluded, in a fixed order.

        Parameters
        ----------
        language : str
            BCP-47.

        Returns
        -------
        tuple of str

        Raises
        ------
        NotImplementedError
            It does not tell (unless overridden): who asks finds out when it speaks.
        """
        raise NotImplementedError

    def read_as(self, text: str, kind: str, language: str) -> str | None:
        """`text` in words, read as what SSML's ``say-as`` names: ``"characters"``, ``"ordinal"`` and so on.

        None where the segmenter cannot, or where `text` is nothing of the kind.

        Parameters
        ----------
        text : str
        kind : str
        language : str
            BCP-47.

        Returns
        -------
        str or None
        """
        return None

    def explain(self, text: str, language: str) -> list[tuple[str, str, str]]:
        """What is not words in `text`, in order: as written, its class (``"date"``, ``"money"`` …), as read.

        Empty where there is nothing of the kind, or where the segmenter does not tell.

        Parameters
        ----------
        text : str
        language : str
            BCP-47.

        Returns
        -------
        list of (str, str, str)
        """
        return []


class Aligner(Component, ABC):
    """Recordings and their segmentation to time-aligned tiers."""

    per_utterance: ClassVar[bool] = False
    """True when an utterance's alignment depends on nothing but that utterance (label import)."""

    @abstractmethod
    def align(
        self, items: Sequence[tuple[Utterance, Segmentation]], ctx: Context
    ) -> dict[str, Alignment | Exception]:
        """Align (and train on) the utterances.

        Parameters
        ----------
        items : sequence of (Utterance, Segmentation)
        ctx : Context

        Returns
        -------
        dict
            For every id either its alignment or the `AlignmentError` that says why there is none.
        """

    def align_each(
        self, items: Sequence[tuple[Utterance, Segmentation]], ctx: Context
    ) -> Iterator[tuple[str, Alignment | Exception]]:
        """The same, one utterance after another: what a build asks, so that a corpus need not fit in memory.

        Without it all of `align`'s are in memory at once. `items` are read each time they are asked for, and
        so are better walked through than kept.

        Parameters
        ----------
        items : sequence of (Utterance, Segmentation)
        ctx : Context

        Yields
        ------
        (str, Alignment or Exception)
            An id, and what `align` says of it.
        """
        yield from self.align(items, ctx).items()

    def find(self, recording: Path, sentences: Sequence[Segmentation], ctx: Context) -> list[Said]:
        """Where the sentences of a text are said in a long recording, in order of time; those not said last.

        Parameters
        ----------
        recording : Path
            Hours, if need be.
        sentences : sequence of Segmentation
            In the order of the text.
        ctx : Context

        Returns
        -------
        list of Said

        Raises
        ------
        AlignmentError
            The text is not that of the recording, or this aligner only aligns utterances.
        """
        raise AlignmentError(f"{type(self).__name__} aligns utterances, it does not find them in a recording")

    def part(
        self,
        recording: Path,
        text: Segmentation,
        ctx: Context,
        *,
        shortest: float,
        longest: float,
        whole: Collection[int] = (),
    ) -> tuple[list[tuple[int, int]], list[Said]]:
        """Part a running text, of which nobody says where its sentences end: at pauses of the recording that
        fall between two words; and say where the pieces are said, as `find` does of sentences.

        Parameters
        ----------
        recording : Path
            Hours, if need be.
        text : Segmentation
            All of what is read in it.
        ctx : Context
        shortest, longest : float
            Seconds that a piece should last; where there are no pauses, one lasts longer.
        whole : collection of int
            Words after which the text may not be parted.

        Returns
        -------
        pieces : list of (int, int)
            Half-open ranges of words, one after the other, all of them.
        said : list of Said
            Whose sentences are the pieces, in order of time; those not said last.

        Raises
        ------
        AlignmentError
            There are no pauses, or this aligner only aligns utterances.
        """
        raise AlignmentError(
            f"{type(self).__name__} cannot follow a running text through a recording",
            hint="part it into sentences, one a line",
        )

    def save(self, folder: Path) -> None:
        """Write what was trained, if anything, so that the voice can align new recordings.

        Parameters
        ----------
        folder : Path
        """

    def open(self, folder: Path) -> None:
        """Use what `save` wrote: `align` then trains nothing. Aligners that learn nothing have nothing to
        open.

        Parameters
        ----------
        folder : Path
        """
