# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # From text to phones
#
# *How does a machine know how to say a word that it has never seen?*
#
# So far we had recordings. Now there is only text, and text is a poor score: it leaves out the melody, most of the rhythm, often the stress, and in English
# it does not even say which sounds are meant. What stands between letters and sounds is the oldest part of speech synthesis, and the one whose mistakes are
# noticed first: a wrong sound costs a moment, a wrong word the meaning.

# %%
from collections import Counter, defaultdict
from math import log

import matplotlib.pyplot as plt
import numpy as np

from synthkit.plugins import registry
from synthkit_course import cells
from synthkit_course.cells import explore, listen, note
from synthkit_course.voices import voice

cells.start()
text = registry().load("segmentation", "text")()
speaker = voice("demo-ru")  # a small Russian voice, built now if it was not before

# %% [markdown]
# ## Listen first
#
# A small Russian voice (chapter 7 builds it) says *старый замок* twice. The letters are the same; but once it is *za-*mok, a castle, and once
# za-*mok*, a lock. Then it says that something was in 1984: first digit by digit, as a machine without this chapter would, then as people do. You need no Russian to
# hear what changes: where the weight lies, and how long it takes.

# %%
listen(
    {
        "an old castle": speaker.say("Старый з+амок."),
        "an old lock": speaker.say("Старый зам+ок."),
        "in one nine eight four": speaker.say("Один девять восемь четыре год."),
        "in 1984": speaker.say("1984 год."),
    },
    "Listen to both vowels of the second word: does only the weight change, or the vowel too?",
)

# %% [markdown]
# ## The sounds of a language
#
# The units of sound that a language tells words apart by are its **phones** (with many fine distinctions that we leave to phonetics). There are some forty in English and in
# Russian, more than letters. A **phone set** writes each with a symbol; here ARPAbet, whose symbols can be typed on any keyboard, for English, where *th* in *thin* is `th` and in *this*
# `dh`. synthkit's front end goes from text to words, phones and stress, and says what it had to guess:

# %%
text.segment("Weasels have eaten our phone system.", "en")

# %% [markdown]
# Three steps hide in this: what is not a word is made one (normalisation), words are looked up (the lexicon), and what is in no lexicon is guessed
# from its letters. We take them one after the other.
#
# ## What is not a word
#
# Is *1984* a year, a number, a price, a room? Nothing in the digits tells; what stands around them does. Each kind of such tokens is a
# **semiotic class** [1], with a rule that finds it and a rule that reads it. In Russian it must also bend the number to its place in the
# sentence.

# %%
cases = (  # language, text, and what a person would read
    ("en", "In 1984 it cost $1984.",
     "in nineteen eighty four it cost one thousand nine hundred and eighty four dollars"),
    ("en", "Dr. Smith lives at 12 Elm Dr.", "doctor smith lives at twelve elm drive"),
    ("en", "Read chapter IV, not my IV.", "read chapter four not my i v"),
    ("ru", "В 1984 году было 5 °C.", "в тысяча девятьсот восемьдесят четвёртом году "
     "было пять градусов цельсия"),
    ("ru", "Осталось 2 книги и 5 книг.", "осталось две книги и пять книг"),
)  # fmt: skip
lines, other = [], []
for language, written, wanted in cases:
    words = " ".join(w.text for w in text.segment(written, language).words)
    lines.append(f"| {written} | {words} |".replace("$", "\\$"))
    if words.lower() != wanted:
        other.append(written)
told = "; ".join(f"*{t}*" for t in other) or "none"
note(
    "| written | read |\n|---|---|\n" + "\n".join(lines) + f"\n\n"
    f"Read otherwise than a person would: {told}. Each rule has a border, and beyond it "
    "somebody has to write the next one."
)

