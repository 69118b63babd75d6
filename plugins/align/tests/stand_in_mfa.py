# SPDX-License-Identifier: Apache-2.0
"""Does what was recorded of `mfa` 3.4.3; the real one cannot be installed by pip. Run as a script by
`mfa_command`.

It aborts on a wav it cannot read, refuses a corpus under its own root, leaves out utterances without failing,
says ``spn`` for words that its dictionary lacks or whose phones its model lacks, and prints, word for word,
what the real one prints. Times are those of a TextGrid that it wrote.
"""

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from synthkit.labels import read_alignment, write_alignment
from synthkit.types import PAUSE, Alignment, Interval

DATA = Path(__file__).parent / "data"
VALUED = {"-j", "--output_format", "--output_directory", "-c"}


def says(name: str, status: int) -> None:
    print((DATA / "mfa-says" / f"{name}.log").read_text(encoding="utf-8"), flush=True)
    sys.exit(status)


def arguments(given: list[str]) -> tuple[list[Path], dict[str, str]]:
    plain: list[Path] = []
    flags: dict[str, str] = {}
    rest = iter(given)
    for word in rest:
        if word in VALUED:
            flags[word] = next(rest)
        elif word.startswith("-"):
            flags[word] = ""
        else:
            plain.append(Path(word))
    return plain, flags


def lexicon(path: Path, known: set[str] | None) -> dict[str, list[list[str]]]:
    entries: dict[str, list[list[str]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *fields = line.split("\t")
        if not fields:
            says("bad-dictionary", 1)
        phones = fields[-1].split()
        if known is None or known >= set(phones):
            entries.setdefault(word, []).append(phones)
    return entries


def aligned(template: Alignment, said: list[str], entries: dict[str, list[list[str]]]) -> Alignment | None:
    if len(said) != len(template.words):
        return None
    phones = list(template.phones)
    words = []
    for word, token in zip(template.words, said, strict=True):
        inside = [i for i, p in enumerate(phones) if word.start <= p.start < word.end and p.label != PAUSE]
        ways = [way for way in entries.get(token, []) if len(way) == len(inside)]
        for i, label in zip(inside, ways[0] if ways else ["spn"] * len(inside), strict=True):
            phones[i] = Interval(phones[i].start, phones[i].end, label)
        words.append(Interval(word.start, word.end, token))
    return Alignment(template.id, tuple(phones), tuple(words), template.duration)


def main() -> None:
    root = Path(os.environ["MFA_ROOT_DIR"])
    if sys.argv[1] == "version":
        print(os.environ.get("STAND_IN_VERSION", "3.4.3"))
        return
    Path(os.environ["STAND_IN_LOG"]).write_text(" ".join(sys.argv[1:]) + "\n" + str(root))
    plain, flags = arguments(sys.argv[2:])
    corpus, dictionary, model = plain[:3]
    training = sys.argv[1] == "train"
    out = Path(flags["--output_directory"]) if training else plain[3]
    if str(corpus).startswith(str(root)):
        print("RootDirectoryError: the corpus lies under the root directory")
        sys.exit(1)
    known = None
    if not training:
        if not model.exists():
            says("no-such-file" if model.suffix else "unknown-model", 2)
        if not zipfile.is_zipfile(model):
            says("bad-zip", 1)
        with zipfile.ZipFile(model) as archive:
            known = set(json.loads(archive.read("model/meta.json"))["phones"])
    entries = lexicon(dictionary, known)
    if "STAND_IN_WORKER" in os.environ:  # a process of its own that outlives it, as its workers would
        code = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(120)"
        subprocess.Popen([sys.executable, "-c", code, os.environ["STAND_IN_WORKER"]])
        time.sleep(120)
    if training:
        print((DATA / "mfa-says" / "train-mono.log").read_text(encoding="utf-8"), flush=True)
    template = read_alignment(DATA / "ru_0006.TextGrid")
    came = 0
    for wav in sorted(corpus.glob("*/*.wav")):
        if wav.read_bytes()[:4] != b"RIFF":
            print('Traceback (most recent call last):\n  File "x.py", line 1, in y')
            print(f"soundfile.LibsndfileError: Error opening {wav}: Format not recognised.")
            sys.exit(1)
        found = aligned(template, wav.with_suffix(".lab").read_text(encoding="utf-8").split(), entries)
        if found is not None and "left_out" not in wav.stem:
            (out / wav.parent.name).mkdir(exist_ok=True)
            write_alignment(out / wav.parent.name / f"{wav.stem}.TextGrid", found)
            came += 1
    if training:
        phones = sorted({phone for ways in entries.values() for way in ways for phone in way})
        with zipfile.ZipFile(model, "w") as archive:
            archive.writestr("model/meta.json", json.dumps({"phones": phones, "version": "3.4.3"}))
    if not came:
        says("nothing-aligned", 1)


main()
