# SPDX-License-Identifier: Apache-2.0
"""Standing fuzzers: whatever is read ends in an error of ours that names the file, or in a right result.

Each takes real files of its kind and damages them: bytes flipped, cut, doubled, swapped for hostile ones.
The run is seeded and short here; ``make fuzz`` (``SYNTHKIT_FUZZ=2000``) is the long one.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from synthkit import audio, tables
from synthkit.corpora import check, open_corpus
from synthkit.errors import AlignmentError, MachineError, SynthkitError
from synthkit.eval.listening.formats import read_heard
from synthkit.eval.plan import read_pilot
from synthkit.labels import read_alignment, write_alignment
from synthkit.pipeline.alignments import INDEX, LINES, read_alignments, write_alignments
from synthkit.pipeline.build import build
from synthkit.pipeline.cache import Cache
from synthkit.pipeline.config import load
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.progress import Progress
from synthkit.types import Alignment, Interval, Waveform

CASES = int(os.environ.get("SYNTHKIT_FUZZ", "25"))
SECONDS = 10
GIBIBYTE = 1 << 30
few = settings(
    max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=True
)
HOSTILE = [
    *(b"\x00", b"\xff\xfe", b"nan", b"inf", b"1e400", b"9" * 400, b"-1", b"[" * 5000, b'"', b"{}", b";"),
    *(b"\n", b"\t", b"../../x", b"\xed\xa0\x80", "①".encode(), b"\xff\xff\xff\xff", b"\x00\x00\x00\x80"),
    *(b"0", b"null", b"x" * 300),
]


class Damaged(bytes):
    """Bytes that a failing test does not print whole."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes that begin with {bytes(self[:200])!r}>"


@st.composite
def damage(draw: st.DrawFn, data: bytes) -> bytes:
    """`data` altered in one to four places."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.sampled_from([0, 1, 1, 4, 16, 200]))
        new = draw(
            st.one_of(st.sampled_from(HOSTILE), st.binary(max_size=8), st.just(data[at : at + length] * 2))
        )
        data = data[:at] if draw(st.integers(0, 9)) == 0 else data[:at] + new + data[at + length :]
    return Damaged(data)


def peak() -> int:
    """The most memory this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@contextmanager
def ours(where: Path | None) -> Iterator[None]:
    """Nothing but an error of ours, which names `where`, within `SECONDS` of the processor's
    time and a gibibyte."""
    began, most = time.process_time(), peak()
    caught: SynthkitError | None = None
    try:
        yield
    except SynthkitError as error:
        caught = error
    assert not isinstance(caught, MachineError)
    assert caught is None or where is None or where.name in str(caught), str(caught)
    assert time.process_time() - began < SECONDS
    assert peak() - most < GIBIBYTE


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def recordings(place: Path) -> dict[str, bytes]:
    wave = Waveform((0.3 * np.sin(np.arange(3000) / 9)).astype(np.float32), 16000)
    out = {}
    for suffix in (".wav", ".flac"):
        audio.write(place / f"whole{suffix}", wave)
        out[suffix] = Damaged((place / f"whole{suffix}").read_bytes())
    return out


@few
@seed(1)
@given(data=st.data(), suffix=st.sampled_from([".wav", ".flac"]))
def test_recordings(data, suffix, place, recordings):
    path = place / f"case{suffix}"
    path.write_bytes(data.draw(damage(recordings[suffix])))
    with ours(path):
        assert np.isfinite(audio.read(path, 16000, longest=120).samples).all()


@pytest.fixture(scope="module")
def labels(place: Path) -> dict[str, bytes]:
    rows = (Interval(0.0, 0.1, "pau"), Interval(0.1, 0.25, "a"), Interval(0.25, 0.4, "b"))
    whole = Alignment("u", rows, (Interval(0.1, 0.4, "ab"),), 0.4)
    out = {}
    for form in ("textgrid", "festvox", "htk", "ctm"):
        write_alignment(place / "whole", whole, format=form)
        out[form] = (place / "whole").read_bytes()
    return out


@few
@seed(2)
@given(data=st.data(), form=st.sampled_from(["textgrid", "festvox", "htk", "ctm"]))
def test_labels(data, form, place, labels):
    path = place / "case.lab"
    path.write_bytes(data.draw(damage(labels[form])))
    with ours(path):
        found = read_alignment(path, format=form, id="u")
        assert 0 < found.duration <= 2e6  # a start and a length of a million seconds each at most


