# SPDX-License-Identifier: Apache-2.0
"""Train the model of `synthkit_text.russian.guess` on the stress dictionary and say how good it is.

    python tools/train_ru_stress.py            measure: one stem in ten held out
    python tools/train_ru_stress.py --write    train on everything and write the weights

Stems (the first five letters) are held out whole, so that no form of a test word's lexeme is trained on.
"""

import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from synthkit_text.blob import Blob, pack
from synthkit_text.russian.guess import DATA, VOWELS, features

EPOCHS = 5
SCALE = 4.0
LEAST = 1.0


def words() -> list[tuple[str, int]]:
    """Words with more than one vowel and no ё, with their stressed vowel from 0."""
    out = []
    for key, value in Blob.open(DATA / "ru_stress.bin"):
        word, stress = key.decode("koi8-r"), int(value[:1]) - 1
        vowels = sum(letter in VOWELS for letter in word)
        if vowels > 1 and 0 <= stress < vowels and "ё" not in word and "-" not in word and b"e" not in value:
            out.append((word, stress))
    return out


def train(rows: list[tuple[str, int]]) -> dict[str, float]:
    """Averaged perceptron; words in a fixed, mixed order."""
    weights: dict[str, float] = {}
    sums: dict[str, float] = {}
    step = 1
    for epoch in range(EPOCHS):
        order = sorted(rows, key=lambda row: zlib.crc32(f"{epoch}{row[0]}".encode()))
        wrong = 0
        for word, stress in order:
            named = features(word)
            scores = [sum(weights.get(n, 0.0) for n in names) for names in named]
            choice = max(range(len(scores)), key=scores.__getitem__)
            if choice != stress:
                wrong += 1
                for k, sign in ((stress, 1.0), (choice, -1.0)):
                    for name in named[k]:
                        weights[name] = weights.get(name, 0.0) + sign
                        sums[name] = sums.get(name, 0.0) + sign * step
            step += 1
        print(f"epoch {epoch + 1}: {wrong / len(rows):.3f} wrong while training", flush=True)
    return {n: w - sums[n] / step for n, w in weights.items()}


def rounded(weights: dict[str, float]) -> dict[str, int]:
    """Small integers; weights near zero left out."""
    scaled = {n: max(-127, min(127, round(w * SCALE))) for n, w in weights.items()}
    return {n: w for n, w in scaled.items() if abs(weights[n]) >= LEAST}


def accuracy(weights: dict[str, int], rows: list[tuple[str, int]]) -> float:
    """Share of words whose stress is found."""
    right = 0
    for word, stress in rows:
        scores = [sum(weights.get(n, 0) for n in names) for names in features(word)]
        right += max(range(len(scores)), key=scores.__getitem__) == stress
    return right / len(rows)


def penultimate(rows: list[tuple[str, int]]) -> float:
    """What the rule "last but one after a vowel, else last" reaches, for comparison."""
    right = 0
    for word, stress in rows:
        vowels = sum(letter in VOWELS for letter in word)
        right += stress == (vowels - 2 if word[-1] in VOWELS else vowels - 1)
    return right / len(rows)


def main() -> None:
    """Measure, or write the weights."""
    rows = words()
    if "--write" in sys.argv:
        model = rounded(train(rows))
        target = DATA / "ru_stress_guess.bin"
        target.write_bytes(pack((n.encode("koi8-r"), str(w).encode()) for n, w in model.items()))
        print(f"{len(model)} weights, {target.stat().st_size} bytes")
        return
    held = [row for row in rows if zlib.crc32(row[0][:5].encode()) % 10 == 0]
    kept = [row for row in rows if zlib.crc32(row[0][:5].encode()) % 10]
    model = rounded(train(kept))
    print(f"{len(rows)} words, {len(held)} held out by stem, {len(model)} weights")
    print(f"stress right: model {accuracy(model, held):.4f}, rule of thumb {penultimate(held):.4f}")


if __name__ == "__main__":
    main()
