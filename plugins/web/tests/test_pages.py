# SPDX-License-Identifier: Apache-2.0
"""The pages in a real Chromium, by the keyboard alone: what is kept is what was entered."""

import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from synthkit_web.listen.export import export_static
from synthkit_web.listen.folder import ANSWERS
from synthkit_web.listen.journal import Store
from synthkit_web.listen.results import heard

from synthkit.cli import run


def begin(page):
    """Consent and volume, by keys."""
    page.wait_for_selector("body[data-shown=consent]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-shown=sound]")
    page.keyboard.press("Enter")


def hear_and_rate(page, step, presses):
    """A MUSHRA page: hear the reference and every sound, and set each slider by so many presses."""
    page.wait_for_selector(f"body[data-shown='{step}']")
    page.keyboard.press("l")  # loops, so that every sound is heard wherever it was switched to
    page.keyboard.press("0")
    page.wait_for_selector(".reference .heard.yes")
    for k, (key, times) in enumerate(presses, 1):
        page.keyboard.press(str(k))
        for _ in range(times):
            page.keyboard.press(key)
        page.wait_for_selector(f".stimulus:nth-child({k}) .heard.yes")
    page.wait_for_selector("#next:not(:disabled)")


def test_a_whole_mushra_test_of_twelve_trials_by_keyboard(make, serving, open_page):
    folder, test = make("mushra", practice=0, attention=0, must_play=0.3)
    keys = {"reference": ("End", 1), "noisy": ("PageUp", 1), "clipped": ("ArrowLeft", 3),
            "anchor70": ("PageDown", 2),
            "anchor35": ("Home", 1)}  # fmt: skip
    scores = {"reference": 100, "noisy": 60, "clipped": 47, "anchor70": 30, "anchor35": 0}
    pages = test.pages(0)
    assert len(pages) == 12
    with serving(folder) as (url, admin, _):
        page = open_page(f"{url}?listener=ann")
        begin(page)
        for k, planned in enumerate(pages):
            if k == 1:
                page.set_viewport_size({"width": 320, "height": 700})
            hear_and_rate(page, planned.id, [keys[v] for v in planned.voices])
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            if k == 4:  # a reload in the middle of a page keeps the page and what was set on it
                before = page.locator("output").all_text_contents()
                page.reload()
                page.wait_for_selector(f"body[data-shown='{planned.id}']")
                assert page.locator("output").all_text_contents() == before
                assert page.locator("#next").is_disabled()
                hear_and_rate(page, planned.id, [("ArrowUp", 0)] * 5)
            page.keyboard.press("Enter")
        page.wait_for_selector("body[data-shown=comment]")
        page.keyboard.type("по клавишам")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("#done")
        watcher = open_page(admin)
        watcher.wait_for_selector("#people td")
        assert watcher.locator("#people td").all_text_contents()[:4] == ["ann", "1", "finished", "12 of 12"]
    said = heard(folder, test)
    assert len(said.ratings) == 60
    assert all(r.score == scores[r.voice] for r in said.ratings)
    assert said.comments == [("ann", "по клавишам")]


@pytest.mark.parametrize(
    ("design", "answer", "kept"), [("smos", "2", 2.0), ("cmos", "2", 2.0), ("abx", "2", 0.0)]
)  # fmt: skip
def test_every_other_design_by_keyboard(make, serving, open_page, design, answer, kept):
    folder, test = make(design, practice=1, attention=0, must_play=0.3, per_listener=1, language="ru")
    with serving(folder) as (url, _, _):
        page = open_page(url, width=320, dark=True)
        begin(page)
        for planned in test.pages(0):
            page.wait_for_selector(f"body[data-shown='{planned.id}']")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            page.keyboard.press("l")
            for key in {"smos": ["r", "Space"], "cmos": "ab", "abx": "abx"}[design]:
                if key == "Space":  # one sound beside the reference: its button
                    page.locator(".sounds button").nth(1).press("Enter")
                    continue
                page.keyboard.press(key)
                page.wait_for_timeout(330)
            page.wait_for_timeout(200)
            page.keyboard.press(answer)
            page.wait_for_selector("#next:not(:disabled)")
            page.keyboard.press("Enter")
        page.wait_for_selector("body[data-shown=comment]")
    store = Store(folder / ANSWERS, read_only=True)
    (session,) = store.sessions()
    store.close()
    for planned in test.pages(0):
        assert list(session.answers[planned.id]["scores"].values()) == [kept]


