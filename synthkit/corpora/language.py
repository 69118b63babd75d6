# SPDX-License-Identifier: Apache-2.0
"""Which language some texts are in, from their letters and commonest words; None where that is not plain."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WORDS = {
    "en": "the of and to in is that it for was with you are this have not on be at by",
    "de": "der die das und ist nicht ein eine den mit von zu im auf sie ich für dem es auch",
    "fr": "le la les de des et est une un en que dans pour pas vous je il au sur avec",
    "es": "el la los las de que y en un una por con no es se para su del al lo",
    "it": "il la di che e è un una per non in con sono del della si le gli da ha",
    "pt": "o a os as de que e em um uma para com não é do da se por no na",
    "nl": "de het een en van is in dat niet op te met voor zijn er aan ook ik je maar",
    "pl": "i w na nie się z do to jest że o jak po co tak za od ale czy przez",
}
_LETTERS = {
    "uk": re.compile("[іїєґ]"),
    "be": re.compile("[ўі]"),
    "ru": re.compile("[ыэё]"),
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "el": re.compile("[α-ω]"),
    "he": re.compile("[א-ת]"),
    "ar": re.compile("[\u0621-\u064a]"),
    "ka": re.compile("[ა-ჰ]"),
    "hi": re.compile("[\u0904-\u0939]"),
}


def guess(texts: Iterable[str]) -> str | None:
    """The language (BCP-47) that `texts` are in, or None.

    Parameters
    ----------
    texts : iterable of str

    Returns
    -------
    str or None
        None where nothing in them tells.
    """
    text = " ".join(texts).lower()[:200_000]
    letters = sum(c.isalpha() for c in text)
    if not letters:
        return None
    cyrillic = len(re.findall("[а-яёіїєґў]", text))
    if cyrillic > 0.7 * letters:
        if len(_LETTERS["be"].findall(text)) > 0.02 * cyrillic and "ў" in text:
            return "be"
        if len(_LETTERS["uk"].findall(text)) > 0.02 * cyrillic:
            return "uk"
        return "ru" if _LETTERS["ru"].search(text) else None
    for code in ("ja", "ko", "zh", "el", "he", "ar", "ka", "hi"):
        if len(_LETTERS[code].findall(text)) > 0.2 * letters:
            return code
    found = re.findall(r"[^\W\d_]+", text)
    counts = Counter(found)
    scores = {
        code: sum(counts[word] for word in words.split()) / len(found) for code, words in _WORDS.items()
    }
    best, second = sorted(scores, key=scores.__getitem__, reverse=True)[:2]
    return best if scores[best] >= 0.08 and scores[best] >= 1.3 * scores[second] else None
