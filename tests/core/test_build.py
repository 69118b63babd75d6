# SPDX-License-Identifier: Apache-2.0
"""Building real voices from real recordings: resumable, repeatable, honest about what was left out."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synthkit import audio
from synthkit.cli import run
from synthkit.errors import SynthkitError, VoiceError
from synthkit.pipeline import plan, voice_folder
from synthkit.pipeline.config import load
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.pipeline.voice import Voice
from synthkit.progress import Progress
from synthkit.types import Waveform

ROOT = Path(__file__).parents[2]
RECIPE = str(ROOT / "corpora" / "recipes" / "demo-ru.toml")
SYNTHKIT = str(Path(sys.executable).parent / "synthkit")


def digest(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def build(out: Path, *more: str, limit: int = 12) -> int:
    return run(["build", RECIPE, "-o", str(out), "--set", f"voice.limit={limit}", *more])


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_same_bytes_with_one_worker_or_two(tmp_path, cache, monkeypatch):
    assert build(tmp_path / "one", "--workers", "1") == 0
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "other-cache"))
    # As a large corpus has it: what hashes are the workers, and this process could not.
    monkeypatch.setattr(plan, "MANY", 1)
    monkeypatch.setattr(plan, "sha256", None)
    assert build(tmp_path / "two", "--workers", "2") == 0
    assert digest(tmp_path / "one") == digest(tmp_path / "two")


def cached(root: Path) -> int:
    """Results in a cache so far; what is being written is none yet, and what plugins offer is none of a
    build."""
    found = (os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names)
    return sum(".part" not in path and not path.startswith(str(root / "plugins")) for path in found)


def test_a_build_killed_at_any_moment_goes_on_and_ends_in_the_same_bytes(tmp_path, cache, monkeypatch):
    assert build(tmp_path / "whole", "--workers", "1") == 0
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "fresh"))
    command = [SYNTHKIT, "build", RECIPE, "-o", str(tmp_path / "killed"), "--set", "voice.limit=12"]
    for reached in (1, 8, 16, 24):  # the checks, segmentation, alignment, features
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while cached(tmp_path / "fresh") < reached:
            assert process.poll() is None, f"the build ended before {reached} results were there"
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    assert digest(tmp_path / "killed") == digest(tmp_path / "whole")


def test_changing_the_vocoder_runs_nothing_before_it(tmp_path, cache, monkeypatch):
    assert build(tmp_path / "v") == 0
    before = {p: p.stat().st_mtime_ns for p in cache.rglob("*") if p.is_file() and "verified" not in p.parts}
    swap = ["--set", "vocoder.plugin=world", "--set", "vocoder.adapters=units-to-frames"]
    assert build(tmp_path / "v", *swap) == 0
    after = {p: p.stat().st_mtime_ns for p in cache.rglob("*") if p.is_file() and "verified" not in p.parts}
    assert after == before, "a stage before the vocoder wrote something"
    assert Voice.open(tmp_path / "v").stages["vocoder"].plugin == "world"


def test_a_vocoder_that_does_not_fit_is_refused_before_a_recording_is_read(
    tmp_path, cache, capsys, monkeypatch
):
    work: list[str] = []
    read, hashed = soundfile.SoundFile.read, plan.sha256
    monkeypatch.setattr(
        soundfile.SoundFile, "read", lambda *args, **more: work.append("decoded") or read(*args, **more)
    )
    monkeypatch.setattr(plan, "sha256", lambda path: work.append("hashed") or hashed(path))
    assert build(tmp_path / "v", "--set", "vocoder.plugin=world", limit=0) == 2
    assert "units-to-frames" in capsys.readouterr().err
    assert work == []
    assert not cache.exists()
    assert not (tmp_path / "v").exists()
    context = BuildContext(SerialExecutor(), Progress(enabled=False), tmp_path)
    plan.plan(load(Path(RECIPE), ["voice.limit=1"]), context)
    assert work == ["hashed", "hashed", "decoded"], "one recording and its labels: the counters count"


def test_most_of_the_usable_recordings_decide_the_rate(tmp_path, cache, demo_voice):
    """Headers are read first; where most recordings turn out to be unusable, the others' rate counts."""
    corpus = tmp_path / "mine"
    (corpus / "wavs").mkdir(parents=True)
    good = audio.resample(Voice.open(demo_voice).say("Мама мыла раму."), 22050)
    lines = ["good|Мама мыла раму.|Мама мыла раму."]
    audio.write(corpus / "wavs" / "good.wav", good)
    for name in ("a", "b"):
        audio.write(corpus / "wavs" / f"{name}.wav", Waveform(np.zeros(16000, np.float32), 16000))
        lines.append(f"{name}|Текст.|Текст.")
    (corpus / "metadata.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    toml = tmp_path / "mine.toml"
    toml.write_text('[voice]\nname = "mine"\ncorpus = "./mine"\nlanguage = "ru"\n')
    context = BuildContext(SerialExecutor(), Progress(enabled=False), tmp_path)
    state = plan.plan(load(toml), context)
    assert state.sample_rate == state.parts["features"].settings.sample_rate == 22050
    assert [u.id for u in state.utterances] == ["good"]


def start(out: Path, limit: int = 12) -> subprocess.Popen[str]:
    """A build in a process group of its own, as a terminal has it.

    Ctrl-C reaches it also where these tests run in a shell's background, which has it ignored.
    """
    command = [SYNTHKIT, "build", RECIPE, "-o", str(out), "--set", f"voice.limit={limit}", "--workers", "2"]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def alive_in_group(group: int) -> list[int]:
    """Processes of a group that run (one that has ended and that nobody has waited for does not)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(folder.name))
    return found


def test_sigterm_ends_a_build_as_control_c_does(tmp_path, cache):
    process = start(tmp_path / "v")
    while not list(cache.rglob("*.npz")):
        assert process.poll() is None, "the build ended before it could be told to end"
        time.sleep(0.01)
    process.terminate()
    _, error = process.communicate(timeout=120)
    assert process.returncode == 130, error
    assert "interrupted; the same command goes on" in error
    assert "leaked" not in error and "Traceback" not in error
    assert not list(tmp_path.rglob("*.part*"))


def test_two_builds_of_one_voice_at_once_the_second_is_refused(tmp_path, cache, capsys):
    first = start(tmp_path / "v")
    lock = tmp_path / ".v.lock"
    while not (lock.exists() and lock.read_text()):
        time.sleep(0.01)
    assert build(tmp_path / "v") == 2
    assert f"already running (process {first.pid})" in capsys.readouterr().err
    _, error = first.communicate()
    assert first.returncode == 0, error
    assert Voice.open(tmp_path / "v").name == "demo-ru"


def test_control_c_ends_a_build_with_a_word_and_the_same_command_goes_on(tmp_path, cache):
    process = start(tmp_path / "v")
    while not list(cache.rglob("*.npz")):  # in the middle of the features, with workers at work
        assert process.poll() is None, "the build ended before it could be interrupted"
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 130, error
    assert "interrupted; the same command goes on" in error
    assert "Traceback" not in error
    assert not (tmp_path / "v").exists()
    assert not list(tmp_path.rglob("*.part*"))
    end = time.monotonic() + 60
    while left := alive_in_group(process.pid):
        assert time.monotonic() < end, f"processes {left} outlive the build"
        time.sleep(0.05)
    process = start(tmp_path / "v")
    _, error = process.communicate()
    assert process.returncode == 0, error


def test_bad_recordings_are_left_out_and_listed(tmp_path, cache, demo_voice, capsys):
    corpus = tmp_path / "mine"
    (corpus / "wavs").mkdir(parents=True)
    voice = Voice.open(demo_voice)
    lines = []
    for name, text in {"good1": "Мама мыла раму.", "good2": "Добрый день."}.items():
        audio.write(corpus / "wavs" / f"{name}.wav", voice.say(text))
        lines.append(f"{name}|{text}|{text}")
    (corpus / "wavs" / "empty.wav").write_bytes(b"")
    (corpus / "wavs" / "notaudio.wav").write_bytes(b"this is text, not sound" * 50)
    whole = (corpus / "wavs" / "good1.wav").read_bytes()
    (corpus / "wavs" / "cut.wav").write_bytes(whole[:30])
    lines += [f"{name}|Текст.|Текст." for name in ("empty", "notaudio", "cut")]
    (corpus / "metadata.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    toml = tmp_path / "mine.toml"
    toml.write_text('[voice]\nname = "mine"\ncorpus = "./mine"\nlanguage = "ru"\n')
    assert run(["build", str(toml), "-o", str(tmp_path / "v"), "--workers", "1"]) == 0
    manifest = json.loads((tmp_path / "v" / "manifest.json").read_text())
    assert sorted(manifest["utterances"]) == ["good1", "good2"]
    assert {id_ for id_, _ in manifest["left_out"]} == {"empty", "notaudio", "cut"}
    assert all(reason for _, reason in manifest["left_out"])
    assert "left out" in capsys.readouterr().err


def test_a_corpus_of_one_utterance_makes_a_voice(tmp_path, cache):
    assert build(tmp_path / "v", "--workers", "1", "--set", "voice.held_out=0", limit=1) == 0
    assert Voice.open(tmp_path / "v").say("Мама мыла раму.").duration > 0.3


def test_a_voice_moves_and_speaks_the_same(tmp_path, demo_voice):
    here = Voice.open(demo_voice).say("Добрый день.").samples.tobytes()
    shutil.copytree(demo_voice, tmp_path / "elsewhere" / "v")
    assert Voice.open(tmp_path / "elsewhere" / "v").say("Добрый день.").samples.tobytes() == here


@pytest.fixture
def damaged(tmp_path, demo_voice) -> Path:
    shutil.copytree(demo_voice, tmp_path / "v")
    Voice.open(tmp_path / "v").close()  # hashed once: what is altered later must still be seen
    return tmp_path / "v"


def largest(folder: Path) -> Path:
    return max(
        (p for p in (folder / "acoustic_model").rglob("*") if p.is_file()), key=lambda p: p.stat().st_size
    )


def test_a_missing_file_is_named(damaged):
    path = largest(damaged)
    path.unlink()
    with pytest.raises(VoiceError, match=f"{path.name}: missing"):
        Voice.open(damaged)


def test_one_altered_byte_is_seen(damaged):
    path = largest(damaged)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(VoiceError, match=f"{path.name}: altered"):
        Voice.open(damaged)


def test_a_truncated_file_is_seen(damaged):
    path = largest(damaged)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(VoiceError, match="bytes instead of"):
        Voice.open(damaged)


def test_a_manifest_that_points_outside_the_voice_is_refused(damaged):
    path = damaged / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["../../etc/passwd"] = {"size": 1, "sha256": "0"}
    path.write_text(json.dumps(manifest))
    with pytest.raises(VoiceError, match="outside the voice"):
        Voice.open(damaged)


def test_a_disk_that_fills_up_is_said_and_the_build_goes_on_elsewhere(tmp_path, monkeypatch, capsys):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"needs root to mount a file system of 1 MiB: {mounted.stderr.strip()}")
    try:
        monkeypatch.setenv("SYNTHKIT_CACHE", str(small / "cache"))
        assert build(tmp_path / "v", "--workers", "1") == 2
        assert "no space left" in capsys.readouterr().err
        assert not (tmp_path / "v").exists()
        assert not list(small.rglob("*.part*"))
    finally:
        subprocess.run(["umount", str(small)], check=True)
    monkeypatch.setenv("SYNTHKIT_CACHE", str(tmp_path / "roomy"))
    assert build(tmp_path / "v", "--workers", "1") == 0


def test_a_file_that_may_not_grow_ends_a_build_with_a_message(tmp_path, cache):
    """The limit of `ulimit -f` (blocks of 1 KiB) is a full disk that needs no administrator."""
    command = f"ulimit -f 64; exec {SYNTHKIT} build {RECIPE} -o {tmp_path}/v --set voice.limit=12 -j 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "no space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "v").exists()
    assert not list(tmp_path.rglob("*.part*"))


@pytest.fixture
def read_only(tmp_path):
    """A folder that nobody may write, the administrator included."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    mounted = False
    if os.geteuid() == 0:
        command = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"the administrator writes everywhere, and may not mount here: {done.stderr.strip()}")
        mounted = True
    else:
        folder.chmod(0o555)
    yield folder
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_folder_that_cannot_be_written_is_named(tmp_path, cache, read_only, demo_voice, capsys):
    assert build(read_only / "v", limit=1) == 2
    assert str(read_only) in capsys.readouterr().err
    assert run(["say", "-v", str(demo_voice), "Раз.", "-o", str(read_only / "a.wav")]) == 2
    assert str(read_only / "a.wav") in capsys.readouterr().err


