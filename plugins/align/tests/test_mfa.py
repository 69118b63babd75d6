# SPDX-License-Identifier: Apache-2.0
"""The `mfa` adapter against a stand-in for the command; see `stand_in_mfa` for what it does and why there is
one."""

import fcntl
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from mfa_tools import SAYS, align, asked, make_model, recorded
from synthkit_align.mfa import MfaAligner, MfaSettings, last_words
from synthkit_align.mfa.aligner import _names
from synthkit_align.mfa.command import MfaProgress
from synthkit_align.mfa.workplace import Workplace

from synthkit import audio
from synthkit.cli import run
from synthkit.errors import AlignmentError, ConfigError, MissingDependency, SynthkitError
from synthkit.testing.samples import context
from synthkit.types import PAUSE, Alignment


def test_times_come_back_from_its_textgrid(item, here):
    found = align([item], here / "work")["ru_0006"]
    assert isinstance(found, Alignment), found
    assert found.phones[0].label == PAUSE
    assert found.phones[-1].end == found.duration == pytest.approx(audio.read(item[0].audio).duration)
    assert [w.label for w in found.words] == [w.label for w in recorded().words]
    edges = {p.start for p in found.phones} | {p.end for p in found.phones}
    assert all(w.start in edges and w.end in edges for w in found.words)


def test_what_it_is_asked(item, here):
    align([item], here / "work")
    said, root = (here / "asked").read_text().split("\n")
    assert said.startswith("train --clean --final_clean -j 2 --output_format long_textgrid --single_speaker")
    run = next((here / "work" / "synthkit-mfa").glob("run-*"))
    assert root == str(run / "root")
    rows = (run / "dictionary.dict").read_text().splitlines()
    first = recorded().words[0].label.lower()
    assert f"{first}\t{' '.join('b' * 30)}" in rows


def test_several_speakers_are_not_one(item, here):
    align([item, (replace(item[0], id="b", speaker="б b"), item[1])], here / "work")
    assert "--single_speaker" not in asked(here)


def test_what_it_leaves_out_is_listed(item, here):
    other = (replace(item[0], id="left_out"), item[1])
    found = align([item, other], here / "work")
    assert isinstance(found["ru_0006"], Alignment)
    assert "gave nothing" in str(found["left_out"])


def test_nothing_aligned_at_all_lists_each(item, here):
    found = align([(replace(item[0], id="left_out"), item[1])], here / "work")
    assert "gave nothing" in str(found["left_out"])
    assert not list((here / "work").rglob("*.wav")), "the copy of the corpus stayed behind"


def test_a_broken_recording_does_not_end_the_run(item, here):
    broken = here / "zero.wav"
    broken.write_bytes(b"")
    found = align([(replace(item[0], id="zero", audio=broken), item[1]), item], here / "work")
    assert isinstance(found["zero"], AlignmentError)
    assert isinstance(found["ru_0006"], Alignment)


def test_another_number_of_words_is_left_out(item, here):
    short = replace(item[1], words=item[1].words[1:])
    assert isinstance(align([(item[0], short)], here / "work")["ru_0006"], AlignmentError)


@pytest.mark.parametrize("name", ["../../outside", "/etc/x", "а б", "x" * 300, ".."])
def test_ids_stay_in_the_folder(item, here, name):
    found = align([(replace(item[0], id=name, speaker=name), item[1])], here / "deep" / "er" / "work")
    assert isinstance(found[name], Alignment)
    made = {p.relative_to(here).parts[0] for p in here.rglob("*") if p.is_file()}
    assert made == {"deep", "bin", "asked", "ru_0006.wav"}


# The user's folder