# %% [markdown]
# ## Guessing from letters
#
# A lexicon of English has more than a hundred thousand words, and tomorrow somebody calls his shop by one that is not in it. So we need **G2P**, grapheme to phoneme:
# from letters (graphemes) to phones (which that name calls phonemes). Learn it from the lexicon itself. But before counting which phone a letter makes, one has to know *which* phones of a word
# belong to which of its letters, and the lexicon does not say.
#
# It is the chicken and the egg, and there is a way out that comes back in chapters 6 and 10: guess the links, count, link again by the counts, and so on. To link, find the
# cheapest way to give each letter none, one or two phones:
#
# $$ \min_{c_1 \dots c_L} \; \sum_{i=1}^{L} -\log P(c_i \mid l_i), \qquad c_1 c_2 \dots c_L = \text{the phones} $$
#
# $P(c \mid l)$ is how often the letter $l$ has made the phones $c$: what is frequent is cheap. There are exponentially many ways, but the best way to cover the first $i$ letters and $j$ phones does not depend on what comes later. So one keeps
# only the best for each pair $(i, j)$: **dynamic programming**.

# %%


def link(letters, phones, cost):
    """For each letter its phones (none, one or two), so that the sum of costs is least."""
    best = {
        0: (0.0, ())
    }  # by how many phones are used: cost, and what each letter got
    for i, letter in enumerate(letters):
        after = {}
        for j, (so_far, path) in best.items():
            for n in (0, 1, 2):
                chunk = tuple(phones[j : j + n])
                where = (i + 0.5) / len(letters) - (j + n / 2) / len(phones)
                total = so_far + cost(letter, chunk, where)
                if len(chunk) == n and total < after.get(j + n, (np.inf,))[0]:
                    after[j + n] = (total, (*path, chunk))
        best = after
    return best.get(len(phones), (0, None))[1]


# %%
def learned(lexicon, rounds=3):
    """Links of all words: at first along the diagonal, then by counts, again and again."""

    def cost(letter, chunk, where):
        return abs(len(chunk) - 1) + 5 * abs(where)

    for _ in range(rounds):
        links = {word: link(word, phones, cost) for word, phones in lexicon.items()}
        counts = defaultdict(Counter)
        for word, chunks in links.items():
            for letter, chunk in zip(word, chunks or (), strict=False):
                counts[letter][chunk] += 1

        def cost(letter, chunk, where, counts=counts):
            return -log(
                (counts[letter][chunk] + 0.01) / (counts[letter].total() + 1)
            )

    return {word: chunks for word, chunks in links.items() if chunks}


# %%
from synthkit_text.english.words import dictionary, look_up

every = [
    w
    for w in (key.decode() for key, _ in dictionary())
    if w.isascii() and w.isalpha()
]
usual = [w for w in every if 3 <= len(w) <= 10]
drawn = [usual[k] for k in np.random.default_rng(0).permutation(len(usual))[:4397]]
drawn += ["thoughts", "daughter", "machines"]
sounds = {word: [phone.symbol for phone in look_up(word)[0]] for word in drawn}
unseen, seen = drawn[:400], drawn[400:]
links = learned({word: sounds[word] for word in seen})

drawings = [
    " ".join(f"{x}:{'+'.join(c) or '–'}" for x, c in zip(w, links[w], strict=True))
    for w in drawn[-3:]
]
note(
    f"Of {len(every):,} words of the lexicon we use {len(seen):,} to learn and "
    f"{len(unseen)} to judge by. Three that were linked, with – for letters that are "
    f"silent: `{'`, `'.join(drawings)}`."
)

# %% [markdown]
# Now the guess itself. Look at a letter with its neighbours, and say what such a letter has mostly said in the words that were seen; if these neighbours were never seen, look at
# fewer. It is hardly more than a table, and yet a machine that reads aloud.

# %%


def table(links, width):
    """The most frequent phones of each letter with up to `width` neighbours on each side."""
    votes = defaultdict(Counter)
    for word, chunks in links.items():
        edged = "#" * width + word + "#" * width
        for i, chunk in enumerate(chunks):
            for k in range(width + 1):
                votes[edged[i + width - k : i + width + k + 1]][chunk] += 1
    return {around: counts.most_common(1)[0][0] for around, counts in votes.items()}


def read(word, known, width):
    edged, phones = "#" * width + word + "#" * width, []
    for i in range(len(word)):
        arounds = [
            edged[i + width - k : i + width + k + 1] for k in range(width, -1, -1)
        ]
        phones += next((known[a] for a in arounds if a in known), ())
    return phones


