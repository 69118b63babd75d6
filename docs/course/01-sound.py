# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Sound
#
# *Can I see in a recording what was said?*
#
# A recording is a long row of numbers. Nobody can read a sentence in it. Yet there is a picture in which people who have
# practised for some weeks do read words [5], and with which most of this course works. This chapter makes that picture, step by
# step, from the numbers; at its end you have written it yourself.

# %%
import matplotlib.pyplot as plt
import numpy as np

import synthkit as sk
from synthkit_course import cells
from synthkit_course.cells import explore, figure, listen, note

cells.start()
recording = sk.read(sk.corpus("bundled-en")["tt-weasels"])
x, rate = recording.samples.astype(np.float64), recording.sample_rate


def part(begin, end):
    """Samples from one time to another, in seconds."""
    return x[round(begin * rate) : round(end * rate)]


# %% [markdown]
# ## Listen first
#
# The sentence is *Weasels have eaten our phone system.* It is one of the messages of a telephone exchange, spoken by Allison
# Smith. Play it twice. The second time, mark two kinds of sound only: those that you could *sing*, such as the
# vowel of *wea-*, and those that *hiss*, such as the beginning of *system*. Below, each of them is cut out and repeated until
# it is long enough to be heard by itself.

# %%
ea, s = part(0.27, 0.40), part(2.13, 2.23)
listen(
    {
        "the whole sentence": recording,
        "the vowel of wea-": cells.wave(np.tile(ea, 5), rate),
        "the s of system": cells.wave(np.tile(s, 6), rate),
    },
    "Which of the two has a pitch, so that you could sing it?",
)

# %% [markdown]
# Keep both in mind. When the picture is right, they have to look as different as they sound.
#
# ## From air to numbers
#
# Sound is pressure that goes up and down. A microphone turns pressure into voltage, and a converter measures the voltage at equal
# steps of time. One such measurement is a **sample**; how many there are in a second is the **sample rate** $f_s$, in hertz (Hz,
# times a second). What is stored is only the row of samples
#
# $$ x[n] = p(n / f_s), \qquad n = 0, 1, 2, \dots $$
#
# scaled so that the loudest value that can be stored is 1. Drawn over time, the samples are the **waveform**.

# %% tags=["hide"]
note(
    f"Our recording has {len(x):,} samples at {rate:,} Hz: it lasts {len(x) / rate:.2f} s, and between two samples "
    f"{1e6 / rate:.1f} µs go by. The largest of them is {np.abs(x).max():.2f}."
)

# %% [markdown]
# Look at it from afar, and then closer and closer.

# %% tags=["hide"]


def zoom(width__ms):
    _, axes = plt.subplots(
        1, 2, figsize=(9, 2.4), layout="constrained", sharey=True
    )
    for ax, middle, name in zip(
        axes, (0.335, 2.18), ("the vowel of wea-", "the s of system"), strict=True
    ):
        half = width__ms / 2000
        begin = max(middle - half, 0)
        piece = part(begin, middle + half)
        dots = {"marker": ".", "markersize": 4} if width__ms <= 5 else {}
        ax.plot(
            1000 * (begin + np.arange(len(piece)) / rate),
            piece,
            linewidth=0.8,
            **dots,
        )
        ax.set(title=name, xlabel="time, ms", ylim=(-0.75, 0.75))
    axes[0].set_ylabel("amplitude")
    return axes


explore(
    zoom,
    "The waveform around two sounds, from two thirds of a second down to a few samples. The vowel repeats itself, again and "
    "again; the s never does.",
    width__ms=[640, 160, 40, 5],
    lab=(
        "bench/",
        "this recording, and others, in the panel Vocoder bench",
        {"corpus": "bundled-en", "id": "tt-weasels"},
    ),
)

