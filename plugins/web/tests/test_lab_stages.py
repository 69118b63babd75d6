# SPDX-License-Identifier: Apache-2.0
"""Which parts fit at each stage: those that speak are swapped, those of a build are held against the rest."""

import json
import subprocess
import sys

import httpx
import pytest
from synthkit_web.lab.stages import building_menus, stage_menus

from synthkit.pipeline.voice import Voice

TEXT = "Сегодня хорошая погода."


@pytest.fixture(scope="module")
def two(voice_folder, tmp_path_factory):
    """The small voice, and another whose acoustic model gives frames: its bundled weights are not trained."""
    from synthkit.pipeline.build import build
    from synthkit.pipeline.config import load
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import SerialExecutor
    from synthkit.progress import Progress

    folder = tmp_path_factory.mktemp("other")
    (folder / "other.toml").write_text(
        '[voice]\nname = "other"\ncorpus = "bundled-ru"\nlimit = 12\n[alignment]\nplugin = "labels"\n'
        '[features]\nplugin = "world"\n[acoustic_model]\nplugin = "parametric"\npretrained = "nsh"\n'
        '[vocoder]\nplugin = "world"\n'
    )
    context = BuildContext(SerialExecutor(), Progress(enabled=False), folder / "work")
    return voice_folder, build(load(folder / "other.toml"), folder / "voice", context)


def test_another_voices_model_has_to_fit_the_vocoder_that_was_chosen(two):
    """Its own vocoder may take none of those frames, and the one that is spoken by now may."""
    with Voice.open(two[0]) as voice, Voice.open(two[1]) as other:
        own = by_stage(stage_menus(voice, {"other": other}))
        chosen = by_stage(stage_menus(voice, {"other": other}, "world"))
    assert not own["acoustic_model"]["parametric", "other"]["fits"]
    assert chosen["acoustic_model"]["parametric", "other"]["fits"]


