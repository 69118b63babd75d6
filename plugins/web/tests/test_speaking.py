# SPDX-License-Identifier: Apache-2.0
"""Voices over HTTP: the bytes are those of ``say``, whoever asks and however many at once."""

import base64
import io
import json
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import openai
import pytest
import soundfile
from synthkit_web.serve.coding import Coder, rate_for
from synthkit_web.serve.wording import in_fields, reworded

from synthkit import audio
from synthkit.cli import run
from synthkit.errors import ConfigError
from synthkit.pipeline.voice import Voice
from synthkit.types import Waveform

TEXT = "Сегодня хорошая погода, и мы пойдём гулять."
LONG = " ".join(f"{TEXT} Это предложение номер {k}." for k in range(12))


@pytest.fixture(scope="module")
def said(voice_folder):
    """``said(text, **request)``: what the voice itself says."""
    with Voice.open(voice_folder) as voice:
        yield voice.say


@pytest.fixture(scope="module")
def url(voice_folder, request):
    import subprocess
    import sys

    process = subprocess.Popen(
        [sys.executable, "-m", "synthkit", "serve", str(voice_folder), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    yield process.stdout.readline().split()[1]
    process.kill()
    process.wait()


def pcm(body: bytes, rate: int = 16000) -> np.ndarray:
    samples, found = soundfile.read(io.BytesIO(body), dtype="int16")
    assert found == rate
    return samples


def test_the_file_is_the_one_that_say_writes(url, voice_folder, tmp_path):
    for name, text, more in (("a.wav", TEXT, {}), ("b.flac", TEXT, {"speed": 1.2}), ("c.wav", LONG, {})):
        options = [f"--{key}={value}" for key, value in more.items()]
        assert run(["say", "-v", str(voice_folder), text, "-o", str(tmp_path / name), *options]) == 0
        body = {"text": text, "format": name[2:], "stream": False, **more}
        reply = httpx.post(f"{url}/say", json=body)
        assert reply.status_code == 200
        assert reply.content == (tmp_path / name).read_bytes()
    assert httpx.post(f"{url}/say", json={"text": TEXT}).content == (tmp_path / "a.wav").read_bytes()


def test_ssml_is_spoken(url, said):
    marked = '<speak>Сегодня <break time="700ms"/> хорошая <sub alias="погода">п.</sub></speak>'
    wave = audio.to_pcm16(said(ssml=marked).samples)
    for body, kind in (({"ssml": marked}, None), (marked, "application/ssml+xml")):
        more = (
            {"json": body} if kind is None else {"content": body.encode(), "headers": {"content-type": kind}}
        )
        assert np.array_equal(pcm(httpx.post(f"{url}/say", **more).content), wave)
    lines = httpx.post(f"{url}/say", json={"ssml": marked, "times": True}).text.splitlines()
    words = [word for line in lines[:-1] for word in json.loads(line)["words"]]
    assert [w[2] for w in words] == ["Сегодня", "хорошая", "погода"]
    assert words[1][0] - words[0][1] == pytest.approx(0.7, abs=0.05)
    bomb = '<!DOCTYPE b [<!ENTITY a "b">]><speak>&a;</speak>'
    for body, words in (
        ({"ssml": bomb}, "document type"),
        ({"ssml": marked, "text": "Да."}, "text and SSML"),
        ({"ssml": ""}, "no text"),
    ):
        reply = httpx.post(f"{url}/say", json=body)
        assert reply.status_code == 400 and words in reply.json()["error"]


def test_a_long_text_comes_in_pieces_with_the_same_samples(url, said, tmp_path):
    whole = audio.to_pcm16(said(LONG).samples)
    for format in ("wav", "flac"):
        arrived = []
        with httpx.stream("POST", f"{url}/say", json={"text": LONG, "format": format}) as reply:
            assert reply.headers["content-type"] == f"audio/{format}"
            assert "content-length" not in reply.headers
            arrived = list(reply.iter_raw())
        assert len(arrived) > 3
        body = b"".join(arrived)
        (tmp_path / f"long.{format}").write_bytes(body)  # of unknown length, as its header says
        found = audio.to_pcm16(audio.read(tmp_path / f"long.{format}").samples)
        assert np.array_equal(found, whole)


def test_other_formats_are_the_same_speech(url, said):
    wave = said(TEXT)
    for format in ("ogg", "mp3", "opus"):
        reply = httpx.post(f"{url}/say", json={"text": TEXT, "format": format})
        samples, rate = soundfile.read(io.BytesIO(reply.content), dtype="float32")
        assert rate == wave.sample_rate
        assert abs(len(samples) / rate - wave.duration) < 0.15
    raw = httpx.post(f"{url}/say", json={"text": TEXT, "format": "pcm"}).content
    assert np.array_equal(np.frombuffer(raw, "<i2"), audio.to_pcm16(wave.samples))


def test_a_stream_of_mp3_tells_its_length(url, said):
    reply = httpx.post(f"{url}/say", json={"text": LONG, "format": "mp3"})
    assert "content-length" not in reply.headers
    assert soundfile.info(io.BytesIO(reply.content)).duration == pytest.approx(said(LONG).duration, abs=0.2)


def test_formats_that_lack_a_rate_are_resampled_as_a_whole_would_be():
    time = np.arange(3 * 22050) / 22050
    wave = (0.4 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    assert rate_for("opus", 22050) == 24000 and rate_for("mp3", 22050) == 22050
    coder = Coder("pcm", 22050, 24000)
    body = b"".join([*(coder.add(part) for part in np.array_split(wave, 7)), coder.end()])
    found = np.frombuffer(body, "<i2") / 32768
    wanted = audio.resample(Waveform(wave, 22050), 24000).samples
    assert abs(len(found) - len(wanted)) <= 1
    size = min(len(found), len(wanted))
    assert np.abs(found[100 : size - 100] - wanted[100 : size - 100]).max() < 1e-3


def test_words_and_phones_have_times(url, voice_folder):
    with httpx.stream("POST", f"{url}/say", json={"text": LONG, "times": True}) as reply:
        assert reply.headers["content-type"].startswith("application/x-ndjson")
        lines = [json.loads(line) for line in reply.iter_lines()]
    *pieces, end = lines
    assert end["done"] and end["seconds"] == pytest.approx(sum(p["seconds"] for p in pieces))
    words = [word for piece in pieces for word in piece["words"]]
    with Voice.open(voice_folder) as voice:
        spoken = voice.speak(LONG)
    assert [w[2] for w in words] == [w.text for w in spoken.segmentation.words]
    assert all(a[1] <= b[0] + 1e-3 for a, b in zip(words, words[1:], strict=False))
    at = 0.0
    for piece in pieces:
        assert piece["start"] == pytest.approx(at)
        assert piece["phones"][0][0] == pytest.approx(at, abs=1e-3)
        at += piece["seconds"]
        assert piece["phones"][-1][1] == pytest.approx(at, abs=1e-3)
    heard = np.concatenate([pcm(base64.b64decode(p["audio"])) for p in pieces])
    assert np.array_equal(heard, audio.to_pcm16(spoken.waveform.samples))
    # The pauses lie where it is quiet.
    level = np.abs(spoken.waveform.samples)
    quiet = [level[int((a + 0.03) * 16000) : int((b - 0.03) * 16000)] for a, b, _ in pieces[0]["phones"][:1]]
    assert np.median(quiet[0]) < 0.2 * np.median(level)


def test_text_alone_and_another_vocoder(url, voice_folder):
    reply = httpx.post(
        f"{url}/say?vocoder=world&adapters=units-to-frames&format=flac",
        content=TEXT.encode(),
        headers={"content-type": "text/plain; charset=utf-8"},
    )
    assert reply.status_code == 200, reply.text
    with Voice.open(
        voice_folder, overrides=["vocoder.plugin=world", "vocoder.adapters=units-to-frames"]
    ) as v:
        assert np.array_equal(pcm(reply.content), audio.to_pcm16(v.say(TEXT).samples))


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, "no text"),
        ({"text": "  "}, 400, "no text"),
        ({"text": 5}, 400, "has to be a string, not 5"),
        ({"text": ["a"]}, 400, "has to be a string"),
        ({"text": "…"}, 400, ""),
        ({"text": TEXT, "voise": "x"}, 400, "did you mean 'voice'"),
        ({"text": TEXT, "format": "avi"}, 400, "format"),
        ({"text": TEXT, "speed": 0}, 400, "speed"),
        ({"text": TEXT, "speed": "fast"}, 400, "speed"),
        ({"text": TEXT, "voice": "nobody"}, 404, "there are demo-ru"),
        ({"text": TEXT, "speaker": "anna"}, 400, "one speaker"),
        ({"text": TEXT, "language": "en"}, 400, "speaks ru"),
        ({"text": TEXT, "vocoder": "wrold"}, 400, "world"),
        ({"text": TEXT, "vocoder": "world"}, 400, "units-to-frames"),
        ({"text": TEXT, "options": {"guidence": 0.3}}, 400, "guidance"),
        ({"text": "а" * 20_001}, 413, "20001 characters"),
    ],
)
def test_what_cannot_be_said_is_said(url, body, status, words):
    reply = httpx.post(f"{url}/say", json=body)
    assert reply.status_code == status
    found = reply.json()
    assert words in found["error"] + found["hint"]


