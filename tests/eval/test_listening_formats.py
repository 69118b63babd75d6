# SPDX-License-Identifier: Apache-2.0
"""What other tools keep of their listening tests is read as they mean it, or refused with its line.

The headers are those that webMUSHRA's ``write.php``, BeaqleJS's ``beaqle.js`` and ``eval_mushra.py``, and
WAET's ``score_parser.py`` write.
"""

import json

import pytest

from synthkit.eval.listening.formats import read_heard
from synthkit.eval.listening.joining import join_ratings
from synthkit.eval.listening.screening import screen
from synthkit.eval.ratings import Rating
from synthkit.eval.ratings_files import RatingsError

MUSHRA = (
    "session_test_id,email,session_uuid,trial_id,rating_stimulus,rating_score,rating_time,rating_comment\n"
)


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_webmushra(tmp_path):
    rows = [
        't,,u1,trial1,reference,100,41250,""',
        't,,u1,trial1,C1,62,41250,"hisses, a bit"',
        "t,,u1,trial1,anchor35,20,41250,",
        "t,,u2,trial1,reference,95,500,",
        "t,,u2,trial1,C1,40,500,",
        "t,,u2,trial1,anchor35,30,500,",
    ]
    heard = read_heard(write(tmp_path / "mushra.csv", MUSHRA + "\n".join(rows) + "\n"))
    assert heard.ratings[1] == Rating("u1", "trial1", "C1", 62.0, "mushra")
    assert heard.voices == ["reference", "C1", "anchor35"]
    assert heard.comments == [("u1", "hisses, a bit")]
    assert heard.conduct["u1"].pages == ((41.25, 0.0),)
    (finding,) = screen(heard).findings
    assert (finding.listener, finding.rule) == ("u2", "too fast")


def test_a_misspelt_voice_is_told_with_file_and_line(tmp_path):
    rows = ["t,,u1,trial1,reference,100,900,", "t,,u1,trial1,nsh,40,900,", "t,,u1,trial1,nhs,41,900,"]
    path = write(tmp_path / "mushra.csv", MUSHRA + "\n".join(rows) + "\n")
    with pytest.raises(RatingsError, match="no voice 'nhs'") as unknown:
        read_heard(path, ["nsh", "reference"])
    assert unknown.value.where == f"{path}, line 4" and "did you mean 'nsh'" in unknown.value.hint
    with pytest.raises(RatingsError) as unknown:
        join_ratings(tmp_path, ["natural", "nsh"])  # a folder of files
    assert unknown.value.where == f"{path}, line 4"
    # Letter by letter, the name stands nowhere as it is.
    table = write(tmp_path / "castanets.csv", "1,55,60\nR,e,f,100,98\n")
    with pytest.raises(RatingsError, match="no voice 'Ref'") as unknown:
        read_heard(table, ["1"])
    assert unknown.value.where == str(table)


def test_webmushra_without_anything_that_tells_listeners_apart(tmp_path):
    text = "session_test_id,trial_id,rating_stimulus,rating_score,rating_time,rating_comment\nt,x,C1,50,9,\n"
    with pytest.raises(RatingsError, match="line 2: nothing tells listeners apart"):
        read_heard(write(tmp_path / "mushra.csv", text))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("t,a@b,u1,trial1,C1,162,900,", "line 3: the score 162 is not on the scale of 'mushra', 0 to 100"),
        ("t,a@b,u1,trial1,C1,loud,900,", "line 3: the score 'loud' is not a number"),
        ("t,a@b,u1,trial1,reference,90,900,",
         "line 3: listener 'u1' rates utterance 'trial1' of 'reference' again"),
    ],
)  # fmt: skip
def test_webmushra_mistakes(tmp_path, row, message):
    text = MUSHRA + "t,a@b,u1,trial1,reference,100,900,\n" + row + "\n"
    with pytest.raises(RatingsError, match=message):
        read_heard(write(tmp_path / "mushra.csv", text))