@pytest.fixture(scope="module")
def lab(two):
    """Address of `synthkit lab` with both voices."""
    command = [sys.executable, "-m", "synthkit", "lab", *map(str, two), "--port", "0", "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        yield process.stdout.readline().split()[1]
    finally:
        process.kill()
        process.wait()


def by_stage(menus):
    return {menu["stage"]: {(c["name"], c["voice"]): c for c in menu["choices"]} for menu in menus}


def test_what_speaks_is_offered_where_it_fits_and_explained_where_not(two):
    with Voice.open(two[0]) as voice, Voice.open(two[1]) as other:
        found = by_stage(stage_menus(voice, {"other": other}))
        back = by_stage(stage_menus(other, {"demo-ru": voice}))
    assert list(found) == ["segmentation", "acoustic_model", "vocoder"]
    assert found["segmentation"]["text", ""]["own"]
    gruut = found["segmentation"]["gruut", ""]
    assert not gruut["fits"] and gruut["tables"][0][0] == ["field", "gruut reads", "demo-ru speaks"]
    # Frames of WORLD do not become units, and units do become frames.
    theirs = found["acoustic_model"]["parametric", "other"]
    assert not theirs["fits"] and theirs["tables"][0][1] == ["kind", "world", "units"]
    assert back["acoustic_model"]["unit-selection", "demo-ru"]["fits"]
    assert found["vocoder"]["world", ""]["adapters"] == ["units-to-frames"]


def test_what_a_build_could_have_is_what_build_says(two):
    with Voice.open(two[0]) as voice:
        found = by_stage(building_menus(voice))
    assert list(found) == ["alignment", "features", "acoustic_model"]
    assert found["alignment"]["labels", ""]["own"] and found["alignment"]["hmm", ""]["fits"]
    mel = found["features"]["mel", ""]
    assert not mel["fits"] and mel["tables"][0][1] == ["kind", "mel", "world"]
    assert mel["why"].startswith("acoustic model 'unit-selection' cannot be trained on features 'mel'")
    assert "\n" not in mel["why"]


def test_another_segmentation_is_spoken_with_and_another_phone_set_refused(two):
    with Voice.open(two[0]) as voice:
        same = voice.with_segmentation("text")
        assert (same.say(TEXT).samples == voice.say(TEXT).samples).all()
        same.close()  # gives nothing back: the voice goes on
        assert voice.say(TEXT).duration > 0.5
        from synthkit.errors import ConfigError, SynthkitError

        with pytest.raises(SynthkitError):
            voice.with_segmentation("espeak").say(TEXT)
        with pytest.raises(ConfigError, match="came too late"):
            voice.with_segmentation(voice.segmenter, stress="text")


def test_the_page_finds_what_fits_without_torch(two):
    code = (
        "import sys; from synthkit.pipeline.voice import Voice; from synthkit_web.lab.stages import *;"
        f"print(len(stage_menus(Voice.open({str(two[0])!r}), {{}})), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout.split() == ["3", "False"], done.stderr


@pytest.mark.parametrize(("width", "dark", "language"), [(1400, False, "en"), (390, True, "ru")])
def test_menus_by_keyboard(lab, open_page, width, dark, language):
    page = open_page(lab, width=width, dark=dark)
    page.wait_for_selector("body[data-spoken='1']")
    page.wait_for_selector("body[data-vocoders=demo-ru]")
    page.select_option("#language", language)
    seen = set()
    page.focus("#speak")
    for _ in range(6):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.localName"))
    assert {"segmentation", "acoustic_model", "vocoder", "summary"} <= seen
    page.focus("#building summary")
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-building=demo-ru]")
    page.select_option("#features", "mel")
    heads = page.locator("#unfit thead th").all_text_contents()
    assert heads[0] == {"en": "field", "ru": "поле"}[language] and page.locator("#unfit tbody tr").count()
    page.select_option("#alignment", "hmm")  # it fits: what to write to build with it
    assert page.locator("#unfit pre").text_content() == '[alignment]\nplugin = "hmm"'
    assert page.input_value("#features") == "world"
    assert page.evaluate("document.documentElement.scrollWidth") == width
    # The other voice's model is another voice, which goes on with a vocoder that it can use.
    page.select_option("#voice", "other")
    page.wait_for_selector("body[data-vocoders=other]")
    page.wait_for_selector("body[data-spoken='2']")
    label = page.eval_on_selector_all(
        "#acoustic_model option",
        "all => all.filter((o) => o.textContent.includes('demo-ru')).map((o) => o.textContent)[0]",
    )
    page.select_option("#acoustic_model", label=label)
    page.wait_for_selector("body[data-spoken='3']")
    assert page.input_value("#voice") == "demo-ru" and page.input_value("#vocoder") == "world"
    stages = page.eval_on_selector_all("[data-stage]", "all => all.map((n) => n.textContent.split(' · ')[0])")
    assert [s.split(": ")[1] for s in stages] == ["text", "unit-selection", "world"]


def test_frames_are_drawn_with_an_axis(lab, open_page):
    reply = httpx.post(f"{lab}api/speak", json={"text": TEXT, "voice": "other"}, timeout=60)
    piece = json.loads(reply.text.splitlines()[0])
    image = piece["frames"][0]
    assert image["unit"] == "Hz" and image["about"].startswith("world, 5 ms: mcep")
    assert image["end"] == pytest.approx(piece["seconds"], abs=0.01)
    page = open_page(lab)
    page.wait_for_selector("body[data-spoken='1']")
    page.select_option("#voice", "other")
    page.wait_for_selector("body[data-spoken='2']")
    lanes = page.eval_on_selector_all("[data-lane]", "all => all.map((n) => n.dataset.lane)")
    assert lanes.index("durations") < lanes.index("f0") < lanes.index("frames") < lanes.index("wave")
    width = page.evaluate(
        "['frames', 'wave'].map((n) => document.querySelector(`[data-lane=${n}] canvas`).offsetWidth)"
    )
    assert width[0] == pytest.approx(width[1], abs=2)  # one axis
    ticks = page.locator(".lane:has([data-lane=frames]) .axis span").all_text_contents()
    assert "2000" in ticks and "8000" in ticks
    drawn = page.evaluate("""() => {
      const c = document.querySelector('[data-lane=frames] canvas');
      const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
      return new Set(d.filter((_, k) => k % 4 === 0)).size;
    }""")
    assert drawn > 20
