# SPDX-License-Identifier: Apache-2.0
"""What is put off until it is needed changes nothing of what comes out."""

from __future__ import annotations

import re
import subprocess
import sys

from synthkit_text.pattern import lazy
from synthkit_text.russian.letters import KEEP_G, RESPELL, respell
from synthkit_text.russian.stress import dictionary


def test_a_lazy_pattern_is_the_pattern() -> None:
    pattern = lazy(r"(?P<a>\d)b", re.IGNORECASE)
    assert pattern.sub("x", "1B2b3c") == "xx3c"
    found = pattern.search("z4b")
    assert found is not None and found["a"] == "4"
    assert pattern.pattern == r"(?P<a>\d)b"


def test_the_groups_of_letters_keep_no_word_from_its_rule() -> None:
    rules = [(re.compile(pattern), replacement) for _, pattern, replacement in RESPELL]
    changed = 0
    for number, (key, _) in enumerate(dictionary()):
        if number % 4:
            continue
        word = whole = key.decode("koi8-r")
        for pattern, replacement in rules[1:] if word in KEEP_G else rules:
            whole = pattern.sub(replacement, whole)
        assert respell(word) == whole
        changed += whole != word
    assert changed > 2000  # the rules were at work


def test_a_plain_sentence_compiles_few_expressions() -> None:
    code = (
        "import re._compiler as c\n"
        "made = []\n"
        "real = c.compile\n"
        "c.compile = lambda p, flags=0: made.append(p) or real(p, flags)\n"
        "from synthkit_text.segmenter import TextSegmenter\n"
        "before = len(made)\n"
        "TextSegmenter().segment('Добрый вечер.', 'ru')\n"
        "print(len(made) - before)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 20
