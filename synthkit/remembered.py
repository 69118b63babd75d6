# SPDX-License-Identifier: Apache-2.0
"""What every plugin offers, remembered, so that a command imports only the plugins whose components it uses.

Asking takes a while, and a plugin may hang or print as it is imported. So plugins are asked in a process of
their own, and once: what they said is kept with the installation it was said in (every distribution's folder
and its time stamp) and with the files it came from. Anything installed, removed or edited since, and they are
asked again.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthkit.offers import Offer, Registration
from synthkit.places import default_root

if TYPE_CHECKING:  # most commands find everything remembered
    import subprocess

FORMAT = 1
PATIENCE = 15.0
"""Seconds that a plugin may take to be imported, before it is left out."""
START = 60.0
"""Seconds that the process which asks them may take to start."""
SELECT = "SYNTHKIT_PLUGINS"
"""The variable of the environment that names the plugins to load, ``a,b``; empty: none but the built-in."""
Point = Sequence[str]
"""A plugin's name, where it is, its distribution and version."""


def offered(*, anew: bool = False) -> list[Offer]:
    """What the plugins that are installed, and wanted, offer.

    Parameters
    ----------
    anew : bool
        Ask those again that had something wrong with them.

    Returns
    -------
    list of Offer

    Raises
    ------
    PluginError
        Another program's package ``synthkit`` is mixed with this one.
    """
    place, installation = _place(), _installation()
    kept = _read(place, installation)
    if kept is None:
        from synthkit.discovery import points
        from synthkit.distribution import refuse_namesake

        refuse_namesake()
        kept = {"format": FORMAT, "installation": installation, "points": points(), "answers": {}}
    answers: dict[str, Any] = kept["answers"]
    wanted, problems = _wanted(kept["points"])

    def asks(point: Point) -> bool:
        answer = answers.get(_key(point))
        return answer is None or not _current(answer) or (anew and bool(answer["problem"]))

    if unasked := [point for point in wanted if asks(point)]:
        new = dict(_ask(unasked))
        # What a plugin raised may have come from anywhere: the next command asks it again.
        kept["answers"] = answers | {k: a for k, a in new.items() if not a["problem"] or a["stopped"]}
        _write(place, kept)
        answers = answers | new
    return [_offer(point, answers[_key(point)]) for point in wanted] + problems


def _wanted(points: Sequence[Point]) -> tuple[list[Point], list[Offer]]:
    """The plugins to load, and what is wrong with the names in the environment."""
    names = os.environ.get(SELECT)
    if names is None:
        return list(points), []
    asked = {name.strip() for name in names.split(",")} - {""}
    known = {name for name, *_ in points}
    problems = []
    for name in sorted(asked - known):
        from difflib import get_close_matches

        close = get_close_matches(name, known, 1)
        meant = f"; did you mean {close[0]!r}?" if close else ""
        problems.append(Offer(name, "?", "?", problem=f"{SELECT} names it, and it is not installed{meant}"))
    return [p for p in points if p[0] in asked or p[1].startswith("synthkit.builtin.")], problems


def _key(point: Point) -> str:
    return " ".join(point)


def _offer(point: Point, answer: dict[str, Any]) -> Offer:
    name, _, distribution, version = point
    made = [
        Registration(stage, component, reference, summary, name, distribution, version)
        for stage, component, reference, summary in answer["components"]
    ]
    return Offer(name, distribution, version, tuple(made), answer["problem"])


def _ask(points: Sequence[Point]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ask plugins in a process of their own; one that does not answer is passed over, and the others are
    asked."""
    left = list(points)
    while left:
        reason = ""
        with _asking(left) as process:
            assert process.stdout is not None
            for line in _lines(process.stdout.fileno()):
                said = json.loads(line)
                if "asking" not in said:
                    stamps = [_stamp(file) for file in said.pop("files")]
                    yield _key(left.pop(0)), said | {"stopped": False, "stamps": stamps}
                if not left:
                    break
            else:
                reason = "it ended the process that imported it"
                if process.poll() is None and not says(process.stdout.fileno(), 0):
                    reason = f"importing it took more than {PATIENCE:g} s and was given up"
            process.kill()
        if left:
            file = _module_file(left[0][1])
            stamps = [_stamp(file)] if file else []
            yield (
                _key(left.pop(0)),
                {"components": [], "problem": reason, "stopped": True, "stamps": stamps},
            )


def _asking(points: Sequence[Point]) -> subprocess.Popen[bytes]:
    import subprocess

    here = {**os.environ, "PYTHONPATH": os.pathsep.join(p or os.getcwd() for p in sys.path)}
    command = [sys.executable, "-c", "from synthkit.discovery import main; main()", json.dumps(points)]
    return subprocess.Popen(
        command, env=here, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def says(descriptor: int, seconds: float) -> bool:
    """Whether there is something to read, or an end, within `seconds`; `select` takes none above 1023.

    Parameters
    ----------
    descriptor : int
        Open for reading.
    seconds : float

    Returns
    -------
    bool
    """
    import select

    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(1000 * seconds))


def _lines(descriptor: int) -> Iterator[bytes]:
    """Lines as they come, until there are no more or none comes for too long."""
    rest, patience = b"", START
    while says(descriptor, patience):
        patience = PATIENCE
        data = os.read(descriptor, 1 << 16)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        yield from lines


def _module_file(value: str) -> str | None:
    from importlib.util import find_spec

    with suppress(ImportError, ValueError):
        spec = find_spec(value.partition(":")[0].strip().partition(".")[0])
        return spec.origin if spec is not None else None
    return None


def _stamp(file: str) -> list[Any]:
    stat = os.stat(file)
    return [file, stat.st_mtime_ns, stat.st_size]


def _current(answer: dict[str, Any]) -> bool:
    """Whether the files that an answer came from are as they were."""
    try:
        return all(_stamp(stamp[0]) == stamp for stamp in answer["stamps"])
    except OSError:
        return False


def _installation() -> str:
    """Every distribution's folder on the path with its time stamp; installing anything changes it."""
    rows = [sys.version, os.path.dirname(__file__)]
    for folder in dict.fromkeys(sys.path):
        try:
            with os.scandir(folder or ".") as entries:
                found = [e for e in entries if e.name.endswith((".dist-info", ".egg-info"))]
                rows += sorted(f"{e.path} {e.stat().st_mtime_ns}" for e in found)
        except OSError:  # no folder: a zip file of the standard library, or one that is gone
            continue
    return "\n".join(rows)


def _place() -> Path:
    return default_root() / "plugins" / f"{zlib.crc32(sys.prefix.encode()):08x}.json"


def _read(place: Path, installation: str) -> dict[str, Any] | None:
    """What was kept of this installation; None when there is nothing that can be used."""
    from synthkit.errors import SynthkitError
    from synthkit.paths import read_json

    try:
        kept = read_json(place, SynthkitError)
        if kept["format"] == FORMAT and kept["installation"] == installation:
            return dict(kept)
    except (SynthkitError, KeyError, TypeError):
        pass  # it is made anew
    return None


def _write(place: Path, kept: dict[str, Any]) -> None:
    from synthkit.atomic import write_json
    from synthkit.errors import SynthkitError

    # What cannot be kept is asked again next time.
    with suppress(OSError, SynthkitError):
        write_json(place, kept)
