# SPDX-License-Identifier: Apache-2.0
"""Speed, start and memory of our voices beside flite (English) and eSpeak NG (English and Russian).

    python benchmarks/unitsel_peers.py [--en FOLDER] [--ru FOLDER] [--count 60]

Voices that are not given are built by the demo recipes. Every system speaks the same sentences of the bundled
corpora in one process (ours without the sentence's own units, or most would come back whole), and one short
sentence in a process of its own. Peers are small C programs with tables of rules or parameters; ours holds
recordings and starts an interpreter.

RTF: processor seconds per second of speech, start-up taken off. Start: a cold process from its call to its
end with the short sentence written. Memory: the kernel's high-water mark of resident memory.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import soundfile
from peers import espeak, flite
from peers.program import Run, run

from synthkit.corpora import open_corpus

ROOT = Path(__file__).resolve().parents[1]
SHORT = {"en": "Good evening.", "ru": "Добрый вечер."}
OURS = """
import json, sys
from synthkit import audio
from synthkit.pipeline.voice import Voice
voice = Voice.open(sys.argv[1])
items = json.load(open(sys.argv[2]))
audio.write(sys.argv[3], (voice.say(text, exclude=frozenset([id_])) for id_, text in items))
"""


def voice(language: str, given: Path | None) -> Path:
    """The voice folder of `language`, built where none was given."""
    if given:
        return given
    out = Path(tempfile.gettempdir()) / f"synthkit-benchmark-{language}"
    if not (out / "manifest.json").exists():
        recipe = ROOT / f"corpora/recipes/demo-{language}.toml"
        subprocess.run([program(), "build", str(recipe), "-o", str(out)], check=True)
    return out


def program() -> str:
    """The command ``synthkit`` of this interpreter."""
    return str(Path(sys.executable).parent / "synthkit")


def best(command: list[str], times: int = 5) -> Run:
    """The quickest of several runs (the first ones fill the page cache)."""
    return min((run(command) for _ in range(times)), key=lambda r: r.wall)


def row(name: str, many: Run, cold: Run, wave: Path) -> str:
    """A line of the table."""
    seconds = soundfile.info(wave).duration
    rtf = max(many.processor - cold.processor, 0) / seconds
    return (
        f"| {name} | {rtf:.4f} | {1000 * cold.wall:.0f} | {1000 * cold.processor:.0f} | {many.memory:.0f} | "
        f"{seconds:.0f} |"
    )


def peer(
    module: ModuleType, language: str, items: list[tuple[str, str]], folder: Path
) -> tuple[Run, Run, Path]:
    """Both measurements of one program."""
    text, short, wave = folder / "text.txt", folder / "short.txt", folder / "peer.wav"
    text.write_text("\n".join(t for _, t in items) + "\n", encoding="utf-8")
    short.write_text(SHORT[language] + "\n", encoding="utf-8")
    cold = best(module.command(language, short, folder / "short.wav"))
    return run(module.command(language, text, wave)), cold, wave


def ours(place: Path, language: str, items: list[tuple[str, str]], folder: Path) -> tuple[Run, Run, Path]:
    """Both measurements of a voice of ours."""
    data, wave = folder / "items.json", folder / "ours.wav"
    data.write_text(json.dumps(items), encoding="utf-8")
    cold = best([program(), "say", "-v", str(place), SHORT[language], "-o", str(folder / "short.wav")])
    return run([sys.executable, "-c", OURS, str(place), str(data), str(wave)]), cold, wave


def main() -> None:
    """Print a Markdown table per language."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--en", type=Path, help="a built English voice")
    parser.add_argument("--ru", type=Path, help="a built Russian voice")
    parser.add_argument("--count", type=int, default=60, help="sentences")
    options = parser.parse_args()
    for language, corpus in (("en", "bundled-en"), ("ru", "bundled-ru")):
        items = [(u.id, u.text) for u in open_corpus(corpus).utterances][: options.count]
        place = voice(language, getattr(options, language))
        print(f"\n{language}: {len(items)} sentences of {corpus}; voice {place.name}")
        print(
            "| | RTF | start, ms | start, processor ms | memory, MB | speech, s |\n|---|---|---|---|---|---|"
        )
        with tempfile.TemporaryDirectory() as scratch:
            print(row("synthkit unit-selection", *ours(place, language, items, Path(scratch))), flush=True)
            for name, module in (("flite", flite), ("eSpeak NG", espeak)):
                if language not in module.LANGUAGES:
                    continue
                if not module.available():
                    print(f"| {name}: not installed | | | | | |")
                    continue
                print(row(name, *peer(module, language, items, Path(scratch))), flush=True)


if __name__ == "__main__":
    main()
