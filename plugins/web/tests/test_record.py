# SPDX-License-Identifier: Apache-2.0
"""Recording in a real Chromium whose microphone is a wav file: what was said is what is kept."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from synthkit_web.record.folder import Recording, TakeError

from synthkit import audio
from synthkit.cli import run
from synthkit.corpora import open_corpus
from synthkit.plugins import registry
from synthkit.testing.browser import launch, missing, pages

PROMPTS = "All circuits are busy now.\nThe number is busy.\nPlease try again.\n"


@contextlib.contextmanager
def recording(folder, prompts):
    """``synthkit record`` as a user runs it."""
    command = [sys.executable, "-m", "synthkit", "record", "-l", "en", "-o", str(folder), "--prompts"]
    process = subprocess.Popen(
        [*command, str(prompts), "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline().split()
        assert line, process.stderr.read()
        yield line[1], process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def prompts(tmp_path):
    path = tmp_path / "prompts.txt"
    path.write_text(PROMPTS, encoding="utf-8")
    return path


@pytest.fixture
def microphone(tmp_path):
    """A wav file as the fake microphone plays it over and over: a sentence, and silence around it."""
    clip = audio.read(open_corpus("bundled-en").get("all-circuits-busy-now").audio, 48000).samples
    noise = 3e-4 * np.random.default_rng(0).standard_normal(len(clip) + 48000 * 6)
    noise[48000 * 4 : 48000 * 4 + len(clip)] += clip
    path = tmp_path / "microphone.wav"
    soundfile.write(path, noise, 48000, "PCM_16")
    return path, len(clip) / 48000


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_three_sentences_by_keys_are_a_corpus(tmp_path, prompts, microphone):
    played, seconds = microphone
    folder = tmp_path / "mine"
    flags = (
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        "--autoplay-policy=no-user-gesture-required", f"--use-file-for-fake-audio-capture={played}",
    )  # fmt: skip
    with recording(folder, prompts) as (url, process), launch(*flags) as browser:
        for page_of in pages_of(browser):
            page = page_of(url)
            page.wait_for_selector("body[data-shown=consent]")
            page.keyboard.type("Ann Other")
            page.keyboard.press("Enter")
            page.wait_for_selector("body[data-shown=microphone]")
            page.keyboard.press("Space")
            page.wait_for_selector("body[data-shown=prompt]")
            first = page.locator("#prompt").text_content()
            page.keyboard.press("Space")
            page.wait_for_selector("body[data-shown=taken]")  # it has ended by itself
            process.kill()  # the lid is closed
            process.wait()
            kept = list((folder / "wavs").glob("*.wav"))
            assert len(kept) == 1
    with recording(folder, prompts) as (url, _), launch(*flags) as browser:
        for page_of in pages_of(browser):
            page = page_of(url)
            page.wait_for_selector("body[data-shown=microphone]")
            page.keyboard.press("Space")
            page.wait_for_selector("body[data-shown=prompt]")
            assert page.locator("#prompt").text_content() != first
            page.keyboard.press("Space")
            page.wait_for_selector("body[data-shown=taken]")
            page.keyboard.press("r")
            page.wait_for_selector("body[data-shown=recording]")
            page.wait_for_selector("body[data-shown=taken]")
            page.keyboard.press("Enter")
            page.wait_for_selector("body[data-shown=prompt]")
            page.keyboard.press("s")
            page.wait_for_selector("body[data-shown=done]")
    takes = sorted((folder / "wavs").glob("*.wav"))
    assert len(takes) == 2
    for take in takes:
        info = soundfile.info(take)
        assert (info.samplerate, info.subtype) == (48000, "PCM_24")
        assert seconds - 0.6 < info.duration < seconds + 0.8
        assert np.abs(audio.read(take).samples).max() > 0.1
    assert len(list((folder / "earlier").iterdir())) == 1
    corpus = open_corpus(folder, "en")
    assert all(u.text in PROMPTS for u in corpus.utterances)
    assert corpus.left_out == []
    assert "Ann Other" in (folder / "LICENCE.txt").read_text(encoding="utf-8")
    assert run(["corpora", "check", str(folder), "-l", "en"]) == 0


def pages_of(browser):
    """One page, whose complaints fail the test when it is done with."""
    yield from pages(browser)


def wav(samples, rate=48000):
    import io

    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, "PCM_24", format="WAV")
    return buffer.getvalue()


def test_a_take_is_heard_before_it_is_kept(tmp_path):
    segmenter = registry().load("segmentation", "text")()
    made = Recording.open(tmp_path / "r", "en", PROMPTS.splitlines(), segmenter, 2)
    assert len(made.prompts) == 2
    assert made.state()["covered"] == 0
    clip = audio.read(open_corpus("bundled-en").get("all-circuits-busy-now").audio, 48000).samples
    with pytest.raises(TakeError, match="agreed"):
        made.keep(0, wav(clip))
    made.agree("Ann", "CC0-1.0")
    assert made.keep(0, wav(clip))["wrong"] == []
    assert any("clipped" in w for w in made.keep(0, wav(np.clip(20 * clip, -1, 1)))["wrong"])
    assert any("quiet" in w or "silent" in w for w in made.keep(1, wav(clip / 300))["wrong"])
    for data in (b"", b"RIFF", b"x" * 1000):
        with pytest.raises(TakeError):
            made.keep(0, data)
    with pytest.raises(TakeError, match="no sentence"):
        made.keep(7, wav(clip))
    again = Recording.open(tmp_path / "r", "en", PROMPTS.splitlines(), segmenter, 2)
    assert again.state() == made.state()
    assert again.state()["covered"] > 0.3
    (tmp_path / "r" / "recording.json").write_text(json.dumps({"format": 1}))
    assert run(["record", "-l", "en", "-o", str(tmp_path / "r"), "--port", "0"]) == 2
