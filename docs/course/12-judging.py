# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Judging
#
# *Which of two voices is better, and how sure can we be?*
#
# Each week somebody announces a voice that is better than the last. Better by which measure, on which sentences, in whose ears, and would it come out
# so again? This chapter measures, doubts the measure, counts how much doubt is left, and ends with the questions that no measure answers.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import rankdata

import synthkit as sk
from synthkit.plugins import registry
from synthkit_course import cells
from synthkit_course.cells import explore, listen, note

cells.start()
corpus = sk.corpus("bundled-en")


def part(stage, name, **settings):
    component = registry().load(stage, name)
    return component(component.Config(**settings))


def copied(sound, order):
    """The copy of chapter 3: WORLD, with so many numbers for the envelope."""
    frames = part("features", "world", order=order, f0_ceil=500.0).extract(sound)
    return part("vocoder", "world").render(frames)


# %% [markdown]
# ## Listen first
#
# Two copies of a sentence. Before you read on, write down a mark for each: 5 excellent, 4 good, 3 fair, 2 poor, 1 bad. Then close your eyes, let somebody play them in an order that
# you do not know, and mark them again.

# %%
recording = sk.read(corpus["tt-weasels"])
rate = recording.sample_rate
mel = part("features", "mel", preset="htk-16k").extract(recording)
first, second = copied(recording, 10), part("vocoder", "griffin-lim").render(mel)
listen({"the first": first, "the second": second, "the recording": recording})

# %% [markdown]
# Were your marks the same both times? The mean of such marks over many people is the **MOS**, mean opinion score [1], the field's most quoted number. Yours is one of
# them, and you have seen how firm it is.
#
# ## A distance
#
# People are slow and dear, so one measures. Chapter 3 used MCD, the distance of mel-cepstra of two frames. But which frame of one belongs to which of the other? Two people, or
# a voice and a person, never speak in step. **DTW**, dynamic time warping, lays two rows of frames along each other so that the sum of distances is least [2]. Once more, the
# cheapest way to a pair of frames is the cheapest way to one of three pairs before it:
#
# $$ D(i, j) = d(i, j) + \min \left( D(i-1, j-1), \; D(i-1, j), \; D(i, j-1) \right) $$

# %%
from scipy.spatial.distance import cdist

from synthkit.eval.dtw import dtw_path


def warp(distances):
    """The cheapest way through a matrix of distances, as pairs of frames."""
    n, m = distances.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0.0
    for i, j in itertools.product(range(n), range(m)):
        best = min(total[i, j], total[i, j + 1], total[i + 1, j])
        total[i + 1, j + 1] = distances[i, j] + best
    way, (i, j) = [], (n, m)
    while i and j:
        way.append((i - 1, j - 1))
        before = {(i - 1, j - 1), (i - 1, j), (i, j - 1)}
        i, j = min(sorted(before, reverse=True), key=lambda p: total[p])
    return way[::-1], total[n, m]


# %%
world = part("features", "world", f0_ceil=500.0)
late = cells.wave(
    np.pad(first.samples, (1600, 0)), rate
)  # a tenth of a second later
a, b = (
    world.extract(recording)["mcep"][::2, 1:],
    world.extract(late)["mcep"][::2, 1:],
)
distances = cdist(a.astype(float), b.astype(float))
way, cost = warp(distances)
i, j = dtw_path(a, b)
assert np.isclose(cost, distances[i, j].sum(), rtol=1e-6)
straight = np.diag(distances).mean()
note(
    f"Our way and synthkit's cost the same, {cost:.1f}. Frame by frame without warping, "
    f"the mean distance would be {straight:.2f}; along the way it is "
    f"{cost / len(way):.2f}. All that had happened: the copy began a tenth of a second later."
)

# %% [markdown]
# ## One name, many numbers
#
# Then MCD is a number? Look into the programs that print one. They take other cepstra, of other orders, with or without the level, aligned or not, over all frames or the loud
# ones. synthkit computes each as its program does, and says which it is.

