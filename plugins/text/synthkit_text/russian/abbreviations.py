# SPDX-License-Identifier: Apache-2.0
"""Abbreviations with their dots («т. е.», «ул.»), and acronyms read as words or letter by letter."""

# ruff: noqa: SIM905
from __future__ import annotations

import re

from synthkit_text.grammar import Rule
from synthkit_text.pattern import lazy
from synthkit_text.russian import numbers
from synthkit_text.russian.around import at_end, word_before
from synthkit_text.russian.numbers import ordinal
from synthkit_text.russian.stress import look_up

_DOTTED = {
    r"т\.\s?е\.": "то есть",
    r"т\.\s?к\.": "так как",
    r"и\s+т\.\s?д\.": "и так д+алее.",
    r"и\s+т\.\s?п\.": "и тому под+обное.",
    r"т\.\s?н\.": "так называемый",
    r"и\s+др\.": "и другие.",
    r"и\s+пр\.": "и прочее.",
    r"до\s+н\.\s?э\.": "до нашей эры.",
    r"н\.\s?э\.": "нашей эры.",
    r"напр\.": "например",
    r"см\.(?=\s)": "смотри",
    r"ср\.(?=\s)": "сравни",
    r"проф\.": "профессор",
    r"акад\.": "академик",
    r"им\.(?=\s)": "имени",
    r"ул\.": "улица",
    r"пр\.(?=\s(?-i:[А-ЯЁ]))|просп\.": "проспект",
    r"пл\.(?=\s(?-i:[А-ЯЁ]))": "площадь",
    r"рис\.(?=\s?\d)": "рисунок",
    r"гл\.(?=\s?\d)": "глава",
    r"табл\.(?=\s?\d)": "таблица",
    r"д\.(?=\s?\d)": "дом",
    r"кв\.(?=\s?\d)": "квартира",
    r"тел\.": "телефон",
    r"ок\.(?=\s?\d)": "около",
    r"и\s+мн\.\s?др\.": "и многие другие.",
    r"в\s+т\.\s?ч\.": "в том числе",
    r"и\.\s?о\.(?=\s[а-яё])": "исполняющий обязанности",
    r"ст\.\s?м\.(?=\s)": "станция метро",
    r"стр\.(?=\s?\d+\s?[-–—]\s?\d)": "страницы",
    r"стр\.(?=\s?\d)": "страница",
    r"ст\.(?=\s?\d+)": "статья",
    r"п\.(?=\s?\d+)": "пункт",
    r"пп\.(?=\s?\d+)": "пункты",
    r"ч\.(?=\s?\d+\s)": "часть",
    r"т\.(?=\s?\d+(?!\d*\s*(?:тонн|т\b)))": "том",
    r"пр-т|пр-кт": "проспект",
    r"пр-д": "проезд",
    r"б-р": "бульвар",
    r"пер\.(?=\s(?-i:[А-ЯЁ]))": "переулок",
    r"наб\.(?=\s(?-i:[А-ЯЁ])|$)": "набережная",
    r"ш\.(?=\s(?-i:[А-ЯЁ]))": "шоссе",
    r"оз\.(?=\s(?-i:[А-ЯЁ]))": "озеро",
    r"р\.(?=\s(?-i:[А-ЯЁ][а-яё]))": "река",
    r"о\.(?=\s(?-i:[А-ЯЁ][а-яё]))": "остров",
    r"пос\.(?=\s(?-i:[А-ЯЁ]))": "посёлок",
    r"дер\.(?=\s(?-i:[А-ЯЁ]))": "деревня",
    r"р-н(?![а-яё])": "район",
    r"р-на(?![а-яё])": "района",
    r"р-не(?![а-яё])": "районе",
    r"обл\.": "область",
    r"респ\.(?=\s)": "республика",
    r"гр\.(?=\s(?-i:[А-ЯЁ]))": "гражданин",
    r"тов\.(?=\s(?-i:[А-ЯЁ]))": "товарищ",
    r"доц\.(?=\s(?-i:[А-ЯЁ]))": "доцент",
    r"инж\.(?=\s)": "инженер",
    r"(?<!\d)(?<!\d\s)млн(?!\w)\.?": "миллионов",
    r"(?<!\d)(?<!\d\s)млрд(?!\w)\.?": "миллиардов",
    r"(?<!\d)(?<!\d\s)тыс\.": "тысяч",
    r"(?<!\d)(?<!\d\s)мин\.(?=\s(?-i:[а-яё]))": "минут",
    r"г-н": "господин",
    r"г-на": "господина",
    r"г-жа": "госпожа",
}
_ABBREVIATION = lazy(
    r"(?<![\w-])(?:" + "|".join(f"(?P<a{i}>{p})" for i, p in enumerate(_DOTTED)) + r")(?!\w)", re.IGNORECASE
)
_SPOKEN = list(_DOTTED.values())
_CITY = {"n": "город", "g": "города", "d": "городу", "a": "город", "i": "городом", "p": "городе"}
_PLACE = {"ул": "улица", "пл": "площадь"}
_AREA = lazy(r"(?<![\w-])(?P<stem>[А-ЯЁ][а-яё]+)\.\s+обл\.")
_AREAS = {"моск": "Московская", "ленингр": "Ленинградская", "лен": "Ленинградская",
          "сверд": "Свердловская", "новосиб": "Новосибирская",
          "нижегор": "Нижегородская", "ростов": "Ростовская", "самар": "Самарская", "твер": "Тверская",
          "тул": "Тульская", "калуж": "Калужская", "влад": "Владимирская", "волгогр": "Волгоградская",
          "воронеж": "Воронежская", "яросл": "Ярославская",
          "саратов": "Саратовская", "омск": "Омская", "том": "Томская", "псков": "Псковская",
          "смол": "Смоленская"}  # fmt: skip
