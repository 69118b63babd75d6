# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Pitch trackers
#
# *Why does the computer hear my voice an octave too low?*
#
# Everything with a melody needs F0: a synthesiser that has to say a question as a question, an app that tells a singer that she is flat. F0 is the
# number of periods in a second, and what could be simpler than to count them? Yet every program that does so is wrong at times, and the same
# two mistakes are made again and again: the double of F0, and its half. Both lie an octave away, as musicians call a factor of two. In this chapter you make both, see why, and mend them.

# %%
import matplotlib.pyplot as plt
import numpy as np

import synthkit as sk
from synthkit.plugins import registry
from synthkit_course import cells
from synthkit_course.cells import explore, figure, listen, note

cells.start()
LOW, HIGH, HOP = 60.0, 400.0, 80  # Hz, Hz, and samples


def part(stage, name, **settings):
    component = registry().load(stage, name)
    return component(component.Config(**settings))


# %% [markdown]
# ## Listen first
#
# To count mistakes one has to know what is right, and of a recording nobody does. But of a copy (chapter 3) we do: the vocoder was told the F0 of each
# frame. So a sentence is described by WORLD and made again, and from now on we work with the copy. Below it, its melody alone is hummed, with
# silence where there is no voice. Listen to where the melody begins, how far it falls, and whether it ever jumps.

# %%
original = sk.read(sk.corpus("bundled-ru")["ru_0063"])
frames = part("features", "world", f0_floor=LOW, f0_ceil=HIGH).extract(original)
sentence = part("vocoder", "world").render(frames)
x, rate = sentence.samples.astype(np.float64), sentence.sample_rate
truth = np.where(frames["vuv"] > 0.5, np.exp(frames["lf0"]), 0.0)  # Hz; 0: no voice


def hum(f0):
    """A melody, one value each HOP samples, as a soft tone."""
    each = np.repeat(f0, HOP)
    phase = 2 * np.pi * np.cumsum(each) / rate
    tone = sum(np.sin(k * phase) / k**2 for k in (1, 2, 3))
    return cells.wave(
        tone * np.convolve(each > 0, np.hanning(160) / 80, "same"), rate, peak=0.4
    )


listen({"the sentence (a copy)": sentence, "its melody": hum(truth)})

# %% [markdown]
# ## The first idea: the strongest frequency
#
# A spectrum shows the harmonics; take the strongest one between `LOW` and `HIGH`. It is what many a first program does.

# %%
LONGEST = (
    int(np.ceil(rate / LOW)) + 1
)  # the longest period that is looked for, in samples
padded = np.pad(x, (LONGEST, 2 * LONGEST))
voiced = np.flatnonzero(truth > 0)


def stretch(t):
    """Two longest periods, around frame t."""
    return padded[t * HOP : t * HOP + 2 * LONGEST]


def by_spectrum(t):
    spectrum = np.abs(np.fft.rfft(stretch(t) * np.hanning(2 * LONGEST), 8192))
    f = np.arange(len(spectrum)) * rate / 8192
    inside = (f > LOW) & (f < HIGH)
    return f[inside][np.argmax(spectrum[inside])]


# %% tags=["hide"]


def everywhere(tracker):
    out = np.zeros(len(truth))
    out[voiced] = [tracker(t) for t in voiced]
    return out


def gross(f0):
    """Shares of voiced frames: more than 20 % too high, and too low."""
    ratio = f0[voiced] / truth[voiced]
    return np.mean(ratio > 1.2), np.mean(ratio < 0.8)


def compared(f0, name):
    fig, ax = plt.subplots(figsize=(9, 2.7), layout="constrained")
    time = np.arange(len(truth)) * HOP / rate
    ax.plot(
        time,
        np.where(truth > 0, truth, np.nan),
        color="#999",
        linewidth=4,
        label="true",
    )
    ax.plot(
        time,
        np.where(f0 > 0, f0, np.nan),
        ".",
        markersize=3.5,
        color="#d1495b",
        label=name,
    )
    ax.set(xlabel="time, s", ylabel="F0, Hz", yscale="log", ylim=(50, 450))
    ax.set_yticks(
        [60, 100, 150, 200, 300, 400], ["60", "100", "150", "200", "300", "400"]
    )
    ax.minorticks_off()
    ax.legend(frameon=False, ncol=2, loc="upper right")
    return fig


