# SPDX-License-Identifier: Apache-2.0
"""Segmentation to token ids: one private code point per phone, and never a phone less.

coqui-tts tokenises text character by character and silently discards what its vocabulary lacks. Here each
token (a phone with its stress, or a pause with the punctuation that made it) is given one code point of
Unicode's private use area; the table is saved in the voice, and a token that is not in it is an error.

Where a corpus has several phone sets, one symbol is a sound in one of them and another in the next (``c`` is
[ts] in ``msu-ru`` and a palatal stop in IPA): its tokens are the sounds of the shared inventory.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from synthkit.errors import TextError, VoiceError
from synthkit.phones import canonical, nearest
from synthkit.types import PAUSE, Alignment, Phone, Segmentation

PAD, BLANK = "<PAD>", "<BLNK>"
FIRST_CODE_POINT = 0xE100
STRESS_IN_SYMBOL = ("msu-ru",)
"""Phone sets whose symbols already say which vowel is stressed."""
SHARED = "shared"
"""The phone set of tables that hold sounds (`synthkit.phones.canonical`) instead of one set's symbols."""


def table_set(phone_set: str) -> str:
    """The phone set of the table for a corpus of `phone_set`, which joins the names of several by ``+``."""
    return SHARED if "+" in phone_set else phone_set


def token(phone: Phone, phone_set: str, *, shared: bool = False) -> str:
    """The token of a phone: its symbol, with the stress digit unless the symbol itself carries stress; or
    the sound that it is, which never carries it."""
    if shared:
        return canonical(phone_set, phone.symbol) + (str(phone.stress) if phone.stress else "")
    if phone.stress == 0 or phone_set in STRESS_IN_SYMBOL:
        return phone.symbol
    return f"{phone.symbol}{phone.stress}"


def pause_token(punctuation: str) -> str:
    """The token of a pause: questions and exclamations are heard, so they are kept apart."""
    return PAUSE + next((mark for mark in "?!" if mark in punctuation), "")


def spoken_tokens(segmentation: Segmentation, *, shared: bool = False) -> list[str]:
    """Tokens of what is to be spoken: as `Segmentation.symbols`, pauses at both ends and at breaks."""
    out = [PAUSE]
    last = len(segmentation.words) - 1
    for index, word in enumerate(segmentation.words):
        out += [token(phone, segmentation.phone_set, shared=shared) for phone in word.phones]
        if word.break_after >= 2 or index == last:
            out.append(pause_token(word.punctuation))
    return out


def recorded_tokens(segmentation: Segmentation, alignment: Alignment, *, shared: bool = False) -> list[str]:
    """Tokens of what was really said: phones and pauses as aligned, stress and punctuation from the text.

    Where the aligner chose another pronunciation than the segmentation's first, its phones are taken and
    keep the stress of the phones they match.
    """
    said = [label for label in alignment.symbols() if label != PAUSE]
    meant: list[Phone] = []
    punctuation: list[str] = []  # after each meant phone
    for word in segmentation.words:
        meant += word.phones
        punctuation += [""] * (len(word.phones) - 1) + [word.punctuation]
    partner: list[int | None] = [None] * len(said)
    if said == [phone.symbol for phone in meant]:
        partner = list(range(len(said)))
    else:
        matcher = difflib.SequenceMatcher(None, said, [phone.symbol for phone in meant], autojunk=False)
        for block in matcher.get_matching_blocks():
            for offset in range(block.size):
                partner[block.a + offset] = block.b + offset
    out: list[str] = []
    at = 0
    for label in alignment.symbols():
        if label == PAUSE:
            before = partner[at - 1] if at else None
            out.append(pause_token(punctuation[before]) if before is not None else PAUSE)
            continue
        match = partner[at]
        at += 1
        phone = meant[match] if match is not None else Phone(label)
        out.append(token(Phone(label, phone.stress), segmentation.phone_set, shared=shared))
    return out


