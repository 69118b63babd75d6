# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Voice
#
# *Why is an ah an ah, however high it is sung?*
#
# Sing *ah* on a low note, then on a high one. Now stay on one note and go from *ah* to *ee*. Both times the sound changes much, and yet
# nobody takes the one change for the other. So there must be two things in a voice that can be changed without each other. This chapter
# takes them apart, measures both, and puts them together again in another way.

# %%
import matplotlib.pyplot as plt
import numpy as np
from scipy.signal import freqz, lfilter

import synthkit as sk
from synthkit.audio import resample
from synthkit_course import cells
from synthkit_course.cells import explore, figure, listen, note

cells.start()
corpus = sk.corpus("bundled-ru")
PLACES = {  # recording, and when the vowel begins and ends in it, in seconds
    "ee": ("ru_0045", 4.472, 4.642),
    "eh": ("ru_0045", 1.872, 2.042),
    "ah": ("ru_0025", 2.572, 2.822),
    "oh": ("ru_0084", 2.192, 2.462),
    "oo": ("ru_0044", 2.172, 2.422),
}

# %% [markdown]
# ## Listen first
#
# Our speaker is now a man who reads Russian, N. V. Shmyrev. First, five vowels of his, cut out of five words; then one and the same vowel
# from three words. Do not think of words. Listen for what stays the same in each row, and for what changes.

# %%


def cut(id, begin, end):
    """A stretch of a recording, with soft ends."""
    sound = sk.read(corpus[id])
    rate = sound.sample_rate
    piece = sound.samples[round(begin * rate) : round(end * rate)].astype(
        np.float64
    )
    fade = np.minimum(1, np.arange(len(piece)) / (0.01 * rate))
    return cells.wave(piece * fade * fade[::-1], rate, peak=0.5)


