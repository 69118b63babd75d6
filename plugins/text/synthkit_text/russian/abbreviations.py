# SPDX-License-Identifier: Apache-2.0
"""Abbreviations with their dots («т. е.», «ул.»)."""

from __future__ import annotations

import re

from synthkit_text.grammar import Rule
from synthkit_text.pattern import lazy
from synthkit_text.russian import numbers
from synthkit_text.russian.around import at_end, case_after, noun_tag, word_before
from synthkit_text.russian.governed import case_of
from synthkit_text.russian.numbers import ordinal

_NO_PAGES = (
    r"лет|год[а-я]*|час[а-я]*|минут[а-я]*|секунд[а-я]*|дн[а-я]+|день|недел[а-я]+|"
    r"месяц[а-я]*|раза?|человека?|рубл[а-я]+"
)
"""What is counted after a number that is no page's: «Идите с. 10 лет назад…»."""
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
    r"разд\.(?=\s?\d)": "раздел",
    r"абз\.(?=\s?\d)": "абзац",
    r"подп\.(?=\s?\d)": "подпункт",
    r"упр\.(?=\s?\d)": "упражнение",
    r"прил\.(?=\s?\d)": "приложение",
    r"д\.(?=\s?\d)": "дом",
    r"кв\.(?=\s?\d)": "квартира",
    r"тел\.": "телефон",
    r"ок\.(?=\s?\d)": "около",
    r"и\s+мн\.\s?др\.": "и многие другие.",
    r"в\s+т\.\s?ч\.": "в том числе",
    r"и\.\s?о\.(?=\s[а-яё])": "исполняющий обязанности",
    r"ст\.\s?м\.(?=\s)": "станция метро",
    r"стр\.(?=\s?\d)": "страница",
    r"ст\.(?=\s?\d+)": "статья",
    r"пп?\.(?=\s?\d+)": "пункт",
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
    r"под\s+ред\.(?=\s)": "под редакцией",
    r"ред\.(?=\s(?-i:[А-ЯЁ]))": "редактор",
    r"д-р(?=\s(?-i:[А-ЯЁ]))": "доктор",
    r"д-ра(?![а-яё])": "доктора",
    r"кол-во(?![а-яё])": "количество",
    r"кол-ва(?![а-яё])": "количества",
    r"доб\.(?=\s?\d)": "добавочный",
    r"(?:(?-i:макс|МАКС)|\AМакс)\.(?=\s?\d)": "максимум",
    r"(?<!\d)(?<!\d\s)мин\.(?=\s\d)": "минимум",
    rf"(?<!\d)(?<!\d\s)(?-i:с|(?<=[—–]\s)С)\.(?=\s?\d)(?!\s?[\d\s]+\s(?:{_NO_PAGES})(?![а-яё]))": "страница",
    r"(?-i:с)\.(?<!\d\sс\.)(?=\s(?-i:[А-ЯЁ][а-яё]))": "село",
    r"г-н": "господин",
    r"г-на": "господина",
    r"г-жа": "госпожа",
}
_ABBREVIATION = lazy(
    r"(?<![\w-])(?:" + "|".join(f"(?P<a{i}>{p})" for i, p in enumerate(_DOTTED)) + r")(?!\w)", re.IGNORECASE
)
_SPOKEN = list(_DOTTED.values())
_SAINT = lazy(r"(?i)(?<![\w-])св\.\s?(?=(?-i:(?P<name>[А-ЯЁ][а-яё]+)))")
_RANGE = lazy(r"\s?\d+\s?[-–—]\s?\d")
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


_ADDRESS = frozenset(
    ("улица", "проспект", "площадь", "дом", "квартира", "проезд", "бульвар", "переулок", "набережная",
     "озеро", "река", "остров", "посёлок", "деревня", "село", "область")
)  # fmt: skip
_WRITTEN = frozenset(
    ("рисунок", "глава", "таблица", "страница", "пункт", "подпункт", "том", "раздел", "абзац", "упражнение",
     "приложение")
)  # fmt: skip
"""Parts of what is written."""


