# SPDX-License-Identifier: Apache-2.0
"""The `mfa` adapter against a stand-in for the command; see `stand_in_mfa` for what it does and why there is
one."""

import json
import os
import pickle
import signal
import stat
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthkit_align.mfa import MfaAligner, MfaSettings, last_words
from synthkit_align.mfa.command import MfaProgress

from synthkit import audio
from synthkit.cli import run
from synthkit.errors import AlignmentError, ConfigError, MissingDependency
from synthkit.labels import read_alignment
from synthkit.testing.samples import context
from synthkit.types import PAUSE, Alignment, Phone, Segmentation, Utterance, Waveform, Word

DATA = Path(__file__).parent / "data"
SAYS = DATA / "mfa-says"


def recorded() -> Alignment:
    return read_alignment(DATA / "ru_0006.TextGrid")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The stand-in on the PATH; the user's own root of MFA, empty."""
    program = tmp_path / "bin" / "mfa"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n{(Path(__file__).parent / 'stand_in_mfa.py').read_text()}".replace(
            "Path(__file__).parent", f"Path({str(Path(__file__).parent)!r})"
        )
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("STAND_IN_LOG", str(tmp_path / "asked"))
    monkeypatch.setenv("MFA_ROOT_DIR", str(tmp_path / "users-mfa"))
    return tmp_path


@pytest.fixture
def item(here):
    """The recorded utterance, its words said as MFA's TextGrid has them (and one way more)."""
    grid = recorded()
    path = here / "ru_0006.wav"
    audio.write(path, Waveform(np.zeros(round(grid.duration * 16000), np.float32), 16000))
    words = tuple(
        Word(
            w.label,
            tuple(Phone(p.label) for p in grid.phones if w.start <= p.start < w.end and p.label != PAUSE),
            variants=((Phone("b"),) * 30,),  # longer than any: the stand-in never chooses it
        )
        for w in grid.words
    )
    return Utterance("ru_0006", "x", path, "ru", "nsh"), Segmentation("x", "ru", "msu-ru", words)


def align(items, work, **settings):
    return MfaAligner(MfaSettings(**settings)).align(items, context(work))


def asked(here):
    return (here / "asked").read_text().split("\n")[0]


def make_model(path, phones):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/meta.json", json.dumps({"phones": sorted(phones)}))
    return path


def phones_of(segmentation):
    return {p.symbol for w in segmentation.words for way in (w.phones, *w.variants) for p in way}


def make_dictionary(path, segmentation, change=lambda phone: phone, leave_out=()):
    rows = [
        f"{w.text.lower()}\t0.99\t0.5\t1.0\t1.0\t{' '.join(change(p.symbol) for p in w.phones)}"
        for w in segmentation.words
        if w.text not in leave_out
    ]
    path.write_text("\n".join(["<unk>\t0.99\t0.32\t1.0\t1.0\tspn", *rows]) + "\n")
    return path


def test_times_come_back_from_its_textgrid(item, here):
    found = align([item], here / "work")["ru_0006"]
    assert isinstance(found, Alignment), found
    assert found.phones[0].label == PAUSE
    assert found.phones[-1].end == found.duration == pytest.approx(audio.read(item[0].audio).duration)
    assert [w.label for w in found.words] == [w.label for w in recorded().words]
    edges = {p.start for p in found.phones} | {p.end for p in found.phones}
    assert all(w.start in edges and w.end in edges for w in found.words)


def test_what_it_is_asked(item, here):
    align([item], here / "work")
    said, root = (here / "asked").read_text().split("\n")
    assert said.startswith("train --clean --final_clean -j 2 --output_format long_textgrid --single_speaker")
    run = next((here / "work" / "synthkit-mfa").glob("run-*"))
    assert root == str(run / "root")
    rows = (run / "dictionary.dict").read_text().splitlines()
    first = recorded().words[0].label.lower()
    assert f"{first}\t{' '.join('b' * 30)}" in rows


def test_several_speakers_are_not_one(item, here):
    align([item, (replace(item[0], id="b", speaker="б b"), item[1])], here / "work")
    assert "--single_speaker" not in asked(here)


def test_what_it_leaves_out_is_listed(item, here):
    other = (replace(item[0], id="left_out"), item[1])
    found = align([item, other], here / "work")
    assert isinstance(found["ru_0006"], Alignment)
    assert "gave nothing" in str(found["left_out"])


def test_nothing_aligned_at_all_lists_each(item, here):
    found = align([(replace(item[0], id="left_out"), item[1])], here / "work")
    assert "gave nothing" in str(found["left_out"])
    assert not list((here / "work").rglob("*.wav")), "the copy of the corpus stayed behind"


