# SPDX-License-Identifier: Apache-2.0
"""The report in a real browser: at three widths, by keyboard, switching without a gap, from one file and
from a folder.
"""

from dataclasses import replace

import numpy as np
import pytest

from synthkit import audio
from synthkit.eval.analysis import analyse
from synthkit.eval.items import Item
from synthkit.eval.listening import analyse_ratings
from synthkit.eval.listening import rows as rating_rows
from synthkit.eval.listening.joining import correlations
from synthkit.eval.listening.screening import Objection
from synthkit.eval.metric import Definition, Measurement
from synthkit.eval.ratings import Rating
from synthkit.eval.report import page as page_module
from synthkit.eval.report.listening import Listening
from synthkit.eval.report.page import Content, track_job, write_report
from synthkit.eval.report.tracks import gain, track_sentence
from synthkit.eval.results import Row
from synthkit.types import Alignment, Interval, Utterance, Waveform

RATE = 16000
SYSTEMS = [
    ("natural", "natural", {}),
    ("low <b>", "voice", {"what": "a voice"}),
    ("slow", "voice", {"what": "another"}),
]
MCD = Definition("mcd", "x", "dB", "lower", "MCD", "A distance of <cepstra>.", main=True)
WER = Definition("wer", "y", "%", "lower", "Word error rate", "Errors.", main=True, group="intelligibility")


def sound(hertz, seconds, level=0.1):
    t = np.arange(round(seconds * RATE)) / RATE
    x = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 12)) * level * np.hanning(len(t))
    return Waveform((x + 1e-4 * np.random.default_rng(0).standard_normal(len(x))).astype(np.float32), RATE)


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    items, sounds, rows = [], {}, []
    for k in range(10):
        text = f"Предложение {k} </script><b>"
        long = 4 if k == 0 else 1  # so long that it still sounds when a busy machine's browser gets a key
        for name, ratio, length, level in (
            ("natural", 1, 1.2 * long, 0.2),
            ("low <b>", 0.9, 1.2 * long, 0.05),
            ("slow", 1, 1.8 * long, 0.1),
        ):
            path = folder / f"{name[:3]}{k}.wav"
            audio.write(path, sound((110 + k) * ratio, length, level))
            sounds[name, f"u{k}"] = path
        edges = ((0, 0.2, "pau"), (0.2, 1.0, "a"), (1.0, 1.2, "pau"))
        tier = tuple(Interval(long * a, long * b, phone) for a, b, phone in edges)
        recording = Utterance(f"u{k}", text, sounds["natural", f"u{k}"], "ru")
        items.append(Item(f"u{k}", text, "ru", recording, Alignment(f"u{k}", tier, (), 1.2 * long)))
        for name, mcd in (("low <b>", 4.0), ("slow", 6.0)):
            rows.append(
                Row.of(
                    f"u{k}", name, Measurement("mcd", "x", mcd + 0.1 * k + 0.02 * k * (mcd == 4.0), 1, "dB")
                )
            )
            heard = {"heard": f"{name} </script> said"}
            rows.append(Row.of(f"u{k}", name, Measurement("wer", "y", 10.0 + k, 5, "%", "", heard)))
    names = [name for name, _, _ in SYSTEMS]
    analysis = analyse(rows, [MCD, WER], names, voices=names[1:], resamples=50)
    tracks = {i.id: track_sentence(track_job(SYSTEMS, sounds, {}, i, i.id == "u0")) for i in items[:2]}
    return Content(
        title="Buzzers <test>", items=items, systems=SYSTEMS, rows=rows, analysis=analysis, sounds=sounds,
        warnings=["few <sentences>"], environment={"synthkit": "1"}, tracks=tracks,
        verdict="low <b> is nearer.",
    )  # fmt: skip


