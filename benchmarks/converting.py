# SPDX-License-Identifier: Apache-2.0
"""What conversion gains and costs: a voice before and after it was turned to a speaker it never heard.

    synthkit corpora get asterisk-ru
    python benchmarks/converting.py VOICE [VOICE ...] [--seconds 54] [--test 10] [--whisper FOLDER]

The target is the woman of ``asterisk-ru``; the sentences that are judged are others of hers. Printed, as
`synthkit compare` has it: likeness to her by Resemblyzer and ECAPA, and word errors where Whisper's files are
there.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from adapting import clips, folder_of, run

from synthkit.corpora import open_corpus


def main() -> None:
    """Convert, compare and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("voices", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=54)
    parser.add_argument("--test", type=int, default=10)
    parser.add_argument("--whisper", type=Path, help="a CTranslate2 model of Whisper base")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "synthkit-converting")
    asked = parser.parse_args()
    items = [u for u in open_corpus("asterisk-ru").utterances if len(u.text) > 25]
    test = folder_of(items[1::2][: asked.test], asked.work / "test")
    learned = folder_of(clips(items[::2], asked.seconds), asked.work / "clips")
    pairs = []
    for voice in asked.voices:
        out = asked.work / f"{voice.name}-converted"
        run("convert", "-v", str(voice), str(learned), "-o", str(out), "-l", "ru")
        pairs += [str(voice), str(out)]
    options = ["--metric=speaker-similarity", "--metric=speaker-similarity/ecapa"]
    if asked.whisper:
        options += ["--metric=wer", f"--metric-set=whisper.model={asked.whisper}"]
    report = str(asked.work / "report")
    said = run(
        "compare", *pairs, "-c", str(test), "--language", "ru", "--split", "all", *options, "-o", report
    )
    print(said[0])


if __name__ == "__main__":
    main()
