# SPDX-License-Identifier: Apache-2.0
"""Reading, writing and resampling of audio files."""

import io
import os
import shlex

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from synthkit import audio, containers
from synthkit.errors import AudioError
from synthkit.types import Waveform


def sine(frequency: float, rate: int, seconds: float = 0.5) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


@pytest.fixture
def wav(tmp_path):
    path = tmp_path / "a.wav"
    audio.write(path, Waveform(sine(440, 16000), 16000))
    return path


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@settings(max_examples=20, deadline=None)
@given(values=st.lists(st.integers(-32768, 32767), min_size=1, max_size=200))
def test_pcm16_comes_back_as_it_was(suffix, values, tmp_path_factory):
    path = tmp_path_factory.mktemp("pcm") / f"x{suffix}"
    audio.write(path, Waveform((np.array(values) / 32768).astype(np.float32), 16000))
    assert soundfile.read(path, dtype="int16")[0].tolist() == values
    assert (audio.read(path).samples * 32768).tolist() == values


@pytest.mark.parametrize("peak", [32767.0, -32768.0, 3e38, -101.0])
def test_integers_stored_as_floats_are_told(peak, tmp_path):
    samples = 1e-3 * sine(440, 16000)
    samples[100] = peak
    soundfile.write(tmp_path / "x.wav", samples, 16000, "FLOAT")
    with pytest.raises(AudioError, match=r"x\.wav: far beyond full scale: its peak is"):
        audio.read(tmp_path / "x.wav")


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 4000, -1])
def test_samples_that_are_not_finite_are_found_wherever_they_are(odd, place, tmp_path):
    samples = sine(440, 16000)
    samples[place] = odd
    soundfile.write(tmp_path / "x.wav", samples, 16000, "FLOAT")
    with pytest.raises(AudioError, match="not finite"):
        audio.read(tmp_path / "x.wav")


def test_samples_beyond_full_scale_are_clipped_not_wrapped(tmp_path):
    audio.write(tmp_path / "x.wav", Waveform(np.array([1.5, -1.5, 1.0], np.float32), 8000))
    assert soundfile.read(tmp_path / "x.wav", dtype="int16")[0].tolist() == [32767, -32768, 32767]


def test_channels_are_averaged(tmp_path):
    stereo = np.stack([np.full(10, 0.5), np.full(10, -0.25)], axis=1)
    soundfile.write(tmp_path / "s.wav", stereo, 16000, "FLOAT")
    assert audio.read(tmp_path / "s.wav").samples.tolist() == [0.125] * 10


def test_cut_reads_those_samples(wav):
    whole = audio.read(wav).samples
    part = audio.read(wav, start=0.1, end=0.25)
    np.testing.assert_array_equal(part.samples, whole[1600:4000])


@pytest.mark.parametrize("cut", [(0.3, 0.2), (-0.1, 0.2), (0.0, 9.0), (0.5, 0.5)])
def test_cut_outside_is_refused(wav, cut):
    with pytest.raises(AudioError, match="cut"):
        audio.read(wav, start=cut[0], end=cut[1])


def test_never_resampled_unless_asked(wav):
    assert audio.read(wav).sample_rate == 16000
    assert audio.read(wav, sample_rate=16000).samples.tolist() == audio.read(wav).samples.tolist()


