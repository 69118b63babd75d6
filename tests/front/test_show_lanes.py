# SPDX-License-Identifier: Apache-2.0
"""What a page draws of a text and of frames: tokens over the words they are read as, pictures with axes."""

import base64

import numpy as np
import pytest

from synthkit.dsp.melcepstrum import sp2mc
from synthkit.dsp.specs import WorldSpec
from synthkit.plugins import registry
from synthkit.show.image import RANGE, ROWS, about, image_of
from synthkit.show.tokens import tokens_of, within
from synthkit.types import FeatureSpec, Frames, Phone, Stream, Word


def words(text):
    return [Word(word, (Phone("a"),)) for word in text.split()]


@pytest.mark.parametrize(
    ("text", "said", "found"),
    [
        ("Доброе утро!", "доброе утро", [("Доброе", 0, 1), ("утро!", 1, 2)]),
        ("В 1984 году", "В тысяча девятьсот восемьдесят четвёртом году",
         [("В", 0, 1), ("1984", 1, 5), ("году", 5, 6)]),
        ("Ёлка — это всё.", "елка это все", [("Ёлка —", 0, 1), ("это", 1, 2), ("всё.", 2, 3)]),
        ("5 °C сегодня", "пять градусов Цельсия сегодня", [("5 °C", 0, 3), ("сегодня", 3, 4)]),
        ("Dr. Smith", "doctor Smith", [("Dr.", 0, 1), ("Smith", 1, 2)]),
        ("20 and 30", "twenty and thirty", [("20", 0, 1), ("and", 1, 2), ("30", 2, 3)]),
        ("— да", "да", [("—", 0, 0), ("да", 0, 1)]),
    ],
)  # fmt: skip
def test_each_token_stands_over_the_words_that_it_is_read_as(text, said, found):
    assert [(t.text, t.first, t.last) for t in tokens_of(text, words(said))] == found


def test_every_word_of_a_piece_has_its_token_counted_from_the_piece():
    tokens = tokens_of("раз 22 три", words("раз двадцать два три"))
    assert [(t.text, t.first, t.last) for t in within(tokens, 2, 4)] == [("22", 0, 1), ("три", 1, 2)]
    assert tokens_of("", words("раз")) == [] == tokens_of("…", [])


def test_frames_are_a_picture_in_hz_or_by_coefficient():
    spec = FeatureSpec("own", 16000, 80, (Stream("codes", "float32", 7), Stream("f0")))
    codes = np.outer(np.arange(40), np.ones(7)).astype(np.float32)
    codes[:, 3] = 5
    image = image_of(Frames({"codes": codes, "f0": np.zeros(40, np.float32)}, spec))
    assert image["unit"] == "coefficient" and (image["rows"], image["columns"]) == (7, 20)
    assert image["about"] == about(spec) == "own, 5 ms: codes 7, f0"
    cells = np.frombuffer(base64.b64decode(image["cells"]), np.uint8).reshape(7, 20)
    assert cells[0, 0] == 0 and cells[0, -1] == 255 and not cells[3].any()
    assert [text for _, text in image["ticks"]] == ["0", "3", "6"]
    assert (
        image_of(Frames({"f0": np.zeros(4, np.float32)}, FeatureSpec("own", 16000, 80, (Stream("f0"),))))
        is None
    )


def test_a_mel_cepstrum_is_drawn_as_the_spectrum_that_it_codes():
    spec = registry().load("features", "world")(None).spec
    world = WorldSpec.of(spec)
    hertz = np.arange(world.n_fft // 2 + 1) * world.sample_rate / world.n_fft
    power = np.exp(-(((hertz - 2000) / 400) ** 2)) + 1e-4  # one formant at 2 kHz
    mcep = np.tile(sp2mc(power[None], world.order, world.alpha), (30, 1)).astype(np.float32)
    data = {s.name: np.zeros((30, s.width) if s.width else 30, s.dtype) for s in spec.streams} | {
        "mcep": mcep
    }
    image = image_of(Frames(data, spec))
    assert image["unit"] == "Hz" and image["rows"] <= ROWS
    cells = np.frombuffer(base64.b64decode(image["cells"]), np.uint8).reshape(image["rows"], image["columns"])
    ticks = {int(text): place for place, text in image["ticks"]}
    assert cells[:, 5].argmax() / image["rows"] == pytest.approx(ticks[2000], abs=0.03)
    assert cells.max() == 255 and RANGE > 0
