# SPDX-License-Identifier: Apache-2.0
"""SSML: the part of it that says something to a voice, as stretches of text and the breaks between.

Understood are ``speak``, ``p``, ``s``, ``break``, ``prosody`` (rate and pitch), ``say-as``, ``phoneme``,
``sub`` and ``lang`` of Speech Synthesis Markup Language 1.1 (W3C Recommendation, 2010). The text of any other
element is spoken as it stands, and a note names the element. Entities and document types are refused: SSML
comes from strangers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from synthkit.errors import TextError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAMESPACE = "{http://www.w3.org/2001/10/synthesis}"
XML = "{http://www.w3.org/XML/1998/namespace}"
RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.3, "x-fast": 1.7}
"""Factors on the speed; the recommendation leaves them to whoever speaks."""
PITCHES = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "default": 0.0, "high": 3.0, "x-high": 6.0}
"""Semitones."""
STRENGTHS = {"none": 0, "x-weak": 1, "weak": 1, "medium": 2, "strong": 3, "x-strong": 3}
"""As `Word.break_after`."""
LONGEST_BREAK = 60.0
"""Seconds."""
DEEPEST = 50
"""Elements within elements."""
_ATTRIBUTES = {
    "speak": {"version", "lang", "base", "schemaLocation"}, "p": {"lang"}, "s": {"lang"}, "lang": {"lang"},
    "break": {"time", "strength"}, "prosody": {"rate", "pitch"}, "sub": {"alias"},
    "say-as": {"interpret-as", "format", "detail"}, "phoneme": {"ph", "alphabet"},
}  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """Text that is spoken in one way.

    Attributes
    ----------
    text : str
    language : str or None
        BCP-47; None: the voice's.
    rate : float
        Factor on the speed.
    pitch : float
        Semitones above the voice's own.
    read_as : str
        ``interpret-as`` of ``say-as``; empty: as it is written.
    phones : str
        ``ph`` of ``phoneme``; empty: as its spelling says.
    alphabet : str
        Of `phones`.
    """

    text: str
    language: str | None = None
    rate: float = 1.0
    pitch: float = 0.0
    read_as: str = ""
    phones: str = ""
    alphabet: str = "ipa"


@dataclass(frozen=True)
class Break:
    """What is between two stretches.

    Attributes
    ----------
    strength : int
        As `synthkit.types.Word.break_after` of the word before.
    seconds : float or None
        How long the pause is; None: as long as the voice makes it.
    """

    strength: int
    seconds: float | None = None


@dataclass(frozen=True)
class Marked:
    """What SSML says, in order.

    Attributes
    ----------
    items : tuple of Stretch or Break
    notes : tuple of str
        What of it is not understood, a sentence for each.
    """

    items: tuple[Stretch | Break, ...]
    notes: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text without its marks."""
        return " ".join("".join(i.text if isinstance(i, Stretch) else " " for i in self.items).split())


def parse(ssml: str) -> Marked:
    """Read SSML.

    Parameters
    ----------
    ssml : str
        A document whose root is ``speak``.

    Returns
    -------
    Marked

    Raises
    ------
    TextError
        It is no XML, has a document type, its root is another element, or an attribute has a value that it
        cannot have.

    Examples
    --------
    >>> from synthkit.ssml import parse
    >>> found = parse('<speak>One <break time="300ms"/> <prosody rate="slow">two</prosody>.</speak>')
    >>> [getattr(i, "text", "") or i.seconds for i in found.items]
    ['One ', 0.3, ' ', 'two', '.']
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(ssml.strip(), forbid_dtd=True)
    except DefusedXmlException:
        raise TextError("a document type or an entity of its own is not taken", where="SSML") from None
    except ParseError as error:
        line, column = error.position
        raise TextError(
            f"is no XML: {str(error).partition(':')[0]}",
            where=f"SSML, line {line}, character {column + 1}",
            hint='as in <speak>Good <break time="300ms"/> morning.</speak>; & is written &amp;',
        ) from None
    if _name(root) != "speak":
        raise TextError(f"begins with <{_name(root)}>, not <speak>", where="SSML")
    notes: list[str] = []
    items = list(_read(root, Stretch("", root.get(f"{XML}lang")), notes, 0))
    if not any(isinstance(i, Stretch) and i.text.strip() for i in items):
        raise TextError("there is no text in it to speak", where="SSML")
    return Marked(tuple(items), tuple(dict.fromkeys(notes)))


def _name(element: Element) -> str:
    """Name of an element, or of an attribute's owner, without the namespace of SSML."""
    return str(element.tag).removeprefix(NAMESPACE)


