# SPDX-License-Identifier: Apache-2.0
"""What Mozilla TTS (2018 to 2021) wrote otherwise than coqui-tts, which grew out of it.

Its configs name no character class and may leave the characters out; its vocabularies are made as in
``TTS/tts/utils/text/symbols.py`` of mozilla/TTS; some settings and weights had other names.
"""

from __future__ import annotations

import re
from typing import Any

from synthkit.errors import VoiceError
from synthkit_coqui.symbols import BLANK, SymbolTable

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!'(),-.:;? "
PUNCTUATION = "!'(),-.:;? "
PHONEMES = (
    "iyɨʉɯuɪʏʊeøɘəɵɤoɛœɜɞʌɔæɐaɶɑɒᵻʘɓǀɗǃʄǂɠǁʛpbtdʈɖcɟkɡqɢʔɴŋɲɳnɱmʙrʀⱱɾɽɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟ"
    "ˈˌːˑʍwɥʜʢʡɕʑɺɧɚ˞ɫ"
)
"""The vocabulary of a config that has none of its own."""
WEIGHTS = ((r"(convolutions\.\d+)\.net\.0\.", r"\1.convolution1d."),
           (r"(convolutions\.\d+)\.net\.1\.", r"\1.batch_normalization."),
           (r"(prenet\.linear_layers\.\d+)\.bn\.", r"\1.batch_normalization."))  # fmt: skip
"""Names that Tacotron 2's layers had until 2020, and have since."""


def is_mozilla(config: dict[str, Any]) -> bool:
    """Whether the vocabulary of a config is made as Mozilla TTS made it (coqui-tts did so too, until 0.5).

    Later characters say of which class they are, or that they are sorted; where there are none, later audio
    settings say how the logarithm is taken.
    """
    characters = config.get("characters")
    if characters:
        return not any(k in characters for k in ("characters_class", "is_sorted", "blank"))
    return "log_func" not in (config.get("audio") or {})


def symbols(config: dict[str, Any], rows: int, where: str) -> SymbolTable:
    """The vocabulary of a Mozilla TTS config, id by id.

    Padding, end and beginning, then the sorted phonemes and the punctuation, or (without ``use_phonemes``)
    the characters and the phonemes with ``@`` before them. Some versions kept a phoneme that is listed twice
    twice, and ids after it differ; which it was, the number of rows of the checkpoint's embedding tells.

    Parameters
    ----------
    rows : int
        Of the embedding.

    Raises
    ------
    VoiceError
        No version of Mozilla TTS makes a vocabulary of that many symbols of the config.
    """
    given = config.get("characters") or {}
    pad, eos, bos = given.get("pad", "_"), given.get("eos", "~"), given.get("bos", "^")
    blank = bool(config.get("add_blank"))
    ends = (bos, eos) if config.get("enable_eos_bos_chars") and config.get("use_phonemes") else ("", "")
    if blank and any(ends):
        raise VoiceError("blanks around the beginning and end symbols are not supported", where=where)
    tried = []
    for sounds in (
        sorted(given.get("phonemes", PHONEMES) or ""),
        sorted(set(given.get("phonemes", PHONEMES) or "")),
    ):
        if config.get("use_phonemes"):
            vocabulary = [pad, eos, bos, *sounds, *given.get("punctuations", PUNCTUATION)]
        else:
            vocabulary = [pad, eos, bos, *given.get("characters", CHARACTERS), *(f"@{s}" for s in sounds)]
        vocabulary += [BLANK] if blank else []
        if len(vocabulary) == rows:
            mode = "ipa" if config.get("use_phonemes") else "graphemes"
            return SymbolTable("", (), blank, tuple(vocabulary), mode, ends, BLANK if blank else pad)
        tried.append(len(vocabulary))
    raise VoiceError(
        f"the checkpoint has {rows} symbols, its config makes "
        f"{' or '.join(str(n) for n in sorted(set(tried)))}",
        where=where,
        hint='the config must be the one the weights were trained with: same "characters", '
        '"use_phonemes", "add_blank"',
    )


def settings(config: dict[str, Any]) -> dict[str, Any]:
    """`config` with settings under the names coqui-tts knows them by."""
    if "windowing" in config and "attention_win" not in config:
        return {**config, "attention_win": bool(config["windowing"])}
    return config


def weights(state: dict[str, Any]) -> dict[str, Any]:
    """Weights under the names that Tacotron 2's layers have had since 2020."""
    out = {}
    for name, value in state.items():
        for old, new in WEIGHTS:
            name = re.sub(old, new, name)
        out[name] = value
    return out
