# SPDX-License-Identifier: Apache-2.0
"""Abbreviations, Roman numerals, addresses, markup and single signs."""

# ruff: noqa: SIM905
from __future__ import annotations

import html
import re
from collections.abc import Callable

from synthkit_text.english.dates import MONTHS, SHORT
from synthkit_text.english.numbers import cardinal, digits, letters, ordinal
from synthkit_text.english.words import look_up
from synthkit_text.grammar import Rule
from synthkit_text.pattern import lazy

ABBREVIATIONS = {
    "Mr": "mister", "Mrs": "missus", "Ms": "miz", "Dr": "doctor", "Prof": "professor", "St": "saint",
    "Jr": "junior", "Sr": "senior", "vs": "versus", "etc": "et cetera", "No": "number", "Nos": "numbers",
    "approx": "approximately", "Approx": "approximately", "Apt": "apartment", "Hwy": "highway",
    "Pkwy": "parkway", "Bldg": "building", "Ln": "lane", "avg": "average", "Avg": "average",
    "Mt": "mount", "Ft": "fort", "ext": "extension", "pp": "pages", "p": "page",
    "Inc": "incorporated", "Ltd": "limited", "Co": "company", "Corp": "corporation", "Ave": "avenue",
    "Blvd": "boulevard", "Rd": "road", "Gen": "general", "Col": "colonel", "Capt": "captain",
    "Lt": "lieutenant", "Sgt": "sergeant", "Rev": "reverend", "Hon": "honorable", "Gov": "governor",
    "Sen": "senator", "Rep": "representative", "fig": "figure", "Fig": "figure", "vol": "volume",
    "Vol": "volume", "ch": "chapter", "Ch": "chapter", "est": "established", "dept": "department",
    "Dept": "department", "tel": "telephone", "Tel": "telephone", "eq": "equation", "Eq": "equation",
    "max": "maximum", "min": "minimum", "Univ": "university", "cf": "compare",
    "sec": "section", "Sec": "section", "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday",
    "Wed": "Wednesday", "Thu": "Thursday", "Thurs": "Thursday", "Fri": "Friday", **SHORT,
}  # fmt: skip
_BEFORE_NAME = frozenset("St Gen Col Hon Rep Sen Co Mt Ft Mar Mon Fri Wed".split())
_BEFORE_NUMBER = frozenset("No Nos ch Ch est fig Fig vol Vol pp p ext eq Eq sec Sec max min".split())
_ENDS_SENTENCE = frozenset("etc Jr Sr Inc Ltd Corp Ave Rd Blvd Ln Pkwy".split())
_STREETS = {"St": "street", "Dr": "drive"}
"""What is one thing before a name and another behind it."""
_NAMES_OF_STREETS = frozenset(
    "Main Oak Elm High Park Pine Maple Cedar Church Market Washington Broad Wall Bourbon Lombard Baker Fleet "
    "Spring Lake Hill Walnut Chestnut Center Centre Water Front Court State Union Bridge Mill School King "
    "Queen Canal Bond Oxford Downing First Second Third Fourth Fifth Sixth Seventh Eighth Ninth".split()
)
_SAINTS = frozenset(
    "Louis Paul John Mary Petersburg Peter Patrick Andrew Andrews George James Joseph Thomas Michael Mark "
    "Luke Matthew Helens Helena Lucia Kitts Vincent Martin Moritz Anne Anthony Augustine Bernard Charles "
    "Clair Cloud David Denis Elmo Francis Gallen Germain Ives Jerome Jude Lawrence Lucie Marie Nicholas "
    "Pancras Pauls Stephen Tropez Albans Catherine Albert Barts".split()
)
_BEGINS = frozenset("The A An He She It We They I You There This That In On At And But Then His Her".split())
"""Words with which the next sentence may begin, and no saint's name."""
_DAYS = {name[:3]: name for name in ABBREVIATIONS.values() if name.endswith("day")} | SHORT
_DAYS |= {"Sat": "Saturday", "Sun": "Sunday"}
_TITLES = "Mr|Mrs|Ms|Dr|Prof|St|Mt"
_DOTTED = {
    "e.g.": "for example",
    "i.e.": "that is",
    "a.m.": "A M",
    "p.m.": "P M",
    "w/o": "without",
    "c/o": "care of",
    "w/": "with",
}
SYMBOLS = {
    "%": "percent", "&": "and", "@": "at", "#": "number", "=": "equals", "№": "number", "°": "degrees",
    "$": "dollar", "€": "euro", "£": "pound", "×": "times", "÷": "divided by", "±": "plus or minus",
    "≈": "about", "<": "less than", ">": "greater than", "≤": "less than or equal to",
    "≥": "greater than or equal to", "§": "section", "−": "minus", "©": "copyright", "^": "to the power of",
    "∞": "infinity", "≠": "does not equal", "¥": "yen", "₽": "rubles", "¢": "cents", "→": "to", "™": "",
    "®": "", "√": "square root of", "′": "prime", "″": "double prime", "µ": "micro", "π": "pi",
}  # fmt: skip
_ROMAN = r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_SMALL = r"X{0,3}(?:IX|IV|V?I{0,3})"
_HEADED = (
    "Chapter Part Section Volume Vol Act Scene Book War Class Type Phase Figure Table Article Bowl Stage "
    "Level Title Appendix Level Mark Grade Canto Psalm Lesson Unit Step Tier"
)
_KINGS = frozenset(
    "Henry George Charles Edward James William Louis Philip Richard John Alexander Nicholas Peter Paul "
    "Ivan Frederick Elizabeth Catherine Mary Napoleon Pius Leo Benedict Gregory Innocent Clement "
    "Ferdinand Francis Otto Wilhelm Albert Leopold Alfonso Robert Harold Ramses Ptolemy Constantine "
    "Urban Boniface Carl Gustav Christian Victor Juan Xerxes Darius Cyrus Sigismund Rudolf Maximilian "
    "Joseph Umberto Haakon Olaf Harald Baldwin Edmund Stephen Michael Manuel Philippe Afonso Pedro "
    "Sixtus Celestine Adrian Eugene Martin Julius Alexios Basil Amenhotep Thutmose Seti Mehmed Murad "
    "Selim Mahmud Ahmed Bayezid Margaret Margrethe Isabella Anna Vittorio Emmanuel Tiglath Antiochus "
    "Seleucus Artaxerxes Akbar Rama Gustavus Gustaf Casimir Vasily Vasili Abdullah Mohammed Muhammad "
    "Hassan Hussein Mithridates Nebuchadnezzar Sargon Kamehameha Ludwig Karl Honorius Malcolm Kenneth "
    "Justinian Theodosius Matthias Andrew Olav Baudouin Friedrich Heinrich Lothair Callixtus Hadrian "
    "Sylvester Marcellus Fuad Faisal Suleiman Valentinian Constantius Ladislaus Wenceslaus Stanislaus "
    "Pepin Carlos Tiberius Romanos Theodore Cambyses Shapur Khosrow Shalmaneser Nikolai Duncan Magnus "
    "Erik Eric Valdemar Canute Sancho Willem Ernst Johann Franz Hugh Lucius Paschal Senusret "
    "Mentuhotep Menelik Farouk Adolf".split()
)
_RULERS = frozenset(("King", "Queen", "Pope", "Emperor", "Tsar", "Prince", "Sultan"))
_TLD = "com|org|net|edu|gov|info|biz|app|dev|io|ly|me|co|uk|us|ru|de|fr|eu|it|es|nl|ch|jp|cn|tv|ai|gl|be|fm"
_SPELT_TLD = re.compile(r"[a-z]{2}")