def test_bodies_that_are_no_request(url):
    for content, kind in (
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b"\xff\xfe", "text/plain"),
        (b"text=a", "application/x-www-form-urlencoded"),
        (b"[" * 9000, "application/json"),
    ):
        reply = httpx.post(f"{url}/say", content=content, headers={"content-type": kind})
        assert reply.status_code == 400 and reply.json()["error"]
    taken = httpx.get(f"{url}/say")
    assert taken.status_code == 405 and taken.headers["allow"] == "POST"
    assert taken.json() == {"error": "GET is not taken here", "where": "/say", "hint": "send POST"}
    nowhere = httpx.get(f"{url}/speak")
    assert nowhere.status_code == 404
    assert nowhere.json() == {
        "error": "there is no such address", "where": "/speak", "hint": "GET / says what there is"
    }  # fmt: skip
    both = httpx.post(f"{url}/say?text=abc", json={"text": TEXT})
    assert both.status_code == 400 and both.json()["where"] == "text"
    twice = httpx.post(f"{url}/say?speed=1&speed=2", content=TEXT, headers={"content-type": "text/plain"})
    assert twice.status_code == 400 and "2 times" in twice.json()["error"]
    alone = httpx.post(f"{url}/say", json={"text": TEXT, "speaker": "anna"}).json()
    assert alone["where"] == "speaker" and "--" not in alone["hint"]
    stranger = httpx.post(f"{url}/say", json={"text": TEXT}, headers={"origin": "http://evil.example"})
    assert stranger.status_code == 403


