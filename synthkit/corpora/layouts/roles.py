# SPDX-License-Identifier: Apache-2.0
"""What the columns of a table of utterances are: by the header's names, else by what is in them.

Tables of the field have the same few columns in any order, and mostly no header: recording, text, the text
once more as it is read, speaker (a name or a number), language, phonemes, length. What a column is follows
from all of its cells; where two readings are as good, the table is refused with what was guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from synthkit.corpora.layouts.numbers import (
    NUMBER,
    Unsure,
    cut_columns,
    is_mark,
    is_measure,
    name_column,
    speaker_column,
)


def _letters_of(name: str) -> str:
    """Letters of the name of a column, small, without marks above or below: й is и."""
    return "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if c.isalpha())


ROLES = {
    "audio": "audio audiofile audiopath audiofilepath wav wavpath wavfile wavfilename wavname file filename "
    "filepath path clip clippath soundfile recording audioname relativepath",
    "id": "id fileid uttid uttname utt utteranceid utterance key name segmentid itemid",
    "text": "text sentence transcript transcription rawtext orthography script words prompt originaltext "
    "rawtranscription utterancetext caption",
    "read": "normalizedtext normalisedtext normalizedtranscription normalisedtranscription textnormalized "
    "textnormalised cleantext normtext textnorm normalized normalised cleanedtext normalizedsentence",
    "speaker": "speaker speakername speakerid speakeridx spk spkid spkname clientid voice voiceid reader "
    "readerid sid",
    "language": "language lang locale languageid langid langcode languagecode",
    "phonemes": "phonemes phones ipa phoneme pronunciation phonemized phonemizedtext",
    "duration": "duration length lengthseconds dur wavlength audiolength seconds audioduration",
    "start": "start starttime begin offset",
    "end": "end endtime stop",
}
"""Names of columns, in lower case without what joins their words, by what they are."""
_ABROAD = {
    "audio": "файл имяфайла аудио аудиофайл запись звук путь путькфайлу "
    "datei dateiname audiodatei fichier nomdefichier archivo fichero nombredearchivo audiofichier nomefile "
    "arquivo plik",
    "id": "ид идентификатор",
    "text": "текст фраза предложение транскрипт транскрипция расшифровка реплика "
    "satz transkript transkription texte phrase texto frase oración transcripción testo trascrizione "
    "transcrição tekst zdanie",
    "read": "нормализованныйтекст текстнормализованный",
    "speaker": "диктор спикер голос чтец говорящий имядиктора "
    "sprecher sprecherin stimme locuteur locutrice voix locutor locutora hablante voz parlante voce lektor",
    "language": "язык sprache langue idioma lingua język",
    "duration": "длительность продолжительность dauer durée duración durata duração",
    "start": "начало beginn anfang début inicio inizio início",
    "end": "конец окончание ende fin fim",
}
"""Names in Russian, German, French, Spanish, Italian, Portuguese and Polish."""
_PLAIN = {
    "text": frozenset({"text", "sentence", "transcript", "transcription"}),
    "audio": frozenset(
        {"audio", "audiofile", "audiopath", "audiofilepath", "wav", "file", "filename", "path"}
    ),
}
"""Names that say it plainly, and go before the others, wherever they stand."""
_PLAIN["text"] |= {"текст", "texte", "texto", "testo", "tekst"}
_PLAIN["audio"] |= {"фаил", "имяфаила", "datei", "fichier", "archivo", "plik"}
_UNITS = {
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3,
    "millis": 1e-3, "milliseconds": 1e-3, "us": 1e-6, "microseconds": 1e-6, "ns": 1e-9,
    "sample": None, "samples": None, "frame": None, "frames": None,
}  # fmt: skip
"""What the name of a column of times may end with, in seconds; None: it does not follow from the name."""
_TIMES = {
    name + unit: (role, factor)
    for role in ("start", "end", "duration")
    for name in ROLES[role].split()
    for unit, factor in _UNITS.items()
}
_BY_NAME = {name: role for role, names in ROLES.items() for name in names.split()}
_BY_NAME |= {_letters_of(name): role for role, names in _ABROAD.items() for name in names.split()}
_BY_NAME = {name: role for name, (role, _) in _TIMES.items()} | _BY_NAME

_CODES = (
    "ar az be bg bn ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk ko "
    "ky la lb lt lv mk ml mn mr ms mt nb ne nl nn no pa pl pt ro ru sk sl sq sr sv sw ta te th tr tt uk ur "
    "uz vi yo zh"
)
LANGUAGES = frozenset(_CODES.split())
"""Two-letter codes that a column of languages holds."""


@dataclass(frozen=True)
class Roles:
    """Which column (from 0) is what; None where there is none."""

    audio: int
    text: int
    read: int | None = None
    speaker: int | None = None
    language: int | None = None
    start: int | None = None
    end: int | None = None
    duration: int | None = None


def role_of(name: str) -> str | None:
    """What a column called `name` is, or None.

    Parameters
    ----------
    name : str
        As a header has it; its case, and what is no letter in it, do not count.

    Returns
    -------
    str or None
        A key of `ROLES`.
    """
    role = _BY_NAME.get(_letters_of(name))
    if role is None:
        base, _, code = re.sub(r"[ .-]", "_", name.strip()).rpartition("_")  # text_en
        role = _BY_NAME.get(_letters_of(base)) if code.lower() in LANGUAGES else None
        return role if role in ("text", "read") else None
    return role


def unit_of(name: str) -> float | None:
    """What one of a column of times called `name` is in seconds; None for samples and frames.

    Parameters
    ----------
    name : str
        ``start_ms``, say.

    Returns
    -------
    float or None
    """
    letters = _letters_of(name)
    return (
        1.0
        if any(letters in ROLES[role].split() for role in ("start", "end", "duration"))
        else (_TIMES.get(letters, ("", 1.0))[1])
    )


def named(names: Sequence[str]) -> dict[str, list[int]]:
    """Which of the columns called `names` may be what, from 0, those first whose name says it plainly.

    Of several of one role the others are only there where they say it as plainly as the first.

    Parameters
    ----------
    names : sequence of str

    Returns
    -------
    dict of str to list of int
        By the keys of `ROLES`.
    """
    found: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        role = role_of(name)
        if role is not None:
            found.setdefault(role, []).append(index)
    for role, indices in found.items():
        plain = [i for i in indices if _letters_of(names[i]) in _PLAIN.get(role, ())]
        found[role] = plain or indices
    return found


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row names columns: a recording's (or an id's) and a text's among them.

    Parameters
    ----------
    cells : sequence of str

    Returns
    -------
    bool
    """
    roles = {role_of(c) for c in cells}
    return bool(roles & {"audio", "id"}) and bool(roles & {"text", "read", "phonemes"})


