# SPDX-License-Identifier: Apache-2.0
"""The few functions of ``libespeak-ng`` that text to phonemes needs, through ctypes."""

from __future__ import annotations

import ctypes
import ctypes.util
import re
from functools import lru_cache
from pathlib import Path

from synthkit.errors import MissingDependency

_OUTPUT_RETRIEVAL = 1
_DONT_EXIT = 0x8000
_UTF8 = 1
_IPA = 0x02
SEPARATOR = "_"
_MODE = _IPA | (ord(SEPARATOR) << 8)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_/+-]{0,39}", re.A)
"""What may be a voice's name: with an empty one espeak-ng goes on without a voice, and ends the process."""


class Library:
    """A loaded and initialised espeak-ng."""

    def __init__(self, path: str, data: str | None) -> None:
        self._library = ctypes.CDLL(path)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._library.espeak_TextToPhonemes.argtypes = [
            ctypes.POINTER(ctypes.c_char_p),
            ctypes.c_int,
            ctypes.c_int,
        ]
        self._library.espeak_Info.restype = ctypes.c_char_p
        place = data.encode() if data else None
        rate = self._library.espeak_Initialize(_OUTPUT_RETRIEVAL, 0, place, _DONT_EXIT)
        if rate <= 0:
            raise MissingDependency(
                "espeak-ng's data cannot be found",
                where=str(data or path),
                hint="pip install espeakng-loader",
            )
        self.version = self._library.espeak_Info(None).decode("ascii", "replace")
        self._voice: str | None = None

    def set_voice(self, language: str) -> bool:
        """Choose a language; False when espeak-ng has none of that name."""
        if language != self._voice:
            if not _NAME.fullmatch(language):
                return False
            if self._library.espeak_SetVoiceByName(language.encode("ascii")):
                self._voice = None  # it may have let go of the one before
                return False
            self._voice = language
        return True

    def phonemes(self, text: str) -> str:
        """IPA of `text`, phones separated by `SEPARATOR` and words by spaces."""
        buffer = ctypes.c_char_p(text.encode("utf-8"))
        pointer = ctypes.pointer(buffer)
        parts = []
        while pointer.contents.value is not None:
            said = self._library.espeak_TextToPhonemes(pointer, _UTF8, _MODE)
            if said:
                parts.append(said.decode("utf-8"))
        return " ".join(parts)


@lru_cache(maxsize=1)
def library() -> Library:
    """espeak-ng from ``espeakng-loader``, else the system's ``libespeak-ng``.

    Raises
    ------
    MissingDependency
        Neither is installed.
    """
    try:
        import espeakng_loader
    except ModuleNotFoundError:
        found = ctypes.util.find_library("espeak-ng")
        if found is None:
            raise MissingDependency(
                "espeak-ng is not installed",
                hint="pip install espeakng-loader, or apt install espeak-ng",
            ) from None
        return Library(found, None)
    return Library(espeakng_loader.get_library_path(), str(Path(espeakng_loader.get_data_path())))
