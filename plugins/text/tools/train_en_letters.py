# SPDX-License-Identifier: Apache-2.0
"""Train `synthkit_text.english.letters` on the lexicon and say how good it is.

python tools/train_en_letters.py           measure on one word in twenty, held out
python tools/train_en_letters.py --write   train on everything and write the tables
"""

import math
import sys
import zlib
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from synthkit_text.blob import Blob, pack
from synthkit_text.english.letters import DATA, ORDER, Model, decode_word

ITERATIONS = 5
LEAST = {1: 1, 2: 1, 3: 1, 4: 1, 5: 2, 6: 2, 7: 2}
DISCOUNT = {1: 0.5, 2: 0.7, 3: 0.75, 4: 0.8, 5: 0.85, 6: 0.85, 7: 0.85}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def rows() -> list[tuple[str, str]]:
    """Words of letters and apostrophes with their first pronunciation."""
    out = []
    for key, value in Blob.open(DATA / "en_lexicon.bin"):
        word = key.decode()
        if word.replace("'", "").isalpha() and len(word) > 1:
            out.append((word, value.decode().split()[0]))
    return out


def held_out(word: str) -> bool:
    """Whether `word` is for measuring; a possessive goes with its word."""
    stem = word[:-2] if word.endswith("'s") else word
    return zlib.crc32(stem.encode()) % 20 == 0


def align(word: str, codes: str, cost: dict[tuple[str, str], float], default: float) -> list[tuple[str, str]]:
    """Cheapest pairing of each letter with 0–2 phones; empty when there is none."""
    n, m = len(word), len(codes)
    infinite = float("inf")
    table = [[infinite] * (m + 1) for _ in range(n + 1)]
    back = [[0] * (m + 1) for _ in range(n + 1)]
    table[0][0] = 0.0
    for i, letter in enumerate(word):
        for j in range(max(0, m - 2 * (n - i)), min(m, 2 * i) + 1):
            here = table[i][j]
            if here == infinite:
                continue
            for width in (0, 1, 2):
                if j + width > m:
                    break
                total = here + cost.get((letter, codes[j : j + width]), default)
                if total < table[i + 1][j + width]:
                    table[i + 1][j + width] = total
                    back[i + 1][j + width] = width
    if table[n][m] == infinite:
        return []
    pairs, j = [], m
    for i in range(n, 0, -1):
        width = back[i][j]
        pairs.append((word[i - 1], codes[j - width : j]))
        j -= width
    return pairs[::-1]


