# SPDX-License-Identifier: Apache-2.0
"""Words and phones as MFA is given them, and the way back.

Words go under a spelling that its tokenizer leaves whole, into a dictionary made for the run: from the
segmentation's own pronunciations, or from a dictionary of the user's. Phones go by a table where the model or
the dictionary has other names for them.
"""

from __future__ import annotations

import itertools
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from synthkit.errors import ConfigError, reason
from synthkit.types import Segmentation, Word

FOREIGN = 0.05
"""Share of phones with names of another phone set above which nothing is aligned."""
LARGEST = 16 << 20
"""Bytes of a model's ``meta.json`` at most; real ones have some thousand."""
MOST_WAYS = 16
"""Pronunciations of one compound at most."""

Way = tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """The words of a corpus for MFA.

    Attributes
    ----------
    tokens : dict of str to str
        A word's text to the spelling that MFA is given.
    rows : tuple of str
        Lines of the dictionary for this run.
    ways : dict of str to list of (ours, theirs)
        A word's pronunciations in our phones and in MFA's, phone by phone.
    missing : frozenset of str
        Words that a given dictionary lacks.
    """

    tokens: dict[str, str]
    rows: tuple[str, ...]
    ways: dict[str, list[tuple[Way, Way]]]
    missing: frozenset[str]

    def text(self) -> str:
        """The dictionary's file."""
        return "".join(f"{row}\n" for row in self.rows)

    def ours(self, word: str, theirs: Way) -> Way | None:
        """`theirs`, as MFA aligned it for `word`, in our phones; None where the word has no such
        pronunciation."""
        return next((mine for mine, other in self.ways[word] if other == theirs), None)

    def theirs(self) -> Counter[str]:
        """How often each of MFA's phones stands in the pronunciations."""
        return Counter(p for ways in self.ways.values() for _, way in ways for p in way)


def of_segmentations(segmentations: Sequence[Segmentation], phone_map: Mapping[str, str]) -> Lexicon:
    """The lexicon of the segmentation's own pronunciations."""
    found: dict[str, dict[Way, None]] = {}
    for word in _words(segmentations):
        mine = found.setdefault(word.text, {})
        mine |= {tuple(p.symbol for p in way): None for way in (word.phones, *word.variants) if way}
    tokens = spellings(found)
    ways = {
        word: [(way, tuple(phone_map.get(p, p) for p in way)) for way in mine] for word, mine in found.items()
    }
    rows = {f"{tokens[word]}\t{' '.join(way)}" for word, pairs in ways.items() for _, way in pairs}
    return Lexicon(tokens, tuple(sorted(rows)), ways, frozenset())


def of_dictionary(segmentations: Sequence[Segmentation], path: Path, phone_map: Mapping[str, str]) -> Lexicon:
    """The lexicon of a given MFA dictionary: those of its lines that the corpus needs.

    A word is looked up as it stands, in lower case, and with ``е`` for ``ё``; a compound that is not there is
    the sum of its parts.

    Raises
    ------
    ConfigError
        The file cannot be read, or a line of it is no entry.
    """
    entries = read_dictionary(path)
    back: dict[str, str] = {}
    for mine, other in phone_map.items():
        back.setdefault(other, mine)
    texts = sorted({w.text for w in _words(segmentations)})
    tokens = spellings(texts)
    ways: dict[str, list[tuple[Way, Way]]] = {}
    rows: set[str] = set()
    for text in texts:
        found = _look_up(text, entries)
        ways[text] = [(tuple(back.get(p, p) for p in way), way) for _, way in found]
        rows |= {"\t".join([tokens[text], *weights, " ".join(way)]) for weights, way in found}
    missing = frozenset(text for text in texts if not ways[text])
    return Lexicon(tokens, tuple(sorted(rows)), ways, missing)


def read_dictionary(path: Path) -> dict[str, list[tuple[tuple[str, ...], Way]]]:
    """Entries of an MFA dictionary: a word to its pronunciations, each with its columns of probabilities.

    Raises
    ------
    ConfigError
        It cannot be read, or a line has no phones; the line is named.
    """
    entries: dict[str, list[tuple[tuple[str, ...], Way]]] = {}
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                fields = line.split()
                if not fields:
                    continue
                word, *rest = fields
                weights = tuple(itertools.takewhile(_is_number, rest))
                way = tuple(rest[len(weights) :])
                if not way:
                    raise ConfigError(
                        f"line {number} has no phones: {line.strip()[:60]!r}",
                        where=str(path),
                        hint="an entry is the word, probabilities if any, and its phones",
                    )
                entries.setdefault(word, []).append((weights, way))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path)) from error
    return entries


