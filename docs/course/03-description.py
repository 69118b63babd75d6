# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Describing speech
#
# *How few numbers can hold a voice?*
#
# A second of our recordings has sixteen thousand samples, and no learning machine of the early days could guess them one by one. So one
# describes the sound by fewer numbers, lets the machine guess those, and makes the sound from them again. Good descriptions keep what is
# heard and forget what is not. In this chapter you make two of them, and hear what each forgets.

# %%
from functools import cache

import matplotlib.pyplot as plt
import numpy as np

import synthkit as sk
from synthkit.plugins import registry
from synthkit_course import cells
from synthkit_course.cells import explore, listen, note

cells.start()
recording = sk.read(sk.corpus("bundled-en")["tt-weasels"])
x, rate = recording.samples.astype(np.float64), recording.sample_rate


def part(stage, name, **settings):
    """A part of synthkit, with settings."""
    component = registry().load(stage, name)
    return component(component.Config(**settings))


# %% [markdown]
# ## Listen first
#
# Below, the sentence of chapter 1 was described by numbers and made again from them: once with few numbers, once with more, and once in quite
# another way. Nothing was learned, nothing predicted: whatever you hear is lost by the description itself. Listen first for *what* is
# said, then for *who* says it, then for anything that no mouth would do.

# %%


@cache
def world(order):
    """Described by WORLD (explained below) and made again."""
    frames = part("features", "world", order=order, f0_ceil=500.0).extract(
        recording
    )
    return part("vocoder", "world").render(frames), frames


@cache
def mels(bands):
    """Described by mel spectra (explained below) and made again."""
    features = part("features", "mel", preset="htk-16k", n_mels=bands)
    frames = features.extract(recording)
    return part("vocoder", "griffin-lim").render(frames), frames


listen(
    {
        "the recording": recording,
        "a few numbers": world(5)[0],
        "some more": world(24)[0],
        "in another way": mels(80)[0],
    },
    "Which words, which speaker, which noises?",
)

# %% [markdown]
# To describe a sound and make it again from the description, with nothing between, is called **copy synthesis**. What makes the sound again is a
# **vocoder** (a word of 1939: voice coder [1]). Whoever builds a voice listens to copies first: no model can be better than its copy.
#
# ## As fine as the ear
#
# A spectrum of chapter 1 has its frequencies at equal distances. The ear does not: it tells 100 Hz from 110 Hz easily, and 5,000 Hz from
# 5,010 Hz never. When people were asked to set tones at equal steps of pitch, the **mel** scale came out of it [2]. A usual formula is
#
# $$ m(f) = 2595 \, \log_{10} \left( 1 + \frac{f}{700} \right) $$
#
# nearly straight at low frequencies, and a logarithm at high ones. To see a spectrum as coarsely as the ear does, lay triangles over it
# that are equally wide in mels, and add up what lies under each. It is a page of code, and the mel spectrum that nearly all neural voices are
# trained on.

# %%


def mel(f):
    return 2595 * np.log10(1 + f / 700)


def hertz(m):
    return 700 * (10 ** (m / 2595) - 1)


