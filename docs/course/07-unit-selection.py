# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Unit selection
#
# *Why does a voice that is made of real recordings sound cut?*
#
# The announcements of a railway station are recordings, and each piece of them sounds like a person, as it is one. Yet nobody takes the
# whole for a person. In this chapter a machine puts a sentence together from pieces of other sentences, and of more ways than could
# ever be tried it finds the best. You write the search that does it, and see where the cuts come from, and what more recordings do against them.

# %%
from functools import cache
from itertools import product

import matplotlib.pyplot as plt
import numpy as np

import synthkit as sk
from synthkit.plugins import registry
from synthkit.request import Request
from synthkit_course import cells
from synthkit_course.cells import explore, figure, listen, note
from synthkit_course.voices import voice

cells.start()
corpus, held = sk.corpus("bundled-ru"), "ru_0683"
text, recording = corpus[held].text, sk.read(corpus[held])

# %% [markdown]
# ## Listen first
#
# The sentence is Russian and says *Well then, the whole world lies open before him.* First you hear it as it was recorded. The other two were put
# together from pieces of the same reader's other sentences: once from forty of them, once from five. But for a moment at each cut, where
# one piece fades into the next, no sample of them was computed: a person has said all of it, but not at one go. Listen for two things: where the melody leaps, and where the colour of the voice changes within a
# word.

# %%


def chosen(recordings, id=held, **options):
    """The pieces that say a sentence, none of them from its own recording."""
    speaker = voice("demo-ru", limit=recordings)
    segmentation = speaker.segment(corpus[id].text)
    return speaker.predict(segmentation, exclude={id}, options=options)


def sound(path):
    return voice("demo-ru").render(path)


listen(
    {
        "the recording": recording,
        "from forty others": sound(chosen(40)),
        "from five others": sound(chosen(5)),
    },
    "Where is it cut? Count the places that you are sure of.",
)

# %% tags=["hide"]
path = chosen(40)
assert all(unit.source != held for unit in path.units)
note(
    f"There are {path.joins} cuts in the second and {chosen(5).joins} in the third. You have hardly heard so many: most cuts are good ones, and the search "
    "for good cuts is what this chapter is about."
)

# %% [markdown]
# ## Pieces
#
# A sound of speech, such as the m of *mir*, is called a **phone**. The pieces are shorter than that: **half-phones**, cut at the border of two
# phones and in the middle of each. In the middle a phone changes least, so that two halves of different recordings have the best chance of
# fitting there; that is known since 1958 [1]. A piece of a recording is called a **unit**.
#
# For each half-phone of the sentence there are many units in the recordings, and one of each has to be chosen. Which one is good? Two things count [2]:
#
# - The **target cost** $C^t$: how far is the unit from what is wanted at its place? A stressed vowel is wanted, say, with a low pitch, after an r. (The pitch,
#   the length and the mel-cepstrum that are wanted are predicted from the text by a small network, of which chapter 9 has more.)
# - The **join cost** $C^j$: how much is heard where it meets the unit before? Nothing, if the two were neighbours in a recording.
#
# A row of units $u_1 \dots u_T$, a **unit path**, costs the sum of both:
#
# $$ C(u_1 \dots u_T) = \sum_{t=1}^{T} C^t_t(u_t) + \sum_{t=2}^{T} C^j(u_{t-1}, u_t) $$
#
# All units that may stand at each place, with all costs, are the **lattice**. synthkit shows the one that it has searched.

# %%
model = voice("demo-ru").acoustic_model
wanted = voice("demo-ru").segment(text)
lattice = model.lattice(Request(wanted, exclude=frozenset({held})))
starts, units = lattice.starts, lattice.units
target = lattice.target.sum(1).astype(np.float64)
ways = np.sum(np.log10(np.diff(starts)))
note(
    f"{len(starts) - 1} half-phones with {len(units):,} candidates, "
    f"{len(units) / (len(starts) - 1):.0f} a place. That makes 10 to the power of "
    f"{ways:.0f} paths. A computer that tried a thousand million of them each second "
    f"would need 10 to the power of {ways - 9 - np.log10(3.15e7):.0f} years."
)

