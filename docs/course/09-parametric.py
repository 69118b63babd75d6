# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Parametric synthesis
#
# *Why does a voice that has learned from recordings sound as if it spoke through a curtain?*
#
# The voice of chapter 7 kept its recordings and cut them up. This one throws them away. It looks at all of them once, learns what a sound is like at its place, and from then on computes each frame
# anew. Nothing can be cut any more, as there is nothing to be cut; it is small, and says any sentence equally well. And something else goes wrong. You train such a voice in this chapter, see exactly
# what it loses, and give a part of it back.

# %%
from functools import cache

import matplotlib.pyplot as plt
import numpy as np

import synthkit as sk
from synthkit.labels import read_alignment
from synthkit.linguistic import features as described
from synthkit.linguistic import from_alignment
from synthkit.plugins import registry
from synthkit.request import Request
from synthkit.types import Frames
from synthkit_course import cells
from synthkit_course.cells import explore, figure, listen, note

cells.start()
corpus = sk.corpus("bundled-ru")
HELD = ["ru_0051", "ru_0143", "ru_0323"]  # no voice below has heard them
text = registry().load("segmentation", "text")()
world, vocoder = (registry().load(s, "world")() for s in ("features", "vocoder"))

# %% [markdown]
# ## Listen first
#
# A Russian sentence that the voice has never heard: as it was recorded; copied by WORLD (chapter 3), so that you know what the vocoder does; and as a voice
# predicts it from its text, one that comes with synthkit and has learned from an hour and a half of this reader. Do not judge the melody. Listen to how sharp the sounds are.

# %%
ids = [u.id for u in corpus.utterances if u.id not in HELD][:16] + HELD


@cache
def studied(id):
    """Of a recording: phones, where they begin, what stands around them, and WORLD's frames."""
    segmentation = text.segment(corpus[id].text, "ru")
    alignment = read_alignment(corpus[id].labels)
    phones, edges, _ = from_alignment(segmentation, alignment)
    frames = world.extract(sk.read(corpus[id]))
    return phones, edges, described(phones, segmentation), frames


bundled = registry().load("acoustic_model", "parametric")
guide = bundled()
guide.open(bundled.bundled("nsh").folder)


def told(id, **options):
    """Frames that the bundled voice predicts."""
    segmentation = text.segment(corpus[id].text, "ru")
    return guide.predict(Request(segmentation, options=options))


# %%
listen(
    {
        "the recording": sk.read(corpus[HELD[0]]),
        "copied": vocoder.render(studied(HELD[0])[3]),
        "predicted": vocoder.render(told(HELD[0])),
    },
    "What does the copy lose, and what is lost only by the prediction?",
)

# %% [markdown]
# ## From text to frames
#
# Such a voice answers two questions, one after the other [1]. How long is each phone? And, frame by frame, what is heard in it: which mel-cepstrum, which F0, voiced or not, how much noise (chapter 3)? Both are questions of the same
# kind: given a row of numbers $a$ that describe the place (which phone, its neighbours, stress, how far to the end of the word), guess a number $y$. The plainest guess is a sum with weights, $\hat{y} = a \cdot w$, and the best weights are those
# with the least squared error over all that was recorded. They come from one equation:
#
# $$ w = \arg\min_w \sum_t (y_t - a_t \cdot w)^2 + \lambda |w|^2 , \qquad \left( A^T A + \lambda I \right) w = A^T y $$
#
# The little $\lambda$ keeps weights small where the recordings say nothing. A **neural network** is a row of such sums, one after
# the other, each result bent by a simple function before the next sum; so it can describe more, and it is trained, step by step, to make the same error small.

# %%
symbols = sorted({p.symbol for id in ids for p in studied(id)[0]})


def learn(a, y, penalty=1.0):
    """Weights that guess y from a with the least squared error."""
    return np.linalg.solve(a.T @ a + penalty * np.eye(a.shape[1]), a.T @ y)


def one_hot(names):
    """A row for each name: 1 in its own column, 0 elsewhere."""
    return np.array([[float(n == s) for s in symbols] for n in names])


