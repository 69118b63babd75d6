# SPDX-License-Identifier: Apache-2.0
"""Small damaged inputs, one by one: does each end in an error of ours that names it, or in a right result?

    python benchmarks/faults_inputs.py FOLDER

FOLDER holds recordings (``audio-*``, ``*.flac``), labels (``labels-*``), texts (``texts-*`` and
``circled.txt``), ``recipes-*``, ``ratings-*``, altered files of a voice (``voice-toml-*``, ``manifest-*``)
and corpora (``escape`` with ids that climb out of the output folder, ``fc`` with a FLAC of unknown length,
``nanc`` with a label time that is no number); a corpus with a recording of three hours is made here. Each is
given to the commands, or the readers, that would meet it. Good is an exit code of 0, 1 or 2 without a
traceback, a message that names the file where there is one, nothing written beside the output, at most 2 s
of processor time and 200 MB (`SLOW` says which commands are allowed more).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from faults_common import SYNTHKIT, prepare

SECONDS, MEGABYTES = 2.0, 200
SLOW = {"build": (20.0, 400), "align": (20.0, 400)}
"""Seconds and MB of commands that work on whole corpora (numba's compiler takes most of them)."""
READ = """
import sys
from synthkit.errors import SynthkitError
from synthkit.labels import read_alignment
try:
    found = read_alignment(sys.argv[1], format=sys.argv[2], id="u")
    times = [t for row in found.phones for t in (row.start, row.end)]
    assert times == sorted(times) and all(0 <= t <= found.duration < 2e6 for t in times), times
except SynthkitError as error:
    print("error:", error, file=sys.stderr)
    sys.exit(2)
"""
PLAIN = """
[voice]
name = "demo-ru"
corpus = "bundled-ru"
limit = 12
[alignment]
plugin = "labels"
[features]
plugin = "world"
aperiodicity = false
[acoustic_model]
plugin = "unit-selection"
[vocoder]
plugin = "overlap-add"
"""
FORMS = ("textgrid", "festvox", "htk", "ctm")


@dataclass(frozen=True)
class Case:
    """An input and the command that meets it; an error of ours has to hold `names`."""

    name: str
    command: tuple[str, ...]
    names: str


def cases(given: Path, place: Path) -> Iterator[Case]:
    """All that FOLDER holds, copied to `place`, and a recording of three hours."""
    yield Case("corpora check three-hours", (*SYNTHKIT, "corpora", "check", str(three_hours(place))), "")
    (place / "inputs").mkdir()
    for path in sorted(given.iterdir()):
        where = place / "inputs" / path.name
        if path.is_dir():
            shutil.copytree(path, where)
            where.chmod(0o755)
            yield from of_corpus(where, place / "out")
        else:
            shutil.copyfile(path, where)
            yield from of_file(where, place)


def of_corpus(where: Path, out: Path) -> Iterator[Case]:
    """What is done with a folder of recordings."""
    name = where.name
    yield Case(f"corpora check {name}", (*SYNTHKIT, "corpora", "check", str(where)), name)
    if name != "fc":
        more = ("-o", str(out / name), "--set", "alignment.plugin=labels")
        yield Case(f"align {name}", (*SYNTHKIT, "align", str(where), *more), name)
    if name != "escape":
        yield Case(f"build {name}", (*SYNTHKIT, "build", str(where), "-o", str(out / f"{name}-voice")), name)


def of_file(where: Path, place: Path) -> Iterator[Case]:
    """What is done with a file, by how its name begins."""
    name, out = where.name, ("-o", str(place / "out" / f"{where.name}.wav"))
    kind = name.split("-")[0].split(".")[0]
    if kind in ("audio", "flac"):
        yield Case(f"copy {name}", (*SYNTHKIT, "copy", str(where), *out, "--vocoder", "world"), name)
    elif kind == "labels":
        for form in FORMS:
            yield Case(f"read {name} as {form}", (sys.executable, "-c", READ, str(where), form), name)
    elif kind in ("texts", "circled"):
        text, voice = os.fsdecode(where.read_bytes()), str(place / "voice")
        yield Case(f"segment {name}", (*SYNTHKIT, "segment", text, "-l", "ru"), "")
        yield Case(f"say {name}", (*SYNTHKIT, "say", "-v", voice, "-f", str(where), *out), "")
    elif kind == "recipes":
        recipe = where.rename(where.with_suffix(".toml"))
        yield Case(f"build {name}", (*SYNTHKIT, "build", str(recipe), *out), recipe.name)
    elif kind == "ratings":
        yield Case(f"listeners {name}", (*SYNTHKIT, "listeners", str(where)), name)
    elif kind in ("voice", "manifest"):
        yield Case(f"say {name}", (*SYNTHKIT, "say", "-v", str(altered(place, where)), "Раз, два.", *out), "")


def three_hours(place: Path) -> Path:
    """A corpus with one clip and a recording of three hours (a file with a hole) among the clips."""
    folder = place / "three-hours"
    shutil.copytree(place / "clips", folder)
    clip = sorted((folder / "wavs").iterdir())[0]
    with wave.open(str(clip)) as read:
        about = read.getparams()
    size = 3 * 3600 * about.framerate * about.nchannels * about.sampwidth
    with clip.with_name("long.wav").open("wb") as file:
        riff = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, about.nchannels,
                           about.framerate, about.framerate * about.nchannels * about.sampwidth,
                           about.nchannels * about.sampwidth, 8 * about.sampwidth, b"data", size)  # fmt: skip
        file.write(riff)
        file.truncate(len(riff) + size)
    with (folder / "metadata.csv").open("a", encoding="utf-8") as file:
        file.write("long|Раз, два, три.|Раз, два, три.\n")
    return folder