# %% [markdown]
# How wrong is it? Count how many phones must be exchanged, left out or put in to come from the guess to the truth: the **edit distance** [2], dynamic programming once more. Over
# the number of phones it is the phone error rate.

# %%
from synthkit.eval.intelligibility import errors


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y)))
    return row[-1]


def rate(guess, words):
    pairs = [(sounds[w], guess(w)) for w in words]
    return sum(distance(*pair) for pair in pairs) / sum(
        len(true) for true, _ in pairs
    )


# %%
known = table(links, 3)
for word in unseen:
    guess = read(word, known, 3)
    theirs = errors(sounds[word], guess)
    assert (
        distance(sounds[word], guess)
        == theirs.substitutions + theirs.deletions + theirs.insertions
    )
note(
    f"For all {len(unseen)} unseen words our distance is the number of mistakes that "
    f"synthkit counts; together they make a phone error rate of "
    f"{100 * rate(lambda w: read(w, known, 3), unseen):.1f} %."
)

# %% tags=["hide"]
SIZES, WIDTHS = [400, 1500, 4000], [0, 1, 2, 3]
WORDS = ["phone", "knight", "though", "weasel", "nation", "quartz"]
rates = {}
tables = {}
for size in SIZES:
    some = dict(list(links.items())[:size])
    for width in WIDTHS:
        tables[size, width] = table(some, width)
        rates[size, width] = rate(
            lambda w, size=size, width=width: read(w, tables[size, width], width),
            unseen,
        )


# %% tags=["hide"]
def guessed(letters_on_each_side, words_seen):
    fig, axes = plt.subplots(
        1, 2, figsize=(9.5, 2.8), layout="constrained", width_ratios=(1.3, 1)
    )
    for size in SIZES:
        axes[0].plot(
            WIDTHS,
            [100 * rates[size, w] for w in WIDTHS],
            ".-",
            label=f"{size:,} words",
        )
    here = 100 * rates[words_seen, letters_on_each_side]
    axes[0].plot(
        letters_on_each_side,
        here,
        "o",
        color="black",
        markersize=9,
        fillstyle="none",
    )
    axes[0].set(
        xlabel="letters on each side",
        ylabel="phone errors, %",
        xticks=WIDTHS,
        ylim=(0, 60),
    )
    axes[0].legend(frameon=False)
    axes[1].axis("off")
    axes[1].set(xlim=(0, 1), ylim=(0, len(WORDS) + 1))
    for k, word in enumerate(WORDS):
        said = read(
            word, tables[words_seen, letters_on_each_side], letters_on_each_side
        )
        axes[1].text(0.0, len(WORDS) - k, word, fontsize=11)
        axes[1].text(
            0.35, len(WORDS) - k, " ".join(said), fontsize=11, family="monospace"
        )
    return fig


explore(
    guessed,
    "Phone errors of unseen words, and how six words are read. A single letter says little; with neighbours ph, kn and tion come right. More words help on, "
    "wider contexts soon do not.",
    start={"letters_on_each_side": 2, "words_seen": 4000},
    letters_on_each_side=WIDTHS,
    words_seen=SIZES,
    lab=(
        "edit/",
        "change the phones of a word by hand in the panel Edit, and hear it",
        {"voice": "demo-en", "text": "The weasel ate the phone."},
    ),
)

# %% tags=["hide"]
from synthkit_text.english.letters import pronounce

few = unseen[:25]
theirs = rate(lambda w: [p.symbol for p in pronounce(w)], few)
assert (
    rates[4000, 0] > rates[4000, 1] > rates[4000, 2]
    and rates[400, 2] > rates[4000, 2]
)
note(
    f"From a letter alone {100 * rates[4000, 0]:.0f} % of the phones are wrong; with one neighbour on each side {100 * rates[4000, 1]:.0f} %, with two "
    f"{100 * rates[4000, 2]:.0f} %. synthkit's own model, which weighs whole sequences and saw the whole lexicon, errs in {100 * theirs:.1f} % of the phones of "
    f"{len(few)} of these words (it has seen them, so that this is no fair race). What remains hard is English itself: *though*, *tough* and *through* are "
    "known or not, no letter tells."
)

