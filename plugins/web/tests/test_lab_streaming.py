# SPDX-License-Identifier: Apache-2.0
"""Speaking piece by piece in a real Chromium: heard and drawn while the rest is made, stopped, saved."""

import base64
import json
import re
import subprocess
import sys

import httpx
import numpy as np
import pytest

from synthkit import audio
from synthkit.pipeline.voice import Voice
from synthkit.show.told import told

LONG = " ".join(
    f"Сегодня хорошая погода, и мы пойдём гулять. В {1900 + k} году было {k} °C." for k in range(12)
)
STARTS = """() => {
  window.started = [];
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (when, offset) {
    window.started.push([when, offset ?? 0, this.buffer.length / this.buffer.sampleRate]);
    return start.call(this, when, offset);
  };
}"""
SLOW = """() => {
  window.held = [];
  const fetched = window.fetch;
  window.fetch = async (url, options) => {
    const reply = await fetched(url, options);
    if (!`${url}`.endsWith("api/speak")) return reply;
    const decoder = new TextDecoder(), encoder = new TextEncoder();
    const reader = reply.body.getReader();
    let text = "";
    const body = new ReadableStream({ start(out) {
      options.signal.addEventListener("abort", () => out.error(new DOMException("stopped", "AbortError")));
    }, async pull(out) {
      for (;;) {
        const line = text.indexOf("\\n") + 1;
        if (line) {
          await new Promise((go) => window.held.push(go));
          if (options.signal.aborted) return;
          out.enqueue(encoder.encode(text.slice(0, line)));
          text = text.slice(line);
          return;
        }
        const { value, done } = await reader.read();
        if (done) { out.close(); return; }
        text += decoder.decode(value, { stream: true });
      }
    } });
    return new Response(body, reply);
  };
  const soon = () => new Promise((go) => setTimeout(go, 5));
  window.next = async () => { while (!window.held.length) await soon(); window.held.shift()(); };
  window.rest = async () => {
    while (document.body.dataset.making) { window.held.shift()?.(); await soon(); }
  };
}"""