# %% tags=["hide"]
mean = {
    **{
        f"target: {n}": v
        for n, v in zip(
            lattice.target_terms, lattice.target[lattice.chosen].sum(0), strict=True
        )
    },
    **{
        f"join: {n}": v
        for n, v in zip(
            lattice.join_terms,
            np.array(
                [
                    [u.join.get(n, 0.0) for n in lattice.join_terms]
                    for u in path.units
                ]
            ).sum(0),
            strict=True,
        )
    },
}
assert max(mean, key=mean.get) == "target: spectrum"
fig, ax = plt.subplots(figsize=(9, 3.2), layout="constrained")
colours = ["#3567a8" if n.startswith("target") else "#d1495b" for n in mean]
ax.barh(list(mean), list(mean.values()), color=colours)
ax.invert_yaxis()
ax.set(xlabel="cost of the whole path")
figure(
    fig,
    "What the chosen path costs, by term. The dearest term of the target cost (blue) is the spectrum: the unit's colour is not quite what was wanted. "
    "Of the join cost (red) a part falls due at any join, the rest grows with what jumps there.",
)

# %% [markdown]
# ## A join
#
# How is heard what is heard? Nobody asks an ear: one measures what jumps. Of the end of a unit and of the beginning of the next, the voice knows the
# logarithm of F0, whether there is voice, the power, and a mel-cepstrum (chapter 3). The cost is a sum of squared steps, each with its weight:
#
# $$ C^j = w_0 + w_S \, d_S + w_F \, v v' \, d_F + w_P \, d_P $$
#
# with $d_S$, $d_F$ and $d_P$ the squared steps of spectrum, F0 and power over what is usual between two units of one phone, and $v$ the voicing of each side: where there is no voice, no
# pitch can jump. Written out, for many joins at once:

# %%
weights, usual = model.weights().join, model.scales.join
rows, at = model.store.units.fetch(units)
begin, end = (rows["join"][k].astype(np.float64) for k in (at, at + 1))


