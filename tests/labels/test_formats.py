# SPDX-License-Identifier: Apache-2.0
"""Each label format against hand-written files of its kind, and there and back."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthkit.errors import AlignmentError
from synthkit.labels import read_alignment, read_alignments, write_alignment, write_alignments
from synthkit.labels.htk import centre_phone
from synthkit.types import Alignment, Interval

DATA = Path(__file__).parent / "data"


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def triples(intervals):
    return [(round(i.start, 7), round(i.end, 7), i.label) for i in intervals]


# --- TextGrid -----------------------------------------------------------------------------------------


def test_mfa_output():
    a = read_alignment(DATA / "ru_0003.TextGrid")
    assert a.id == "ru_0003"
    assert [w.label for w in a.words][:4] == ["со", "спокойным", "мужеством", "скайлс"]
    assert a.phones[0].label == "pau"
    assert a.phones[0].start == 0.0
    assert all(p.end == q.start for p, q in zip(a.phones, a.phones[1:], strict=False))
    edges = {p.start for p in a.phones} | {p.end for p in a.phones}
    assert all(w.start in edges and w.end in edges for w in a.words)
    assert a.duration == a.phones[-1].end == 6.125


SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
1.5
<exists>
3
"IntervalTier"
"ann - words"
0
1.5
3
0
0.5
""
0.5
1
"say ""hi\"""
1
1.5
"<eps>"
"IntervalTier"
"ann - phones"
0
1.5
3
0
0.5
"sil"
0.5
1
"spn"
1
1.5
""
"TextTier"
"marks"
0
1.5
1
0.7
"here"
"""


def test_short_form_speaker_tiers_quotes_and_points(tmp_path):
    a = read_alignment(put(tmp_path, "x.TextGrid", SHORT))
    assert triples(a.phones) == [(0, 0.5, "pau"), (0.5, 1, "spn"), (1, 1.5, "pau")]
    assert triples(a.words) == [(0.5, 1, 'say "hi"')]
    assert a.duration == 1.5


def test_two_speakers_need_a_choice(tmp_path):
    tier = '"IntervalTier"\n"{0} - phones"\n0\n1\n1\n0\n1\n"{1}"\n'
    text = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1\n<exists>\n2\n'
    path = put(tmp_path, "x.TextGrid", text + tier.format("ann", "a") + tier.format("bob", "b"))
    with pytest.raises(AlignmentError, match="'ann', 'bob'"):
        read_alignment(path)
    assert read_alignment(path, speaker="bob").symbols() == ["b"]
    with pytest.raises(AlignmentError, match="eve"):
        read_alignment(path, speaker="eve")


GRID = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1\n<exists>\n'


@pytest.mark.parametrize(
    ("tiers", "told"),
    [
        (["0 1 2 0 0.5 'a' 0.5 1 'b'", "0 1 2 0 0.4 'a' 0.4 1 'c'"], "2 tiers are called 'phones'"),
        (["0 1 2 0 0.5 'a' 0.5 1.2 'b'"], "'b' ends at 1.2 s, and the TextGrid .* at 1 s"),
        (["0 1 2 -0.5 0.5 'a' 0.5 1 'b'"], "begins before the recording"),
    ],
)
def test_a_textgrid_that_contradicts_itself_is_refused_by_what_contradicts(tmp_path, tiers, told):
    text = "".join(f"'IntervalTier' 'phones' {tier}\n" for tier in tiers).replace("'", '"')
    with pytest.raises(AlignmentError, match=told):
        read_alignment(put(tmp_path, "x.TextGrid", f"{GRID}{len(tiers)}\n{text}"))


def test_two_tiers_of_one_name_that_say_the_same_are_one(tmp_path):
    tier = '"IntervalTier" "phones" 0 1 2 0 0.5 "a" 0.5 1.001 "b"\n'
    assert read_alignment(put(tmp_path, "x.TextGrid", f"{GRID}2\n{tier * 2}")).symbols() == ["a", "b"]


def test_words_in_labels_that_look_like_syntax(tmp_path):
    a = Alignment(
        "x", (Interval(0, 1, "12"), Interval(1, 2, "item [1]: xmin = 3"), Interval(2, 3, "!")), (), 3
    )
    for short in (False, True):
        write_alignment(tmp_path / "x.TextGrid", a, short=short)
        assert read_alignment(tmp_path / "x.TextGrid").symbols() == ["12", "item [1]: xmin = 3", "!"]


