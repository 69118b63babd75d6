"""Russian tokens to words with phones."""

from __future__ import annotations

from synthkit.errors import TextError
from synthkit.types import Phone, Word
from synthkit_text.clean import name_of
from synthkit_text.lexicon import UserLexicon
from synthkit_text.russian import stress
from synthkit_text.russian.context import Spoken, realise
from synthkit_text.russian.letters import VOWELS, sounds
from synthkit_text.russian.normalise import normalise
from synthkit_text.scan import Token

PHONES = tuple(
    [
        "aa",
        "ee",
        "ii",
        "oo",
        "uu",
        "yy",
        "a",
        "e",
        "i",
        "u",
        "y",
        "ae",
        "ay",
        "ur",
        "p",
        "pp",
        "b",
        "bb",
        "t",
        "tt",
        "d",
        "dd",
        "k",
        "kk",
        "g",
        "gg",
        "c",
        "ch",
        "f",
        "ff",
        "v",
        "vv",
        "s",
        "ss",
        "z",
        "zz",
        "sh",
        "sch",
        "zh",
        "h",
        "hh",
        "m",
        "mm",
        "n",
        "nn",
        "l",
        "ll",
        "r",
        "rr",
        "j",
    ]
)
STRESSED = frozenset(["aa", "ee", "ii", "oo", "uu", "yy"])
LETTERS = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
CLITICS = frozenset(
    [
        "в",
        "во",
        "к",
        "ко",
        "с",
        "со",
        "и",
        "а",
        "о",
        "об",
        "обо",
        "от",
        "ото",
        "на",
        "за",
        "под",
        "по",
        "у",
        "из",
        "изо",
        "до",
        "для",
        "без",
        "безо",
        "над",
        "при",
        "через",
        "не",
        "ж",
        "же",
        "бы",
        "б",
        "ли",
        "ла",
        "де",
        "меж",
        "перед",
        "пред",
        "чтоб",
        "чтобы",
        "передо",
    ]
)


class Russian:
    """The Russian front end."""

    name = "Russian"
    phone_set = "msu-ru"
    phones = PHONES

    def __init__(self, lexicon: UserLexicon) -> None:
        self.lexicon = lexicon

    def normalise(self, text: str, notes: list[str]) -> str:
        """Numbers, abbreviations and symbols in words."""
        return normalise(text)

    def words(self, tokens: list[Token], notes: list[str]) -> list[Word]:
        """Words with their phones in context."""
        kept: list[tuple[Token, Spoken, str]] = []
        for token in tokens:
            if token.phones:
                kept.append((token, self._given(token.text), token.text))
                continue
            spoken = self._spoken(token.text.lower(), notes)
            if spoken is None or not spoken.sounds:
                if kept and token.break_after > kept[-1][0].break_after:
                    kept[-1][0].break_after = token.break_after
                continue
            kept.append((token, spoken, token.text.replace("+", "")))
        for token, spoken, _ in kept:
            spoken.pause_after = token.break_after >= 2
        phones = realise([spoken for _, spoken, _ in kept])
        return [
            Word(
                text,
                tuple(Phone(p, 1 if p in STRESSED else 0) for p in symbols),
                token.break_after,
                token.after,
                function=spoken.clitic,
            )
            for (token, spoken, text), symbols in zip(kept, phones, strict=True)
        ]

    def _given(self, text: str) -> Spoken:
        symbols = text.split()
        bad = [s for s in symbols if s not in PHONES]
        if bad or not symbols:
            raise TextError(
                f"{{{text}}}: {', '.join(map(repr, bad)) or 'nothing'} is not a phone of msu-ru",
                hint=f"its phones are {' '.join(PHONES)}",
            )
        return Spoken(tuple(symbols), 0, False, False)

    def _spoken(self, word: str, notes: list[str]) -> Spoken | None:
        plus = word.find("+")
        plain = word.replace("+", "")
        foreign = [c for c in plain if c not in LETTERS and c not in "-'’\u2010\u2011"]
        if foreign:
            notes.append(f"{word!r} was not spoken: {', '.join(name_of(c) for c in foreign[:4])}")
            return None
        plain = plain.replace("\u2010", "-").replace("\u2011", "-")
        clitic = plain in CLITICS and plus < 0
        if plus >= 0:
            number = stress.count_vowels(word[:plus].replace("+", "")) + 1
        else:
            found = stress.lookup(plain)
            if found:
                plain, number = found
            else:
                number = stress.guess(plain)
        if not any(c in VOWELS for c in plain) and plain not in CLITICS:
            number = 0
        return Spoken(sounds(plain), number, clitic, False)
