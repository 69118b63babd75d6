# SPDX-License-Identifier: Apache-2.0
"""English letters to sounds for words that the lexicon does not have: a joint n-gram model.

Each letter is paired with the 0–2 phones it is heard as ("graphone"); a word's pronunciation is the
likeliest graphone sequence under an n-gram model with interpolated Kneser–Ney smoothing (Bisani and Ney,
"Joint-sequence models for grapheme-to-phoneme conversion", Speech Communication 50, 2008), found by beam
search. Trained on cmudict by ``tools/train_en_letters.py``; the tables are a `Blob`, opened at the first
unknown word.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from synthkit.types import Phone
from synthkit_text.blob import Blob
from synthkit_text.english.phones import decode

DATA = Path(__file__).parents[1] / "data"
ORDER = 7
BEAM = 30
START, END = "^", "$"


class Model:
    """Tables of the n-gram model.

    A row's key is a context (graphone ids, each two characters) and, after ``|``, nothing: its value lists
    ``id cost`` of every graphone seen after it, then the back-off cost. Costs are ``-100 ln p``, rounded.
    """

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._rows: dict[str, tuple[dict[str, int], int]] = {}
        self.graphones: dict[str, list[tuple[str, str]]] = {}
        self.letters: dict[str, str] = {}
        for row in (blob.get(b"!") or b"").decode("ascii").split():
            identity, letter, codes = row[:2], row[2], row[3:]
            self.graphones.setdefault(letter, []).append((identity, codes))

    def row(self, context: str) -> tuple[dict[str, int], int] | None:
        """Costs after `context`, and the cost of backing off from it."""
        if context not in self._rows:
            value = self._blob.get(b"#" + context.encode("ascii"))
            if value is None:
                self._rows[context] = ({}, -1)
            else:
                *pairs, backoff = value.decode("ascii").split(" ")
                self._rows[context] = ({p[:2]: int(p[2:]) for p in pairs}, int(backoff))
        found = self._rows[context]
        return None if found[1] < 0 else found

    def cost(self, context: str, graphone: str) -> int:
        """Cost of `graphone` after `context`, backing off to shorter contexts."""
        total = 0
        while True:
            row = self.row(context)
            if row is not None:
                direct = row[0].get(graphone)
                if direct is not None:
                    return total + direct
                total += row[1]
            if not context:
                return total + 2000
            context = context[2:]


@lru_cache(maxsize=1)
def model() -> Model:
    """The shipped model."""
    return Model(Blob.open(DATA / "en_letters.bin"))


def decode_word(tables: Model, word: str) -> str:
    """Lexicon code of the likeliest pronunciation of `word` (letters and apostrophes); "" if none."""
    beam = [(0, "00", "")]
    for letter in word:
        choices = tables.graphones.get(letter)
        if not choices:
            continue
        best: dict[tuple[str, str], int] = {}
        for cost, context, said in beam:
            for identity, codes in choices:
                total = cost + tables.cost(context, identity)
                key = ((context + identity)[-2 * (ORDER - 1) :], said + codes)
                if total < best.get(key, 1 << 60):
                    best[key] = total
        beam = sorted((total, context, said) for (context, said), total in best.items())[:BEAM]
    finished = sorted((cost + tables.cost(context, "11"), said) for cost, context, said in beam)
    good = [said for _, said in finished if said and _one_stress(said)]
    return good[0] if good else next((said for _, said in finished if said), "")


def _one_stress(codes: str) -> bool:
    return sum(phone.stress == 1 for phone in decode(codes)) == 1


@lru_cache(maxsize=4096)
def pronounce(word: str) -> tuple[Phone, ...]:
    """Phones of a lower-case word by the model; empty when it has no letters."""
    return decode(decode_word(model(), word))
