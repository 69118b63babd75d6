# SPDX-License-Identifier: Apache-2.0
"""Chapter 9. A file for each chapter: it is by files that tests are shared out among workers."""


def test_it_runs(chapter_is_whole):
    chapter_is_whole(9)


def test_its_exercises(exercises_are_judged):
    exercises_are_judged(9)


def test_its_page_fits_a_phone(page_fits_a_phone):
    page_fits_a_phone(9)