def triangles(bands, size, top):
    """Weights of each frequency in each band, shape (bands, size // 2 + 1)."""
    edges = hertz(np.linspace(0, mel(top), bands + 2))
    f = np.arange(size // 2 + 1) * rate / size
    up = (f - edges[:-2, None]) / np.diff(edges)[:-1, None]
    down = (edges[2:, None] - f) / np.diff(edges)[1:, None]
    return np.maximum(0, np.minimum(up, down))


# %%
from synthkit.dsp.mel import filterbank

features = part("features", "mel", preset="htk-16k", n_mels=40)
ours, theirs = triangles(40, 1024, 8000), filterbank(features.config.view())
assert np.allclose(ours, theirs, atol=1e-6)
low, high = hertz(np.array([1, 2])), hertz(mel(8000.0) - np.array([1, 0]))
note(
    f"Our triangles and synthkit's differ by {np.abs(ours - theirs).max():.1e} at most. "
    f"One mel is {np.diff(low)[0]:.2f} Hz wide at the bottom and "
    f"{np.diff(high)[0]:.1f} Hz at 8,000 Hz."
)

# %% tags=["hide"]


def banded(bands):
    sound, frames = mels(bands)
    _, axes = plt.subplots(
        1, 2, figsize=(10, 2.8), layout="constrained", width_ratios=(1, 2)
    )
    axes[0].plot(
        np.arange(513) * rate / 1024, triangles(bands, 1024, 8000).T, linewidth=0.8
    )
    axes[0].set(xlabel="frequency, Hz", title=f"{bands} triangles", yticks=[])
    levels = frames["mel"].T
    axes[1].imshow(
        levels,
        origin="lower",
        aspect="auto",
        vmin=levels.max() - 8,
        vmax=levels.max(),
    )
    axes[1].set(xlabel="frame", ylabel="band", title="mel spectrum")
    return axes, sound


explore(
    banded,
    "The sentence by fewer and more mel bands, and what a vocoder makes of them. The bands are narrow where the ear is fine. "
    "With how many do you understand the words?",
    start={"bands": 40},
    bands=[10, 20, 40, 80],
    lab=(
        "bench/",
        "the sentence, or a recording of yours, through mel bands, made coarser",
        {
            "corpus": "bundled-en",
            "id": "tt-weasels",
            "vocoder": "griffin-lim",
            "cepstra": 20,
        },
    ),
)

# %% [markdown]
# Something is missing in all of them: the **phases**, that is, where in its turn each sine stands. Magnitudes alone do not say how the sines lie to each
# other, and the vocoder has to guess it (Griffin and Lim's way [3], which chapter 11 writes out). The hollow, watery colour is what is heard of a wrong guess.
#
# ## The outline of a spectrum
#
# Chapter 2 took source and filter apart by prediction. There is another way, and all it supposes is that the filter is smooth and
# the source a comb. The spectrum is their product; a logarithm makes it a sum. And to separate what changes slowly along an axis from what changes
# quickly, one uses Fourier, as ever. The transform of a log spectrum is the **cepstrum** (a spectrum, read from the other end) [4]:
#
# $$ c[n] = \frac{1}{N} \sum_{k=0}^{N-1} \ln |X[k]| \; e^{2 \pi i k n / N} $$
#
# Small $n$ hold the outline, the filter. The comb, whose teeth are $F_0$ apart, comes out as a peak at $n = f_s / F_0$, the period in
# samples.

# %%
frame = x[round(1.86 * rate) : round(1.86 * rate) + 640] * np.hanning(640)
log_spectrum = np.log(np.abs(np.fft.rfft(frame, 1024)) + 1e-6)
cepstrum = np.fft.irfft(log_spectrum)
lags = np.arange(rate // 400, rate // 120)
peak = lags[np.argmax(cepstrum[lags])]


def outline(cepstrum, kept):
    """The log spectrum of a cepstrum's first numbers."""
    cut = cepstrum.copy()
    cut[kept : len(cut) - kept + 1] = 0  # it is symmetric: n and N - n are the same
    return np.fft.rfft(cut).real


# %% tags=["hide"]


def smoothed(kept_numbers):
    fig, axes = plt.subplots(
        1, 2, figsize=(10, 2.8), layout="constrained", width_ratios=(1, 2)
    )
    n = np.arange(1, 140)
    colours = np.where(n < kept_numbers, "#d1495b", "#bbbbbb")
    axes[0].vlines(n, 0, cepstrum[n], colors=colours, linewidth=1)
    axes[0].set(xlabel="n", title="cepstrum", ylim=(-0.35, 0.45))
    f = np.arange(513) * rate / 1024
    scale = 20 / np.log(10)
    axes[1].plot(f, scale * log_spectrum, linewidth=0.7)
    axes[1].plot(f, scale * outline(cepstrum, kept_numbers), linewidth=1.8)
    axes[1].set(xlabel="frequency, Hz", ylabel="level, dB", ylim=(-50, 35))
    return fig


explore(
    smoothed,
    "Left the cepstrum of the o of phone, red what is kept; right its spectrum and the outline that is left. The late peak is the "
    "period: once it is kept, the comb comes back.",
    start={"kept_numbers": 25},
    kept_numbers=[4, 12, 25, 90],
    lab=(
        "bench/",
        "the slider cepstra kept, in Vocoder bench",
        {
            "corpus": "bundled-en",
            "id": "tt-weasels",
            "vocoder": "world",
            "cepstra": 12,
        },
    ),
)

# %% tags=["hide"]
assert 60 < peak < 90
note(
    f"The peak stands at n = {peak}: {1000 * peak / rate:.2f} ms, so that F0 is {rate / peak:.0f} Hz. A pitch tracker by cepstrum is no more "
    "than that [4]; chapter 4 says why more is needed."
)

# %% [markdown]
# ## Both at once
#
# A cepstrum spends as many numbers on high frequencies as on low ones. So one bends the axis first, as the ear has it, and transforms then: the
# **mel-cepstrum**, of which 25 numbers a frame are enough at our rate (the last figure shows it). The bending is not quite the mel scale but one very near to it,
# which is given by a short formula and can be undone exactly [5]. With a constant $\alpha$ it sends each angle $\omega$ (half a turn is the Nyquist frequency) to
#
# $$ \tilde{\omega} = \omega + 2 \arctan \frac{\alpha \sin \omega}{1 - \alpha \cos \omega}, \qquad
# \ln |H(\omega)| = \sum_{m=0}^{M} c_m \cos(m \tilde{\omega}) $$
#
# Written out: read the log spectrum at places that are equally far apart on the bent axis, and multiply by cosines.

# %%
from synthkit.dsp.melcepstrum import default_alpha, mc2sp, sp2mc


def mel_cepstrum(log_magnitude, order, alpha, places=4096):
    """c_0 … c_order of a log magnitude spectrum."""
    bent = (np.arange(places) + 0.5) * np.pi / places
    angle = bent - 2 * np.arctan(alpha * np.sin(bent) / (1 + alpha * np.cos(bent)))
    axis = np.linspace(0, np.pi, len(log_magnitude))
    read = np.interp(angle, axis, log_magnitude)
    c = np.array([2 * np.mean(read * np.cos(m * bent)) for m in range(order + 1)])
    c[0] /= 2
    return c


alpha = default_alpha(rate)
smooth = outline(cepstrum, 40)  # an envelope without a comb
ours = mel_cepstrum(smooth, 24, alpha)
theirs = sp2mc(np.exp(2 * smooth)[None], 24, alpha)[0]
assert np.abs(ours - theirs).max() < 0.01
back = 0.5 * np.log(mc2sp(theirs[None], alpha, 1024)[0])
note(
    f"With α = {alpha} our numbers and synthkit's (a matrix product, exact) differ by "
    f"{np.abs(ours - theirs).max():.4f} at most, where the largest is "
    f"{np.abs(theirs).max():.1f}. Back from 25 numbers, the envelope is off by "
    f"{20 / np.log(10) * np.sqrt(np.mean((back - smooth) ** 2)):.2f} dB (RMS)."
)

# %% [markdown]
# ## Neither voice nor noise
#
# Even a vowel is not all comb: breath passes through the open glottis, and above a few thousand hertz there is more noise than voice. How much of each band
# is noise is its **aperiodicity**. WORLD [6], the vocoder that we shall use most, describes a frame by three things: F0, a mel-cepstrum
# (of an envelope that was cleaned of the comb), and aperiodicity. (In the code they are `lf0`, the
# logarithm of F0, with `vuv`, whether there is voice; `mcep`; and `bap`, in dB.) To hear what the third is good for, change it and nothing else.

# %%
from synthkit.types import Frames


def with_noise(shift):
    """The copy with aperiodicity moved, in dB: at 0 dB, its most, all is noise."""
    frames = world(24)[1]
    bap = np.clip(frames["bap"] + shift, -60, 0).astype(np.float32)
    data = {name: frames[name] for name in ("mcep", "lf0", "vuv")} | {"bap": bap}
    return part("vocoder", "world").render(Frames(data, frames.spec))


listen(
    {
        "no noise in voiced frames": with_noise(-60),
        "as it was measured": with_noise(0),
        "all noise": with_noise(60),
    },
    "The first buzzes like a toy; the last is a whisper that you know from chapter 2.",
)

# %% [markdown]
# ## What is lost, in numbers
#
# Now more and more numbers for the envelope, everything else as it was. The measure is the **MCD**, mel-cepstral distortion: how far apart two
# spectra are, in dB, as mel-cepstra have it; 0 is the same. (Chapter 12 says how it is defined, and what it does not hear.)

# %% tags=["hide"]
ORDERS = [2, 6, 12, 24, 40]
copies = {order: world(order)[0] for order in ORDERS}
distance = {
    order: sk.measure(recording, copy, metrics=["mcd"])["mcd/synthkit"]["value"]
    for order, copy in copies.items()
}


def copied(order):
    fig, axes = plt.subplots(
        1, 2, figsize=(10, 2.6), layout="constrained", width_ratios=(1, 2.4)
    )
    axes[0].plot(ORDERS, list(distance.values()), ".-")
    axes[0].plot(order, distance[order], "o", color="#d1495b", markersize=9)
    axes[0].set(xlabel="order", ylabel="MCD, dB", ylim=(0, None))
    copies[order].plot(axes[1], spectrogram=True)
    axes[1].set(ylim=(0, 5000))
    return fig, copies[order]


explore(
    copied,
    "Copies by WORLD with mel-cepstra of five orders. At 2 the formants are gone, and the words with them; at 12 one understands "
    "all; from 24 on hardly anything is gained.",
    start={"order": 12},
    order=ORDERS,
    lab=(
        "bench/",
        "the same with any recording, and the difference of both spectrograms",
        {"corpus": "bundled-en", "id": "tt-weasels", "vocoder": "world"},
    ),
)

# %% tags=["hide"]
measured = part("features", "world", f0_ceil=500.0)
frames = measured.extract(recording)
numbers = {
    name: frames[name].reshape(len(frames), -1).shape[1]
    for name in ("mcep", "lf0", "vuv", "bap")
}
per_second = sum(numbers.values()) / frames.spec.frame_period
sound80, mel80 = mels(80)
mel_second = mel80["mel"].shape[1] / mel80.spec.frame_period
mel_distance = sk.measure(recording, sound80, metrics=["mcd"])["mcd/synthkit"][
    "value"
]
assert (
    distance[2] > distance[6] > distance[12] > distance[24]
    and abs(distance[24] - distance[40]) < 0.3
)
note(
    "| description | numbers a second | MCD of the copy, dB |\n|---|---|---|\n"
    f"| samples | {rate:,} | 0 |\n"
    f"| WORLD, order {numbers['mcep'] - 1}: {', '.join(f'{n} {k}' for k, n in numbers.items())} a frame | {per_second:,.0f} | "
    f"{distance[24]:.1f} |\n"
    f"| 80 mel bands | {mel_second:,.0f} | {mel_distance:.1f} |\n\n"
    f"From order 2 to 12 the MCD falls from {distance[2]:.1f} to {distance[12]:.1f} dB, from 24 to 40 by no more than "
    f"{abs(distance[24] - distance[40]):.2f} dB. Both descriptions need fewer numbers than there are samples ({rate / per_second:.1f} and "
    f"{rate / mel_second:.1f} times fewer), and their numbers change slowly from frame to frame: that is what makes them easy to learn."
)

# %% [markdown]
# ## What to remember
#
# - Mel bands see a spectrum as coarsely as the ear; phases are not in them.
# - A cepstrum sorts a log spectrum by how quickly it changes: first the outline, later the comb.
# - WORLD has F0, a mel-cepstrum and aperiodicity: pitch, colour, breath. Each can be changed alone.
# - Copies first: what the description loses, no model brings back.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(3)

# %% [markdown]
# ## Sources
#
# 1. H. Dudley: The vocoder. *Bell Laboratories Record* 18, 122–126, 1939.
# 2. S. S. Stevens, J. Volkmann, E. B. Newman: A scale for the measurement of the psychological magnitude pitch. *Journal of the Acoustical
#    Society of America* 8(3), 185–190, 1937. The formula: D. O'Shaughnessy: *Speech Communication*. Addison-Wesley, 1987.
# 3. D. W. Griffin, J. S. Lim: Signal estimation from modified short-time Fourier transform. *IEEE Transactions on Acoustics, Speech, and
#    Signal Processing* 32(2), 236–243, 1984.
# 4. A. M. Noll: Cepstrum pitch determination. *Journal of the Acoustical Society of America* 41(2), 293–309, 1967.
# 5. K. Tokuda, T. Kobayashi, T. Masuko, S. Imai: Mel-generalized cepstral analysis. *Proc. ICSLP*, 1994.
# 6. M. Morise, F. Yokomori, K. Ozawa: WORLD: a vocoder-based high-quality speech synthesis system for real-time applications. *IEICE
#    Transactions on Information and Systems* E99-D(7), 1877–1884, 2016.