# %% [markdown]
# At the widest view there is a dark mass that is thick where the voice is loud: it tells *when* something is said, hardly *what*.
# Closer, the vowel shows a pattern that comes back; one turn of it is a **period**, and how many periods there are in a second is
# what we hear as pitch. (The next chapter is about where they come from.) The s has no period. So one of our two sounds can
# already be told from the other.
#
# ## How loud
#
# The thickness of the waveform can be made a number. Squares make negative samples count as positive ones do; their mean over $N$
# samples is the power, and its root the **RMS** (root mean square). Ears judge ratios, not differences, so one takes a logarithm.
# The result is a level in **decibels** (**dB**):
#
# $$ L = 20 \log_{10} \sqrt{\frac{1}{N} \sum_{n} x[n]^2} $$
#
# A level of 0 dB is that of the number 1, so that all levels in a file are below zero.

# %%


def level(samples):
    """Level in dB of a stretch of samples."""
    return 20 * np.log10(np.sqrt(np.mean(samples**2)))


quiet = part(2.94, 2.95)
note(
    f"The vowel has {level(ea):.1f} dB, the s {level(s):.1f} dB, the silence at "
    f"the end {level(quiet):.1f} dB. So the vowel is {level(ea) - level(s):.1f} dB "
    f"above the s: {10 ** ((level(ea) - level(s)) / 20):.1f} times the amplitude."
)

# %% [markdown]
# ## What it is made of
#
# Fourier's idea: any stretch of $N$ samples is a sum of sines, whose frequencies are the multiples of $f_s / N$. How much of each
# is in it, is its **spectrum**. To find the amount of frequency number $k$, multiply the samples by a cosine and a sine of that
# frequency and add up. With complex numbers that is one line, the **discrete Fourier transform** (**DFT**):
#
# $$ X[k] = \sum_{n=0}^{N-1} x[n] \, e^{-2 \pi i k n / N}, \qquad f_k = k \, \frac{f_s}{N} $$
#
# $|X[k]|$ says how much there is of frequency $f_k$. Two things follow, and both are met every day:
#
# - Frequencies lie $f_s / N$ apart. A longer stretch tells frequencies better, and times worse.
# - $k$ goes to $N / 2$ only. Half the sample rate is the highest frequency there is: the **Nyquist frequency**.

# %%


def dft(samples):
    """The transform as the formula has it: a sum for each frequency."""
    n = np.arange(len(samples))
    return np.array(
        [
            np.sum(samples * np.exp(-2j * np.pi * k * n / len(n)))
            for k in range(len(n) // 2 + 1)
        ]
    )


frame = part(0.33, 0.33 + 0.032)
slow, fast = dft(frame), np.fft.rfft(frame)
assert np.allclose(slow, fast)
note(
    f"Our sums and `np.fft.rfft` differ by {np.abs(slow - fast).max():.1e} at most. "
    "The **fast Fourier transform** (**FFT**) gives the same numbers; it only "
    "shares the work. For "
    f"{len(frame)} samples the formula takes {len(slow) * len(frame):,} products, "
    f"the FFT some {round(len(frame) * np.log2(len(frame))):,}. The frequencies lie "
    f"{rate / len(frame):.2f} Hz apart, from 0 to {rate / 2:,.0f} Hz."
)

# %% tags=["hide"]
fig, axes = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained", sharey=True)
for ax, piece, name in zip(
    axes, (part(0.31, 0.35), part(2.16, 2.20)), ("vowel", "s"), strict=True
):
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece))))
    ax.plot(
        np.fft.rfftfreq(len(piece), 1 / rate),
        20 * np.log10(spectrum + 1e-4),
        linewidth=0.9,
    )
    ax.set(title=name, xlabel="frequency, Hz", ylim=(-60, 45))
axes[0].set_ylabel("level, dB")
figure(
    fig,
    "Spectra of 40 ms of the vowel and of the s. The vowel is a comb of equally distant peaks at low frequencies; the s is rough, "
    "and strongest at the top.",
)

# %% [markdown]
# The teeth of the comb are the **harmonics**: what repeats itself $F$ times a second can only hold the frequencies $F, 2F, 3F,
# \dots$ Their distance is the pitch.

