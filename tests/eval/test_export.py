# SPDX-License-Identifier: Apache-2.0
"""The answer in a sentence, and the table for other programs."""

import csv
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from synthkit.eval.analysis import analyse
from synthkit.eval.export import CYRILLIC, latex, tex, write_csv, write_summary_parquet
from synthkit.eval.figures import catalogue
from synthkit.eval.metric import Definition, Measurement
from synthkit.eval.results import Row
from synthkit.eval.verdict import verdict
from synthkit.plugins import registry

MCD = Definition("mcd", "x", "dB", "lower", "MCD", "A distance of 5 % & more.", main=True)
MOS = Definition(
    "predicted-mos",
    "y",
    "",
    "higher",
    "Predicted quality (Y)",
    "A guess.",
    main=True,
    group="predicted quality",
)
WER = Definition(
    "wer", "z", "%", "lower", "Word error rate", "Errors.", main=True, group="intelligibility", pool="ratio"
)


def analysis(n=40, names=("natural", "units_1", "net"), seed=0):
    rng = np.random.default_rng(seed)
    means = {"natural": (np.nan, 4.2, 3.0), "units_1": (6.0, 3.5, 12.0), "net": (4.8, 2.9, 12.0)}
    rows = []
    for name in names:
        for d, mean, sd in zip((MCD, MOS, WER), means[name], (0.5, 0.3, 1.0), strict=True):
            for u in range(n):
                value = mean + sd * rng.standard_normal()
                if not np.isnan(mean):
                    rows.append(Row.of(f"u{u}", name, Measurement(d.metric, d.id, value, 10, d.unit)))
    voices = [name for name in names if name != "natural"]
    return analyse(rows, [MCD, MOS, WER], list(names), voices=voices, resamples=50), voices


def test_the_verdict_answers():
    text = verdict(*analysis())
    assert re.search(r"^net is nearer to the recordings in MCD by 1\.\d+ dB \[\d\.\d+, \d\.\d+\]", text)
    assert re.search(r"units_1 is judged more natural .* predicted quality \(Y\) by 0\.\d+ \[", text)
    assert "word error rate: no difference found" in text
    low, high = map(float, re.search(r"MCD by .*? \[([\d.]+), ([\d.]+)\]", text).groups())
    assert low < 1.2 < high


def test_the_verdict_claims_nothing_without_power():
    text = verdict(*analysis(n=4))
    assert "too few sentences to tell" in text
    assert "nearer" not in text
    alone, voices = analysis(names=("natural", "net"))
    assert verdict(alone, voices).startswith("net: MCD 4.")


def test_csv_and_parquet_have_the_definitions(tmp_path):
    found, voices = analysis()
    write_csv(tmp_path / "t.csv", found, voices)
    rows = list(csv.DictReader((tmp_path / "t.csv").open(encoding="utf-8")))
    best = [(r["figure"], r["system"]) for r in rows if r["best"] == "True"]
    assert ("MCD", "net") in best and ("Predicted quality (Y)", "units_1") in best
    assert rows[0]["definition_text"] == MCD.text
    pq = pytest.importorskip("pyarrow.parquet", reason="--parquet needs pyarrow: pip install pyarrow")
    write_summary_parquet(tmp_path / "t.parquet", found, voices)
    table = pq.read_table(tmp_path / "t.parquet")
    assert table.num_rows == len(rows)
    assert b"A distance of 5" in table.schema.metadata[b"definitions"]


def test_latex_is_a_booktabs_table():
    found, voices = analysis()
    text = latex(found, voices, 40)
    body = text.split("\\midrule")[1].split("\\bottomrule")[0]
    lines = body.strip().splitlines()
    assert len(lines) == 3
    assert all(line.count("&") == 3 and line.endswith("\\\\") for line in lines)
    assert re.search(
        r"MCD, dB \$\\downarrow\$ & -- & [\d.]+ \[[\d.]+, [\d.]+\]\$\^\{\\mathrm\{b\}\}\$ & \\textbf\{4\.",
        lines[0],
    )
    for line in lines:  # a row is as precise in every cell
        assert len({len(x.partition(".")[2]) for x in re.findall(r"\d[\d.]*", line.partition("&")[2])}) == 1
    assert "units\\_1" in text and "A distance of 5 \\% \\& more." in text
    assert text.count("{") - text.count("\\{") == text.count("}") - text.count("\\}")
    assert tex("a_b %") == "a\\_b \\%"


def test_latex_compiles_with_every_definition_there_is(tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("needs pdflatex: apt-get install texlive-latex-recommended texlive-lang-cyrillic")
    found, voices = analysis()
    table = latex(found, voices, 40)
    assert CYRILLIC not in table
    definitions = [d for d, _ in catalogue(registry())]
    assert len(definitions) > 20
    cyrillic = (
        subprocess.run(["kpsewhich", "t2aenc.def", "larm1000.tfm"], capture_output=True).returncode == 0
    )
    shown = [d for d in definitions if cyrillic or not re.search("[А-яё]", d.text)]
    (tmp_path / "t.tex").write_text(
        "\\documentclass{article}\\usepackage{booktabs}"
        + ("\\usepackage[T1,T2A]{fontenc}" if cyrillic else "")
        + f"\\begin{{document}}\n{table}\n"
        + "\n\n".join(f"{tex(d.label)}: {tex(d.text)}" for d in shown)
        + "\n\\end{document}\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "t.tex"],
        cwd=tmp_path, capture_output=True, text=True, errors="replace",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "t.pdf").read_bytes()[:5] == b"%PDF-"


def test_latex_says_what_cyrillic_letters_need():
    found, voices = analysis()
    named = replace(found, systems=[s.replace("net", "сеть") for s in found.systems])
    assert latex(named, voices, 40).splitlines()[1] == CYRILLIC