def test_the_server_comes_back_and_the_page_goes_on(make, serving, open_page):
    folder, test = make("mos", practice=0, attention=0, must_play=0.1)
    with serving(folder) as (url, _, process):
        port = int(url.split(":")[2].split("/")[0])
        page = open_page(url, complains=True)
        lost = []

        def lose(route):  # the first sounds are asked for while nobody answers
            lost.append(route.request.url)
            route.abort("connectionrefused") if len(lost) < 3 else route.continue_()

        page.route("**/sounds/*", lose)
        begin(page)
        assert len(lost) > 2
        page.wait_for_selector(f"body[data-shown='{test.pages(0)[0].id}']")
        page.keyboard.press(" ")
        page.wait_for_timeout(400)
        page.keyboard.press("3")
        process.kill()
        process.wait()
        page.keyboard.press("Enter")
        page.wait_for_selector("#trouble:not([hidden])")
        with serving(folder, port):
            page.wait_for_selector(f"body[data-shown='{test.pages(0)[1].id}']")
            assert page.locator("#trouble").is_hidden()
    assert [r.score for r in heard(folder, test).ratings] == [3.0]


def test_headphones_are_checked(make, serving, open_page):
    folder, test = make("mos", headphones=True, practice=0)
    with serving(folder) as (url, _, _):
        page = open_page(url)
        page.clock.install()  # the tones last ten seconds in all
        begin(page)
        for _ in range(2):
            for _ in range(3):
                page.keyboard.press("Enter")
                page.clock.fast_forward(4000)
                page.wait_for_selector("button[data-tone]:not(:disabled)")
                page.keyboard.press("1")
            page.wait_for_selector("#again, #next")
            if page.locator("#next").count():
                break
            page.keyboard.press("Enter")
        page.locator("#next").press("Enter")
        page.wait_for_selector(f"body[data-shown='{test.pages(0)[0].id}']")
    store = Store(folder / ANSWERS, read_only=True)
    (session,) = store.sessions()
    store.close()
    assert session.answers["sound"]["headphones"] in (True, False)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *what):
        pass


def test_an_exported_test_runs_on_any_host_and_its_file_is_analysed(make, open_page, tmp_path, capsys):
    folder, test = make("mos", practice=0, attention=0, must_play=0.1, per_listener=2)
    out = tmp_path / "static"
    export_static(folder, test, out)
    said = "".join(p.read_text() for p in out.rglob("*") if p.suffix in (".html", ".js", ".json", ".css"))
    assert not any(word in said for word in ("noisy", "clipped", next(iter(test.items))))
    assert not (out / "listen" / "admin.html").exists()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(out))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = open_page(f"http://127.0.0.1:{server.server_port}/?slot=2&listener=eva", accept_downloads=True)
        begin(page)
        for planned in test.pages(1):
            page.wait_for_selector(f"body[data-shown='{planned.id}']")
            page.keyboard.press(" ")
            page.wait_for_timeout(400)
            page.keyboard.press("5")
            page.wait_for_selector("#next:not(:disabled)")
            page.reload()  # what was answered before is not asked again, what was set is still set
            page.wait_for_selector(f"body[data-shown='{planned.id}']")
            page.keyboard.press(" ")
            page.wait_for_selector("#next:not(:disabled)")
            page.keyboard.press("Enter")
        page.wait_for_selector("body[data-shown=comment]")
        page.locator("#next").press("Enter")
        with page.expect_download() as download:
            page.locator("#download").press("Enter")
        download.value.save_as(tmp_path / "eva.json")
        server.shutdown()
    assert json.loads((tmp_path / "eva.json").read_text())["slot"] == 1
    (said,) = [heard(folder, test, [tmp_path / "eva.json"])]
    assert [(r.listener, r.score) for r in said.ratings] == [("eva", 5.0)] * 2
    assert run(["listen", "export", str(folder), "--static", "-o", str(out)]) == 2
    assert "is not empty" in capsys.readouterr().err