def context(id):
    """Of each phone: itself, the one before, the one after, and its place."""
    phones, _, around, _ = studied(id)
    names = [p.symbol for p in phones]
    before, after = ["pau", *names[:-1]], [*names[1:], "pau"]
    return one_hot(names), one_hot(before), one_hot(after), around


def seconds(id):
    return np.diff(studied(id)[1])


# %% [markdown]
# First durations. Not seconds are guessed but their logarithm, as an error of a factor is heard as an error of a factor.

# %%
training, test = ids[:-3], HELD
everything = {id: np.hstack(context(id)) for id in ids}
said = {id: np.array([p.word >= 0 for p in studied(id)[0]]) for id in ids}


def stacked(of, which):
    return np.concatenate([of(id)[said[id]] for id in which])


known = stacked(everything.get, training)
asked = stacked(everything.get, test)
long, truth = (np.log(stacked(seconds, which)) for which in (training, test))
guessed = asked @ learn(known, long)
wrong = np.sqrt(np.mean((guessed - truth) ** 2))
blind = np.sqrt(np.mean((long.mean() - truth) ** 2))
assert wrong < blind and guessed.std() < truth.std()
note(
    f"From {len(long):,} phones, on {len(truth)} that were held out: who says the mean "
    f"for every phone is off by a factor of {np.exp(blind):.2f} (RMS of the logarithm), "
    f"the weighted sum by {np.exp(wrong):.2f}. And its guesses differ less among "
    f"themselves, by a factor of {np.exp(guessed.std()):.2f}, than durations do "
    f"({np.exp(truth.std()):.2f}): its rhythm is flatter than the reader's."
)

# %% [markdown]
# Now frames. Within a phone it matters how much of it has passed, $x$ from 0 to 1: so each phone gets three weights, for $1$, $x$ and $x^2$, and near its two ends the neighbours count.
# (To see the frames alone, the durations are the reader's here.)

# %%
WHAT = ["phone", "place in the phone", "neighbours", "stress and the rest"]


def rows(id, knowing):
    """Of each frame: what the first so many of WHAT say."""
    edges, frames = studied(id)[1], studied(id)[3]
    t = np.arange(len(frames)) * frames.spec.frame_period
    k = np.clip(np.searchsorted(edges, t, side="right") - 1, 0, len(edges) - 2)
    x = np.clip((t - edges[k]) / np.maximum(np.diff(edges)[k], 0.005), 0, 1)[
        :, None
    ]
    own, before, after, around = (part[k] for part in context(id))
    told = [[own], [own * x, own * x**2]]
    told += [[before * (1 - x) ** 3, after * x**3, before, after], [around]]
    return np.hstack([part for parts in told[:knowing] for part in parts])


# %%
def numbers(id):
    """Of each frame: 25 of the mel-cepstrum, voicing, noise; and log F0."""
    frames = studied(id)[3]
    wide = [frames[n].reshape(len(frames), -1) for n in ("mcep", "vuv", "bap")]
    return np.hstack(wide), frames["lf0"].ravel(), frames["vuv"].ravel() > 0.5


@cache
def taught(knowing):
    a = np.concatenate([rows(id, knowing) for id in training])
    y, lf0, voiced = (
        np.concatenate(parts)
        for parts in zip(*(numbers(id) for id in training), strict=True)
    )
    return learn(a, y), learn(a[voiced], lf0[voiced])


# %%


@cache
def ours(id, knowing=4):
    """Frames of our voice."""
    a, (colour, melody) = rows(id, knowing), taught(knowing)
    spec, guess = studied(id)[3].spec, a @ colour
    data = {
        "mcep": guess[:, :25],
        "lf0": a @ melody,
        "vuv": (guess[:, 25] > 0.5).astype(float),
        "bap": np.minimum(guess[:, 26:], 0),
    }
    return Frames({n: v.astype(np.float32) for n, v in data.items()}, spec)


# %%
def speech(id):
    """Which frames are no pause."""
    names = [p.symbol != "pau" for p in studied(id)[0]]
    edges, frames = studied(id)[1], studied(id)[3]
    t = np.arange(len(frames)) * frames.spec.frame_period
    at = np.searchsorted(edges, t, side="right") - 1
    return np.array(names)[np.clip(at, 0, len(names) - 1)]