def plain(place: Path) -> Path:
    """A voice of units without a guide, as those were whose files were altered."""
    voice = place / "plain"
    if not voice.exists():
        recipe = place / "plain.toml"
        recipe.write_text(PLAIN, encoding="utf-8")
        environment = {**os.environ, "SYNTHKIT_CACHE": str(place / "cache")}
        command = [*SYNTHKIT, "build", str(recipe), "-o", str(voice)]
        subprocess.run(command, check=True, capture_output=True, env=environment)
    return voice


def altered(place: Path, path: Path) -> Path:
    """The voice with a file of its own replaced by `path`, its manifest made to agree."""
    voice = place / "voices" / path.name
    shutil.copytree(plain(place), voice)
    if path.name.startswith("manifest"):
        shutil.copyfile(path, voice / "manifest.json")
        return voice
    content = path.read_bytes()
    (voice / "voice.toml").write_bytes(content)
    manifest = json.loads((voice / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["voice.toml"] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (voice / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return voice


def run(case: Case, place: Path) -> tuple[list[str], str]:
    """What is wrong with a case, and what it took and said."""
    environment = {**os.environ, "SYNTHKIT_CACHE": str(place / "cache")}
    process = subprocess.Popen(
        case.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=place
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    seconds, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    found = []
    if process.returncode not in (0, 1, 2) or "Traceback" in said:
        found.append(f"exit code {process.returncode}: {said.strip()[-300:]}")
    if process.returncode == 2 and case.names not in said:
        found.append(f"the message does not name {case.names}: {said.strip()[-300:]}")
    slow, large = SLOW.get(case.name.split()[0], (SECONDS, MEGABYTES))
    if seconds > slow:
        found.append(f"{seconds:.1f} s of processor time")
    if memory > large:
        found.append(f"{memory:.0f} MB")
    last = said.strip().splitlines()[0][-110:] if said.strip() else ""
    return found, f"exit {process.returncode}, {seconds:.1f} s, {memory:.0f} MB  {last}"


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true", help="say how each ended")
    asked = parser.parse_args()
    good = count = 0
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "within"
        (place / "out").mkdir(parents=True)
        prepare(place)
        for case in cases(asked.folder, place):
            found, told = run(case, place)
            if [path.name for path in Path(name).iterdir()] != ["within"]:
                found.append("something was written outside")
            count, good = count + 1, good + (not found)
            if asked.verbose:
                print(f"{case.name}: {told}", flush=True)
            for each in found:
                print(f"BAD {case.name}: {each}", flush=True)
    print(f"{good} of {count} end well")
    return int(good != count)


if __name__ == "__main__":
    raise SystemExit(main())
