# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Sequence to sequence and flows
#
# *Who tells the network which sound it is saying now?*
#
# Sixty phones go in, three hundred frames come out. In the chapters before, somebody had said beforehand how many frames each phone gets: a person with a pencil, or an aligner. In 2017 it seemed as if nobody had to: a network that
# was shown texts and recordings found out by itself [1]. Sometimes. This chapter is about the other times, and about the ways out that the field has found since.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np

import synthkit as sk
from synthkit.labels import read_alignment
from synthkit.plugins import registry
from synthkit.types import Frames
from synthkit_course import cells
from synthkit_course.cells import explore, figure, listen, note

cells.start()
corpus = sk.corpus("bundled-ru")


def part(stage, name, **settings):
    component = registry().load(stage, name)
    return component(component.Config(**settings))


# %% tags=["hide"]
from synthkit.linguistic import features as described
from synthkit.linguistic import spoken
from synthkit_deepvoice3 import speaking
from synthkit_deepvoice3.examples import tokens
from synthkit_deepvoice3.fitting import BUNDLED

deep_voice = part("acoustic_model", "deepvoice3")
deep_voice.open(BUNDLED / "nsh")
griffin_lim = part("vocoder", "griffin-lim")
segmentation = part("segmentation", "text").segment(
    "Мама мыла раму, и было тихо.", "ru"
)
pauses = {k for k, word in enumerate(segmentation.words) if word.break_after >= 2}
said_phones = spoken(segmentation, pauses)
voice, weights = deep_voice.voice, deep_voice.weights
ids = np.array([voice.symbols.index(p.symbol) for p in said_phones])
ids, places_of = tokens(
    ids, voice.shape.symbols, described(said_phones, segmentation)
)
keys, values = speaking.encode(weights, ids, places_of, None)
stay = np.array([voice.stay[p.word < 0] for p in said_phones] + [0.5])


def say(path=None):
    """What Deep Voice 3 says, its attention left to itself or sent along `path`."""
    said = speaking.decode(
        weights, keys, values, None, longest=120, stay=stay, path=path
    )
    out = speaking.convert(weights, said.coarse, values[said.path], None)
    mel = (out * voice.scales.std + voice.scales.mean).astype(np.float32)
    return said, griffin_lim.render(
        Frames({"mel": np.ascontiguousarray(mel)}, voice.spec)
    )


# %% [markdown]
# ## Listen first
#
# *Mama myla ramu, i bylo tikho* (mother was washing the window frame, and it was quiet), said four times by one network with the same weights. It says at each step the phone that it looks at. The first time it looks where it wants. Then we held its
# head: it had to stay with one phone, to come back to what was said already, and to leave something out. Which of these mistakes would you hear in a second, and which only if you know the text?

