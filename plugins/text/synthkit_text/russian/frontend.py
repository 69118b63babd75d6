# SPDX-License-Identifier: Apache-2.0
"""Russian tokens to words with phones."""

# ruff: noqa: SIM905
from __future__ import annotations

from collections.abc import Callable

from synthkit.errors import TextError
from synthkit.types import Phone, Word
from synthkit_text.clean import name_of, unaccented
from synthkit_text.grammar import Reading
from synthkit_text.lexicon import UserLexicon
from synthkit_text.phrasing import cut_long
from synthkit_text.russian.context import VOWELS as SOUND_VOWELS
from synthkit_text.russian.context import WordSounds, realise
from synthkit_text.russian.letters import sounds
from synthkit_text.russian.normalise import normalise, readings
from synthkit_text.russian.pauses import weigh
from synthkit_text.russian.stress import Stressed, stressed
from synthkit_text.scan import Token

VOWELS = tuple("aa ee ii oo uu yy a e i u y ae ay ur".split())
CONSONANTS = tuple(
    "p pp b bb t tt d dd k kk g gg c ch f ff v vv s ss z zz sh sch zh h hh m mm n nn l ll r rr j".split()
)
PHONES = VOWELS + CONSONANTS
_PHONE = {symbol: Phone(symbol, 1 if symbol in VOWELS[:6] else 0) for symbol in PHONES}
LETTERS = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя+-'")
LATIN = frozenset("abcdefghijklmnopqrstuvwxyz+-'")
ALIKE = str.maketrans({
    "і": "и", "ї": "йи", "є": "е", "ґ": "г", "ў": "у", "ѐ": "е", "ѝ": "и", "ѣ": "е", "ѳ": "ф", "ѵ": "и",
    "ј": "й", "љ": "ль", "њ": "нь", "ћ": "ч", "ђ": "дж", "џ": "дж", "ә": "э", "ө": "о", "ү": "у", "ұ": "у",
    "қ": "к", "ғ": "г", "ң": "н", "һ": "х",
})  # fmt: skip
GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        "+альфа б+ета г+амма д+ельта +эпсилон дз+ета +эта т+эта й+ота к+аппа л+ямбда мю ню кси +омикрон пи "
        "ро "
        "с+игма т+ау +ипсилон фи хи пси ом+ега".split(),
        strict=True,
    )
)
_MARKS = str.maketrans({"’": "'", "\u2010": "-", "\u2011": "-"})