@pytest.mark.parametrize(("old", "new"), [(44100, 16000), (16000, 22050), (48000, 24000), (22050, 44100)])
def test_resampling_keeps_a_tone_and_its_phase(old, new):
    out = audio.resample(Waveform(sine(1000, old), old), new)
    expected = sine(1000, new)
    assert abs(len(out.samples) - len(expected)) <= 1
    middle = slice(new // 50, len(expected) - new // 50)
    assert np.abs(out.samples[middle] - expected[middle]).max() < 1e-4


def test_resampling_removes_what_would_alias():
    out = audio.resample(Waveform(sine(8100, 44100), 44100), 16000).samples
    assert np.abs(out[400:-400]).max() < 0.5 * 10 ** (-95 / 20)


def test_resampling_is_flat_up_to_nine_tenths_of_nyquist():
    out = audio.resample(Waveform(sine(7150, 44100), 44100), 16000).samples
    assert np.abs(out[800:-800] - sine(7150, 16000)[800 : len(out) - 800]).max() < 1e-3


def test_resampling_equals_itself():
    wave = Waveform(np.random.default_rng(1).standard_normal(5000).astype(np.float32), 44100)
    assert audio.resample(wave, 16000).samples.tobytes() == audio.resample(wave, 16000).samples.tobytes()


def broken_files(folder):
    good = folder / "good.wav"
    audio.write(good, Waveform(sine(440, 16000), 16000))
    audio.write(folder / "good.flac", Waveform(sine(440, 16000), 16000))
    flac = (folder / "good.flac").read_bytes()
    empty = folder / "no-samples.wav"
    soundfile.write(empty, np.zeros(0), 16000)
    return {
        "zero.wav": (b"", "0 bytes"),
        "cut.wav": (good.read_bytes()[:3000], "truncated"),
        "header.wav": (good.read_bytes()[:30], "truncated"),
        "text.wav": (b"this is no audio at all, only text", "not readable"),
        "cut.flac": (flac[: len(flac) // 2], "not readable|truncated"),
        "no-samples.wav": (empty.read_bytes(), "no samples"),
    }


@pytest.mark.parametrize(
    "name", ["zero.wav", "cut.wav", "header.wav", "text.wav", "cut.flac", "no-samples.wav"]
)
def test_broken_file_is_named_with_its_fault(tmp_path, name):
    content, reason = broken_files(tmp_path)[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AudioError, match=reason) as caught:
        audio.read(tmp_path / name)
    assert name in str(caught.value)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        audio.read(tmp_path / "none.wav")
    with pytest.raises(AudioError, match="directory"):
        audio.read(tmp_path)


def test_wav_from_a_pipe_with_unknown_length_is_read(tmp_path, wav):
    data = bytearray(wav.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "pipe.wav").write_bytes(data)
    assert len(audio.read(tmp_path / "pipe.wav").samples) == 8000


@pytest.mark.parametrize("samples", [[], [0.0, float("nan")], [float("inf")]])
def test_nothing_is_written_for_a_waveform_that_is_none(tmp_path, samples):
    with pytest.raises(AudioError):
        audio.write(tmp_path / "x.wav", Waveform(np.array(samples, np.float32), 16000))
    assert list(tmp_path.iterdir()) == []


def test_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(AudioError, match="mp3"):
        audio.write(tmp_path / "x.mp3", Waveform(sine(440, 16000), 16000))


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x.wav"
    path.write_bytes(b"old")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(Exception, match="space"):
        audio.write(path, Waveform(sine(440, 16000), 16000))
    assert [p.name for p in tmp_path.iterdir()] == ["x.wav"]
    assert path.read_bytes() == b"old"


def test_info_tells_the_header(wav):
    assert audio.info(wav) == (16000, 8000, 1)


def of_unknown_length(path):
    """The FLAC at `path` as a recorder writes it that does not know yet when it will end."""
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)  # the 36 bits of "total samples" in STREAMINFO
    path.write_bytes(data)


@pytest.fixture
def stream(tmp_path):
    path = tmp_path / "stream.flac"
    audio.write(path, Waveform(sine(440, 16000, 20.0), 16000))
    of_unknown_length(path)
    assert soundfile.info(path).frames > 1 << 60
    return path


def test_a_flac_of_unknown_length_is_read_to_its_end(stream):
    whole = audio.read(stream).samples
    expected = audio.to_pcm16(sine(440, 16000, 20.0))
    assert (whole * 32768).tolist() == expected.tolist()
    assert audio.info(stream) == (16000, 320000, 1)
    assert (audio.read_channels(stream)[:, 0] * 32768).tolist() == expected.tolist()
    part = audio.read(stream, start=17.5, end=18.0)
    np.testing.assert_array_equal(part.samples, whole[280000:288000])
    np.testing.assert_array_equal(audio.read(stream, start=19.0).samples, whole[304000:])
    for cut in ((21.0, 22.0), (19.0, 21.0), (2.0, 1.0)):
        with pytest.raises(AudioError):
            audio.read(stream, start=cut[0], end=cut[1])


def test_what_is_longer_than_wanted_is_not_read(stream, wav):
    for path, longest in ((stream, 3.0), (wav, 0.4)):
        with pytest.raises(audio.TooLong, match="too long"):
            audio.read(path, longest=longest)
    assert audio.read(wav, start=0.1, end=0.2, longest=0.4).duration == pytest.approx(0.1)


@pytest.mark.parametrize("rate", [1, 999, 768001, 9_999_991])
def test_a_rate_that_no_recording_has_is_refused(tmp_path, rate):
    soundfile.write(tmp_path / "x.wav", np.zeros(800), rate)
    with pytest.raises(AudioError, match=f"{rate} Hz"):
        audio.read(tmp_path / "x.wav", 16000)


@pytest.mark.parametrize(("old", "new"), [(44101, 22050), (16000, 44099), (47999, 16000)])
def test_odd_rates_keep_a_tone_its_phase_and_its_length(old, new):
    out = audio.resample(Waveform(sine(1000, old), old), new)
    assert len(out.samples) == -(-(old // 2) * new // old)
    middle = slice(new // 50, len(out.samples) - new // 50)
    assert np.abs(out.samples - sine(1000, new, 1.0)[: len(out.samples)])[middle].max() < 1e-4


def test_a_pipe_is_no_recording(tmp_path):
    os.mkfifo(tmp_path / "x.wav")
    with pytest.raises(AudioError, match="pipe"):
        audio.read(tmp_path / "x.wav")


def ogg(seconds: float, pitch: float = 200.0) -> bytes:
    buffer = io.BytesIO()
    tone = 0.5 * np.sin(2 * np.pi * pitch * np.arange(round(16000 * seconds)) / 16000)
    soundfile.write(buffer, tone, 16000, format="OGG", subtype="VORBIS")
    return buffer.getvalue()


@pytest.mark.parametrize("between", [b"", b"x" * 100, b"x" * 70_000 + b"OggS"])
def test_an_ogg_of_several_recordings_is_not_read_as_its_first(between, tmp_path):
    first = ogg(1.0)
    for name, then in (("another", ogg(0.5, 300.0)), ("the same", first)):
        path = tmp_path / f"{name}.ogg"
        path.write_bytes(first)
        assert len(audio.read(path).samples) == 16000
        path.write_bytes(first + between + then)
        for look in (audio.read, audio.info, audio.read_channels):
            with pytest.raises(AudioError, match="a chained Ogg") as caught:
                look(path)
            assert caught.value.where == str(path)


def test_streams_that_run_beside_one_another_are_one_ogg(tmp_path):
    """As of a film, whose sound and picture begin together (RFC 3533): pages of both in turn."""
    pages = ogg(1.0).split(b"OggS")[1:]
    beside = [page[:10] + b"film" + page[14:] for page in pages]
    path = tmp_path / "both.ogg"
    path.write_bytes(b"".join(b"OggS" + p for pair in zip(pages, beside, strict=True) for p in pair))
    descriptor, mended = containers.checked_file(path)
    os.close(descriptor)
    assert mended is None


@pytest.mark.parametrize(("subtype", "channels"), [("PCM_16", 1), ("PCM_24", 2), ("PCM_S8", 1)])
def test_a_flac_is_held_against_its_md5(subtype, channels, tmp_path):
    path = tmp_path / "a.flac"
    samples = np.random.default_rng(0).uniform(-1, 1, (300_000, channels))
    samples[:2] = [[-1.0] * channels, [1.0] * channels]
    soundfile.write(path, samples, 16000, subtype=subtype)
    assert len(audio.read(path).samples) == 300_000
    whole = bytearray(path.read_bytes())
    whole[30] ^= 1  # of the 16 bytes from 26 on
    path.write_bytes(whole)
    with pytest.raises(AudioError, match="MD5 differs"):
        audio.read(path)
    whole[26:42] = bytes(16)  # a stream that was written as it was recorded has none
    path.write_bytes(whole)
    assert len(audio.read(path).samples) == 300_000


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.m4a", b"\0\0\0\x1cftypM4A \0\0\2\0", "an MPEG-4 file"),
        ("a voice.wav", b"\0\0\0\x18ftyp3gp4", "an MPEG-4 file"),  # whatever it is called
        ("a.aac", b"\xff\xf1\x50\x80\x02\x1f\xfc", "an AAC stream"),
        ("a.amr", b"#!AMR\n\x3c", "an AMR recording"),
        ("a.wma", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file"),
        ("a.webm", b"\x1a\x45\xdf\xa3\x9f", "a Matroska file"),
    ],
)
def test_what_a_phone_records_is_named_with_the_command_that_converts_it(tmp_path, name, head, kind):
    path = tmp_path / name
    path.write_bytes(head + bytes(200))
    for ask in (audio.read, audio.info, audio.read_channels):
        with pytest.raises(AudioError, match=f"is {kind}.*not read") as error:
            ask(path)
        command = shlex.split(error.value.hint.split("`")[1])
        assert command == ["ffmpeg", "-i", str(path), str(path.with_suffix(".flac"))]