def _abbreviation(match: re.Match[str]) -> str:
    said = _SPOKEN[int(str(match.lastgroup)[1:])]
    if said in _ADDRESS or said in _WRITTEN:
        several = said in _WRITTEN and _RANGE.match(match.string, match.end())
        return _inflected(said, match, plural=bool(several) or match.group().lower() == "пп.")
    if said.endswith(".") and re.match(r"\s*[,;:)]|\s+[а-яё]", match.string[match.end() :]):
        return said[:-1]
    if said == "исполняющий обязанности" and match.group()[0].isupper():
        return said.capitalize()
    return said


def _inflected(noun: str, match: re.Match[str], *, plural: bool = False) -> str:
    """`noun` in the case that what stands before it asks for."""
    written = next(
        p for p in numbers.parses(noun) if {"NOUN", "inan", "nomn", "sing"} <= set(p.tag.grammemes)
    )
    case = case_of(match.string, match.start(), str(written.tag.gender), parts=noun in _WRITTEN)
    return str(written.inflect({case, "plur" if plural else "sing"}).word)


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


def _saint(match: re.Match[str]) -> str:
    """«храм св. Николая» → «святого»: as the name is."""
    known = [p.tag for p in numbers.parses(match["name"]) if "NOUN" in p.tag]
    tags = [tag for tag in known if "anim" in tag] or known
    owned = (t for t in tags if t.case == "gent" and t.gender == "masc" and t.number == "sing")
    noun = noun_tag(word_before(match))  # «день св. Валентина», who is no Валентина
    tag = (next(owned, None) if noun else None) or next(iter(tags), None)
    wanted = (
        {str(tag.gender), str(tag.case)} if tag and tag.number == "sing" and tag.gender else {"masc", "nomn"}
    )
    wanted = {"gent" if case == "accs" else case for case in wanted} if "masc" in wanted else wanted
    form = next(p for p in numbers.parses("святой") if "ADJF" in p.tag).inflect(wanted)
    said = str(form.word) if form else "святой"
    return (said.capitalize() if match.group()[0].isupper() else said) + " "


def _beside(match: re.Match[str]) -> str:
    """«на ж/д вокзале», «макс. сумма»: an adjective, as the noun after it is."""
    said = numbers.parses("железнодорожный" if "/" in match["short"] else "максимальный")[0]
    noun = noun_tag(match["noun"].lower())
    if not word_before(match):  # «ж/д пути»
        tags = (p.tag for p in numbers.parses(match["noun"].lower()) if "NOUN" in p.tag)
        noun = next((tag for tag in tags if tag.case == "nomn"), noun)
    case = str(getattr(noun, "case", None) or "nomn")
    several = getattr(noun, "number", "") == "plur"
    gender = str(getattr(noun, "gender", None) or "masc")
    if case == "accs" and (several or gender == "masc"):
        case = "nomn"
    case = numbers.NAMES.get(case, case)
    form = said.inflect({case, "plur"} if several else {case, gender})
    return str(form.word if form else said.word)


def _railway(match: re.Match[str]) -> str:
    """«по ж/д», where no noun follows."""
    before = word_before(match)
    case = {"по": "d", "на": "p", "с": "g"}.get(before) or case_after(before)
    return _RAILWAY.get(case, _RAILWAY["n"])


_RAILWAY = {"n": "железная дорога", "g": "железной дороги", "d": "железной дороге",
            "i": "железной дорогой", "p": "железной дороге"}  # fmt: skip


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
    """«ст. 158» → «статья сто пятьдесят восьмая», in the case that what stands before it asks for."""
    return _ordinal_part("статья", _ARTICLE, match)