def distance(id, frames):
    """Of mel-cepstra from the recording's, frame by frame, dB: the MCD."""
    c, d = studied(id)[3]["mcep"][speech(id), 1:], frames["mcep"][speech(id), 1:]
    return float(10 / np.log(10) * np.mean(np.sqrt(2 * ((c - d) ** 2).sum(1))))


# %% tags=["hide"]
off = [np.mean([distance(id, ours(id, k)) for id in test]) for k in (1, 2, 3, 4)]
assert off[0] > off[1] > off[2]


def tracked(it_knows):
    k = WHAT.index(it_knows) + 1
    frames, natural = ours(test[0], k), studied(test[0])[3]
    _, ax = plt.subplots(figsize=(9, 2.6), layout="constrained")
    t = np.arange(200, 460)
    ax.plot(t * 0.005, natural["mcep"][t, 1], color="#999999", label="recording")
    ax.plot(t * 0.005, frames["mcep"][t, 1], label="predicted")
    ax.set(
        xlabel="time, s",
        ylabel="$c_1$",
        title=f"MCD {off[k - 1]:.2f} dB (three sentences)",
    )
    ax.legend(frameon=False)
    return ax, vocoder.render(frames)


explore(
    tracked,
    "One number of the mel-cepstrum over time, in the recording and as it is guessed from more and more: which phone; how much of it has passed; its neighbours; stress, word and sentence. Steps "
    "become curves, but the finest movements never come.",
    start={"it_knows": "neighbours"},
    it_knows=WHAT,
    lab=(
        "",
        "the lanes of the panel Speak: durations, F0 and frames of a voice that predicts",
        {
            "voice": "demo-ru-parametric",
            "text": "В лесу было тихо, и только снег падал на землю.",
        },
    ),
)

# %% tags=["hide"]
size = taught(4)[0].size + taught(4)[1].size
note(
    f"{len(training)} recordings, {sum(studied(id)[1][-1] for id in training) / 60:.1f} minutes of speech, {size:,} weights. The MCD of held-out sentences falls from {off[0]:.2f} dB, knowing the phone alone, to {off[2]:.2f} dB with place and neighbours; "
    f"all the rest changes it by {off[3] - off[2]:+.2f} dB."
)

# %% [markdown]
# ## The curtain
#
# Nobody says a sound twice in the same way, even at the same place. Whoever has to name *one* number, with the least squared error, names the mean of all of them; and the mean of many mouth shapes
# is a vaguer one. What varies though the description is the same is not in the guess. For a least-squares guess this is exact: the spread of the truth is that of the guess and that of the error, added,
#
# $$ \operatorname{Var}(y) = \operatorname{Var}(\hat{y}) + \operatorname{Var}(y - \hat{y}) $$
#
# so a guess that is not perfect spreads *less* than the truth, always. That is **over-smoothing**. Formants become shallow and broad, and this is the curtain. A better model explains more and smooths less; no model explains all.

# %%
a = np.concatenate([rows(id, 2) for id in training])
y = np.concatenate([numbers(id)[0][:, :25] for id in training])
guess = a @ np.linalg.lstsq(a, y, rcond=None)[0]
assert np.allclose(y.var(0), guess.var(0) + (y - guess).var(0), rtol=1e-4)


def spread(frames, id):
    """The variance over time of each number of a mel-cepstrum, c_1 and up."""
    return frames["mcep"][speech(id), 1:].var(0)


natural = np.mean([spread(studied(id)[3], id) for id in test], axis=0)
smooth = np.mean([spread(ours(id), id) for id in test], axis=0)
assert (smooth < natural).all()
kept = smooth / natural
note(
    f"The two sides agree for all 25 numbers. On sentences that were held out, our guesses have "
    f"{100 * kept.mean():.0f} % of the variance of the recordings in the mean over the "
    f"numbers; of the coarse ones, c1 to c4, {100 * kept[:4].mean():.0f} %, of the last "
    f"four, which are the finest detail of a spectrum, {100 * kept[-4:].mean():.0f} %."
)

