# SPDX-License-Identifier: Apache-2.0
"""A voice of few recordings: `synthkit adapt`, against the same recordings alone.

    synthkit corpora get asterisk-ru
    python benchmarks/adapting.py [--seconds 30 120 600] [--base nsh several] [--test 24] [--set KEY=VALUE]
    python benchmarks/adapting.py --seconds 120 --kinds adapted --against 600   # two minutes beside ten

The speaker of ``asterisk-ru`` (a woman) is one whom no base ever heard. For each amount of speech there are
voices of the same clips: adapted, the parametric model from chance, the units themselves, and (``--kinds``)
units guided by the adapted voice and the speaker's code alone, as `synthkit clone` learns it; all speak the
same other sentences, text in. Printed: mel-cepstral distortion and F0 error against her recordings, how like
her the voice is (cosine of speaker embeddings; beside it how like her recordings are to each other, and the
base to her; by ECAPA too where it is installed), word errors where Whisper's files are there, and the CPU
minutes of each build.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from synthkit_parametric.fitting import default_steps

from synthkit.audio import read, write
from synthkit.corpora import open_corpus
from synthkit.pipeline.cloning import RATE, STEPS
from synthkit.plugins import registry

KINDS = ("adapted", "from scratch", "units", "guided units", "clone")
CODE = ["acoustic_model.learn=speaker", f"acoustic_model.steps={STEPS}", f"acoustic_model.rate={RATE}",
        "acoustic_model.also_from="]  # fmt: skip
CHANCE = ["acoustic_model.start_from=", "acoustic_model.also_from="]
"""Of a voice from chance; its steps are those that a build has for so much speech."""


def clips(items: list, seconds: float) -> list:
    """So many seconds of them, in the order of the corpus."""
    chosen, total = [], 0.0
    for item in items:
        if total >= seconds:
            break
        chosen.append(item)
        total += read(item.audio).duration
    return chosen


def folder_of(items: list, out: Path) -> Path:
    """An LJSpeech folder of `items`."""
    (out / "wavs").mkdir(parents=True, exist_ok=True)
    lines = []
    for item in items:
        write(out / "wavs" / f"{item.id}.wav", read(item.audio))
        lines.append(f"{item.id}|{item.text}|{item.text}")
    (out / "metadata.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return out


def run(*command: str) -> tuple[str, float]:
    """What a command prints, and the CPU minutes that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = [sys.executable, "-m", "synthkit", *command]
    done = subprocess.run(whole, stdout=subprocess.PIPE, check=False, text=True)
    if done.returncode > 1:  # 1: some sentences could not be said
        raise SystemExit(done.returncode)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, spent / 60


def made_of(kinds: list, bases: list) -> list:
    """Each kind of voice with each base that it has, or none."""
    based = ("adapted", "guided units", "clone")
    return [(kind, base) for kind in kinds for base in (bases if kind in based else [""])]


def main() -> None:
    """Build, compare and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, nargs="+", default=[30, 120, 600])
    parser.add_argument("--base", nargs="+", default=["nsh"])
    parser.add_argument("--test", type=int, default=24)
    parser.add_argument("--skip", type=int, default=0, help="sentences before those: to choose on others")
    parser.add_argument("--kinds", nargs="+", default=KINDS[:3], choices=KINDS)
    parser.add_argument("--against", type=float, nargs="+", default=[], help="SECONDS from scratch, besides")
    parser.add_argument("--whisper", type=Path, help="a CTranslate2 model of Whisper base")
    parser.add_argument("--ecapa", action="store_true", help="likeness by ECAPA-TDNN too")
    parser.add_argument("--set", action="append", default=[], help="of the adapted voice, as in build")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "synthkit-adapting")
    asked = parser.parse_args()
    items = [u for u in open_corpus("asterisk-ru").utterances if len(u.text) > 25]
    judged = items[1::2][asked.skip :][: asked.test]
    test = folder_of(judged, asked.work / "test")
    measures = ["mcd", "f0-rmse", "speaker-similarity"]
    options = [f"--metric={name}" for name in measures]
    if asked.ecapa:
        kind = registry().load("speaker_encoder", "ecapa")
        kind(kind.Config()).weights()  # what it lacks is said before anything is built
        options.append("--metric=speaker-similarity/ecapa")
    if asked.whisper:
        measures.append("wer")
        options += ["--metric=wer", f"--metric-set=whisper.model={asked.whisper}"]
    names, spent = [], {}
    wanted = [(s, kind, base) for s in asked.seconds for kind, base in made_of(asked.kinds, asked.base)]
    wanted += [(seconds, "from scratch", "") for seconds in asked.against]
    for seconds, kind, base in wanted:
        name = "-".join([kind.replace(" ", "-"), *([Path(base).name] if base else []), f"{seconds:g}s"])
        chosen = clips(items[::2], seconds)
        clip_folder = folder_of(chosen, asked.work / f"clips-{Path(base).name}{seconds:g}")
        out = asked.work / name
        steps = default_steps(sum(read(item.audio).duration for item in chosen))
        settings = {"from scratch": [*CHANCE, f"acoustic_model.steps={steps}"], "clone": CODE, "units": []}
        start = ["build"] if kind == "units" else ["adapt", base or asked.base[0]]
        command = [*start, str(clip_folder), "-o", str(out), "-l", "ru"]
        command += ["--units"] if kind == "guided units" else []
        _, spent[name] = run(*command, *(f"--set={s}" for s in settings.get(kind, asked.set)))
        names.append(name)
    voices = [str(asked.work / name) for name in names]
    run(
        "compare", *voices, "-c", str(test), "--language", "ru", "--split", "all", *options,
        "-o", str(asked.work / "report"), "--copy", "world",
    )  # fmt: skip
    found = json.loads((asked.work / "report" / "results.json").read_text(encoding="utf-8"))
    shown = [d for d in found["definitions"] if d["main"] or d["id"] == "ecapa"]
    keys = [f"{d['metric']}/{d['id']}" for d in shown if d["metric"] in measures]
    print(f"{len(judged)} other sentences of the speaker; mean and 95 % interval; CPU minutes of the build")
    print(f"{'':26}" + "".join(f"{key:>28}" for key in keys) + "   said     CPU")
    for system in found["systems"]:
        cells, said = "", 0
        for key in keys:
            (s,) = [s for s in found["summaries"] if (s["definition"], s["system"]) == (key, system)]
            said = max(said, s["measured"])
            i = s["interval"]
            cell = f"{i['estimate']:.2f} {i['low']:.2f}-{i['high']:.2f}" if i else "-"
            cells += f"{cell:>28}"
        cpu = f"{spent[system]:8.1f}" if system in spent else ""
        print(f"{system:26}{cells}{said:7}{cpu}")


if __name__ == "__main__":
    main()