# %%
own, _ = say()
path = own.path
n = len(path)
looks = {
    "its own way": path,
    "it gets stuck": np.r_[
        path[: n // 3], np.full(40, path[n // 3]), path[n // 3 :]
    ],
    "it comes back": np.r_[path[: n // 2], path[n // 6 : n // 2], path[n // 2 :]],
    "it skips": np.r_[path[: n // 3], path[n // 2 :]],
}
listen({name: say(way)[1] for name, way in looks.items()})

# %% [markdown]
# ## Where to look
#
# A **neural network** is a function with very many *weights*: multiply by a matrix of weights, bend each result a little, multiply by the next matrix. What it says is compared with what it should have said; one number, the **loss**, tells how wrong it is. To train
# it, every weight is moved a little in the direction in which the loss falls, again and again; how far is the **learning rate**.
#
# From a sequence of one length to one of another, **sequence to sequence**, three kinds of numbers are enough. Each phone $j$ says by a *key* $k_j$ what it offers and by a *value* $v_j$ what it is worth. Before each frame $t$ the network asks with a *query* $q_t$, made of what
# it has said so far. Where query and key point in the same direction, it looks:
#
# $$ a_{tj} = \frac{\exp (q_t \cdot k_j / \sqrt{d})}{\sum_{i} \exp (q_t \cdot k_i / \sqrt{d})}, \qquad c_t = \sum_{j} a_{tj} \, v_j $$
#
# with vectors of $d$ numbers (exponentials over their sum are called a *softmax*). That is **attention** [2]: for each frame, weights over the phones that are positive and sum to one, and the mean of their values by these weights, from which the frame is made. All of it has slopes, so all of it can be
# trained, and no one says where to look. Drawn as a picture, frames against phones, the attention of a network that reads well is a diagonal line.

# %%


def softmax(x):
    x = np.exp(x - x.max(axis=1, keepdims=True))
    return x / x.sum(axis=1, keepdims=True)


def diagonality(a):
    """How much of the attention lies near the straight line from corner to corner."""
    frames, phones = a.shape
    line = np.linspace(0, 1, frames)[:, None]
    near = np.abs(np.linspace(0, 1, phones) - line) <= 0.1
    return (a * near).sum() / a.sum()


# %% tags=["hide"]
picture = own.attention[:, :-1]
heaviest = own.attention.argmax(1)
going = float(np.mean(np.diff(path) >= 0))
agrees = float(np.mean(np.abs(heaviest - path) <= 1))
_, ax = plt.subplots(figsize=(9, 3.2), layout="constrained")
ax.imshow(own.attention.T, origin="lower", aspect="auto", vmin=0, vmax=1)
ax.plot(path, color="#d1495b", linewidth=1.2)
ax.set(xlabel="step (two frames)", ylabel="phone")
ax.set_yticks(range(len(said_phones)), [p.symbol for p in said_phones], fontsize=6)
figure(
    ax,
    "What Deep Voice 3 looks at while it says the sentence: grey where its attention would go, red where it is allowed to go, which is forward only.",
)

# %% tags=["hide"]
assert going == 1 and agrees > 0.8
note(
    f"Of {n} steps {100 * agrees:.0f} % have their heaviest phone where the network then goes, or beside it. This is **Deep Voice 3** [3], small, with weights that come with synthkit; when it was trained, labels told it where to look, and when it speaks, it may not go back. "
    "Both are crutches. The rest of the chapter is about why they are needed."
)

# %% [markdown]
# ## A network that learns to look, small
#
# Eight short sentences with their frames (and four more, kept for judging). The network has a value and a key for each phone, adds to the key where in the sentence the phone stands (in cosines), and asks with the last frame and how much of the time has gone. A frame is what it looked at,
# plus a share of the last frame:
#
# $$ \hat{y}_t = \sum_j a_{tj} \, v_j + A \, y_{t-1} $$
#
# When it is trained, the last frame is the recording's, not its own: **teacher forcing**. These are all of the network's slopes, worked out with the chain rule. You need not follow each line: an
# `assert` below moves three weights a little and measures whether the loss changes as the slopes say.

# %% tags=["hide"]
BANDS, WIDE = 20, 32
mels = part("features", "mel", preset="htk-16k", n_mels=BANDS)
PERIOD = mels.view.spec.frame_period


def example(id):
    """Phones, frames and edges (in frames) of a recording, without the silence around it."""
    labels = read_alignment(corpus[id].labels).phones
    labels = [
        p
        for k, p in enumerate(labels)
        if k > 0 and (p.label != "pau" or any(q.label != "pau" for q in labels[k:]))
    ]
    edges = np.array([p.start for p in labels] + [labels[-1].end]) / PERIOD
    first, last = np.round(edges[[0, -1]]).astype(int)
    frames = mels.extract(sk.read(corpus[id]))["mel"][first:last]
    return [p.label for p in labels], frames.astype(np.float64), edges - first


chosen = sorted(
    (u.id for u in corpus), key=lambda id: (len(corpus[id].phones), id)
)[:12]
read = [example(id) for id in chosen]
every = np.concatenate([frames for _, frames, _ in read])
names = sorted({p for phones, _, _ in read for p in phones})
learned = [
    (
        np.array([names.index(p) for p in phones]),
        (frames - every.mean(0)) / every.std(0),
        edges,
    )
    for phones, frames, edges in read
]


def places(count):
    """Cosines and sines of where in the sentence something stands, shape (count, 16)."""
    angle = np.pi * np.arange(1, 9) * (np.arange(count)[:, None] + 0.5) / count
    return np.hstack([np.cos(angle), np.sin(angle)]) / np.sqrt(8)


def fresh(seed=0):
    sizes = {
        "V": (len(names), BANDS),
        "Q": (BANDS + 16, WIDE),
        "K": (len(names), WIDE),
        "L": (16, WIDE),
        "A": (BANDS, BANDS),
    }
    rng = np.random.default_rng(seed)
    return {name: 0.1 * rng.standard_normal(size) for name, size in sizes.items()}


# %%
def slopes(w, phones, y, guide=0.0):
    """Loss, attention, and how the loss changes with every weight of `w`."""
    before = np.vstack([np.zeros(BANDS), y[:-1]])  # the frame before each frame
    asked, stands = np.hstack([before, places(len(y))]), places(len(phones))
    q, k, v = asked @ w["Q"], w["K"][phones] + stands @ w["L"], w["V"][phones]
    a = softmax(q @ k.T / np.sqrt(WIDE))
    wrong = a @ v + before @ w["A"] - y
    to_y = 2 * wrong / wrong.size
    to_a = to_y @ v.T + guide * far(*a.shape) / len(y)
    to_logits = a * (to_a - (a * to_a).sum(1, keepdims=True)) / np.sqrt(WIDE)
    g = {name: np.zeros_like(value) for name, value in w.items()}
    np.add.at(g["V"], phones, a.T @ to_y)
    np.add.at(g["K"], phones, to_logits.T @ q)
    g["L"], g["A"] = stands.T @ to_logits.T @ q, before.T @ to_y
    g["Q"] = asked.T @ (to_logits @ k)
    return np.mean(wrong**2) + guide * np.sum(a * far(*a.shape)) / len(y), a, g


def far(frames, phones, breadth=0.1):
    """0 on the diagonal, towards 1 away from it."""
    off = np.linspace(0, 1, frames)[:, None] - np.linspace(0, 1, phones)
    return 1 - np.exp(-(off**2) / (2 * breadth**2))


# %% [markdown]
# A step moves each weight by about the learning rate, whatever the size of its slope; what counts is whether slopes agree from step to step. That is Adam [4], by which nearly all networks are trained.


# %%
def train(rate, steps=90, guide=0.0, seed=0):
    """Weights; loss and diagonality before each step."""
    w = fresh(seed)
    m, u = ({name: np.zeros_like(x) for name, x in w.items()} for _ in "mu")
    curve = []
    for n in range(1, steps + 1):
        told = [slopes(w, phones, y, guide) for phones, y, _ in learned[:8]]
        for name in w:
            g = np.mean([each[2][name] for each in told], axis=0)
            m[name] = 0.9 * m[name] + 0.1 * g
            u[name] = 0.99 * u[name] + 0.01 * g**2
            mean, size = m[name] / (1 - 0.9**n), np.sqrt(u[name] / (1 - 0.99**n))
            w[name] -= rate * mean / (size + 1e-9)
        row = [(loss, diagonality(a)) for loss, a, _ in told]
        curve.append(np.mean(row, axis=0))
    return w, np.array(curve)


w = fresh()
phones, y, _ = learned[0]
loss, a, g = slopes(w, phones, y, 1.0)
for name, at in (("Q", (30, 4)), ("K", (phones[3], 7)), ("V", (phones[5], 2))):
    nudged = {k: x.copy() for k, x in w.items()}
    nudged[name][at] += 1e-5
    slope = (slopes(nudged, phones, y, 1.0)[0] - loss) / 1e-5
    assert np.isclose(slope, g[name][at], rtol=1e-2, atol=1e-9)

# %% [markdown]
# ## Attention that learns, and attention that does not
#
# The project that you are reading from began with a network of this kind, a Tacotron 2 [1], that learned nothing, and nothing told so: there was no error. What had happened is one line of a schedule. Large networks begin with a small learning rate that
# rises for $W$ steps and then falls ("Noam" [5]):
#
# $$ \eta(n) = \eta_0 \sqrt{W} \, \min \left( n \, W^{-3/2}, \; n^{-1/2} \right) $$
#
# The library's part that counts $n$ was called after each pass through all recordings, and with a single optimiser not even then. So $n$ stayed at 1, for ever. Replay it: the rate that never arrived, and the one that was meant. And a third, whose use you will see.

# %%
noam = 1e-4 * np.sqrt(4000) * min(1 * 4000**-1.5, 1**-0.5)
RUNS = {
    "the rate that never arrives": train(noam),
    "a good rate": train(0.03),
    "a good rate and guidance": train(0.03, guide=1.0),
}

# %% tags=["hide"]
judged = 8  # the first sentence that none of them was trained on


def truth(example):
    """The phone of each frame, by the labels."""
    _, frames, edges = example
    return np.searchsorted(edges, np.arange(len(frames)) + 0.5, side="right") - 1


def seen(w, example):
    phones, frames, _ = example
    return slopes(w, phones, frames)[1]


def found(w):
    """Of unseen sentences, the share of frames whose heaviest phone is the one said."""
    hits = [seen(w, e).argmax(1) == truth(e) for e in learned[judged:]]
    return np.concatenate(hits).mean()


def watched(run):
    w, curve = list(RUNS.values())[run - 1]
    fig, axes = plt.subplots(
        1, 2, figsize=(10, 3), layout="constrained", width_ratios=(1, 1.6)
    )
    axes[0].plot(curve[:, 0], label="loss")
    axes[0].plot(curve[:, 1], label="diagonality")
    axes[0].set(xlabel="step", ylim=(0, 1.3))
    axes[0].legend(frameon=False, fontsize=8)
    axes[1].imshow(
        seen(w, learned[judged]).T, origin="lower", aspect="auto", vmin=0, vmax=0.6
    )
    axes[1].plot(truth(learned[judged]), color="#d1495b", linewidth=0.8)
    axes[1].set(xlabel="frame", ylabel="phone", title=list(RUNS)[run - 1])
    return fig


explore(
    watched,
    "Three trainings (1: the rate that never arrives, 2: a good rate, 3: a good rate and guidance). Left what a log shows; right the attention on a sentence that none of them was trained on, and where its labels are (red).",
    start={"run": 1},
    run=[1, 2, 3],
    lab=("training/", "curves of your own training, the attention among them"),
)

# %% tags=["hide"]
ends = {name: curve[-1] for name, (_, curve) in RUNS.items()}


def copying():
    """The loss of a share of the last frame, the best there is, and nothing else."""
    before = np.concatenate(
        [np.vstack([np.zeros(BANDS), y[:-1]]) for _, y, _ in learned[:judged]]
    )
    now = np.concatenate([y for _, y, _ in learned[:judged]])
    share = np.linalg.lstsq(before, now, rcond=None)[0]
    return np.mean((now - before @ share) ** 2)


copied = copying()
hits = {name: found(w) for name, (w, _) in RUNS.items()}
never, good, guided = RUNS
assert abs(RUNS[never][1][0, 0] - ends[never][0]) < 0.01
assert ends[good][0] < 0.3 and ends[good][1] < 0.5 and ends[guided][1] > 0.9
assert hits[guided] > 2 * hits[good] > 0
level_pace = np.mean(
    np.concatenate(
        [
            np.arange(len(y)) * len(p) // len(y) == truth((p, y, e))
            for p, y, e in learned[judged:]
        ]
    )
)
assert hits[guided] > level_pace
assert copied < 0.2 * RUNS[good][1][0, 0] and copied < ends[good][0] + 0.05
note(
    "| | loss | diagonality | phone found |\n|---|---|---|---|\n"
    + "".join(
        f"| {name} | {ends[name][0]:.2f} | {ends[name][1]:.2f} | {100 * hits[name]:.0f} % |\n"
        for name in RUNS
    )
    + f"\nAt {noam:.1e} nothing moves in {len(RUNS[never][1])} steps, and in a million no weight would move by more than about {1e6 * noam:.3f}. The good rate is the instructive one: the loss falls to {ends[good][0]:.2f}, and attention is still a smear "
    f"({ends[good][1]:.2f} of it near the diagonal, where spread evenly it would be about 0.2). A loss that falls does not prove that anything is read. The network has found something cheaper: the last frame. The best share of it, without any phone, has a loss of {copied:.2f} already. With guidance the picture is right, and {100 * hits[guided]:.0f} % of the frames "
    f"of unseen sentences look at their phone. A straight line would have {100 * level_pace:.0f} %: eight sentences teach little more than where the line is; a voice has hundreds of them."
)

# %% [markdown]
# Speech changes so slowly that a share of the frame before is nearly right, whatever the phone. As long as the teacher forces, there is little to be had from looking; when the network has to speak by itself, there is no right frame before, and nothing is left. It is the
# typical failure of such models, and it gives itself away by the picture, never by the loss. Look at the picture.
#
# Ways out, all in use: take away the last frame now and then (Tacotron's *prenet* drops half of it), let each step say several frames, so that the last one tells less; and say beforehand where the line will be. **Guided attention** [6] fines what is far from the diagonal:
#
# $$ L_{\mathrm{guide}} = \frac{1}{T} \sum_{t,j} a_{tj} \left( 1 - \exp \left( - \frac{(t/T - j/J)^2}{2 \, g^2} \right) \right) $$
#
# That is `far` in our code. It need not be true, only nearly: speech is not said at an even pace, but the phone that is said is never far from the line, and from near by the slopes can find it.
#
# ## Search instead of attention
#
# If we know so well what it has to look like, why learn it? Every phone is said, in order, at least one frame of each. Let $\ell_{tj}$ be how well frame $t$ fits phone $j$ (a log probability). The best way from the first phone to the last is once more the best way
# to one of two places before it:
#
# $$ Q(t, j) = \ell_{tj} + \max \left( Q(t-1, j), \; Q(t-1, j-1) \right) $$
#
# You have seen this as Viterbi (chapter 7) and in the alignment of chapter 6. Under the name **monotonic alignment search** (MAS) it came back in 2020 in the midst of the networks [7]: at each step of the training search the best line through what the network believes now, and
# train on that.

# %%


def search(fits):
    """The phone of each frame on the best monotonic line; `fits` has the shape (T, J)."""
    T, J = fits.shape
    Q = np.full((T, J), -np.inf)
    Q[0, 0] = fits[0, 0]
    for t in range(1, T):
        step = np.concatenate([[-np.inf], Q[t - 1, :-1]])
        Q[t] = fits[t] + np.maximum(Q[t - 1], step)
    line = [J - 1]
    for t in range(T - 1, 0, -1):
        j = line[-1]
        line.append(
            j - 1 if j > 0 and (j == t or Q[t - 1, j - 1] > Q[t - 1, j]) else j
        )
    return np.array(line[::-1])


fits = np.random.default_rng(0).normal(size=(12, 5))
lines = [
    np.repeat(range(5), np.diff([0, *cut, 12]))
    for cut in itertools.combinations(range(1, 12), 4)
]
best = max(lines, key=lambda line: fits[np.arange(12), line].sum())
assert (search(fits) == best).all()

# %% [markdown]
# It is the line that is best of all, for a small example where all can be tried. Now let it learn with the simplest belief there is, a mean frame for each phone. Begin with lines of even pace, take the means along them, search new lines by these means, and again.

# %%


def even(phones, frames):
    return np.arange(len(frames)) * len(phones) // len(frames)


def means(lines):
    """Of each phone, the mean of its frames along the lines."""
    total, count = np.zeros((len(names), BANDS)), np.full((len(names), 1), 1e-9)
    for (phones, frames, _), line in zip(learned, lines, strict=True):
        np.add.at(total, phones[line], frames)
        np.add.at(count, phones[line], 1)
    return total / count


rounds = [[even(phones, frames) for phones, frames, _ in learned]]
for _ in range(6):
    mean = means(rounds[-1])
    rounds.append(
        [
            search(-((frames[:, None] - mean[phones]) ** 2).sum(axis=2))
            for phones, frames, _ in learned
        ]
    )

# %% tags=["hide"]


def off(lines):
    """How far edges are from those of the labels, ms: the median."""
    each = []
    for (_, _, edges), line in zip(learned, lines, strict=True):
        each.append(
            np.abs(np.searchsorted(line, np.arange(1, line[-1] + 1)) - edges[1:-1])
        )
    return 1000 * PERIOD * np.median(np.concatenate(each))


errors = [off(lines) for lines in rounds]
right = np.mean(
    np.concatenate(
        [
            line == truth(e)
            for line, e in zip(rounds[-1][judged:], learned[judged:], strict=True)
        ]
    )
)


def searched(rounds_done):
    fig, axes = plt.subplots(
        1, 2, figsize=(10, 3), layout="constrained", width_ratios=(1, 1.8)
    )
    axes[0].plot(errors, ".-")
    axes[0].plot(
        rounds_done, errors[rounds_done], "o", color="#d1495b", markersize=8
    )
    axes[0].set(xlabel="round", ylabel="edges off by, ms", ylim=(0, None))
    axes[1].plot(
        truth(learned[judged]), color="#bbbbbb", linewidth=3, label="labels"
    )
    axes[1].plot(rounds[rounds_done][judged], label="search")
    axes[1].set(xlabel="frame", ylabel="phone")
    axes[1].legend(frameon=False, fontsize=8)
    return fig


explore(
    searched,
    "Left by how much the edges of phones are off (the median over twelve sentences); right one sentence. Nobody has told it where a phone begins.",
    start={"rounds_done": 1},
    rounds_done=[0, 1, 2, 6],
    lab=(
        "labels/",
        "the edges of a bundled recording: move them, and hear what is off by how much",
        {"corpus": "bundled-ru", "id": "ru_0143"},
    ),
)

# %% tags=["hide"]
assert (
    errors[1] < errors[0] and errors[-1] < 0.5 * errors[0] and right > hits[guided]
)
note(
    f"With lines of even pace the edges are off by {errors[0]:.0f} ms (the median), after one search by {errors[1]:.0f} ms, after six by {errors[-1]:.0f} ms, where a frame has {1000 * PERIOD:.1f} ms. On the four sentences that were kept above, {100 * right:.0f} % of the frames have the right phone (it may see them here: searching is not guessing). No picture can be a smear: whatever the search finds is "
    "a line from corner to corner. From lines one has durations, and durations can be predicted from text. That is why synthkit watches the attention of a Tacotron 2 while it trains, and has none to watch where lines are searched for."
)

# %% [markdown]
# ## Probable, not near
#
# A line is not a voice. Given the phone, many frames may follow, and a network that is trained to be near to all of them says their mean, as chapter 9 has shown of its models. A **flow** says instead how *probable* each frame is, and can draw one. Take noise $z$, of which one knows how probable it is, and bend the space in which it
# lies by a function $f$ that can be undone, until it looks like speech. Where space is stretched, probability gets thinner; by how much says the determinant of the slopes (the Jacobian matrix):
#
# $$ \ln p(x) = \ln \mathcal{N} \left( f(x) \right) + \ln \left| \det \frac{\partial f}{\partial x} \right| $$
#
# Both demands, to be undone and to have a determinant that costs nothing, are met by a trick [8], the **affine coupling**. Leave half of the numbers as they are, and let them say how the other half is stretched and moved:
#
# $$ y_a = x_a, \qquad y_b = x_b \, e^{s(x_a)} + t(x_a) $$
#
# To undo it, nothing of $s$ and $t$ has to be undone: $x_a$ is still there to ask. The matrix of slopes has zeros on one side of its diagonal and $1$ or $e^{s}$ on it, so that the logarithm of its determinant is the sum of $s$. So $s$ and $t$ may be networks as wild as one likes; let the halves take turns.

# %%
rng = np.random.default_rng(5)
nets = [
    [rng.standard_normal((3, 8)), rng.standard_normal((8, 6))] for _ in range(2)
]


def stretch(half, net):
    """s and t of a half, by a small network."""
    out = np.tanh(half @ net[0]) @ net[1]
    return np.tanh(out[:3]), out[3:]


def forth(x):
    """Six numbers bent by two couplings; the logarithm of the determinant."""
    a, b = x[:3], x[3:]
    s, t = stretch(a, nets[0])
    b = b * np.exp(s) + t
    s2, t2 = stretch(b, nets[1])
    return np.concatenate([a * np.exp(s2) + t2, b]), s.sum() + s2.sum()


def undone(y):
    a, b = y[:3], y[3:]
    s2, t2 = stretch(b, nets[1])
    a = (a - t2) * np.exp(-s2)
    s, t = stretch(a, nets[0])
    return np.concatenate([a, (b - t) * np.exp(-s)])


# %%
x = rng.standard_normal(6)
y, told = forth(x)
tiny = 1e-6 * np.eye(6)
jacobian = np.array([(forth(x + e)[0] - forth(x - e)[0]) / 2e-6 for e in tiny])
counted = np.linalg.slogdet(jacobian)[1]
assert np.allclose(undone(y), x) and np.isclose(told, counted, atol=1e-6)
note(
    f"Undone, the six numbers are back to {np.abs(undone(y) - x).max():.0e}. The sum of all s is {told:.6f}; the determinant of the 36 slopes, measured one by one, has the logarithm {counted:.6f}."
)

# %% [markdown]
# Now on speech. To see something, take two numbers of each frame of our sentences, a low band of the mel spectrum and a high one: whatever is loud below is a voice, and above it all is much alike; what is soft below may hiss above, or not. One coupling, whose $s$ and $t$ are
# curves of four numbers, is trained to make the frames as probable as it can: the slopes of $\ln p$ are two lines.

# %%
frames = np.concatenate([y for _, y, _ in learned])
xa, xb = frames[:, 2], frames[:, 17]


def curves(xa):
    return np.tanh(xa) ** np.arange(4)[:, None]


def coupling(rounds, step=0.1):
    """Curves s and t; ln p of a frame, the mean, after each round."""
    s, t, path, powers = np.zeros(4), np.zeros(4), [], curves(xa)
    for _ in range(rounds + 1):
        big = np.exp(s @ powers)
        z = xb * big + t @ powers
        path.append(np.mean(-0.5 * (z**2 + xa**2) + s @ powers) - np.log(2 * np.pi))
        s = s + step * (powers * (1 - z * xb * big)).mean(axis=1)
        t = t - step * (powers * z).mean(axis=1)
    return s, t, np.array(path)


# %% tags=["hide"]
ROUNDS = [0, 20, 100, 400]
path = coupling(max(ROUNDS))[2]
dice = np.random.default_rng(1)
shown = dice.permutation(len(xa))[:600]
drawn_z = dice.standard_normal(600)


def bent(rounds):
    s, t, _ = coupling(rounds)
    big, moved = np.exp(s @ curves(xa[shown])), t @ curves(xa[shown])
    drawn, z = (drawn_z - moved) / big, xb[shown] * big + moved
    fig, axes = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
    titles = ("frames", "drawn: noise, undone", "frames, bent to noise")
    for ax, b, name in zip(axes, (xb[shown], drawn, z), titles, strict=True):
        ax.plot(xa[shown], b, ".", markersize=2.5)
        ax.set(xlim=(-3, 3), ylim=(-3.5, 3.5), title=name, xlabel="low band")
    axes[0].set(ylabel="high band")
    fig.suptitle(f"ln p of a frame {path[rounds]:.3f}", fontsize=10)
    return fig


explore(
    bent,
    "Two numbers of the frames of twelve sentences. Left as they are; in the middle what the flow draws; right what it makes of the frames, which shall look like noise.",
    start={"rounds": 0},
    rounds=ROUNDS,
    lab=("training/", "the curve of a voice that you train"),
)

# %% tags=["hide"]
s, t, _ = coupling(max(ROUNDS))
straight = xb * np.exp(s @ curves(xa)) + t @ curves(xa)
thirds = np.array_split(np.argsort(xa), 3)
before_spread, after_spread = (
    [xb[k].std() for k in thirds],
    [straight[k].std() for k in thirds],
)
assert (np.diff(path) > -1e-9).all() and path[-1] > path[0] + 0.2
assert max(after_spread) / min(after_spread) < max(before_spread) / min(
    before_spread
)
note(
    f"In {max(ROUNDS)} rounds ln p of a frame rises from {path[0]:.3f} to {path[-1]:.3f}, and no round lowers it. Where the low band is soft, middling and loud, the high one was spread by "
    + ", ".join(f"{v:.2f}" for v in before_spread)
    + "; after the bend by "
    + ", ".join(f"{v:.2f}" for v in after_spread)
    + ". Real flows have dozens of steps, over all bands, with networks for s and t."
)

# %% [markdown]
# ## Put together
#
# **Glow-TTS** [7] is made of the two things that you have just written: the phones say a mean for each frame in the space of noise, a flow bends the recording's frames into that space, and the search lays both along each other. Training makes $\ln p$ large; a small network learns the durations that the search has found. To speak: durations from the text, means by the
# durations, noise on top, and the flow undone. All frames at once, and nothing can get stuck or skip.
#
# **VITS** [9] goes on to the samples. What lies between text and sound is no longer a mel spectrum that a person has thought of, but numbers that the network finds itself: one part makes them of the recording's spectrum, another makes the sound of them (chapter 11 has vocoders of that kind), and a flow with the search, as above, learns to
# tell them from the text. Everything is trained together, and no description that was chosen by hand stands in between; nor is there one to look at.
#
# **Deep Voice 3** kept attention and took everything else that was slow out of it [3]. In synthkit's, labels teach attention, and it is allowed to go forward only, by three phones at most. Our sentence once more, now with attention let off the leash after all: at each step it looks where it wants.

# %%
wild = own.attention.argmax(axis=1)
backward = int((np.diff(wild) < 0).sum())
jumps = int((np.abs(np.diff(wild)) > 3).sum())
assert backward + jumps < 0.05 * len(wild)
listen(
    {
        "on the leash": say(own.path)[1],
        "off it": say(np.minimum(wild, len(said_phones) - 1))[1],
    }
)

# %% tags=["hide"]
note(
    f"Off the leash it goes back {backward} times and leaps {jumps} times in {len(wild)} steps: taught well, it hardly needs the leash. (These are the places where it would have gone from the leash's own way; errors that follow from errors are not among them.)"
)

# %% [markdown]
# ## What to remember
#
# - Attention is a mean by weights that come from queries and keys; a voice needs them on a diagonal line.
# - A loss that falls proves nothing. The last frame is cheaper to copy than the text is to read. Look at the picture of attention, and at the learning rate that is really used.
# - Guidance, coarser steps and a hidden last frame help attention; search does without.
# - MAS is Viterbi in the midst of a training. What it finds is always a line.
# - A coupling can be undone and has a determinant for nothing: so a flow knows how probable what it says is, and can draw rather than say the mean.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(10)

# %% [markdown]
# ## Sources
#
# 1. Y. Wang et al.: Tacotron: towards end-to-end speech synthesis. *Proc. Interspeech*, 4006–4010, 2017. J. Shen et al.: Natural TTS synthesis by
#    conditioning WaveNet on mel spectrogram predictions. *Proc. ICASSP*, 4779–4783, 2018. (Tacotron 2.)
# 2. D. Bahdanau, K. Cho, Y. Bengio: Neural machine translation by jointly learning to align and translate. *Proc. ICLR*, 2015. In the form that is used
#    here: the source of the schedule, number 5.
# 3. W. Ping, K. Peng, A. Gibiansky, S. Ö. Arık, A. Kannan, S. Narang, J. Raiman, J. Miller: Deep Voice 3: scaling text-to-speech with convolutional
#    sequence learning. *Proc. ICLR*, 2018.
# 4. D. P. Kingma, J. Ba: Adam: a method for stochastic optimization. *Proc. ICLR*, 2015.
# 5. A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. N. Gomez, Ł. Kaiser, I. Polosukhin: Attention is all you need. *Advances in Neural
#    Information Processing Systems* 30, 2017.
# 6. H. Tachibana, K. Uenoyama, S. Aihara: Efficiently trainable text-to-speech system based on deep convolutional networks with guided attention.
#    *Proc. ICASSP*, 4784–4788, 2018.
# 7. J. Kim, S. Kim, J. Kong, S. Yoon: Glow-TTS: a generative flow for text-to-speech via monotonic alignment search. *Advances in Neural Information
#    Processing Systems* 33, 2020.
# 8. L. Dinh, J. Sohl-Dickstein, S. Bengio: Density estimation using Real NVP. *Proc. ICLR*, 2017.
# 9. J. Kim, J. Kong, J. Son: Conditional variational autoencoder with adversarial learning for end-to-end text-to-speech. *Proc. ICML*, 2021. (VITS.)