class Russian:
    """The Russian front end.

    Parameters
    ----------
    lexicon : UserLexicon
        Overrules everything else.
    latin : callable
        A Latin word to Russian letters, "" when it has nothing to say (`foreign.latin_in_russian`).
    accent : callable or None
        Text to text with ``+`` before stressed vowels, run over the normalised text (a stress plugin).
    model_pauses : bool
        Lower commas that the speaker of the corpus would not pause at.
    """

    name = "Russian"
    phone_set = "msu-ru"
    phones = PHONES

    def __init__(
        self,
        lexicon: UserLexicon,
        latin: Callable[[str], str],
        accent: Callable[[str], str] | None = None,
        *,
        model_pauses: bool = True,
    ) -> None:
        self.lexicon = lexicon
        self.latin = latin
        self.accent = accent
        self.model_pauses = model_pauses

    def normalise(self, text: str, notes: list[str]) -> str:
        """Numbers, abbreviations and symbols in words."""
        text = normalise(text)
        return self.accent(text) if self.accent else text

    def readings(self, text: str) -> tuple[str, list[Reading]]:
        """What of a text is not words, and how it is read; see `normalise.readings`."""
        return readings(text)

    def words(self, tokens: list[Token], notes: list[str]) -> list[Word]:
        """Words with their phones in context."""
        kept: list[Token] = []
        spoken: list[WordSounds] = []
        others: list[tuple[WordSounds, ...]] = []
        for token in tokens:
            choices = (self._given(token.text),) if token.phones else self._spoken(token, notes)
            if not choices:
                if kept and token.break_after > kept[-1].break_after:
                    kept[-1].break_after = token.break_after
                    kept[-1].after += token.after
                continue
            kept.append(token)
            spoken.append(choices[0])
            others.append(choices[1:])
        breaks = self._breaks(kept, spoken)
        _stress_of_negation(kept, spoken)
        phones = realise(spoken)
        variants = _variants(spoken, phones, others)
        return [
            Word(
                token.text.replace("+", ""),
                tuple(_PHONE[symbol] for symbol in symbols),
                pause,
                token.after,
                alternatives,
                word.bound,
            )
            for token, word, symbols, alternatives, pause in zip(
                kept, spoken, phones, variants, breaks, strict=True
            )
        ]

    def _breaks(self, tokens: list[Token], words: list[WordSounds]) -> list[int]:
        """Breaks by punctuation, length and the pause model.

        The sounds at a comma are those of a pause even where the speaker is not expected to make one: so
        the labels have it.
        """
        syllables = [sum(sound in SOUND_VOWELS for sound in word.sounds) for word in words]
        function = [word.bound for word in words]
        breaks = weigh(tokens, syllables, function) if self.model_pauses else [t.break_after for t in tokens]
        cut_long(syllables, function, breaks)
        for token, word, pause in zip(tokens, words, breaks, strict=True):
            word.pause_after = max(pause, token.break_after) >= 2
            word.beat_after = word.pause_after and any(c in "-–—" for c in token.after)
        return breaks

    def _given(self, text: str) -> WordSounds:
        symbols = text.split()
        bad = [s for s in symbols if s not in _PHONE]
        if bad or not symbols:
            raise TextError(
                f"{{{text}}}: {', '.join(map(repr, bad)) or 'nothing'} is not a phone of msu-ru",
                hint=f"its phones are {' '.join(PHONES)}",
            )
        return WordSounds(tuple(symbols), (), fixed=True)

    def _spoken(self, token: Token, notes: list[str]) -> tuple[WordSounds, ...]:
        word = token.text.lower().translate(_MARKS)
        entries = self.lexicon.entries.get(word)
        if entries:
            return tuple(self._entry(entry) for entry in entries)
        if not LETTERS.issuperset(word):
            word = self._foreign(token.text.translate(_MARKS), notes)
            if not word:
                return ()
        found = stressed(word)
        if not found.known:
            notes.append(f"the stress of {found.word!r} was guessed")
        said = sounds(found.word)
        return (_as_spoken(found, said),) if said else ()

    def _entry(self, entry: str) -> WordSounds:
        if entry.startswith("{"):
            return self._given(entry.strip("{} "))
        found = stressed(entry.lower().replace(" ", "-"))
        return _as_spoken(found, sounds(found.word))

    def _foreign(self, word: str, notes: list[str]) -> str:
        low = "".join(c if c in LETTERS else unaccented(c) for c in word.lower()).translate(ALIKE)
        if LETTERS.issuperset(low):
            notes.append(f"{word!r} was read as {low!r}")
            return low
        if LATIN.issuperset(low):
            said = self.latin("".join(map(unaccented, word)))
        else:
            said = "-".join(GREEK[c] for c in low if c in GREEK)
            pieces = [c for c in low if c not in LETTERS and c not in LATIN and c not in GREEK]
            if pieces:
                unknown = ", ".join(name_of(c) for c in dict.fromkeys(pieces))
                notes.append(f"{word!r} was not spoken: {unknown}")
                return ""
            if not said:
                said = "-".join(self._by_script(low))
        if said:
            notes.append(f"{word!r} was read as {said!r}")
        else:
            notes.append(f"{word!r} was not spoken: nothing in it has a sound")
        return said

    def _by_script(self, word: str) -> list[str]:
        """Parts of a word that mixes Latin and Cyrillic, each in Russian letters."""
        parts: list[str] = []
        run, latin = "", False
        for letter in word + " ":
            now = letter in LATIN and letter not in LETTERS
            if run and (now != latin or letter == " "):
                parts.append(self.latin(run.strip("-")) if latin else run.strip("-"))
                run = ""
            latin = now
            run += letter.strip()
        return [part for part in parts if part]


def _as_spoken(found: Stressed, said: tuple[str, ...]) -> WordSounds:
    return WordSounds(said, found.vowels, found.function)


def _stress_of_negation(tokens: list[Token], words: list[WordSounds]) -> None:
    """«Не было» is stressed on its particle."""
    for index in range(len(tokens) - 1):
        if (
            tokens[index].text.lower() == "не"
            and tokens[index + 1].text.lower() == "было"
            and not words[index].pause_after
        ):
            words[index].vowels = (1,)
            words[index + 1].vowels = ()


def _variants(
    words: list[WordSounds], phones: list[list[str]], others: list[tuple[WordSounds, ...]]
) -> list[tuple[tuple[Phone, ...], ...]]:
    """What else each word may be: its form with the pauses around it the other way, and the lexicon's."""
    flipped = realise(
        [WordSounds(w.sounds, w.vowels, w.bound, not w.pause_after, w.beat_after, w.fixed) for w in words]
    )
    out = []
    for chosen, other, given in zip(phones, flipped, others, strict=True):
        choices = [] if other == chosen else [other]
        choices += [realise([variant])[0] for variant in given]
        out.append(tuple(tuple(_PHONE[s] for s in symbols) for symbols in choices))
    return out
