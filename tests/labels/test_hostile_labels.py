# SPDX-License-Identifier: Apache-2.0
"""Times that are none, numbers of hundreds of digits, lines that would take a parser hours."""

from __future__ import annotations

import time

import pytest

from synthkit.errors import AlignmentError
from synthkit.labels import htk, read_alignment

DIGITS = "9" * 400
GRID = '"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "phones" 0 1 1 0 {} "a"'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("#\n0.1 125 a\nnan 125 b\n", 3),
        ("#\n0.1 125 a\ninf 125 b\n", 3),
        ("#\n0.1 125 a\n1e300 125 b\n", 3),
        ("#\n; a comment\n0.1 125 a\n", 2),
        ("u 1 0.0 0.1 a\nu 1 0.1 nan b\n", 2),
        ("u 1 0.0 0.1 a\nu 1 2147483648 0.1 b\n", 2),
        ("u 1 0.0 0.1 a nan\n", 1),
        (f"0 100 a\n100 {DIGITS} b\n", 2),
        (f"0 100 a\n100 {DIGITS * 20} b\n", 2),
        (GRID.format("1e400"), 1),
        ("\n" + GRID.format("1e9"), 2),
        ('"ooTextFile" "TextGrid" 0 1 <exists>\n1e400', 2),
        ('"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "phones" 0 1\n1e18', 2),
    ],
)
def test_what_is_no_time_is_refused_by_its_line(text, line, tmp_path):
    path = tmp_path / "u"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AlignmentError, match=f"line {line}: ") as caught:
        read_alignment(path)
    assert caught.value.where == str(path)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "text",
    [
        "0 100 " + "^" * 200_000,
        "0 100 " + "a[1" * 100_000,
        "0 1" + "1" * 200_000 + " a",
        "#\n" + "1" * 200_000 + "x 125 a",
        '"ooTextFile" "TextGrid" 0 1 ' + '"a ' * 100_000,
        '"ooTextFile" "TextGrid" 0 1 ' + '" ""' * 100_000,
        '"ooTextFile" "TextGrid" 0 1 ' + "1" * 200_000,
        '"ooTextFile" "TextGrid" 0 1 ' + "<a" * 100_000,
        "u 1 " + "1" * 200_000 + " 1 a",
    ],
)
def test_a_long_line_takes_no_longer_than_its_length(text, tmp_path):
    """Quadratic, each of these takes minutes; the suite's own time limit stands behind the bound."""
    path = tmp_path / "u"
    path.write_text(text, encoding="utf-8")
    began = time.process_time()
    for kind in ("festvox", "htk", "textgrid", "ctm"):
        try:
            read_alignment(path, format=kind)
        except AlignmentError as error:
            assert str(path) in str(error)  # noqa: PT017  # either is right: an error of ours, or what is there
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("label", "phone"),
    [
        ("a^b-c+d=e@1", "c"),
        ("a^b-cc+d=e", "cc"),
        ("a-b+c", "a-b+c"),
        ("^-+=", "^-+="),
        ("x^y-z", "x^y-z"),
        ("pau", "pau"),
    ],
)
def test_the_centre_of_a_full_context_label(label, phone):
    assert htk.centre_phone(label) == phone


@pytest.mark.parametrize("line", ["0.5 a", "0.5 sil a", "0.5 a a a"])
def test_a_second_column_that_is_no_number_is_not_passed_over(line, tmp_path):
    """Of ``0.5 a`` the phone was taken for the number, and the silence that was left for the phone."""
    (tmp_path / "u.lab").write_text(f"#\n{line}\n", encoding="utf-8")
    with pytest.raises(AlignmentError, match=r"u\.lab: line 2: .* has no number"):
        read_alignment(tmp_path / "u.lab")


@pytest.mark.parametrize("label", ["a\0", "a\x1b[2J", "\x7f", "a" * 200_000])
@pytest.mark.parametrize("form", ["festvox", "htk", "ctm", "textgrid"])
def test_a_label_that_nobody_can_see_is_none(label, form, tmp_path):
    text = {
        "festvox": f"#\n0.5 100 {label}\n",
        "htk": f"0 5000000 {label}\n",
        "ctm": f"u 1 0 0.5 {label}\n",
        "textgrid": GRID.format("1").replace('"a"', f'"{label}"'),
    }[form]
    (tmp_path / "u").write_text(text, encoding="utf-8")
    with pytest.raises(AlignmentError, match="/u: "):
        read_alignment(tmp_path / "u", format=form)


def test_quotes_in_a_textgrid_are_doubled(tmp_path):
    path = tmp_path / "u.TextGrid"
    path.write_text(GRID.format("1").replace('"a"', '"say ""aa"" now"'), encoding="utf-8")
    assert [p.label for p in read_alignment(path).phones] == ['say "aa" now']