def test_nothing_of_the_users_is_touched(item, here):
    """A folder with ``corpus``, ``out`` and ``root`` in it, as people have them."""
    for name in ("corpus", "out", "root"):
        (here / "mine" / name).mkdir(parents=True)
        (here / "mine" / name / "dear.wav").write_bytes(b"dear")
    before = {p: p.read_bytes() for p in (here / "mine").rglob("*") if p.is_file()}
    assert isinstance(align([item], here / "work", folder=str(here / "mine"))["ru_0006"], Alignment)
    assert {p: p.read_bytes() for p in before} == before


def test_a_folder_of_the_same_name_is_refused(item, here):
    (here / "mine" / "synthkit-mfa").mkdir(parents=True)
    (here / "mine" / "synthkit-mfa" / "dear.txt").write_text("dear")
    with pytest.raises(ConfigError, match="not made by synthkit"):
        align([item], here / "work", folder=str(here / "mine"))
    assert (here / "mine" / "synthkit-mfa" / "dear.txt").read_text() == "dear"


def test_runs_that_share_a_folder_do_not_meet(item, here):
    first, second = MfaAligner(), MfaAligner()
    first.align([item], context(here / "work"))
    second.align([item], context(here / "work"))
    first.save(here / "voice")
    assert (here / "voice" / "mfa-model.zip").is_file()
    del first, second
    MfaAligner().align([item], context(here / "work"))
    assert len(list((here / "work" / "synthkit-mfa").glob("run-*"))) == 1, "earlier runs were not swept"


def test_the_temporary_folder_will_do(item, here, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(here / "tmp"))
    assert isinstance(align([item], here / "tmp" / "work")["ru_0006"], Alignment)


# Ends and refusals


def test_no_command(item, here):
    with pytest.raises(MissingDependency, match="conda-forge"):
        align([item], here / "work", command="mfa-that-is-not-there")
    findings = MfaAligner(MfaSettings(command="mfa-that-is-not-there")).check()
    assert [f.severity for f in findings] == ["error"]


def test_an_old_version_is_told(item, here, monkeypatch):
    monkeypatch.setenv("STAND_IN_VERSION", "2.2.17")
    with pytest.raises(MissingDependency, match=r"2\.2\.17; 3\.0\.7 or newer"):
        align([item], here / "work")
    assert "3.0.7 or newer" in MfaAligner().check()[0].problem


def test_a_usable_one_has_no_findings(here):
    assert MfaAligner().check() == []


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("no-such-file", 'Could not find "nowhere.zip".'),
        ("unknown-model", 'Could not find a model named "my_russian" for acoustic.'),
        ("nothing-aligned", "There were no successful alignments for 2 utterances."),
        ("bad-zip", "shutil.ReadError: bad.zip is not a zip file"),
        ("bad-dictionary", "ValueError: not enough values to unpack (expected 2, got 1)"),
    ],
)
def test_the_reason_is_whole(log, reason):
    words = last_words((SAYS / f"{log}.log").read_text(encoding="utf-8"))
    assert reason in words
    assert "Traceback" not in words
    assert "╭" not in words


def test_last_words_of_a_traceback():
    log = 'Traceback (most recent call last):\n  File "a.py", line 2\n'
    log += "soundfile.LibsndfileError: Error opening x.wav\n"
    assert last_words(log) == "soundfile.LibsndfileError: Error opening x.wav"


def test_a_training_tells_how_far_it_is():
    said, now = [], iter(range(0, 100000, 7))
    progress = MfaProgress(said.append, lambda: float(next(now)))
    progress.feed((SAYS / "train-mono.log").read_bytes())
    assert "mfa: Generating MFCCs" in said
    assert "mfa: monophone, 40 passes" in said
    assert any("monophone: 3/40" in line and "s left" in line for line in said)
    assert len(said) == len(set(said))


