# SPDX-License-Identifier: Apache-2.0
"""The voice's units: one record each, and one file of audio; both are read where they are needed.

Every phone of the corpus has two units, its halves: unit ``u`` is half ``u % 2`` of phone ``u // 2``, and
phones lie in the order of the recordings. After the last phone of each recording there is an empty one
(phone number 0) that only holds the recording's last edge. So unit ``u`` reaches from the edge of record
``u`` to the edge of record ``u + 1``: neighbours share an edge, join vectors number one per edge and none
per pair, and consecutive units are neighbours in a recording. What a candidate needs lies together, and a
natural run is one stretch of the file.

===================  ==========  ===============================================================
file                 shape       what
===================  ==========  ===============================================================
units.npy            (U,)        records, see `unit_dtype`
phone.npy            (U / 2,)    uint8, phone numbers; 0 where there is none
recordings.npy       (3, R + 1)  int64: first unit, first sample, first byte of the name
names.bin            bytes       utterance ids one after another, UTF-8
names-by-hash.npy    (R,)        a `SortedTable` from the hash of an id to its recording
audio.npy            (N,)        int16, all recordings one after another
===================  ==========  ===============================================================
"""

from __future__ import annotations

import hashlib
import json
import os
import weakref
from array import array
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from synthkit.errors import VoiceError
from synthkit.paths import read_json
from synthkit_unit_selection.context import COLUMN
from synthkit_unit_selection.growing import Growing
from synthkit_unit_selection.table import Rows, SortedTable, mapped, write_sorted

FORMAT = 2

GUIDANCE = "guidance.npz"
"""Written by a build with a guide; a voice without this file was built without."""


def unit_dtype(features: int, acoustics: int, joins: int) -> np.dtype:
    """One unit.

    ``context`` (`context.FEATURES`, uint8) and ``word`` (in its utterance, -1 for pauses) are the phone's;
    ``acoustics`` are duration, F0, voicing, power, spectrum and, last, the hygiene penalty; ``join`` (F0,
    voicing, power, spectrum) and ``edge`` (samples in the recording) belong to the unit's beginning.
    """
    return np.dtype(
        [
            ("context", "u1", (features,)),
            ("word", "<i2"),
            ("edge", "<i4"),
            ("acoustics", "<f4", (acoustics,)),
            ("join", "<f4", (joins,)),
        ],
        align=True,
    )


class UnitStore:
    """An open unit store; also the `AudioSource` of the paths through it."""

    def __init__(self, folder: Path) -> None:
        with ExitStack() as opened:  # what is open when the rest cannot be is closed
            self._open(folder, opened)
            self._opened = opened.pop_all()

    def _open(self, folder: Path, opened: ExitStack) -> None:
        try:
            self.info = read_json(folder / "units.json", VoiceError)
            if self.info.get("format") != FORMAT:
                raise VoiceError(
                    "the unit store is of another version of this plugin",
                    where=str(folder),
                    hint="build the voice again: synthkit build VOICE.toml",
                )
            self.phone = mapped(folder / "phone.npy", np.uint8)
            self._first_unit, self._first_sample, self._name_at = mapped(folder / "recordings.npy", np.int64)
            self._audio, self._text = (
                self._file(folder / name, opened) for name in ("audio.npy", "names.bin")
            )
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise VoiceError(f"the unit store cannot be read: {error}", where=str(folder)) from error
        self.units = Rows(folder / "units.npy", unit_dtype(1, 1, 1))
        opened.callback(self.units.close)
        self._names = SortedTable(folder, "names-by-hash", [("recording", "<i4")])
        opened.callback(self._names.close)
        self._known: dict[str, int] = {}
        self.sample_rate: int = self.info["sample_rate"]
        self.phones: list[str] = self.info["phones"]
        self.ids = {symbol: i for i, symbol in enumerate(self.phones)}
        self._audio_at: int = self.info["audio_offset"]
        self._folder = folder
        self._check_sizes(folder)

    def _check_sizes(self, folder: Path) -> None:
        """What the tables speak of lies in the files, so that nothing is asked for beyond their ends."""
        starts = (self._first_unit, self._first_sample, self._name_at)
        ends = [int(column[-1]) for column in starts]
        audio, text = (os.fstat(file).st_size for file in (self._audio, self._text))
        fit = (
            all(int(column[0]) >= 0 and bool((column[1:] >= column[:-1]).all()) for column in starts)
            and ends[0] <= len(self) <= len(self.units)
            and 0 <= self._audio_at <= audio - 2 * ends[1]
            and ends[2] <= text
        )
        if not fit:
            raise VoiceError(
                "the unit store is damaged: its tables speak of more than its files hold",
                where=str(folder),
                hint="build the voice again",
            )

    def _file(self, path: Path, opened: ExitStack) -> int:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        # Closed once: by `close`, or when nobody holds a store that nobody closed.
        opened.callback(weakref.finalize(self, os.close, file))
        return file

    def __len__(self) -> int:
        return 2 * len(self.phone)

    @property
    def recordings(self) -> int:
        """Number of recordings."""
        return len(self._first_unit) - 1

    @property
    def seconds(self) -> float:
        """Length of all recordings."""
        return int(self._first_sample[-1]) / self.sample_rate

    def span(self, recording: int) -> tuple[int, int]:
        """First unit of a recording, and the one after its last."""
        return int(self._first_unit[recording]), int(self._first_unit[recording + 1]) - 2

    def recording_of(self, units: np.ndarray) -> np.ndarray:
        """Recording of each unit."""
        return np.searchsorted(self._first_unit, units, side="right") - 1

    def source(self, recording: int) -> str:
        """Utterance id of a recording.

        Raises
        ------
        VoiceError
            The file of ids is damaged there.
        """
        low, high = int(self._name_at[recording]), int(self._name_at[recording + 1])
        try:
            name = os.pread(self._text, high - low, low).decode("utf-8")
        except UnicodeDecodeError as error:
            raise VoiceError(
                f"the unit store is damaged: the id of recording {recording} is not UTF-8",
                where=str(self._folder),
                hint="build the voice again",
            ) from error
        self._known[name] = recording
        return name

    def sources(self, units: np.ndarray) -> list[str]:
        """Utterance id of each unit's recording."""
        recordings = self.recording_of(units).tolist()
        names = {recording: self.source(recording) for recording in dict.fromkeys(recordings)}
        return [names[recording] for recording in recordings]

    def lengths(self, units: np.ndarray) -> np.ndarray:
        """Samples of each unit's recording."""
        recordings = self.recording_of(units)
        found: np.ndarray = np.asarray(self._first_sample[recordings + 1]) - self._first_sample[recordings]
        return found

    def number(self, source: str) -> int | None:
        """Recording of an utterance id; None for one that the voice does not hold."""
        if source not in self._known:
            rows, there = self._names.find(np.array([_hash(source)]), 4)
            for recording in rows["recording"][there].tolist():
                if self.source(recording) == source:
                    break
        return self._known.get(source)

    def numbers(self, sources: Iterable[str]) -> list[int]:
        """Recording numbers of utterance ids; ids that the voice does not hold are left out."""
        return [n for n in map(self.number, sources) if n is not None]

    def spans(self, sources: Iterable[str]) -> list[tuple[int, int]]:
        """The `span` of each utterance id that the voice holds."""
        return [self.span(n) for n in self.numbers(sources)]

    def read(self, source: str, start: int, end: int) -> np.ndarray:
        """Samples ``[start, end)`` of a recording, float32; zeros beyond its ends."""
        number = self.number(source)
        if number is None:
            raise VoiceError(f"the voice holds no recording {source!r}")
        first, last = int(self._first_sample[number]), int(self._first_sample[number + 1])
        out = np.zeros(max(end - start, 0), np.float32)
        low, high = max(start, 0), min(end, last - first)
        if high > low:
            raw = os.pread(self._audio, 2 * (high - low), self._audio_at + 2 * (first + low))
            np.multiply(np.frombuffer(raw, "<i2"), np.float32(1 / 32768), out=out[low - start : high - start])
        return out

    def pitch_marks(self, source: str, start: int, end: int) -> np.ndarray:
        """None are stored: joins are aligned by correlation of the waveforms."""
        return np.zeros(0, np.int64)

    def close(self) -> None:
        """Close the files and let go of the maps."""
        self._opened.close()
        self._audio = self._text = -1
        self.phone = np.zeros(0, np.uint8)
        self._first_unit = self._first_sample = self._name_at = np.zeros(1, np.int64)


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8"), digest_size=8).digest(), "little") >> 1