@few
@seed(3)
@given(data=st.data())
def test_recipes(data, place):
    whole = (Path(__file__).parents[2] / "corpora" / "recipes" / "demo-ru.toml").read_bytes()
    path = place / "case.toml"
    path.write_bytes(data.draw(damage(whole)))
    with ours(path):
        load(path)
    with ours(path):
        tables.read(path)


@few
@seed(4)
@given(data=st.data(), name=st.sampled_from(["corpus.json", "utterances.tsv"]))
def test_tables_of_a_corpus(data, name, place, recordings):
    folder = place / "corpus"
    folder.mkdir(exist_ok=True)
    (folder / "u1.wav").write_bytes(recordings[".wav"])
    about = {"name": "c", "languages": ["ru"], "licence": "", "attribution": "", "left_out": []}
    files = {
        "corpus.json": json.dumps(about).encode(),
        "utterances.tsv": b"id\ttext\taudio\tlanguage\tspeaker\tlabels\tstart\tend\tphones\n"
        + "u1\tРаз два.\tu1.wav\tru\ts\t\t\t\t\n".encode(),
    }
    for each, content in files.items():
        (folder / each).write_bytes(content if each != name else data.draw(damage(content)))
    with ours(folder):
        check(open_corpus(folder, "ru"))


METADATA = {
    "ljspeech": ("metadata.csv", "wavs/u1.wav", "u1|Раз два.|Раз два.\n"),
    "hugging-face": ("metadata.csv", "u1.wav", "file_name,text\nu1.wav,Раз два.\n"),
    "common-voice": (
        "validated.tsv",
        "clips/u1.wav",
        "client_id\tpath\tsentence\tlocale\nc\tu1.wav\tРаз два.\tru\n",
    ),
}
"""Tables that come with recordings: name, where the recording is, content."""


@few
@seed(12)
@given(data=st.data(), kind=st.sampled_from(sorted(METADATA)))
def test_metadata_of_recordings(data, kind, place, recordings):
    name, recording, content = METADATA[kind]
    folder = place / kind
    (folder / recording).parent.mkdir(parents=True, exist_ok=True)
    (folder / recording).write_bytes(recordings[".wav"])
    (folder / name).write_bytes(data.draw(damage(content.encode())))
    with ours(folder):
        check(open_corpus(folder, "ru"))


def rated(as_parquet: bool, path: Path) -> bytes:
    rows = [(f"l{k}", f"u{k % 3}", "v", float(k % 5 + 1)) for k in range(9)]
    columns = ("listener", "utterance", "voice", "score")
    if not as_parquet:
        return "\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]).encode()
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(dict(zip(columns, zip(*rows, strict=True), strict=True))), path)
    return path.read_bytes()


@few
@seed(5)
@given(data=st.data(), suffix=st.sampled_from([".csv", *([".parquet"] if find_spec("pyarrow") else [])]))
def test_ratings(data, suffix, place):
    path = place / f"case{suffix}"
    path.write_bytes(data.draw(damage(rated(suffix == ".parquet", place / "whole.parquet"))))
    with ours(path):
        assert read_heard(path).ratings


TEXTS = st.text(
    st.sampled_from([*"абвАБёeyZ019 .,!?-+{}①²½%$№&/\\\"'\n\t", "\u0301", "\u200b", "漢", "😀"]), max_size=60
)


@few
@seed(6)
@given(text=st.one_of(TEXTS, st.text(max_size=30)), language=st.sampled_from(["ru", "en"]))
def test_texts(text, language):
    segmenter = registry().load("segmentation", "text")()
    with ours(None):
        assert segmenter.segment(text, language).words


