# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Vocoders
#
# *A few dozen numbers go in, a thousand samples come out: who makes up the rest?*
#
# Every model of the last chapters stops at frames: mel spectra, or what WORLD wants. No loudspeaker takes those. The last step, from frames to
# samples, has to invent what frames do not hold, and for decades it was by this step that one knew a machine at once. Here are four ways to
# invent it: search, copy nature, gamble, and be judged.

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np

import synthkit as sk
from synthkit.plugins import registry
from synthkit.types import Frames
from synthkit_course import cells
from synthkit_course.cells import explore, listen, note

cells.start()
whole = sk.read(sk.corpus("bundled-ru")["ru_0143"])
rate = whole.sample_rate
x = whole.samples[round(4.3 * rate) : round(6.5 * rate)].astype(np.float64)
recording = cells.wave(x, rate)


# %%
def part(stage, name, **settings):
    component = registry().load(stage, name)
    return component(component.Config(**settings))


def taught(name, **settings):
    """A vocoder that has learned from this speaker, but never heard this sentence."""
    vocoder = part("vocoder", name, **settings)
    vocoder.open(vocoder.bundled / "nsh")
    assert "ru_0143" not in vocoder.trained.made["heard"]
    return vocoder


# %% [markdown]
# ## Listen first
#
# The end of a sentence, *skol'ko v dushu vlezet* (as much as the soul can hold), described by frames and made again by four vocoders. Three of them
# were given the very same frames. Which sounds as from a pipe? Which hisses, which buzzes, and which would you believe on the telephone?

# %%
mel_features = part("features", "mel", preset="htk-16k")
mel = mel_features.extract(recording)
world_features = part("features", "world", f0_floor=60.0, f0_ceil=400.0)
frames = world_features.extract(recording)
wavenet, syrinx = taught("wavenet"), taught("syrinx")
copies = {
    "Griffin-Lim": part("vocoder", "griffin-lim").render(mel),
    "WORLD": part("vocoder", "world").render(frames),
    "WaveNet": wavenet.render(frames),
    "a network that was judged": syrinx.render(frames),
}
listen({"the recording": recording} | copies)

# %% tags=["hide"]
note(
    "The last two have learned from recordings of this speaker, "
    + " and ".join(
        f"{v.trained.made['minutes']:.0f} minutes" for v in (wavenet, syrinx)
    )
    + ", among which this sentence was not. The first two have learned nothing."
)

# %% [markdown]
# ## What a spectrogram does not say
#
# The spectra of chapter 1 are complex numbers. With a window $w$ of $N$ samples and a hop of $H$,
#
# $$ X[t, k] = \sum_{n=0}^{N-1} w[n] \; x[tH + n] \; e^{-2 \pi i k n / N} = \left| X[t, k] \right| e^{i \varphi[t, k]} $$
#
# A spectrogram shows the magnitudes $|X|$; frames are made of those. The phases $\varphi$ of chapter 3 say where in its turn each sine stands, and they are thrown
# away, because they look like chance and change with every sample by which the window is moved. But the sum needs them: sines that meet crest to crest add up,
# and those that meet crest to trough are gone. To see how much hangs on them, keep all magnitudes exactly and exchange the phases.

# %%
N, H = 1024, 200
w = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N) / N)


def to_spectra(x):
    starts = range(0, len(x) - N + 1, H)
    return np.array([np.fft.rfft(w * x[s : s + N]) for s in starts])


def to_samples(X):
    """The sound whose spectra come nearest to `X`, in the sense of least squares."""
    out = np.zeros((len(X) - 1) * H + N)
    power = np.zeros_like(out)
    for t, frame in enumerate(np.fft.irfft(X, N)):
        out[t * H : t * H + N] += w * frame
        power[t * H : t * H + N] += w**2
    return np.where(power > 1e-3 * power.max(), out / np.maximum(power, 1e-9), 0)