@pytest.fixture(scope="module")
def report(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "index.html"
    write_report(path, content)
    assert not (path.parent / "sounds").exists()
    return path


def ready(page):
    page.wait_for_function("document.body.dataset.ready && document.body.dataset.painted")


@pytest.mark.parametrize(("width", "dark"), [(320, False), (390, True), (1280, False)])
def test_nothing_overflows_and_nobody_complains(report, open_page, width, dark):
    page = open_page(report.as_uri(), width=width, dark=dark)
    ready(page)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # What is for the ear alone scrolls with its table, or a wide one would make the page wide.
    assert page.evaluate(
        "[...document.querySelectorAll('.aside')].every((e) => e.offsetParent.closest('.wide'))"
    )
    if width == 390:  # all voices are in sight, the best one too
        assert page.locator("#summary ~ .wide").first.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.locator("h1").inner_text() == "Buzzers <test>"
    assert page.locator(".verdict").inner_text() == "low <b> is nearer."
    assert page.locator("#summary ~ .wide td.best").first.inner_text().startswith("★")
    assert page.locator("#text").get_attribute("lang") == "ru"
    drawn = "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
    assert page.locator("#picture").evaluate(drawn) > 20


def test_what_listeners_said_has_a_section_of_its_own(content, open_page, tmp_path):
    names = [name for name, _, _ in SYSTEMS]
    ratings = [
        Rating(f"l{n}", f"u{k}", v, float(2 + (v == "slow") + (n + k) % 3 - (v == "slow" and k == n)))
        for n in range(8) for k in range(10) for v in names[1:]
    ]  # fmt: skip
    heard = analyse_ratings(ratings, names, references=names[:1], resamples=50)
    analysis = analyse(content.rows, [MCD, WER], names, voices=names[1:], heard=heard, resamples=50)
    said = rating_rows(ratings)
    listening = Listening(
        "160 by 8 listeners", "When left out.", [Objection("l <9>", "attention", "2 of 2 not as asked")],
        ["a <note>"], correlations(said, content.rows, resamples=50),
    )  # fmt: skip
    joined = replace(content, rows=[*said, *content.rows], analysis=analysis, listening=listening)
    write_report(tmp_path / "index.html", joined)
    report = tmp_path / "index.html"
    page = open_page(report.as_uri(), width=320)
    ready(page)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("link", name="Listeners").click()
    section = page.locator("section[aria-labelledby=listeners]")
    assert "160 by 8 listeners" in section.inner_text()
    assert section.locator(".forest").count() == 1
    assert section.locator("#listeners-tests tbody tr").count() == 1
    assert (
        section.get_by_role("region", name="Listeners left out").locator("td").first.inner_text() == "l <9>"
    )
    together = section.get_by_role("region", name="Correlations").locator("tbody tr").all_inner_texts()
    assert len(together) == 2
    assert "mcd/x" in "".join(together)
    # The measured figures' family is told without it.
    assert page.locator("#tests tbody tr").count() == 2
    assert page.locator("#forest ~ .plots").first.locator(".forest").count() == 2


def test_every_control_has_a_name(report, open_page):
    page = open_page(report.as_uri())
    ready(page)
    nameless = page.evaluate("""[
      ...document.querySelectorAll('button, select, input, svg[role], canvas, summary')
    ].filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || (e.labels && e.labels.length)))
      .map((e) => e.outerHTML)""")
    assert nameless == []
    assert page.get_by_role("radiogroup", name="Voice").get_by_role("radio").count() == 3
    assert page.get_by_role("img", name="Spectrogram of natural").count() == 1


def test_it_plays_and_switches_by_keyboard_alone(report, open_page):
    page = open_page(report.as_uri())
    ready(page)
    page.keyboard.press("Space")
    page.wait_for_function("document.body.dataset.playing === 'natural'")
    page.wait_for_function("parseFloat(document.getElementById('clock').textContent) > 0.2")
    page.keyboard.press("3")
    page.wait_for_function("document.body.dataset.playing === 'slow'")
    # The slow voice is where the recording was, and not at its beginning.
    assert float(page.locator("#clock").inner_text().split()[0]) > 0.25
    assert page.get_by_role("radio", checked=True).inner_text().split()[-1] == "slow"
    page.keyboard.press("Space")
    page.wait_for_function("document.body.dataset.playing === ''")
    held = page.locator("#clock").inner_text()
    assert held.endswith("/ 7.2 s")
    page.keyboard.press("1")
    page.wait_for_function("document.body.dataset.painted === '0 natural'")
    page.keyboard.press("n")
    page.wait_for_function("document.body.dataset.painted === '1 natural'")
    page.keyboard.press("Space")
    page.wait_for_function("document.body.dataset.ended === '1'")  # to its end
    page.keyboard.press("p")
    page.wait_for_function("document.body.dataset.painted === '0 natural'")
    page.locator("#systems button").nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.body.dataset.painted === '0 low <b>'")


def test_a_sentence_is_found_by_its_figure(report, open_page):
    page = open_page(report.as_uri())
    ready(page)
    page.locator("#scatter circle").nth(3).click()
    assert page.locator("#card button").count() == 3
    page.select_option("#metric", "wer/y")
    page.locator("#scatter circle").nth(3).focus()
    page.keyboard.press("Enter")
    assert "low <b> </script> said" in page.locator("#card").inner_text()
    assert page.locator("#worst tr").count() == 10
    page.locator("#worst button").first.click()
    page.wait_for_function(
        "document.body.dataset.playing !== '' && document.body.dataset.painted.startsWith('9 ')"
    )


def test_paper_shows_everything_and_no_player(report, open_page):
    page = open_page(report.as_uri())
    ready(page)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("[...document.querySelectorAll('details')].every((d) => d.open)")
    assert not page.locator(".player").is_visible()
    assert page.locator("#tests").is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("[...document.querySelectorAll('details')].some((d) => !d.open)")


def test_many_sounds_lie_in_a_folder_that_opens_from_disk(content, open_page, tmp_path, monkeypatch):
    monkeypatch.setattr(page_module, "LARGEST", 200_000)
    path = tmp_path / "index.html"
    size = write_report(path, content)
    assert size < 200_000
    assert len(list((tmp_path / "sounds").iterdir())) == len(content.items)
    page = open_page(path.as_uri())
    ready(page)
    page.keyboard.press("n")
    page.wait_for_function("document.body.dataset.painted === '1 natural'")
    page.keyboard.press("Space")
    page.wait_for_function("document.body.dataset.playing === 'natural'")


def test_sounds_are_as_loud_as_each_other_and_nothing_is_cut_off():
    import pyloudnorm

    meter = pyloudnorm.Meter(RATE)
    for level in (0.02, 0.1):
        wave = sound(120, 2.0, level)
        louder = wave.samples * 10 ** (gain(wave) / 20)
        assert meter.integrated_loudness(louder.astype(float)) == pytest.approx(-23, abs=0.1)
    click = np.zeros(RATE, np.float32)
    click[100] = 0.9
    assert gain(Waveform(click, RATE)) <= 20 * np.log10(1 / 0.9) + 1e-6
    assert gain(Waveform(np.zeros(RATE, np.float32), RATE)) == 0.0
    assert np.isfinite(gain(sound(120, 0.1)))