# %% [markdown]
# ## Giving it back
#
# If the guess spreads too little, spread it. In a sentence, let $v_m$ be the variance of the number $m$ over time; Toda and Tokuda [2] called it the **global variance** (**GV**), and asked that predicted speech have
# that of natural speech. The plainest way to it: measure once, on training speech, by what factor the spread falls short, and move each frame away from the mean by that factor. With a share $\sigma$, the **sharpness**, that
# says how much of it is given back:
#
# $$ c'_m[t] = \bar{c}_m + \left( 1 + \sigma (g_m - 1) \right) \left( c_m[t] - \bar{c}_m \right) , \qquad g_m = \sqrt{\frac{v_m^{\text{natural}}}{v_m^{\text{guessed}}}} $$

# %%


def sharpened(frames, factor, sharpness=1.0):
    """Frames with more spread: all of the mel-cepstrum but the level, c_0."""
    c = frames["mcep"].astype(np.float64)
    mean = c[:, 1:].mean(0)
    c[:, 1:] = mean + (1 + sharpness * (factor - 1)) * (c[:, 1:] - mean)
    data = {name: frames[name] for name in ("lf0", "vuv", "bap")}
    return Frames({"mcep": c.astype(np.float32), **data}, frames.spec)


factor = np.sqrt(
    np.mean([spread(studied(id)[3], id) for id in training], axis=0)
    / np.mean([spread(ours(id), id) for id in training], axis=0)
)

# %%
theirs = guide.voice.scales.spread[1:25]  # synthkit's factors, of the bundled voice
for sharpness in (0.5, 1.0):
    mine = sharpened(told(test[0]), theirs, sharpness)
    wanted = told(test[0], sharpness=sharpness)
    assert np.allclose(mine["mcep"], wanted["mcep"], atol=1e-4)
assert theirs.mean() < factor.mean()
note(
    f"Ours and synthkit's option `sharpness` give the same frames. The factors of the "
    f"bundled voice go from {theirs.min():.2f} to {theirs.max():.2f}, ours from "
    f"{factor.min():.2f} to {factor.max():.2f}: it explains more, so there is less to be "
    "given back."
)

# %% tags=["hide"]
SHARP = [0.0, 0.5, 1.0, 1.5]
made = {s: [sharpened(ours(id), factor, s) for id in test] for s in SHARP}
far = {
    s: np.mean([distance(id, f) for id, f in zip(test, made[s], strict=True)])
    for s in SHARP
}
wide = {
    s: np.mean([spread(f, id) for id, f in zip(test, made[s], strict=True)], axis=0)
    for s in SHARP
}
assert list(far.values()) == sorted(far.values())
near = {s: abs(np.mean(np.log(wide[s] / natural))) for s in SHARP}
assert min(near, key=near.get) == 1.0


def curtain(sharpness):
    fig, axes = plt.subplots(
        1, 2, figsize=(10, 2.8), layout="constrained", width_ratios=(1, 2)
    )
    m = np.arange(1, 25)
    axes[0].semilogy(m, natural, ".-", color="#999999", label="recordings")
    axes[0].semilogy(m, wide[sharpness], ".-", label="ours")
    axes[0].set(xlabel="m", ylabel="variance of $c_m$", ylim=(1e-4, 1))
    axes[0].legend(frameon=False)
    sound = vocoder.render(made[sharpness][0])
    sound.plot(axes[1], spectrogram=True)
    axes[1].set(
        ylim=(0, 5000), title=f"MCD {far[sharpness]:.2f} dB (three sentences)"
    )
    return fig, sound


explore(
    curtain,
    "Our voice with more and more of the spread given back: at 1 it is that of recordings. The formants stand out more; the sound is crisper; and by MCD it is farther from the recording each time.",
    start={"sharpness": 0.0},
    sharpness=SHARP,
    lab=(
        "",
        "the option sharpness of a parametric voice, under Why these units and Parts",
        {
            "voice": "demo-ru-parametric",
            "text": "В лесу было тихо, и только снег падал на землю.",
        },
    ),
)

