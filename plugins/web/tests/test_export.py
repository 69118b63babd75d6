# SPDX-License-Identifier: Apache-2.0
"""A test for webMUSHRA: its own configuration, answers that are read as ours."""

from pathlib import Path

import pytest
import yaml

from synthkit import audio
from synthkit.cli import run
from synthkit.eval.listening.formats import read_heard


def test_webmushra(make, tmp_path, capsys):
    folder, test = make("mushra")
    out = tmp_path / "web"
    assert run(["listen", "export", str(folder), "--to", "webmushra", "-o", str(out)]) == 0
    (path,) = map(str.strip, capsys.readouterr().out.splitlines())
    config = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    (order, *pages), finish = config["pages"]
    assert order == "random" and finish["type"] == "finish" and finish["writeResults"]
    assert [p["id"] for p in pages] and {p["id"] for p in pages} == set(test.items)
    for p in pages:
        assert set(p["stimuli"]) == {"noisy", "clipped", "anchor35", "anchor70"}
        assert not p["createAnchor35"]
        for name in (p["reference"], *p["stimuli"].values()):
            assert audio.read(out / name).duration == pytest.approx(0.45, abs=0.01)
    # What webMUSHRA writes of it is read as ours.
    csv = tmp_path / "mushra.csv"
    csv.write_text(
        "session_test_id,listener,session_uuid,trial_id,rating_stimulus,rating_score,rating_time,rating_comment\n"
        + "".join(f"t,ann,u,{pages[0]['id']},{v},50,9000,\n" for v in ("reference", *pages[0]["stimuli"]))
    )
    heard = read_heard(csv)
    assert {v: heard.role(v) for v in heard.voices} == test.voices
    assert {r.utterance for r in heard.ratings} <= set(test.items)


def test_a_mos_test_has_a_file_for_each_listener_and_others_are_refused(make, tmp_path, capsys):
    folder, test = make("mos")
    assert run(["listen", "export", str(folder), "--to", "webmushra", "-o", str(tmp_path / "w")]) == 0
    said = capsys.readouterr()
    assert "analyse lss.csv" in said.err and "-01.yaml (each listener another)" in said.err
    paths = said.out.split()
    assert len(paths) == len(test.listeners)
    pages = yaml.safe_load(Path(paths[1]).read_text(encoding="utf-8"))["pages"][:-1]
    planned = [p for p in test.pages(1) if p.kind == "trial"]
    assert all(p["content"] == "" for p in pages)  # webMUSHRA would write "undefined"
    assert [(p["id"], *p["stimuli"]) for p in pages] == [(p.item, p.voices[0]) for p in planned]
    folder, _ = make("cmos")
    assert run(["listen", "export", str(folder), "--to", "webmushra", "-o", str(tmp_path / "x")]) == 2
    assert "no pages for cmos: it has no scale between two sounds" in capsys.readouterr().err
    assert run(["listen", "export", str(folder), "-o", str(tmp_path / "x")]) == 2


def test_an_abx_test_is_paired_comparisons_whose_answers_are_read_as_ours(make, tmp_path, capsys):
    folder, test = make("abx")
    out = tmp_path / "w"
    assert run(["listen", "export", str(folder), "--to", "webmushra", "-o", str(out)]) == 0
    paths = capsys.readouterr().out.split()
    assert len(paths) == len(test.listeners)
    pages = yaml.safe_load(Path(paths[2]).read_text(encoding="utf-8"))["pages"][:-1]
    planned = [p for p in test.pages(2) if p.kind == "trial"]
    lines = ["session_test_id,listener,session_uuid,trial_id,choice_reference,choice_non_reference,"
             "choice_answer,choice_time,choice_comment"]  # fmt: skip
    for k, (page, trial) in enumerate(zip(pages, planned, strict=True)):
        ((name, path),) = page["stimuli"].items()
        x, other = trial.voices[trial.x], trial.voices[1 - trial.x]
        assert audio.read(out / page["reference"]).samples == pytest.approx(
            audio.read(folder / "sounds" / trial.sounds[trial.x]).samples, abs=1e-4
        )
        assert name == f"{other} against {x}" and (out / path).exists()
        lines.append(f"t,ann,s,{page['id']},reference,{name},{'in' * (k % 2)}correct,900,")
    (tmp_path / "paired_comparison.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    heard = read_heard(tmp_path / "paired_comparison.csv")
    assert [(r.utterance, r.voice, r.against, r.score, r.metric) for r in heard.ratings] == [
        (t.item, t.voices[1 - t.x], t.voices[t.x], float(k % 2 == 0), "abx") for k, t in enumerate(planned)
    ]