def value_of(roman: str) -> int:
    """``"XIV"`` → 14."""
    total, highest = 0, 0
    for letter in reversed(roman):
        value = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}[letter]
        total += value if value >= highest else -value
        highest = max(highest, value)
    return total


def _abbreviation(match: re.Match[str]) -> str | None:
    short = match["short"]
    following = re.match(r"(\s*)(\S?)", match.string[match.end() : match.end() + 40])
    space, first = following.groups() if following else ("", "")
    if short in _STREETS and (
        named := re.search(
            r"(\b\d{1,5} (?:[NSEW]\. )?)?\b(?:[A-Z]\w+(?:['’]s)?|\d+(?:st|nd|rd|th)) $", _earlier(match)
        )
    ):
        if not first.isupper():
            return _STREETS[short] + ("" if first.islower() or first in (",", ";") else ".")
        next_word = re.match(r"\s*([A-Za-z]+)", match.string[match.end() : match.end() + 40])
        following_word = next_word[1] if next_word else ""
        if following_word in _BEGINS and named.group().split()[-1] not in MONTHS:
            return _STREETS[short] + "."
        if (
            short == "St"
            and following_word not in _SAINTS
            and (named.group().split()[-1] in _NAMES_OF_STREETS or named.group()[0].isdigit())
        ):
            return "street,"
        if named[1] and named.group().split()[-1] not in MONTHS:  # a number stands before it: an address
            return _STREETS[short] + "."
    if short in ("min", "max") and re.search(r"\d\s?$", _earlier(match)):
        return None  # minutes
    if short in _BEFORE_NAME and not (first.isupper() or first.isdecimal()):
        return None
    if short in _BEFORE_NUMBER and not (first.isdecimal() or (first.isupper() and short in ("est",))):
        return None
    if not space and first and first not in ",;:)–—-" and not first.isdecimal():
        return None
    ends = not first or (short in _ENDS_SENTENCE and first.isupper())
    return ABBREVIATIONS[short] + ("." if ends and first not in (",", ";") else "")


