# SPDX-License-Identifier: Apache-2.0
"""Make ``synthkit_text/data/ru_stress.bin`` from festvox-ru's dictionary.

    python tools/build_ru_stress.py
    /usr/share/festival/voices/russian/msu_ru_nsh_clunits/dict/msu_ru_nsh_dict.scm

Each row is ``word TAB value``: the number of the stressed vowel, counted from 1 (0: a clitic without
stress), then ``e`` where the stressed letter е is to be read as ё. Where the dictionary has a word twice,
its first entry wins.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from synthkit_text.blob import pack

FUNCTION = {"aux", "in", "wp", "cc"}
ROW = re.compile(r'\("([а-яё-]+)" ([a-z-]+) \((\d)\)( fix_yo)?\)')


def main() -> None:
    """Read the dictionary named on the command line, write the blob, print counts."""
    words: dict[str, str] = {}
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        match = ROW.match(line)
        if match:
            word, kind, stress, yo = match.groups()
            words.setdefault(word, stress + ("f" if kind in FUNCTION else "") + ("e" if yo else ""))
    target = Path(__file__).parents[1] / "synthkit_text" / "data" / "ru_stress.bin"
    target.write_bytes(pack((w.encode("koi8-r"), v.encode()) for w, v in words.items()))
    print(f"{len(words)} word forms, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
