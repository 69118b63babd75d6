# SPDX-License-Identifier: Apache-2.0
"""The server of a listening test: step by step, once each, nothing lost when it is killed, and what follows
from it."""

import json
import os
import signal
import sqlite3
import threading
import time

import httpx
import pytest
from starlette.testclient import TestClient
from synthkit_web.access import Access
from synthkit_web.app import make_app
from synthkit_web.listen.folder import ANSWERS, Test
from synthkit_web.listen.journal import Store
from synthkit_web.listen.results import DOWNLOADED, downloaded, heard
from synthkit_web.listen.routes import ADMIN, door

from synthkit.cli import run
from synthkit.errors import ConfigError, SynthkitError


@pytest.fixture
def client_of():
    opened = []

    def of(folder, test):
        client = TestClient(
            make_app([door(folder, test)], Access(keys={ADMIN: "k" * 16})), base_url="http://127.0.0.1"
        )
        opened.append(client.__enter__())
        return client

    yield of
    for client in opened:
        client.__exit__(None, None, None)


def reply_to(test, state, quality=None):
    """What a careful listener answers to a step."""
    step = state["step"]
    if step == "consent":
        return {"agreed": True}
    if step == "sound":
        return {"headphones": None, "tries": None}
    if step == "comment":
        return {"comment": " fine "}
    page = state["page"]
    if test.scale.kind == "score":
        scores = {
            n: page.get("expect", (quality or {}).get(test.sounds[n].voice, 50)) for n in page["sounds"]
        }
    else:
        scores = {"choice": page.get("expect", 1)}
    return {"scores": scores, "seconds": 9.5, "comment": "a click" if step == "trial-001" else ""}


def answer(client, session, step, data):
    return client.post(f"/listen/api/sessions/{session}/answers", json={"step": step, "data": data})


def go_through(client, test, code="", **how):
    state = client.post("/listen/api/sessions", json={"code": code}).json()
    while state["step"]:
        reply = answer(client, state["session"], state["step"], reply_to(test, state, **how))
        assert reply.status_code == 200, reply.text
        state = reply.json()
    return state["session"]


QUALITY = {"reference": 100, "noisy": 60, "clipped": 40, "anchor35": 15, "anchor70": 35}


def test_a_test_from_consent_to_verdict(make, client_of):
    folder, test = make("mushra", attention=2)
    client = client_of(folder, test)
    about = client.get("/listen/api/test").json()
    assert "voices" not in about and "listeners" not in about
    sound = client.get(f"/listen/sounds/{about['calibration']}")
    assert sound.headers["content-type"] == "audio/flac" and sound.content[:4] == b"fLaC"
    assert client.get("/listen/sounds/..%2ftest.json").status_code == 404
    assert client.get("/listen/test.json").status_code == 404
    for who in ("ann", "bob", ""):
        go_through(client, test, who, quality=QUALITY)
    said = heard(folder, test)
    assert said.listeners == ["ann", "bob", "listener 3"]
    assert len(said.ratings) == 3 * 12 * 5
    assert all(r.score == QUALITY[r.voice] for r in said.ratings)
    assert said.conduct["ann"].attention == (True, True)
    assert said.conduct["ann"].finished
    assert said.comments[0][1].endswith("a click") and said.comments[1] == ("ann", "fine")
    overview = client.get("/listen/admin/sessions", headers={"authorization": "Bearer " + "k" * 16}).json()
    assert [p["step"] for p in overview["people"]] == ["finished"] * 3
    assert sorted(p["place"] for p in overview["people"]) == [1, 2, 3]
    assert client.get("/listen/admin").status_code == 401


def test_answers_come_in_order_once_and_whole(make, client_of):
    folder, test = make("mos")
    client = client_of(folder, test)
    state = client.post("/listen/api/sessions", json={}).json()
    session = state["session"]
    first = test.pages(0)[0]
    good = {"scores": {first.sounds[0]: 4}, "seconds": 2, "comment": ""}
    assert answer(client, session, first.id, good).status_code == 409  # consent first
    assert answer(client, session, "consent", {"agreed": False}).status_code == 422
    answer(client, session, "consent", {"agreed": True})
    answer(client, session, "sound", {"headphones": True, "tries": 1})
    for bad in (
        {},
        {"scores": {}, "seconds": 2},
        {"scores": {first.sounds[0]: 9}, "seconds": 2},
        {"scores": {first.sounds[0]: 3.5}, "seconds": 2},
        {"scores": {first.sounds[0]: True}, "seconds": 2},
        {"scores": {"other.flac": 3}, "seconds": 2},
        {"scores": {first.sounds[0]: 4}, "seconds": -1},
        {"scores": {first.sounds[0]: 4}, "seconds": 2, "comment": 7},
    ):
        reply = answer(client, session, first.id, bad)
        assert reply.status_code == 422, bad
        assert reply.json()["error"]
    after = answer(client, session, first.id, good).json()
    assert after["step"] == test.pages(0)[1].id
    # Sent again, as after a lost reply: the first answer stands.
    again = answer(client, session, first.id, {**good, "scores": {first.sounds[0]: 1}})
    assert again.json() == after
    store = Store(folder / ANSWERS, read_only=True)
    assert store.get(session).answers[first.id]["scores"] == {first.sounds[0]: 4.0}
    store.close()
    assert client.get("/listen/api/sessions/nobody").status_code == 404
    url = f"/listen/api/sessions/{session}/answers"
    half = json.dumps({"step": first.id, "data": {**good, "comment": "\ud800"}})
    for body in ("x", "[" * 100_000, half, b"\xff"):
        reply = client.post(url, content=body, headers={"content-type": "application/json"})
        assert (reply.status_code, reply.json()["error"]) == (422, "that is not JSON"), body[:20]
    assert client.post(url, content="{}", headers={"content-type": "text/plain"}).status_code == 422