def _earlier(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - 30) : match.start()]


def _from_to(match: re.Match[str]) -> str:
    first, last = (_DAYS[match[k]] for k in (1, 2))
    return f"{first} to {last}" + (
        "." if match.group().endswith(".") and not match.string[match.end() :].strip() else ""
    )


def _title(match: re.Match[str]) -> str:
    return ABBREVIATIONS[match.group()]


def _dotted(match: re.Match[str]) -> str:
    low = match.group().lower()
    ends = low.endswith("m.") and not match.string[match.end() :].strip()
    return _DOTTED[low] + ("." if ends else "")


def _lettered(match: re.Match[str]) -> str:
    last = not match.string[match.end() :].strip()
    plain = match.group().replace(".", "")
    # «U.S.» is no "us", which a lexicon knows; what no lexicon knows is spelt as one.
    said = letters(plain) if len(plain) == 2 and look_up(plain.lower()) else plain.upper()
    return said + ("." if last else "")


def _capitals(match: re.Match[str]) -> str | None:
    """``the US economy``, but ``TELL US MORE``."""
    around = match.string[max(0, match.start() - 12) : match.end() + 12]
    small = re.search(r"\b[a-z]+\b", around)  # «US and UK» are countries
    beside = re.findall(r"[A-Z]{4,}" if small else r"[A-Z]{2,}", around)
    return letters(match.group()) if len(beside) == (0 if small else 1) else None


def _era(match: re.Match[str]) -> str:
    return f"{letters(match[1])} " if match[1] else f" {letters(match[2])}"


def _initial(match: re.Match[str]) -> str:
    return match[1]


def _headed(match: re.Match[str]) -> str | None:
    return f"{match[1]} {cardinal(value_of(match[2]))}" if match[2] else None


def _short_headed(match: re.Match[str]) -> str | None:
    return f"{ABBREVIATIONS[match[1]]} {cardinal(value_of(match[2]))}" if match[2] else None


_OF_MYSELF = lazy(
    r"['’]|\s(?:am|think|love|like|know|want|need|hope|guess|believe|feel|see|mean|wish|miss|hate|remember|have|"
    r"do|don['’]t|can|can['’]t|will|say|said|ask|met|saw)\b"
)
"""What follows a speaker, not a king: «as Michael I am…»."""


