# SPDX-License-Identifier: Apache-2.0
"""Make ``synthkit_text/data/en_lexicon.bin`` from cmudict's ``cmudict.dict``.

    python tools/build_en_lexicon.py PATH/TO/cmudict.dict

Each row is ``word TAB pronunciations``, one character a phone (`synthkit_text.english.phones.CODES`), a
space between pronunciations in the dictionary's order.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from synthkit_text.blob import pack
from synthkit_text.english.phones import encode, parse


def main() -> None:
    """Read the dictionary named on the command line, write the blob, print counts."""
    words: dict[str, list[str]] = {}
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        entry = line.partition("#")[0].split()
        word = re.sub(r"\(\d+\)$", "", entry[0])
        if not re.fullmatch(r"[a-z'.-]+", word):
            continue
        code = encode(parse(" ".join(entry[1:])))
        if code not in words.setdefault(word, []):
            words[word].append(code)
    target = Path(__file__).parents[1] / "synthkit_text" / "data" / "en_lexicon.bin"
    target.write_bytes(pack((w.encode(), " ".join(v).encode()) for w, v in words.items()))
    print(f"{len(words)} words, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
