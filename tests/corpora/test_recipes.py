# SPDX-License-Identifier: Apache-2.0
"""`get` and `load` of the named corpora, from packages made on the spot."""

import gzip
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from synthkit import audio
from synthkit.corpora import find_recipe, open_corpus
from synthkit.corpora.asterisk import clean, pair
from synthkit.errors import CorpusError

DATA = Path(__file__).parent / "data"
VOICE = "usr/share/festival/voices/russian/msu_ru_nsh_clunits/"
SOUNDS = "usr/share/asterisk/sounds/en_US_f_Allison/"


@pytest.fixture
def packages(tmp_path, deb):
    """A folder with small packages of the same shape as Debian's."""
    audio.write(tmp_path / "digits-5.wav", audio.read(DATA / "digits-5.flac"))
    wav = (tmp_path / "digits-5.wav").read_bytes()
    folder = tmp_path / "debs"
    folder.mkdir()
    deb(
        folder / "festvox-ru_0.5_all.deb",
        {
            f"{VOICE}etc/txt.done.data": '( ru_0001 "вол+ос" )\n( ru_0002 "нет" )\n'.encode(),
            f"{VOICE}wav/ru_0001.wav": wav,
            f"{VOICE}lab/ru_0001.lab": b"#\n0.2 125 pau\n0.4 125 v\n0.8 125 pau\n",
            f"{VOICE}dict/msu_ru_nsh_dict.scm": b"()",
            f"{VOICE}festival/clunits/big.catalogue": b"not needed",
            "usr/share/doc/festvox-ru/copyright": b"BSD-like",
        },
    )
    text = (
        "; Comment\n\nbeep: [this is a simple beep tone]\ndigits/5: five\nletters/at: at [@]\nsilence/1: (1 "
        "second)\nunused: gone\n"
    )
    deb(
        folder / "asterisk-core-sounds-en_1_all.deb",
        {
            "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz": gzip.compress(text.encode()),
            "usr/share/doc/asterisk-core-sounds-en/copyright": b"CC-BY-SA-3.0",
        },
    )
    code = (DATA / "digits-5.g722").read_bytes()
    names = ("digits/5", "letters/at", "beep", "silence/1", "extra")
    deb(folder / "asterisk-core-sounds-en-g722_1_all.deb", {f"{SOUNDS}{n}.g722": code for n in names})
    return folder


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNTHKIT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_msu_ru_nsh(packages, data):
    folder = find_recipe("msu-ru-nsh").get(source=packages)
    assert folder == data / "msu-ru-nsh"
    corpus = open_corpus("msu-ru-nsh")
    (u,) = corpus.utterances
    assert (u.id, u.text, u.phones) == ("ru_0001", "вол+ос", ("pau", "v", "pau"))
    assert u.labels == folder / "lab/ru_0001.lab"
    assert audio.read(u.audio).sample_rate == 16000
    assert corpus.left_out == [("ru_0002", "no recording")]
    assert (folder / "LICENCE.txt").read_text() == "BSD-like"
    assert (folder / "dict/msu_ru_nsh_dict.scm").is_file()
    assert not (folder / "festival").exists()


def test_asterisk(packages, data):
    folder = find_recipe("asterisk-en").get(source=packages)
    corpus = open_corpus("asterisk-en")
    assert {u.id: u.text for u in corpus.utterances} == {"digits_5": "five", "letters_at": "at"}
    assert dict(corpus.left_out) == {
        "beep": "not speech: [this is a simple beep tone]",
        "extra": "no transcript",
        "silence_1": "not speech: (1 second)",
        "unused": "no recording",
    }
    expected = audio.read(DATA / "digits-5.flac").samples
    assert (audio.read(corpus.get("digits_5").audio).samples == expected).all()
    assert (folder / "LICENCE.txt").read_text() == "CC-BY-SA-3.0"


def test_a_corpus_can_be_moved(packages, data, tmp_path):
    folder = find_recipe("msu-ru-nsh").get(source=packages)
    os.rename(folder, tmp_path / "elsewhere")
    (u,) = open_corpus(tmp_path / "elsewhere").utterances
    assert u.audio.is_file()
    assert u.labels.is_file()