def by_header(cells: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Roles:
    """Roles by the names of the columns.

    Parameters
    ----------
    cells : sequence of str
    rows : sequence of sequence of str
        What is under them: two columns whose names are as good may say the same.

    Returns
    -------
    Roles

    Raises
    ------
    Unsure
        No column is a recording's, or none a text's, or several are with equal right.
    """
    several = named(cells)
    found = {role: indices[0] for role, indices in several.items()}
    texts = several.get("text", [])
    if any(len({row[i].strip() for i in texts if i < len(row)}) > 1 for row in rows):
        raise Unsure(f"each of the columns {', '.join(cells[i] for i in texts)} could be the text")
    audio = found.get("audio", found.get("id"))
    text = found.get("text", found.get("read"))
    names = ", ".join(cells)
    if audio is None:
        raise Unsure(f"no column says which recording; the header is {names}")
    if text is None:
        if "phonemes" in found:
            raise Unsure(f"the header has phonemes and no text: {names}")
        raise Unsure(f"no column is the text's; the header is {names}")
    read = found.get("read")
    return Roles(
        audio,
        text,
        read if read != text else None,
        found.get("speaker"),
        found.get("language"),
        found.get("start"),
        found.get("end"),
        found.get("duration"),
    )


def by_content(
    rows: Sequence[Sequence[str]],
    is_recording: Callable[[str], bool],
    seconds_of: Callable[[str], float | None] = lambda cell: None,
) -> Roles:
    """Roles by what is in the columns.

    Parameters
    ----------
    rows : sequence of sequence of str
        All of one length; or shorter by the last column, which is then the text as it is read.
    is_recording : callable
        Whether a cell names a recording.
    seconds_of : callable
        How long the recording is that a cell names; asked only where there is a column of numbers.

    Returns
    -------
    Roles

    Raises
    ------
    Unsure
        Which column is the text is not plain, or a row does not fit the others.
    """
    width = max(len(row) for row in rows)
    columns = [[row[i].strip() if i < len(row) else "" for row in rows] for i in range(width)]
    hits = [sum(is_recording(cell) for cell in column[:200]) for column in columns]
    audio = hits.index(max(hits))
    rest = [i for i in range(width) if i != audio and any(columns[i])]
    kinds = {i: _kind(columns[i]) for i in rest}
    texts = [i for i in rest if kinds[i] in ("text", "name")]
    numbers = [i for i in rest if kinds[i] == "number"]
    language = next((i for i in rest if kinds[i] == "language"), None)
    guessed = "|".join("recording" if i == audio else kinds.get(i, "nothing") for i in range(width))
    if not texts:
        if "phonemes" in kinds.values():
            raise Unsure(f"phonemes and no text (guessed: {guessed})")
        if (
            len(numbers) == 1
            and width == 2
            and all(c.replace(":", "").isdecimal() for c in columns[numbers[0]] if c)
        ):
            return Roles(audio, numbers[0])  # recordings of single numbers, or of times of day
        raise Unsure(f"no column is a text (guessed: {guessed})")
    text, read, speaker = _texts(columns, texts, kinds, guessed)
    cut = cut_columns({i: columns[i] for i in numbers}, columns[audio], seconds_of, guessed)
    if cut is not None:
        numbers = [i for i in numbers if i not in cut]
    lengths = [i for i in numbers if is_measure(columns[i], columns[text], columns[audio], seconds_of)]
    if speaker is not None and is_mark(columns[speaker]):
        speaker = None
    if speaker is not None:
        name_column(columns[speaker], speaker, guessed)
    others = {i: columns[i] for i in numbers if i not in lengths}
    if speaker is None:
        speaker = speaker_column(others, guessed)
    start, end = cut or (None, None)
    return Roles(audio, text, read, speaker, language, start, end, lengths[0] if lengths else None)


def _texts(
    columns: list[list[str]], texts: list[int], kinds: dict[int, str], guessed: str
) -> tuple[int, int | None, int | None]:
    """Text, text as it is read, and speaker, among the columns of words."""
    if len(texts) == 1:
        return texts[0], None, None
    pairs = [(a, b) for n, a in enumerate(texts) for b in texts[n + 1 :] if same_text(columns[a], columns[b])]
    names = [i for i in texts if kinds[i] == "name" and not any(i in pair for pair in pairs)]
    if len(pairs) == 1 and len(texts) - 2 == len(names) <= 1:
        (a, b), speaker = pairs[0], names[0] if names else None
        _no_bar_in_text(columns[a], columns[b], a, b)
        return a, b, speaker
    others = [i for i in texts if i not in names]
    if not pairs and len(names) == 1 and len(others) == 1:
        return others[0], None, names[0]
    if len(texts) == 2 and not pairs and len(names) != 1:
        a, b = texts
        row = next((n for n, (x, y) in enumerate(zip(columns[a], columns[b], strict=True)) if x and y), 0)
        raise Unsure(
            f"columns {a + 1} and {b + 1} say different things, {columns[a][row][:30]!r} and "
            f"{columns[b][row][:30]!r}: which is the text, or is there a bar in it? (guessed: {guessed})",
            row,
        )
    raise Unsure(f"which of columns {', '.join(str(i + 1) for i in texts)} is the text? (guessed: {guessed})")


def _kind(column: list[str]) -> str:
    cells = [c for c in column if c]
    if all(NUMBER.fullmatch(c) for c in cells):
        return "number"
    if sum(is_phonemes(c) for c in cells) * 2 > len(cells):
        return "phonemes"
    if all(re.split(r"[-_]", c.lower())[0] in LANGUAGES and len(c) <= 6 for c in cells):
        return "language"
    if not any(re.search(r"\s|[.!?…,]$", c) for c in cells):
        return "name"
    return "text"


def is_phonemes(text: str) -> bool:
    """Whether `text` is a phonetic transcription: IPA with stress or length, or ARPAbet.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    if len(re.findall("[ˈˌː]", text)) >= 1 or len(set(re.findall("[ʃʒθðŋɹɾʔɡɲɪʊɐɑɒɔʌɜɝɚɨɯʲ]", text))) >= 2:
        return True
    tokens = text.split()
    arpabet = sum(bool(re.fullmatch(r"[A-Z]{1,2}[012]?", t)) for t in tokens)
    return len(tokens) >= 3 and arpabet == len(tokens) and any(t[-1].isdigit() for t in tokens)


def letters(text: str) -> str:
    """Letters and digits of `text`, in lower case: what two spellings of a sentence share.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return "".join(c for c in text.lower() if c.isalnum()).replace("ё", "е")


def likeness(one: str, other: str) -> float:
    """How much of two texts is the same, 0 to 1, by their letters (Ratcliff and Obershelp 1988).

    Parameters
    ----------
    one, other : str

    Returns
    -------
    float
    """
    a, b = letters(one)[:400], letters(other)[:400]
    if a == b:
        return 1.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def is_reading(text: str, read: str) -> bool:
    """Whether `read` is plainly `text` once more, as it is read: of as many words or more, and half of them
    there. By letters alone ``choose tea`` is half ``coffee``.

    Parameters
    ----------
    text, read : str

    Returns
    -------
    bool
    """
    words, again = re.findall(r"\w+", text.lower()), re.findall(r"\w+", read.lower())
    spelt = [w for w in words if not any(c.isdigit() for c in w)]
    kept = sum(w in again for w in spelt)
    return likeness(text, read) >= 0.7 or (len(again) >= len(words) and kept * 2 >= len(spelt))


def same_text(one: list[str], other: list[str]) -> bool:
    """Whether two columns mostly hold the same sentences, one of them as it is read.

    Parameters
    ----------
    one, other : list of str
        Cells of two columns, row by row.

    Returns
    -------
    bool
    """
    both = [(x, y) for x, y in zip(one, other, strict=True) if x and y][:200]
    if not both:
        return True
    return sum(likeness(x, y) for x, y in both) / len(both) >= 0.5


def _no_bar_in_text(one: list[str], other: list[str], a: int, b: int) -> None:
    """Raise `Unsure` for a row whose two texts share nothing, numbers and abbreviations aside."""
    for row, (x, y) in enumerate(zip(one, other, strict=True)):
        spelt = (any(c.isdigit() for c in x) or len(letters(x)) < 4) and not any(c.isdigit() for c in y)
        if x and y and not spelt and likeness(x, y) < 0.3:
            raise Unsure(
                f"columns {a + 1} and {b + 1} say different things, {x[:30]!r} and {y[:30]!r}: "
                "is there a bar in the text?",
                row,
            )
