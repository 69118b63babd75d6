# SPDX-License-Identifier: Apache-2.0
"""`TextSegmenter`: choose the front end by language, and hand over what it does not own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from synthkit.errors import PluginError, TextError
from synthkit.settings import Settings
from synthkit.stages import Segmenter
from synthkit.types import Segmentation
from synthkit_text.clean import clean, name_of
from synthkit_text.lexicon import UserLexicon
from synthkit_text.scan import scan

FALLBACKS = ("gruut", "espeak")


class TextSettings(Settings):
    """Settings of ``text``."""

    lexicon: Path | None = None
    """A user lexicon; see `synthkit_text.lexicon`. It is copied into voices that are built with it."""
    fallback: Literal["auto", "gruut", "espeak", "none"] = "auto"
    """Segmenter for other languages: the first that is installed, or the one named."""
    pauses: Literal["model", "punctuation"] = "model"
    """Russian commas: weighed by the corpus's pauses, or every one a pause."""
    stress: str = "dictionary"
    """Russian stress: the dictionary and the built-in model, or the name of an installed segmenter that has
    a method ``accent(text, language)`` giving the text with ``+`` before stressed vowels
    (``"silero-stress"``)."""

    @classmethod
    def prepare(cls, values: dict[str, Any]) -> dict[str, Any]:
        """See `Settings.prepare`; ``lexicon = ""`` is how a configuration says that there is none."""
        return (
            values | ({} if values.get("lexicon") else {"lexicon": None}) if "lexicon" in values else values
        )


class TextSegmenter(Segmenter):
    """Russian and English by own rules; any other language by gruut or espeak-ng when installed."""

    Config = TextSettings
    version = "6"

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._fronts: dict[str, Any] = {}
        self._others: dict[str, Segmenter] = {}
        path = self.config.lexicon
        self.lexicon = UserLexicon.read(path) if path else UserLexicon()

    def languages(self) -> tuple[str, ...]:
        """Russian, English, and whatever a fallback has."""
        return ("ru", "en", "*")

    def segment(self, text: str, language: str) -> Segmentation:
        """Words and phones of `text`; see `synthkit.stages.Segmenter.segment`."""
        base = language.lower().replace("_", "-").split("-")[0]
        if base not in ("ru", "en"):
            return self._other(language).segment(text, language)
        if not text.strip():
            raise TextError("the text is empty: there is nothing to speak")
        run = next((r for r in _RUNS.finditer(text) if not r[0].isalpha()), None)
        if run is not None:
            raise TextError(
                f"{run[0][:20] + '…'!r} goes on for more than {LONGEST_RUN} characters without a space: "
                "nothing that is said is as long",
                hint="is a space missing in the text, or is it no text?",
            )
        front = self._front(base)
        cleaned, notes = clean(text)
        tokens = scan(_normalised(front, cleaned, notes), notes)
        words = front.words(tokens, notes)
        if not words:
            shown = ", ".join(name_of(c) for c in list(dict.fromkeys(text.replace(" ", "")))[:8])
            raise TextError(
                f"nothing in the text can be spoken as {front.name}: it has only {shown}",
                hint="; ".join(notes) or "give it words, numbers or {phones}",
            )
        return Segmentation(text, language, front.phone_set, tuple(words), tuple(dict.fromkeys(notes)))

    def explain(self, text: str, language: str) -> list[tuple[str, str, str]]:
        """What is not words in `text`; see `synthkit.stages.Segmenter.explain`. Acronyms are not among it."""
        base = language.lower().replace("_", "-").split("-")[0]
        if base not in ("ru", "en"):
            return self._other(language).explain(text, language)
        written, found = self._front(base).readings(clean(text)[0])
        return [(written[r.start : r.end], r.kind, r.said.strip()) for r in found]

    def read_as(self, text: str, kind: str, language: str) -> str | None:
        """`text` as the class `kind` is read; see `synthkit.stages.Segmenter.read_as`."""
        base = language.lower().replace("_", "-").split("-")[0]
        if base not in ("ru", "en"):
            return self._other(language).read_as(text, kind, language)
        from synthkit_text.read_as import read_as

        return read_as(text, kind, base)

    def phones(self, language: str) -> tuple[str, ...]:
        """Every phone symbol of the language, without the pause."""
        base = language.lower().replace("_", "-").split("-")[0]
        if base not in ("ru", "en"):
            return self._other(language).phones(language)
        return self._front(base).phones

    def fingerprint(self) -> str:
        """Hash of the built-in data and of the user's lexicon."""
        data = Path(__file__).parent / "data"
        digest = hashlib.sha256(self.lexicon.digest.encode())
        for path in sorted(data.glob("*.bin")):
            digest.update(path.read_bytes())
        return digest.hexdigest()[:12]

    def _front(self, base: str) -> Any:
        if base not in self._fronts:
            if base == "ru":
                from synthkit_text.russian.frontend import Russian

                self._fronts[base] = Russian(
                    self.lexicon,
                    _latin_in_russian,
                    self._accent(),
                    model_pauses=self.config.pauses == "model",
                )
            else:
                from synthkit_text.english.frontend import English

                self._fronts[base] = English(self.lexicon, _russian_in_english)
        return self._fronts[base]

    def _accent(self) -> Callable[[str], str] | None:
        name = self.config.stress
        if name == "dictionary":
            return None
        from synthkit.plugins import registry

        accent = getattr(registry().load("segmentation", name)(), "accent", None)
        if accent is None:
            raise PluginError(
                f"segmentation {name!r} cannot mark stress: it has no method accent(text, language)",
                where="segmentation.stress",
            )
        return lambda text: accent(text, "ru")

    def _other(self, language: str) -> Segmenter:
        from synthkit.plugins import registry

        if language not in self._others:
            wanted = FALLBACKS if self.config.fallback == "auto" else (self.config.fallback,)
            for name in wanted:
                if name in registry().names("segmentation"):
                    candidate = registry().load("segmentation", name)()
                    if _speaks(candidate, language):
                        self._others[language] = candidate
                        break
            else:
                raise PluginError(
                    f"segmentation 'text' speaks Russian and English, not {language!r}",
                    hint="pip install synthkit-gruut (MIT) or synthkit-espeak (GPL) for other languages",
                )
        return self._others[language]


LONGEST_RUN = 100_000
"""Characters without a space between, not all of them letters; a longer number would be read for hours."""
_RUNS = re.compile(rf"\S{{{LONGEST_RUN + 1},}}")


def _normalised(front: Any, text: str, notes: list[str]) -> str:
    """The text in words; what stands in braces is left as it is."""
    if "{" not in text:
        return front.normalise(text, notes)
    parts = re.split(r"(\{[^{}]*\})", text)
    return "".join(
        part if part[:1] == "{" and part[-1:] == "}" else front.normalise(part, notes) for part in parts
    )


def _latin_in_russian(word: str) -> str:
    from synthkit_text.foreign import latin_in_russian  # few texts have a word of the other script

    return latin_in_russian(word)


def _russian_in_english(word: str) -> str:
    from synthkit_text.foreign import russian_in_english

    return russian_in_english(word)


def _speaks(segmenter: Segmenter, language: str) -> bool:
    known = segmenter.languages()
    return "*" in known or language.lower().split("-")[0] in known