def test_second_get_does_nothing_and_force_fetches_again(packages, data):
    recipe = find_recipe("msu-ru-nsh")
    folder = recipe.get(source=packages)
    before = os.stat(folder).st_ino
    said = []
    recipe.get(log=said.append, source=packages / "nowhere")
    assert "already" in said[0]
    recipe.get(source=packages, force=True)
    assert os.stat(folder).st_ino != before
    assert len(recipe.load()) == 1


def leftovers(folder):
    return sorted(p.name for p in folder.iterdir() if not p.name.endswith(".lock")) if folder.exists() else []


def test_truncated_package_leaves_nothing(packages, data):
    path = packages / "festvox-ru_0.5_all.deb"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CorpusError, match="cut short"):
        find_recipe("msu-ru-nsh").get(source=packages)
    assert leftovers(data) == []


def test_full_disk_leaves_nothing(packages, data, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(Exception, match="space"):
        find_recipe("msu-ru-nsh").get(source=packages)
    assert leftovers(data) == []


def test_too_little_disk_is_said_before(packages, data, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1e6))
    with pytest.raises(CorpusError, match="600 MB"):
        find_recipe("msu-ru-nsh").get(source=packages)


def test_interrupt_leaves_nothing(packages, data, monkeypatch):
    def interrupted(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr("synthkit.corpora.debian.unpack", interrupted)
    with pytest.raises(KeyboardInterrupt):
        find_recipe("msu-ru-nsh").get(source=packages)
    assert leftovers(data) == []


def test_remains_of_a_killed_get_are_swept(packages, data):
    (data / ".msu-ru-nsh.abc.part" / "wav").mkdir(parents=True)
    find_recipe("msu-ru-nsh").get(source=packages)
    assert leftovers(data) == ["msu-ru-nsh"]


def test_a_strangers_folder_is_not_overwritten(packages, tmp_path):
    target = tmp_path / "mine"
    target.mkdir()
    (target / "thesis.tex").write_text("precious")
    with pytest.raises(CorpusError, match="not empty"):
        find_recipe("msu-ru-nsh").get(target, source=packages, force=True)
    assert (target / "thesis.tex").read_text() == "precious"


@pytest.mark.parametrize("name", ["corpus.json", "utterances.tsv"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe\x00", b"id\ttext\nx"])
def test_damaged_tables_are_named(packages, data, name, content):
    folder = find_recipe("msu-ru-nsh").get(source=packages)
    (folder / name).write_bytes(content)
    if name == "utterances.tsv" and content in (b"", b"{}"):
        assert len(open_corpus("msu-ru-nsh")) == 0  # a table without lines
        return
    with pytest.raises(CorpusError, match="damaged"):
        open_corpus("msu-ru-nsh")


@pytest.mark.parametrize(
    ("language", "key", "text", "cleaned"),
    [
        ("en", "letters/dot", "dot [.]", "dot"),
        ("en", "vm-intro", "hang up. (simple tone sound plays)", "hang up."),
        ("it", "invalid", "Spiacente, [quello] non è", "Spiacente, quello non è"),
        ("it", "at-tone-time-exactly", "il tempo sar? esattamente..", "il tempo sarà esattamente.."),
        ("it", "vm-tempremoved", "è stato eliminato vm-then-pound: poi premere", "è stato eliminato"),
        ("ru", "conf-adminmenu", "conf-adminmenu: Нажмите 1", "Нажмите 1"),
        ("en", "priv-callpending", "who introduces themselves as:", "who introduces themselves as:"),
    ],
)
def test_transcripts_are_cleaned(language, key, text, cleaned):
    assert clean(text, key, {"vm-then-pound", "conf-adminmenu", key}, language) == cleaned


def test_pairing_says_why():
    rows = [
        ("a", "one"),
        ("a", "again"),
        ("b", "<beep ascending>"),
        ("c", ""),
        ("d", "un suono beep"),
        ("x", "no file"),
    ]
    chosen, left_out = pair(rows, {"a", "b", "c", "d", "silence/1"}, "it")
    assert chosen == {"a": "one"}
    assert dict(left_out) == {
        "a": "a second transcript, not used: 'again'",
        "b": "not speech: <beep ascending>",
        "c": "empty transcript",
        "d": "not speech: un suono beep",
        "silence/1": "silence",
        "x": "no recording",
    }
