# SPDX-License-Identifier: Apache-2.0
"""Folders as people have them are read as they were meant, or refused by file and line."""

import pytest
from case_folders import CASES, lay_out


@pytest.mark.parametrize("kind", CASES)
def test_the_case_is_right(kind, tmp_path):
    name, judge = CASES[kind]
    assert judge(lay_out(name, tmp_path)) == ""