def aligned(data: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Viterbi training of the letter–phone pairing."""
    cost: dict[tuple[str, str], float] = {}
    penalty = {0: 3.0, 1: 1.0, 2: 4.0}
    for letter in "abcdefghijklmnopqrstuvwxyz'":
        cost[letter, ""] = penalty[0]
    # First costs: how often letter and phone share a word, against chance.
    letters, phones, both = Counter(), Counter(), Counter()
    for word, codes in data:
        letters.update(set(word))
        phones.update(set(codes))
        both.update((a, b) for a in set(word) for b in set(codes))
    for (a, b), count in both.items():
        cost[a, b] = 3.0 - 2.0 * math.log(count * len(data) / (letters[a] * phones[b]))
    pairs: list[list[tuple[str, str]]] = []
    for iteration in range(ITERATIONS):
        pairs = [align(word, codes, cost, 9.0 if iteration == 0 else 14.0) for word, codes in data]
        counts = Counter(pair for word in pairs for pair in word)
        totals = Counter()
        for (letter, _), count in counts.items():
            totals[letter] += count
        cost = {(a, b): -math.log(count / totals[a]) for (a, b), count in counts.items()}
        print(f"alignment {iteration + 1}: {len(counts)} graphones", file=sys.stderr, flush=True)
    return [word for word in pairs if word]


def train(data: list[tuple[str, str]]) -> bytes:
    """Interpolated Kneser–Ney n-grams over graphones, packed."""
    pairs = aligned(data)
    counts = Counter(pair for word in pairs for pair in word)
    kept = sorted(pair for pair, count in counts.items() if count >= 3)
    ids = [a + b for a in ALPHABET for b in ALPHABET]
    identity = dict(zip(kept, (i for i in ids if i not in ("00", "11")), strict=False))
    grams: list[dict[tuple[str, ...], float]] = [defaultdict(float) for _ in range(ORDER + 1)]
    for word in pairs:
        if any(pair not in identity for pair in word):
            continue
        tokens = ["00", *(identity[p] for p in word), "11"]
        for end in range(1, len(tokens)):
            for n in range(1, min(ORDER, end + 1) + 1):
                grams[n][tuple(tokens[end + 1 - n : end + 1])] += 1
    for n in range(2, ORDER + 1):
        grams[n] = {g: c for g, c in grams[n].items() if c >= LEAST[n]}
    # Below the highest order, count contexts instead of tokens (but keep what starts a word).
    for n in range(1, ORDER):
        continuation: dict[tuple[str, ...], float] = defaultdict(float)
        for gram in grams[n + 1]:
            continuation[gram[1:]] += 1
        grams[n] = {g: c if g[0] == "00" else continuation.get(g, 1.0) for g, c in grams[n].items()}
    tables: dict[tuple[str, ...], tuple[dict[str, float], float]] = {}
    lower: dict[tuple[str, ...], dict[str, float]] = {}
    size = len(identity) + 1
    for n in range(1, ORDER + 1):
        by_context: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
        for gram, count in grams[n].items():
            by_context[gram[:-1]][gram[-1]] = count
        for context, after in by_context.items():
            total = sum(after.values())
            discount = DISCOUNT[n]
            rest = discount * len(after) / total
            probabilities = {}
            for token, count in after.items():
                base = 1 / size if n == 1 else _probability(lower, context[1:], token, tables)
                probabilities[token] = max(count - discount, 1e-9) / total + rest * base
            lower[context] = probabilities
            tables[context] = (probabilities, rest)
    out = [(b"!", " ".join(i + letter + codes for (letter, codes), i in identity.items()).encode())]
    for context, (probabilities, rest) in tables.items():
        row = [f"{t}{round(-100 * math.log(p))}" for t, p in sorted(probabilities.items())]
        row.append(str(round(-100 * math.log(min(rest, 1.0)))))
        out.append((b"#" + "".join(context).encode(), " ".join(row).encode()))
    return pack(out)


def _probability(lower, context, token, tables) -> float:  # type: ignore[no-untyped-def]
    scale = 1.0
    while True:
        row = lower.get(context)
        if row is not None:
            if token in row:
                return scale * row[token]
            scale *= tables[context][1]
        if not context:
            return scale * 1e-6
        context = context[1:]


def distance(a: str, b: str) -> int:
    """Edit distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(previous + (x != y), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def main() -> None:
    """Measure, or write the tables."""
    data = rows()
    if "--write" in sys.argv:
        packed = train(data)
        (DATA / "en_letters.bin").write_bytes(packed)
        print(f"{len(packed)} bytes")
        return
    packed = train([row for row in data if not held_out(row[0])])
    tables = Model(Blob(packed))
    test = [row for row in data if held_out(row[0])][:2000]
    strip = {}
    from synthkit_text.english.phones import CODE_OF, CODES

    for code, phone in CODES.items():
        strip[ord(code)] = CODE_OF[phone.symbol, 0]
    for name, simple in (("with stress", {}), ("without stress", strip)):
        wrong = errors = total = 0
        for word, codes in test:
            ours, theirs = decode_word(tables, word).translate(simple), codes.translate(simple)
            errors += distance(ours, theirs)
            total += len(theirs)
            wrong += ours != theirs
        print(
            f"{name}: {len(test)} words held out, PER {errors / total:.4f}, WER {wrong / len(test):.4f}; "
            f"{len(packed)} bytes"
        )


if __name__ == "__main__":
    main()
