# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Recording and alignment
#
# *Which sentences shall I read, and who tells the machine where each sound begins?*
#
# From here on we build voices. A voice begins with a person who reads aloud, and with two questions that decide more than any model: what was
# read, and where in the recording each sound lies. Who chooses well has to read less for the same voice; and a sound that was cut at a wrong place will click in every
# sentence that uses it.

# %%
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np

import synthkit as sk
from synthkit.labels import read_alignment
from synthkit.plugins import registry
from synthkit_course import cells
from synthkit_course.cells import explore, figure, listen, note

cells.start()
corpus = sk.corpus("bundled-ru")
text = registry().load("segmentation", "text")()


def phones_of(id):
    """Phones of a recording with their times, as its maker labelled them."""
    return read_alignment(corpus[id].labels).phones


# %% [markdown]
# ## Listen first
#
# A word, *shtyk* (bayonet), was cut out of a sentence that you know. Three times: where its labels say that it begins and ends; everything 60 thousandths of a second
# early; and as late. It is less than a blink. Listen to what has come in, and what has gone.

# %%
sentence = sk.read(corpus["ru_0063"])
rate, labels = sentence.sample_rate, phones_of("ru_0063")
symbols = [phone.label for phone in labels]
at = next(
    k for k in range(len(symbols)) if symbols[k : k + 4] == ["sh", "t", "yy", "k"]
)
word = labels[at : at + 4]


def cut(begin, end, sound=sentence):
    return cells.wave(sound.samples[round(begin * rate) : round(end * rate)], rate)


begin, end = word[0].start, word[-1].end
listen(
    {
        "as labelled": cut(begin, end),
        "too early": cut(begin - 0.06, end - 0.06),
        "too late": cut(begin + 0.06, end + 0.06),
    }
)

# %% [markdown]
# ## What to read
#
# A voice can only say what it has, or what it can put together. The pieces that matter are not phones alone but how one goes over into the next: a **diphone** is from the
# middle of a phone to the middle of its neighbour. With forty phones there are $40^2$ of them; some never occur, many are rare, and a few are in
# every sentence. Let $w(d)$ be how often a diphone comes in ordinary text. What is said of a text with probability
#
# $$ \text{coverage}(R) = \frac{\sum_{d \in R} w(d)}{\sum_{d} w(d)} $$
#
# is that its next diphone is among the recorded ones, $R$. To choose the best twenty sentences of a hundred exactly is hopeless (it would take all choices of
# twenty). Taking one after the other, each time the one that adds most for its length, is nearly as good; of that **greedy** way it is
# known how much more than the best choice it can cost at most until all is covered [1].

# %%
from synthkit.corpora import prompting

sentences = prompting.segmented(prompting.sentences("en")[:100], text, "en")
units = {s: prompting.diphones(said) for s, said in sentences.items()}
weight = sum(units.values(), Counter())


def greedy(units, weight):
    """Sentences in the order in which each adds most per phone."""
    have, left, order = set(), dict(units), []

    def gain(s):
        return sum(weight[d] for d in left[s] if d not in have) / max(
            left[s].total(), 5
        )

    while left:
        best = max(left, key=gain)
        order.append(best)
        have |= set(left.pop(best))
    return order


# %%
order = greedy(units, weight)
theirs = list(prompting.greedy(units, weights=weight))


def coverage(chosen):
    have = set().union(*(units[s] for s in chosen))
    return sum(weight[d] for d in have) / weight.total()


