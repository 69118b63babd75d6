# SPDX-License-Identifier: Apache-2.0
"""Answers whose later pieces fail: a client can tell, and the log says which piece and why."""

import json
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import httpx
import pytest
from synthkit_web.streaming import Broken

from synthkit import audio
from synthkit.errors import TextError
from synthkit.pipeline.voice import Voice

FAILING = """
import sys
from synthkit.cli import run
from synthkit.errors import TextError
from synthkit.pipeline import blocks

piece = blocks.said_piece

def failing(self, part, spent):
    said = " ".join(word.text for word in part.segmentation.words)
    if "беда" in said:
        raise TextError("this cannot be said", hint="say something else")
    if "авария" in said:
        raise ZeroDivisionError("a fault")
    return piece(self, part, spent)

blocks.said_piece = failing
sys.exit(run([*sys.argv[2:], sys.argv[1], "--port", "0"]))
"""
FINE = " ".join(f"Сегодня хорошая погода, и мы пойдём гулять. Это предложение номер {k}." for k in range(12))
BAD, WORSE = f"{FINE} Вот беда.", f"{FINE} Вот авария."


@pytest.fixture
def failing(voice_folder):
    """``failing("serve")``: address and process of a server whose voice cannot say some words."""
    begun = []

    def run(*command):
        process = subprocess.Popen(
            [sys.executable, "-c", FAILING, str(voice_folder), *command],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        begun.append(process)
        process.stdout.readline()
        return process.stdout.readline().split()[1], process

    yield run
    for process in begun:
        process.kill()
        process.communicate()


def logged(process) -> str:
    process.terminate()
    return process.communicate(timeout=60)[1]


def test_sound_breaks_off_without_its_end(failing):
    url, process = failing("serve")
    for format in ("wav", "flac", "mp3"):
        body = b""
        with (
            pytest.raises(httpx.RemoteProtocolError, match="incomplete"),
            httpx.stream("POST", f"{url}/say", json={"text": BAD, "format": format}, timeout=60) as reply,
        ):
            assert reply.status_code == 200
            for part in reply.iter_raw():
                body += part
        assert len(body) > 10_000  # what was made before has come
    whole = httpx.post(f"{url}/say", json={"text": BAD, "stream": False}, timeout=60)
    assert whole.status_code == 400 and "this cannot be said" in whole.json()["error"]
    assert httpx.post(f"{url}/say", json={"text": FINE}, timeout=60).status_code == 200  # it goes on
    assert httpx.get(f"{url}/health").json()["open_requests"] == 0
    said = logged(process)
    assert (
        "piece 5 failed" in said and "after 4: this cannot be said" in said and "say something else" in said
    )
    assert "Traceback" not in said


def test_lines_end_by_saying_what_failed(failing):
    url, process = failing("serve")
    for text, words in ((BAD, "this cannot be said"), (WORSE, "ZeroDivisionError: a fault")):
        reply = httpx.post(f"{url}/say", json={"text": text, "times": True}, timeout=60)
        *pieces, last = map(json.loads, reply.text.splitlines())
        assert "done" not in last and last["error"] == words and last["piece"] == len(pieces) + 1
    said = logged(process)
    assert "Traceback" in said and "ZeroDivisionError" in said  # a fault of ours is shown whole


def test_who_leaves_amid_what_it_sends_is_no_fault(failing):
    url, process = failing("serve")
    place = urlsplit(url)
    for path in ("/say", "/v1/audio/speech"):
        with socket.create_connection((place.hostname, place.port)) as client:
            head = f"POST {path} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
            client.sendall(f"{head}Content-Length: 1000\r\n\r\n{{".encode())
    assert httpx.post(f"{url}/say", json={"text": "Привет."}, timeout=60).status_code == 200
    assert "Traceback" not in logged(process)


def test_the_lab_keeps_what_was_made_and_says_what_failed(failing, open_page):
    url, _ = failing("lab", "--no-open")
    page = open_page(url)
    page.wait_for_selector("body[data-spoken='1']")
    page.fill("#text", BAD)
    page.click("#speak")
    page.wait_for_selector("body[data-stopped='4']")
    assert "this cannot be said" in page.text_content("#trouble")
    assert page.text_content("#status").startswith("Stopped after 4 of 5")
    assert page.locator("[data-lane=wave] canvas").count() == 4 and page.is_enabled("#play")


def test_a_broken_answer_has_the_status_of_what_broke_it():
    assert Broken(3, TextError("no", hint="yes")).told() == {
        "error": "no", "where": "", "hint": "yes", "piece": 3,
    }  # fmt: skip
    assert Broken(2, TextError("no")).status == 400 and Broken(2, KeyError("x")).status == 500


def test_what_is_changed_by_hand_is_spoken(speaking, voice_folder):
    text = "Сегодня хорошая погода."
    with Voice.open(voice_folder) as voice:
        count = len(voice.segment(text).symbols())
        by_hand = [
            {"durations": {"1.1": 0.3}, "f0": {"1.1": 140}},
            {"phones": {"1": "h a r ˈoo sh ay j a"}, "pauses": {"0": 0.4}, "stress": {"2": 1}},
            {"durations": [None] * (count - 1) + [0.5], "f0": [[5.5, 150.0]]},
        ]
        wanted = [audio.encode(voice.say(text, **changes)) for changes in by_hand]
        plain = audio.encode(voice.say(text))
    with speaking() as (url, _):

        def say(**body):
            return httpx.post(f"{url}/say", json={"text": text, **body}, timeout=60)

        for changes, expected in zip(by_hand, wanted, strict=True):
            reply = say(**changes)
            assert reply.status_code == 200, reply.text
            assert reply.content == expected != plain
        assert say(edit=by_hand[0]).content == wanted[0]
        for changes, words in (
            ({"durations": {"9.0": 0.3}}, "there is no word 9"),
            ({"durations": {"1.1": -1}}, "is not a number of seconds"),
            ({"durations": [0.1]}, "there are"),
            ({"durations": "long"}, "holds no numbers"),
            ({"f0": {"1.1": 5}}, "is not an F0 in Hz"),
            ({"phones": {"1": "qq"}}, "'qq'"),
            ({"phones": "a"}, "phones"),
            ({"durations": {"1.1": 0.3}, "speed": 1.5}, "speed cannot be changed"),
            ({"durations": {"1.1": 0.3}, "edit": {"f0": {"1.1": 120}}}, "not both"),
            ({"edit": {"tempo": {}}}, "tempo"),
        ):
            reply = say(**changes)
            assert reply.status_code == 400 and words in reply.json()["error"], (changes, reply.text)
        refused = say(durations={"1.1": -1}).json()
        assert refused["where"] == "request durations 1.1"
        marked = httpx.post(f"{url}/say", json={"ssml": "<speak>Да.</speak>", "stress": {"0": 1}})
        assert marked.status_code == 400 and "plain text, not of SSML" in marked.json()["error"]


DEAF = """
import sys
from synthkit.cli import run
from synthkit_unit_selection.model import UnitSelection

UnitSelection.takes = frozenset()
UnitSelection.lacks = {"durations": "its durations are those of its units"}
sys.exit(run(["serve", sys.argv[1], "--port", "0"]))
"""


def test_a_backend_that_cannot_refuses_by_name_before_anything_is_heard(voice_folder, monkeypatch):
    process = subprocess.Popen(
        [sys.executable, "-c", DEAF, str(voice_folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        process.stdout.readline()
        url = process.stdout.readline().split()[1]
        last = len(FINE.split()) - 1  # in the last of its pieces
        reply = httpx.post(f"{url}/say", json={"text": FINE, "durations": {f"{last}.0": 0.2}}, timeout=60)
        assert reply.status_code == 400
        assert "acoustic model 'unit-selection' cannot be given durations" in reply.json()["error"]
        assert "those of its units" in reply.json()["error"]
    finally:
        process.kill()
        process.wait()