_ARTICLE = {"n": "статья", "g": "статьи", "d": "статье", "a": "статью", "i": "статьёй", "p": "статье"}
_PART = {"n": "часть", "g": "части", "d": "части", "a": "часть", "i": "частью", "p": "части"}
_ABOVE = frozenset(("п", "пп", "гл", "подп", "абз"))


def _part(match: re.Match[str]) -> str | None:
    """«ч. 2» → «часть вторая», in the case of the preposition before it, or of what it is a part of."""
    above = word_before_dotted(match)
    if above and above not in _ABOVE:
        return None  # «14 ч. 30 мин.» after «в 14.»
    return _ordinal_part("часть", _PART, match)


def _ordinal_part(noun: str, forms: dict[str, str], match: re.Match[str]) -> str:
    case = numbers.CASES[case_of(match.string, match.start(), "femn")]
    return f"{forms[case]} {ordinal(int(match['number']), case, 'f')}"


def _parts(match: re.Match[str]) -> str:
    """«роман в 3 ч.» → «в трёх частях»: what a work has is parts, not hours."""
    number = int(match["number"])
    said = "частях" if number != 1 else "части"
    return f"{match['work']} в {numbers.cardinal(number, 'p', 'f')} {said}" + ("." if at_end(match) else "")


def _dot(match: re.Match[str]) -> str:
    return "." if at_end(match) else ""


_WORK = "роман|повесть|фильм|сериал|пьеса|драма|комедия|книга|учебник|сборник|поэма|издание|пособие|курс"
_MADE = "вышел|вышла|вышло|издан|издана|снят|снята"

RULES = (
    Rule("abbreviation",
         lazy(rf"\b(?P<work>(?:{_WORK})(?:\s+(?:{_MADE}))?)\s+в\s+(?P<number>\d{{1,2}})\s?ч\.(?!\s?\d)",
              re.IGNORECASE), _parts, "ч"),
    Rule("abbreviation",
         lazy(r"(?<![\w.])(?<!т\.\s)(?:(?<!\d\s)|(?<=[а-яё]\.\s\d\s))[чЧ]\.\s?"
              r"(?P<number>\d{1,3})(?![\d.,:/-]\d|\d|\w|\s?[-–—]\s?\d)"), _part, "."),
    Rule("abbreviation", lazy(r"(?<![\w.])ст\.\s?(?P<number>\d{1,4})(?![\d.,-]\d|\d)"), _article, "."),
    Rule("abbreviation",
         lazy(r"(?<![\w.])(?P<number>\d{1,2})\s(?P<noun>в\.)(?=\s*$|\s[А-ЯЁа-яё]|[,;)])"), _century, "."),
    Rule("abbreviation",
         lazy(r"(?<![\w.])(?<!\d\s)(?<!\d)(?P<short>[гГ])\.\s?"
              r"(?=(?P<name>[А-ЯЁ][а-яё]+(?:-[А-ЯЁ]?[а-яё]+)*))"), lambda m: _city(m) + " ", "."),
    Rule("abbreviation", _AREA, _area, "."),
    Rule("abbreviation", _SAINT, _saint, "."),
    Rule("abbreviation",
         lazy(r"(?<![\w/-])(?P<short>(?-i:макс|МАКС)\.|(?i:ж/д))(?=\s(?P<noun>(?i:[а-яё]{3,})))"),
         _beside, "./"),
    Rule("abbreviation", lazy(r"(?i)(?<![\w/-])ж/д(?![\w/-])"), _railway, "/"),
    Rule("abbreviation", _ABBREVIATION, _abbreviation, ".-/ндлт"),
)  # fmt: skip
LATE = (
    Rule("abbreviation", lazy(r"(?<![\w-])руб\.(?=\s|$)"), lambda m: "рублей" + _dot(m), "."),
    Rule("abbreviation", lazy(r"(?<![\w-])рт\.\s?ст\."), lambda m: "ртутного столба" + _dot(m), "."),
)  # fmt: skip
"""What is tried after measures, whose parts they are as a rule."""
