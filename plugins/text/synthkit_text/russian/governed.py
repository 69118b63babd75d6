# SPDX-License-Identifier: Apache-2.0
"""The case that an abbreviated noun stands in: what is written before it asks for one («читайте гл. 5»)."""

from __future__ import annotations

from typing import Any

from synthkit_text.pattern import lazy
from synthkit_text.russian import numbers

PLACE = {
    **dict.fromkeys(("в", "во", "на", "о", "об", "при"), "loct"),
    **dict.fromkeys(("с", "со", "до", "из", "от", "у", "около", "для", "после", "без", "вдоль", "кроме",
                     "вместо", "относительно", "помимо", "против", "внутри", "среди"), "gent"),
    **dict.fromkeys(("к", "ко", "по", "согласно", "вопреки", "благодаря"), "datv"),
    **dict.fromkeys(("под", "над", "перед", "за", "между"), "ablt"),
    **dict.fromkeys(("про", "через", "сквозь"), "accs"),
}  # fmt: skip
"""The case of a place after a preposition; of two that are right, that of where, not of where to."""
_TOWARDS = lazy(
    r"(?:вниман|ссыл|сослат|сошл|взгля|гля[дн]|посмотр|смотр|перей|перех|измен|дополн|поправ|внес|внос)\w*$"
)
"""What is done to a place or with a look at it: «внимание на рис. 3», «изменения в ст. 5»."""
_BESIDE = lazy(r"(?:не)?(?:соответств|связ|сравн|согласов|совпа|вместе|наряду|совместн|(?:о|по)?знаком)\w*$")
"""Before «с» of what accompanies, not of where something begins: «в соответствии с п. 3»."""
_WORD = lazy(r"(?P<word>[А-Яа-яЁё-]+)\s+$")
_SEE = lazy(r"(?i)(?<!\w)(?:см|ср)\.\s*$")
_ANOTHER = lazy(
    r"(?i)(?<!\w)(?P<one>гл|стр|рис|табл|пп?|ст|ч|разд|подп|абз|упр|прил|т)\.\s?"
    r"\d+(?:\s?[-–—]\s?\d+)?(?:,|\s(?:и|или))\s+$"
)
_ABOVE = lazy(r"(?i)(?<!\w)(?:пп?|ч|гл|подп|абз|разд)\.\s?\d+(?:\s?[-–—]\s?\d+)?\s$")
_REACH = 60
_LISTED = 50
"""How many others of a list are looked back over for what asks for the case of all; a page of an index may be
one list, and each of its parts would look over all before it."""
_ADVERBS = 2
"""How many may stand between a verb and its object: «прочтите очень внимательно гл. 5»."""


def case_of(text: str, start: int, gender: str, *, parts: bool = True) -> str:
    """The case of a noun that begins at `start`.

    Parameters
    ----------
    text : str
        As it was written.
    start : int
    gender : str
        Of the noun, in pymorphy's words; a verb of another in the past is none that it is the subject of.
    parts : bool
        Whether it is a part of something written, whose name, or that of a larger part, may stand before it:
        «п. 3 ст. 158», «содержание гл. 5».

    Returns
    -------
    str
        One of pymorphy's: ``nomn gent datv accs ablt loct``.
    """
    before = text[max(0, start - _REACH) : start]
    for _ in range(_LISTED if parts else 0):
        another = _ANOTHER.search(before)
        if not another:
            break
        start += another.start() - len(before)  # «см. рис. 3 и табл. 2»: both are seen
        before = text[max(0, start - _REACH) : start]
    if parts and _ABOVE.search(before):
        return "gent"
    for _ in range(_ADVERBS + 1):
        if _SEE.search(before):
            return "accs"
        found = _WORD.search(before)
        if not found:
            break
        written, before = found["word"], before[: found.start()]
        word = written.lower()
        if case := PLACE.get(word):
            return _moved(word, case, before)
        tag = numbers.parses(word)[0].tag
        if "ADVB" in tag or "PRCL" in tag:
            continue
        if _takes_object(tag, gender, before):
            return "accs"
        of = parts and "NOUN" in tag and not any(kind in tag for kind in ("Abbr", "Name", "Surn"))
        # A title begins with a capital and is in a list with its parts: «Алгебра стр. 15», «УК РФ ст. 5».
        return "gent" if of and (written.islower() or word.endswith(("ние", "ния"))) else "nomn"
    return "nomn"


def _moved(preposition: str, case: str, before: str) -> str:
    """The case after a preposition that has two."""
    two = _WORD.search(before)
    # One word may stand between: «внести в договор изменения в ст. 5» has none, «сравните их с рис. 3» has.
    words = [two["word"].lower()] if two else []
    if two and (further := _WORD.search(before[: two.start()])):
        words.append(further["word"].lower())
    if preposition in ("в", "во", "на") and words and _TOWARDS.match(words[0]):
        return "accs"
    if preposition in ("с", "со") and any(_BESIDE.match(w) for w in words):
        return "ablt"
    return case


def _takes_object(tag: Any, gender: str, before: str) -> bool:
    """Whether a word of `tag` right before a noun of `gender` has it as its object."""
    if "tran" not in tag or not any(kind in tag for kind in ("VERB", "INFN", "GRND", "PRTF")):
        return False
    if "PRTF" in tag:
        return "actv" in tag
    if "VERB" not in tag or "impr" in tag or tag.number == "plur" or tag.person in ("1per", "2per"):
        return True
    if tag.gender and tag.gender != gender:
        return True
    # «как показывает рис. 2», «это доказывает табл. 3»: it is what does it.
    first = _WORD.search(before)
    return not (
        first and first["word"].lower() in ("как", "что", "это", "чем", "чего", "то", "её", "его", "их")
    )