def test_a_broken_recording_does_not_end_the_run(item, here):
    broken = here / "zero.wav"
    broken.write_bytes(b"")
    found = align([(replace(item[0], id="zero", audio=broken), item[1]), item], here / "work")
    assert isinstance(found["zero"], AlignmentError)
    assert isinstance(found["ru_0006"], Alignment)


def test_another_number_of_words_is_left_out(item, here):
    short = replace(item[1], words=item[1].words[1:])
    assert isinstance(align([(item[0], short)], here / "work")["ru_0006"], AlignmentError)


@pytest.mark.parametrize("name", ["../../outside", "/etc/x", "а б", "x" * 300, ".."])
def test_ids_stay_in_the_folder(item, here, name):
    found = align([(replace(item[0], id=name, speaker=name), item[1])], here / "deep" / "er" / "work")
    assert isinstance(found[name], Alignment)
    made = {p.relative_to(here).parts[0] for p in here.rglob("*") if p.is_file()}
    assert made == {"deep", "bin", "asked", "ru_0006.wav"}


# The user's folder


def test_nothing_of_the_users_is_touched(item, here):
    """A folder with ``corpus``, ``out`` and ``root`` in it, as people have them."""
    for name in ("corpus", "out", "root"):
        (here / "mine" / name).mkdir(parents=True)
        (here / "mine" / name / "dear.wav").write_bytes(b"dear")
    before = {p: p.read_bytes() for p in (here / "mine").rglob("*") if p.is_file()}
    assert isinstance(align([item], here / "work", folder=str(here / "mine"))["ru_0006"], Alignment)
    assert {p: p.read_bytes() for p in before} == before


def test_a_folder_of_the_same_name_is_refused(item, here):
    (here / "mine" / "synthkit-mfa").mkdir(parents=True)
    (here / "mine" / "synthkit-mfa" / "dear.txt").write_text("dear")
    with pytest.raises(ConfigError, match="not made by synthkit"):
        align([item], here / "work", folder=str(here / "mine"))
    assert (here / "mine" / "synthkit-mfa" / "dear.txt").read_text() == "dear"


def test_runs_that_share_a_folder_do_not_meet(item, here):
    first, second = MfaAligner(), MfaAligner()
    first.align([item], context(here / "work"))
    second.align([item], context(here / "work"))
    first.save(here / "voice")
    assert (here / "voice" / "mfa-model.zip").is_file()
    del first, second
    MfaAligner().align([item], context(here / "work"))
    assert len(list((here / "work" / "synthkit-mfa").glob("run-*"))) == 1, "earlier runs were not swept"


def test_the_temporary_folder_will_do(item, here, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(here / "tmp"))
    assert isinstance(align([item], here / "tmp" / "work")["ru_0006"], Alignment)


# Models and dictionaries


def test_saved_model_is_used(item, here):
    trained = MfaAligner()
    trained.align([item], context(here / "work"))
    trained.save(here / "voice")
    again = MfaAligner()
    again.open(here / "voice")
    assert isinstance(again.align([item], context(here / "again"))["ru_0006"], Alignment)
    assert asked(here).startswith("align ")
    assert "--single_speaker" not in asked(here), "it would turn off align's second pass"


def test_a_given_model_and_dictionary_travel_with_the_voice(item, here):
    model = make_model(here / "given.zip", phones_of(item[1]))
    dictionary = make_dictionary(here / "given.dict", item[1])
    settings = {"model": str(model), "dictionary": str(dictionary)}
    made = MfaAligner(MfaSettings(**settings))
    assert isinstance(made.align([item], context(here / "work"))["ru_0006"], Alignment)
    made.save(here / "voice")
    model.unlink()
    dictionary.unlink()
    elsewhere = MfaAligner(MfaSettings(**settings))
    elsewhere.open(here / "voice")
    assert isinstance(elsewhere.align([item], context(here / "again"))["ru_0006"], Alignment)


def test_a_name_is_looked_up_where_the_users_mfa_keeps_its_models(item, here):
    folder = here / "users-mfa" / "pretrained_models"
    make_model(folder / "acoustic" / "russian_mfa.zip", phones_of(item[1]))
    (folder / "dictionary").mkdir()
    make_dictionary(folder / "dictionary" / "russian_mfa.dict", item[1])
    found = align([item], here / "work", model="russian_mfa", dictionary="russian_mfa")
    assert isinstance(found["ru_0006"], Alignment)
    assert str(folder / "acoustic" / "russian_mfa.zip") in asked(here)