# %%
X = to_spectra(np.pad(x, N // 2))
M, rng = np.abs(X), np.random.default_rng(0)
chance = np.exp(2j * np.pi * rng.random(M.shape))


def heard(X):
    return cells.wave(to_samples(X)[N // 2 : N // 2 + len(x)], rate)


listen(
    {
        "its own phases": heard(X),
        "all zero": heard(M),
        "by chance": heard(M * chance),
    },
    "The magnitudes are those of the recording in all three.",
)

# %% [markdown]
# ## Search: Griffin and Lim
#
# With a hop of a fifth of the window, each sample is seen by five frames. So the frames are not free: hardly any table of complex numbers is the
# spectrum of *any* sound. `to_samples` finds the sound that comes nearest, and the spectra of that sound, $P(X)$, are not $X$. This is the handle. Go to the
# sound and back; keep the phases that come out of it, which at least belong to some sound; put the magnitudes that are wanted in their place; again:
#
# $$ X_{j+1} = M \, \frac{P(X_j)}{\left| P(X_j) \right|} $$
#
# That is **Griffin–Lim** [1]. Each round projects onto what is possible, then onto what is wanted, and the distance between both cannot grow.

# %%


def griffin_lim(M, phases, rounds):
    """The sound, and after each round how far its magnitudes are from `M`, dB."""
    X, far = M * phases, []
    for _ in range(rounds):
        P = to_spectra(to_samples(X))
        X = M * P / np.maximum(np.abs(P), 1e-12)
        far.append(20 * np.log10(np.linalg.norm(np.abs(P) - M) / np.linalg.norm(M)))
    return X, np.array(far)


# %%
from synthkit_mel import griffin_lim as plugin

spec = replace(mel_features.view, win_length=N)
began = plugin.first_phases(M, N, H)
ours = to_samples(griffin_lim(M, began, 20)[0])
theirs = plugin.griffin_lim(M, spec, iterations=20, momentum=0.0)
off = np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)
assert off < 0.01
far = griffin_lim(M, chance, 60)[1]
assert (np.diff(far) <= 1e-9).all()
note(
    f"From the same first phases, twenty rounds of ours and of synthkit's `griffin-lim` give sounds that differ by {100 * off:.3f} %. From phases by chance, the error of the magnitudes (0 dB would be "
    f"as large as they are themselves) is {far[0]:.1f} dB after one round and {far[-1]:.1f} dB after sixty, and no round was worse than the one before it."
)

# %% tags=["hide"]
fast = {
    k: plugin.griffin_lim(M, spec, iterations=k, momentum=0.99) for k in (0, 60)
}


def distance(samples):
    P = np.abs(to_spectra(samples))
    return 20 * np.log10(np.linalg.norm(P - M) / np.linalg.norm(M))


first = {"chance": chance, "peaks": began}
curves = {name: griffin_lim(M, phases, 60)[1] for name, phases in first.items()}


# %% tags=["hide"]
def rounds_drawn(first_phases, rounds):
    fig, axes = plt.subplots(
        1, 2, figsize=(10, 2.7), layout="constrained", width_ratios=(1, 2)
    )
    for name, curve in curves.items():
        axes[0].plot(
            np.arange(1, 61),
            curve,
            label=name,
            linewidth=2.2 if name == first_phases else 0.8,
        )
    axes[0].plot(
        60, distance(fast[60]), "s", color="#555555", label="peaks, in a hurry"
    )
    if rounds:
        axes[0].plot(
            rounds,
            curves[first_phases][rounds - 1],
            "o",
            color="#d1495b",
            markersize=8,
        )
    axes[0].set(xlabel="rounds", ylabel="error, dB")
    axes[0].legend(fontsize=8, frameon=False)
    sound = to_samples(griffin_lim(M, first[first_phases], rounds)[0])[N // 2 :]
    at = round(1.18 * rate)
    axes[1].plot(
        np.arange(480) * 1000 / rate,
        x[at : at + 480],
        color="#bbbbbb",
        linewidth=2.5,
    )
    axes[1].plot(np.arange(480) * 1000 / rate, sound[at : at + 480])
    axes[1].set(
        xlabel="time, ms",
        yticks=[],
        title="the recording (grey) and what was found",
    )
    return fig, cells.wave(sound[: len(x)], rate)


# %% tags=["hide"]
explore(
    rounds_drawn,
    "Left the error of the magnitudes round by round; the square is where synthkit's default arrives after sixty. Right a hundredth of the sentence: the "
    "waveform that was found need not look like the recording, for another choice of phases has the same spectrogram.",
    start={"first_phases": "chance", "rounds": 5},
    first_phases=["chance", "peaks"],
    rounds=[0, 5, 20, 60],
    lab=(
        "bench/",
        "this sentence with the phases of the vocoder, its own, minimum, zero or random",
        {
            "corpus": "bundled-ru",
            "id": "ru_0143",
            "vocoder": "world",
            "phase": "random",
        },
    ),
)

# %% tags=["hide"]
hurried = distance(fast[60])
assert (
    curves["peaks"][0] < curves["chance"][0]
    and hurried < min(c[-1] for c in curves.values()) - 5
)
note(
    f"The first phases may be guessed better than by chance: each peak of a spectrum is a sine, whose phase goes on at its own frequency [2]. After one round that is "
    f"worth {curves['chance'][0] - curves['peaks'][0]:.1f} dB. The way may be shortened too: instead of to where a round leads, one jumps on in the same direction, by 0.99 of the "
    f"last step [2]. After sixty such rounds the error is {hurried:.1f} dB, where plain rounds are at {curves['chance'][-1]:.1f} and {curves['peaks'][-1]:.1f}. That is "
    "synthkit's `griffin-lim`. What remains is heard as a pipe, or as water: the phases of neighbouring harmonics fit each other within a window and drift from one window to the next."
)

# %% [markdown]
# ## Copy nature: WORLD
#
# A mouth does not search. Folds send a pulse, the mouth answers it, and the next pulse comes when its time has come (chapter 2). A vocoder that knows F0 can do the same,
# and then nearly all phases are settled: those of the harmonics by *when* the pulses come, and those of the answer by a rule. Of all filters with the same
# magnitudes there is one that answers soonest, as a struck bell does, loudest at first: that of **minimum phase**. The cepstrum of chapter 3 leads to it. Fold
# its second half onto the first, so that it says nothing of the time before the pulse [3]:
#
# $$ H = \exp \left( \mathrm{DFT} \left( c[0], \; 2 c[1], \; \ldots, \; 2 c[N/2 - 1], \; c[N/2], \; 0, \ldots, 0 \right) \right) $$

# %%
from synthkit.dsp.melcepstrum import mc2sp


def answers(frames):
    """What the mouth of each frame answers to a pulse, 1024 samples."""
    power = mc2sp(frames["mcep"], frames.spec.params["alpha"], 1024)
    c = np.fft.irfft(0.5 * np.log(power))
    c[:, 1:512] *= 2
    c[:, 513:] = 0
    return np.fft.irfft(np.exp(np.fft.rfft(c)))


def pulse_by_pulse(frames, seed=0):
    h, hop = answers(frames), frames.spec.hop_length
    noise, n = np.random.default_rng(seed), 0
    out = np.zeros(len(frames) * hop + 2048)
    while n < len(frames) * hop:
        t = n // hop
        period = round(rate / np.exp(frames["lf0"][t])) if frames["vuv"][t] else 0
        if period:
            out[n : n + 1024] += np.sqrt(period) * h[t]
        else:
            grains = noise.standard_normal(hop)
            out[n : n + 1023 + hop] += np.convolve(grains, h[t])
        n += period or hop
    return cells.wave(out[: len(frames) * hop], rate)


# %%
def apart(sound):
    return sk.measure(recording, sound, metrics=["mcd"])["mcd/synthkit"]["value"]


def level(sound):
    spoken = sound.samples[round(0.2 * rate) : round(1.75 * rate)].astype(
        np.float64
    )
    return 10 * np.log10(np.mean(spoken**2))


ours, theirs = pulse_by_pulse(frames), copies["WORLD"]
assert abs(level(ours) - level(theirs)) < 1 and apart(ours) < apart(theirs)
listen({"twenty lines": ours, "WORLD": theirs, "the recording": recording})

# %% tags=["hide"]


def alike(sound):
    """How like each other two periods in a row are, from 0 to 1: the mean over voiced frames."""
    y, found = sound.samples.astype(np.float64), []
    for t in np.flatnonzero(frames["vuv"] > 0.5)[::2]:
        n, period = t * frames.spec.hop_length, rate / np.exp(frames["lf0"][t])
        here = y[n - 200 : n + 200]
        later = [
            y[n - 200 + lag : n + 200 + lag]
            for lag in range(int(0.92 * period), int(1.08 * period) + 2)
        ]
        found.append(
            max(
                here @ there / np.sqrt(here @ here * (there @ there) + 1e-12)
                for there in later
            )
        )
    return np.mean(found)


even = {
    "ours": alike(ours),
    "WORLD": alike(theirs),
    "the recording": alike(recording),
}
assert even["ours"] == max(even.values())
note(
    f"Ours and WORLD's [4] are equally loud within {abs(level(ours) - level(theirs)):.1f} dB. The MCD from the recording is {apart(ours):.2f} dB for our lines and {apart(theirs):.2f} for WORLD; "
    "by that measure we have won. But WORLD also mixes noise into voiced frames, by the aperiodicity of each band, goes softly from frame to frame and sets its pulses between samples, where they "
    "belong, and MCD asks for none of that. Count how like two periods in a row are (1 is the same): "
    + ", ".join(f"{value:.2f} in {name}" for name, value in even.items())
    + ". Ours are the most alike, and that is what buzzes."
)

# %% [markdown]
# ## Gamble: WaveNet
#
# In 2016 a network said samples one after the other, without spectra, pulses or phases, and listeners at once preferred it to all that there was [5]. Such a neural network (chapter 10) has
# its weights from training; here they are given. It does not say *what* the next sample is, but how probable each value is, given all samples before it and
# the frames $c$. Such a model of the next from all before is called **autoregressive**, and it can stand for any sound whatever, since
#
# $$ p(x_1, \ldots, x_N \mid c) = \prod_{n=1}^{N} p(x_n \mid x_1, \ldots, x_{n-1}, c) $$
#
# To speak, throw dice by $p$, keep the sample that comes out, and go on to the next. There are no phases to be guessed: a phase is what comes about.
#
# ### How many sides has the die?
#
# A sample of 16 bits has $2^{16}$ values, too many probabilities to say at each step. The first WaveNet borrowed from the telephone
# its **µ-law** [6]: fine steps near silence, coarse ones where it is loud and a mistake is not heard. With $\mu = 255$ and $|x| \le 1$,
#
# $$ y = \mathrm{sign}(x) \, \frac{\ln (1 + \mu |x|)}{\ln (1 + \mu)} $$

# %%
from synthkit_wavenet import companding


def stepped(x, classes, mu=255):
    """`x` in so many classes on the µ-law scale; on an even one if `mu` is 0."""
    y = np.sign(x) * np.log1p(mu * np.abs(x)) / np.log1p(mu) if mu else x
    half = classes // 2
    k = np.clip(np.round(y * half), -half, half - 1)
    z = np.abs(k) / half
    return k + half, np.sign(k) * (np.expm1(z * np.log1p(mu)) / mu if mu else z)


def noise_of(rounded):
    return 10 * np.log10(np.mean(x**2) / np.mean((rounded - x) ** 2))


k, rounded = stepped(x, 256)
assert (k == companding.classes(x, 1.0)).all()
assert np.allclose(rounded, companding.values(1.0)[k.astype(int)], atol=1e-6)

# %% tags=["hide"]
CLASSES = [16, 64, 256]
clean = {
    (c, mu): noise_of(stepped(x, c, mu)[1]) for c in CLASSES for mu in (0, 255)
}
quiet = round(1.66 * rate), round(1.78 * rate)
faint = {
    mu: 10
    * np.log10(
        np.mean(x[slice(*quiet)] ** 2)
        / np.mean((stepped(x, 256, mu)[1] - x)[slice(*quiet)] ** 2)
    )
    for mu in (0, 255)
}


def sides(scale, classes):
    mu = 255 if scale == "µ-law" else 0
    rounded = stepped(x, classes, mu)[1]
    _, ax = plt.subplots(figsize=(9, 2.4), layout="constrained")
    at = slice(round(0.47 * rate), round(0.47 * rate) + 320)
    ax.plot(np.arange(320) * 1000 / rate, x[at], color="#bbbbbb", linewidth=2.5)
    ax.step(np.arange(320) * 1000 / rate, rounded[at], where="mid")
    ax.set(xlabel="time, ms", ylim=(-0.5, 0.5))
    ax.set_title(f"noise {clean[classes, mu]:.0f} dB below the sound", fontsize=10)
    return ax, cells.wave(rounded, rate)


explore(
    sides,
    "The recording in few classes, on an even scale and on the µ-law scale. On an even scale whatever is quiet falls into the class of silence.",
    start={"scale": "µ-law", "classes": 64},
    scale=["even", "µ-law"],
    classes=CLASSES,
)

# %% tags=["hide"]
assert (
    all(clean[c, 255] > clean[c, 0] for c in CLASSES) and faint[255] > faint[0] + 10
)
note(
    f"Our classes are those of synthkit's `wavenet`. With 256 of them the noise lies {clean[256, 0]:.0f} dB below the sound on the even scale and {clean[256, 255]:.0f} dB on the "
    f"µ-law scale; in the faint *t* at the end {faint[0]:.0f} and {faint[255]:.0f} dB. Later WaveNets say the parameters of a smooth distribution instead, a sum of a few bells (logistic "
    "ones) [7]; the one that you hear here does too."
)

# %% [markdown]
# ### How far does it look back?
#
# A period of a low voice is more than a hundred samples, and a network that sees a hundred samples at once has a hundred weights for each thing that it
# looks for. The trick of WaveNet is to see two at a time. A **causal convolution** makes each output of this input and one before, never of one to come; in a
# **dilated convolution** that other one is not the neighbour but stands $d$ places back:
#
# $$ h'[n] = W_{0} \, h[n] + W_{1} \, h[n - d] $$
#
# Laid over each other with $d = 1, 2, 4, \ldots$ they double their reach with each layer, at the same cost for each.

# %% tags=["hide"]


def reached(dilations):
    """Which inputs a layer's output hangs on, from the last layer down, as places back."""
    places = [{0}]
    for d in reversed(dilations):
        places.append(places[-1] | {p + d for p in places[-1]})
    return places[::-1]


def tree(dilated, layers):
    dilations = [2**k if dilated == "yes" else 1 for k in range(layers)]
    places = reached(dilations)
    _, ax = plt.subplots(figsize=(9, 2.6), layout="constrained")
    for level, seen in enumerate(places):
        ax.scatter(
            np.arange(-16, 1), np.full(17, level), s=22, color="#dddddd", zorder=2
        )
        ax.scatter(
            [-p for p in seen], [level] * len(seen), s=34, color="#3567a8", zorder=3
        )
        if level:
            for p in seen:
                for back in (0, dilations[level - 1]):
                    ax.plot(
                        [-p, -p - back],
                        [level, level - 1],
                        color="#3567a8",
                        linewidth=0.8,
                    )
    ax.set(
        yticks=range(layers + 1),
        yticklabels=["samples"] + [f"layer {k + 1}" for k in range(layers)],
        xlabel="places back",
        ylim=(-0.4, 4.4),
    )
    ax.set_title(f"the newest output sees {len(places[0])} samples", fontsize=10)
    return ax


explore(
    tree,
    "What the newest output (top right) is made of, with and without dilation.",
    start={"dilated": "yes", "layers": 4},
    dilated=["no", "yes"],
    layers=[1, 2, 3, 4],
)

# %% [markdown]
# All samples that an output can see are its **receptive field**. Here is the whole network, with the weights that have just spoken. In each layer two
# results are multiplied: one says something ($\tanh$), the other, between 0 and 1, whether it counts (a *gate*). What the frames say is added to both. All layers
# give to the output (`given`).

# %%
from synthkit_wavenet.generation import Network, conditions, render

learned = wavenet.trained
net, shape = Network.of(learned.shape, learned.weights), learned.shape


def back(h, d):
    """Each row as it was `d` samples ago; before the first, silence."""
    return np.concatenate([np.repeat(h[:1], d, axis=0), h[:-d]])


def network(signals, c):
    """The parameters of each sample's distribution, all samples at once."""
    h, given = signals @ net.enter + net.enter_bias, net.skip_bias
    for k, d in enumerate(shape.dilations):
        both = back(h, d) @ net.past[k] + h @ net.now[k] + c[:, k]
        says, gate = np.split(np.tanh(both), 2, axis=1)
        z = says * (0.5 + 0.5 * gate)
        given = given + z @ net.skip[k]
        if k + 1 < shape.layers:
            h = h + z @ net.residual[k] + net.residual_bias[k]
    y = np.maximum(0, np.maximum(0, given) @ net.middle + net.middle_bias)
    return y @ net.last + net.last_bias


# %% tags=["hide"]
from synthkit_wavenet import examples, prediction, pulses
from synthkit_wavenet.conditions import Grid, values_of


def told(frames, samples):
    """What the network reads at each sample of those before it (`signals`), and of the frames (`c`)."""
    below, share = Grid.of(learned.spec).places(0, len(samples), len(frames))
    above = np.minimum(below + 1, len(frames) - 1)
    near = np.where(share < 0.5, below, above)
    ahead = prediction.of_frames(frames, shape.order)
    log = np.log(np.maximum(ahead.level, prediction.SILENCE))
    level = (
        np.exp(log[below] * (1 - share) + log[above] * share) * learned.scales.level
    )
    before = np.lib.stride_tricks.sliding_window_view(
        np.pad(samples, (shape.order, 0)), shape.order
    )[:-1, ::-1]
    predicted = (before * ahead.taps[near]).sum(axis=1)
    period = pulses.contour(frames["lf0"], frames["vuv"], below, share, rate)
    found = examples.Known(
        np.pad(samples, (1, 0)), np.pad(predicted, (1, 0)), np.pad(level, (1, 0), "edge"), np.pad((samples - predicted) / level, (1, 0)),
        np.pad(ahead.lag[near], (1, 0)), near, np.pad(pulses.around(pulses.spoken(period), len(samples)), ((1, 0), (0, 0))),
    )  # fmt: skip
    each = conditions(learned, values_of(frames)).astype(np.float64)
    return examples.signals(shape, found, 1).astype(np.float64), each[
        below
    ] + share[:, None, None] * (each[above] - each[below])


# %% [markdown]
# This WaveNet says not the sample but what linear prediction (chapter 2) leaves of it, and is told when the pulses come; so it is small enough for one core. What it reads at each
# sample is the sample before and what was left of it, what is predicted now, what was left a period ago, and how near the pulses are. Does our network, all samples at once, say
# what synthkit's says one by one?

# %%
short = Frames({name: frames[name][60:160] for name in frames.data}, frames.spec)
said, parameters = render(learned, short, seed=0, tell=True)
signals, c = told(short, said)
ours = network(signals, c)
assert np.abs(ours - parameters).max() < 0.01

nudged = signals.copy()
nudged[3000] += 0.1
changed = np.abs(network(nudged, c) - ours).max(axis=1)
field = np.flatnonzero(changed > 0)
assert field[0] == 3000 and field[-1] - 3000 == sum(shape.dilations)
note(
    f"For {len(said):,} samples the {parameters.shape[1]} parameters of each distribution differ by {np.abs(ours - parameters).max():.0e} at most. Nudge what is read at one "
    f"sample: the output changes from there on for {len(field):,} samples and not one more, since $1 + 2 (1 + 2 + \\ldots + {max(shape.dilations)}) = {len(field):,}$. The receptive field is "
    f"{1000 * len(field) / rate:.0f} ms, {len(field) / rate * np.exp(np.median(frames['lf0'][frames['vuv'] > 0.5])):.0f} periods of this voice, for {shape.layers} layers."
)

# %% [markdown]
# ### How boldly does it throw?
#
# The distributions may be made narrower or broader before the dice are thrown; the factor is called **temperature**. At 1 they are as they were
# learned.

# %% tags=["hide"]
HEAT = [0.2, 0.6, 1.0, 1.6]
heated = {t: taught("wavenet", temperature=t).render(frames) for t in HEAT}
hiss = slice(round(0.202 * rate), round(0.302 * rate))


def gain(sound, at=hiss):
    """How much louder than the recording it is there, dB."""
    ours, theirs = sound.samples[at].astype(np.float64), x[at]
    return 10 * np.log10(np.sum(ours**2) / np.sum(theirs**2))


def boldly(temperature):
    sound = heated[temperature]
    _, ax = plt.subplots(figsize=(9, 2.6), layout="constrained")
    sound.plot(ax, spectrogram=True)
    ax.set_title(
        f"the s is {gain(sound):+.1f} dB beside the recording, MCD {apart(sound):.2f} dB",
        fontsize=10,
    )
    return ax, sound


explore(
    boldly,
    "The same frames at four temperatures. Too cold, consonants lose their hiss, and the voice creaks; too hot, everything is hoarse.",
    start={"temperature": 1.0},
    temperature=HEAT,
)

# %% tags=["hide"]
gains = [gain(heated[t]) for t in HEAT]
evens = [alike(heated[t]) for t in HEAT]
assert gains == sorted(gains) and evens[-1] == min(evens)
assert apart(heated[0.6]) < min(apart(heated[0.2]), apart(heated[1.6]))
note(
    f"From {HEAT[0]} to {HEAT[-1]} the *s* grows by {gains[-1] - gains[0]:.1f} dB, and two periods in a row become less alike: {evens[0]:.2f} at the coldest, {evens[-1]:.2f} at the hottest. Even at 1 they are less alike "
    f"({evens[2]:.2f}) than in the recording ({alike(recording):.2f}): this network is small and was trained on one core, so it is a little hoarse. Noise is nothing but what could have been otherwise: a network that says only what is "
    "most probable has no hiss, however well it has learned. Keep this in mind for what comes next."
)

# %% [markdown]
# ## Be judged: HiFi-GAN and its kin
#
# A WaveNet cannot say a sample before the last one is said, and a second has thousands. Why not let a network say all samples at once, and train it to come near to the recording?
# Because nearness is the wrong wish. If the target is noise $e$ that frames do not tell, and the network says $g z$ with noise $z$ of its own, the expected squared error of one
# sample is
#
# $$ \mathrm{E} \, (g z - e)^2 = g^2 + 1 $$
#
# (both noises of unit power), which is least if $g = 0$: silence. The mean of all things that could be said is none of them. In 2014 somebody found out whom to ask instead [8]: a second network, the
# **discriminator**, which learns to tell recordings from what the first, the **generator**, has made. The generator learns to deceive it. Together they are a **GAN**, a
# generative adversarial network. With $D$ the discriminator's belief that it hears a recording, $G$ the generator, and a weight $\lambda$,
#
# $$ \max_D \; \ln D(x) + \ln \left( 1 - D(G) \right), \qquad \min_G \; \left\| x - G \right\|^2 - \lambda \ln D(G) $$
#
# Here is the smallest one that there can be. The generator has a single weight, the loudness $g$ of its noise; the discriminator has two, and hears only how loud a frame is.

# %%


def contest(weight, rounds=800, step=0.05, seed=0):
    """The loudness g of the generator's noise, round by round."""
    rng, a, b, log_g, path = np.random.default_rng(seed), 0.0, 0.0, -1.0, []
    for _ in range(rounds):
        real, fake = np.log(np.mean(rng.standard_normal((2, 32, 64)) ** 2, axis=2))
        fake = fake + 2 * log_g  # of each frame the log power
        belief_real, belief_fake = (
            1 / (1 + np.exp(-a * v - b)) for v in (real, fake)
        )
        # the discriminator goes up its slope, the generator down its own
        a += step * np.mean((1 - belief_real) * real - belief_fake * fake)
        b += step * np.mean(1 - belief_real - belief_fake)
        nearer = 2 * np.exp(2 * log_g)  # slopes, by the logarithm of g
        deceive = -2 * a * np.mean(1 - belief_fake)
        log_g -= step * (nearer + weight * deceive)
        path.append(np.exp(log_g))
    return np.array(path)


# %% tags=["hide"]
WEIGHTS = [0, 0.1, 1, 30]
paths = {weight: contest(weight) for weight in WEIGHTS}
settled = {weight: float(path[-200:].mean()) for weight, path in paths.items()}
voiceless = (frames["vuv"] < 0.5) & (frames["mcep"][:, 0] > -9)


def noisy(g):
    """The copy by WORLD whose voiceless frames are g times as loud."""
    mcep = frames["mcep"].copy()
    mcep[voiceless, 0] += np.log(max(g, 1e-3))
    return part("vocoder", "world").render(
        Frames(
            {n: frames[n] for n in ("lf0", "vuv", "bap")} | {"mcep": mcep},
            frames.spec,
        )
    )


def contested(weight_of_the_discriminator):
    weight = weight_of_the_discriminator
    _, ax = plt.subplots(figsize=(9, 2.4), layout="constrained")
    ax.axhline(1, color="#bbbbbb", linewidth=2)
    ax.plot(paths[weight])
    ax.set(xlabel="round", ylabel="loudness g", ylim=(0, 1.5))
    ax.set_title(
        f"it settles at {settled[weight]:.2f}; the recording's noise has 1",
        fontsize=10,
    )
    return ax, noisy(settled[weight])


explore(
    contested,
    "The contest, and what its end does to the voiceless consonants of the sentence. Without a discriminator the wish to be near silences them.",
    start={"weight_of_the_discriminator": 0},
    weight_of_the_discriminator=WEIGHTS,
)

# %% tags=["hide"]
ends, most = [settled[weight] for weight in WEIGHTS], paths[30].max()
assert (
    ends == sorted(ends) and ends[0] < 0.1 and 0.95 < ends[-1] < 1.05 and most > 1.2
)
note(
    "At the end the generator's noise has a loudness of "
    + ", ".join(f"{g:.2f} (weight {weight})" for weight, g in settled.items())
    + ". Nobody has told the discriminator what is wrong: it finds out. That is the strength of the method, and its trouble, since both have to learn at the same pace: a discriminator that "
    f"counts too much drives the generator past its aim first, here to {most:.2f}, and where there are more than three weights it often does not come back."
)

# %% [markdown]
# HiFi-GAN [9] is this in earnest. Its generator spreads frames out to samples in four steps of convolutions. Its discriminators look at what ears look at: some lay the samples out in rows of
# 2, 3, 5, 7 and 11 and look down the columns, so that whatever repeats itself stands in a column; others see the sound at full, half and quarter rate. And the wish for nearness is
# kept where it is right: not between samples, but between mel spectra, to which phases and the luck of a noise do not matter.
#
# synthkit's `syrinx` is a small one of the kind, and the fourth voice of this chapter. It need not find out what a period is: pulses at F0 and noise are made as WORLD makes them, and the network says for each
# frame through which filter either goes, magnitudes and phases. Then it was judged.

# %%
from synthkit_syrinx.source import pulses as comb

period = frames.spec.frame_period
at = np.arange(len(frames) * frames.spec.hop_length) / rate / period
f0, voicing = (
    np.interp(at, np.arange(len(frames)), values)
    for values in (np.exp(frames["lf0"]), frames["vuv"])
)
excitation = comb(f0, voicing, rate) + 0.3 * rng.standard_normal(len(f0))
listen(
    {
        "what it is given": cells.wave(excitation, rate, peak=0.5),
        "what it makes of it": copies["a network that was judged"],
        "the recording": recording,
    }
)

# %% [markdown]
# ## What a wrong mel sounds like
#
# A network learns from frames of one make and knows no other. There are many makes: two formulas for the mel scale, magnitudes or powers, natural or decimal logarithms, four ways to begin the first frame;
# all are called *mel spectrum, 80 bands*. Nothing crashes if they are mixed up: shapes fit, numbers are numbers, and what comes out is a voice, somewhat ill. Many a week was spent on training such a voice further. So
# frames carry a **contract** with them (`FeatureSpec`), a vocoder states what it takes (`Demand`), and synthkit refuses whatever differs, before any work.

# %%
from synthkit.types import Demand

asked = Demand.exactly(mel.spec)
theirs = part("features", "mel", preset="hifigan", sample_rate=rate).view.spec
rows = asked.differences(theirs)
assert rows and not asked.accepts(theirs) and asked.accepts(mel.spec)
table = "".join(
    f"| {name} | {given} | {wanted} |\n" for name, given, wanted in rows
)
note(
    "Frames as HiFi-GAN's authors compute them, for a vocoder that knows ours:\n\n"
    f"| | given | asked for |\n|---|---|---|\n{table}"
)

# %% [markdown]
# To hear what we are spared, we forge the contract: the numbers stay, and another meaning is written on them. Griffin-Lim believes it.

# %% tags=["hide"]
FORGED = {
    "nothing": {},
    "the mel scale": {"mel_scale": "slaney"},
    "powers for magnitudes": {"power": 2.0},
    "the hop": {"hop_length": 160},
    "the highest band": {"fmax": 6000.0},
}
believed = {
    what: part("vocoder", "griffin-lim").render(
        Frames({"mel": mel["mel"]}, replace(mel_features.view, **lie).spec)
    )
    for what, lie in FORGED.items()
}


def forged(what_is_wrong):
    sound = believed[what_is_wrong]
    _, ax = plt.subplots(figsize=(9, 2.6), layout="constrained")
    sound.plot(ax, spectrogram=True)
    ax.set(xlim=(0, 2.2))
    ax.set_title(f"{sound.duration:.2f} s, MCD {apart(sound):.1f} dB", fontsize=10)
    return ax, sound


explore(
    forged,
    "The same numbers under forged contracts: triangles of another formula, magnitudes taken for powers, frames ten milliseconds apart instead of twelve and a half, bands that end at six kilohertz instead of eight.",
    start={"what_is_wrong": "nothing"},
    what_is_wrong=list(FORGED),
    lab=(
        "bench/",
        "the slider formants ×, which does to any voice what the wrong triangles do",
        {"corpus": "bundled-ru", "id": "ru_0143", "vocoder": "griffin-lim"},
    ),
)

# %% tags=["hide"]
wrong = {what: apart(sound) for what, sound in believed.items()}
assert (
    min(
        wrong[k]
        for k in ("the mel scale", "powers for magnitudes", "the highest band")
    )
    > wrong["nothing"] + 2
)
assert abs(wrong["the hop"] - wrong["nothing"]) < 1
note(
    f"With its right meaning the copy has an MCD of {wrong['nothing']:.1f} dB. The wrong triangles move all formants ({wrong['the mel scale']:.1f} dB): the speaker has another head. Magnitudes taken for "
    f"powers flatten loud and soft ({wrong['powers for magnitudes']:.1f} dB). The wrong hop is spoken {mel_features.view.hop_length / 160:.2f} times as fast, and MCD hardly notices ({wrong['the hop']:.1f} dB), "
    "because it lays both sounds along each other before it compares: a measure hears only what it was made to hear."
)

# %% [markdown]
# A network takes it no better, and there is not even a formula to say what it does with numbers that it never saw. Here the mel-cepstra that `syrinx` gets were bent with another constant $\alpha$ (chapter 3) than those
# it learned from.

# %%
from synthkit.dsp.melcepstrum import sp2mc

alpha = frames.spec.params["alpha"]


def bent(other):
    power = mc2sp(frames["mcep"], alpha, 1024)
    data = {name: frames[name] for name in frames.data}
    mcep = sp2mc(power, 24, other).astype(np.float32)
    return Frames(data | {"mcep": mcep}, frames.spec)


rights = {a: syrinx.render(bent(a)) for a in (alpha, 0.31, 0.51)}
listen({f"α = {a}": sound for a, sound in rights.items()}, "Who is it?")

# %% tags=["hide"]
ills = {a: apart(sound) for a, sound in rights.items()}
assert ills[0.31] > 2 * ills[alpha] and ills[0.51] > 1.5 * ills[alpha]
note(
    "MCD from the recording: "
    + ", ".join(f"{d:.1f} dB with α = {a}" for a, d in ills.items())
    + ". Where frames differ only in ways that can be undone, an adapter (`mel-to-mel`, `world-to-mel`) converts them, and only if the configuration names it."
)

# %% [markdown]
# ## What it costs
#
# Clocks differ from machine to machine; multiplications do not. How many does each vocoder need for one second of speech? For networks they are nearly all in products with weights, and their number
# follows from the weights' shapes; a fast Fourier transform of $N$ real numbers takes about $2 N \log_2 N$. Beside them stands HiFi-GAN's largest model, counted from its paper's table of sizes [9].

# %%
fft = 2 * N * np.log2(N)
w_layer = (
    net.past[0].size + net.now[0].size + net.residual[0].size + net.skip[0].size
)
w_rest = net.enter.size + net.middle.size + net.last.size
pulses_a_second = np.exp(np.mean(frames["lf0"][frames["vuv"] > 0.5]))


def hifigan(bands=80, channels=512, hop=256, rate=22050):
    """A generator of four steps; in each, three stacks of convolutions 3, 7, 11 wide."""
    count, each = bands * channels * 7 * rate / hop, rate / hop
    for grow, width in ((8, 16), (8, 16), (2, 4), (2, 4)):
        count += channels * (channels // 2) * width * each
        each, channels = each * grow, channels // 2
        count += each * channels**2 * 6 * (3 + 7 + 11)
    return count + each * channels * 7


per_second = {
    "Griffin-Lim, 60 rounds": (60 * 2 * fft * rate / H, 60),
    "WORLD": (3 * fft * pulses_a_second, 1),
    "WaveNet": ((shape.layers * w_layer + w_rest) * rate, rate),
    "syrinx": (
        sum(np.prod(s) for s in syrinx.trained.shape.tensors().values()) * 125,
        1,
    ),
    "HiFi-GAN, V1": (hifigan(), 1),
}

# %% tags=["hide"]
count = {name: c for name, (c, _) in per_second.items()}
assert count["WORLD"] < count["syrinx"] < count["WaveNet"] < count["HiFi-GAN, V1"]
assert per_second["WaveNet"][1] > 100 * per_second["Griffin-Lim, 60 rounds"][1]
top = min(count.values())
note(
    "| | millions | WORLD = 1 | in a row |\n|---|---|---|---|\n"
    + "".join(
        f"| {name} | {c / 1e6:,.0f} | {c / top:,.0f} | {steps:,} |\n"
        for name, (c, steps) in per_second.items()
    )
    + f"\nThe first column has the multiplications for a second of speech, the last how many steps wait for each other. WaveNet multiplies {count['WaveNet'] / count['Griffin-Lim, 60 rounds']:.0f} times as much as Griffin-Lim; what makes it slow is the last column, for what waits cannot be shared out "
    f"among the thousands of multipliers of a graphics card. HiFi-GAN does {count['HiFi-GAN, V1'] / count['WaveNet']:.0f} times as much again, all of it at once. `syrinx` says only filters, "
    f"{1000 / 8:.0f} times a second, and leaves the samples to the Fourier transform."
)

# %% [markdown]
# ## What to remember
#
# - Frames hold no phases. Whoever makes samples of them has to invent them, and one hears how.
# - Griffin–Lim goes back and forth between what is wanted and what is possible; no round makes it worse.
# - WORLD lets each pulse be answered at its time, by the filter that answers soonest.
# - WaveNet throws dice for every sample, given all before it; dilation lets it see far for little.
# - Nearness alone makes a generator say the mean, and the mean of noise is silence; a discriminator asks for what recordings are like.
# - A mel spectrum is not a mel spectrum. What frames mean belongs into a contract.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(11)

# %% [markdown]
# ## Sources
#
# 1. D. W. Griffin, J. S. Lim: Signal estimation from modified short-time Fourier transform. *IEEE Transactions on Acoustics, Speech, and Signal
#    Processing* 32(2), 236–243, 1984.
# 2. G. T. Beauregard, M. Harish, L. Wyse: Single pass spectrogram inversion. *Proc. IEEE International Conference on Digital Signal Processing*,
#    2015. (First phases.) N. Perraudin, P. Balazs, P. L. Søndergaard: A fast Griffin-Lim algorithm. *Proc. WASPAA*, 2013. (In a hurry.)
# 3. A. V. Oppenheim, R. W. Schafer: *Digital Signal Processing*. Prentice-Hall, 1975.
# 4. M. Morise, F. Yokomori, K. Ozawa: WORLD: a vocoder-based high-quality speech synthesis system for real-time applications. *IEICE Transactions
#    on Information and Systems* E99-D(7), 1877–1884, 2016.
# 5. A. van den Oord, S. Dieleman, H. Zen, K. Simonyan, O. Vinyals, A. Graves, N. Kalchbrenner, A. Senior, K. Kavukcuoglu: WaveNet: a generative
#    model for raw audio. arXiv:1609.03499, 2016.
# 6. ITU-T Recommendation G.711: Pulse code modulation (PCM) of voice frequencies. 1988.
# 7. T. Salimans, A. Karpathy, X. Chen, D. P. Kingma: PixelCNN++: improving the PixelCNN with discretized logistic mixture likelihood and other
#    modifications. *Proc. ICLR*, 2017. For speech: A. van den Oord et al.: Parallel WaveNet: fast high-fidelity speech synthesis. *Proc. ICML*, 2018.
# 8. I. J. Goodfellow, J. Pouget-Abadie, M. Mirza, B. Xu, D. Warde-Farley, S. Ozair, A. Courville, Y. Bengio: Generative adversarial nets. *Advances
#    in Neural Information Processing Systems* 27, 2014.
# 9. J. Kong, J. Kim, J. Bae: HiFi-GAN: generative adversarial networks for efficient and high fidelity speech synthesis. *Advances in Neural
#    Information Processing Systems* 33, 2020.