# %%
piece = part(0.31, 0.35)
power = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 16 * len(piece))) ** 2
frequencies = np.fft.rfftfreq(16 * len(piece), 1 / rate)
low = (frequencies > 120) & (frequencies < 320)
first = frequencies[low][np.argmax(power[low])]
high = power[frequencies > 4000].sum() / power.sum()
hiss = np.abs(np.fft.rfft(s)) ** 2
hiss_high = hiss[np.fft.rfftfreq(len(s), 1 / rate) > 4000].sum() / hiss.sum()
note(
    f"The first harmonic of the vowel is at {first:.0f} Hz: so many periods a second. "
    f"Above 4,000 Hz the vowel has {100 * high:.2f} % of its power, and the s "
    f"{100 * hiss_high:.0f} %."
)

# %% [markdown]
# ## Why the ends are made soft
#
# In the code of the last figures each piece was multiplied by `np.hanning` before its transform. Why? A transform takes its $N$ samples for one
# turn of something that repeats for ever. Where the end does not fit the beginning there is a jump, and a jump holds all
# frequencies: they leak over the whole spectrum. A **window** fades the frame in and out, so that there is no jump. The usual one
# is Hann's,
#
# $$ w[n] = \frac{1}{2} - \frac{1}{2} \cos \frac{2 \pi n}{N}. $$

# %% tags=["hide"]
size = 512
t = np.arange(size) / rate
tones = np.sin(2 * np.pi * 1010 * t) + 0.01 * np.sin(2 * np.pi * 2900 * t)
hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
fig, ax = plt.subplots(figsize=(9, 2.8), layout="constrained")
leak = {}
for name, window in (("cut out (no window)", np.ones(size)), ("Hann window", hann)):
    spectrum = 20 * np.log10(
        np.abs(np.fft.rfft(tones * window)) / window.sum() * 2 + 1e-9
    )
    leak[name] = spectrum[np.argmin(np.abs(np.fft.rfftfreq(size, 1 / rate) - 5000))]
    ax.plot(np.fft.rfftfreq(size, 1 / rate), spectrum, label=name)
ax.set(xlabel="frequency, Hz", ylabel="level, dB", ylim=(-120, 5))
ax.legend(frameon=False)
figure(
    fig,
    "Two tones, at 1,010 and 2,900 Hz, the second 40 dB weaker. Cut out hard, the first one leaks so much that the second is nearly "
    "buried; under a Hann window both stand free.",
)

# %% tags=["hide"]
bare, soft = leak["cut out (no window)"], leak["Hann window"]
note(
    f"At 5,000 Hz, where there is nothing, one reads {bare:.0f} dB without a window and {soft:.0f} dB with it: {bare - soft:.0f} dB "
    "less that is not there. The price: each peak is about twice as wide."
)

# %% [markdown]
# ## Spectrum after spectrum
#
# Speech changes all the time, so one spectrum of a whole sentence says little. Cut the recording into short overlapping
# **frames**, each a **hop** after the one before, take the spectrum of each, and stand them side by side, dark where there is
# much. That is the **spectrogram**:
#
# $$ S[k, t] = 20 \log_{10} \left| \sum_{n=0}^{N-1} w[n] \, x[n + tH] \, e^{-2 \pi i k n / N} \right| $$
#
# with $H$ the hop in samples. In Python it is hardly longer than the formula:

# %%


