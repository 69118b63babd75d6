# SPDX-License-Identifier: Apache-2.0
"""Who may come in: the guard before every door."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from synthkit_web.access import LARGEST, Access
from synthkit_web.app import Door, make_app
from synthkit_web.server import Place, kept_secret

from synthkit.errors import ConfigError, SynthkitError


async def hello(request):
    if request.method == "POST":
        await request.body()
    return PlainTextResponse("hello")


def client(access=None, base="http://127.0.0.1:8000", closed=None):
    door = Door(
        "one",
        "One",
        [Route("/hi", hello, methods=["GET", "POST"]), Route("/admin/x", hello)],
        close=closed or (lambda: None),
    )
    return TestClient(make_app([door], access or Access()), base_url=base, follow_redirects=False)


def test_a_stranger_s_name_for_this_machine_is_refused():
    assert client().get("/one/hi").text == "hello"
    assert client(base="http://localhost:1").get("/one/hi").status_code == 200
    assert client(base="http://[::1]:1").get("/one/hi").status_code == 200
    rebound = client(base="http://evil.example:8000").get("/one/hi")
    assert rebound.status_code == 421
    assert "evil.example" in rebound.text
    named = client(Access(names=frozenset({"lab.example"})), base="http://lab.example")
    assert named.get("/one/hi").status_code == 200


def test_only_our_own_pages_may_change_anything():
    post = client().post
    assert post("/one/hi", headers={"origin": "http://127.0.0.1:8000"}).status_code == 200
    assert post("/one/hi").status_code == 200  # no browser
    for origin in ("http://evil.example", "http://127.0.0.1:9999", "null"):
        assert post("/one/hi", headers={"origin": origin}).status_code == 403
    refused = post("/one/hi", content=b"x" * (LARGEST + 1))
    assert refused.status_code == 413 and "too large" in refused.json()["error"]


def test_a_token_is_asked_for_once_and_kept_out_of_the_address():
    access = Access(token="secret-of-sixteen", keys={"/one/admin": "another-secret-00"})
    c = client(access)
    assert c.get("/one/hi").status_code == 401
    assert c.get("/one/hi?token=wrong").status_code == 401
    assert c.get("/one/hi", headers={"authorization": "Bearer secret-of-sixteen"}).status_code == 200
    answer = c.get("/one/hi?token=secret-of-sixteen&s=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/one/hi?s=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert c.get("/one/hi?s=1").status_code == 200
    assert c.get("/one/admin/x").status_code == 401
    assert c.get("/one/admin/x?key=another-secret-00").status_code == 303
    assert c.get("/one/admin/x").status_code == 200
    assert client(access).post("/one/hi").status_code == 401


def test_who_has_no_token_is_told_in_a_way_to_read():
    """A browser gets a line, a program fields, a client of /v1 the shape that it knows."""
    c = client(Access(token="secret-of-sixteen"))
    page = c.get("/one/hi", headers={"accept": "text/html,*/*"})
    assert page.headers["content-type"].startswith("text/plain") and "whole link" in page.text
    ours = c.get("/one/hi")
    assert ours.headers["www-authenticate"] == "Bearer"
    assert ours.json()["where"] == "authorization" and "Authorization: Bearer TOKEN" in ours.json()["hint"]
    known = c.get("/v1/models").json()["error"]
    assert known["type"] == "authentication_error" and known["param"] == "authorization"


def test_an_unknown_address_of_v1_is_refused_in_its_shape():
    missing = client().get("/v1/chat/completions")
    assert missing.status_code == 404
    assert missing.json()["error"]["message"].startswith("there is no such address")
    assert client().get("/v2/nothing").json()["error"] == "there is no such address"


def test_headers_keep_other_sites_out():
    headers = client().get("/one/hi").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_doors_are_closed_when_the_server_stops():
    closed = []
    with client(closed=lambda: closed.append(1)) as c:
        assert c.get("/").headers["location"] == "/one/"
    assert closed == [1]


def test_what_is_exposed_is_known(tmp_path):
    assert not Place("127.0.0.1").exposed and not Place("localhost").exposed and not Place("::1").exposed
    assert Place("0.0.0.0").exposed and Place("192.168.1.7").exposed and Place("lab.example").exposed
    with Place().bind() as taken:
        port = taken.getsockname()[1]
        taken.listen()
        with pytest.raises(SynthkitError, match="cannot listen there"):
            Place(port=port).bind()
    secret = kept_secret(tmp_path / "s.json", "token")
    assert kept_secret(tmp_path / "s.json", "token") == secret != kept_secret(tmp_path / "s.json", "key")
    assert (tmp_path / "s.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damaged", [b"", b'{"token": "abc', b"[]", b"[" * 100_000, b"\xff\xfe"])
def test_a_damaged_file_of_secrets_is_told_and_kept(tmp_path, damaged):
    """A new one would end every link that was given out, without a word."""
    path = tmp_path / "s.json"
    path.write_bytes(damaged)
    with pytest.raises(ConfigError) as caught:
        kept_secret(path, "token")
    assert caught.value.where == str(path) and "remove it" in caught.value.hint
    assert path.read_bytes() == damaged