def test_unknown_tier_names_are_listed_and_can_be_chosen(tmp_path):
    text = (DATA / "ru_0003.TextGrid").read_text().replace('"phones"', '"Laute"')
    path = put(tmp_path, "x.TextGrid", text)
    with pytest.raises(AlignmentError, match="'Laute'"):
        read_alignment(path)
    assert (
        read_alignment(path, phones="Laute").symbols() == read_alignment(DATA / "ru_0003.TextGrid").symbols()
    )


def test_utf16_as_praat_saves_it(tmp_path):
    text = (DATA / "ru_0003.TextGrid").read_text(encoding="utf-8")
    (tmp_path / "ru_0003.TextGrid").write_bytes(text.encode("utf-16"))
    assert read_alignment(tmp_path / "ru_0003.TextGrid") == read_alignment(DATA / "ru_0003.TextGrid")


def test_praat_reads_ours_and_we_read_praats(tmp_path):
    parselmouth = pytest.importorskip("parselmouth")
    from parselmouth.praat import call

    ours = tmp_path / "ours.TextGrid"
    original = read_alignment(DATA / "ru_0003.TextGrid")
    for short in (False, True):
        write_alignment(ours, original, short=short)
        grid = parselmouth.read(str(ours))
        assert call(grid, "Get number of intervals", 2) == len(original.phones)
        assert call(grid, "Get label of interval", 1, 2) == "со"
        for command, name in (("Save as text file", "long"), ("Save as short text file", "short")):
            call(grid, command + "...", str(tmp_path / f"{name}.TextGrid"))
            back = read_alignment(tmp_path / f"{name}.TextGrid", id="ru_0003")
            assert triples(back.phones) == triples(original.phones)
            assert triples(back.words) == triples(original.words)
    call(grid, "Save as binary file...", str(tmp_path / "b.TextGrid"))
    with pytest.raises(AlignmentError, match="binary"):
        read_alignment(tmp_path / "b.TextGrid")


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
def test_a_textgrid_cut_short_is_refused(tmp_path, keep):
    text = (DATA / "ru_0003.TextGrid").read_text(encoding="utf-8")
    with pytest.raises(AlignmentError, match="cut short"):
        read_alignment(put(tmp_path, "x.TextGrid", text[: int(len(text) * keep)]))


# --- festvox ------------------------------------------------------------------------------------------


def test_festvox(tmp_path):
    a = read_alignment(
        put(
            tmp_path,
            "ru.lab",
            "separator ;\nnfields 1\n#\n0.34200 125 pau\n0.39200 125 k ; 0.1\n0.5 125 ay\n",
        )
    )
    assert triples(a.phones) == [(0, 0.342, "pau"), (0.342, 0.392, "k"), (0.392, 0.5, "ay")]
    assert a.words == ()


def test_festvox_duration_of_the_recording_ends_in_a_pause(tmp_path):
    a = read_alignment(put(tmp_path, "x.lab", "#\n0.5 125 a\n"), duration=0.75)
    assert triples(a.phones) == [(0, 0.5, "a"), (0.5, 0.75, "pau")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("#\n0.5 125 a\n0.4 125 b\n", "line 3.*before"),
        ("#\n0.5 125 a\nnonsense\n", "line 3"),
        ("#\n0.5 125 a\n0.5 125 b\n", "no duration"),
        ("#\n", "no labels"),
        ("", "empty"),
        ("an ordinary sentence\n", "not a label file"),
    ],
)
def test_bad_lab_files_say_where(tmp_path, text, reason):
    with pytest.raises(AlignmentError, match=reason) as caught:
        read_alignment(put(tmp_path, "bad.lab", text))
    assert "bad.lab" in str(caught.value)


# --- HTK ----------------------------------------------------------------------------------------------

FULL = "x^sil-k+a=t@1_2/A:0_0_0/B:1-1-2"


def test_htk_monophones_with_words_and_scores(tmp_path):
    text = (
        "0 3000000 sil -50.5 <s>\n3000000 4000000 k -60.0 кот\n4000000 5000000 o -61\n5000000 6000000 t "
        "-62\n6000000 7000000 sp\n"
    )
    a = read_alignment(put(tmp_path, "x.lab", text))
    assert triples(a.phones) == [
        (0, 0.3, "pau"), (0.3, 0.4, "k"), (0.4, 0.5, "o"), (0.5, 0.6, "t"), (0.6, 0.7, "pau"),
    ]  # fmt: skip
    assert triples(a.words) == [(0.3, 0.6, "кот")]
    assert a.phones[1].score == -60.0