@dataclass(frozen=True)
class SymbolTable:
    """The tokens a model knows, in the order of their ids, and how a text becomes tokens.

    Attributes
    ----------
    phone_set : str
        Phone set of the segmentations it encodes, `SHARED` where it is any; empty for imported models that
        read characters.
    tokens : tuple of str
        All tokens but padding and blank.
    blank : bool
        Put the blank token between all tokens and at both ends (VITS, Glow-TTS).
    vocabulary : tuple of str
        Full vocabulary of an imported model, id by id; empty for models trained here.
    mode : str
        ``"phones"``, or for imported models ``"graphemes"`` or ``"ipa"``.
    ends : (str, str)
        Symbols an imported model wants before and after everything.
    blank_symbol : str
        The blank's name in the vocabulary.
    """

    phone_set: str
    tokens: tuple[str, ...]
    blank: bool = False
    vocabulary: tuple[str, ...] = ()
    mode: str = "phones"
    ends: tuple[str, str] = ("", "")
    blank_symbol: str = BLANK

    @classmethod
    def of(cls, sequences: Iterable[Sequence[str]], phone_set: str, *, blank: bool) -> SymbolTable:
        """The table of every token in `sequences`; the pauses are always in it."""
        found = {PAUSE, *(t for sequence in sequences for t in sequence)}
        for mark in "?!":
            found.add(PAUSE + mark)
        return cls(phone_set, tuple(sorted(found)), blank)

    @property
    def shared(self) -> bool:
        """Whether its tokens are sounds of the shared inventory, so that it encodes any phone set."""
        return self.phone_set == SHARED

    @property
    def characters(self) -> str:
        """One code point per token, as coqui-tts's vocabulary wants them."""
        return "".join(chr(FIRST_CODE_POINT + i) for i in range(len(self.tokens)))

    def ids(self) -> dict[str, int]:
        """Token to id: padding 0, blank 1, then the tokens, as coqui-tts numbers them."""
        if self.vocabulary:
            return {symbol: i for i, symbol in enumerate(self.vocabulary)}
        return {symbol: i for i, symbol in enumerate((PAD, BLANK, *self.tokens))}

    def __len__(self) -> int:
        return len(self.vocabulary) or len(self.tokens) + 2

    def encode(self, tokens: Sequence[str], *, where: str = "") -> list[int]:
        """Ids of `tokens`, with blanks between them where the model was trained so.

        Raises
        ------
        TextError
            A token is not in the table. Only a stress the table lacks for a known phone is passed over.
        """
        known = self.ids()
        ids, missing = [], []
        for symbol in tokens:
            plain = symbol.rstrip("012?!")
            found = known.get(
                symbol, known.get(plain) if self.mode == "phones" else known.get(symbol.lower())
            )
            if found is None:
                stressed = [known[s] for s in (f"{plain}1", f"{plain}2") if s in known]
                found = stressed[0] if stressed and self.mode == "phones" else None
            if found is None:
                missing.append(symbol)
            else:
                ids.append(found)
        if missing:
            names = ", ".join(repr(m) for m in sorted(set(missing)))
            raise TextError(
                f"the voice was never taught {names}",
                where=where,
                hint="it speaks only phones that its corpus holds; train on a corpus that has them, or set "
                "`substitute` to a phone it knows" + self._alike(missing),
            )
        if self.blank:
            ids = with_blanks(ids, known.get(self.blank_symbol, len(self)))
        start, end = ([known[symbol]] if symbol in known else [] for symbol in self.ends)
        return [*start, *ids, *end]

    def _alike(self, missing: Iterable[str]) -> str:
        """For a hint: the phone that each of `missing` sounds most like, as far as sounds are known."""
        if self.mode != "phones":
            return ""
        plain = {t.rstrip("012?!") for t in self.tokens}
        found = {m: nearest(m.rstrip("012?!"), sorted(plain), self.phone_set) for m in sorted(set(missing))}
        told = ", ".join(f"{own!r} for {m!r}" for m, own in found.items() if own is not None)
        return f" (by the way they are made: {told})" if told else ""

    def read(self, segmentation: Segmentation) -> list[str]:
        """Tokens of a segmentation, as this model reads them."""
        if self.mode == "phones":
            if not self.shared and segmentation.phone_set != self.phone_set:
                raise VoiceError(
                    f"the voice speaks phone set {self.phone_set!r}, the text was segmented into "
                    f"{segmentation.phone_set!r}",
                    where="segmentation",
                    hint="use the segmentation plugin the voice was built with",
                )
            return spoken_tokens(segmentation, shared=self.shared)
        words = []
        for word in segmentation.words:
            spelt = word.text if self.mode == "graphemes" else "".join(p.symbol for p in word.phones)
            words.append(spelt + "".join(c for c in word.punctuation if c in self.ids()))
        return list(" ".join(words))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "phone_set": self.phone_set,
            "tokens": list(self.tokens),
            "blank": self.blank,
            "vocabulary": list(self.vocabulary),
            "mode": self.mode,
            "ends": list(self.ends),
            "blank_symbol": self.blank_symbol,
            "code_points": {t: f"U+{ord(c):04X}" for t, c in zip(self.tokens, self.characters, strict=True)},
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SymbolTable:
        """Inverse of `to_dict`."""
        return cls(
            data["phone_set"],
            tuple(data["tokens"]),
            data["blank"],
            tuple(data["vocabulary"]),
            data["mode"],
            (data["ends"][0], data["ends"][1]),
            data["blank_symbol"],
        )


def with_blanks(ids: Sequence[int], blank: int) -> list[int]:
    """``[b, x1, b, x2, …, b]``."""
    out = [blank] * (2 * len(ids) + 1)
    out[1::2] = ids
    return out
