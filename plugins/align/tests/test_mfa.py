"""The `mfa` adapter against a stand-in for the command.

The real one cannot be installed by pip, so no test here runs it. The stand-in is a script called ``mfa`` that does
what was recorded of MFA 3.4.3: it aborts on a wav it cannot read, refuses a corpus under the temporary folder, leaves
out utterances without failing, says ``spn`` for words its dictionary lacks, and gives a TextGrid that MFA wrote.
"""

import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthkit_align.mfa import MfaAligner, MfaSettings, last_words

from synthkit import audio
from synthkit.errors import AlignmentError, ConfigError, MissingDependency
from synthkit.testing.samples import context
from synthkit.types import PAUSE, Alignment, Phone, Segmentation, Utterance, Waveform, Word

DATA = Path(__file__).parent / "data"

STAND_IN = """#!{python}
import os, shutil, sys
from pathlib import Path

args = sys.argv[1:]
Path(os.environ["STAND_IN_LOG"]).write_text(" ".join(args) + "\\n" + os.environ.get("MFA_ROOT_DIR", "none"))
plain, flags, i = [], {{}}, 1
valued = {{"-j", "--output_format", "--output_directory", "-c"}}
while i < len(args):
    if args[i] in valued:
        flags[args[i]] = args[i + 1]
        i += 2
    elif args[i].startswith("-"):
        flags[args[i]] = ""
        i += 1
    else:
        plain.append(Path(args[i]))
        i += 1
corpus, dictionary, model = plain[:3]
out = plain[3] if args[0] == "align" else Path(flags["--output_directory"])
if args[0] == "align" and not model.exists():
    print("│ Invalid value for 'ACOUSTIC_MODEL_PATH': Could not find a model named │")
    sys.exit(2)
words = {{line.split("\\t")[0] for line in dictionary.read_text().splitlines()}}
for wav in sorted(corpus.glob("*/*.wav")):
    if wav.read_bytes()[:4] != b"RIFF":
        print("Traceback (most recent call last):\\n  File \\"x.py\\", line 1, in y")
        print("soundfile.LibsndfileError: Error opening " + str(wav) + ": Format not recognised.")
        sys.exit(1)
    grid = Path({data!r}) / (wav.stem.removesuffix("_oov") + ".TextGrid")
    said = wav.with_suffix(".lab").read_text().split()
    if not grid.exists() or not said:
        continue
    text = grid.read_text()
    if not set(said) <= words or wav.stem.endswith("_oov"):
        text = text.replace('text = "aa"', 'text = "spn"')
    (out / wav.parent.name).mkdir(exist_ok=True)
    (out / wav.parent.name / (wav.stem + ".TextGrid")).write_text(text)
if args[0] == "train":
    model.write_bytes(b"PK model")
"""


def recorded_words() -> list[str]:
    from synthkit.labels import read_alignment

    return [w.label for w in read_alignment(DATA / "ru_0006.TextGrid").words]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The stand-in on the PATH; the system's temporary folder elsewhere, as MFA will not work there."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "mfa"
    program.write_text(STAND_IN.format(python=sys.executable, data=str(DATA)))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("STAND_IN_LOG", str(tmp_path / "asked"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    return tmp_path


@pytest.fixture
def item(here):
    from synthkit.labels import read_alignment

    duration = read_alignment(DATA / "ru_0006.TextGrid").duration
    path = here / "ru_0006.wav"
    audio.write(path, Waveform(np.zeros(round(duration * 16000), np.float32), 16000))
    words = tuple(Word(w, (Phone("a"),), variants=((Phone("b"), Phone("a")),)) for w in recorded_words())
    return Utterance("ru_0006", "x", path, "ru", "nsh"), Segmentation("x", "ru", "msu-ru", words)


def align(items, work, **settings):
    return MfaAligner(MfaSettings(**settings)).align(items, context(work))


def test_times_come_back_from_its_textgrid(item, here):
    found = align([item], here / "work")["ru_0006"]
    assert isinstance(found, Alignment), found
    assert found.phones[0].label == PAUSE
    assert found.phones[-1].end == found.duration == pytest.approx(audio.read(item[0].audio).duration)
    assert [w.label for w in found.words] == recorded_words()
    edges = {p.start for p in found.phones} | {p.end for p in found.phones}
    assert all(w.start in edges and w.end in edges for w in found.words)


def test_what_it_is_asked(item, here):
    align([item], here / "work")
    asked, root = (here / "asked").read_text().split("\n")
    assert asked.startswith("train --clean --final_clean -j 2 --output_format long_textgrid --single_speaker")
    assert root == str(here / "work" / "mfa" / "root")
    rows = (here / "work" / "mfa" / "dictionary.dict").read_text().splitlines()
    first = recorded_words()[0].lower()
    assert {f"{first}\ta", f"{first}\tb a"} <= set(rows)


def test_what_it_leaves_out_is_listed(item, here):
    other = (replace(item[0], id="left_out"), item[1])
    found = align([item, other], here / "work")
    assert isinstance(found["ru_0006"], Alignment)
    assert "gave nothing" in str(found["left_out"])


def test_a_broken_recording_does_not_end_the_run(item, here):
    broken = here / "zero.wav"
    broken.write_bytes(b"")
    found = align([(replace(item[0], id="zero", audio=broken), item[1]), item], here / "work")
    assert isinstance(found["zero"], AlignmentError)
    assert isinstance(found["ru_0006"], Alignment)


def test_unknown_words_are_errors(item, here):
    found = align([(replace(item[0], id="ru_0006_oov"), item[1])], here / "work")
    assert "could not say" in str(found["ru_0006_oov"])


def test_another_number_of_words_is_an_error(item, here):
    short = replace(item[1], words=item[1].words[1:])
    assert "words, the text has" in str(align([(item[0], short)], here / "work")["ru_0006"])


def test_saved_model_is_used(item, here):
    trained = MfaAligner()
    trained.align([item], context(here / "work"))
    trained.save(here / "voice")
    again = MfaAligner()
    again.open(here / "voice")
    assert isinstance(again.align([item], context(here / "again"))["ru_0006"], Alignment)
    assert (here / "asked").read_text().startswith("align ")


def test_its_failure_is_told_in_its_last_words(item, here):
    with pytest.raises(AlignmentError, match="Could not find a model"):
        align([item], here / "work", model=str(here / "none.zip"))


def test_no_command(item, here):
    with pytest.raises(MissingDependency, match="conda-forge"):
        align([item], here / "work", command="mfa-that-is-not-there")


def test_not_under_the_temporary_folder(item, here):
    with pytest.raises(ConfigError, match=r"alignment\.folder"):
        align([item], here / "tmp" / "work")


def test_words_it_would_split_get_another_spelling(item, here):
    words = (Word("кое-что", (Phone("a"),)), Word("don't", (Phone("b"),)), *item[1].words[2:])
    found = align([(item[0], replace(item[1], words=words))], here / "work")["ru_0006"]
    assert [w.label for w in found.words][:2] == ["кое-что", "don't"]
    rows = (here / "work" / "mfa" / "dictionary.dict").read_text().splitlines()
    assert all(row.split("\t")[0].isalpha() for row in rows)


def test_last_words_of_a_traceback():
    log = 'Traceback (most recent call last):\n  File "a.py", line 2\nsoundfile.LibsndfileError: Error opening x.wav\n'
    assert last_words(log) == "soundfile.LibsndfileError: Error opening x.wav"