def test_hts_full_context_gives_the_centre_phone(tmp_path):
    assert centre_phone(FULL) == "k"
    assert centre_phone("k") == "k"
    assert centre_phone("a-b+c") == "a-b+c"  # a triphone is a label of its own, not full context
    a = read_alignment(
        put(tmp_path, "x.lab", f"0 500000 {FULL}\n500000 900000 {FULL.replace('-k+', '-pau+')}\n")
    )
    assert a.symbols() == ["k", "pau"]


def test_hts_states_are_joined(tmp_path):
    text = "".join(f"{n * 100000} {(n + 1) * 100000} {p}[{s}]\n" for n, (p, s) in enumerate(
        [("a", 2), ("a", 3), ("a", 4), ("a", 2), ("a", 3), ("b", 2)]))  # fmt: skip
    assert triples(read_alignment(put(tmp_path, "x.lab", text)).phones) == [
        (0, 0.03, "a"), (0.03, 0.05, "a"), (0.05, 0.06, "b"),
    ]  # fmt: skip


# --- CTM ----------------------------------------------------------------------------------------------


def test_ctm(tmp_path):
    path = put(
        tmp_path,
        "x.ctm",
        ";; a comment\nu1 1 0.10 0.20 a 0.9\nu1 1 0.30 0.10 b\nu2 A 0.00 0.50 sil\nu2 A 0.5 0.1 c\n",
    )
    a = read_alignment(path, id="u1", duration=0.5)
    assert triples(a.phones) == [(0, 0.1, "pau"), (0.1, 0.3, "a"), (0.3, 0.4, "b"), (0.4, 0.5, "pau")]
    assert a.phones[1].score == 0.9
    with pytest.raises(AlignmentError, match="u3"):
        read_alignment(path, id="u3")
    assert set(read_alignments(path)) == {"u1", "u2"}


def test_ctm_phones_and_words_of_many(tmp_path):
    a = Alignment("a", (Interval(0, 0.25, "pau"), Interval(0.25, 0.5, "x")), (Interval(0.25, 0.5, "w"),), 0.5)
    b = Alignment("b", (Interval(0, 0.125, "y"),), (), 0.125)
    write_alignments(tmp_path / "p.ctm", [a, b], tmp_path / "w.ctm")
    assert read_alignments(tmp_path / "p.ctm", tmp_path / "w.ctm") == {"a": a, "b": b}


def test_overlapping_labels_are_refused(tmp_path):
    with pytest.raises(AlignmentError, match="overlaps"):
        read_alignment(put(tmp_path, "x.ctm", "u 1 0.0 0.5 a\nu 1 0.3 0.5 b\n"), id="u")


# --- there and back -----------------------------------------------------------------------------------

LABEL = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=6)


@st.composite
def alignments(draw):
    times = sorted(draw(st.sets(st.integers(1, 60000), min_size=1, max_size=12)))  # 100 µs
    labels = draw(st.lists(LABEL, min_size=len(times), max_size=len(times)))
    edges = [0.0, *(t / 10000 for t in times)]
    phones = tuple(
        Interval(s, e, "pau" if n % 4 == 0 else "p" + label)
        for n, (s, e, label) in enumerate(zip(edges, edges[1:], labels, strict=False))
    )
    words = tuple(Interval(p.start, p.end, "w" + p.label) for p in phones if p.label != "pau")
    return Alignment("u", phones, words, edges[-1])


@pytest.mark.parametrize(
    ("suffix", "options", "words"),
    [
        (".TextGrid", {}, True),
        (".TextGrid", {"short": True}, True),
        (".lab", {"format": "festvox"}, False),
        (".lab", {"format": "htk"}, True),
        (".ctm", {}, False),
    ],
)
@settings(max_examples=30, deadline=None)
@given(alignment=alignments())
def test_round_trip(suffix, options, words, alignment, tmp_path_factory):
    path = tmp_path_factory.mktemp("labels") / f"u{suffix}"
    write_alignment(path, alignment, **options)
    back = read_alignment(path)
    assert triples(back.phones) == triples(alignment.phones)
    assert triples(back.words) == (triples(alignment.words) if words else [])
    assert back.duration == pytest.approx(alignment.duration, abs=1e-9)


def test_not_text_and_missing(tmp_path):
    (tmp_path / "x.lab").write_bytes(b"\x80\x81\x82")
    with pytest.raises(AlignmentError, match="UTF-8"):
        read_alignment(tmp_path / "x.lab")
    with pytest.raises(AlignmentError, match="no such file"):
        read_alignment(tmp_path / "none.lab")
    with pytest.raises(AlignmentError, match="cannot tell a label format"):
        write_alignment(tmp_path / "x.xyz", Alignment("x", (Interval(0, 1, "a"),)))