def join_cost(i, j, t):
    """Of candidates j of place t after candidates i."""
    step = usual * (end[i] - begin[j]) ** 2
    voiced = end[i][..., 1] * begin[j][..., 1]
    cost = weights["join"] + weights["spectrum"] * step[..., 3:].sum(-1)
    cost += weights["f0"] * voiced * step[..., 0] + weights["power"] * step[..., 2]
    if path.phones[t // 2] == "pau" and t % 2 == 1:
        cost *= weights["pause"]  # inside a pause it is hardly heard
    return np.where(units[i] + 1 == units[j], 0.0, cost)


place = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
later = np.flatnonzero(lattice.before >= 0)
ours = [join_cost(lattice.before[c], c, place[c]) for c in later]
theirs = lattice.join[later].sum(1)
assert np.allclose(ours, theirs, rtol=1e-3, atol=1e-3)
note(
    f"{len(later):,} joins, ours and synthkit's: they differ by "
    f"{np.abs(ours - theirs).max():.1e} at most, where the dearest costs "
    f"{theirs.max():.0f}."
)

# %% [markdown]
# ## The cheapest path
#
# Why is the best path not found by taking the best unit at each place? Since that unit may join badly on both sides. And why need one not try them all?
# Because of a thought of 1967 [3]: *whatever comes later, only the cheapest way to a candidate can be a part of the cheapest path.* All other
# ways to it can be forgotten. So go from place to place and keep, for each candidate, one number (what the cheapest way to it costs) and one
# arrow (where that way came from):
#
# $$ B_t(j) = C^t_t(j) + \min_i \left[ B_{t-1}(i) + C^j(i, j) \right] $$
#
# At the end take the smallest, and follow the arrows back. That is **Viterbi**'s algorithm.

# %%


def viterbi(target, join):
    """Cheapest path: target[t] is (K,), join[t] is (K of t - 1, K of t)."""
    best, arrows = target[0], []
    for t in range(1, len(target)):
        ways = best[:, None] + join[t]
        arrows.append(ways.argmin(0))
        best = ways.min(0) + target[t]
    path = [int(best.argmin())]
    for arrow in reversed(arrows):
        path.append(int(arrow[path[-1]]))
    return path[::-1], float(best.min())


def costs(candidates, first=0):
    """What `viterbi` needs, of lists of candidates place by place from `first`."""
    join = [None]
    for t in range(1, len(candidates)):
        i, j = candidates[t - 1][:, None], candidates[t][None]
        join.append(join_cost(i, j, first + t))
    return [target[c] for c in candidates], join


# %% [markdown]
# First small, so that all paths can be tried: the last word, *mir*, has three phones, six halves. At each place take the six candidates that
# are nearest to being chosen.

# %%
first = 2 * max(k for k, p in enumerate(path.phones) if p != "pau") - 4
six = []
for t in range(first, first + 6):
    some = np.arange(starts[t], starts[t + 1])
    six.append(some[np.argsort(lattice.excess[some], kind="stable")[:6]])
small, joins = costs(six, first)
found, cost = viterbi(small, joins)


def price(way):
    """Of one path, by the formula."""
    joined = sum(joins[t][way[t - 1], way[t]] for t in range(1, 6))
    return joined + sum(small[t][way[t]] for t in range(6))


every = {way: price(way) for way in product(range(6), repeat=6)}
assert min(every, key=every.get) == tuple(found) and np.isclose(cost, price(found))
greedy = tuple(int(c.argmin()) for c in small)
note(
    f"All {len(every):,} paths were tried. The cheapest costs {cost:.2f}, and Viterbi "
    f"has found it with {5 * 36} sums. The best target at each place: {price(greedy):.2f}."
)

# %% tags=["hide"]


def drawn(way):
    """The small lattice, and a path through it."""
    _, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
    for t, i, j in product(range(1, 6), range(6), range(6)):
        natural = units[six[t - 1][i]] + 1 == units[six[t][j]]
        colour, width = ("#3d8b5f", 2.2) if natural else ("#e4e4e4", 0.6)
        ax.plot(
            [t - 1, t], [i, j], color=colour, linewidth=width, zorder=1 + natural
        )
    ax.plot(range(6), way, color="#d1495b", linewidth=5, alpha=0.45, zorder=3)
    for t, k in product(range(6), repeat=2):
        c = six[t][k]
        told = f"{lattice.sources[c][-3:]}\n{target[c]:.1f}"
        face = "#fbe3e6" if way[t] == k else "white"
        box = {
            "boxstyle": "round,pad=0.3",
            "facecolor": face,
            "edgecolor": "#888888",
            "linewidth": 0.6,
        }
        ax.text(
            t, k, told, ha="center", va="center", fontsize=7.5, bbox=box, zorder=4
        )
    halves = ("first half", "second half")
    phones = [path.phones[(first + t) // 2] for t in range(6)]
    ax.set_xticks(range(6), [f"{p}, {halves[t % 2]}" for t, p in enumerate(phones)])
    ax.set(xlim=(-0.4, 5.4), ylim=(5.6, -0.6), yticks=[])
    ax.spines[["left"]].set_visible(False)
    return ax


# %% tags=["hide"]


def trellis(joins_count_times):
    way, _ = viterbi(small, [None] + [joins_count_times * j for j in joins[1:]])
    numbers = [int(units[six[t][k]]) for t, k in enumerate(way)]
    cuts = int((np.diff(numbers) != 1).sum())
    paid = sum(small[t][k] for t, k in enumerate(way))
    ax = drawn(way)
    ax.set_title(f"{cuts} joins, target cost {paid:.1f}", fontsize=10)
    ax.cuts = cuts
    return ax


tried = [trellis(times).cuts for times in (0, 0.2, 1, 5)]
assert tried == sorted(tried, reverse=True) and tried[0] > tried[-1]
plt.close("all")
explore(
    trellis,
    "Six candidates at each half-phone of mir: the number of the recording, and the target cost. Green lines lead to neighbours in a recording, "
    "which join for nothing; red is the cheapest path. Where joins cost nothing, it takes the best unit at each place; the more they count, the longer it "
    "stays in one recording.",
    start={"joins_count_times": 1},
    joins_count_times=[0, 0.2, 1, 5],
    lab=(
        "",
        "the lattice of this sentence, or of yours, with the cost of every candidate",
        {
            "panel": "why",
            "voice": "demo-ru",
            "text": "Ну что ж, перед ним открыт весь мир.",
        },
    ),
)

# %% [markdown]
# Now the whole sentence, with all of its candidates. synthkit's own search does the same, with one matrix product a place.

# %%
everything = [np.arange(a, b) for a, b in zip(starts[:-1], starts[1:], strict=True)]
way, cost = viterbi(*costs(everything))
ours = [everything[t][k] for t, k in enumerate(way)]
assert np.array_equal(units[ours], [unit.index for unit in path.units])
assert np.isclose(cost, path.cost, rtol=1e-4)
sizes = np.diff(starts)
note(
    f"Our {len(ours)} units are those that synthkit has chosen, one by one; ours cost "
    f"{cost:.3f}, synthkit's {path.cost:.3f}. Instead of 10 to the power of {ways:.0f} "
    f"paths, {np.sum(sizes[1:] * sizes[:-1]):,} joins were looked at."
)

# %% [markdown]
# ## Why it sounds cut
#
# The cheapest path is the best that these recordings give, and it may still be bad. The two costs pull in different directions. How much the target counts against natural runs is a
# choice, called **guidance**: at one end whole stretches of recording, whatever their melody; at the other, at each place the unit with the best
# sound, whatever the joins. Look at the steps of the melody at the cuts, in semitones: an octave, a factor of two,
# has twelve of them, each a factor of $2^{1/12}$.

# %% tags=["hide"]
world = registry().load("features", "world")
tracker = world(world.Config(f0_floor=60.0, f0_ceil=400.0, aperiodicity=False))


def leaps(path):
    """Of the voiced joins outside pauses, the step of F0 in semitones; and the time of every join, s."""
    seconds = (
        np.cumsum([0] + [u.end - u.start for u in path.units])
        / path.spec.sample_rate
    )
    numbers = np.array([u.index for u in path.units])
    records, where = path.audio.units.fetch(numbers)
    here = records["join"][where].astype(np.float64)
    over = records["join"][where + 1].astype(np.float64)
    cut = np.array([k for k, u in enumerate(path.units) if u.joined])
    step = 12 / np.log(2) * np.abs(over[cut - 1, 0] - here[cut, 0])
    voiced = (over[cut - 1, 1] > 0.5) & (here[cut, 1] > 0.5)
    return step[voiced], seconds[cut]


# %% tags=["hide"]


def distance(path, guidance):
    """Of the chosen sounds from the wanted ones: what they cost, guidance taken out."""
    terms = ("duration", "f0", "voicing", "power", "spectrum")
    cost = sum(u.target[name] for u in path.units for name in terms)
    return cost * (1 - guidance) / guidance


def guided(guidance):
    path = chosen(40, guidance=guidance)
    spoken = sound(path)
    frames = tracker.extract(spoken)
    f0 = np.where(frames["vuv"] > 0.5, np.exp(frames["lf0"]), np.nan).ravel()
    step, seams = leaps(path)
    _, ax = plt.subplots(figsize=(9, 2.8), layout="constrained")
    ax.vlines(seams, 60, 300, color="#d1495b", linewidth=0.7)
    ax.plot(np.arange(len(f0)) * frames.spec.frame_period, f0, linewidth=1.8)
    ax.set(xlabel="time, s", ylabel="F0, Hz", ylim=(60, 300))
    ax.set_title(
        f"{path.joins} joins, F0 steps of {step.mean():.1f} semitones in the mean; distance from what is wanted {distance(path, guidance):.0f}",
        fontsize=10,
    )
    return ax, spoken


LEVELS = [0.2, 0.5, 0.8, 0.95]
counts = [chosen(40, guidance=g).joins for g in LEVELS]
apart = [distance(chosen(40, guidance=g), g) for g in LEVELS]
assert counts == sorted(counts) and counts[0] < counts[-1]
assert apart == sorted(apart, reverse=True)
explore(
    guided,
    "The melody of the sentence and its cuts (red), from long natural runs to the wanted sound at nearly any price. With few cuts it is farther from "
    "what was wanted; with many there are more places to be heard.",
    start={"guidance": 0.5},
    guidance=LEVELS,
    lab=(
        "",
        "a slider for the guidance and for every weight, under Why these units",
        {
            "panel": "why",
            "voice": "demo-ru",
            "text": "Ну что ж, перед ним открыт весь мир.",
        },
    ),
)

# %% [markdown]
# Are the join terms of any use? Take them away and leave the target cost as it is: first those that measure, so that one join is as good as
# another; then also the price of any join at all.

# %%
blind = chosen(40, join={"f0": 0.0, "spectrum": 0.0, "power": 0.0})
deaf = chosen(40, join={"join": 0.0, "f0": 0.0, "spectrum": 0.0, "power": 0.0})
listen(
    {
        "all terms": sound(path),
        "each join costs the same": sound(blind),
        "joins cost nothing": sound(deaf),
    },
    "The units of all three are near to what was wanted. Which two are hard to bear?",
)

# %% tags=["hide"]
table = {
    "all terms": path,
    "each join costs the same": blind,
    "joins cost nothing": deaf,
}
told = {name: (p.joins, leaps(p)[0]) for name, p in table.items()}
assert told["all terms"][1].mean() < min(
    told["each join costs the same"][1].mean(), told["joins cost nothing"][1].mean()
) and told["joins cost nothing"][0] == max(joins for joins, _ in told.values())
note(
    "| | joins | mean step of F0, semitones | largest |\n|---|---|---|---|\n"
    + "".join(
        f"| {name} | {joins} | {step.mean():.2f} | {step.max():.1f} |\n"
        for name, (joins, step) in told.items()
    )
    + f"\nWith all terms the mean step is {told['all terms'][1].mean():.2f} semitones; if joins cost nothing it is "
    f"{told['joins cost nothing'][1].mean():.2f}, and {told['joins cost nothing'][0]} of {len(path.units) - 1} places are cut. What is left are steps that no "
    "candidate could avoid, and what the terms do not know of: a cost is a guess of what is heard. Chapter 8 works on the joins themselves."
)

# %% [markdown]
# ## How many recordings?
#
# The other way out is choice. The more recordings, the more candidates, and the longer the natural runs. Four sentences that no voice has in its
# recordings, **held out** for judging, spoken by voices of five to forty recordings:

# %%
SIZES = [5, 10, 20, 40]
TESTS = [held, "ru_0531", "ru_0537", "ru_0466"]


@cache
def judged(recordings):
    """Joins a phone, cost a phone, and MCD in dB: means over the sentences."""
    rows = []
    for id in TESTS:
        path = chosen(recordings, id)
        assert not {unit.source for unit in path.units} & set(TESTS)
        mcd = sk.measure(sk.read(corpus[id]), sound(path), metrics=["mcd"])
        phones = len(path.phones)
        distance = mcd["mcd/synthkit"]["value"]
        rows.append((path.joins / phones, path.cost / phones, distance))
    return np.mean(rows, axis=0)


def pairs(recordings):
    """Pairs of neighbouring phones in the recordings."""
    store = voice("demo-ru", limit=recordings).acoustic_model.store
    named = [store.phones[p] if p else "" for p in store.phone]
    return {p for p in zip(named[:-1], named[1:], strict=True) if all(p)}


# %% tags=["hide"]
results = np.array([judged(n) for n in SIZES])


def database(recordings):
    path = chosen(recordings)
    fig, axes = plt.subplots(
        1, 3, figsize=(10, 2.6), layout="constrained", width_ratios=(1, 1, 2.2)
    )
    k = SIZES.index(recordings)
    for ax, column, name in zip(
        axes, (0, 2), ("joins a phone", "MCD, dB"), strict=False
    ):
        ax.semilogx(SIZES, results[:, column], ".-", base=2)
        ax.plot(recordings, results[k, column], "o", color="#d1495b", markersize=9)
        ax.set_xticks(SIZES, [str(n) for n in SIZES])
        ax.set(xlabel="recordings", title=name)
    known = {}
    begins = 0.0
    for run in path.runs():
        length = (run[-1].end - run[0].start) / path.spec.sample_rate
        shade = known.setdefault(run[0].source, len(known))
        axes[2].barh(
            0, length, left=begins, color=f"C{shade % 6}", edgecolor="white"
        )
        begins += length
    axes[2].set(
        yticks=[],
        xlabel="time, s",
        title=f"{len(path.runs())} runs from {len(known)} recordings",
    )
    return fig, sound(path)


explore(
    database,
    "The same sentence from more and more recordings. Left, means over four sentences; right the natural runs of this one, each recording in a colour "
    "(the six colours repeat).",
    start={"recordings": 10},
    recordings=SIZES,
    lab=(
        "",
        "from which recording each piece of a sentence is, and how it sounds alone",
        {"voice": "demo-ru", "text": "Ну что ж, перед ним открыт весь мир."},
    ),
)

# %% tags=["hide"]
least, most = results[0], results[-1]
assert (np.diff(results[:, 0]) < 0).all() and (np.diff(results[:, 1]) < 0).all()
assert most[2] < least[2] and (np.diff(results[:, 1], 2) > 0).all()
asked = set()
for id in TESTS:
    said = chosen(40, id).phones
    asked |= set(zip(said[:-1], said[1:], strict=True))
share = {n: len(asked & pairs(n)) / len(asked) for n in SIZES}
note(
    "| recordings | joins a phone | cost a phone | MCD, dB | pairs of phones known | of those needed |\n|---|---|---|---|---|---|\n"
    + "".join(
        f"| {n} | {row[0]:.2f} | {row[1]:.1f} | {row[2]:.2f} | {len(pairs(n)):,} | {100 * share[n]:.0f} % |\n"
        for n, row in zip(SIZES, results, strict=True)
    )
    + f"\nFrom 5 to 40 recordings the joins a phone fall from {least[0]:.2f} to {most[0]:.2f}, the MCD from {least[2]:.2f} to {most[2]:.2f} dB. But each "
    "doubling takes less off the cost than the one before it. (Four sentences are few: chapter 12 says how many are needed before such a difference may be believed.)"
)

# %% [markdown]
# The last column is the reason. A few pairs of phones are frequent and soon recorded; but very many are rare, and *some* rare one is in nearly every
# sentence [4]. However much one records, the next sentence asks for something new. So whoever records for such a voice chooses the sentences to be
# read by what is still missing; `synthkit coverage` names them.
#
# ## What to remember
#
# - A unit path costs what its units lack (target) and what is heard between them (join); both are guesses of what an ear would say.
# - Viterbi finds the cheapest path: only the cheapest way to a candidate can be a part of it, so one number and one arrow are kept for each.
# - It sounds cut where no candidate both fits and joins. Whether to cut more or to drift from the wanted melody is a choice.
# - More recordings help, each doubling less: rare pairs of sounds are many.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(7)

# %% [markdown]
# ## Sources
#
# 1. G. E. Peterson, W. S.-Y. Wang, E. Sivertsen: Segmentation techniques in speech synthesis. *Journal of the Acoustical Society of America* 30(8),
#    739–742, 1958. (Pieces that begin and end in the middle of sounds.)
# 2. A. J. Hunt, A. W. Black: Unit selection in a concatenative speech synthesis system using a large speech database. *Proc. ICASSP*, 373–376,
#    1996. (Target and join cost.) Before it: Y. Sagisaka: Speech synthesis by rule using an optimal selection of non-uniform synthesis units. *Proc.
#    ICASSP*, 679–682, 1988.
# 3. A. J. Viterbi: Error bounds for convolutional codes and an asymptotically optimum decoding algorithm. *IEEE Transactions on Information Theory*
#    13(2), 260–269, 1967.
# 4. B. Möbius: Rare events and speech synthesis. *International Journal of Speech Technology* 6, 57–71, 2003.
