# SPDX-License-Identifier: Apache-2.0
"""What to read into a microphone: sentences of a language, and the order in which they cover it soonest.

``prompts/`` holds a list of sentences per language, its licence in its first lines. A list also stands for
ordinary text: how much of a language some recordings cover is the share of the neighbours of sounds
(diphones) in it that they have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synthkit.errors import CorpusError, TextError, reason
from synthkit.types import PAUSE, Segmentation

if TYPE_CHECKING:
    from synthkit.stages import Segmenter

HERE = Path(__file__).parent / "prompts"


def languages() -> tuple[str, ...]:
    """Languages with a list of sentences."""
    return tuple(sorted(path.stem for path in HERE.glob("*.txt")))


def sentences(source: str | Path) -> list[str]:
    """Sentences of a language's list (``"ru"``), or of a text file with one a line; ``#`` begins a remark.

    Parameters
    ----------
    source : str or Path

    Returns
    -------
    list of str
        Each once, in their order.

    Raises
    ------
    CorpusError
        There is no such list or file, or nothing in it.
    """
    path = HERE / f"{source}.txt" if isinstance(source, str) and source in languages() else Path(source)
    if not path.is_file():
        raise CorpusError(
            f"there are no sentences for {str(source)!r}",
            hint=f"give a text file with one a line; lists are here for {', '.join(languages())}",
        )
    from synthkit.corpora.layouts.files import read_text

    lines = (line.strip() for line in read_text(path).splitlines())
    found = list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if not found:
        raise CorpusError("holds no sentence", where=str(path))
    return found


def segmented(texts: Iterable[str], segmenter: Segmenter, language: str) -> dict[str, Segmentation]:
    """What `segmenter` makes of each text; those it cannot read are left out.

    Parameters
    ----------
    texts : iterable of str
    segmenter : Segmenter
    language : str
        BCP-47.

    Returns
    -------
    dict of str to Segmentation
        By text.
    """
    found = {}
    for text in texts:
        try:
            found[text] = segmenter.segment(text, language)
        except TextError as error:
            reason(error)
    return found


def diphones(segmentation: Segmentation) -> Counter[tuple[str, str]]:
    """Pairs of neighbouring phones, pauses included, and how often each comes.

    Parameters
    ----------
    segmentation : Segmentation

    Returns
    -------
    Counter of (str, str)
    """
    symbols = segmentation.symbols()
    return Counter(pair for pair in zip(symbols, symbols[1:], strict=False) if pair != (PAUSE, PAUSE))


@dataclass(frozen=True)
class Coverage:
    """How much of a language some recordings cover.

    Attributes
    ----------
    kinds : int
        Different diphones recorded.
    share : float
        Of the diphones in ordinary text, counted as often as they come, those that are recorded.
    missing : tuple of (str, str)
        Those that are not, the commonest first.
    """

    kinds: int
    share: float
    missing: tuple[tuple[str, str], ...]


def coverage(have: Iterable[tuple[str, str]], ordinary: Mapping[tuple[str, str], int]) -> Coverage:
    """See `Coverage`; `ordinary` says how often each diphone comes in ordinary text.

    Parameters
    ----------
    have : iterable of (str, str)
        Diphones that are recorded.
    ordinary : mapping of (str, str) to int
        How often each comes in ordinary text.

    Returns
    -------
    Coverage
    """
    there = set(have)
    total = sum(ordinary.values())
    missing = sorted((d for d in ordinary if d not in there), key=lambda d: (-ordinary[d], d))
    return Coverage(
        len(there), 1.0 - sum(ordinary[d] for d in missing) / total if total else 0.0, tuple(missing)
    )


def greedy(
    units: Mapping[str, Counter[tuple[str, str]]],
    have: Iterable[tuple[str, str]] = (),
    *,
    weights: Mapping[tuple[str, str], int] | None = None,
) -> Iterator[str]:
    """Texts in the order in which they add most, per phone, to what is recorded (greedy set cover, Chvátal
    1979).

    Parameters
    ----------
    units : mapping of text to Counter
        Diphones of each text.
    have : iterable of diphones
        Recorded already.
    weights : mapping, optional
        How much a diphone is worth; how often it comes in all of the texts when left out.

    Yields
    ------
    str
        Each text once; those that add nothing last, in their own order.
    """
    worth = weights if weights is not None else sum(units.values(), Counter())
    there = set(have)
    left = dict(units)
    while left:
        gains = {
            t: sum(worth.get(d, 1) for d in u if d not in there) / max(u.total(), 5) for t, u in left.items()
        }
        best = max(left, key=gains.__getitem__)
        if gains[best] == 0:
            yield from left
            return
        yield best
        there.update(left.pop(best))


def ordinary(sentences: Sequence[Segmentation]) -> Counter[tuple[str, str]]:
    """How often each diphone comes in some sentences.

    Parameters
    ----------
    sentences : sequence of Segmentation

    Returns
    -------
    Counter of (str, str)
    """
    return sum((diphones(s) for s in sentences), Counter())