def test_an_unknown_name_is_told_with_those_there_are(item, here):
    make_model(here / "users-mfa" / "pretrained_models" / "acoustic" / "german_mfa.zip", {"a"})
    with pytest.raises(ConfigError, match="no model of the name 'russian_mfa'") as error:
        align([item], here / "work", model="russian_mfa")
    assert "german_mfa" in error.value.hint
    assert "mfa model download acoustic" in error.value.hint


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [("model", b"no zip", "no model of MFA"), ("dictionary", "слово\n".encode(), "line 1 has no phones")],
)
def test_a_damaged_file_is_told_before_mfa_is_started(item, here, name, content, what):
    (here / "given.x").write_bytes(content)
    with pytest.raises(ConfigError, match=what):
        align([item], here / "work", **{name: str(here / "given.x")})
    assert not (here / "asked").exists()


def test_words_that_a_dictionary_lacks_are_named_as_written(item, here):
    dictionary = make_dictionary(here / "given.dict", item[1], leave_out={item[1].words[2].text})
    told = str(align([item], here / "work", dictionary=str(dictionary))["ru_0006"])
    assert f"the dictionary has no {item[1].words[2].text!r}" in told
    assert "xq" not in told


def test_words_with_hyphens_and_apostrophes_are_found_in_a_dictionary(item, here):
    grid = item[1].words
    words = (replace(grid[0], text="Кое-что"), replace(grid[1], text="don't"), *grid[2:])
    segmentation = replace(item[1], words=words)
    dictionary = make_dictionary(here / "given.dict", segmentation, leave_out={"Кое-что"})
    phones = [p.symbol for p in grid[0].phones]
    with dictionary.open("a") as file:
        file.write(f"кое\t{' '.join(phones[:2])}\nчто\t{' '.join(phones[2:])}\n")
    found = align([(item[0], segmentation)], here / "work", dictionary=str(dictionary))["ru_0006"]
    assert isinstance(found, Alignment), found
    assert [w.label for w in found.words][:2] == ["Кое-что", "don't"]


def test_words_it_would_split_get_another_spelling(item, here):
    words = (replace(item[1].words[0], text="кое-что"), replace(item[1].words[1], text="don't"))
    segmentation = replace(item[1], words=(*words, *item[1].words[2:]))
    found = align([(item[0], segmentation)], here / "work")["ru_0006"]
    assert [w.label for w in found.words][:2] == ["кое-что", "don't"]
    rows = next((here / "work").rglob("dictionary.dict")).read_text().splitlines()
    assert all(row.split("\t")[0].isalpha() for row in rows)


# Another phone set


def ipa(phone):
    return phone + "ʲ"


def test_a_dictionary_of_another_phone_set_is_refused(item, here):
    dictionary = make_dictionary(here / "ipa.dict", item[1], ipa)
    with pytest.raises(ConfigError, match="are not the segmentation's") as error:
        align([item], here / "work", dictionary=str(dictionary))
    assert "phone_map" in error.value.hint
    assert not (here / "asked").exists()


def test_a_model_of_another_phone_set_is_refused(item, here):
    model = make_model(here / "ipa.zip", map(ipa, phones_of(item[1])))
    with pytest.raises(ConfigError, match="are not known to the model"):
        align([item], here / "work", model=str(model))


@pytest.mark.parametrize("with_dictionary", [False, True])
def test_a_named_table_brings_the_phones_back(item, here, with_dictionary):
    table = here / "phones.txt"
    table.write_text("# ours theirs\n" + "".join(f"{p} {ipa(p)}\n" for p in phones_of(item[1])))
    settings = {
        "model": str(make_model(here / "ipa.zip", map(ipa, phones_of(item[1])))),
        "phone_map": str(table),
    }
    if with_dictionary:
        settings["dictionary"] = str(make_dictionary(here / "ipa.dict", item[1], ipa))
    found = align([item], here / "work", **settings)["ru_0006"]
    assert isinstance(found, Alignment), found
    assert [p.label for p in found.phones] == [p.label for p in recorded().phones]


def test_a_phone_that_the_model_lacks_costs_only_its_utterances(item, here):
    rare = replace(
        item[1],
        words=(
            replace(item[1].words[0], phones=tuple(Phone("q") for _ in item[1].words[0].phones), variants=()),
            *item[1].words[1:],
        ),
    )
    many = [
        (
            replace(item[0], id=f"u{i}"),
            replace(
                item[1], words=tuple(replace(w, text=f"{w.text}{'абвгдежзик'[i]}") for w in item[1].words)
            ),
        )
        for i in range(10)
    ]
    model = make_model(here / "m.zip", phones_of(item[1]))
    found = align([*many, (replace(item[0], id="rare"), rare)], here / "work", model=str(model))
    assert all(isinstance(found[f"u{i}"], Alignment) for i in range(10))
    assert f"could not say {rare.words[0].text!r}" in str(found["rare"])