# %% tags=["hide"]
note(
    f"From a sharpness of 0 to 1 the spread of the mel-cepstrum comes from {100 * np.exp(np.mean(np.log(wide[0.0] / natural))):.0f} % to {100 * np.exp(np.mean(np.log(wide[1.0] / natural))):.0f} % of the recordings' (geometric mean over its numbers), "
    f"and the MCD goes up from {far[0.0]:.2f} to {far[1.0]:.2f} dB. The measure that training made small, and the ear, do not want the same: a mean is never far from anything, and sounds like nothing. Which is better is "
    "a question for listeners (chapter 12). synthkit leaves the sharpness at 0 until somebody asks."
)

# %% [markdown]
# ## What a factor cannot give back
#
# A factor makes all movements larger, the slow ones and the quick ones alike. Were they lost alike? Take the track of one number over a sentence for a signal of its own, with a frame period for its sample period, and ask for *its* spectrum (chapter 1): how much of it moves once a second,
# how much ten times? That is the **modulation spectrum** [3].

# %%


def modulation(frames, id):
    """Power of the movements of c_1 to c_12 by their frequency."""
    c = frames["mcep"][speech(id), 1:13].astype(np.float64)
    tracks = (c - c.mean(0)) * np.hanning(len(c))[:, None]
    power = np.abs(np.fft.rfft(tracks, 4096, axis=0)) ** 2 / len(c)
    return np.fft.rfftfreq(4096, frames.spec.frame_period), power.mean(1)


def banded(make, low, high):
    """Mean power between two frequencies, over the held-out sentences."""
    out = []
    for id in test:
        f, power = modulation(make(id), id)
        out.append(power[(f >= low) & (f < high)].mean())
    return np.mean(out)


BANDS = [(0.5, 2), (2, 4), (4, 8), (8, 16), (16, 32), (32, 64)]
real = np.array([banded(lambda id: studied(id)[3], *b) for b in BANDS])
left = np.array([banded(ours, *b) for b in BANDS]) / real
back = np.array([banded(lambda id: sharpened(ours(id), factor), *b) for b in BANDS])
back = back / real

# %% tags=["hide"]
loss, gain = 10 * np.log10(left), 10 * np.log10(back)
assert loss[0] > loss[3] and loss[0] > loss[5] and (gain > loss).all()
fig, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
at = np.arange(len(BANDS))
ax.bar(at - 0.2, loss, 0.38, label="predicted")
ax.bar(at + 0.2, gain, 0.38, label="sharpened")
ax.axhline(0, color="#333333", linewidth=0.8)
ax.set_xticks(at, [f"{a:g} to {b:g}" for a, b in BANDS])
ax.set(xlabel="movements a second", ylabel="power beside\nrecordings, dB")
ax.legend(frameon=False)
figure(
    fig,
    "How strongly the mel-cepstrum moves, slowly and quickly, beside the recordings (0 is as strongly). Quick movements are lost most, and a factor does not know the difference.",
)

# %% tags=["hide"]
note(
    f"Movements of up to two a second have {loss[0]:+.1f} dB of the recordings' power, those of 8 to 16 a second {loss[3]:+.1f} dB. After sharpening it is {gain[0]:+.1f} and {gain[3]:+.1f} dB: the "
    "slow ones become too large before the quick ones are large enough."
)

# %% [markdown]
# ## A voice of an hour and a half
#
# The bundled voice answers the same two questions with a neural network (as in [4] and [5]): layers that let each phone see its neighbours, and each moment the moments around it, trained for minutes on one processor; no recording is left in it. Listen to both, as
# they predict and sharpened. (Now durations are each voice's own; the pauses of ours are still the reader's.)

# %% tags=["hide"]


