# SPDX-License-Identifier: Apache-2.0
"""Russian: labels of the corpus, stress, normalisation, breaks."""

# ruff: noqa: SIM905
import pytest

from synthkit.errors import ConfigError, TextError
from synthkit.plugins import registry

SET = frozenset(
    "aa ee ii oo uu yy a e i u y ae ay ur p pp b bb t tt d dd k kk g gg c ch f ff v vv s ss z zz sh sch zh h "
    "hh "
    "m mm n nn l ll r rr j".split()
)


@pytest.fixture(scope="module")
def segmenter():
    return registry().load("segmentation", "text")()


def phones(segmenter, text):
    return " ".join(p.symbol for p in segmenter.segment(text, "ru").phones())


def read(segmenter, text):
    return " ".join(w.text for w in segmenter.segment(text, "ru").words)


# From the label files of msu-ru-nsh (festvox-ru), pauses left out.
LABELLED = [
    (
        "Корреспондент, американской газеты, Арчибальд, Скайлс, проходя мимо, увидел стоявшую перед "
        "объявлением босую, молодую женщину, в ситцевом опрятном платье, - она читала, шевеля губами.",
        "k ay rr ae s p a n dd ee n t a mm ae rr i k aa n s k ay j g a zz ee t y a r ch i b aa ll t s k aa j "
        "l s p r ay h a dd aa mm ii m a u vv ii dd ae l s t a j aa f sh ur j u pp ae rr ae d ay b j a v ll "
        "ee nn ae j e m b a s uu j u m ay l a d uu j u zh ee nn sch ae n u f ss ii t c ay v ay m a p rr aa t "
        "n a m p l aa tt j e a n aa ch i t aa l a sh ay vv i ll aa g u b aa mm i",
    ),
]


@pytest.mark.parametrize(("text", "labels"), LABELLED)
def test_phones_are_those_of_the_labels(segmenter, text, labels):
    assert phones(segmenter, text) == labels


def test_the_inventory_is_the_corpus_s(segmenter):
    assert set(segmenter.phones("ru")) == SET


@pytest.mark.parametrize("marked", ["з+амок", "за\u0301мок"])
def test_stress_is_taken_as_marked(segmenter, marked):
    assert phones(segmenter, marked).split()[1] == "aa"


def test_yo_is_stressed_and_restored(segmenter):
    assert phones(segmenter, "ещё").endswith("oo")
    assert phones(segmenter, "еще") == phones(segmenter, "ещё")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("сад", "s aa t"),  # final devoicing
        ("сделать", "z dd ee l ay tt"),  # voicing before д
        ("лодка", "l oo t k a"),
        ("что", "sh t oo"),
        ("его", "j e v oo"),
        ("солнце", "s oo n c e"),
        ("поздно", "p oo z n a"),
        ("счастье", "sch aa s tt j e"),
    ],
)
def test_rules_of_pronunciation(segmenter, text, expected):
    assert phones(segmenter, text) == expected


def test_a_preposition_leans_on_its_word(segmenter):
    got = segmenter.segment("в саду", "ru")
    assert got.words[0].function
    assert [p.symbol for p in got.words[0].phones] == ["f"]
    assert not got.words[1].function


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("с 5 книгами", "с пятью книгами"),
        ("около 5 книг", "около пяти книг"),
        ("2 девушки и 1 окно", "две девушки и одно окно"),
        ("5 мая 1945 г.", "пятого мая тысяча девятьсот сорок пятого года"),
        ("12.04.1961", "двенадцатого апреля тысяча девятьсот шестьдесят первого года"),
        ("Пётр I и Екатерина II", "Пётр первый и Екатерина вторая"),
        ("в XX веке", "в двадцатом веке"),
        ("70 000 руб.", "семьдесят тысяч рублей"),
        ("21 %", "двадцать один процент"),
        ("-5°C", "минус пять градусов цельсия"),
        ("и т.д.", "и так далее"),
        ("5-й этаж", "пятый этаж"),
        ("90-е годы", "девяностые годы"),
        ("12:30", "двенадцать часов тридцать минут"),
        ("МГУ", "эм-гэ-у"),
        ("НАТО", "НАТО"),
        ("В лесу", "В лесу"),
    ],
)
def test_normalisation(segmenter, text, expected):
    assert read(segmenter, text) == expected


def test_breaks_and_punctuation(segmenter):
    words = segmenter.segment("Он долго молчал: думал. И ушёл!", "ru").words
    assert [(w.break_after, w.punctuation) for w in words] == [
        (0, ""),
        (0, ""),
        (2, ":"),
        (3, "."),
        (0, ""),
        (3, "!"),
    ]


def test_pauses_can_follow_punctuation_alone():
    kind = registry().load("segmentation", "text")
    text = "Ну и, ладно, сказал он."
    every = [w.break_after for w in kind(kind.Config(pauses="punctuation")).segment(text, "ru").words]
    weighed = [w.break_after for w in kind().segment(text, "ru").words]
    assert every == [0, 2, 2, 0, 3]
    assert weighed[1] == 1  # a comma after a function word is seldom a pause


def test_a_long_stretch_is_cut(segmenter):
    text = (
        "старый капитан медленно поднимался на высокую гору и внимательно осматривал далёкие зелёные берега "
        "широкой реки"
    )
    assert [w.text for w in segmenter.segment(text, "ru").words if w.break_after == 2] == ["гору"]


def test_phones_in_braces(segmenter):
    assert phones(segmenter, "{p rr i vv ee t} мир").startswith("p rr i vv ee t mm ii r")
    with pytest.raises(TextError, match="'qq1'"):
        segmenter.segment("мир {qq1}", "ru")


def test_a_user_lexicon_overrules(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("# mine\nзамок з+амок\nsynthkit с+инткит\nмяу {mm i aa u}\n", encoding="utf-8")
    kind = registry().load("segmentation", "text")
    mine = kind(kind.Config(lexicon=str(path)))
    assert phones(mine, "замок") == "z aa m ay k"
    assert phones(mine, "мяу") == "mm i aa u"
    assert mine.fingerprint() != kind().fingerprint()
    path.write_text("замок\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="no pronunciation"):
        kind(kind.Config(lexicon=str(path)))


def test_every_symbol_is_of_the_set_and_variants_differ(segmenter):
    got = segmenter.segment("Съел бы ты, объездчик, ещё этих мягких французских булок, да выпей чаю.", "ru")
    assert {p.symbol for p in got.phones()} <= SET
    for word in got.words:
        assert word.phones not in word.variants


def test_the_form_before_a_pause_is_a_variant(segmenter):
    word = segmenter.segment("Кошка пошла домой", "ru").words[0]
    assert [p.symbol for p in word.phones] == "k oo sh k ay".split()
    assert [[p.symbol for p in v] for v in word.variants] == ["k oo sh k a".split()]


def test_unknown_words_are_stressed_once_and_noted(segmenter):
    got = segmenter.segment("глокая куздра штеко будланула", "ru")
    assert all(sum(p.stress == 1 for p in w.phones) == 1 for w in got.words)
    assert any("guessed" in note for note in got.notes)