def test_what_is_kept_stays(make, client_of):
    folder, test = make("mos")
    client = client_of(folder, test)
    session = client.post("/listen/api/sessions", json={}).json()["session"]
    answer(client, session, "consent", {"agreed": True})
    db = sqlite3.connect(folder / ANSWERS)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    for statement in ("DELETE FROM answer", "UPDATE answer SET data = '{}'", "DELETE FROM session"):
        with pytest.raises(sqlite3.IntegrityError, match="answers are kept"):
            db.execute(statement)
    db.close()
    with pytest.raises(ConfigError, match="nobody has answered a page yet"):
        heard(folder, test)


def test_listeners_take_the_places_that_are_free(tmp_path):
    store = Store(tmp_path / "a.sqlite")
    slots = [store.start(f"s{k}", 3, 2).slot for k in range(4)]
    assert slots == [0, 1, 2, 0]
    for step in ("consent", "x"):
        store.add("s1", step, {})
    assert store.start("s4", 3, 2).slot == 1
    store.close()
    (tmp_path / "bad.sqlite").write_bytes(b"no database at all, but long enough to be looked at" * 30)
    with pytest.raises(SynthkitError, match="cannot be opened"):
        Store(tmp_path / "bad.sqlite")


@pytest.mark.parametrize("design", ["ab", "cmos", "abx"])
def test_choices_are_of_the_sound_that_was_a(make, client_of, design):
    folder, test = make(design, practice=0, attention=0)
    client = client_of(folder, test)
    go_through(client, test)
    said = heard(folder, test)
    pages = {p.item: p for p in test.pages(0)}
    for r in said.ratings:
        page = pages[r.utterance]
        assert (r.voice, r.against) == page.voices
        assert r.score == (1.0 if design != "abx" else float(page.x == 0))
    assert said.conduct["listener 1"].sides == (() if design == "cmos" else ("A",) * 12)


class Listener(threading.Thread):
    """A simulated browser: answers, and asks again until the server replies."""

    def __init__(self, url, test, until):
        super().__init__()
        self.url, self.test, self.until = url, test, until
        self.acknowledged, self.resumed_wrong, self.session = {}, 0, None

    def run(self):
        with httpx.Client(timeout=5) as client:
            state = self.ask(client, "POST", "sessions", json={})
            self.session = state["session"]
            while state["step"] and time.monotonic() < self.until:
                step, data = state["step"], reply_to(self.test, state, QUALITY)
                state = self.ask(
                    client, "POST", f"sessions/{self.session}/answers", json={"step": step, "data": data}
                )
                self.acknowledged[step] = data
                again = self.ask(client, "GET", f"sessions/{self.session}")
                self.resumed_wrong += again["step"] != state["step"]
                time.sleep(0.01)
            self.finished = state["step"] is None

    def ask(self, client, method, path, **what):
        while time.monotonic() < self.until:
            try:
                return client.request(method, f"{self.url}api/{path}", **what).raise_for_status().json()
            except httpx.TransportError:
                time.sleep(0.05)
        raise TimeoutError


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(make, serving):
    folder, test = make("mushra")
    with serving(folder) as (url, _, process):
        port = int(url.split(":")[2].split("/")[0])
        crowd = [Listener(url, test, time.monotonic() + 200) for _ in range(6)]
        for listener in crowd:
            listener.start()
        time.sleep(0.4)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with serving(folder, port) as (_, _, process):
        time.sleep(0.4)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with serving(folder, port):
        for listener in crowd:
            listener.join(200)
    store = Store(folder / ANSWERS, read_only=True)
    kept = {s.id: s for s in store.sessions()}
    store.close()
    for listener in crowd:
        assert listener.finished and listener.resumed_wrong == 0
        for step, data in listener.acknowledged.items():
            assert kept[listener.session].answers[step].get("scores") == data.get("scores")
    assert len(heard(folder, test).ratings) == 6 * 12 * 5