def test_webmushra_likert_and_pairs(tmp_path):
    lss = "session_test_id,name,trial_id,stimuli_rating,stimuli,rating_time\nt,ann,x1, 4 ,C1,3000\n"
    heard = read_heard(write(tmp_path / "lss.csv", lss))
    assert heard.ratings == [Rating("ann", "x1", "C1", 4.0, "mos")]
    pairs = (
        "session_test_id,name,trial_id,choice_reference,choice_non_reference,choice_answer,choice_time,choice_comment\n"
        "t,ann,x1,C1,C2,nonReference,3000,\nt,ann,x2,C1,C2,reference,3000,\n"
    )
    heard = read_heard(write(tmp_path / "paired_comparison.csv", pairs))
    assert [r.score for r in heard.ratings] == [1.0, 0.0]
    assert heard.ratings[0] == Rating("ann", "x1", "C2", 1.0, "ab", "C1")
    with pytest.raises(RatingsError, match="line 4: the answer 'left' is neither"):
        read_heard(write(tmp_path / "paired_comparison.csv", pairs + "t,ann,x3,C1,C2,left,30,\n"))


def test_beaqlejs(tmp_path):
    ann = [
        {"TestID": "schubert", "Runtime": 22000, "rating": {"Reference": 100, "1": 55, "Anchor": 10}},
        {"UserName": "Ann", "UserEmail": "", "UserComment": "fine"},
    ]
    write(tmp_path / "a.txt", json.dumps(ann))
    write(tmp_path / "b.txt", json.dumps([ann[0], {"UserName": "Bob", "UserComment": ""}]))
    heard = read_heard(tmp_path)
    assert heard.listeners == ["Ann", "Bob"]
    assert heard.ratings[1] == Rating("Ann", "schubert", "1", 55.0, "mushra")
    assert (heard.role("Reference"), heard.role("Anchor"), heard.role("1")) == (
        "reference",
        "anchor",
        "voice",
    )
    assert heard.comments == [("Ann", "fine")]
    write(tmp_path / "c.txt", json.dumps(ann))
    with pytest.raises(RatingsError, match=r"listener 'Ann' rates .* again \(first in .*a.txt"):
        read_heard(tmp_path)


def test_beaqlejs_abx_and_its_table(tmp_path):
    heard = read_heard(write(tmp_path / "abx.txt", json.dumps([True, False, {"UserName": ""}])))
    assert heard.ratings == [
        Rating("abx", "page 1", "B", 1.0, "abx", "A"),
        Rating("abx", "page 2", "B", 0.0, "abx", "A"),
    ]
    # Its script writes a stimulus's name letter by letter.
    table = "1,55,60,40\n2,20,30,10\nR,e,f,e,r,e,n,c,e,100,98,95\n"
    heard = read_heard(write(tmp_path / "castanets.csv", table))
    assert heard.ratings[2] == Rating("listener 3", "castanets", "1", 40.0, "mushra")
    assert heard.ratings[-1] == Rating("listener 3", "castanets", "Reference", 95.0, "mushra")


def test_waet(tmp_path):
    path = write(tmp_path / "page-1-default-ratings.csv", "file_keys,sys-a,reference\ns1,0.42,0.97\ns2,,1\n")
    heard = read_heard(path)
    assert heard.ratings == [
        Rating("s1", "page-1", "sys-a", 42.0, "mushra"),
        Rating("s1", "page-1", "reference", 97.0, "mushra"),
        Rating("s2", "page-1", "reference", 100.0, "mushra"),
    ]
    with pytest.raises(
        RatingsError, match="line 2: the score 42 of 'sys-a' is not on the tool's scale, 0 to 1"
    ):
        read_heard(write(path, "file_keys,sys-a\ns1,42\n"))


def test_our_own_and_what_is_nothing(tmp_path):
    path = write(
        tmp_path / "ours.csv",
        "listener,utterance,voice,score,role,seconds\nl,u,orig,5,reference,0.4\nl,u,a,3,,0.4\n",
    )
    heard = read_heard(path)
    assert heard.role("orig") == "reference"
    assert heard.conduct["l"].pages == ((0.4, 0.0), (0.4, 0.0))
    with pytest.raises(RatingsError, match="no voice 'orig'"):
        read_heard(path, ["a"])
    with pytest.raises(RatingsError, match="no column"):
        read_heard(write(tmp_path / "x.csv", "some,thing,else\n1,2,3\n"))
    with pytest.raises(RatingsError, match="not UTF-8"):
        path.write_bytes(b"listener,utterance,voice,score\n\xe8,u,a,3\n")
        read_heard(path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(RatingsError, match="holds no answers"):
        read_heard(tmp_path / "empty")
    (tmp_path / "empty" / "test.json").write_text("{}")
    with pytest.raises(RatingsError, match=r"listen analyse .*empty --csv"):
        read_heard(tmp_path / "empty")