# %% tags=["hide"]
CHOSEN = {
    "mcd/synthkit": "synthkit: aligned, loud frames",
    "mcd/espnet": "ESPnet: aligned, level included",
    "mcd/merlin": "Merlin: not aligned, order 59",
    "mcd/pymcd": "pymcd: not aligned, level included",
    "mcd/pymcd-dtw": "pymcd, aligned",
}
SILENCES = [0, 50, 200]
values = {}
for silence in SILENCES:
    moved = cells.wave(np.pad(first.samples, (silence * rate // 1000, 0)), rate)
    found = sk.measure(
        recording, moved, metrics=["mcd", "mcd-espnet", "mcd-merlin", "mcd-pymcd"]
    )
    values[silence] = {key: found[key]["value"] for key in CHOSEN}


def defined(silence_before__ms):
    fig, ax = plt.subplots(figsize=(8.5, 2.6), layout="constrained")
    now = [values[silence_before__ms][key] for key in CHOSEN]
    ax.barh(list(CHOSEN.values()), [v or 0 for v in now], color="#3567a8")
    for k, v in enumerate(now):
        ax.text(
            (v or 0) + 0.2,
            k,
            f"{v:.1f}" if v is not None else "refuses: other length",
            va="center",
        )
    ax.set(xlabel="MCD, dB", xlim=(0, 24))
    ax.invert_yaxis()
    return fig


explore(
    defined,
    "One copy against its recording, by five definitions of MCD, when silence stands before the copy. Nothing in the speech has changed.",
    silence_before__ms=SILENCES,
    lab=(
        "bench/",
        "hear a copy against its original at the same place",
        {
            "corpus": "bundled-en",
            "id": "tt-weasels",
            "vocoder": "world",
            "cepstra": 10,
        },
    ),
)

# %% tags=["hide"]
still, moved = values[0], values[200]
known = [v for v in still.values() if v is not None]
assert (
    moved["mcd/pymcd"] > 2 * still["mcd/pymcd"]
    and abs(moved["mcd/synthkit"] - still["mcd/synthkit"]) < 0.3
)
note(
    f"From {min(known):.1f} to {max(known):.1f} dB for the same two sounds: papers whose programs differ cannot be compared. And with a fifth of a second of silence before it, the "
    f"unaligned one goes from {still['mcd/pymcd']:.1f} to {moved['mcd/pymcd']:.1f} dB, where ours goes from {still['mcd/synthkit']:.2f} to {moved['mcd/synthkit']:.2f}. A figure without its "
    "definition is not a figure."
)

# %% [markdown]
# ## Is the difference real?
#
# Two voices say the same ten sentences, and one has the lower mean. Would another ten say so? Look at the differences *sentence by sentence*: some sentences are hard for both,
# and that cancels. If both voices were equal, each difference could as well have had the other sign. Call the differences $\delta_i$, and rank them by size, without their
# signs: the smallest has rank 1. There are $2^{10}$ ways to choose signs; how often does chance alone make a sum of signed ranks as large as ours? That is the **p-value** of Wilcoxon's test [3]:
#
# $$ W = \sum_{i=1}^{N} \text{sign}(\delta_i) \cdot \text{rank}(|\delta_i|), \qquad p = P \left( |W'| \ge |W| \right) $$

# %%
from synthkit.eval.statistics import compare_paired


def p_value(differences):
    """Wilcoxon's signed-rank test, by trying all signs."""
    ranks = rankdata(np.abs(differences))
    ours = abs(np.sum(np.sign(differences) * ranks))
    signs = np.array(list(itertools.product((-1, 1), repeat=len(ranks))))
    return np.mean(np.abs(signs @ ranks) >= ours - 1e-9)


# %%
short = sorted(corpus.utterances, key=lambda u: len(u.text))[8:18]
sounds = [sk.read(utterance) for utterance in short]
mcd = {
    order: np.array(
        [
            sk.measure(s, copied(s, order), metrics=["mcd"])["mcd/synthkit"][
                "value"
            ]
            for s in sounds
        ]
    )
    for order in (18, 20)
}
delta = mcd[20] - mcd[18]
theirs = compare_paired(mcd[18], mcd[20])
assert np.isclose(p_value(delta), theirs.p)
assert abs(delta.mean()) < mcd[18].std(ddof=1) and theirs.p < 0.05
note(
    f"Copies of order 18 have {mcd[18].mean():.2f} dB and of order 20 {mcd[20].mean():.2f} dB: "
    f"a difference of {abs(delta.mean()):.2f} dB, where single sentences differ from one "
    f"another by {mcd[18].std(ddof=1):.2f} dB. Yet {np.sum(delta < 0)} of {len(delta)} sentences "
    f"are nearer with 20, and p = {p_value(delta):.3f}, by our ways of signs as by synthkit. "
    "Real, then. Audible? That is another question."
)

# %% [markdown]
# ## How many sentences?
#
# A test that finds nothing may have had too little to look at. **Statistical power** is the probability that a true difference is found. It depends on the difference, on how much it varies from sentence to sentence,
# and on how many sentences there are. So one counts a difference in *standard deviations*: how far single sentences usually lie from their mean (the root of the mean squared
# distance). The test here is the t-test, which supposes that differences are spread as a bell curve, and for which there is a formula. Beside its p one prints a
# *confidence interval*: made so that of twenty such intervals nineteen hold the true difference. Where it does not hold zero, the p-value is below one in twenty.

# %%
from synthkit.eval.power import power, sentences


def simulated(difference, n, studies=1000):
    """How often a true difference, in deviations, has p < 0.05 in so many studies."""
    drawn = np.random.default_rng(0).normal(difference, 1.0, (studies, n))
    t = drawn.mean(1) / (drawn.std(1, ddof=1) / np.sqrt(n))
    from scipy.stats import t as student

    return np.mean(2 * student.sf(np.abs(t), n - 1) < 0.05)


ours, theirs = simulated(0.5, 30), power(0.5, 1.0, 30, tests=1)
assert abs(ours - theirs) < 0.04
note(
    f"A difference of half a deviation, 30 sentences: found in {100 * ours:.0f} of 100 simulated "
    f"studies; synthkit's formula says {100 * theirs:.0f}. For 80 of 100 it needs "
    f"{sentences(0.5, 1.0, 1)} sentences, and {sentences(0.5, 1.0, 10)} if ten pairs are tested "
    "at once, as one of ten may come out by chance."
)

# %% tags=["hide"]
COUNTS, SHIFTS = [8, 20, 60], [0.2, 0.5, 1.0]

# %% tags=["hide"]


def planned(sentences, difference__deviations):
    fig, axes = plt.subplots(1, 2, figsize=(9.5, 2.8), layout="constrained")
    n = np.arange(5, 121)
    for shift in SHIFTS:
        axes[0].plot(
            n,
            [100 * power(shift, 1.0, int(k), tests=1) for k in n],
            label=f"{shift:g} deviations",
        )
    here = 100 * power(difference__deviations, 1.0, sentences, tests=1)
    axes[0].plot(
        sentences, here, "o", color="black", fillstyle="none", markersize=9
    )
    axes[0].set(xlabel="sentences", ylabel="found, % of studies", ylim=(0, 103))
    axes[0].legend(frameon=False)
    studies = np.random.default_rng(5).normal(
        difference__deviations, 1.0, (12, sentences)
    )
    half = 1.96 * studies.std(1, ddof=1) / np.sqrt(sentences)
    mean = studies.mean(1)
    clear = np.abs(mean) > half
    axes[1].errorbar(
        mean,
        np.arange(12),
        xerr=half,
        fmt="none",
        ecolor=np.where(clear, "#3567a8", "#bbbbbb"),
    )
    axes[1].plot(mean, np.arange(12), "k.", markersize=4)
    axes[1].axvline(0, color="#999", linestyle=":")
    axes[1].set(
        xlabel="mean difference and 95 % interval",
        yticks=[],
        title="twelve studies",
        xlim=(-1.5, 2.5),
    )
    return fig


explore(
    planned,
    "Power by the number of sentences, and twelve studies of the same two voices. Grey intervals hold zero: those studies would have called the voices equal.",
    start={"sentences": 20, "difference__deviations": 0.5},
    sentences=COUNTS,
    difference__deviations=SHIFTS,
    lab=(
        "",
        "compare two voices by ear first, with the keys 1 and 2",
        {
            "voice": "demo-ru",
            "text": "В лесу было тихо, и только снег падал на землю.",
        },
    ),
)

# %% [markdown]
# ## Words, and machines that listen
#
# A voice that is not understood is no voice. Give it to a speech recogniser and count words that are exchanged, left out or put in (the edit distance of chapter 5), over all words: the
# word error rate, **WER**. The recogniser's own mistakes on natural recordings have to stand beside it. Other machines were taught to guess MOS from sound;
# `synthkit compare -m distillmos` asks one. They know the voices they were taught with, and a new kind of voice may fool them; a guess of an opinion is not an opinion.
#
# ## Run a test with your class
#
# Twenty listeners, twelve sentences, two voices, and half an hour:
#
#     synthkit listen plan voices/a voices/b --design ab --listeners 20 --items 12 -o test
#     synthkit listen serve test
#     synthkit listen analyse test
#
# The plan balances who hears what, in which order; sounds are made equally loud, as the louder one would win; some pages check that people listen; and the plan says *before* anybody has listened
# how small a difference it could find. Decide then, too, which figure is to count, and write it down. Whoever chooses after he has seen the results will find something.
#
# ## What no figure says
#
# With minutes of somebody's recordings one can have her say what she never said. That is the same technique as for one who loses her voice to an illness and keeps it in a machine; what differs is
# **consent**. Whose voice is it, did she agree to *this* use, can she take it back, will listeners know that it is a machine? A recording that can be downloaded is not therefore yours to clone. In synthkit a voice
# carries whose it is, and under which licence:

# %%
lines = []
for name in ("bundled-en", "bundled-ru"):
    source = sk.corpus(name)
    assert source.licence and source.attribution
    lines.append(f"| `{name}` | {source.attribution} | {source.licence} |")
note("| recordings | of whom | licence |\n|---|---|---|\n" + "\n".join(lines))

# %% [markdown]
# Both published their recordings under licences that allow this; you have heard them throughout the course. Name them when you pass on what you made.
#
# ## Projects for the end of term
#
# Three are described step by step, with what is handed in and how it is graded, on the page *Projects* of the course (`docs/course/projects.md`): *your own voice*, which the class judges; *a plugin*,
# a vocoder or a metric of your own with its tests; and *a reproduction* of one table, with intervals, and with what could not be made again.
#
# ## What to remember
#
# - Listen before you measure; measure before you claim.
# - A figure is its definition: the same name hides many.
# - Compare sentence by sentence, with a test, and plan how many you need.
# - A voice is somebody's.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(12)

# %% [markdown]
# ## Sources
#
# 1. ITU-T Recommendation P.800: Methods for subjective determination of transmission quality, 1996.
# 2. H. Sakoe, S. Chiba: Dynamic programming algorithm optimization for spoken word recognition. *IEEE Transactions on Acoustics, Speech, and Signal Processing* 26(1), 43–49, 1978.
# 3. F. Wilcoxon: Individual comparisons by ranking methods. *Biometrics Bulletin* 1(6), 80–83, 1945.
# 4. R. F. Kubichek: Mel-cepstral distance measure for objective speech quality assessment. *Proc. IEEE Pacific Rim Conference*, 125–128, 1993.
# 5. J. Cohen: *Statistical Power Analysis for the Behavioral Sciences*. Erlbaum, 2nd edition, 1988.
