# SPDX-License-Identifier: Apache-2.0
"""A planned test: balanced, equally loud, under names that say nothing, with its anchors and its power."""

import json
from collections import Counter

import numpy as np
import pytest
from synthkit_web.listen.folder import FILE, SOUNDS, Test
from synthkit_web.listen.sounds import at_level, common_level, loudness, low_pass

from synthkit import audio
from synthkit.cli import run
from synthkit.errors import AudioError, ConfigError
from synthkit.types import Waveform


def tone(hertz, seconds=1.0, rate=16000, level=0.1):
    t = np.arange(int(seconds * rate)) / rate
    return Waveform((level * np.sin(2 * np.pi * hertz * t)).astype(np.float32), rate)


def rms_db(w):
    middle = w.samples[len(w.samples) // 4 : -len(w.samples) // 4]
    return 20 * np.log10(np.sqrt(np.mean(middle**2)))


@pytest.mark.parametrize(("cutoff", "rate"), [(3500, 16000), (7000, 22050)])
def test_anchors_are_those_of_bs_1534(cutoff, rate):
    def gain(hertz):
        whole = tone(hertz, rate=rate)
        return rms_db(low_pass(whole, cutoff)) - rms_db(whole)

    assert abs(gain(cutoff)) < 0.1
    assert gain(cutoff + 500) < -25
    assert gain(cutoff + 1000) < -50
    assert len(low_pass(tone(1000, rate=rate), cutoff).samples) == rate


def test_an_anchor_needs_something_to_take_away():
    with pytest.raises(AudioError, match="no anchor of 7000 Hz"):
        low_pass(tone(1000, rate=14000), 7000)


def test_loudness_is_that_of_bs_1770():
    # A full-scale sine of 997 Hz in one channel is at −3.01 LUFS (BS.1770-4, annex 1).
    assert loudness(tone(997, 3, 48000, level=1.0), "t") == pytest.approx(-3.01, abs=0.05)
    loud, quiet = tone(500, level=0.5), tone(900, 0.2, level=0.02)
    level = common_level([("loud", loud), ("quiet", quiet)])
    assert level == -23.0
    assert loudness(at_level(quiet, level, "q"), "q") == pytest.approx(-23, abs=0.1)
    spiky = Waveform(
        np.where(np.arange(16000) == 8000, 0.9, 0.001 * np.sin(np.arange(16000))).astype(np.float32), 16000
    )
    assert common_level([("spiky", spiky)]) < -23  # or it would clip
    with pytest.raises(AudioError, match="n: is silent"):
        loudness(Waveform(np.zeros(16000, np.float32), 16000), "n")


def test_mushra(make):
    folder, test = make("mushra", practice=1, attention=2)
    assert test.voices == {
        "reference": "reference", "noisy": "voice", "clipped": "voice", "anchor35": "anchor",
        "anchor70": "anchor"
    }  # fmt: skip
    assert len({p.name for p in (folder / SOUNDS).iterdir()}) == 12 * 6
    levels = [loudness(audio.read(folder / SOUNDS / n), n) for n in sorted(test.sounds)[:12]]
    assert np.ptp(levels) < 0.3
    for pages in test.listeners:
        assert Counter(p.kind for p in pages) == {"practice": 1, "trial": 12, "attention": 2}
        assert pages[0].kind == "practice" and pages[1].kind == "trial" and pages[-1].kind == "trial"
    page = test.listeners[0][1]
    assert test.sounds[page.reference].voice == "reference"
    assert page.reference not in page.sounds  # the hidden one has another name
    said = json.dumps([p.public() for pages in test.listeners for p in pages] + [test.public()])
    assert not any(word in said for word in ("noisy", "clipped", "anchor", *test.items))
    assert Test.open(folder) == test


def test_every_design_has_its_page(make):
    _, smos = make("smos")
    page = smos.listeners[0][0]
    other = smos.sounds[page.reference]
    assert other.voice == "natural" and other.item != page.item
    _, abx = make("abx", practice=0)
    for page in abx.listeners[0]:
        assert abx.sounds[page.reference].voice == page.voices[page.x]
        assert page.reference not in page.sounds
    _, cmos = make("cmos", against="natural")
    assert {frozenset(p.voices) for pages in cmos.listeners for p in pages} == {
        frozenset({"natural", "noisy"}), frozenset({"natural", "clipped"})
    }  # fmt: skip
    _, ab = make("ab", attention=3)
    assert [p.expect for p in ab.listeners[0] if p.kind == "attention"] <= [1.0] * 3
    _, mos = make("mos", per_listener=4)
    assert all(sum(p.kind == "trial" for p in pages) == 4 for pages in mos.listeners)


def test_what_cannot_be_planned(make, tmp_path):
    folder, _ = make("mos")
    with pytest.raises(ConfigError, match="is not empty"):
        make("mos")
    with pytest.raises(ConfigError, match="no-preference"):
        make("abx", no_preference=True)
    next((folder / SOUNDS).iterdir()).unlink()
    with pytest.raises(ConfigError, match="sounds are missing"):
        Test.open(folder)
    (folder / FILE).write_text("{}")
    with pytest.raises(ConfigError, match="is no listening test"):
        Test.open(folder)
    with pytest.raises(ConfigError, match="there is no listening test"):
        Test.open(tmp_path)


def test_the_command_on_folders_of_sounds(sources, tmp_path, capsys):
    folders = {v: sources.sounds[v, next(iter(sources.items))].parent for v in sources.voices}
    names = [f"{v}={folder}" for v, folder in folders.items()]
    command = ["listen", "plan", *names, "--listeners", "4", "--items", "3", "--work", str(tmp_path / "work")]
    assert run([*command, "--design", "mushra", "-o", str(tmp_path / "m"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sentences"] == 3 and "would be found in" in told["power"][0]
    assert (
        run(
            [
                "listen",
                "plan",
                names[1],
                "--design",
                "mushra",
                "-o",
                str(tmp_path / "n"),
                "--work",
                str(tmp_path / "work"),
            ]
        )
        == 2
    )
    assert "compares with recordings, and there are none" in capsys.readouterr().err
    assert run([*command[:2], "x=/nowhere", "--design", "mos"]) == 2
    assert "no such folder of sounds" in capsys.readouterr().err


def test_the_command_on_a_corpus_and_on_a_report(tmp_path, capsys):
    work = ["--work", str(tmp_path / "work")]
    compare = [
        "compare",
        "-c",
        "bundled-ru",
        "--limit",
        "3",
        "-m",
        "pauses",
        "--executor",
        "serial",
        "--copy",
        "world",
    ]
    assert run([*compare, "-o", str(tmp_path / "report"), *work]) == 0
    out = tmp_path / "test"
    assert (
        run(
            [
                "listen",
                "plan",
                str(tmp_path / "report"),
                "--design",
                "ab",
                "--listeners",
                "2",
                "-o",
                str(out),
                *work,
            ]
        )
        == 0
    )
    told = capsys.readouterr()
    assert "synthkit listen serve" in told.out
    assert "note: 20 sentences were asked for, and there are 3" in told.err
    test = Test.open(out)
    assert list(test.voices) == ["natural", "copy:world"]
    assert all(test.items.values())
    sounds = tmp_path / "report" / ".sounds.json"
    damages = [
        (sounds, "[]"),
        (sounds, '{"natural": []}'),
        (sounds, '{"natural": {"a": 1}}'),
        (sounds, '{"natural": {"a": "b"'),
        (sounds, "[" * 100_000),
        (tmp_path / "report" / "results.json", "{}"),
        (tmp_path / "report" / "results.json", "[1"),
    ]
    for path, damaged in damages:
        whole = path.read_bytes()
        path.write_text(damaged, encoding="utf-8")
        assert run(["listen", "plan", str(tmp_path / "report"), "--design", "ab", "-o", f"{out}2"]) == 2
        assert str(path) in capsys.readouterr().err, damaged[:30]
        path.write_bytes(whole)
    sounds.unlink()
    assert (
        run(["listen", "plan", str(tmp_path / "report"), "--design", "ab", "-o", str(tmp_path / "again")])
        == 2
    )
    assert "does not say where its sounds are" in capsys.readouterr().err


def test_copies_in_a_report_of_voices_are_not_rated(voice_folder, tmp_path, capsys):
    work = ["--work", str(tmp_path / "work")]
    compare = ["compare", str(voice_folder), "-c", "bundled-ru", "--limit", "2", "-m", "pauses", *work]
    report = str(tmp_path / "report")
    assert run([*compare, "--executor", "serial", "--copy", "world", "-o", report]) == 0
    plan = ["listen", "plan", report, "--design", "mos", "--listeners", "4", "--items", "2", *work]
    assert run([*plan, "-o", str(tmp_path / "test")]) == 0
    assert "left out of the test: copy:world, which are no voices" in capsys.readouterr().err
    assert sorted(Test.open(tmp_path / "test").voices.values()) == ["reference", "voice"]
