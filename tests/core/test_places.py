# SPDX-License-Identifier: Apache-2.0
"""Where something lies already, nothing new is written."""

from __future__ import annotations

import pytest

from synthkit.atomic import check_free
from synthkit.corpora import open_corpus
from synthkit.corpora.export import export
from synthkit.errors import CorpusError


def test_a_file_a_link_and_a_full_folder_are_taken(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").write_text("mine")
    (tmp_path / "empty").mkdir()
    for name in ("file", "link", "full"):
        with pytest.raises(CorpusError, match="is there already") as caught:
            check_free(tmp_path / name, CorpusError)
        assert caught.value.where == str(tmp_path / name)
    for name in ("empty", "new"):
        check_free(tmp_path / name)


def test_a_corpus_is_not_exported_over_a_file(tmp_path):
    """In Python; the command line asks for a folder itself."""
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CorpusError, match="is there already"):
        export(open_corpus("bundled-ru"), tmp_path / "thesis.txt", to="kaldi")
    assert (tmp_path / "thesis.txt").read_text() == "mine"