def test_a_file_in_the_way_of_a_voice_is_named(tmp_path, cache, capsys):
    (tmp_path / "file").write_text("")
    assert build(tmp_path / "file" / "v", limit=1) == 2
    assert "in the way" in capsys.readouterr().err


def test_a_voice_cannot_change_what_it_was_built_with(demo_voice):
    with pytest.raises(SynthkitError, match="built with"):
        Voice.open(demo_voice, overrides=["features.plugin=mel"])


def test_a_text_in_phones_of_another_set_is_refused(demo_voice, monkeypatch):
    voice = Voice.open(demo_voice)
    segment = voice.segmenter.segment
    monkeypatch.setattr(voice.segmenter, "segment", lambda *a: replace(segment(*a), phone_set="ipa"))
    with pytest.raises(VoiceError, match="gives phone set 'ipa', and voice 'demo-ru' speaks 'msu-ru'"):
        voice.say("Добрый день.")


def test_a_new_voice_is_not_hashed_when_it_is_first_opened(tmp_path, cache, monkeypatch):
    assert build(tmp_path / "voice", limit=4) == 0
    hashed = []
    real = voice_folder.sha256
    monkeypatch.setattr(voice_folder, "sha256", lambda path: hashed.append(path) or real(path))
    manifest = voice_folder.read_manifest(tmp_path / "voice")
    voice_folder.verify(tmp_path / "voice", manifest)
    assert hashed == []
    voice_folder.verify(tmp_path / "voice", manifest, full=True)
    assert len(hashed) == len(manifest["files"])
