# SPDX-License-Identifier: Apache-2.0
"""The vocabulary of a coqui-tts or Mozilla TTS config, id by id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synthkit.errors import VoiceError
from synthkit_coqui import mozilla
from synthkit_coqui.architectures.text import EMBEDDINGS, ReadsText
from synthkit_coqui.backend import coqui
from synthkit_coqui.safely import read_json, within
from synthkit_coqui.symbols import SymbolTable

PHONES = "phones.json"
"""What `synthkit_coqui.export` writes beside a config: which code point is which phone."""


def vocabulary(
    architecture: ReadsText,
    config: dict[str, Any],
    flat: dict[str, Any],
    folder: Path,
    where: str,
    weights: dict[str, Any],
) -> SymbolTable:
    """Of a folder that `export_folder` wrote, of a Mozilla TTS config, or of coqui-tts's."""
    own = own_symbols(folder, bool(flat.get("add_blank")))
    if own is not None:
        return own
    table = next((weights[k] for k in EMBEDDINGS if k in weights), None)
    if mozilla.is_mozilla(config) and table is not None:
        return mozilla.symbols(config, len(table), where)
    return symbols_of(architecture, config, flat, where)


def symbols_of(
    architecture: ReadsText, config: dict[str, Any], flat: dict[str, Any], where: str
) -> SymbolTable:
    """The vocabulary of a coqui-tts config, id by id, as its own classes build it."""
    phonemes = bool(config.get("use_phonemes"))
    made = _characters_class(architecture, dict(config.get("characters") or {}), phonemes, where)
    ends = (made.bos, made.eos) if flat.get("enable_eos_bos_chars") and made.bos and made.eos else ("", "")
    mode = "ipa" if phonemes else "graphemes"
    return SymbolTable(
        "", (), bool(flat.get("add_blank")), tuple(made.vocab), mode, ends, made.blank or made.pad or ""
    )


def own_symbols(folder: Path, blank: bool) -> SymbolTable | None:
    """The phones of a folder that `export_folder` wrote, or None."""
    path = folder / PHONES
    if not path.is_file():
        return None
    data = read_json(within(path, folder))
    return SymbolTable(str(data["phone_set"]), tuple(data["phones"]), blank)


def _characters_class(architecture: ReadsText, characters: dict[str, Any], phonemes: bool, where: str) -> Any:
    c = coqui()
    named = str(characters.pop("characters_class", "") or "").rsplit(".", 1)[-1]
    own = architecture.vocabulary(characters, named, phonemes)
    if own is not None:
        return own
    ipa = named == "IPAPhonemes" or (not named and phonemes)
    holder = c.IPAPhonemes if ipa else c.Graphemes
    if not characters:
        return holder()
    symbols = characters.get("phonemes") if ipa else None
    allowed = ("punctuations", "pad", "eos", "bos", "blank", "is_unique", "is_sorted")
    arguments = {k: characters[k] for k in allowed if k in characters}
    try:
        return holder(characters=symbols or characters.get("characters"), **arguments)
    except (AssertionError, TypeError) as error:
        raise VoiceError(f"the config's characters make no vocabulary: {error}", where=where) from error