LETTER_NAMES = {
    "а": "а", "б": "бэ", "в": "вэ", "г": "гэ", "д": "дэ", "е": "е", "ё": "ё", "ж": "жэ", "з": "зэ", "и": "и",
    "й": "ий", "к": "ка", "л": "эль", "м": "эм", "н": "эн", "о": "о", "п": "пэ", "р": "эр", "с": "эс",
    "т": "тэ", "у": "у", "ф": "эф", "х": "ха", "ц": "цэ", "ч": "че", "ш": "ша", "щ": "ща",
    "ъ": "твёрдый знак", "ы": "ы", "ь": "мягкий знак", "э": "э", "ю": "ю", "я": "я",
}  # fmt: skip
SPELT = frozenset("США АЭС ЕС ИП".split())
_CAPITALS = lazy(r"(?<![\w+-])[А-ЯЁ]{2,12}(?![\w+])")
_INITIAL = lazy(r"(?<![\w+])([А-ЯЁ])\.(?=\s?[А-ЯЁ](?:\.|[а-яё]+))")
_LONE = lazy(r"(?<![\w+.])([БГДЖЗЛМНПРТФХЦЧШЩ])(?![\w+'])")
_VOWELS = frozenset("АЕЁИОУЫЭЮЯ")


def _abbreviation(match: re.Match[str]) -> str:
    said = _SPOKEN[int(str(match.lastgroup)[1:])]
    if said == "статья" and word_before_dotted(match) == "п":
        return "статьи"
    if said == "исполняющий обязанности" and match.group()[0].isupper():
        return said.capitalize()
    return said


def word_before_dotted(match: re.Match[str]) -> str:
    """The abbreviation two words before, as «п» in «п. 3 ст. 158»."""
    found = re.search(
        r"([а-яё]+)\.\s?\d+\s$", match.string[max(0, match.start() - 20) : match.start()].lower()
    )
    return found[1] if found else ""


def _city(match: re.Match[str]) -> str:
    """«в г. Москве» → «в городе»: the case of the name, or of the preposition where the name says nothing."""
    before = word_before(match)
    names = [
        numbers.CASES.get(str(p.tag.case), "n") for p in numbers.parses(match["name"]) if "NOUN" in p.tag
    ]
    wanted = {"в": ("p", "a"), "во": ("p", "a"), "из": ("g",), "от": ("g",), "до": ("g",), "к": ("d",),
              "под": ("i",), "с": ("g",),
              "о": ("p",), "на": ("a", "p"), "по": ("d",), "для": ("g",),
              "у": ("g",)}.get(before)  # fmt: skip
    case = next((c for c in wanted or names if c in names), (wanted or ("n",))[0] if wanted else "n")
    said = _CITY[case if before or case in ("n", "g") else "n"]
    return said.capitalize() if match["short"][0].isupper() and not before else said


