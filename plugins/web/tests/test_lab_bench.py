# SPDX-License-Identifier: Apache-2.0
"""The lab's panel *Vocoder bench*: copies are what they say, and everything is reached by keyboard."""

import subprocess
import sys

import httpx
import numpy as np
import pytest
from synthkit_web.lab.bench.changes import Changes
from synthkit_web.lab.bench.copies import copy_of, vocoders
from synthkit_web.lab.bench.trackers import track, trackers

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.errors import ConfigError, SpecMismatch
from synthkit.types import Waveform


@pytest.fixture(scope="module")
def speech():
    """Less than a second of a recording."""
    whole = audio.read(open_corpus("bundled-ru").utterances[0].audio)
    return Waveform(whole.samples[8000:22000], whole.sample_rate)


@pytest.fixture(scope="module")
def lab(voice_folder, speech, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    for name, part in (("one", speech.samples), ("two", speech.samples[::-1].copy())):
        audio.write(folder / f"{name}.wav", Waveform(part, speech.sample_rate))
        (folder / f"{name}.txt").write_text("Она завела прядь.", "utf-8")
    command = [sys.executable, "-m", "synthkit", "lab", str(voice_folder), "--port", "0", "--no-open"]
    command += ["--corpus", str(folder), "--language", "ru"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        yield process.stdout.readline().split()[1], folder
    finally:
        process.kill()
        process.wait()


def level(samples):
    return 10 * np.log10((samples.astype(np.float64) ** 2).mean() + 1e-12)


def voiced(waveform, tracker="yin"):
    _, f0 = track(waveform, tracker)
    return f0[f0 > 0]


@pytest.mark.parametrize("phase", ["vocoder", "min", "zero", "random", "original"])
def test_a_copy_keeps_level_length_and_pitch_by_any_phase(speech, phase):
    copy = copy_of(speech, "world", None, Changes(phase=phase)).waveform
    assert copy.sample_rate == speech.sample_rate
    assert len(copy.samples) == pytest.approx(len(speech.samples), abs=200)
    assert level(copy.samples) == pytest.approx(level(speech.samples), abs=1.5)
    assert np.median(voiced(copy)) == pytest.approx(np.median(voiced(speech)), rel=0.06)


def test_the_recordings_phases_bring_the_copy_nearer_to_it(speech):
    def likeness(changes):
        copy = copy_of(speech, "world", None, changes).waveform.samples
        count = min(len(copy), len(speech.samples))
        return np.corrcoef(copy[:count], speech.samples[:count])[0, 1]

    assert likeness(Changes(phase="original")) > 0.9 > likeness(Changes()) + 0.2


def test_what_is_changed_is_what_was_asked(speech):
    plain = copy_of(speech, "world", None, Changes()).waveform
    high = copy_of(speech, "world", None, Changes(semitones=6)).waveform
    assert np.median(voiced(high)) / np.median(voiced(plain)) == pytest.approx(2**0.5, rel=0.05)
    flat = voiced(copy_of(speech, "world", None, Changes(f0="flat")).waveform)
    assert np.ptp(np.quantile(flat, [0.25, 0.75])) < 5 < np.ptp(np.quantile(voiced(plain), [0.2, 0.8]))
    hiss = copy_of(speech, "world", None, Changes(noise=1)).waveform
    assert len(voiced(hiss)) < 0.3 * len(voiced(plain))

    def centroid(waveform):
        power = np.abs(np.fft.rfft(waveform.samples)) ** 2
        return (power * np.arange(len(power))).sum() / power.sum()

    assert centroid(copy_of(speech, "world", None, Changes(formants=1.4)).waveform) > 1.15 * centroid(plain)
    smooth = copy_of(speech, "world", None, Changes(cepstra=2)).waveform
    assert abs(centroid(smooth) / centroid(plain) - 1) > 0.1


def test_every_vocoder_that_is_listed_makes_a_copy_and_what_it_cannot_is_refused(speech):
    short = Waveform(speech.samples[:6000], speech.sample_rate)
    by_name = {v["name"]: v for v in vocoders()}
    assert {"world", "griffin-lim", "psola", "overlap-add", "buzz"} <= set(by_name)
    assert "noise" in by_name["world"]["can"] and "noise" not in by_name["buzz"]["can"]
    for name in ("griffin-lim", "psola", "overlap-add", "buzz"):
        assert copy_of(short, name, None, Changes()).waveform.duration == pytest.approx(
            short.duration, abs=0.03
        )
    with pytest.raises(ConfigError, match="noise cannot be changed: vocoder 'psola' renders pieces"):
        copy_of(short, "psola", None, Changes(noise=0.5))
    with pytest.raises(ConfigError, match="mel spectra state no F0"):
        copy_of(short, "griffin-lim", None, Changes(phase="zero"))
    with pytest.raises(SpecMismatch, match="kind"):
        copy_of(short, "world", "mel", Changes())
    copy_of(short, "griffin-lim", "mel", Changes(cepstra=10, formants=0.9))


def test_trackers_agree_on_a_voice(speech):
    assert set(trackers()) >= {"yin", "dio", "harvest"}
    middles = [np.median(voiced(speech, name)) for name in trackers()]
    assert max(middles) / min(middles) < 1.15
    with pytest.raises(ConfigError, match="did you mean 'dio'"):
        track(speech, "doi")


def test_recordings_are_uploaded_and_refused_by_name(lab):
    url, folder = lab
    kept = httpx.post(
        f"{url}api/bench/recordings", content=(folder / "one.wav").read_bytes(), timeout=60
    ).json()
    wanted = {"source": {"kind": "upload", "id": kept["id"]}, "vocoder": "world"}
    assert httpx.post(f"{url}api/bench/copy", json=wanted, timeout=60).status_code == 200
    bad = httpx.post(f"{url}api/bench/recordings", content=b"no sound at all", timeout=60)
    assert bad.status_code == 400 and "no recording" in bad.json()["error"]
    for source in ({"kind": "upload", "id": "x"}, {"corpus": "x"}, {"corpus": str(folder), "id": "three"}):
        gone = httpx.post(f"{url}api/bench/copy", json={"source": source, "vocoder": "world"}, timeout=60)
        assert gone.status_code == 404, gone.text
    wrong = httpx.post(f"{url}api/bench/copy", json=wanted | {"changes": {"phase": "none"}}, timeout=60)
    assert wrong.status_code == 400 and "phase" in wrong.text
    spoken = {"source": {"kind": "voice", "text": "Доброе утро."}, "trackers": ["dio", "yin"]}
    told = httpx.post(f"{url}api/bench/original", json=spoken, timeout=60).json()
    assert set(told["tracks"]) == {"dio", "yin"} and told["seconds"] > 0.5


def copied(page, count):
    page.wait_for_selector(f"body[data-copied='{count}']")


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (390, True)])
def test_by_keyboard_alone(lab, open_page, width, dark):
    page = open_page(f"{lab[0]}bench/", width=width, dark=dark)
    copied(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    # Every control is reached by Tab.
    seen = set()
    page.focus("#language")
    for _ in range(30):
        seen.add(page.evaluate("document.activeElement.id"))
        page.keyboard.press("Tab")
    controls = (
        "language kind corpus utterance vocoder features f0 phase cepstra formants semitones noise reset "
        "play hear-a hear-b lanes tracker-a tracker-b"
    )
    assert set(controls.split()) <= seen
    before = float(page.get_attribute("body", "data-difference"))
    page.focus("#cepstra")
    page.keyboard.press("Home")
    copied(page, 2)
    assert page.text_content("#cepstra + output") == "1"
    assert float(page.get_attribute("body", "data-difference")) > before + 1
    page.focus("#phase")
    page.keyboard.press("End")
    copied(page, 3)
    assert "random phase" in page.text_content("#how")
    page.focus("#vocoder")
    page.keyboard.type("psola")
    copied(page, 4)
    assert page.is_disabled("#cepstra") and page.input_value("#phase") == "vocoder"
    page.focus("#lanes")
    page.keyboard.press("Space")
    page.wait_for_selector("body[data-playing=copy]")
    page.keyboard.press("1")
    page.wait_for_selector("body[data-playing=original]")


def test_a_file_a_voice_a_reload_and_a_second_tab(lab, open_page):
    url, folder = lab
    page = open_page(f"{url}bench/")
    copied(page, 1)
    page.select_option("#kind", "upload")
    page.set_input_files("#file", folder / "two.wav")
    copied(page, 2)
    page.select_option("#language", "ru")
    page.focus("#semitones")
    page.keyboard.press("End")
    copied(page, 3)
    other = page.context.new_page()
    other.goto(f"{url}bench/")
    copied(other, 1)
    assert other.input_value("#semitones") == "0" and other.input_value("#kind") == "corpus"
    other.select_option("#kind", "voice")
    other.fill("#text", "Доброе утро.")
    other.keyboard.press("Enter")
    copied(other, 2)
    page.reload()
    copied(page, 1)
    assert page.input_value("#semitones") == "12" and page.input_value("#kind") == "upload"
    assert page.text_content("h1") == "Стенд вокодеров"
    page.click("#reset")
    copied(page, 2)
    assert page.input_value("#semitones") == "0"


def test_what_goes_wrong_is_shown(lab, open_page):
    page = open_page(f"{lab[0]}bench/", complains=True)
    copied(page, 1)
    page.select_option("#features", "mel")
    page.wait_for_selector("#trouble:not([hidden])")
    assert "kind" in page.text_content("#trouble")
    page.select_option("#features", "world")
    page.wait_for_selector("#trouble", state="hidden")
