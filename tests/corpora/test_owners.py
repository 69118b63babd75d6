# SPDX-License-Identifier: Apache-2.0
"""Whose recordings are: as a folder says it, as the corpus has it, and as it goes with a voice."""

import pytest

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.corpora.owners import LICENCE, LINE, consent, licence_files, licence_line
from synthkit.errors import CorpusError
from synthkit.pipeline.assembling import bring_licences


def test_consent_names_speaker_and_licence():
    line = consent(" Anna\n Ivanova ", "CC0")
    assert line.startswith("Anna Ivanova has recorded") and line.endswith("used under: CC0")
    for speaker, licence in (("", "CC0"), ("Anna", " ")):
        with pytest.raises(CorpusError, match="who speaks"):
            consent(speaker, licence)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        (LICENCE, "Anna agrees.\n", "Anna agrees"),
        ("license.md", "CC0", "CC0"),
        ("COPYING", "x" * (LINE + 1), "see COPYING in the corpus"),
        ("LICENSE", "", "see LICENSE in the corpus"),
        ("LICENCE", "д" * LINE * 3, "see LICENCE in the corpus"),
        ("notes.txt", "CC0", ""),
    ],
)
def test_a_short_licence_is_told_and_a_long_one_pointed_at(name, data, said, tmp_path):
    (tmp_path / name).write_text(data, encoding="utf-8")
    assert licence_line(tmp_path) == said
    assert [f.name for f in licence_files(tmp_path)] == ([name] if said else [])
    bring_licences(tmp_path, tmp_path / "voice" / "recordings")
    kept = tmp_path / "voice" / "recordings" / name
    assert (kept.read_text(encoding="utf-8") == data) if said else not kept.exists()


def test_another_encoding_is_pointed_at(tmp_path):
    (tmp_path / LICENCE).write_bytes("Анна согласна".encode("cp1251"))
    assert licence_line(tmp_path) == f"see {LICENCE} in the corpus"


def test_a_folder_that_was_recorded_says_whose_it_is(tmp_path):
    (tmp_path / "wavs").mkdir()
    u = open_corpus("bundled-ru").utterances[0]
    audio.write(tmp_path / "wavs" / "a.wav", audio.read(u.audio))
    (tmp_path / "metadata.csv").write_text(f"a|{u.text}|{u.text}\n", encoding="utf-8")
    (tmp_path / LICENCE).write_text(consent("Anna", "CC0") + ".\n", encoding="utf-8")
    assert open_corpus(tmp_path, "ru").licence == consent("Anna", "CC0")


def test_a_built_voice_holds_the_licence_of_its_recordings(demo_voice):
    root = open_corpus("bundled-ru").root
    kept = {f.name: f.read_bytes() for f in (demo_voice / "recordings").iterdir()}
    assert kept == {f.name: f.read_bytes() for f in licence_files(root)} and kept