def row(sounds):
    """Sounds one after the other, with pauses."""
    rest = np.zeros(sounds[0].sample_rate // 4)
    return cells.wave(
        np.concatenate([p for s in sounds for p in (s.samples, rest)]), 16000
    )


vowels = {name: cut(*place) for name, place in PLACES.items()}
others = [("ru_0037", 5.632, 5.842), ("ru_0129", 5.262, 5.412)]
same = [vowels["ah"], *(cut(*place) for place in others)]
listen({"ee, eh, ah, oh, oo": row(list(vowels.values())), "ah, ah, ah": row(same)})

# %% [markdown]
# In the first row the melody stays in one region, and the *colour* changes. In the second, the colour stays, and the melody jumps up.
#
# ## Two machines, one after the other
#
# In the throat there are two folds of muscle with a slit between them, the **glottis**. When air is pressed through, they open and
# close regularly, and let the air pass in puffs. How many puffs there are in a second is the fundamental frequency, **F0**; it is heard as
# pitch. Sounds made in this way are **voiced**. For others, such as s, the slit is wide open, and the noise comes from a narrow place in
# the mouth: they are **unvoiced**.
#
# The puffs by themselves are a buzz. They travel through the throat and the mouth, a bent tube of some length $L$, closed at the
# glottis and open at the lips. Like any tube it lets some frequencies through better than others: its resonances. A smooth tube that
# is closed at one end has them where an odd number of quarter waves fits in,
#
# $$ F_n = (2n - 1) \frac{c}{4 L}, \qquad n = 1, 2, 3, \dots $$
#
# with $c$ the speed of sound, about 350 m/s in warm and moist air [1]. These are the **formants**, the dark bands of chapter 1. Tongue, jaw and
# lips narrow the tube here and there and move them. So the spectrum of a vowel is a product of two things that know nothing of each
# other. This is the theory of **source and filter** [1]:
#
# $$ |X(f)| = |S(f)| \cdot |V(f)| $$

# %%
speed, length = 350.0, 0.175
tube = [(2 * n - 1) * speed / (4 * length) for n in (1, 2, 3)]
note(
    f"A tube of {100 * length:.1f} cm, as books have it for a man [1], has its formants "
    f"at {tube[0]:.0f}, {tube[1]:.0f} and {tube[2]:.0f} Hz: equally far apart. That is "
    "the vowel without a colour at the end of *sofa*. A shorter tube, a child's, has "
    "all of them higher."
)

# %% [markdown]
# Where are the formants of our five vowels? They are counted from below: F1 is the first one, F2 the second. Praat, the program that phoneticians use [2], can tell; synthkit asks it through a plugin.

# %%
from synthkit.plugins import registry

praat = registry().load("features", "praat")()
measured = {}
for name, sound in vowels.items():
    frames = praat.extract(sound)
    middle = len(frames) // 2
    measured[name] = (frames["f0"][middle], *frames["formants"][middle, :3])

lines = [
    f"| {name} | {f0:.0f} | {f1:.0f} | {f2:.0f} | {f3:.0f} |"
    for name, (f0, f1, f2, f3) in measured.items()
]
head = "| vowel | F0, Hz | F1, Hz | F2, Hz | F3, Hz |\n|---|---|---|---|---|\n"
note(head + "\n".join(lines))

# %% [markdown]
# ## Build a vowel
#
# With these numbers we can be the two machines ourselves. The source is a row of pulses, smoothed a little, as the folds do not
# snap. Each formant is a resonator [3], a filter that makes each sample from what comes in, $s[n]$, and from its own last two samples:
#
# $$ y[n] = g \, s[n] + 2 r \cos \theta \; y[n-1] - r^2 \, y[n-2], \qquad \theta = 2 \pi F / f_s, \quad r = e^{-\pi B / f_s} $$
#
# What comes in rings on at frequency $F$ and dies away within about $1 / (\pi B)$ seconds. $B$ is its *bandwidth*: in the spectrum it is
# how wide the peak is, in hertz. `lfilter` is given what stands before the $s$ and, with their signs turned, what stands before the $y$.

# %%
RATE = 16000


def buzz(f0, seconds=0.6):
    """Pulses, f0 of them in a second, each rounded off."""
    turns = np.floor(np.arange(round(seconds * RATE)) * f0 / RATE)
    pulses = np.diff(turns, prepend=-1)
    return lfilter([1.0], [1.0, -1.8, 0.81], pulses)


def ring(x, frequency, bandwidth):
    """A resonance."""
    radius = np.exp(-np.pi * bandwidth / RATE)
    angle = 2 * np.pi * frequency / RATE
    poles = [1.0, -2 * radius * np.cos(angle), radius**2]
    return lfilter([sum(poles)], poles, x)


def say(formants, f0, seconds=0.6):
    sound = np.diff(
        buzz(f0, seconds), prepend=0.0
    )  # the lips: slow pressure is lost
    for formant, bandwidth in zip(
        (*formants, 3500), (60, 90, 150, 250), strict=True
    ):
        sound = ring(sound, formant, bandwidth)
    return cells.wave(sound, RATE, peak=0.5)


# %% tags=["hide"]


def machine(vowel, F0__Hz):
    sound = say(measured[vowel][1:], F0__Hz)
    x = sound.samples[3200:4800] * np.hanning(1600)
    envelope = say(measured[vowel][1:], 10, 0.1).samples.astype(np.float64)
    _, ax = plt.subplots(figsize=(8, 2.8), layout="constrained")
    level = 20 * np.log10(np.abs(np.fft.rfft(x, 8192)) + 1e-4)
    tube = 20 * np.log10(np.abs(np.fft.rfft(envelope, 8192)) + 1e-5)
    f = np.fft.rfftfreq(8192, 1 / RATE)
    low = f < 4000
    ax.plot(
        f[low], level[low] - level[low].max(), linewidth=0.8, label="what is heard"
    )
    ax.plot(
        f[low],
        tube[low] - tube[low].max(),
        linewidth=1.6,
        label="outline: rounded pulses and formants",
    )
    for formant in measured[vowel][1:]:
        ax.axvline(formant, color="#999", linewidth=0.8, linestyle=":")
    ax.set(xlabel="frequency, Hz", ylabel="level, dB", ylim=(-75, 5))
    ax.legend(frameon=False, loc="upper right")
    return ax, sound


explore(
    machine,
    "A vowel from two machines. The pitch sets the teeth of the comb, the vowel its outline; dotted: the formants. Move one slider "
    "and listen for what stays.",
    vowel=["ee", "ah", "oo"],
    F0__Hz=[80, 130, 260],
    start={"vowel": "ah", "F0__Hz": 130},
    lab=(
        "bench/",
        "move the formants of a recording, and its F0, with the sliders of Vocoder bench",
        {
            "corpus": "bundled-ru",
            "id": "ru_0063",
            "vocoder": "world",
            "formants": 1.15,
        },
    ),
)

# %% [markdown]
# It is a robot, but nobody would mistake its *ee* for its *oo*. Three numbers for the vowel and one for the pitch carry that far. At the
# highest pitch the comb has so few teeth that a formant may fall between two of them: that is why it is hard to understand what a
# soprano sings.
#
# ## From the sound back to the filter
#
# Now the other way. Given only the samples, what was the filter? If the tube rings, each sample is nearly determined by the few before
# it: **linear prediction** (**LPC**) says
#
# $$ x[n] \approx \hat{x}[n] = \sum_{k=1}^{p} a_k \, x[n-k] $$
#
# and looks for the $a_k$ that make the squared error $\sum_n (x[n] - \hat{x}[n])^2$ least. Setting its derivatives to zero gives $p$
# equations, which hold nothing of the samples but their **autocorrelation** $r[k] = \sum_n x[n] \, x[n-k]$:
#
# $$ \sum_{j=1}^{p} r[|i - j|] \, a_j = r[i], \qquad i = 1, \dots, p $$
#
# As the matrix has equal values along each diagonal, they can be solved one order after the other (Levinson and Durbin [4]). What is added
# at each order is one number, the reflection at one more piece of the tube.

# %%


def lpc(x, order):
    """Coefficients a_1 … a_p of the best prediction, and the power of what is left."""
    r = np.array([x[k:] @ x[: len(x) - k] for k in range(order + 1)])
    a, error = np.zeros(0), r[0]
    for p in range(order):
        reflection = (r[p + 1] - a @ r[p:0:-1]) / error
        a = np.concatenate([a - reflection * a[::-1], [reflection]])
        error *= 1 - reflection**2
    return a, error


# %% [markdown]
# And the formants? Leave the filter alone, with nothing coming in, and let it ring: $x[n] = \sum_k a_k \, x[n-k]$. Try $x[n] = z^n$ with a complex
# number $z$; it fits exactly where $1 - \sum_k a_k z^{-k} = 0$, a polynomial whose zeros can be computed. From sample to sample $z^n$ turns by the
# angle of $z$, which is a sine of that frequency, and shrinks by $|z|$: the nearer $|z|$ is to 1, the longer it rings, and the narrower the formant is. We ask for five resonances up to 5,000 Hz, as is usual for a man [2], so $p = 10$ at 10,000 samples
# a second, and raise high frequencies first, which the source lacks.

# %%


def prepared(sound):
    """The middle 40 ms at 10 kHz, high frequencies raised, under a window."""
    x = resample(sound, 10000).samples.astype(np.float64)
    x = np.append(x[0], x[1:] - 0.97 * x[:-1])
    middle = len(x) // 2
    return x[middle - 200 : middle + 200] * np.hamming(400)


def formants(sound, order=10):
    """Frequencies of sharp resonances, Hz, from the lowest."""
    a, _ = lpc(prepared(sound), order)
    zeros = np.roots(np.append(1.0, -a))
    zeros = zeros[zeros.imag > 0]
    frequency = np.angle(zeros) * 10000 / (2 * np.pi)
    bandwidth = -np.log(np.abs(zeros)) * 10000 / np.pi
    return np.sort(frequency[(bandwidth < 500) & (frequency > 90)])


from scipy.linalg import solve_toeplitz

x = prepared(vowels["ah"])
a, left = lpc(x, 10)
r = np.correlate(x, x, "full")[len(x) - 1 : len(x) + 10]
assert np.allclose(a, solve_toeplitz(r[:10], r[1:11]))

# %%
ours = {name: formants(sound)[:2] for name, sound in vowels.items()}
off = np.array([np.abs(ours[v] - np.array(measured[v][1:3])) for v in vowels])
assert np.median(off) < 60
note(
    f"A page of Python and Praat differ by {np.median(off):.0f} Hz in the median over "
    f"F1 and F2 of the five vowels, and by {off.max():.0f} Hz at most. (Praat uses "
    "Burg's method and another window.) The prediction leaves "
    f"{100 * left / (x @ x):.1f} % of the power of the *ah* unexplained."
)

# %% [markdown]
# The order is a choice: with too few numbers there is no room for all formants, with too many the prediction begins to follow
# the teeth of the comb, which belong to the source.

# %% tags=["hide"]


def ordered(order):
    a, error = lpc(x, order)
    f, response = freqz([np.sqrt(error)], np.append(1.0, -a), 1024, fs=10000)
    _, ax = plt.subplots(figsize=(8, 2.8), layout="constrained")
    spectrum = 20 * np.log10(np.abs(np.fft.rfft(x, 4096)) + 1e-6)
    ax.plot(
        np.fft.rfftfreq(4096, 1e-4),
        spectrum,
        linewidth=0.7,
        label="spectrum of the ah",
    )
    ax.plot(
        f,
        20 * np.log10(np.abs(response)),
        linewidth=1.8,
        label=f"prediction of order {order}",
    )
    ax.set(
        xlabel="frequency, Hz",
        ylabel="level, dB",
        ylim=(spectrum.max() - 70, spectrum.max() + 8),
    )
    ax.legend(frameon=False, loc="upper right")
    return ax


explore(
    ordered,
    "The spectrum of the ah and the filter that linear prediction finds. Order 4 has room for two resonances; at 10 the formants "
    "stand free; at 100 the red line follows single harmonics.",
    start={"order": 10},
    order=[4, 10, 24, 100],
    lab=(
        "bench/",
        "another way to smooth a spectrum, which is that of chapter 3, in Vocoder bench",
        {"corpus": "bundled-ru", "id": "ru_0063", "vocoder": "world", "cepstra": 8},
    ),
)

# %% [markdown]
# ## A map of vowels
#
# Take every stressed vowel of thirty recordings, find its first two formants, and draw them as points. Phoneticians draw the axes
# backwards, so that the map looks like a mouth seen from the left: the tongue in front is on the left, the jaw open below.

# %% tags=["hide"]
from synthkit.labels import read_alignment

SIGNS = {"ii": "ee", "ee": "eh", "aa": "ah", "oo": "oh", "uu": "oo"}
points = {name: [] for name in SIGNS.values()}
for utterance in corpus.utterances[:30]:
    for phone in read_alignment(utterance.labels).phones:
        if phone.label in SIGNS and phone.end - phone.start > 0.07:
            found = formants(cut(utterance.id, phone.start, phone.end))
            if len(found) >= 2:
                points[SIGNS[phone.label]].append(found[:2])

middle = {name: np.median(rows, axis=0) for name, rows in points.items()}
fig, ax = plt.subplots(figsize=(6.5, 4.4), layout="constrained")
for name, rows in points.items():
    f1, f2 = np.transpose(rows)
    (dots,) = ax.plot(f2, f1, ".", markersize=4, alpha=0.6)
    ax.text(
        *middle[name][::-1],
        name,
        fontsize=16,
        fontweight="bold",
        color=dots.get_color(),
        ha="center",
    )
ax.set(xlabel="F2, Hz (tongue in front: left)", ylabel="F1, Hz (mouth open: below)")
ax.set(xlim=(2600, 450), ylim=(800, 200))
figure(
    fig,
    "Stressed vowels of one speaker by their first two formants, each a point; letters at the medians.",
)

# %% tags=["hide"]
count = sum(map(len, points.values()))
assert (
    middle["ee"][0] < middle["eh"][0] < middle["ah"][0]
    and middle["oo"][1] < middle["ee"][1]
)
note(
    f"{count} vowels. From *ee* to *ah* the mouth opens, and the median F1 climbs from {middle['ee'][0]:.0f} to "
    f"{middle['ah'][0]:.0f} Hz. From *oo* to *ee* the tongue comes forward, and the median F2 goes from {middle['oo'][1]:.0f} to "
    f"{middle['ee'][1]:.0f} Hz. The clouds overlap: vowels in running speech are hurried, and coloured by their neighbours. To say a "
    "sound right, a synthesiser has to know what stands beside it."
)

# %% [markdown]
# ## Take the voice away
#
# If the filter is known, it can be undone. What prediction leaves, $e[n] = x[n] - \hat{x}[n]$, is the source. It is called the **residual**. And
# nobody forces us to put the same source back: what if the filter is fed with noise?

# %%


def remade(x, source, order=18, size=640):
    """Frame by frame: undo the filter, exchange the source, filter again."""
    hop, window = size // 2, np.hanning(size + 1)[:size]
    residual, out = np.zeros(len(x)), np.zeros(len(x))
    for at in range(0, len(x) - size, hop):
        frame = x[at : at + size] * window
        a, _ = lpc(
            frame + 1e-6 * np.random.default_rng(at).normal(size=size), order
        )
        inverse = np.append(1.0, -a)
        e = lfilter(inverse, [1.0], frame)
        new = source(e)
        residual[at : at + size] += e
        out[at : at + size] += lfilter(
            [1.0], inverse, new * np.sqrt((e @ e) / (new @ new))
        )
    return residual, out


# %%
def noise(e):
    return np.random.default_rng(len(e)).normal(size=len(e)) * np.hanning(len(e))


sentence = sk.read(corpus["ru_0063"])
samples = sentence.samples.astype(np.float64)
residual, whisper = remade(samples, noise)
listen(
    {
        "the recording": sentence,
        "its residual: the source alone": cells.wave(residual, 16000, peak=0.4),
        "noise through the same filters": cells.wave(whisper, 16000, peak=0.4),
    },
    "For seven years, he says, neither bullet nor bayonet could kill me. "
    "Which words are lost in the second, and in the third?",
)

# %% [markdown]
# The third is a whisper: all the words, no pitch, no speaker's melody. The second is a buzz with the whole melody and hardly any words (some:
# the filter of eighteen numbers is not perfect). Source and filter can be taken apart, and much of speech synthesis lives on it.
#
# ## Not quite regular
#
# A living voice is no machine. Each period $T_i$ is a little longer or shorter than the one before, and each peak $A_i$ a little higher or
# lower. The mean step from one to the next, over the mean, is the **jitter** of periods and the **shimmer** of amplitudes:
#
# $$ \text{jitter} = \frac{\frac{1}{N-1} \sum_{i=2}^{N} |T_i - T_{i-1}|}{\frac{1}{N} \sum_{i=1}^{N} T_i}, \qquad
# \text{shimmer} = \frac{\frac{1}{N-1} \sum_{i=2}^{N} |A_i - A_{i-1}|}{\frac{1}{N} \sum_{i=1}^{N} A_i} $$

# %%
from synthkit_praat.features import voice_report


def shaky(percent, seconds=1.0, f0=120, seed=1):
    """An ah whose periods are not equal, and its true jitter."""
    rng = np.random.default_rng(seed)
    periods = (1 + percent / 100 * rng.normal(size=round(seconds * f0))) / f0
    at = np.cumsum(periods) * RATE
    whole, between = np.divmod(at[at < (seconds - 0.01) * RATE], 1)
    pulses = np.zeros(
        round(seconds * RATE)
    )  # a pulse between two samples is shared
    pulses[whole.astype(int)] = 1 - between
    pulses[whole.astype(int) + 1] = between
    sound = np.diff(lfilter([1.0], [1.0, -1.8, 0.81], pulses), prepend=0.0)
    for formant, bandwidth in zip(
        (*measured["ah"][1:], 3500), (60, 90, 150, 250), strict=True
    ):
        sound = ring(sound, formant, bandwidth)
    true = np.abs(np.diff(periods)).mean() / periods.mean()
    return cells.wave(sound, RATE, peak=0.5), true


# %% tags=["hide"]


def shaken(spread_of_periods__percent):
    sound, true = shaky(spread_of_periods__percent)
    said = voice_report(sound)["jitter"]
    _, ax = plt.subplots(figsize=(8, 1.9), layout="constrained")
    ax.plot(1000 * np.arange(1600) / RATE, sound.samples[4000:5600], linewidth=0.8)
    ax.set(
        xlabel="time, ms",
        title=f"jitter {100 * true:.2f} %; Praat finds {100 * said:.2f} %",
        ylim=(-0.6, 0.6),
    )
    return ax, sound


explore(
    shaken,
    "The same ah with more and more jitter. None: a machine. A little: livelier. Much: hoarse.",
    spread_of_periods__percent=[0, 0.5, 2, 5],
    lab=(
        "bench/",
        "a recording whose F0 is its median everywhere: hear a voice become a machine",
        {"corpus": "bundled-ru", "id": "ru_0063", "vocoder": "world", "f0": "flat"},
    ),
)

# %% tags=["hide"]
sound, true = shaky(2)
found = voice_report(sound)["jitter"]
assert abs(found - true) < 0.25 * true
english = sk.read(sk.corpus("bundled-en")["tt-weasels"])
his, hers = voice_report(sentence), voice_report(english, f0_floor=100, f0_ceil=500)
note(
    f"For the third state our formula gives {100 * true:.2f} % and Praat, which has only the sound, {100 * found:.2f} %. In the recordings of "
    f"this chapter and the last Praat finds a jitter of {100 * his['jitter']:.1f} % for him and {100 * hers['jitter']:.1f} % for her, and a "
    f"shimmer of {100 * his['shimmer']:.0f} % and {100 * hers['shimmer']:.0f} %. Doctors measure a steady, long *ah*, and take about 1 % of "
    "jitter for the border of what is healthy [5]; in running speech much of it is melody, as the pitch moves from period to period. "
    "So a number means little without how it was measured; we shall meet that again."
)

# %% [markdown]
# ## What to remember
#
# - Source times filter. The source gives pitch (or noise), the filter the vowel, and each can be exchanged.
# - Formants are resonances of the tube; the first two nearly tell the vowel.
# - Linear prediction finds the filter from samples; undone, it leaves the residual.
# - Voices are slightly irregular (jitter, shimmer), and sound dead if they are not.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(2)

# %% [markdown]
# ## Sources
#
# 1. G. Fant: *Acoustic Theory of Speech Production*. Mouton, The Hague, 1960. (Source and filter; the tube.)
# 2. P. Boersma: Praat, a system for doing phonetics by computer. *Glot International* 5(9/10), 341–345, 2001; its manual, page
#    "Sound: To Formant (burg)".
# 3. D. H. Klatt: Software for a cascade/parallel formant synthesizer. *Journal of the Acoustical Society of America* 67(3), 971–995,
#    1980.
# 4. J. Makhoul: Linear prediction: a tutorial review. *Proceedings of the IEEE* 63(4), 561–580, 1975.
# 5. Praat's manual, page "Voice 2. Jitter" (it names 1.04 % as the threshold of the MDVP program), 2003 and later.