def read_phone_map(path: Path) -> dict[str, str]:
    """Our phones to MFA's: two columns, ``ours theirs``; lines that begin with ``#`` are comments.

    Raises
    ------
    ConfigError
        It cannot be read, or a line has not two columns, or a phone stands twice.
    """
    table: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path)) from error
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        if len(fields) != 2:
            raise ConfigError(f"line {number} has {len(fields)} columns, not two", where=str(path))
        if fields[0] in table:
            raise ConfigError(
                f"line {number}: {fields[0]!r} stands twice in the first column", where=str(path)
            )
        table[fields[0]] = fields[1]
    return table


def model_phones(model: Path) -> frozenset[str] | None:
    """Phones that an acoustic model of MFA says it knows; None where it does not say.

    Raises
    ------
    ConfigError
        It is no zip file that can be read, or what it says of itself is larger than any model's.
    """
    no_model = partial(ConfigError, where=str(model), hint="a model is a zip that `mfa train` wrote")
    try:
        with zipfile.ZipFile(model) as archive:
            names = [n for n in archive.namelist() if n.rpartition("/")[2] == "meta.json"]
            if not names:
                return None
            with archive.open(names[0]) as member:  # what is declared of its size may be wrong
                said = member.read(LARGEST + 1)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        reason(error)  # a disk that cannot be read is no fault of the model
        raise no_model(f"is no model of MFA: {error}") from error
    if len(said) > LARGEST:
        raise no_model(f"is no model of MFA: its meta.json is larger than {LARGEST >> 20} MiB")
    try:
        phones = json.loads(said).get("phones")
    except (ValueError, AttributeError, RecursionError):
        return None
    return frozenset(map(str, phones)) if isinstance(phones, list) and phones else None


def check_phones(lexicon: Lexicon, known: frozenset[str], what: str, whose: str) -> str:
    """Refuse a lexicon most of whose phones are another set's; a few are only told.

    Parameters
    ----------
    lexicon : Lexicon
    known : frozenset of str
        Phones, under MFA's names, that the other side has.
    what, whose : str
        The two sides, for messages.

    Returns
    -------
    str
        A sentence about phones that are not known, or nothing.

    Raises
    ------
    ConfigError
        More than `FOREIGN` of the phones are not known.
    """
    counts = lexicon.theirs()
    foreign = sorted(set(counts) - known)
    if not foreign:
        return ""
    share = sum(counts[p] for p in foreign) / sum(counts.values())
    listed = " ".join(foreign[:20]) + (" …" if len(foreign) > 20 else "")
    said = f"{share:.0%} of the phones in {what} are not {whose}: {listed}"
    if share > FOREIGN:
        raise ConfigError(
            said,
            where="alignment",
            hint="alignment.phone_map names a file of two columns, the segmentation's phone and MFA's; "
            "or leave out alignment.model and alignment.dictionary, and MFA trains on the segmentation's own "
            "phones",
        )
    return said


def spellings(words: Iterable[str]) -> dict[str, str]:
    """A spelling for each word that MFA's tokenizer leaves alone: letters only, lower case, no two alike."""
    texts = sorted(words)
    plain: dict[str, str] = {}
    taken: set[str] = set()
    for text in texts:
        if text.isalpha() and text.lower() not in taken:
            plain[text] = text.lower()
            taken.add(text.lower())
    number = 0
    for text in texts:
        while text not in plain:
            token = "xq" + "".join("abcdefghij"[int(digit)] for digit in str(number))
            number += 1
            if token not in taken:
                plain[text] = token
    return plain


def _words(segmentations: Sequence[Segmentation]) -> Iterable[Word]:
    return (word for segmentation in segmentations for word in segmentation.words)


def _look_up(
    text: str, entries: Mapping[str, list[tuple[tuple[str, ...], Way]]]
) -> list[tuple[tuple[str, ...], Way]]:
    for form in dict.fromkeys((text, text.lower(), text.lower().replace("ё", "е"))):
        if form in entries:
            return entries[form]
    parts = [part for part in re.split(r"[-‐‑–]", text) if part]
    if len(parts) < 2:
        return []
    each = [_look_up(part, entries) for part in parts]
    if not all(each):
        return []
    combined = itertools.islice(itertools.product(*each), MOST_WAYS)
    return [((), tuple(p for _, way in ways for p in way)) for ways in combined]


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", text) is not None