def _regnal(match: re.Match[str]) -> str | None:
    name, roman, own = match.groups()
    if not roman or (len(roman) == 1 and (name not in _KINGS or (name, roman) == ("Malcolm", "X"))):
        return None  # an initial
    if roman == "I" and _OF_MYSELF.match(match.string, match.end()):
        return None
    titled = re.search(r"(?:King|Queen|Pope|Emperor|Tsar|Prince|Sultan|[A-Z][a-z]+)\s$", _earlier(match))
    if name not in _KINGS and not (titled and (value_of(roman) <= 4 or titled.group()[:-1] in _RULERS)):
        return f"{name} {cardinal(value_of(roman))}{own or ''}"  # «Apollo XI», but «John Smith III»
    return f"{name} the {ordinal(value_of(roman))}{own or ''}"


def _address(known: Callable[[str], bool]) -> Callable[[re.Match[str]], str]:
    signs = {"@": "at", ".": "dot", "/": "slash", "-": "dash", "_": "underscore", ":": "colon",
             "?": "question mark",
             "=": "equals", "&": "and", "#": "hash", "%": "percent", "+": "plus", "~": "tilde"}  # fmt: skip

    def say(match: re.Match[str]) -> str:
        whole = match.group()
        body = whole.rstrip(".,;:!?)")
        tail = whole[len(body) :]
        body = re.sub(r"^\w+://", "", body)
        said = []
        pieces = re.findall(r"[A-Za-z]+|\d+|[^\w]|_", body)
        for index, piece in enumerate(pieces):
            if piece.isdecimal():
                said.append(digits(piece) if len(piece) > 2 or piece[0] == "0" else cardinal(int(piece)))
            elif piece.isalpha():
                after_dot = index > 0 and pieces[index - 1] == "."
                spelt = (
                    (after_dot and _SPELT_TLD.fullmatch(piece)) or piece.lower() == "www" or not known(piece)
                )
                said.append(letters(piece) if spelt else piece)
            else:
                said.append(signs.get(piece, ""))
        return " ".join(filter(None, said)) + tail

    return say


def _entity(match: re.Match[str]) -> str | None:
    sign = html.unescape(match.group())
    if sign == match.group():
        return None
    return SYMBOLS.get(sign, sign if sign.isalnum() else " ")


def _symbol(match: re.Match[str]) -> str:
    return f" {SYMBOLS[match.group()]} "