def _area(match: re.Match[str]) -> str | None:
    stem = match["stem"].lower()
    full = next((name for short, name in _AREAS.items() if stem.startswith(short)), None)
    if full is None:
        return None
    return f"{full} область" + ("." if at_end(match) else "")


def _century(match: re.Match[str]) -> str:
    number, noun = int(match["number"]), match["noun"]
    before = word_before(match)
    case = "p" if before in ("в", "во") else "n" if not before and noun == "в." else "g"
    end = "." if at_end(match) else ""
    return f"{ordinal(number, case)} {({'p': 'веке', 'g': 'века', 'n': 'век'})[case]}" + end


def _article(match: re.Match[str]) -> str:
    """«ст. 158» → «статья сто пятьдесят восьмая», after «п. 3» in the genitive."""
    genitive = word_before_dotted(match) in ("п", "пп", "ч") or word_before(match) in (
        "по",
        "согласно",
        "из",
        "от",
    )
    number = int(match["number"])
    if genitive:
        return (
            f"статьи {ordinal(number, 'g', 'f')}"
            if word_before(match) != "по"
            else f"статье {ordinal(number, 'd', 'f')}"
        )
    return f"статья {ordinal(number, 'n', 'f')}"


RULES = (
    Rule("abbreviation", lazy(r"(?<![\w.])ст\.\s?(?P<number>\d{1,4})(?![\d.,-]\d|\d)"), _article, "."),
    Rule("abbreviation",
         lazy(r"(?<![\w.])(?P<number>\d{1,2})\s(?P<noun>в\.)(?=\s*$|\s[А-ЯЁа-яё]|[,;)])"), _century, "."),
    Rule("abbreviation",
         lazy(r"(?<![\w.])(?<!\d\s)(?<!\d)(?P<short>[гГ])\.\s?"
              r"(?=(?P<name>[А-ЯЁ][а-яё]+(?:-[А-ЯЁ]?[а-яё]+)*))"), lambda m: _city(m) + " ", "."),
    Rule("abbreviation", _AREA, _area, "."),
    Rule("abbreviation", _ABBREVIATION, _abbreviation, ".-ндлт"),
)  # fmt: skip


def spell(letters: str) -> str:
    """Letter names, each stressed, as one word: «СССР» → «+эс-+эс-+эс-+эр»."""
    names = []
    for letter in letters.lower():
        name = LETTER_NAMES[letter]
        first = next(i for i, c in enumerate(name) if c in "аеёиоуыэюя")
        names.append(name[:first] + "+" + name[first:])
    return "-".join(names)


def readable(acronym: str) -> bool:
    """Whether an acronym is read as a word: «НАТО», «МИД», but not «МГУ», «ООН», «ГИБДД»."""
    shape = "".join("v" if c in _VOWELS else "c" for c in acronym)
    if len(shape) == 3:
        return shape == "cvc"
    return len(shape) > 3 and "v" in shape and "ccc" not in shape and "vv" not in shape


def acronyms(text: str) -> str:
    """Acronyms and initials of `text` spelt, unless they are read as words or the text is all in capitals."""
    found = _CAPITALS.findall(text)
    if found:
        words = [word for word in found if word not in SPELT and _is_word(word.lower())]
        if 2 * len(words) <= len(found) or len(found) == 1:
            text = _CAPITALS.sub(_acronym, text)
    return _LONE.sub(lambda m: spell(m.group(1)), _INITIAL.sub(lambda m: spell(m.group(1)) + " ", text))


def _acronym(match: re.Match[str]) -> str:
    word = match.group()
    if readable(word) or (word not in SPELT and _is_word(word.lower())):
        return word
    return spell(word)


def _is_word(word: str) -> bool:
    """Whether `word` is one of the language; the grammar's dictionary is asked for long ones that the
    stresses lack."""
    if look_up(word) is not None:
        return True
    return len(word) > 4 and any(p.is_known and "Abbr" not in p.tag for p in numbers.parses(word))
