# SPDX-License-Identifier: Apache-2.0
"""A made-up language, so that nothing here needs a corpus: three phones, each with its own sound."""

from functools import partial

import numpy as np

from synthkit.dsp.specs import WorldSpec
from synthkit.stages import TrainingData, TrainingItem
from synthkit.types import (
    PAUSE,
    Alignment,
    Frames,
    Interval,
    Phone,
    Segmentation,
    Utterance,
    Word,
)

SPEC = WorldSpec(
    sample_rate=16000, n_fft=1024, hop_length=80, fmin=60.0, fmax=400.0, order=4, alpha=0.41,
    n_bap=1, f0_method="dio+stonemask", floor=1e-11,
).spec  # fmt: skip
TONE = {"a": (2.0, 5.0, 1.0), "o": (-2.0, 4.6, 1.0), "s": (0.5, 4.8, 0.0), PAUSE: (0.0, 4.8, 0.0)}
"""c1, log F0 and voicing of each phone."""
SECONDS = {"a": 0.10, "o": 0.14, "s": 0.06, PAUSE: 0.15}


def sentence(*words, comma=(), language="xx"):
    """Words given as strings of phones; a comma after those whose index is in `comma`."""
    made = []
    for k, word in enumerate(words):
        last = k == len(words) - 1
        mark = "." if last else "," if k in comma else ""
        phones = tuple(Phone(p, int(p == "a")) for p in word)
        made.append(Word(word, phones, 3 if last else 2 if mark else 0, mark))
    return Segmentation(" ".join(words), language, "toy", tuple(made))


def spoken_symbols(segmentation):
    """What a speaker who pauses at commas says."""
    return segmentation.symbols()


def recording(segmentation, id_="u"):
    """Alignment and frames of the made-up speaker."""
    intervals, t = [], 0.0
    rows = []
    for symbol in spoken_symbols(segmentation):
        end = t + SECONDS[symbol]
        intervals.append(Interval(t, end, symbol))
        rows += [TONE[symbol]] * round(SECONDS[symbol] / 0.005)
        t = end
    c1, lf0, vuv = np.array(rows, dtype=np.float32).T
    mcep = np.zeros((len(rows), 5), np.float32)
    mcep[:, 1] = c1
    mcep[:, 0] = np.where(vuv > 0, 1.0, -3.0)
    data = {"mcep": mcep, "lf0": lf0, "vuv": vuv, "bap": np.full((len(rows), 1), -5.0, np.float32)}
    return Alignment(id_, tuple(intervals), (), t), Frames(data, SPEC)


def item(segmentation, id_, folder, speaker="s"):
    """A training item whose frames are at hand."""
    alignment, frames = recording(segmentation, id_)
    utterance = Utterance(id_, segmentation.text, folder / f"{id_}.wav", "xx", speaker)
    return TrainingItem(utterance, segmentation, alignment, partial(str, ""), partial(_give, frames))


def _give(frames):
    return frames


def corpus(folder, count=12, speakers=("s",)):
    """`count` utterances of the made-up language."""
    random = np.random.default_rng(1)
    items = []
    for k in range(count):
        words = ["".join(random.choice(["a", "o", "s"], size=random.integers(1, 4))) for _ in range(4)]
        words[0] = "aos"
        made = sentence(*words, comma=(int(random.integers(0, 3)),))
        items.append(item(made, f"u{k}", folder, speakers[k % len(speakers)]))
    return TrainingData(tuple(items), 16000, ("xx",), speakers, "toy", SPEC)


SMALL = {
    "channels": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "lstm": 8,
    "threads": 1,
    "batch_frames": 400,
}