def gone(pid, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_we_are_ended(item, here, how):
    """Real processes and a real kill; the stand-in has a worker of its own that would sleep on."""
    script = (
        "import sys, pickle; from synthkit_align.mfa import MfaAligner; from synthkit.testing.samples import "
        "context;from pathlib import Path; MfaAligner().align(pickle.load(sys.stdin.buffer), "
        "context(Path(sys.argv[1])))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(here / "work")],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "STAND_IN_WORKER": str(here / "worker")},
    )
    process.stdin.write(pickle.dumps([item]))
    process.stdin.close()
    end = time.monotonic() + 200
    while not ((here / "worker").exists() and (here / "worker").read_text()):
        assert process.poll() is None
        assert time.monotonic() < end, "the stand-in did not start"
        time.sleep(0.05)
    process.send_signal(how)
    process.wait()
    assert gone(int((here / "worker").read_text()))


def test_the_command_that_help_suggests(here):
    """`synthkit align … --set alignment.plugin=mfa` works in the temporary folder, and lists what did not
    align."""
    status = run(
        ["align", "bundled-ru", "-o", str(here / "labels"), "--limit", "2", "--set", "alignment.plugin=mfa"]
    )
    assert status == 1  # the stand-in knows one sentence, and it is none of these
    assert asked(here).startswith("train ")


def test_places_of_this_machine_are_in_no_key_and_no_voice(item, here):
    """What the model holds is in both all the same: in the fingerprint, and in what the aligner saves."""
    from synthkit.pipeline.part import Part

    def identity(**settings):
        part = Part("alignment", "mfa", MfaSettings(**settings))
        return part.new().fingerprint(), part.identity()

    one = make_model(here / "one.zip", {"a"})
    same = make_model(here / "elsewhere" / "two.zip", {"a"})
    other = make_model(here / "other.zip", {"a", "b"})
    first, second = identity(model=str(one)), identity(model=str(same), folder=str(here / "x"))
    assert first == second
    assert first != identity(model=str(other))


def test_ids_that_are_like_one_anothers_file_names_have_files_of_their_own(item, here):
    """``a.`` at the second place was called as the first one is: it was given that one's alignment."""
    ids = ["000001_a_", "a.", "漢" * 100]
    found = align([(replace(item[0], id=name, speaker=name), item[1]) for name in ids], here / "work")
    assert [name for name in ids if not isinstance(found[name], Alignment)] == []
    (work,) = (here / "work").glob("synthkit-mfa/run-*")
    made = _names([replace(item[0], id=name, speaker="s") for name in ids])
    assert len(set(made.values())) == len(ids)
    assert work.is_dir()


def test_what_no_run_made_is_let_be_and_in_nobodys_way(item, here):
    align([item], here / "work")
    home, users = here / "work" / "synthkit-mfa", here / "users"
    for folder in (users, home / "run-folder", home / "run-pipe"):
        folder.mkdir()
    (users / "lock").write_text("")
    (home / "run-file").write_text("")
    (home / "run-folder" / "lock").mkdir()
    os.mkfifo(home / "run-pipe" / "lock")
    (home / "run-link").symlink_to(users)
    found = align([item], here / "work")
    assert isinstance(found[item[0].id], Alignment)
    assert (users / "lock").is_file()
    assert {p.name for p in home.glob("run-[flp]*")} >= {"run-file", "run-folder", "run-pipe", "run-link"}


def test_a_file_where_the_folder_is_to_be_is_named(item, here):
    (here / "file").write_text("")
    with pytest.raises(SynthkitError, match="file"):
        align([item], here / "file")


def test_a_folder_that_another_run_sweeps_before_it_is_locked_is_made_again(here, monkeypatch):
    """Two that began together: the other one found the lock open, and what followed had no folder."""
    lock, swept = fcntl.flock, []

    def quicker(file, how):
        (folder,) = (here / "work" / "synthkit-mfa").glob("run-*")
        if not swept:
            swept.append(folder)
            shutil.rmtree(folder)
        lock(file, how)

    (here / "work").mkdir()
    monkeypatch.setattr(fcntl, "flock", quicker)
    place = Workplace(here / "work")
    assert place.folder != swept[0]
    assert (place.folder / "corpus").is_dir()
    place.close()
