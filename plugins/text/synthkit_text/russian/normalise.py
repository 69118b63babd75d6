"""Russian text to plain words: numbers, dates, units, abbreviations, symbols, acronyms.

A chain of substitutions over the whole text, each linear in its length and skipped where the text has
nothing for it. Words come out in lower or upper case as written; acronyms are spelt by letter names.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import re
from collections.abc import Callable

from synthkit_text.russian import numbers
from synthkit_text.russian.numbers import agree, cardinal, ordinal
from synthkit_text.russian.stress import look_up

MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
UNITS = {
    "%": ("процент", "процента", "процентов"),
    "‰": ("промилле", "промилле", "промилле"),
    "кг": ("килограмм", "килограмма", "килограммов"),
    "г": ("грамм", "грамма", "граммов"),
    "мг": ("миллиграмм", "миллиграмма", "миллиграммов"),
    "т": ("тонна", "тонны", "тонн"),
    "км": ("километр", "километра", "километров"),
    "м": ("метр", "метра", "метров"),
    "см": ("сантиметр", "сантиметра", "сантиметров"),
    "мм": ("миллиметр", "миллиметра", "миллиметров"),
    "км/ч": ("километр в час", "километра в час", "километров в час"),
    "м/с": ("метр в секунду", "метра в секунду", "метров в секунду"),
    "л": ("литр", "литра", "литров"),
    "мл": ("миллилитр", "миллилитра", "миллилитров"),
    "га": ("гектар", "гектара", "гектаров"),
    "ч": ("час", "часа", "часов"),
    "мин": ("минута", "минуты", "минут"),
    "сек": ("секунда", "секунды", "секунд"),
    "с": ("секунда", "секунды", "секунд"),
    "мс": ("миллисекунда", "миллисекунды", "миллисекунд"),
    "тыс": ("тысяча", "тысячи", "тысяч"),
    "млн": ("миллион", "миллиона", "миллионов"),
    "млрд": ("миллиард", "миллиарда", "миллиардов"),
    "трлн": ("триллион", "триллиона", "триллионов"),
    "руб": ("рубль", "рубля", "рублей"),
    "р": ("рубль", "рубля", "рублей"),
    "коп": ("копейка", "копейки", "копеек"),
    "₽": ("рубль", "рубля", "рублей"),
    "$": ("доллар", "доллара", "долларов"),
    "€": ("евро", "евро", "евро"),
    "£": ("фунт", "фунта", "фунтов"),
    "°C": ("градус цельсия", "градуса цельсия", "градусов цельсия"),
    "°С": ("градус цельсия", "градуса цельсия", "градусов цельсия"),
    "°": ("градус", "градуса", "градусов"),
    "гц": ("герц", "герца", "герц"),
    "кгц": ("килогерц", "килогерца", "килогерц"),
    "мгц": ("мегагерц", "мегагерца", "мегагерц"),
    "ггц": ("гигагерц", "гигагерца", "гигагерц"),
    "вт": ("ватт", "ватта", "ватт"),
    "квт": ("киловатт", "киловатта", "киловатт"),
    "кб": ("килобайт", "килобайта", "килобайт"),
    "мб": ("мегабайт", "мегабайта", "мегабайт"),
    "гб": ("гигабайт", "гигабайта", "гигабайт"),
}
FEMININE = frozenset("т мин сек с мс тыс коп".split())
SCALES = frozenset("тыс млн млрд трлн".split())
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
    r"стр\.(?=\s?\d)": "страница",
    r"рис\.(?=\s?\d)": "рисунок",
    r"гл\.(?=\s?\d)": "глава",
    r"табл\.(?=\s?\d)": "таблица",
    r"д\.(?=\s?\d)": "дом",
    r"кв\.(?=\s?\d)": "квартира",
    r"тел\.": "телефон",
    r"ок\.(?=\s?\d)": "около",
    r"(?<!\d)(?<!\d\s)г\.(?=\s?(?-i:[А-ЯЁ][а-яё]))": "город",
    r"г-н": "господин",
    r"г-на": "господина",
    r"г-жа": "госпожа",
}
_ABBREVIATION = re.compile(
    r"(?<![\w-])(?:" + "|".join(f"(?P<a{i}>{p})" for i, p in enumerate(_DOTTED)) + r")(?!\w)", re.IGNORECASE
)
_SPOKEN = list(_DOTTED.values())
LETTER_NAMES = {
    "а": "а", "б": "бэ", "в": "вэ", "г": "гэ", "д": "дэ", "е": "е", "ё": "ё", "ж": "жэ", "з": "зэ", "и": "и",
    "й": "ий", "к": "ка", "л": "эль", "м": "эм", "н": "эн", "о": "о", "п": "пэ", "р": "эр", "с": "эс",
    "т": "тэ", "у": "у", "ф": "эф", "х": "ха", "ц": "цэ", "ч": "че", "ш": "ша", "щ": "ща", "ъ": "твёрдый знак",
    "ы": "ы", "ь": "мягкий знак", "э": "э", "ю": "ю", "я": "я",
}  # fmt: skip
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_CENTURY = {"век": "n", "века": "g", "веку": "d", "веком": "i", "веке": "p", "в.": "p"}
_YEAR = {"год": "n", "года": "g", "году": "p", "годом": "i", "годе": "p", "г.": "?", "г": "?"}
_YEARS = {"годы": "n", "годов": "g", "годам": "d", "годами": "i", "годах": "p", "гг.": "n", "е": "n"}
SYMBOLS = {
    "№": " номер ", "%": " процент ", "‰": " промилле ", "&": " и ", "@": " собака ", "§": " параграф ",
    "=": " равно ", "×": " умножить на ", "÷": " разделить на ", "±": " плюс минус ", "≈": " примерно ",
    "°": " градус ", "$": " доллар ", "€": " евро ", "£": " фунт ", "₽": " рубль ", "#": " решётка ",
    "½": " половина ", "¼": " четверть ", "¾": " три четверти ", "∞": " бесконечность ", "≠": " не равно ",
    "<": " меньше ", ">": " больше ", "−": " минус ", "©": " копирайт ", "→": " ", "^": " в степени ",
}  # fmt: skip
_SYMBOL = re.compile("[" + re.escape("".join(SYMBOLS)) + "]")
_NUMBER = r"(?:\d{1,3}(?:[ ]\d{3})+|\d+)"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_WORD_BEFORE = r"(?:(?P<before>[А-Яа-яЁё]+)[ ])?"


def normalise(text: str) -> str:
    """Numbers, abbreviations and symbols of `text` in words.

    >>> normalise("В 2024 году 3,14 и −5.")
    'В две тысячи двадцать четвёртом году три целых четырнадцать сотых и минус пять.'
    """
    if "." in text or "-" in text:
        text = _ABBREVIATION.sub(lambda m: _SPOKEN[int(m.lastgroup[1:])], text)
        text = _addresses(text)
    if re.search(r"[IVXLCDM]", text):
        text = _romans(text)
    if re.search(r"\d", text):
        text = _numbers(text)
    text = re.sub(r"(?<![\w+])\+(?=\s*$|\s)|(?<=\s)\+(?=\s|\d)", " плюс ", text) if "+" in text else text
    if _SYMBOL.search(text):
        text = _SYMBOL.sub(lambda m: SYMBOLS[m.group()], text)
    return _acronyms(text)


# Addresses of the net


def _addresses(text: str) -> str:
    if "@" not in text and "://" not in text and "www." not in text.lower():
        return text

    def say(match: re.Match[str]) -> str:
        body = re.sub(r"^\w+://(www\.)?", "", match.group().rstrip(".,;:!?)"))
        tail = match.group()[len(match.group().rstrip(".,;:!?)")) :]
        for sign, word in (
            ("@", "собака"),
            (".", "точка"),
            ("/", "слэш"),
            ("-", "дефис"),
            ("_", "подчёркивание"),
        ):
            body = body.replace(sign, f" {word} ")
        return body + tail

    return re.sub(r"\b(?:https?://|www\.)\S+|[\w.-]+@[\w-]+\.[\w.-]+", say, text)


# Roman numerals


def _roman(text: str) -> int:
    total, highest = 0, 0
    for letter in reversed(text):
        value = ROMAN[letter]
        total += value if value >= highest else -value
        highest = max(highest, value)
    return total


_ROMAN_CENTURY = re.compile(r"\b([IVXLC]+)(?:\s*[-–—]\s*([IVXLC]+))?\s+(век(?:а|у|ом|е)?\b|вв?\.(?!\w))")
_ROMAN_NAME = re.compile(r"\b([А-ЯЁ][а-яё]+)\s+([IVX]{1,6})\b(?![.\w])")
_ROMAN_AFTER = re.compile(r"\b([IVXLC]{1,7})(?=\s+[а-яё]{4,})")


def _romans(text: str) -> str:
    def century(match: re.Match[str]) -> str:
        first, second, noun = match.groups()
        if noun in ("в.", "вв."):
            before = text[max(0, match.start() - 3) : match.start()].lower()
            case = "p" if before.rstrip().endswith("в") else "g"
            noun = {"p": "веке", "g": "века"}[case] if noun == "в." else "веков"
        else:
            case = _CENTURY[noun]
        said = ordinal(_roman(first), case)
        if second:
            said += " " + ordinal(_roman(second), case)
        return f"{said} {noun}"

    def name(match: re.Match[str]) -> str:
        noun, roman = match.groups()
        tag = next((p.tag for p in numbers.parses(noun) if "NOUN" in p.tag), None)
        if tag is None:
            return match.group()
        case = numbers.CASES.get(str(tag.case), "n")
        gender = "f" if tag.gender == "femn" else "m"
        return f"{noun} {ordinal(_roman(roman), case, gender)}"

    def after(match: re.Match[str]) -> str:
        noun = re.match(r"\s+([а-яё]+)", text[match.end() : match.end() + 40])
        return _ordinal_with(_roman(match.group()), noun.group(1) if noun else "")

    text = _ROMAN_CENTURY.sub(century, text)
    text = _ROMAN_NAME.sub(name, text)
    return _ROMAN_AFTER.sub(after, text)


def _ordinal_with(number: int, noun: str) -> str:
    for parse in numbers.parses(noun) if noun else ():
        tag = parse.tag
        if "NOUN" in tag:
            gender = {"femn": "f", "neut": "n"}.get(str(tag.gender), "m")
            return ordinal(number, numbers.CASES.get(str(tag.case), "n"), gender, tag.number == "plur")
    return ordinal(number)


# Arabic numerals


def _int(text: str) -> int:
    return int(text.replace(" ", ""))


def _month_date(match: re.Match[str]) -> str:
    day, month, year, noun = match.group("day", "month", "year", "noun")
    said = f"{ordinal(int(day), 'g')} {month}"
    if year:
        said += f" {ordinal(int(year), 'g')}"
        if noun or len(year) == 4:
            said += " года"
    return said + ("." if noun and noun.endswith(".") and match.string[match.end() :].strip() == "" else "")


def _full_date(match: re.Match[str]) -> str:
    day, month, year = (int(g) for g in match.groups())
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group().replace(".", " ")
    return f"{ordinal(day, 'g')} {MONTHS[month - 1]} {ordinal(year, 'g')} года"


def _clock(match: re.Match[str]) -> str:
    hours, minutes = int(match.group(1)), int(match.group(2))
    if hours > 24 or minutes > 59:
        return match.group().replace(":", " ")
    said = f"{cardinal(hours)} {agree(hours, 'час', 'часа', 'часов')}"
    if not minutes:
        return f"{said} ровно"
    low = f"ноль {cardinal(minutes, gender='f')}" if minutes < 10 else cardinal(minutes, gender="f")
    return f"{said} {low} {agree(minutes, 'минута', 'минуты', 'минут')}"


def _year(match: re.Match[str]) -> str:
    before, second, number, noun = (
        match.group("before"),
        match.group("second"),
        match.group("year"),
        match["noun"],
    )
    lead = f"{before} " if before else ""
    low = (before or "").lower()
    if noun in _YEARS:
        case = _YEARS[noun]
        if noun == "гг.":
            case = {"в": "p", "во": "p", "до": "g", "с": "g", "из": "g", "к": "d"}.get(low, "n")
        spoken = {"n": "годы", "g": "годов", "d": "годам", "i": "годами", "p": "годах"}[case]
        plural = not second
        said = ordinal(int(number), case, plural=plural and not second)
        if second:
            said += " " + ordinal(int(second), case)
        return f"{lead}{said} {spoken}"
    case = _YEAR[noun]
    if case == "?":
        case = {"в": "p", "к": "d", "с": "g", "до": "g", "от": "g", "после": "g", "на": "a"}.get(low, "g")
        noun = {"p": "году", "d": "году", "g": "года", "a": "год"}[case]
        if match.string[match.end() :].strip() == "":
            noun += "."
    elif noun == "году" and low in ("к", "ко", "по"):
        case = "d"
    said = ordinal(int(number), case)
    if second:
        said += " " + ordinal(int(second), case)
    return f"{lead}{said} {noun}"


_ORDINAL_ENDINGS = {
    "й": ("n", "m"), "ый": ("n", "m"), "ой": ("n", "m"), "ий": ("n", "m"), "я": ("n", "f"), "ая": ("n", "f"),
    "е": ("n", "n"), "ое": ("n", "n"), "го": ("g", "m"), "ого": ("g", "m"), "му": ("d", "m"), "ому": ("d", "m"),
    "м": ("p", "m"), "ом": ("p", "m"), "ю": ("a", "f"), "ую": ("a", "f"), "х": ("g", "p"), "ых": ("g", "p"),
    "ми": ("i", "p"), "ым": ("i", "m"), "им": ("i", "m"), "ые": ("n", "p"),
}  # fmt: skip
_CARDINAL_ENDINGS = {"ти": "g", "и": "g", "ух": "g", "ёх": "g", "ех": "g", "мя": "i", "ью": "i"}


def _ending(match: re.Match[str]) -> str:
    number, ending = int(match.group(1)), match.group(2)
    if ending in _CARDINAL_ENDINGS and not (ending == "ми" and number > 100):
        return cardinal(number, _CARDINAL_ENDINGS[ending])
    case, gender = _ORDINAL_ENDINGS[ending]
    if ending == "е" and number % 10 == 0 and number >= 10:
        gender = "p"
    if ending == "й":
        noun = re.match(r"\s+([а-яё]+)", match.string[match.end() : match.end() + 40])
        tag = numbers.parses(noun.group(1))[0].tag if noun else None
        if tag is not None and tag.gender == "femn" and tag.number == "sing":
            gender, case = "f", {"n": "p"}.get(numbers.CASES.get(str(tag.case), "g"), "g")
    plural = gender == "p"
    return ordinal(number, case, "m" if plural else gender, plural)


def _measured(match: re.Match[str]) -> str:
    before, sign, whole, fraction, unit = match.group("before", "sign", "whole", "fraction", "unit")
    lead = (f"{before} " if before else "") + ("минус " if sign else "")
    names = UNITS.get(unit) or UNITS[unit.lower()]
    number = _int(whole)
    if fraction:
        return f"{lead}{numbers.decimal(whole.replace(' ', ''), fraction)} {names[1]}"
    gender = "f" if unit.lower() in FEMININE else "m"
    case = next(
        (c for c, words in numbers.AFTER_PREPOSITION.items() if before and before.lower() in words), "n"
    )
    if case == "n" or unit.lower() in SCALES or " " in names[0]:
        noun = agree(number, *names)
    else:
        noun = _inflected(names[0], case, number)
    return f"{lead}{cardinal(number, case, gender)} {noun}"


def _inflected(noun: str, case: str, number: int) -> str:
    back = {v: k for k, v in numbers.CASES.items() if k not in ("gen2", "loc2")}
    one = number % 10 == 1 and number % 100 != 11
    form = numbers.parses(noun)[0].inflect({back[case], "sing" if one else "plur"})
    return form.word if form else noun


def _money(match: re.Match[str]) -> str:
    sign, whole, fraction, scale = match.groups()
    names = UNITS[sign]
    if fraction or scale:
        said = numbers.decimal(whole, fraction) if fraction else cardinal(_int(whole))
        return f"{said} {agree(_int(whole), *UNITS[scale]) if scale and not fraction else UNITS[scale][1] if scale else ''} {names[2] if scale else names[1]}"
    return f"{cardinal(_int(whole))} {agree(_int(whole), *names)}"


def _phone(match: re.Match[str]) -> str:
    plus, body = match.groups()
    groups = re.findall(r"\d+", body)
    said = []
    for group in groups:
        parts = [group] if len(group) <= 3 else [group[i : i + 2] for i in range(0, len(group), 2)]
        for part in parts:
            zeros = len(part) - len(part.lstrip("0"))
            said.append(" ".join(["ноль"] * zeros + ([cardinal(int(part))] if zeros < len(part) else [])))
    return ("плюс " if plus else "") + ", ".join(said)


def _plain(match: re.Match[str]) -> str:
    before, sign, whole, fraction = match.group("before", "sign", "whole", "fraction")
    lead = (f"{before} " if before else "") + ("минус " if sign else "")
    compact = whole.replace(" ", "")
    if fraction:
        return lead + numbers.decimal(compact, fraction)
    if (compact[0] == "0" and len(compact) > 1) or len(compact) > 36:
        return lead + numbers.digits(compact)
    noun = re.match(r"\s+([а-яё]{2,})", match.string[match.end() : match.end() + 40])
    if noun is None and not before:
        return lead + cardinal(int(compact))
    return lead + numbers.before_noun(int(compact), noun.group(1) if noun else "", (before or "").lower())


def _fraction(match: re.Match[str]) -> str:
    top, bottom = int(match.group(1)), int(match.group(2))
    if (top, bottom) == (1, 2):
        return "одна вторая"
    if not bottom or bottom > 1000:
        return f"{cardinal(top)} дробь {cardinal(bottom)}"
    one = top % 10 == 1 and top % 100 != 11
    return f"{cardinal(top, gender='f')} {ordinal(bottom, 'n' if one else 'g', 'f', not one)}"


_YEAR_NOUN = r"год(?:а|у|ом|е|ы|ов|ам|ами|ах)?\b|гг\.|г\.|г(?=[\s,;)]|$)"
_STEPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<![\w.,])(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s?(?:года|г\.))?(?![\w])"), _full_date),
    (
        re.compile(
            rf"(?<![\w.,])(?P<day>\d{{1,2}})\s+(?P<month>{'|'.join(MONTHS)})\b"
            r"(?:\s+(?P<year>\d{3,4})(?:\s*(?P<noun>года|г\.))?(?!\d))?",
            re.IGNORECASE,
        ),
        _month_date,
    ),
    (re.compile(r"(?<![\w.,:])(\d{1,2}):(\d{2})(?![\w:])"), _clock),
    (re.compile(r"(?<![\w+])(\+)?((?:\d[ ]?)?\(?\d{3,4}\)?[ -]\d{2,3}[ -]\d{2}[ -]?\d{2})(?!\w)"), _phone),
    (
        re.compile(
            rf"(?<![\w.,]){_WORD_BEFORE}(?P<year>\d{{3,4}})(?:\s*[-–—]\s*(?P<second>\d{{2,4}}))?(?:-?[а-я]{{1,3}})?\s*"
            rf"(?P<noun>{_YEAR_NOUN})"
        ),
        _year,
    ),
    (
        re.compile(
            rf"(?<![\w.,])(\d+)-?({'|'.join(sorted({**_ORDINAL_ENDINGS, **_CARDINAL_ENDINGS}, key=len, reverse=True))})(?!\w)"
        ),
        _ending,
    ),
    (re.compile(rf"([$€£₽])\s?({_NUMBER})(?:[.,](\d+))?(?:\s?(тыс|млн|млрд|трлн)\b\.?)?"), _money),
    (re.compile(r"(?<=\d)\s*[–—]\s*(?=\d)|(?<=\d)-(?=\d)"), lambda m: " "),
    (
        re.compile(
            rf"(?<![\w.,]){_WORD_BEFORE}(?P<sign>[-−–](?=\d))?(?P<whole>{_NUMBER})(?:[.,](?P<fraction>\d+))?\s?(?P<unit>{_UNIT})"
            rf"(?![\w])(?:(?<=[а-я])\.(?=\s*(?-i:[^\sА-ЯЁ])))?",
            re.IGNORECASE,
        ),
        _measured,
    ),
    (re.compile(r"(?<![\w/.,])(\d{1,3})/(\d{1,4})(?![\w/])"), _fraction),
    (
        re.compile(
            rf"{_WORD_BEFORE}(?:(?<![\w])(?P<sign>[-−–](?=\d)))?(?P<whole>{_NUMBER})(?:[.,](?P<fraction>\d+))?"
        ),
        _plain,
    ),
)


def _numbers(text: str) -> str:
    text = re.sub(r"№\s*(?=\d)", "номер ", text)
    text = re.sub(r"(?<=[A-Za-zА-Яа-яЁё])(?=\d)", " ", text)
    for pattern, say in _STEPS:
        text = pattern.sub(say, text)
    return re.sub(r"(?<=[а-яё])(?=[A-Z])", " ", text)


# Acronyms

SPELT = frozenset("США АЭС ЕС ИП".split())
_CAPITALS = re.compile(r"(?<![\w+-])[А-ЯЁ]{2,12}(?![\w+])")
_INITIAL = re.compile(r"(?<![\w+])([А-ЯЁ])\.(?=\s?[А-ЯЁ](?:\.|[а-яё]+))")
_LONE = re.compile(r"(?<![\w+.])([БГДЖЗЛМНПРТФХЦЧШЩ])(?![\w+'])")
_VOWELS = frozenset("АЕЁИОУЫЭЮЯ")


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


def _acronyms(text: str) -> str:
    found = _CAPITALS.findall(text)
    if found:
        words = [word for word in found if look_up(word.lower()) is not None]
        if 2 * len(words) <= len(found) or len(found) == 1:
            text = _CAPITALS.sub(_acronym, text)
    return _LONE.sub(lambda m: spell(m.group(1)), _INITIAL.sub(lambda m: spell(m.group(1)) + " ", text))


def _acronym(match: re.Match[str]) -> str:
    word = match.group()
    if readable(word) or (look_up(word.lower()) is not None and word not in SPELT):
        return word
    return spell(word)
