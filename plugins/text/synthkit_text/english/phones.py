# SPDX-License-Identifier: Apache-2.0
"""The English phone set: ARPAbet in lower case, and its one-character codes in the lexicon."""

# ruff: noqa: SIM905
from __future__ import annotations

from synthkit.types import Phone

VOWELS = tuple("aa ae ah ao aw ay eh er ey ih iy ow oy uh uw".split())
CONSONANTS = tuple("b ch d dh f g hh jh k l m n ng p r s sh t th v w y z zh".split())
VOWEL_SET = frozenset(VOWELS)
PHONES = VOWELS + CONSONANTS

CODES: dict[str, Phone] = {}
"""One printable character to the phone it stands for: consonants, then each vowel at stress 0, 1, 2."""
for _index, _phone in enumerate(
    [Phone(c) for c in CONSONANTS] + [Phone(v, s) for v in VOWELS for s in (0, 1, 2)]
):
    CODES[chr(0x30 + _index)] = _phone
CODE_OF = {(p.symbol, p.stress): code for code, p in CODES.items()}


def decode(codes: str) -> tuple[Phone, ...]:
    """Phones of a coded pronunciation."""
    return tuple(CODES[code] for code in codes)


def encode(phones: tuple[Phone, ...]) -> str:
    """Inverse of `decode`."""
    return "".join(CODE_OF[p.symbol, p.stress] for p in phones)


def parse(arpabet: str) -> tuple[Phone, ...]:
    """``"HH AH0 L OW1"`` to phones (digits are stress).

    Raises
    ------
    KeyError
        A symbol is not of the set.
    """
    out = []
    for symbol in arpabet.lower().split():
        stress = int(symbol[-1]) if symbol[-1].isdecimal() else 0
        name = symbol.rstrip("012")
        out.append(CODES[CODE_OF[name, stress]])
    return tuple(out)
