# SPDX-License-Identifier: Apache-2.0
"""Remake corpora/bundled-ru and corpora/bundled-en from the whole corpora.

    synthkit corpora get msu-ru-nsh
    synthkit corpora get asterisk-en
    python corpora/make_bundled.py            the utterances listed in corpora/bundled-*.ids, as they are
    python corpora/make_bundled.py --choose   choose anew and rewrite the lists

Chosen greedily for coverage of phones and diphones per second: from the corpus's own labels for Russian,
from the phones of the `text` segmentation plugin for English. Audio goes from PCM to FLAC without loss.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import soundfile

from synthkit import audio
from synthkit.atomic import writing_folder
from synthkit.corpora import Corpus, open_corpus
from synthkit.corpora.coverage import choose, diphones
from synthkit.corpora.layouts import stored
from synthkit.types import Utterance

HERE = Path(__file__).resolve().parent
RU_MINUTES, EN_MINUTES = 18.0, 8.0
EN_WORDS, EN_SECONDS = 3, 15.0
"""English prompts of fewer words or more seconds are not chosen: they are lists, letters and digits."""


def seconds(utterance: Utterance) -> float:
    """Duration by the file's header."""
    rate, frames, _ = audio.info(utterance.audio)
    return frames / rate


def choose_ru(corpus: Corpus) -> list[str]:
    """Utterances whose labels cover the most phones and diphones."""
    units = {u.id: diphones(u.phones or ()) for u in corpus.utterances}
    return choose(units, {u.id: seconds(u) for u in corpus.utterances}, RU_MINUTES * 60, copies=20)


def choose_en(corpus: Corpus) -> list[str]:
    """Sentence-like prompts whose segmentation covers the most phones and diphones."""
    from synthkit.plugins import registry

    segmenter = registry().load("segmentation", "text")()
    units, lengths = {}, {}
    for u in corpus.utterances:
        if len(u.text.split()) >= EN_WORDS and seconds(u) <= EN_SECONDS:
            units[u.id] = diphones(segmenter.segment(u.text, "en").symbols())
            lengths[u.id] = seconds(u)
    return choose(units, lengths, EN_MINUTES * 60, copies=20)


def bundle(corpus: Corpus, name: str, ids: list[str]) -> None:
    """Write the chosen utterances, their labels and the licence into corpora/`name`."""
    with writing_folder(HERE / name) as folder:
        chosen = []
        for u in corpus.only(ids).utterances:
            target = folder / "flac" / f"{u.id}.flac"
            target.parent.mkdir(exist_ok=True)
            samples, rate = soundfile.read(u.audio, dtype="int16")
            soundfile.write(target, samples, rate, "PCM_16", format="FLAC", compression_level=1.0)
            labels = None
            if u.labels is not None:
                labels = folder / "lab" / u.labels.name
                labels.parent.mkdir(exist_ok=True)
                shutil.copyfile(u.labels, labels)
            chosen.append(replace(u, audio=target, labels=labels))
        shutil.copyfile(corpus.root / "LICENCE.txt", folder / "LICENCE.txt")
        stored.save(replace(corpus, name=name, utterances=chosen, left_out=[], root=folder), folder)
    total = sum(seconds(u) for u in open_corpus(HERE / name).utterances)
    size = sum(f.stat().st_size for f in (HERE / name).rglob("*") if f.is_file())
    kinds = len({x for u in open_corpus(HERE / name).utterances for x in diphones(u.phones or ())})
    print(
        f"{name}: {len(chosen)} utterances, {total / 60:.1f} min, {size / 1e6:.1f} MB, {kinds} phones and "
        "diphones"
    )


def main() -> None:
    """Read or choose the lists and make both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--choose", action="store_true", help="choose anew and rewrite corpora/bundled-*.ids")
    options = parser.parse_args()
    for source, name, choice in (
        ("msu-ru-nsh", "bundled-ru", choose_ru),
        ("asterisk-en", "bundled-en", choose_en),
    ):
        corpus = open_corpus(source)
        path = HERE / f"{name}.ids"
        if options.choose:
            path.write_text("".join(f"{id}\n" for id in choice(corpus)), encoding="utf-8")
        bundle(corpus, name, path.read_text(encoding="utf-8").split())


if __name__ == "__main__":
    main()