def write_recordings(
    folder: Path, names: Sequence[str], first_unit: np.ndarray, first_sample: np.ndarray
) -> None:
    """Write where each recording begins ``(R + 1,)`` each, and the tables of names."""
    table = _Names(folder)
    for name in names:
        table.append(name)
    table.close(first_unit, first_sample)


class _Names:
    """Writes the names of recordings, and where each recording begins, one after another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = (folder / "names.bin").open("wb")
        self._at, self._keys = array("q", [0]), array("q")

    def append(self, name: str) -> None:
        self._at.append(self._at[-1] + self._file.write(name.encode("utf-8")))
        self._keys.append(_hash(name))

    def close(self, first_unit: np.ndarray, first_sample: np.ndarray) -> None:
        self._file.close()
        columns = np.stack([first_unit, first_sample, np.array(self._at)]).astype(np.int64)
        np.save(self._folder / "recordings.npy", columns)
        rows = np.zeros(len(self._keys), [("key", "<i8"), ("recording", "<i4")])
        rows["key"], rows["recording"] = self._keys, np.arange(len(self._keys))
        write_sorted(self._folder, "names-by-hash", rows)


class StoreWriter:
    """Writes a store recording by recording.

    Parameters
    ----------
    folder : Path
    info : dict
        ``sample_rate``, ``phone_set``, ``phones``; kept as JSON.
    """

    def __init__(self, folder: Path, info: dict[str, object]) -> None:
        self._folder, self._info = folder, info
        self._units: Growing | None = None
        self._phone = Growing(folder / "phone.npy", np.uint8)
        self._audio = Growing(folder / "audio.npy", "<i2")
        self._names = _Names(folder)
        self._first_unit, self._first_sample = array("q", [0]), array("q", [0])

    def append(self, name: str, units: np.ndarray, samples: np.ndarray) -> None:
        """One recording: its utterance's id, its records ``(2 P + 2,)`` and its samples, int16."""
        if self._units is None:
            self._units = Growing(self._folder / "units.npy", units.dtype)
        self._units.append(units)
        self._phone.append(units["context"][::2, COLUMN["phone"]])
        self._audio.append(samples)
        self._names.append(name)
        self._first_unit.append(self._units.count)
        self._first_sample.append(self._audio.count)

    def close(self) -> None:
        """Write the tables of recordings; the store can then be opened."""
        if self._units is None:
            raise VoiceError("a unit store without a recording", where=str(self._folder))
        for part in (self._units, self._phone, self._audio):
            part.close()
        self._names.close(np.array(self._first_unit), np.array(self._first_sample))
        about = {**self._info, "format": FORMAT, "audio_offset": self._audio.offset}
        (self._folder / "units.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