assert order[:40] == theirs[:40]
common = sum(n for _, n in weight.most_common(len(weight) // 10)) / weight.total()
note(
    f"Our order and that of `synthkit record` begin with the same 40 sentences. The "
    f"hundred have {len(weight)} different diphones in {weight.total():,}; the commonest "
    f"tenth of them makes up {100 * common:.0f} % of all."
)

# %% tags=["hide"]
READ = [150, 300, 600, 1200]
rng = np.random.default_rng(1)
chance = [[str(s) for s in rng.permutation(list(units))] for _ in range(20)]
phones_read = np.arange(50, 1600, 50)


def curve(order):
    """Coverage in percent after so many phones."""
    lengths = np.cumsum([units[s].total() for s in order])
    return np.interp(
        phones_read,
        lengths,
        [100 * coverage(order[: n + 1]) for n in range(len(order))],
    )


greedily, by_chance = curve(order), np.array([curve(each) for each in chance])


# %% tags=["hide"]
def covered(phones):
    fig, axes = plt.subplots(
        1, 2, figsize=(10, 3), layout="constrained", width_ratios=(1.3, 1)
    )
    axes[0].plot(phones_read, greedily, label="chosen")
    axes[0].plot(phones_read, by_chance.mean(0), label="by chance (20 times)")
    axes[0].fill_between(
        phones_read,
        by_chance.min(0),
        by_chance.max(0),
        color="#d1495b",
        alpha=0.2,
        linewidth=0,
    )
    axes[0].axvline(phones, color="#999", linestyle=":")
    axes[0].set(xlabel="phones read", ylabel="diphones covered, %", ylim=(0, 100))
    axes[0].legend(frameon=False, loc="lower right")
    ranked = [d for d, _ in weight.most_common()]
    lengths = np.cumsum([units[s].total() for s in order])
    have = set().union(
        *(units[s] for s in order[: int(np.searchsorted(lengths, phones)) + 1])
    )
    grid = np.zeros(20 * 36)
    for k, d in enumerate(ranked[: len(grid)]):
        grid[k] = 2 if d in have else 1
    colours = plt.matplotlib.colors.ListedColormap(
        ["#ffffff", "#e5e5e5", "#3567a8"]
    )
    axes[1].imshow(grid.reshape(20, 36), cmap=colours, vmin=0, vmax=2)
    axes[1].set(xticks=[], yticks=[], title="diphones by frequency; blue: recorded")
    return fig


explore(
    covered,
    "How much of ordinary text is covered when so many phones were read, and which diphones (the commonest in the upper left corner). The common ones are there "
    "at once; the rare ones never end.",
    start={"phones": 600},
    phones=READ,
    lab=(
        "labels/",
        "see the phones of the recordings in the panel Labels",
        {"corpus": "bundled-ru", "id": "ru_0025"},
    ),
)

# %% tags=["hide"]
at600 = int(np.flatnonzero(phones_read == 600)[0])
need = int(np.interp(by_chance.mean(0)[at600], greedily, phones_read))
assert greedily[at600] > by_chance.mean(0)[at600] and need < 500
note(
    f"600 phones (a minute, about) of chosen sentences cover {greedily[at600]:.0f} % of ordinary text, as many by chance {by_chance.mean(0)[at600]:.0f} %. What 600 by "
    f"chance cover, {need} chosen ones do. The recordings of this course were chosen in this way, and `synthkit record` asks for sentences in this order."
)

# %% [markdown]
# ## Where does each sound begin?
#
# The text says which phones come, in which order. What is unknown is where one ends and the next begins: **alignment**. Describe each frame $t$ by some numbers $x_t$ (cepstra,
# chapter 3), and suppose that we know for each phone how likely such numbers are, $p(x_t \mid q)$. In a frame one is in some phone $q_t$, and may
# only stay or go on to the next. That is a **hidden Markov model** (**HMM**): hidden, as nobody sees $q_t$ [2].
#
# One could ask for the likeliest way through. Better is to ask for every frame how probable each phone is, over *all* ways. There are as many as ways to put boundaries; but
# as in chapter 5, what came before is summed up in one number for each phone. Forward, $\alpha_t(q)$ is the probability of all that was heard up to $t$, being in
# $q$ then:
#
# $$ \alpha_t(q) = p(x_t \mid q) \left( \alpha_{t-1}(q) \, s + \alpha_{t-1}(q-1) \, (1 - s) \right) $$
#
# Backward, $\beta_t(q)$ is that of all that comes after:
#
# $$ \beta_t(q) = s \, p(x_{t+1} \mid q) \, \beta_{t+1}(q) + (1 - s) \, p(x_{t+1} \mid q+1) \, \beta_{t+1}(q+1) $$
#
# with $s$ the probability to stay. Their product, divided by its sum over phones, is the **posterior**: how sure one is of $q$ at $t$, having heard everything.

# %%


def forward_backward(density, stay=0.9):
    """Posterior of each phone in each frame, from log densities (T, Q): from left to right."""
    p = np.exp(density - density.max(axis=1, keepdims=True))
    forward, backward = np.zeros_like(p), np.zeros_like(p)
    forward[0, 0], backward[-1, -1] = p[0, 0], 1.0
    for t in range(1, len(p)):
        forward[t] = forward[t - 1] * stay
        forward[t, 1:] += forward[t - 1, :-1] * (1 - stay)
        forward[t] *= p[t]
        forward[t] /= forward[t].sum()  # or it becomes too small for a computer
    for t in range(len(p) - 2, -1, -1):
        after = p[t + 1] * backward[t + 1]
        backward[t] = after * stay
        backward[t, :-1] += after[1:] * (1 - stay)
        backward[t] /= backward[t].sum()
    both = forward * backward
    return both / both.sum(axis=1, keepdims=True)


# %% [markdown]
# Three phones are enough to see it work: *sh*, *t*, *y* of our word: a hiss, a silence with a burst, a vowel. How likely numbers are for each we take from other recordings
# whose labels we have: a mean and a spread for each number, as a bell curve (the
# normal distribution) has them, no more. Their logarithms are added up over the numbers of a frame. (Why they are multiplied by 0.2 is told below.)

# %%
from synthkit_align.features import Cepstra

HOP = 0.005
cepstra = Cepstra(hop=HOP, window=0.016)
examples = {"sh": [], "t": [], "yy": []}
for utterance in corpus.utterances[:40]:
    if utterance.id != "ru_0063":
        frames = cepstra.frames(sk.read(utterance))[:, :13]
        for phone in phones_of(utterance.id):
            if phone.label in examples:
                first, last = round(phone.start / HOP), round(phone.end / HOP)
                examples[phone.label].append(frames[first:last])
models = {
    q: (np.concatenate(f).mean(0), np.concatenate(f).var(0))
    for q, f in examples.items()
}

begin, end = word[0].start, word[2].end
heard = cepstra.frames(sentence)[round(begin / HOP) : round(end / HOP), :13]
density = np.stack(
    [
        -0.5 * (((heard - m) ** 2 / v) + np.log(2 * np.pi * v)).sum(1)
        for m, v in models.values()
    ],
    1,
)

# %%
from synthkit_align.kernels import posteriors

ours = forward_backward(0.2 * density)
column = np.arange(3)
before = np.array([[-1], [0], [1]])  # whom each phone comes after
ends = np.array([True, False, False])
stay = np.full(3, 0.9)
_, theirs = posteriors(
    0.2 * density, column, before, ends, ends[::-1].copy(), stay, 1 - stay
)
assert np.allclose(ours, theirs, atol=1e-8)
edges = begin + (ours.cumsum(1)[:, :2].sum(0)) * HOP  # the mean of each boundary
off = 1000 * (edges - [word[1].start, word[2].start])
note(
    f"Our posteriors and those of synthkit's aligner differ by "
    f"{np.abs(ours - theirs).max():.1e} at most. The boundaries that follow lie "
    f"{off[0]:+.0f} ms and {off[1]:+.0f} ms from those of the labels."
)

# %% tags=["hide"]
SCALES = [1.0, 0.2, 0.05, 0.01]


def sure(weight_of_the_sound):
    shown = forward_backward(weight_of_the_sound * density)
    time = 1000 * np.arange(len(shown)) * HOP
    fig, axes = plt.subplots(
        2,
        1,
        figsize=(8, 3.6),
        layout="constrained",
        sharex=True,
        height_ratios=(1, 1.3),
    )
    piece = cut(begin, end).samples
    axes[0].plot(1000 * np.arange(len(piece)) / rate, piece, linewidth=0.6)
    axes[0].set(yticks=[], ylabel="waveform")
    for name, row in zip(("sh", "t", "y"), shown.T, strict=True):
        axes[1].plot(time, row, label=name)
    for phone in word[1:3]:
        for ax in axes:
            ax.axvline(1000 * (phone.start - begin), color="#999", linestyle=":")
    axes[1].set(
        xlabel="time, ms (dotted: the labels)",
        ylabel="posterior",
        ylim=(-0.02, 1.05),
    )
    axes[1].legend(frameon=False, loc="center right")
    return fig


explore(
    sure,
    "Posteriors of three phones. With its full weight the sound decides from one frame to the next; with less, boundaries become soft; with none only "
    "the order and the number of phones are left.",
    start={"weight_of_the_sound": 0.2},
    weight_of_the_sound=SCALES,
    lab=(
        "labels/",
        "move boundaries of this sentence by hand in the panel Labels, and hear them",
        {"corpus": "bundled-ru", "id": "ru_0063"},
    ),
)

# %% [markdown]
# Why not always the full weight? Because neighbouring frames overlap and say nearly the same; a model that takes them for independent witnesses is much too sure. synthkit uses 0.2.
#
# ## Without labels
#
# In truth nobody has labels to learn the models from; one has recordings and text. It is the chicken and the egg of chapter 5, with the same way out: begin with all phones alike, find posteriors,
# take means and spreads weighted by them, and begin again. For HMMs that is the **Baum–Welch** algorithm [2], and each round makes the recordings likelier. Here on sixteen sentences; then the result
# is laid beside the labels, which the aligner has not seen.

# %%
from difflib import SequenceMatcher

from synthkit_course.voices import context

others = [u for u in corpus.utterances if u.id != "ru_0063"]
chosen = [*others[:15], corpus["ru_0063"]]
pairs = [(u, text.segment(u.text, "ru")) for u in chosen]
aligner = registry().load("alignment", "hmm")
# Four bell curves a state instead of one, and eight rounds
small = aligner.Config(mixtures=4, flat_passes=8, refine=False)
with context() as work:
    found = aligner(small).align(pairs, work)

rows = []  # recording, phone, its beginning by the labels and by the aligner
for utterance in chosen:
    a, b = phones_of(utterance.id), found[utterance.id].phones
    names = [p.label for p in a], [p.label for p in b]
    for i, j, n in SequenceMatcher(
        None, *names, autojunk=False
    ).get_matching_blocks():
        rows += [(utterance.id, a[i + k], b[j + k]) for k in range(1, n)]
gap = 1000 * np.array([b.start - a.start for _, a, b in rows])

# %% tags=["hide"]
fig, ax = plt.subplots(figsize=(8, 2.6), layout="constrained")
ax.hist(np.clip(gap, -100, 100), np.arange(-100, 105, 5), color="#3567a8")
ax.axvline(0, color="#999", linestyle=":")
ax.set(
    xlabel="aligner minus labels, ms (all beyond 100 in the last bars)",
    ylabel="boundaries",
)
figure(
    fig,
    "Where the aligner puts boundaries, against the labels. Most agree within 20 ms; a few are far off, and those are heard.",
)

# %% tags=["hide"]
within = np.mean(np.abs(gap) < 20)
flagged = sum(len(a.flags) for a in found.values())
assert within > 0.6
note(
    f"{len(gap)} boundaries. Half of them are less than {np.median(np.abs(gap)):.0f} ms away, {100 * within:.0f} % less than 20 ms, "
    f"and {100 * np.mean(np.abs(gap) > 50):.1f} % more than 50 ms. On the whole the aligner is {np.median(gap):.0f} ms later: that is no mistake but a "
    "convention (which instant a frame stands for), and it has to be known before two aligners are compared. The aligner itself doubts "
    f"{flagged} phones: much longer, shorter or less likely than their like."
)

# %% [markdown]
# ## Listen to the worst
#
# A mean says nothing about the one boundary that will click. So one looks at the worst ones, by ear. Here is the phone whose beginning differs most, with what surrounds it, cut by both.

# %%
id, a, b = rows[np.argmax(np.abs(gap))]
sound = sk.read(corpus[id])
until = max(a.end, b.end) + 0.15
listen(
    {
        f"{a.label} from the labels' boundary": cut(a.start, until, sound),
        f"{b.label} from the aligner's": cut(b.start, until, sound),
        "with what comes before": cut(min(a.start, b.start) - 0.4, until, sound),
    },
    f"The largest difference: {abs(1000 * (a.start - b.start)):.0f} ms, in {id}. Whom do you believe?",
)

# %% [markdown]
# Labels are no truth either: these were made by an automatic aligner too, when the recordings were published. People who label by hand disagree among themselves, most often where there is no boundary at all (where does the
# *l* of *moloko* end?). The Montreal Forced Aligner [3], which many labs use, works as ours does, with phones that know their neighbours; where it is installed,
# `--set alignment.plugin=mfa` uses it in place of ours.
#
# ## What to remember
#
# - What is read matters: coverage by diphones, chosen greedily.
# - An HMM knows the order of phones and asks where; forward–backward sums over all ways.
# - Without labels, models and boundaries are found in turn.
# - Look at the worst boundaries, not the mean; know which instant a frame stands for.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(6)

# %% [markdown]
# ## Sources
#
# 1. V. Chvátal: A greedy heuristic for the set-covering problem. *Mathematics of Operations Research* 4(3), 233–235, 1979.
# 2. L. R. Rabiner: A tutorial on hidden Markov models and selected applications in speech recognition. *Proceedings of the IEEE* 77(2), 257–286, 1989.
# 3. M. McAuliffe, M. Socolof, S. Mihuc, M. Wagner, M. Sonderegger: Montreal Forced Aligner: trainable text-speech alignment using Kaldi. *Proc. Interspeech*, 2017.