def test_hints_have_the_words_of_a_request():
    assert in_fields("say --set vocoder.plugin=world (also able: psola)") == (
        'say "vocoder": "world" (also able: psola)'
    )
    assert in_fields("--speaker") == "speaker" and in_fields("try --workers 1") == "try --workers 1"
    error = reworded(ConfigError("no", where="--vocoder", hint="leave out --adapters"))
    assert (error.where, error.hint) == ("vocoder", "leave out adapters")


def test_the_client_library_of_the_widely_used_shape(url, said):
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
    assert [m.id for m in client.models.list()] == ["demo-ru"]
    wave = said(TEXT)
    reply = client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, response_format="wav")
    assert np.array_equal(pcm(reply.content), audio.to_pcm16(wave.samples))
    assert reply.response.headers["x-synthkit-ignored"] == "voice 'alloy'"
    with client.audio.speech.with_streaming_response.create(
        model="demo-ru", voice="nsh", input=LONG, response_format="pcm"
    ) as streamed:
        chunks = list(streamed.iter_bytes(chunk_size=4096))
    assert len(b"".join(chunks)) / 2 / 24000 == pytest.approx(said(LONG).duration, abs=0.01)
    mp3 = client.audio.speech.create(model="tts-1", voice="demo-ru", input=TEXT).content
    assert abs(soundfile.info(io.BytesIO(mp3)).duration - wave.duration) < 0.2
    with pytest.raises(openai.NotFoundError, match="there are demo-ru"):
        client.audio.speech.create(model="nobody", voice="x", input=TEXT)
    with pytest.raises(openai.NotFoundError, match=r"no voice 'x' \(there are demo-ru, nsh; names"):
        client.audio.speech.create(model="tts-1", voice="x", input=TEXT)
    with pytest.raises(openai.BadRequestError, match="aac"):
        client.audio.speech.create(model="tts-1", voice="x", input=TEXT, response_format="aac")
    with pytest.raises(openai.BadRequestError, match="no text"):
        client.audio.speech.create(model="tts-1", voice="x", input="")


def test_one_model_is_told_and_an_unknown_one_refused_in_its_shape(url):
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
    assert client.models.retrieve("demo-ru").id == "demo-ru"
    with pytest.raises(openai.NotFoundError, match="there are demo-ru"):
        client.models.retrieve("nobody")
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.speech.create(model="demo-ru", voice="default", input="")
    assert refused.value.param == "input"


def test_many_at_once_get_each_their_own(url, said):
    texts = [f"Это предложение номер {k}." for k in range(16)]
    wanted = [audio.to_pcm16(said(text).samples) for text in texts]

    def ask(text: str) -> np.ndarray:
        return pcm(httpx.post(f"{url}/say", json={"text": text, "format": "flac"}, timeout=60).content)

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(ask, texts))
    assert all(np.array_equal(a, b) for a, b in zip(found, wanted, strict=True))


