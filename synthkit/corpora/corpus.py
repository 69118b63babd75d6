# SPDX-License-Identifier: Apache-2.0
"""`Corpus`: recordings with their texts, who may use them and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from synthkit.errors import CorpusError
from synthkit.types import Utterance
from synthkit.types.shown import Shown


class NoUtterance(CorpusError, KeyError):
    """A corpus has no utterance of that id."""


@dataclass(frozen=True, repr=False)
class Corpus(Shown):
    """A set of recorded utterances.

    Attributes
    ----------
    name : str
        A registered name, or the folder's.
    languages : tuple of str
        BCP-47, in order of first use.
    licence : str
        SPDX identifier where there is one, or the licence in a few words; "" when unknown.
    attribution : str
        Whom to name, in the words the licence asks for.
    root : Path
        The folder it lives in; its licence text is there.
    utterances : list of Utterance
        In the corpus's own order, ids unique.
    left_out : list of (id, reason)
        Everything the corpus has that is not among the utterances, and why.
    """

    name: str
    languages: tuple[str, ...]
    licence: str
    attribution: str
    root: Path
    utterances: list[Utterance]
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.utterances)

    def __iter__(self) -> Iterator[Utterance]:
        return iter(self.utterances)

    def __getitem__(self, id: str) -> Utterance:
        """`get`."""
        return self.get(id)

    def __contains__(self, asked: object) -> bool:
        """Whether it has an utterance, or one with this id."""
        return any(asked in (utterance, utterance.id) for utterance in self.utterances)

    def __repr__(self) -> str:
        return f"Corpus({self.name!r}, {len(self)} utterances, {', '.join(self.languages)})"

    @property
    def speakers(self) -> tuple[str, ...]:
        """Speaker names, in order of first use."""
        return tuple(dict.fromkeys(u.speaker for u in self.utterances))

    def get(self, id: str) -> Utterance:
        """The utterance with this id.

        Parameters
        ----------
        id : str

        Returns
        -------
        Utterance

        Raises
        ------
        NoUtterance
            There is none of that id; also a `KeyError`.
        """
        for utterance in self.utterances:
            if utterance.id == id:
                return utterance
        asked: object = id
        if isinstance(asked, int):
            hint = f"by its place: corpus.utterances[0] to [{len(self) - 1}]"
        elif close := get_close_matches(str(asked), [u.id for u in self.utterances], 1):
            hint = f"did you mean {close[0]!r}?"
        else:
            hint = "[u.id for u in corpus] are the ids; corpus.utterances is a list"
        raise NoUtterance(f"corpus {self.name!r} has no utterance {id!r}", hint=hint)

    def only(self, ids: Iterable[str]) -> Corpus:
        """The same corpus with these utterances alone, in the corpus's order.

        Parameters
        ----------
        ids : iterable of str
            Of the utterances that stay.

        Returns
        -------
        Corpus
        """
        wanted = set(ids)
        return replace(self, utterances=[u for u in self.utterances if u.id in wanted])

    def without(self, bad: Iterable[tuple[str, str]]) -> Corpus:
        """The corpus without some utterances, each ``(id, reason)``; they are added to `left_out`.

        Parameters
        ----------
        bad : iterable of (str, str)
            Ids, each with the reason why it goes.

        Returns
        -------
        Corpus
        """
        reasons: dict[str, str] = {}
        for id, reason in bad:
            reasons[id] = f"{reasons[id]}; {reason}" if id in reasons else reason
        there = {u.id for u in self.utterances}
        return replace(
            self,
            utterances=[u for u in self.utterances if u.id not in reasons],
            left_out=[*self.left_out, *((i, r) for i, r in reasons.items() if i in there)],
        )