strongest = everywhere(by_spectrum)
figure(
    compared(strongest, "strongest frequency"),
    "The strongest frequency against the true F0 (on a scale where an octave is the same distance everywhere). Nearly always it is the second "
    "harmonic that wins.",
)

# %% tags=["hide"]
too_high, too_low = gross(strongest)
double = np.mean(np.abs(strongest[voiced] / truth[voiced] - 2) < 0.2)
assert too_high > 0.5 and double > 0.5
note(
    f"{100 * too_high:.0f} % of the voiced frames are more than 20 % too high, {100 * double:.0f} % of all are just doubled. Why? The filter "
    "of chapter 2: the first formant of most vowels lies above F0, and lifts the second or third harmonic over the first. On the telephone, "
    "the first harmonic may not even be there, and yet we hear the pitch. So F0 is not the strongest frequency, nor even one that has to "
    "be in the sound. It is how often the *whole pattern* comes back."
)

# %% [markdown]
# ## The second idea: when does it come back?
#
# Then let us ask just that. Move the signal by $k$ samples and multiply it with itself, over a window of $W$ samples. Where the move is a whole
# period, mountains meet mountains, and the sum is large. It is the autocorrelation of chapter 2:
#
# $$ r_t[k] = \sum_{n=0}^{W-1} x[t + n] \, x[t + n + k] $$

# %%
SHORTEST = max(2, int(rate / HIGH))


def by_autocorrelation(t):
    x = stretch(t)
    lags = np.arange(SHORTEST, LONGEST)
    r = [x[:LONGEST] @ x[k : k + LONGEST] for k in lags]
    return rate / lags[np.argmax(r)]


# %% tags=["hide"]
again = everywhere(by_autocorrelation)
figure(
    compared(again, "autocorrelation"),
    "The lag of the largest autocorrelation. Now most is right, and whole stretches lie just an octave too low.",
)

# %%
listen(
    {
        "the true melody": hum(truth),
        "by the strongest frequency": hum(strongest),
        "by autocorrelation": hum(again),
    },
    "The second is too high throughout, the third falls into a cellar and climbs out again.",
)

# %% tags=["hide"]
too_high, too_low = gross(again)
half = np.mean(np.abs(again[voiced] / truth[voiced] - 0.5) < 0.05)
assert too_low > 0.1 and half > too_high
note(
    f"{100 * too_low:.0f} % are too low now, {100 * half:.0f} % just halved. What comes back after one period comes back after two, and $r$ "
    "is as large there; and where the voice grows louder it is even larger, since the moved piece is louder. So an **octave error** is no "
    "accident: each idea has its own side to fall to."
)

# %% [markdown]
# ## The third: how unlike is it, compared with before?
#
# De Cheveigné and Kawahara [1] mended this in two steps, and called it **YIN**. First, ask for a difference instead
# of a product, which punishes it when the loudness changes:
#
# $$ d_t[k] = \sum_{n=0}^{W-1} \left( x[t + n] - x[t + n + k] \right)^2 $$
#
# It is zero at $k = 0$, and small at the period, and at two periods. Second, divide it by its own mean over all smaller lags:
#
# $$ d'_t[k] = \frac{d_t[k]}{\frac{1}{k} \sum_{j=1}^{k} d_t[j]}, \qquad d'_t[0] = 1 $$
#
# Now it begins at 1 and says how good a lag is *compared with all that came before*. The rule: take the *first* dip below a threshold, not the
# deepest one. Two periods may be as good as one, but one comes first.

# %%