def test_the_command_stops_in_order_and_says_what_it_exposes(make, serving, capsys):
    folder, _ = make("mos")
    with serving(folder) as (url, admin, process):
        with pytest.raises(SynthkitError, match="already running"):
            raise_from_cli(["listen", "serve", str(folder), "--port", "0"])
        assert httpx.get(url).status_code == 200
        assert httpx.get(url, headers={"host": "evil.example"}).status_code == 421
        assert httpx.get(admin, follow_redirects=True).status_code == 200
        assert httpx.get(admin.partition("?")[0]).status_code == 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert "synthkit listen analyse" in process.stderr.read()
    with serving(folder, 0, "--host", "0.0.0.0") as (url, admin, process):
        assert "?token=" in url
        port = url.split(":")[2].split("/")[0]
        assert httpx.get(f"http://127.0.0.1:{port}/listen/").status_code == 401
        token = url.partition("?token=")[2]
        opened = httpx.get(f"http://127.0.0.1:{port}/listen/?token={token}")
        assert opened.status_code == 303
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert "reachable from other machines" in process.stderr.read()
    with serving(folder, 0, "--host", "0.0.0.0") as (again, _, _):
        assert again.partition("?token=")[2] == token  # links stay good


def raise_from_cli(arguments):
    from synthkit.cli import cli

    cli.main(arguments, standalone_mode=False)


def test_analyse_a_test_and_the_files_of_an_exported_one(make, client_of, tmp_path, capsys):
    folder, test = make("mushra")
    client = client_of(folder, test)
    for who in ("ann", "bob"):
        go_through(client, test, who, quality=QUALITY)
    assert run(["listen", "analyse", str(folder), "--csv", str(tmp_path / "all.csv")]) == 0
    shown = capsys.readouterr().out
    assert "120 ratings by 2 listeners" in shown
    assert run(["listen", "analyse", str(tmp_path / "all.csv")]) == 0
    assert run(["listen", "analyse", str(folder), "--json"]) == 0
    assert (
        json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))["roles"]["anchor35"] == "anchor"
    )
    pages = test.pages(2)
    answers = [
        {"step": "consent", "data": {"agreed": True}},
        {"step": "sound", "data": {"headphones": True, "tries": 1}},
    ]
    for p in pages:
        scores = {
            n: p.expect if p.expect is not None else QUALITY[v]
            for v, n in zip(p.voices, p.sounds, strict=True)
        }
        answers.append({"step": p.id, "data": {"scores": scores, "seconds": 30, "comment": ""}})
    sent = {
        "kind": "synthkit-listening-answers",
        "test": test.id,
        "session": "x",
        "slot": 2,
        "code": "eva",
        "answers": answers,
    }
    path = tmp_path / "eva.json"
    path.write_text(json.dumps(sent))
    assert run(["listen", "analyse", str(folder), str(path)]) == 0
    assert "180 ratings by 3 listeners" in capsys.readouterr().out
    path.write_text(json.dumps({**sent, "test": "another"}))
    assert run(["listen", "analyse", str(folder), str(path)]) == 2
    assert "answers of another test" in capsys.readouterr().err
    answers[2]["data"]["scores"] = dict.fromkeys(pages[0].sounds, 101)
    path.write_text(json.dumps({**sent, "answers": answers}))
    assert run(["listen", "analyse", str(folder), str(path)]) == 2
    assert "practice-0: the score 101 is not from 0 to 100" in capsys.readouterr().err


def test_a_test_is_read_back_as_it_was_planned(make):
    folder, test = make("abx")
    assert Test.open(folder) == test


@pytest.mark.parametrize(
    "damage",
    [
        lambda sent: json.dumps(sent)[:-20],
        lambda sent: "[" * 100_000,
        lambda sent: json.dumps({k: v for k, v in sent.items() if k != "session"}),
        lambda sent: json.dumps({**sent, "slot": "second"}),
        lambda sent: json.dumps({**sent, "slot": 1e400}),
        lambda sent: json.dumps({**sent, "answers": 7}),
        lambda sent: json.dumps({**sent, "answers": [["consent", {}]]}),
        lambda sent: json.dumps({**sent, "answers": [{"step": "consent", "data": {"agreed": 1}}]}),
    ],
)
def test_a_file_of_answers_that_is_damaged_is_named(make, tmp_path, damage):
    """It comes from whoever listened."""
    _, test = make("mushra")
    path = tmp_path / "eva.json"
    sent = {"kind": DOWNLOADED, "test": test.id, "session": "x", "slot": 2, "answers": []}
    path.write_text(json.dumps(sent))
    assert downloaded(path, test).slot == 2
    path.write_text(damage(sent))
    with pytest.raises(ConfigError) as error:
        downloaded(path, test)
    assert error.value.where.startswith(str(path))
