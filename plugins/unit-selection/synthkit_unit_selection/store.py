"""The voice's units: flat arrays, memory-mapped, and one file of audio read where it is needed.

Every phone of the corpus has two units, its halves: unit ``u`` is half ``u % 2`` of phone ``u // 2``, and
phones lie in the order of the recordings. Unit ``u`` of recording ``r`` reaches from edge ``u + r`` to
edge ``u + r + 1``: neighbours share an edge, so the join vectors number one per edge and none per pair.

===============  ==========  ===============================================================
file             shape       what
===============  ==========  ===============================================================
context.npy      (P, F)      uint8, context rows (`context.FEATURES`)
acoustics.npy    (2P, A)     float32, duration, F0, voicing, power, spectrum; the last column
                             is the hygiene penalty
edges.npy        (2P+R,)     int32, samples in the recording
joins.npy        (2P+R, J)   float32, F0, voicing, power, spectrum at each edge
recording.npy    (2P,)       int32, recording of each unit
audio.npy        (N,)        int16, all recordings one after another
===============  ==========  ===============================================================
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from synthkit.errors import VoiceError

ARRAYS = ("context", "acoustics", "edges", "joins", "recording", "words")


class UnitStore:
    """An open unit store; also the `AudioSource` of the paths through it."""

    def __init__(self, folder: Path) -> None:
        try:
            self.info = json.loads((folder / "units.json").read_text(encoding="utf-8"))
            for name in ARRAYS:
                setattr(self, name, np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")))
            self._audio = os.open(folder / "audio.npy", os.O_RDONLY)
        except (OSError, ValueError, KeyError) as error:
            raise VoiceError(f"the unit store cannot be read: {error}", where=str(folder)) from error
        self.context: np.ndarray
        self.acoustics: np.ndarray
        self.edges: np.ndarray
        self.joins: np.ndarray
        self.recording: np.ndarray
        self.words: np.ndarray
        self.sample_rate: int = self.info["sample_rate"]
        self.sources: list[str] = self.info["sources"]
        self.phones: list[str] = self.info["phones"]
        self.ids = {symbol: i for i, symbol in enumerate(self.phones)}
        self._number = {source: i for i, source in enumerate(self.sources)}
        self._first_sample = np.array(self.info["first_sample"], np.int64)
        self._audio_at: int = self.info["audio_offset"]

    def __len__(self) -> int:
        return len(self.recording)

    def numbers(self, sources: Iterable[str]) -> list[int]:
        """Recording numbers of utterance ids; ids that the voice does not hold are left out."""
        return [self._number[s] for s in sources if s in self._number]

    def read(self, source: str, start: int, end: int) -> np.ndarray:
        """Samples ``[start, end)`` of a recording, float32; zeros beyond its ends."""
        number = self._number[source]
        first, last = self._first_sample[number], self._first_sample[number + 1]
        out = np.zeros(max(end - start, 0), np.float32)
        low, high = max(start, 0), min(end, int(last - first))
        if high > low:
            raw = os.pread(self._audio, 2 * (high - low), self._audio_at + 2 * int(first + low))
            np.multiply(np.frombuffer(raw, "<i2"), np.float32(1 / 32768), out=out[low - start : high - start])
        return out

    def pitch_marks(self, source: str, start: int, end: int) -> np.ndarray:
        """None are stored: joins are aligned by correlation of the waveforms."""
        return np.zeros(0, np.int64)

    def close(self) -> None:
        """Close the audio file and let go of the maps."""
        if self._audio >= 0:
            os.close(self._audio)
            self._audio = -1


def write_store(
    folder: Path,
    arrays: dict[str, np.ndarray],
    waveforms: Iterable[np.ndarray],
    info: dict[str, object],
) -> None:
    """Write a store: `arrays` by the names of `ARRAYS`, audio as int16, `info` as JSON.

    `waveforms` are float32 per recording, in the order of ``info["sources"]``; they are written one by
    one, so a corpus need not fit in memory.
    """
    for name in ARRAYS:
        np.save(folder / f"{name}.npy", arrays[name])
    first = [0]
    path = folder / "audio.npy"
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<i2", "fortran_order": False, "shape": (10**15,)})
        offset = file.tell()
        for samples in waveforms:
            scaled = np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2")
            file.write(scaled.tobytes())
            first.append(first[-1] + len(scaled))
        file.seek(0)
        np.lib.format.write_array_header_1_0(file, {"descr": "<i2", "fortran_order": False, "shape": (first[-1],)})
        if file.tell() != offset:
            raise VoiceError("the audio file's header changed its length", where=str(path))
    text = json.dumps({**info, "first_sample": first, "audio_offset": offset}, ensure_ascii=False)
    (folder / "units.json").write_text(text, encoding="utf-8")
