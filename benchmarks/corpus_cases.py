# SPDX-License-Identifier: Apache-2.0
"""How many of the folders as people have them are read right, or refused by file and line.

    python benchmarks/corpus_cases.py [--folder FOLDER]

Without ``--folder`` they are made of ``tests/corpora/cases`` and the bundled corpora; with it, each of its
folders is asked what the one of its name is asked in the tests.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "corpora"))

from case_folders import CASES, lay_out

from synthkit.errors import SynthkitError


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    right = 0
    for kind, (name, judge) in CASES.items():
        with tempfile.TemporaryDirectory() as made:
            folder = args.folder / name if args.folder else lay_out(name, Path(made))
            try:
                wrong = judge(folder)
            except SynthkitError as error:
                wrong = str(error)
        right += not wrong
        print(f"{'right' if not wrong else 'WRONG':<7}{kind}{': ' + wrong if wrong else ''}")
    print(f"\n{right} of {len(CASES)} right")


if __name__ == "__main__":
    main()