def rules(known: Callable[[str], bool]) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules tried before numbers, and those after.

    Parameters
    ----------
    known : callable
        Whether a run of letters in an address is read as a word; others are spelt.
    """
    days = "|".join(_DAYS)
    short = "|".join(sorted(map(re.escape, ABBREVIATIONS), key=len, reverse=True))
    before = (
        Rule("markup", lazy(r"</?[A-Za-z][^<>\n]{0,200}>|<!--.{0,400}?-->"), lambda m: " ", "<"),
        Rule("markup", lazy(r"&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,6});"), _entity, "&"),
        Rule(
            "address",
            lazy(
                rf"\b(?:https?|ftp)://\S+|\bwww\.\S+"
                rf"|(?<![\w.@-])(?:[A-Za-z0-9-]+\.)+(?:{_TLD})(?:/[^\s,;]*)?(?![\w-])"
            ),
            _address(known),
            ".:",
        ),
        Rule("address", lazy(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), _address(known), "@"),
        Rule("name", lazy(r"\bC\+\+"), lambda m: "C plus plus", "+"),
        Rule("name", lazy(r"\b([A-G])#(?!\w)"), lambda m: f"{m[1]} sharp", "#"),
        Rule("hashtag", lazy(r"(?<!\w)#(?=[A-Za-z_])"), lambda m: "hashtag ", "#"),
        Rule("symbol", lazy(r"(?<!\w)[#№]\s?(?=\d)"), lambda m: "number ", "#№"),
        Rule("abbreviation",
             lazy(r"(?<!\w)(?:e\.g\.|i\.e\.|[ap]\.m\.|[wc]/o\b|w/(?=\s))", re.IGNORECASE), _dotted, "./"),
        Rule("abbreviation", lazy(r"\bet al\.(?=\s*[,;:(\[]|\s+[a-z&\d])"), lambda m: "et al", "."),
        Rule("abbreviation",
             lazy(r"(?<![\w.-])temp\.(?=\s(?:was|is|of|in|at|rose|fell|dropped|will|outside|inside|range)\b)"),
             lambda m: "temperature", "."),
        Rule("letters", lazy(r"(?<![\w.])Ph\.\s?D\.(?=\s*[,;:)]|\s+[a-z])"), lambda m: "P H D", "."),
        Rule("letters", lazy(r"(?<![\w.])Ph\.\s?D(?!\w)"), lambda m: "P H D", "."),
        Rule("abbreviation",
             lazy(r"(?<![\w.])(?<!said\s)(?<!says\s)(?<!say\s)(?<!answered\s)(?<!is\s)(?<!was\s)(no|nos)\.(?=\s?\d+(?!\d)"
                  r"(?!\s(?:people|men|women|children|[a-z]+s)\b))"),
             lambda m: "numbers" if m[1] == "nos" else "number", "."),
        Rule("range", lazy(rf"\b({days})\.?\s?[-–—]\s?({days})\b\.?"), _from_to, "-–—"),
        Rule("abbreviation", lazy(rf"(?<![\w.])(?P<short>{short})\."), _abbreviation, "."),
        Rule("abbreviation", lazy(rf"(?<![\w.])(?:{_TITLES})(?=\s[A-Z][a-z])"), _title),
        Rule("letters", lazy(r"\b(?:[A-Za-z]\.){2,}"), _lettered, "."),
        Rule("letters", lazy(r"\bUS\b(?!\$)"), _capitals, "U"),
        Rule("letters", lazy(r"\b(AD)\s(?=\d)|(?<=\d)\s?(AD)\b"), _era, "A"),
        Rule("letters", lazy(r"\bAT&T\b"), lambda m: "A T and T", "&"),
        Rule("letters", lazy(r"\b([A-Z])\.(?=\s[A-Z])"), _initial, "."),
        Rule("roman", lazy(r"\b(XX?I{0,3}X?|XIX|XVI{0,3}|XI?V)(?:th|st|nd|rd)\b"),
             lambda m: ordinal(value_of(m[1])), "X"),
        Rule("roman", lazy(rf"\b(Vol|Fig|Ch|Sec)\.\s(?=[IVXLCDM])({_ROMAN})(?!\w)"), _short_headed),
        Rule("roman", lazy(rf"\b({'|'.join(_HEADED.split())})\s(?=[IVXLCDM])({_ROMAN})(?!\w)"), _headed),
        Rule("roman", lazy(rf"\b([A-Z][a-z]+)\s(?=[IVX])({_SMALL})(['’]s)?(?!\w|['’]\w)"), _regnal),
    )  # fmt: skip
    after = (
        Rule("range",
             lazy(r"(?<=[A-Za-z])\s?[–—](?=\d)|(?<=\d%)[-–—](?=\d)|(?<=\d%)\s[-–—]\s(?=[\d.,]+\s?%)|(?<=\d:\d\d)[-–—](?=\d)|(?<=\d:\d\d)\s[-–—]\s(?=\d{1,2}(?::\d\d|\s?[ap]\.?m))|(?<=[ap]m)\s?[-–—]\s?(?=\d)|(?<=\d)[–—](?=[a-z])"),
             lambda m: " to ", "-–—"),
        Rule("symbol", lazy(r"\+(?![аеёиоуыэюяАЕЁИОУЫЭЮЯ])"), lambda m: " plus ", "+"),
        Rule("symbol", lazy("[" + re.escape("".join(SYMBOLS)) + "]"), _symbol, "".join(SYMBOLS)),
    )  # fmt: skip
    return before, after