@few
@seed(7)
@given(data=st.data())
def test_manifests_and_settings_of_a_voice_that_agree(data, place, demo_voice):
    folder = place / "voice"
    if not folder.exists():
        shutil.copytree(demo_voice, folder)
    name = data.draw(st.sampled_from(["voice.toml", "manifest.json"]))
    manifest = json.loads((demo_voice / "manifest.json").read_text(encoding="utf-8"))
    altered = data.draw(damage((demo_voice / name).read_bytes()))
    for each in ("voice.toml", "manifest.json"):
        shutil.copyfile(demo_voice / each, folder / each)
    (folder / name).write_bytes(altered)
    if name == "voice.toml":
        manifest["files"][name] = {"size": len(altered), "sha256": hashlib.sha256(altered).hexdigest()}
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with ours(None), Voice.open(folder) as voice:
        assert len(voice.say("Раз.").samples)


@pytest.fixture(scope="module")
def parametric_voice(place: Path) -> Path:
    """The smallest there is with network weights: the bundled ones, as a build of the recipe takes them."""
    recipe = place / "net.toml"
    recipe.write_text(
        '[voice]\nname = "net"\ncorpus = "bundled-ru"\nlimit = 4\n[alignment]\nplugin = "labels"\n'
        '[features]\nplugin = "world"\n[acoustic_model]\nplugin = "parametric"\npretrained = "nsh"\n'
        '[vocoder]\nplugin = "world"\n'
    )
    context = BuildContext(SerialExecutor(), Progress(enabled=False), place / "work")
    return build(load(recipe), place / "net", context)


@contextmanager
def altered_voice(data, whole: Path, folder: Path) -> Iterator[Path]:
    """`whole` with one of its artefacts damaged, in a manifest that agrees."""
    if not folder.exists():
        shutil.copytree(whole, folder)
    manifest = json.loads((whole / "manifest.json").read_text(encoding="utf-8"))
    name = data.draw(st.sampled_from(sorted(n for n in manifest["files"] if n != "voice.toml")))
    content = data.draw(damage((whole / name).read_bytes()))
    (folder / name).write_bytes(content)
    manifest["files"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    try:
        yield folder
    finally:
        shutil.copyfile(whole / name, folder / name)


@few
@seed(9)
@given(data=st.data(), kind=st.sampled_from(["units", "network"]))
def test_artefacts_of_a_voice_that_agree(data, kind, place, demo_voice, parametric_voice):
    whole = demo_voice if kind == "units" else parametric_voice
    with altered_voice(data, whole, place / kind) as folder, ours(None), Voice.open(folder) as voice:
        assert np.isfinite(voice.say("Раз.").samples).all()


@few
@seed(10)
@given(data=st.data())
def test_results_of_a_comparison(data, place):
    rows = [{"key": f"mcd/{k}", "deviation": 0.5 + k, "sentences": 20} for k in range(3)]
    path = place / "results.json"
    path.write_bytes(data.draw(damage(json.dumps({"power": rows, "version": 1}).encode())))
    with ours(path):
        assert all(0 <= value < np.inf for value in read_pilot(path).values())


@few
@seed(11)
@given(data=st.data(), which=st.sampled_from([LINES, INDEX]))
def test_alignments_of_a_voice(data, which, place):
    folder = place / "alignment"
    folder.mkdir(exist_ok=True)
    phones = (Interval(0.0, 0.1, "pau"), Interval(0.1, 0.4, "a", -3.5))
    whole = {id: Alignment(id, phones, (), 0.4, ((1, "long"),)) for id in ("u 1", "ё", "z")}
    write_alignments(folder, [*whole.items(), ("bad", AlignmentError("too short"))])
    (folder / which).write_bytes(data.draw(damage((folder / which).read_bytes())))
    with ours(folder):
        found, _ = read_alignments(folder)
        for id in found:
            assert isinstance(found[id], Alignment)
        assert set(found.flagged()) <= set(found)


@few
@seed(8)
@given(data=st.data(), which=st.sampled_from(["", ".sum"]))
def test_cached_results(data, which, place):
    cache = Cache(place / "cache", lambda line: None)
    whole = bytes(range(200)) * 3
    path = cache.file("s", "abc", ".bin", lambda p: p.write_bytes(whole))
    target = path.with_name(path.name + which)
    # A checksum holds times, which differ from run to run: what replaces it may not depend on them.
    target.write_bytes(data.draw(damage(whole if which == "" else b'{"": ["0", 1, 2, 3, 4]}')))
    if cache.holds(path):
        assert path.read_bytes() == whole
    assert cache.file("s", "abc", ".bin", lambda p: p.write_bytes(whole)).read_bytes() == whole