def normalised(t):
    """d' of frame t, for lags 0 to LONGEST."""
    x = stretch(t)
    d = np.array(
        [
            np.sum((x[:LONGEST] - x[k : k + LONGEST]) ** 2)
            for k in range(LONGEST + 1)
        ]
    )
    out = np.ones(LONGEST + 1)
    out[1:] = (
        d[1:] * np.arange(1, LONGEST + 1) / np.maximum(np.cumsum(d[1:]), 1e-20)
    )
    return out


# %%
def by_yin(t, threshold=0.15):
    """F0 of frame t, and how deep its dip is."""
    d = normalised(t)
    inner = np.arange(SHORTEST, LONGEST)
    dips = inner[(d[inner] < d[inner - 1]) & (d[inner] <= d[inner + 1])]
    if not len(dips):
        return 0.0, 1.0
    good = dips[d[dips] < threshold]
    k = good[0] if len(good) else dips[np.argmin(d[dips])]
    before, here, after = d[k - 1 : k + 2]  # a parabola through three points
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend > 1e-12 else 0.0
    return rate / (k + np.clip(shift, -0.5, 0.5)), here


# %% [markdown]
# synthkit has YIN in 40 lines of numpy, all frames at once. Where both say that there is a voice, they have to agree.

# %%
from synthkit.eval.pitch import yin

theirs = yin(sentence.samples, rate, hop=HOP / rate, low=LOW, high=HIGH)[
    : len(truth)
]
ours = np.array([by_yin(t) for t in range(len(theirs))])
f0, depth = ours.T
both = theirs > 0
assert np.allclose(f0[both], theirs[both], rtol=1e-6)
note(
    f"In the {both.sum()} frames that synthkit calls voiced, both F0 differ by "
    f"{np.abs(f0[both] - theirs[both]).max():.1e} Hz at most."
)

# %% tags=["hide"]
level = np.array(
    [10 * np.log10(np.mean(stretch(t) ** 2) + 1e-9) for t in range(len(truth))]
)
inside = voiced[(voiced > 20) & (voiced < len(truth) - 20)]
steady = inside[
    np.argmin([np.ptp(level[t - 8 : t + 9]) + depth[t] * 10 for t in inside])
]
halved = voiced[np.abs(again[voiced] / truth[voiced] - 0.5) < 0.03]
louder = halved[
    np.argmax([level[min(t + 4, len(level) - 1)] - level[t - 4] for t in halved])
]
ends = inside[(truth[inside + 1] == 0)]
fading = ends[np.argmax(depth[ends])]
silent = np.flatnonzero((truth == 0) & (level[: len(truth)] > level.max() - 35))
hiss = silent[np.argmax(depth[silent])]
MOMENTS = {
    "steady vowel": steady,
    "growing louder": louder,
    "voice ending": fading,
    "a hiss": hiss,
}


# %% tags=["hide"]
def moment(at):
    t = MOMENTS[at]
    fig, axes = plt.subplots(1, 2, figsize=(10, 2.7), layout="constrained")
    piece, d = stretch(t), normalised(t)
    axes[0].plot(1000 * np.arange(len(piece)) / rate, piece, linewidth=0.9)
    axes[0].set(xlabel="time, ms", title="waveform", yticks=[])
    lags = 1000 * np.arange(len(d)) / rate
    axes[1].plot(lags, d, linewidth=1.2)
    axes[1].axhline(0.15, color="#999", linestyle=":")
    pitch, deep = by_yin(t)
    axes[1].plot(
        1000 / pitch,
        deep,
        "o",
        color="#d1495b",
        markersize=7,
        label=f"YIN: {pitch:.0f} Hz",
    )
    if truth[t]:
        axes[1].axvline(
            1000 / truth[t],
            color="#3d8b5f",
            linewidth=1,
            label=f"true: {truth[t]:.0f} Hz",
        )
        axes[1].plot(
            1000 / again[t],
            0.05,
            "x",
            color="#555",
            label=f"autocorrelation: {again[t]:.0f} Hz",
        )
    axes[1].set(xlabel="lag, ms", title="d' (dotted: the threshold)", ylim=(0, 2.2))
    axes[1].legend(frameon=False, fontsize=8, loc="upper right")
    return fig