@pytest.fixture(scope="module")
def lab(voice_folder):
    """Address of `synthkit lab` as a user runs it."""
    command = [sys.executable, "-m", "synthkit", "lab", str(voice_folder), "--port", "0", "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        yield process.stdout.readline().split()[1]
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def voice(voice_folder):
    with Voice.open(voice_folder) as opened:
        yield opened


def spoken(page, count):
    page.wait_for_selector(f"body[data-spoken='{count}']")


def lines(lab, **wanted):
    reply = httpx.post(f"{lab}api/speak", json=wanted, timeout=60)
    assert reply.status_code == 200, reply.text
    return [json.loads(line) for line in reply.text.splitlines()]


def test_the_pieces_are_what_speaking_it_whole_gives(lab, voice):
    *pieces, end = lines(lab, text=LONG)
    assert end == {"done": True, "pieces": len(pieces)} and len(pieces) > 2
    whole = voice.speak(LONG)
    wanted = told(whole)
    pcm = b"".join(base64.b64decode(p["audio"])[44:] for p in pieces)
    assert pcm == audio.encode(whole.waveform)[44:]
    assert [(p["piece"], p["pieces"]) for p in pieces] == [(k + 1, len(pieces)) for k in range(len(pieces))]
    for tier in ("tokens", "words"):
        assert [row[2] for p in pieces for row in p[tier]] == [row[2] for row in wanted[tier]]
    assert [t[2] for t in wanted["tokens"]][:10] == LONG.split()[:10]
    units = [u["index"] for p in pieces for u in p["units"]]
    assert units == [u["index"] for u in wanted["units"]]


def test_lanes_and_sound_grow_and_the_whole_is_what_say_writes(lab, voice, open_page, tmp_path):
    page = open_page(lab)
    spoken(page, 1)
    page.evaluate(SLOW)
    page.evaluate(STARTS)
    page.fill("#text", LONG)
    page.press("#text", "Control+Enter")
    page.evaluate("next()")
    page.wait_for_selector("body[data-playing=now]")  # it plays, and no more than its first piece is there
    width = page.evaluate("document.querySelector('[data-lane=wave]').offsetWidth")
    assert page.locator("[data-lane=wave] canvas").count() == 1
    assert page.get_attribute("body", "data-making") == "yes" and page.is_enabled("#stop")
    assert "Piece 1 of" in page.text_content("#status") and page.text_content("#position").count("…")
    page.evaluate("next()")
    page.wait_for_selector("[data-lane=wave] canvas >> nth=1")
    assert page.evaluate("document.querySelector('[data-lane=wave]').offsetWidth") > width
    page.evaluate("rest()")
    spoken(page, 2)
    whole = voice.say(LONG)
    # One behind the other to the sample, on the audio clock; what was late moved what follows.
    started = page.evaluate("window.started")
    pieces = [s for s in started if s[1] == 0]
    gaps = [b[0] - (a[0] + a[2]) for a, b in zip(pieces, pieces[1:], strict=False)]
    assert len(pieces) > 2 and max(map(abs, gaps)) < 1e-6, gaps
    assert sum(p[2] for p in pieces) == pytest.approx(whole.duration, abs=1e-6)
    # A place is counted in a piece, so that none can be forced in a text of several.
    page.focus(".units button[tabindex='0']")
    page.wait_for_selector("#forbid")
    assert page.locator("#force").count() == 0
    with page.expect_download() as saved:
        page.click("#save")
    saved.value.save_as(tmp_path / "saved.wav")
    audio.write(tmp_path / "said.wav", whole)
    assert (tmp_path / "saved.wav").read_bytes() == (tmp_path / "said.wav").read_bytes()


def test_it_is_stopped_by_a_key_and_what_was_made_stays(lab, voice, open_page):
    page = open_page(lab, width=390, dark=True)
    spoken(page, 1)
    page.evaluate(SLOW)
    page.fill("#text", LONG)
    page.press("#text", "Control+Enter")
    page.evaluate("next()")
    page.wait_for_selector("body[data-playing=now]")
    page.keyboard.press("Escape")
    page.wait_for_selector("body[data-stopped='1']")
    assert page.get_attribute("body", "data-playing") == "" and page.is_disabled("#stop")
    assert page.text_content("#status").startswith("Stopped after 1 of")
    assert page.is_hidden("#trouble")
    first = next(voice.stream(LONG)).waveform.duration
    assert float(page.text_content("#position").split("/")[1].split()[0]) == pytest.approx(first, abs=0.01)
    page.focus("#lanes")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    place = page.locator("#position")
    place.filter(has_text=re.compile(r"^[1-9]")).wait_for()
    page.keyboard.press("Home")
    place.filter(has_text=re.compile(r"^0\.00")).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_lanes_from_the_text_to_the_sound_on_one_axis(lab, voice, open_page):
    page = open_page(lab)
    spoken(page, 1)
    page.fill("#text", "В 1984 году было тепло.")
    page.press("#text", "Control+Enter")
    spoken(page, 2)
    found = page.eval_on_selector_all("[data-lane]", "all => all.map((n) => n.dataset.lane)")
    assert found == [
        "ruler",
        "tokens",
        "words",
        "phones",
        "durations",
        "f0",
        "units",
        "costs",
        "wave",
        "spectrum",
    ]
    tier = "all => all.map((n) => [n.textContent, parseFloat(n.style.left), parseFloat(n.style.width)])"
    tokens = page.eval_on_selector_all("[data-lane=tokens] span", tier)
    words = page.eval_on_selector_all("[data-lane=words] span", tier)
    assert [t[0] for t in tokens] == ["В", "1984", "году", "было", "тепло."]
    # The year stands above the four words that it is read as.
    assert [w[0] for w in words][1:5] == ["тысяча", "девятьсот", "восемьдесят", "четвёртом"]
    assert tokens[1][1] == pytest.approx(words[1][1], abs=0.5)
    assert tokens[1][1] + tokens[1][2] == pytest.approx(words[4][1] + words[4][2], abs=0.5)
    stages = page.eval_on_selector_all("[data-stage]", "all => all.map((n) => n.textContent)")
    assert [s.split(" · ")[0] for s in stages] == [
        "Segmentation: text", "Acoustic model: unit-selection", "Vocoder: overlap-add"
    ]  # fmt: skip
    assert all(s.endswith(" ms") for s in stages)
    titles = page.eval_on_selector_all("[data-lane=durations] span", "all => all.map((n) => n.title)")
    phones = voice.speak("В 1984 году было тепло.").alignment.phones
    assert titles == [f"{p.label} {round(1000 * (round(p.end, 4) - round(p.start, 4)))} ms" for p in phones]
    scale = page.evaluate("document.querySelector('[data-lane=wave]').offsetWidth")
    page.click("#nearer")
    assert page.evaluate("document.querySelector('[data-lane=wave]').offsetWidth") == pytest.approx(
        1.5 * scale, rel=0.01
    )
    page.evaluate("document.querySelector('#lanes').scrollLeft = 1e6")  # the names of the lanes stay in view
    left = page.evaluate("document.querySelector('#lanes').getBoundingClientRect().left")
    for name in page.locator("#lanes .name").all():
        assert name.bounding_box()["x"] >= left - 1, name.text_content()
    page.focus("#farther")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('[data-lane=wave]').offsetWidth") == pytest.approx(
        scale, rel=0.01
    )
    assert np.isfinite(scale)


def test_a_piece_that_is_late_is_waited_for_and_goes_on(lab, voice, open_page):
    page = open_page(lab)
    spoken(page, 1)
    page.evaluate(SLOW)
    page.fill("#text", LONG)
    page.press("#text", "Control+Enter")
    page.evaluate("next()")
    page.wait_for_selector("body[data-playing=now]")
    page.focus("#lanes")
    page.keyboard.press("End")  # to the end of what there is: the next piece is not there yet
    first = next(voice.stream(LONG)).waveform.duration

    def until(condition):  # the page's own policy forbids what Playwright would wait by
        page.evaluate(
            "async () => { const frame = () => new Promise(requestAnimationFrame); const at = () => "
            "parseFloat(document.querySelector('#position').textContent); "
            f"while (!({condition})) await frame(); }}"
        )

    until(f"at() === {first:.2f}")
    assert page.get_attribute("body", "data-playing") == "now"  # it waits, and does not end
    page.evaluate("next()")
    until(f"at() > {first + 0.1:.2f}")  # and goes on by itself
    page.evaluate("rest()")
    spoken(page, 2)
    page.keyboard.press("Escape")
    page.wait_for_selector("body[data-playing='']")
