# SPDX-License-Identifier: Apache-2.0
"""Chapter 10. A file for each chapter: it is by files that tests are shared out among workers."""

import itertools

import numpy as np
import pytest
from synthkit_course.chapters import find


def test_it_runs(chapter_is_whole):
    chapter_is_whole(10)


def test_its_exercises(exercises_are_judged):
    exercises_are_judged(10)


def test_its_search_is_the_one_that_glow_tts_is_trained_with():
    torch = pytest.importorskip("torch")
    library = pytest.importorskip("monotonic_alignment_search")
    cells = [cell.source for cell in find(10).notebook().cells if "def search(" in cell.source]
    names = {"np": np, "itertools": itertools}
    exec(cells[0], names)
    rng = np.random.default_rng(0)
    for frames, phones in ((40, 9), (12, 12), (150, 30)):
        fits = rng.normal(size=(frames, phones)).astype(np.float32)
        theirs = library.maximum_path(torch.from_numpy(fits.T[None].copy()), torch.ones(1, phones, frames))
        assert (theirs[0].numpy().argmax(0) == names["search"](fits.astype(np.float64))).all()


def test_its_page_fits_a_phone(page_fits_a_phone):
    page_fits_a_phone(10)
