# SPDX-License-Identifier: Apache-2.0
"""Recordings that a copy is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from synthkit import audio
from synthkit.corpora import Corpus, open_corpus
from synthkit.errors import AudioError, ConfigError, SynthkitError
from synthkit.scratch import scratch_folder
from synthkit.settings import Settings
from synthkit.types import Waveform

LONGEST = 30.0
"""Seconds of a recording on the bench: all of it is drawn."""
MOST = 8
"""Uploaded recordings that are kept, the latest."""
LISTED = 500
"""Utterances of a corpus that are listed."""


class Gone(SynthkitError):
    """A recording that this server does not have, or no more."""

    status = 404


class Source(Settings):
    """Which recording."""

    kind: Literal["corpus", "upload", "voice"] = "corpus"
    corpus: str = ""
    id: str = ""
    """Of the utterance, or of what was uploaded."""
    voice: str | None = None
    text: str = ""
    """What the voice says."""


class Recordings:
    """Corpora by name, and what was uploaded.

    Parameters
    ----------
    corpora : mapping of str to str or None
        Names or folders, with the language of those that do not tell their own.
    """

    def __init__(self, corpora: Mapping[str, str | None]) -> None:
        self._languages = dict(corpora)
        self.corpora = tuple(corpora)
        self._uploaded: dict[str, Waveform] = {}
        self.corpus = cache(self._corpus)

    def _corpus(self, name: str) -> Corpus:
        if name not in self.corpora:
            raise Gone(f"there is no corpus {name!r} here", hint="synthkit lab --corpus NAME opens one")
        return open_corpus(name, self._languages[name])

    def listed(self, name: str) -> list[dict[str, Any]]:
        """Utterances of a corpus, as many as a menu bears."""
        return [{"id": u.id, "text": u.text} for u in self.corpus(name).utterances[:LISTED]]

    def upload(self, body: bytes) -> dict[str, Any]:
        """Keep a recording that was uploaded.

        Raises
        ------
        AudioError
            It is none, or too long.
        """
        if not body:
            raise AudioError("the file is empty")
        with scratch_folder() as folder:
            path = folder / "uploaded"
            path.write_bytes(body)
            try:
                waveform = audio.read(path)
            except AudioError as error:
                raise AudioError(
                    f"the uploaded file is no recording that can be read: {error.message}",
                    hint="WAV, FLAC, Ogg and MP3 can",
                ) from error
        id = hashlib.sha256(body).hexdigest()[:16]
        self._uploaded.pop(id, None)
        self._uploaded[id] = _short(waveform)
        while len(self._uploaded) > MOST:
            self._uploaded.pop(next(iter(self._uploaded)))
        return {"id": id, "seconds": waveform.duration, "sample_rate": waveform.sample_rate}

    def read(self, source: Source) -> Waveform:
        """The recording `source`, which is not a voice's speech.

        Raises
        ------
        Gone
            There is none.
        """
        if source.kind == "upload":
            if source.id not in self._uploaded:
                raise Gone("this recording is no longer here", hint="upload it again")
            return self._uploaded[source.id]
        corpus = self.corpus(source.corpus)
        utterance = next((u for u in corpus.utterances if u.id == source.id), None)
        if utterance is None:
            raise Gone(f"{source.corpus} has no utterance {source.id!r}")
        return _short(audio.read(utterance.audio, None, utterance.start, utterance.end))


def _short(waveform: Waveform) -> Waveform:
    if waveform.duration > LONGEST:
        raise ConfigError(
            f"the bench draws up to {LONGEST:g} s, and this lasts {waveform.duration:.1f} s",
            hint="`synthkit copy` takes recordings of any length",
        )
    return waveform