explore(
    moment,
    "Four moments: the waveform, and how unlike it is to itself at each lag. A steady vowel has a deep dip at each multiple of its period; the first "
    "counts. A hiss has none.",
    at=list(MOMENTS),
    lab=(
        "bench/",
        "draw two trackers over each other, for any recording, in Vocoder bench",
        {"corpus": "bundled-ru", "id": "ru_0063", "a": "yin", "b": "dio"},
    ),
)

# %% [markdown]
# ## Is there a voice at all?
#
# The depth of the dip answers a second question. If nothing fits well, there is probably no voice in the frame. But what is well? Move the
# threshold of **voicing**: too strict, and soft or rough voice is lost; too lax, and noise begins to sing.

# %% tags=["hide"]
DECISIONS = [0.05, 0.15, 0.3, 0.6]


def decided(border):
    f0 = yin(
        sentence.samples, rate, hop=HOP / rate, low=LOW, high=HIGH, voiced=border
    )[: len(truth)]
    lost = np.mean(f0[voiced] == 0)
    sung = np.mean(f0[truth == 0] > 0)
    fig = compared(f0, "YIN")
    title = f"voiced frames lost: {100 * lost:.0f} %; others that sing: {100 * sung:.0f} %"
    fig.axes[0].set_title(title)
    return fig, hum(f0)


explore(
    decided,
    "The same tracker with four borders between voice and none, and what it hums.",
    start={"border": 0.3},
    border=DECISIONS,
    lab=(
        "bench/",
        "give a copy the F0 of another tracker, in Vocoder bench, and hear its mistakes",
        {"corpus": "bundled-ru", "id": "ru_0063", "vocoder": "world", "f0": "yin"},
    ),
)

# %% [markdown]
# There is no border without a mistake, and which mistake is worse depends on what it is for. A synthesiser whose data say *unvoiced* in the middle of a vowel will
# whisper there; a metric that counts such frames will call a good voice bad. (The papers write **V/UV**, for voiced and unvoiced.)
#
# ## And in noise?
#
# Recordings at home have a fan in the background. Add noise to the sentence, and ask three trackers: YIN; DIO, which WORLD uses [2] and which is made to
# be quick; and Praat's [3], which lists the best few candidates of each frame and then looks for the cheapest path through all frames, where a jump of an
# octave costs something. (Chapter 7 writes such a search out.)

# %%


def noisy(ratio):
    """The sentence with white noise, so many dB below it."""
    noise = np.random.default_rng(4).normal(size=len(x))
    gain = np.sqrt(np.mean(x**2) / np.mean(noise**2)) * 10 ** (-ratio / 20)
    return cells.wave(x + gain * noise, rate, peak=0.7)


def three(sound):
    """F0 of each tracker, one value each 5 ms."""
    limits = {"f0_floor": LOW, "f0_ceil": HIGH}
    dio = part("features", "world", aperiodicity=False, **limits).extract(sound)
    praat = part("features", "praat", frame_period_ms=5.0, **limits).extract(sound)
    return {
        "YIN": yin(sound.samples, rate, hop=HOP / rate, low=LOW, high=HIGH),
        "DIO": np.where(dio["vuv"] > 0.5, np.exp(dio["lf0"]), 0.0),
        "Praat": praat["f0"],
    }


# %% tags=["hide"]
RATIOS = [40, 20, 10, 0]
heard = {ratio: noisy(ratio) for ratio in RATIOS}
tracks = {ratio: three(sound) for ratio, sound in heard.items()}


def mistakes(f0):
    n = min(len(f0), len(truth))
    f0, t = f0[:n], truth[:n]
    both = (f0 > 0) & (t > 0)
    return np.mean(np.abs(f0[both] / t[both] - 1) > 0.2), np.mean(
        (f0 > 0) != (t > 0)
    )