def spectrogram(samples, size, hop):
    """Magnitudes of the frames of `samples`, shape (frames, size // 2 + 1)."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    starts = range(0, len(samples) - size + 1, hop)
    return np.array(
        [np.abs(np.fft.rfft(window * samples[at : at + size])) for at in starts]
    )


ours = spectrogram(x, 512, 80)

# %% [markdown]
# synthkit has the same inside, for what chapter 3 is about. Its frames are described by a specification: nothing about them may be left
# to guess. (The lines of `bands` and `scale` are for chapter 3; they do not change these numbers.)

# %%
from synthkit.dsp.mel import magnitudes
from synthkit.dsp.specs import MelSpec

frames = {
    "n_fft": 512,
    "win_length": 512,
    "hop_length": 80,
    "window": "hann",
    "padding": "none",
}
bands = {
    "n_mels": 80,
    "fmin": 0.0,
    "fmax": 8000.0,
    "mel_scale": "htk",
    "mel_norm": "none",
}
scale = {"power": 1.0, "log_base": "e", "floor": 1e-5, "normalisation": "none"}
theirs = np.concatenate(
    list(magnitudes(x, MelSpec(rate, **frames, **bands, **scale)))
)

assert ours.shape == theirs.shape and np.allclose(ours, theirs, atol=1e-6)
note(
    f"Both have {ours.shape[0]} frames of {ours.shape[1]} frequencies, "
    f"and differ by {np.abs(ours - theirs).max():.1e} at most."
)

# %% tags=["hide"]


def picture(magnitude, size, hop, ax):
    db = 20 * np.log10(magnitude.T + 1e-5)
    ends = (size / 2 / rate, (size / 2 + hop * len(magnitude)) / rate)
    ax.imshow(
        db,
        origin="lower",
        aspect="auto",
        extent=(*ends, 0, rate / 2),
        vmin=db.max() - 70,
        vmax=db.max(),
    )
    ax.set(xlim=(0, len(x) / rate), xlabel="time, s", ylabel="frequency, Hz")


fig, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
picture(ours, 512, 80, ax)
for at, sound in (
    (0.33, "ea"),
    (0.83, "z"),
    (1.49, "n"),
    (1.92, "o"),
    (2.18, "s"),
    (2.40, "s"),
    (2.455, "t"),
):
    ax.text(at, 8100, sound, ha="center", va="bottom")
figure(
    fig,
    "The spectrogram that we have just written: Weasels have eaten our phone system. The letters stand above some of the sounds.",
)

# %% [markdown]
# Now read it. The s of *system* (and the z of *weasels*) are dark clouds at the top. Vowels are striped at the bottom, and broad
# dark bands bend through them: these are the **formants**, and which vowel it is lies in their places (chapter 2). Before the t
# there is a white gap, as no air leaves the mouth. The n is strong only at the very bottom. So yes, what was said can be seen.
#
# ## Time or frequency: not both
#
# One choice is left: how long is a frame? A peak under a Hann window of $T$ seconds is about
#
# $$ \Delta f \approx \frac{4}{T} $$
#
# wide, from one zero to the next. Harmonics that are less far apart melt into each other; but what happens within $T$ seconds is
# smeared as well. Move the slider from a short window to a long one, and watch the stripes.

# %% tags=["hide"]


def windowed(window__ms):
    size, hop = round(window__ms * rate / 1000), 40
    padded = np.pad(x, size // 2)
    db = 20 * np.log10(spectrogram(padded, size, hop).T + 1e-5)
    at = round(1.2 * rate / hop), round(2.1 * rate / hop)
    _, ax = plt.subplots(figsize=(9, 3), layout="constrained")
    shown = db[: round(4000 * size / rate), at[0] : at[1]]
    limits = {"vmin": shown.max() - 55, "vmax": shown.max()}
    ax.imshow(
        shown, origin="lower", aspect="auto", extent=(1.2, 2.1, 0, 4000), **limits
    )
    ax.set(xlabel="time, s", ylabel="frequency, Hz")
    return ax


explore(
    windowed,
    "The same 0.9 s (eaten our phone) with windows of four lengths. Short: upright stripes, one for each period of the voice. "
    "Long: level stripes, one for each harmonic. It is one and the same voice.",
    start={"window__ms": 32},
    window__ms=[3, 12, 32, 80],
    lab=(
        "",
        "the spectrogram of anything that a voice says",
        {"voice": "demo-en", "text": "Weasels have eaten our phone system."},
    ),
)

# %% tags=["hide"]
piece = part(1.90, 1.96)
correlation = np.correlate(piece, piece, "full")[len(piece) - 1 :]
lags = np.arange(rate // 400, rate // 120)
period = 1000 * lags[np.argmax(correlation[lags])] / rate
assert period > 3 and 4 / 0.032 < 1000 / period < 4 / 0.012
note(
    f"In the o of *phone* a period lasts {period:.1f} ms, so that the harmonics lie {1000 / period:.0f} Hz apart. A window of 3 ms is "
    f"shorter than one period: each is seen by itself, but peaks are {4 / 0.003:.0f} Hz wide, and no harmonic can be told from the "
    f"next. With 32 ms they are {4 / 0.032:.0f} Hz wide, narrower than the distance of harmonics. The first is called a **wideband "
    "spectrogram**, the last a **narrowband spectrogram**."
)

# %% [markdown]
# ## What a sample rate throws away
#
# Above the Nyquist frequency nothing can be stored. Old telephones sampled 8,000 times a second [4]. Choose a rate and listen to what
# becomes of the s. (What lies above the new limit is taken out first, by a filter that lets only low frequencies pass, a low-pass. Exercise 3 is
# about what happens otherwise: frequencies above the limit come back as others below it, which is **aliasing**.)

# %% tags=["hide"]
from synthkit.audio import resample


def kept(sample_rate__Hz):
    low = (
        recording
        if sample_rate__Hz == rate
        else resample(recording, sample_rate__Hz)
    )
    again = resample(low, rate) if low is not recording else low
    _, ax = plt.subplots(figsize=(9, 2.4), layout="constrained")
    picture(spectrogram(again.samples.astype(np.float64), 512, 80), 512, 80, ax)
    return ax, low


explore(
    kept,
    "The sentence at four sample rates, each with its sound. Half the rate is the highest frequency that is left.",
    sample_rate__Hz=[16000, 8000, 4000, 2000],
    lab=(
        "bench/",
        "choose a file of your own, and see what of it lies above these limits",
        {"corpus": "bundled-en", "id": "tt-weasels"},
    ),
)

# %% tags=["hide"]
total = np.abs(np.fft.rfft(x)) ** 2
bins = np.fft.rfftfreq(len(x), 1 / rate)
note(
    f"Of the power of the whole sentence, {100 * total[bins < 2000].sum() / total.sum():.1f} % lies below 2,000 Hz; yet with a rate of "
    f"4,000 Hz all that made the s an s is gone: {100 * hiss[np.fft.rfftfreq(len(s), 1 / rate) > 2000].sum() / hiss.sum():.1f} % of "
    "its power was above. Loudness and meaning are not the same thing, and a good part of speech synthesis is about that."
)

# %% [markdown]
# ## What to remember
#
# - A recording is samples at a rate; what is above half the rate is not in it.
# - A spectrum says how much there is of each frequency in a stretch; a window keeps strong ones from burying weak ones.
# - A spectrogram is spectra of frames, one hop after the other. A short window shows periods, a long one harmonics.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(1)

# %% [markdown]
# ## Sources
#
# 1. J. Fourier: *Théorie analytique de la chaleur*. Firmin Didot, Paris, 1822. (A sum of sines.)
# 2. J. W. Cooley, J. W. Tukey: An algorithm for the machine calculation of complex Fourier series. *Mathematics of Computation* 19,
#    297–301, 1965. (The FFT.)
# 3. F. J. Harris: On the use of windows for harmonic analysis with the discrete Fourier transform. *Proceedings of the IEEE* 66(1),
#    51–83, 1978.
# 4. C. E. Shannon: Communication in the presence of noise. *Proceedings of the IRE* 37(1), 10–21, 1949. (What a rate can hold);
#    ITU-T Recommendation G.711: Pulse code modulation of voice frequencies, 1988. (The telephone's rate.)
# 5. R. K. Potter, G. A. Kopp, H. C. Green: *Visible Speech*. Van Nostrand, New York, 1947. (People who learned to read it.)