# %% [markdown]
# ## Alike on paper
#
# Words that are written alike and said otherwise are **homographs**: *read*, *lead*, *bass*; in Russian very many, most of them told apart by stress alone. A rule that looks at the
# word before helps with some; for the rest one needs a model of the sentence, and the writer's help where that fails.

# %%
lines = []
for sentence, word in (
    ("I read it every day.", 1),
    ("I have read it.", 2),
    ("He will live.", 2),
    ("It was live music.", 2),
):
    said = text.segment(sentence, "en").words[word]
    lines.append(f"| {sentence} | `{' '.join(p.symbol for p in said.phones)}` |")
note("| sentence | the word in question |\n|---|---|\n" + "\n".join(lines))

# %% [markdown]
# ## Stress changes more than weight
#
# In Russian and in English a vowel without stress becomes short and loses its colour: **vowel reduction**. *Photograph* and *photographer* begin with the same five letters and with
# other vowels. In Russian one stress governs the whole word: move it, and all vowels change.

# %% tags=["hide"]
STRESSED = {"first": "м+олоко", "second": "мол+око", "third (right)": "молок+о"}


def moved(stress_on_the_vowel):
    written = STRESSED[stress_on_the_vowel]
    spoken = speaker.speak(written + ".")
    axes = spoken.plot()
    fig = axes[0].figure
    fig.set_size_inches(8, 4)
    phones = " ".join(
        ("ˈ" if p.stress else "") + p.symbol
        for p in spoken.segmentation.words[0].phones
    )
    fig.suptitle(f"{written.replace('+', chr(0x27))}: {phones}")
    return fig, spoken.waveform


explore(
    moved,
    "Moloko, milk, with its stress on each of its three vowels. All are written o; only the one under stress is said as one. The others become a, or a short "
    "murmur, by how far they are from it.",
    start={"stress_on_the_vowel": "third (right)"},
    stress_on_the_vowel=list(STRESSED),
    lab=(
        "edit/",
        "move the stress of this word with the key S in the panel Edit",
        {"voice": "demo-ru", "text": "Молоко."},
    ),
)

# %%
said = {w: text.segment(w, "ru").words[0].phones for w in STRESSED.values()}
vowels = {
    w: [p.symbol for p in phones if p.symbol[0] in "aoeiuy"]
    for w, phones in said.items()
}
assert (
    all("oo" in v for v in vowels.values())
    and len(set(map(tuple, vowels.values()))) == 3
)
english = [
    " ".join(p.symbol + (str(p.stress) if p.stress else "") for p in word.phones)
    for word in text.segment("photograph photographer", "en").words
]
note(
    "Vowels by the place of the stress: "
    + "; ".join(f"`{w}` has `{' '.join(v)}`" for w, v in vowels.items())
    + f". In English, *photograph* is `{english[0]}` and *photographer* `{english[1]}` "
    "(1 is the main stress, `ah` without a number is mostly the vowel of *sofa*)."
)

# %% [markdown]
# ## What to remember
#
# - Text is normalised by classes, looked up in a lexicon, and guessed where no lexicon helps.
# - Letters and phones are linked by guessing, counting and linking again; dynamic programming finds the cheapest links.
# - What counts is context: neighbouring letters for sounds, neighbouring words for homographs.
# - Stress is a sound's colour, not only its weight. In Russian a wrong one makes another word.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(5)

# %% [markdown]
# ## Sources
#
# 1. P. Taylor: *Text-to-Speech Synthesis*. Cambridge University Press, 2009. (Semiotic classes; the whole way from text to sound.)
# 2. V. I. Levenshtein: Binary codes capable of correcting deletions, insertions, and reversals. *Soviet Physics Doklady* 10(8), 707–710, 1966.
# 3. M. Bisani, H. Ney: Joint-sequence models for grapheme-to-phoneme conversion. *Speech Communication* 50(5), 434–451, 2008.
# 4. The CMU Pronouncing Dictionary. Carnegie Mellon University, 1993–2015.
# 5. R. I. Avanesov: *Russkoe literaturnoe proiznoshenie*. Prosveshchenie, Moscow, 1984. (How Russian vowels are reduced.)