def in_noise(speech_to_noise__dB):
    fig, axes = plt.subplots(
        3, 1, figsize=(9, 4.6), layout="constrained", sharex=True
    )
    time = np.arange(len(truth)) * HOP / rate
    for ax, (name, f0) in zip(
        axes, tracks[speech_to_noise__dB].items(), strict=True
    ):
        f0 = f0[: len(truth)]
        wrong, vuv = mistakes(f0)
        ax.plot(
            time, np.where(truth > 0, truth, np.nan), color="#999", linewidth=3.5
        )
        ax.plot(
            time[: len(f0)],
            np.where(f0 > 0, f0, np.nan),
            ".",
            markersize=3,
            color="#d1495b",
        )
        ax.set(yscale="log", ylim=(50, 450), ylabel=name)
        ax.set_yticks([60, 120, 240], ["60", "120", "240"])
        ax.minorticks_off()
        ax.set_title(
            f"gross errors {100 * wrong:.1f} %, voicing wrong {100 * vuv:.0f} %",
            fontsize=9,
        )
    axes[-1].set_xlabel("time, s")
    return fig, heard[speech_to_noise__dB]


explore(
    in_noise,
    "Three trackers, four amounts of noise: F0 in Hz over time, true in grey. They give way in different manners: some fall silent, some are wrong.",
    start={"speech_to_noise__dB": 20},
    speech_to_noise__dB=RATIOS,
    lab=(
        "bench/",
        "any two of these trackers over each other, and how far they agree",
        {"corpus": "bundled-ru", "id": "ru_0063", "a": "praat", "b": "dio"},
    ),
)

# %% tags=["hide"]
rows = [
    f"| {ratio} dB | "
    + " | ".join(
        f"{100 * a:.1f} / {100 * b:.0f}"
        for a, b in map(mistakes, tracks[ratio].values())
    )
    + " |"
    for ratio in RATIOS
]
clean = {name: mistakes(f0) for name, f0 in tracks[40].items()}
loud = {name: mistakes(f0) for name, f0 in tracks[0].items()}
assert all(loud[name][1] > clean[name][1] for name in clean)
note(
    "| speech above noise | YIN | DIO | Praat |\n|---|---|---|---|\n"
    + "\n".join(rows)
    + "\n\n"
    "Gross errors of frames that both call voiced, and wrong decisions of voicing, in percent of all frames. In noise as loud as the "
    f"speech the voicing of all three is wrong more often ({100 * min(v for _, v in loud.values()):.0f} to "
    f"{100 * max(v for _, v in loud.values()):.0f} % of the frames, from {100 * min(v for _, v in clean.values()):.0f} to "
    f"{100 * max(v for _, v in clean.values()):.0f} %). One sentence of one man: the table says how to compare trackers, and not which is best. "
    "(DIO has an advantage here: the copy was made with its own F0.)"
)

# %% [markdown]
# ## What to remember
#
# - F0 is how often the whole pattern comes back, not the strongest frequency.
# - Octave errors have a reason: doubling by a strong formant, halving as two periods fit as well as one.
# - YIN asks how unlike, compared with before, and takes the first good dip.
# - Voicing is a decision, and there is no border without mistakes. Give a tracker the speaker's range, and look at its track before you trust it.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(4)

# %% [markdown]
# ## Sources
#
# 1. A. de Cheveigné, H. Kawahara: YIN, a fundamental frequency estimator for speech and music. *Journal of the Acoustical Society of America*
#    111(4), 1917–1930, 2002.
# 2. M. Morise, H. Kawahara, H. Katayose: Fast and reliable F0 estimation method based on the period extraction of vocal fold vibration of
#    singing voice and speech. *Proc. AES 35th International Conference*, 2009. (DIO.)
# 3. P. Boersma: Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled sound. *Proceedings of the
#    Institute of Phonetic Sciences* 17, University of Amsterdam, 97–110, 1993.
# 4. W. Hess: *Pitch Determination of Speech Signals*. Springer, Berlin, 1983. (All that was tried before.)