def spoken(id):
    """Our frames, each phone stretched evenly to the duration that we guess; pauses as the reader made them."""
    _, edges, _, frames = studied(id)
    weights = learn(known, long)
    own = np.where(said[id], np.exp(everything[id] @ weights), np.diff(edges))
    ends = np.concatenate([[0], np.cumsum(own)])
    t = np.arange(round(ends[-1] / 0.005)) * 0.005
    at = np.clip(
        np.round(np.interp(t, ends, edges) / 0.005).astype(int), 0, len(frames) - 1
    )
    guess = ours(id)
    return Frames(
        {
            n: np.ascontiguousarray(guess[n][at])
            for n in ("mcep", "lf0", "vuv", "bap")
        },
        guess.spec,
    )


# %%
listen(
    {
        "ours": vocoder.render(spoken(test[0])),
        "ours, sharpened": vocoder.render(sharpened(spoken(test[0]), factor)),
        "the bundled voice": vocoder.render(told(test[0])),
        "the bundled voice, sharpened": vocoder.render(
            told(test[0], sharpness=1.0)
        ),
    },
    "Which words do you understand in each? Is the curtain the same?",
)

# %% tags=["hide"]


def judged(make):
    """MCD in dB of two sentences, laid along the recordings."""
    each = [
        sk.measure(sk.read(corpus[id]), vocoder.render(make(id)), metrics=["mcd"])[
            "mcd/synthkit"
        ]["value"]
        for id in test[:2]
    ]
    return np.mean(each)


table = {
    "a copy by WORLD": judged(lambda id: studied(id)[3]),
    "the bundled voice": judged(told),
    "ours": judged(spoken),
}
values = list(table.values())
assert values == sorted(values)
millions = sum(w.size for w in guide.voice.weights.values())
note(
    "| | MCD, dB (two sentences) |\n|---|---|\n"
    + "".join(f"| {name} | {value:.2f} |\n" for name, value in table.items())
    + f"\nThe bundled voice has {millions / 1e6:.1f} million weights and ours {size:,}; it has heard {guide.voice.made['minutes']:.0f} minutes, ours {sum(studied(id)[1][-1] for id in training) / 60:.1f}."
)

# %% [markdown]
# You can train its like in minutes, with recordings of your own: `synthkit build` with `[acoustic_model] plugin = "parametric"`, or `synthkit adapt`, which begins with the weights of the bundled one and needs less.
#
# Where synthkit differs from the classical way [1]: there, each phone was a chain of hidden states (chapter 6), frames came with their slopes, and the smoothest track through both was computed; GV was a term of that computation [2], not a factor at the end.
# Here a network gives the frames at once. Both are guesses of a mean, and both are smooth. To get rid of the curtain altogether, one has to stop asking for the mean, and to draw instead *one* of the ways in which it could have been said. That is what chapter 10 is about.
#
# ## What to remember
#
# - A parametric voice keeps no recordings: it predicts durations, then frames, and a vocoder makes the sound.
# - The least squared error is reached by the mean, and a mean spreads less than what it is the mean of: over-smoothing.
# - Global variance gives the spread back, by a factor for each number. It sounds crisper and measures worse.
# - Quick movements are lost most, and no single factor brings them back.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(9)

# %% [markdown]
# ## Sources
#
# 1. H. Zen, K. Tokuda, A. W. Black: Statistical parametric speech synthesis. *Speech Communication* 51(11), 1039–1064, 2009.
# 2. T. Toda, K. Tokuda: A speech parameter generation algorithm considering global variance for HMM-based speech synthesis. *IEICE Transactions on
#    Information and Systems* E90-D(5), 816–824, 2007.
# 3. S. Takamichi, T. Toda, A. W. Black, G. Neubig, S. Sakti, S. Nakamura: Postfilters to modify the modulation spectrum for statistical parametric speech
#    synthesis. *IEEE/ACM Transactions on Audio, Speech, and Language Processing* 24(4), 755–767, 2016.
# 4. H. Zen, A. Senior, M. Schuster: Statistical parametric speech synthesis using deep neural networks. *Proc. ICASSP*, 7962–7966, 2013.
# 5. Y. Ren, Y. Ruan, X. Tan, T. Qin, S. Zhao, Z. Zhao, T.-Y. Liu: FastSpeech: fast, robust and controllable text to speech. *Proc. NeurIPS*, 2019.