def _read(element: Element, way: Stretch, notes: list[str], depth: int) -> Iterator[Stretch | Break]:
    """What is within `element`, spoken in the `way` of what is around it."""
    if depth > DEEPEST:
        raise TextError(f"has more than {DEEPEST} elements within one another", where="SSML")
    name = _name(element)
    known = _ATTRIBUTES.get(name)
    if known is None:
        notes.append(f"<{name}> is not understood: what it holds is spoken as it stands")
    else:
        left = [a.rpartition("}")[2] for a in element.attrib]
        notes += [f"{a!r} of <{name}> is not understood" for a in left if a not in known]
        way = _changed(element, name, way)
    if name == "break":
        yield _break(element)
    elif name in ("sub", "phoneme", "say-as"):
        inside = "".join(element.itertext())
        if len(element):
            raise TextError(f"<{name}> holds text alone", where=f"<{name}>{inside[:40]}")
        yield replace(way, text=element.get("alias", inside) if name == "sub" else inside)
    else:
        if element.text:
            yield replace(way, text=element.text)
        for child in element:
            if isinstance(child.tag, str):  # no comment
                yield from _read(child, way, notes, depth + 1)
            if child.tail:
                yield replace(way, text=child.tail)
        if name in ("p", "s"):
            yield Break(3)


def _changed(element: Element, name: str, way: Stretch) -> Stretch:
    """`way` as the element changes it for what it holds."""
    language = element.get(f"{XML}lang")
    if language:
        way = replace(way, language=language)
    if name == "prosody":
        rate, pitch = element.get("rate"), element.get("pitch")
        if rate is not None:
            way = replace(way, rate=way.rate * _rate(rate))
        if pitch is not None:
            way = replace(way, pitch=way.pitch + _pitch(pitch))
    elif name == "say-as":
        kind = element.get("interpret-as", "")
        if not kind:
            raise TextError("has no interpret-as", where="<say-as>")
        way = replace(way, read_as=kind)
    elif name == "phoneme":
        ph = element.get("ph", "").strip()
        if not ph:
            raise TextError("has no ph, which says the phones", where="<phoneme>")
        way = replace(way, phones=ph, alphabet=element.get("alphabet", "ipa"))
    elif name == "lang" and not language:
        raise TextError("has no xml:lang", where="<lang>")
    return way


def _break(element: Element) -> Break:
    strength, time = element.get("strength"), element.get("time")
    if strength is not None and strength not in STRENGTHS:
        raise TextError(
            f"strength is {strength!r}", where="<break>", hint=f"it is one of {', '.join(STRENGTHS)}"
        )
    if time is None:
        return Break(STRENGTHS[strength or "medium"], 1.0 if strength == "x-strong" else None)
    match = re.fullmatch(r"\+?(\d+(?:\.\d*)?|\.\d+)(ms|s)", time.strip())
    seconds = float(match[1]) / (1000 if match[2] == "ms" else 1) if match else math.inf
    if seconds > LONGEST_BREAK:
        raise TextError(
            f"time is {time!r}", where="<break>", hint=f'as in "300ms" or "1.5s", up to {LONGEST_BREAK:g} s'
        )
    return Break(STRENGTHS[strength] if strength else 2, seconds)


def _rate(text: str) -> float:
    """A factor: a name, ``"120%"``, ``"+20%"`` or ``"1.2"``."""
    text = text.strip()
    if text in RATES:
        return RATES[text]
    match = re.fullmatch(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)(%?)", text)
    factor = 0.0
    if match and (match[3] or not match[1]):
        value = float(match[2]) / (100 if match[3] else 1)
        factor = {"+": 1 + value, "-": 1 - value, "": value}[match[1]]
    if not 0.1 <= factor <= 10:
        raise TextError(
            f"rate is {text!r}",
            where="<prosody>",
            hint=f'a name ({", ".join(RATES)}), "120%" or "+20%", from a tenth to ten times',
        )
    return factor


def _pitch(text: str) -> float:
    """Semitones: a name, ``"+2st"`` or ``"+10%"``."""
    text = text.strip()
    if text in PITCHES:
        return PITCHES[text]
    match = re.fullmatch(r"([+-])(\d+(?:\.\d*)?|\.\d+)(st|%)", text)
    value = math.inf
    if match:
        number = float(f"{match[1]}{match[2]}")
        if match[3] == "st":
            value = number
        elif number > -100:
            value = 12 * math.log2(1 + number / 100)
    if abs(value) > 24:
        raise TextError(
            f"pitch is {text!r}",
            where="<prosody>",
            hint=f'a name ({", ".join(PITCHES)}), "+2st" or "-10%", up to two octaves; '
            "Hz are not taken, since a voice has no one pitch",
        )
    return value
