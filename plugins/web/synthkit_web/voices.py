# SPDX-License-Identifier: Apache-2.0
"""The voices of a server, and the threads they speak in.

A voice has one or more copies, each with a thread of its own: whatever a component keeps is touched by one
thread alone, and pieces of several texts take turns in the order in which they were asked for. A copy is a
second opening of the same memory-mapped files, made when the others are busy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from synthkit.errors import ConfigError, SynthkitError
from synthkit.pipeline.voice import Voice
from synthkit.stages import Segmenter

T = TypeVar("T")
MOST_VOCODERS = 4
"""Other vocoders that a copy keeps ready."""


class NoVoice(SynthkitError):
    """A voice that this server does not have."""

    status = 404


class Copy:
    """One opening of a voice and the thread that alone uses it."""

    def __init__(self, folder: Path, overrides: Sequence[str]) -> None:
        self.folder, self.overrides = folder, overrides
        self.users = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"voice-{folder.name}")
        self._voice: Voice | None = None
        self._others: dict[tuple[str, tuple[str, ...]], Voice] = {}
        self._read: dict[str, Segmenter] = {}

    async def run(self, function: Callable[[], T]) -> T:
        """`function()` in the copy's thread, after what was asked for before."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def voice(self) -> Voice:
        """The voice, opened by the first who asks; called in the copy's thread."""
        if self._voice is None:
            self._voice = Voice.open(self.folder, overrides=self.overrides)
        return self._voice

    def using(
        self, vocoder: str | None, adapters: tuple[str, ...] = (), segmentation: str | None = None
    ) -> Voice:
        """The voice, or the same with another vocoder or segmentation; called in the copy's thread."""
        voice = self._spoken_by(vocoder, adapters)
        if segmentation is None or segmentation == voice.stages["segmentation"].plugin:
            return voice
        # It costs nothing to put together, and what it has learnt of a text may be large: that is kept.
        made = voice.with_segmentation(self._read.get(segmentation, segmentation))
        self._read[segmentation] = made.segmenter
        return made

    def _spoken_by(self, vocoder: str | None, adapters: tuple[str, ...]) -> Voice:
        voice = self.voice()
        if vocoder is None:
            if adapters:
                raise ConfigError("adapters are for a vocoder", where="adapters", hint="say which vocoder")
            return voice
        key = (vocoder, adapters)
        if key not in self._others:
            if len(self._others) >= MOST_VOCODERS:
                self._others.pop(next(iter(self._others))).close()
            self._others[key] = voice.with_vocoder(vocoder, adapters=list(adapters))
        return self._others[key]

    def close(self) -> None:
        """Wait for what is being spoken, and give everything back."""

        def give_back() -> None:
            for other in self._others.values():
                other.close()
            if self._voice is not None:
                self._voice.close()

        self._thread.submit(give_back).result()
        self._thread.shutdown()


class Voices:
    """Voices by name.

    Parameters
    ----------
    folders : sequence of Path
        The first is the default.
    copies : int
        Of each voice at most.
    overrides : sequence of str
        ``--set`` of all of them.

    Raises
    ------
    SynthkitError
        One of them cannot be opened, or two have one name.
    """

    def __init__(self, folders: Sequence[Path], copies: int, overrides: Sequence[str] = ()) -> None:
        self.most = copies
        self._copies: dict[str, list[Copy]] = {}
        self.about: dict[str, dict[str, Any]] = {}
        self._overrides = tuple(overrides)
        try:
            for folder in folders:
                copy = Copy(folder, self._overrides)
                try:
                    voice = copy._thread.submit(copy.voice).result()
                    if voice.name in self._copies:
                        other = self._copies[voice.name][0].folder
                        raise ConfigError(
                            f"two voices are called {voice.name!r}: {other} and {folder}",
                            hint="serve them on two ports",
                        )
                except BaseException:
                    copy.close()
                    raise
                self._copies[voice.name] = [copy]
                self.about[voice.name] = described(voice)
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return len(self._copies)

    @property
    def default(self) -> str:
        """Name of the voice that speaks where none is asked for."""
        return next(iter(self._copies))

    def copy_of(self, name: str | None) -> Copy:
        """The copy of voice `name` that has least to do.

        Raises
        ------
        NoVoice
            There is none of that name.
        """
        name = name or self.default
        copies = self._copies.get(name)
        if copies is None:
            raise NoVoice(f"there is no voice {name!r}", hint=f"there are {', '.join(self._copies)}")
        least = min(copies, key=lambda copy: copy.users)
        if least.users and len(copies) < self.most:
            least = Copy(least.folder, self._overrides)
            copies.append(least)
        return least

    @contextmanager
    def used(self, name: str | None) -> Iterator[Copy]:
        """`copy_of`, which is counted as busy while the block runs."""
        copy = self.copy_of(name)
        copy.users += 1
        try:
            yield copy
        finally:
            copy.users -= 1

    def close(self) -> None:
        """Give everything back."""
        for copies in self._copies.values():
            for copy in copies:
                copy.close()


def described(voice: Voice) -> dict[str, Any]:
    """What ``/voices`` says of a voice."""
    m = voice.manifest
    return {
        "name": voice.name,
        "languages": m["languages"],
        "speakers": m["speakers"],
        "sample_rate": voice.sample_rate,
        "segmentation": voice.stages["segmentation"].plugin,
        "acoustic_model": voice.stages["acoustic_model"].plugin,
        "vocoder": voice.stages["vocoder"].plugin,
        "licence": m.get("corpus", {}).get("licence", ""),
        "attribution": m.get("corpus", {}).get("attribution", ""),
    }
