# SPDX-License-Identifier: Apache-2.0
"""Words and phones of a text as a voice speaks it, or why it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthkit.errors import NoLanguage, SpecMismatch, TextError, VoiceError
from synthkit.pipeline.voice_folder import MANIFEST

if TYPE_CHECKING:
    from synthkit.pipeline.saying import Says
    from synthkit.types import Segmentation

LONGEST_WORD = 500
"""Phones. A text is cut between words, so that a longer one would have to be searched for in one go."""


def segmented(voice: Says, text: str, language: str) -> Segmentation:
    """What the voice's segmentation makes of a text, checked against what the voice can speak.

    Parameters
    ----------
    voice : Voice
    text : str
    language : str
        BCP-47.

    Returns
    -------
    Segmentation

    Raises
    ------
    TextError
        The voice does not speak the language, or nothing can be spoken.
    SpecMismatch
        The phones of a segmentation that was put in place of the voice's are not those of the voice.
    VoiceError
        The manifest names a language that the voice's own segmentation cannot speak it in.
    """
    if language not in voice.manifest["languages"]:
        raise TextError(
            f"voice {voice.name!r} does not speak {language!r}",
            hint=f"it speaks {', '.join(voice.manifest['languages'])}",
        )
    plugin = voice.stages["segmentation"].plugin
    own = plugin == voice.manifest["plugins"]["segmentation"]["plugin"]
    try:
        found = voice.segmenter.segment(text, language)
    except NoLanguage as error:
        if own:
            raise _not_spoken(voice, language, error.message) from error
        raise
    if found.phone_set not in voice.manifest["phone_set"].split("+"):
        message = (
            f"segmentation {plugin!r} gives phone set {found.phone_set!r}, "
            f"and voice {voice.name!r} speaks {voice.manifest['phone_set']!r}"
        )
        if own:
            raise _not_spoken(voice, language, message)
        raise SpecMismatch(
            message,
            where="segmentation",
            hint="speak with the segmentation that the voice was built with: "
            "leave out --set segmentation.plugin",
        )
    for word in found.words:
        if len(word.phones) > LONGEST_WORD:
            raise TextError(
                f"the word {word.text[:20] + '…'!r} has {len(word.phones)} phones, "
                "more than any word of a language",
                hint="is a space missing in the text?",
            )
    return found


def _not_spoken(voice: Says, language: str, message: str) -> VoiceError:
    return VoiceError(
        f"says that the voice speaks {language!r}, and its own segmentation does not: {message}",
        where=str(voice.folder / MANIFEST),
        hint="build the voice again, or copy it again from where it is whole",
    )