# Ends and refusals


def test_no_command(item, here):
    with pytest.raises(MissingDependency, match="conda-forge"):
        align([item], here / "work", command="mfa-that-is-not-there")
    findings = MfaAligner(MfaSettings(command="mfa-that-is-not-there")).check()
    assert [f.severity for f in findings] == ["error"]


def test_an_old_version_is_told(item, here, monkeypatch):
    monkeypatch.setenv("STAND_IN_VERSION", "2.2.17")
    with pytest.raises(MissingDependency, match=r"2\.2\.17; 3\.0\.7 or newer"):
        align([item], here / "work")
    assert "3.0.7 or newer" in MfaAligner().check()[0].problem


def test_a_usable_one_has_no_findings(here):
    assert MfaAligner().check() == []


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("no-such-file", 'Could not find "nowhere.zip".'),
        ("unknown-model", 'Could not find a model named "my_russian" for acoustic.'),
        ("nothing-aligned", "There were no successful alignments for 2 utterances."),
        ("bad-zip", "shutil.ReadError: bad.zip is not a zip file"),
        ("bad-dictionary", "ValueError: not enough values to unpack (expected 2, got 1)"),
    ],
)
def test_the_reason_is_whole(log, reason):
    words = last_words((SAYS / f"{log}.log").read_text(encoding="utf-8"))
    assert reason in words
    assert "Traceback" not in words
    assert "╭" not in words


def test_last_words_of_a_traceback():
    log = 'Traceback (most recent call last):\n  File "a.py", line 2\n'
    log += "soundfile.LibsndfileError: Error opening x.wav\n"
    assert last_words(log) == "soundfile.LibsndfileError: Error opening x.wav"


def test_a_training_tells_how_far_it_is():
    said, now = [], iter(range(0, 100000, 7))
    progress = MfaProgress(said.append, lambda: float(next(now)))
    progress.feed((SAYS / "train-mono.log").read_bytes())
    assert "mfa: Generating MFCCs" in said
    assert "mfa: monophone, 40 passes" in said
    assert any("monophone: 3/40" in line and "s left" in line for line in said)
    assert len(said) == len(set(said))


def gone(pid, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_we_are_ended(item, here, how):
    """Real processes and a real kill; the stand-in has a worker of its own that would sleep on."""
    script = (
        "import sys, pickle; from synthkit_align.mfa import MfaAligner; from synthkit.testing.samples import "
        "context;from pathlib import Path; MfaAligner().align(pickle.load(sys.stdin.buffer), "
        "context(Path(sys.argv[1])))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(here / "work")],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "STAND_IN_WORKER": str(here / "worker")},
    )
    process.stdin.write(pickle.dumps([item]))
    process.stdin.close()
    end = time.monotonic() + 60
    while not ((here / "worker").exists() and (here / "worker").read_text()):
        assert process.poll() is None
        assert time.monotonic() < end, "the stand-in did not start"
        time.sleep(0.05)
    process.send_signal(how)
    process.wait()
    assert gone(int((here / "worker").read_text()))


def test_the_command_that_help_suggests(here):
    """`synthkit align … --set alignment.plugin=mfa` works in the temporary folder, and lists what did not
    align."""
    status = run(
        ["align", "bundled-ru", "-o", str(here / "labels"), "--limit", "2", "--set", "alignment.plugin=mfa"]
    )
    assert status == 1  # the stand-in knows one sentence, and it is none of these
    assert asked(here).startswith("train ")


def test_places_of_this_machine_are_in_no_key_and_no_voice(item, here):
    """What the model holds is in both all the same: in the fingerprint, and in what the aligner saves."""
    from synthkit.pipeline.part import Part

    def identity(**settings):
        part = Part("alignment", "mfa", MfaSettings(**settings))
        return part.new().fingerprint(), part.identity()

    one = make_model(here / "one.zip", {"a"})
    same = make_model(here / "elsewhere" / "two.zip", {"a"})
    other = make_model(here / "other.zip", {"a", "b"})
    first, second = identity(model=str(one)), identity(model=str(same), folder=str(here / "x"))
    assert first == second
    assert first != identity(model=str(other))