def test_health_voices_and_figures(url):
    assert httpx.get(f"{url}/health").json() == {"status": "ok", "voices": 1, "open_requests": 0}
    found = httpx.get(f"{url}/voices").json()
    assert found["default"] == "demo-ru"
    assert found["voices"][0]["languages"] == ["ru"] and "festvox-ru" in found["voices"][0]["licence"]
    before = _figure(url, 'synthkit_speech_seconds_total{voice="demo-ru"}')
    wave = httpx.post(f"{url}/say", json={"text": TEXT})
    after = _figure(url, 'synthkit_speech_seconds_total{voice="demo-ru"}')
    assert after - before == pytest.approx((len(wave.content) - 44) / 32000)
    assert _figure(url, "synthkit_open_requests") == 0


def _figure(url: str, name: str) -> float:
    reply = httpx.get(f"{url}/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = dict(line.rsplit(" ", 1) for line in reply.text.splitlines() if not line.startswith("#"))
    return float(lines.get(name, 0.0))


def _held(url: str, seen: threading.Event, done: threading.Event) -> int:
    """Open a long request, read its first bytes, and go on when `done`."""
    with httpx.stream("POST", f"{url}/say", json={"text": LONG * 8}, timeout=60) as reply:
        parts = reply.iter_raw()
        count = len(next(parts))
        seen.set()
        done.wait(60)
        return count + sum(map(len, parts))


def test_too_many_are_turned_away_and_told_when_to_come_back(speaking):
    with speaking("--max-requests", "2", "--max-per-client", "1") as (url, _), ThreadPoolExecutor(1) as pool:
        seen, done = threading.Event(), threading.Event()
        held = pool.submit(_held, url, seen, done)
        assert seen.wait(30)
        refused = httpx.post(f"{url}/say", json={"text": TEXT})
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
        assert httpx.get(f"{url}/health").json()["open_requests"] == 1
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
        with pytest.raises(openai.RateLimitError):
            client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT)
        done.set()
        assert held.result(60) > 1_000_000
        assert httpx.post(f"{url}/say", json={"text": TEXT}).status_code == 200
    with speaking("--max-requests", "1") as (url, _), ThreadPoolExecutor(1) as pool:
        seen, done = threading.Event(), threading.Event()
        held = pool.submit(_held, url, seen, done)
        assert seen.wait(30)
        assert httpx.post(f"{url}/say", json={"text": TEXT}).status_code == 503
        done.set()
        held.result(60)


def test_a_client_that_goes_leaves_its_place(speaking):
    with speaking("--max-requests", "1") as (url, _):
        for _ in range(3):
            with httpx.stream("POST", f"{url}/say", json={"text": LONG * 8}, timeout=60) as reply:
                next(reply.iter_raw())
        for _ in range(200):
            if httpx.get(f"{url}/health").json()["open_requests"] == 0:
                break
        reply = httpx.post(f"{url}/say", json={"text": TEXT})
        while reply.status_code == 503:
            reply = httpx.post(f"{url}/say", json={"text": TEXT})
        assert reply.status_code == 200


def test_a_stop_lets_open_answers_end(speaking):
    with speaking() as (url, process), ThreadPoolExecutor(1) as pool:
        whole = len(httpx.post(f"{url}/say", json={"text": LONG * 8}, timeout=60).content)
        seen, done = threading.Event(), threading.Event()
        held = pool.submit(_held, url, seen, done)
        assert seen.wait(30)
        process.send_signal(signal.SIGTERM)
        done.set()
        assert held.result(60) == whole
        assert process.wait(30) == 0
        assert "stopped" in process.stderr.read()


def test_a_token_is_needed_where_one_is_set(speaking, monkeypatch):
    with speaking("--token", "0123456789abcdef") as (url, _):
        assert httpx.get(f"{url}/voices").status_code == 401
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="0123456789abcdef", max_retries=0)
        assert client.models.list().data[0].id == "demo-ru"
        stranger = openai.OpenAI(base_url=f"{url}/v1", api_key="another", max_retries=0)
        with pytest.raises(openai.AuthenticationError, match="wants its token"):
            stranger.models.list()


def test_two_voices_of_one_name_are_refused(voice_folder, capsys):
    assert run(["serve", str(voice_folder), str(voice_folder), "--port", "0"]) == 2
    assert "two voices are called 'demo-ru'" in capsys.readouterr().err
