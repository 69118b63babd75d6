# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # Joining and changing
#
# *How can a video be played at one and a half times its speed without squeaking?*
#
# Turn a record player too fast, and everybody on it becomes a mouse. The player in your browser does not do that: it speaks faster and stays
# itself. Nothing is recorded anew, and no machine has learned what speech is. It cuts the sound into small pieces and lays them out again. In this chapter
# you write that, fewer than forty lines, and use it twice: to change how a recording was spoken, and to mend the joins of chapter 7.

# %%
from functools import cache

import matplotlib.pyplot as plt
import numpy as np

import synthkit as sk
from synthkit.audio import resample
from synthkit.plugins import registry
from synthkit_course import cells
from synthkit_course.cells import explore, figure, listen, note
from synthkit_course.voices import voice

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
# The sentence of chapter 1, four times: as it was recorded; played faster, as from a record; *said* faster; and, as long as it was, said higher. Between
# the second and the third, what is the same, and what is not? In the last one, is it another woman or the same?

# %%
from synthkit_unit_selection.modify import modify


def played(speed):
    """The samples as they are, but more of them in a second."""
    return resample(cells.wave(x, round(rate * speed)), rate)


def said(speed=1.0, pitch=1.0):
    """What synthkit makes of it; we write it ourselves below."""
    return cells.wave(
        modify(recording.samples, rate, speed=speed, pitch=pitch), rate
    )


listen(
    {
        "as recorded": recording,
        "played faster": played(1.5),
        "said faster": said(speed=1.5),
        "said higher": said(pitch=1.4),
    },
    "Which of them has a larger mouth, which a smaller one?",
)

# %% tags=["hide"]
tracker = part(
    "features", "world", f0_floor=60.0, f0_ceil=700.0, aperiodicity=False
)


def height(sound):
    """The median F0 of a sound, Hz."""
    samples = np.asarray(getattr(sound, "samples", sound))
    frames = tracker.extract(cells.wave(samples, rate))
    return float(np.exp(np.median(frames["lf0"][frames["vuv"] > 0.5])))


own, fast, quick, high = (
    height(s) for s in (recording, played(1.5), said(speed=1.5), said(pitch=1.4))
)
assert abs(fast / own - 1.5) < 0.1 and abs(quick / own - 1) < 0.03
assert abs(high / own - 1.4) < 0.07
note(
    f"Both fast ones last {said(speed=1.5).duration:.2f} s, where the recording lasts {recording.duration:.2f} s. The median of F0 is {own:.0f} Hz in the "
    f"recording, {fast:.0f} Hz where it was played faster, {quick:.0f} Hz where it was said faster; in the last it is {high:.0f} Hz, "
    f"{high / own:.2f} times as high, and nothing has become faster."
)

# %% [markdown]
# ## Frames laid out anew
#
# Played faster, each wave of the sound takes less time: the waves of F0 and those of the formants alike, so that the mouth seems to shrink. To be said faster, the waves must
# stay as they are, and there must be fewer of them. So cut the recording into frames (chapter 1), and lay them down closer together, or farther apart, than they
# were. For that frames need soft ends. With Hann's window $w$, and each frame beginning half a frame after the one before, as one window falls the next one rises,
#
# $$ \sum_k w[n - k H] = 1 \qquad (H \text{ half the frame}) $$
#
# so that frames that are laid down where they came from add up to the recording. That is **overlap-add** (**OLA**) [1]. For another speed, the frame that begins at
# $kH$ in the result is taken from $\alpha k H$ in the recording: $\alpha = 2$ is twice as fast.

# %%


def overlap_add(x, frame, speed):
    """Frames of so many samples, taken at another speed than they are laid down."""
    hop = frame // 2
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame) / frame)
    starts = np.arange(0, round(len(x) / speed), hop)
    out, padded = np.zeros(starts[-1] + frame), np.pad(x, (0, frame))
    for start in starts:
        source = round(start * speed)
        out[start : start + frame] += window * padded[source : source + frame]
    return out


same = overlap_add(x, 640, speed=1.0)
assert np.allclose(same[320 : len(x) - 320], x[320:-320])
error = np.abs(same[320 : len(x) - 320] - x[320:-320]).max()
note(
    f"At speed 1 the recording comes back: the largest error is {error:.0e} (but for "
    "half a frame at both ends, which has only one window)."
)

# %% [markdown]
# Now slower. Whatever the length of the frame, something is wrong. Take a short one first.

# %% tags=["hide"]


def likeness(sound):
    """How alike a period and the next are: over loud frames, the mean of the highest autocorrelation (1: the same)."""
    size, best = 640, []
    lags = np.arange(rate // 400, rate // 80)
    for a in range(0, len(sound) - size - lags[-1], 320):
        frame = sound[a : a + size]
        if np.sqrt(np.mean(frame**2)) < 0.05:
            continue
        moved = np.lib.stride_tricks.sliding_window_view(
            sound[a : a + size + lags[-1]], size
        )
        energy = np.sqrt((moved[lags] ** 2).sum(1) * (frame @ frame))
        best.append((moved[lags] @ frame / energy).max())
    return float(np.median(best))


# %% tags=["hide"]
SLOW, LENGTHS = 0.75, [10, 20, 40, 80]
slow = {ms: overlap_add(x, round(ms * rate / 1000), SLOW) for ms in LENGTHS}
alike = {ms: likeness(y) for ms, y in slow.items()}


def plain(frame__ms):
    y, hop = slow[frame__ms], frame__ms * rate // 2000
    _, axes = plt.subplots(
        2, 1, figsize=(9, 3.0), layout="constrained", sharey=True
    )
    t = np.arange(round(0.06 * rate)) / rate
    begins = round(1.86 * rate)
    axes[0].plot(1000 * t, x[begins : begins + len(t)], color="#999999")
    axes[0].set_title("the recording", fontsize=10)
    begins = round(begins / SLOW)
    axes[1].plot(1000 * t, y[begins : begins + len(t)])
    first = -begins % hop
    seams = np.arange(first, len(t), hop)
    axes[1].vlines(1000 * seams / rate, -0.5, 0.5, color="#d1495b", linewidth=0.7)
    axes[1].set_title(
        f"overlap-add; a period is like the next by {alike[frame__ms]:.2f}",
        fontsize=10,
    )
    axes[1].set(xlabel="time, ms")
    return axes, cells.wave(y, rate)


explore(
    plain,
    "The o of phone, slower by overlap-add with frames of four lengths (red: where a frame begins). Short frames are laid down in their own rhythm, not the "
    "voice's, and it is rough; long ones say everything twice, like an echo.",
    start={"frame__ms": 20},
    frame__ms=LENGTHS,
    lab=(
        "",
        "the field Speed beside a text: anything you type, by synthkit's way",
        {
            "voice": "demo-en",
            "text": "Weasels have eaten our phone system.",
            "speed": 0.75,
        },
    ),
)
# %% [markdown]
# ## Cut by periods
#
# What went wrong? Two frames that overlap hold the same wave at two moments, and where they are laid on each other a crest may meet a trough. At each
# seam the rhythm of the voice is broken. The cure is of 1990 [2]: let each piece belong to *one period*, and lay the pieces down in the rhythm of a voice. Find in each
# period its mark, a place that is at the same point of the wave each time (its largest peak, say, up or down): the **pitch marks** $m_i$. Around each, cut a piece from
# the mark before to the mark after, with soft ends. Such a piece is called a **grain**. Since the ends of a grain lie one period away, grains that lie where they came from
# add up to the recording again.
#
# Now plan the result. Its marks are $t_0, t_1, \dots$, and at each lies the grain that the recording has at about that moment,
#
# $$ i(k) = \arg\min_i \left| \, m_i - \alpha \, t_k \right| , \qquad t_{k+1} = t_k + \frac{m_{i(k)+1} - m_{i(k)}}{\beta} , $$
#
# with $\alpha$ the speed and $\beta$ the factor on F0. If it is to be slow, some grains come twice; if it is to be fast, some never; if it is to be high, they come sooner one after the
# other. This is **PSOLA**, pitch-synchronous overlap-add (**TD-PSOLA** in papers: in the time domain). Where there is no voice there are no periods; there, marks are
# set every so often.

# %%
from synthkit_unit_selection.marks import pitch_marks


def all_marks(x):
    """One mark a period, every 5 ms without voice; and which are voiced."""
    marks, voiced, at = [], [], 0
    for stretch in [*pitch_marks(x, rate), np.array([len(x)])]:
        count = max(round((stretch[0] - at) / (0.005 * rate)), 1)
        rest = (
            np.linspace(at, stretch[0], count, endpoint=False).round().astype(int)
        )
        rest = rest[1:] if marks else rest  # the last voiced mark is already there
        marks += [*rest, *stretch]
        voiced += [False] * len(rest) + [True] * len(stretch)
        at = stretch[-1]
    voiced[-1] = False  # the end of the sound
    return np.array(marks), np.array(voiced)


def plan(marks, voiced, speed, pitch):
    """Where each grain lies in the result, and which one it is."""
    steps, at, out = np.diff(marks), 0.0, []
    steps = np.append(steps, steps[-1])
    while at * speed <= marks[-1]:
        i = np.abs(marks - at * speed).argmin()
        out.append((round(at), i))
        at += steps[i] / (pitch if voiced[i] else 1.0)
    return out


# %% [markdown]
# The rest is addition. Two things have to be thought of. Where grains lie closer than they came from, they add up to too much, so we keep count of the windows and divide. And where a
# hiss is made slower, the same grain comes twice, and what repeats itself is heard as a tone (chapter 1); turned around, it is as much of a hiss, and repeats nothing.

# %%


def bump(left, right):
    """Hann's window with two halves of their own lengths."""
    up = 0.5 - 0.5 * np.cos(np.pi * np.arange(left) / left)
    return np.append(up, 0.5 + 0.5 * np.cos(np.pi * np.arange(right) / right))


def psola(x, marks, voiced, speed=1.0, pitch=1.0):
    steps = np.diff(marks)
    before, after = np.append(steps[0], steps), np.append(steps, steps[-1])
    room, count = steps.max(), round(len(x) / speed)
    padded = np.pad(x, room)
    out, windows = np.zeros((2, count + 4 * room))
    last, turned = -1, False
    for at, i in plan(marks, voiced, speed, pitch):
        grain = padded[room + marks[i] - before[i] : room + marks[i] + after[i]]
        turned = i == last and not voiced[i] and not turned
        grain = grain[::-1] if turned else grain
        where = slice(room + at - before[i], room + at + after[i])
        out[where] += bump(before[i], after[i]) * grain
        windows[where] += bump(before[i], after[i])
        last = i
    return (out / np.maximum(windows, 1))[room : room + count]


# %%
marks, voiced = all_marks(x)
assert np.allclose(psola(x, marks, voiced), x)
worst = 0.0
for speed, pitch in [(0.75, 1.0), (1.5, 1.0), (1.0, 1.4), (0.6, 0.7)]:
    ours = psola(x, marks, voiced, speed, pitch)
    theirs = modify(recording.samples, rate, speed=speed, pitch=pitch)
    assert len(ours) == len(theirs)
    middle = slice(0, -400)  # the two end in different ways
    worst = max(worst, np.abs(ours[middle] - theirs[middle]).max())
assert worst < 1e-5
slowly = likeness(psola(x, marks, voiced, SLOW))
assert slowly > max(alike.values()) and slowly > likeness(x) - 0.01
note(
    f"Ours and synthkit's differ by {worst:.0e} at most. At a speed of {SLOW} a period "
    f"is like the next by {slowly:.2f} in the median; in the recording, by "
    f"{likeness(x):.2f}, and by plain overlap-add never more than "
    f"{max(alike.values()):.2f}. "
)

# %% tags=["hide"]


def grains(speed, pitch):
    """Which grains of the o of phone lie where, and the sentence."""
    _, axes = plt.subplots(2, 1, figsize=(9, 3.2), sharex=True)
    begin, width = round(1.862 * rate), round(0.05 * rate)
    y = psola(x, marks, voiced, speed, pitch)
    laid = [
        (at, i)
        for at, i in plan(marks, voiced, speed, pitch)
        if begin <= at * speed and at <= begin / speed + width
    ]
    start = laid[0][0]
    source = marks[laid[0][1]]
    t = np.arange(width) / rate * 1000
    axes[0].plot(t, x[source : source + width], color="#999999")
    axes[1].plot(t, y[start : start + width])
    used = {i for _, i in laid}
    inside = np.flatnonzero((marks >= source) & (marks < source + width))
    for i in inside:
        colour = "#d1495b" if i in used else "#bbbbbb"
        axes[0].axvline(
            1000 * (marks[i] - source) / rate, color=colour, linewidth=0.8
        )
    for at, i in laid:
        ends = (1000 * (marks[i] - source) / rate, 1000 * (at - start) / rate)
        if max(ends) > t[-1]:
            continue
        axes[1].axvline(ends[1], color="#d1495b", linewidth=0.8)
        line = plt.matplotlib.patches.ConnectionPatch(
            (ends[0], 0), (ends[1], 1), axes[0].get_xaxis_transform(),
            axes[1].get_xaxis_transform(), color="#d1495b", linewidth=0.8,
        )  # fmt: skip
        axes[1].add_artist(line)
    axes[0].set(yticks=[], ylabel="recording", xlim=(-1, t[-1]))
    axes[1].set(yticks=[], ylabel="result", xlabel="time, ms")
    return axes, cells.wave(y, rate)


# %% tags=["hide"]
explore(
    grains,
    "Pitch marks of the o of phone, and where their grains are laid. Slower: some grains lie twice; faster: the grey ones are left out. Higher: they lie closer, lower: farther "
    "apart, and then time, too, has to be filled by grains that come twice, or saved by leaving some out.",
    start={"speed": 0.7, "pitch": 1.0},
    speed=[0.7, 1.0, 1.5],
    pitch=[0.7, 1.0, 1.4],
    lab=(
        "bench/",
        "another way to the same: F0 moved by semitones, in Vocoder bench",
        {
            "corpus": "bundled-en",
            "id": "tt-weasels",
            "vocoder": "world",
            "semitones": 6,
        },
    ),
)

# %% [markdown]
# ## Why the colour stays
#
# The grains lie closer, so F0 is higher. Why are the formants not? A grain is so short that its spectrum, $G(f)$, cannot show harmonics (chapter 1: a short window is a wideband
# spectrogram). It shows the outline alone, with the formants. Now lay equal grains down at a distance of $T$: the sum repeats itself, so it has harmonics, at multiples of $1 / T$;
# and the amplitude of each is what the grain's spectrum has there:
#
# $$ Y\!\left(\frac{n}{T}\right) = \frac{1}{T} \; G\!\left(\frac{n}{T}\right) $$
#
# Another $T$ reads the same outline at other places. It is the source that changed and the filter that stayed (chapter 2), without anybody having computed either.

# %% tags=["hide"]
place = slice(round(1.86 * rate), round(1.90 * rate))


def magnitude(piece, size=4096):
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), size))
    return 20 * np.log10(spectrum / spectrum.max() + 1e-6)


higher = psola(x, marks, voiced, pitch=1.4)
mouse = played(1.4).samples.astype(np.float64)
mouse = psola(mouse, *all_marks(mouse), speed=1 / 1.4)
k = int(np.abs(marks - round(1.88 * rate)).argmin())
grain = x[marks[k - 1] : marks[k + 1]]
hertz = np.arange(2049) * rate / 4096
fig, axes = plt.subplots(1, 3, figsize=(10, 2.8), layout="constrained", sharey=True)
shown = {"the recording": x, "PSOLA, 1.4 times": higher, "played, 1.4 times": mouse}
for ax, (name, sound) in zip(axes, shown.items(), strict=True):
    ax.plot(hertz, magnitude(sound[place]), linewidth=0.9)
    ax.plot(hertz, magnitude(grain), linewidth=1.8)
    ax.set(xlim=(0, 3500), ylim=(-50, 3), title=name, xlabel="frequency, Hz")
axes[0].set_ylabel("level, dB")
figure(
    fig,
    "Spectra of the o of phone (blue), and of one grain of the recording (red). By PSOLA the harmonics lie wider apart and still follow the grain; as "
    "played by a faster machine, the whole outline moves up.",
)

# %% [markdown]
# Is it as good as that of others? Praat has the same algorithm, with marks of its own and with much care for details. What it makes stands beside ours. (*Mouse* is played 1.4 times as
# fast, and brought back to its length by PSOLA, so that only the colour differs.)

# %%
import parselmouth
from parselmouth.praat import call


def praat(speed=1.0, pitch=1.0):
    """The sentence as Praat's Manipulation changes it."""
    parselmouth.praat.run("random_initializeWithSeedUnsafelyButPredictably (1)")
    sound = parselmouth.Sound(x, rate)
    manipulation = call(sound, "To Manipulation", 0.01, 75, 500)
    tier = call(manipulation, "Extract pitch tier")
    call(tier, "Multiply frequencies", 0, sound.xmax, pitch)
    call([tier, manipulation], "Replace pitch tier")
    tier = call("Create DurationTier", "speed", 0, sound.xmax)
    call(tier, "Add point", 0, 1 / speed)
    call([tier, manipulation], "Replace duration tier")
    return call(manipulation, "Get resynthesis (overlap-add)").values[0]


three = {"ours": higher, "Praat's": praat(pitch=1.4), "mouse": mouse}
listen({name: cells.wave(y, rate) for name, y in three.items()})

# %% tags=["hide"]


def off(sound):
    """MCD from the recording, dB."""
    return sk.measure(recording, cells.wave(sound, rate), metrics=["mcd"])[
        "mcd/synthkit"
    ]["value"]


mcds = {name: off(y) for name, y in three.items()}
ratios = {name: height(y) / own for name, y in three.items()}
assert (
    abs(mcds["ours"] - mcds["Praat's"]) < 0.5 and mcds["mouse"] > 2 * mcds["ours"]
)
assert all(abs(r / 1.4 - 1) < 0.06 for r in ratios.values())
slow_praat = praat(speed=SLOW)
assert abs(height(slow_praat) / own - 1) < 0.02
assert len(slow_praat) == len(psola(x, marks, voiced, SLOW))
note(
    "| 1.4 times as high | F0, times | MCD from the recording, dB |\n|---|---|---|\n"
    + "".join(
        f"| {name} | {ratios[name]:.2f} | {mcds[name]:.1f} |\n" for name in three
    )
    + f"\nOurs and Praat's keep the colour equally well, though they are not the same samples: marks differ. The MCD is not 0, since harmonics read the outline at other places, and since "
    f"nothing is perfect: the farther from 1, the worse. Where it is slower, both last {len(slow_praat) / rate:.2f} s."
)

# %% [markdown]
# Nothing forces $\alpha$ and $\beta$ to be the same everywhere. With one duration for each phone (exercise 2), or with a melody that is given, a sentence can be re-spoken phone by phone. It is
# what `durations` and `f0` of `synthkit say --edit` do with these vocoders.
#
# ## Where two recordings meet
#
# Back to chapter 7. A unit ends in one recording, and the next begins in another. Cut and put together, the wave jumps, and that clicks. So let the one fade out while the other fades in: a
# **cross-fade**. But there it is again, crest may meet trough. Before the fade, move the second piece a little, to where it looks most like the first. How alike two pieces are is
# told by their correlation, over the root of both energies, lest the loudest win [3]:
#
# $$ \rho(\tau) = \frac{\sum_n a[n] \, b[n + \tau]}{\sqrt{\sum_n a[n]^2 \, \sum_n b[n + \tau]^2}} $$
#
# In a voice the best $\tau$ puts crest on crest. It is pitch-synchronous without marks.

# %%


def best_shift(a, b):
    """Where a looks most like a part of the longer b, from its middle."""
    if a @ a < 1e-7 * len(a):
        return 0  # silence fits anywhere
    pieces = np.lib.stride_tricks.sliding_window_view(b, len(a))
    rho = pieces @ a / np.sqrt((pieces**2).sum(1) * (a @ a) + 1e-12)
    return int(rho.argmax()) - (len(b) - len(a)) // 2


corpus, speaker = sk.corpus("bundled-ru"), voice("demo-ru")
TESTS = ["ru_0683", "ru_0531", "ru_0537", "ru_0466"]
paths = [
    speaker.predict(speaker.segment(corpus[id].text), exclude={id}) for id in TESTS
]
half, search = round(0.003 * rate), round(0.006 * rate)  # synthkit's fade and reach
shifts = []
for path in paths:
    for join in part("vocoder", "overlap-add").joined(path)[1]:
        read, left, right = path.audio.read, join.left, join.right
        a = read(left.source, left.end - half, left.end + half)
        reach = half + search
        b = read(right.source, right.start - reach, right.start + reach)
        ours = best_shift(a.astype(float), b.astype(float))
        shifts.append((ours, join.right_at - right.start))
shifts = np.array(shifts)

# %% tags=["hide"]
agreed = (shifts[:, 0] == shifts[:, 1]).mean()
assert agreed > 0.95
note(
    f"At the {len(shifts)} joins of four sentences, our shift is synthkit's at {100 * agreed:.0f} %. They are {1000 * np.abs(shifts[:, 1]).mean() / rate:.1f} ms in the mean, up or down: less than half "
    "a period, too little for the rhythm to suffer."
)

# %% tags=["hide"]
WAYS = {
    "cut": {"fade_ms": 0.0, "search_ms": 0.0},
    "faded": {"search_ms": 0.0},
    "faded where it fits": {},
    "smoothed": {"smooth_joins_above": 1.0},
}
made = {how: part("vocoder", "overlap-add", **given) for how, given in WAYS.items()}
low = part("features", "world", f0_floor=60.0, f0_ceil=400.0, aperiodicity=False)


@cache
def mended(how, k):
    """Sentence k with its joins made in a way, its F0 in semitones, and where the joins lie."""
    sound = made[how].render(paths[k])
    given = {**WAYS[how], "smooth_joins_above": None}
    joins = part("vocoder", "overlap-add", **given).joined(paths[k])[1]
    frames = low.extract(sound)
    f0 = np.where(frames["vuv"] > 0.5, 12 / np.log(2) * frames["lf0"], np.nan)
    return sound, f0.ravel(), joins


def steps(how):
    """At the voiced joins: the largest step of F0 within 25 ms, semitones, and the level of the fade beside its surroundings, dB."""
    out = []
    for k in range(len(TESTS)):
        sound, f0, joins = mended(how, k)
        y = sound.samples.astype(np.float64)
        for join in joins:
            if not join.right.join["f0"]:
                continue  # no voice on one side
            frame = round(join.at / rate / 0.005)
            jumps = np.abs(np.diff(f0[max(frame - 5, 0) : frame + 6]))
            around = [np.mean(y[join.at + a : join.at + b] ** 2)
                      for a, b in ((-48, 48), (-240, -80), (80, 240))]  # fmt: skip
            dip = 10 * np.log10(around[0] / np.sqrt(around[1] * around[2]))
            out.append((np.nanmax(jumps, initial=0), dip))
    return np.array(out)


at_joins = {how: steps(how) for how in WAYS}

# %% tags=["hide"]


def joined(how):
    sound, f0, joins = mended(how, 0)
    join = joins[8]
    _, axes = plt.subplots(
        1, 2, figsize=(10, 2.6), layout="constrained", width_ratios=(2, 1)
    )
    reach = round(0.025 * rate)
    t = np.arange(-reach, reach) / rate * 1000
    axes[0].plot(t, sound.samples[join.at - reach : join.at + reach])
    axes[0].axvline(0, color="#d1495b", linewidth=0.8)
    axes[0].set(xlabel="time from the join, ms", ylabel="amplitude")
    frame = round(join.at / rate / 0.005)
    axes[1].plot(
        5 * np.arange(-16, 17),
        np.exp(f0[frame - 16 : frame + 17] * np.log(2) / 12),
        ".-",
    )
    axes[1].axvline(0, color="#d1495b", linewidth=0.8)
    axes[1].set(xlabel="time from the join, ms", ylabel="F0, Hz", ylim=(90, 210))
    return axes, sound


explore(
    joined,
    "A join in the word nim, between n and i of two recordings, made in four ways; right, F0 around it. Where it was cut the wave jumps; faded, two rhythms lie on each other; where it "
    "fits, crest meets crest; smoothed, the period goes over from the one to the other as well.",
    start={"how": "faded where it fits"},
    how=list(WAYS),
    lab=(
        "",
        "the units of a sentence, and under Parts the other vocoders that can join them",
        {
            "panel": "why",
            "voice": "demo-ru",
            "text": "Ну что ж, перед ним открыт весь мир.",
        },
    ),
)

# %% tags=["hide"]
mean = {how: rows.mean(0) for how, rows in at_joins.items()}
assert mean["faded"][1] < 0 < mean["faded where it fits"][1]
assert mean["smoothed"][0] < 0.9 * min(
    m[0] for h, m in mean.items() if h != "smoothed"
)
note(
    f"| {len(at_joins['cut'])} voiced joins of four sentences | largest step of F0 near the join, semitones (mean) | level in the fade beside its surroundings, dB (mean) |\n"
    "|---|---|---|\n"
    + "".join(f"| {how} | {m[0]:.2f} | {m[1]:+.2f} |\n" for how, m in mean.items())
    + "\nFaded without looking, the two waves take something from each other: the level sinks. Where it fits it does not. But the step of the melody is still there, since "
    "a shift changes no period. Only the last way takes from that."
)

# %% [markdown]
# ## Smoothing
#
# The last way is PSOLA with two recordings. Around the join, over some periods to each side, both recordings go on, each beyond its own end. The distance of the marks passes from the period of the
# one, $T_a$, to that of the other, $T_b$, and each grain is a mixture of a grain of both. With a share $s$ that goes from 0 to 1:
#
# $$ T(t) = T_a(t)^{\,1 - s(t)} \; T_b(t)^{\,s(t)} , \qquad g = (1 - s) \, g_a + s \, g_b $$
#
# So the step of F0 becomes a slope, and one colour gives way to the other. It takes more than a fade: every sample near the join is changed. synthkit does it where it is asked to
# (`vocoder.smooth_joins_above`), at joins that cost more than a limit and have voice on both sides, and never beyond the half-phones that meet; by default all but the fades is left as the person said it.
# Which is better is a question for listeners, not for a table. Listen to a whole sentence.

# %%
listen(
    {how: mended(how, 1)[0] for how in ("cut", "faded where it fits", "smoothed")},
    "With headphones: the first clicks. Do you hear what the third has lost beside the second, and what it has gained?",
)

# %% tags=["hide"]


def clicks(how):
    """The largest step from one sample to the next at joins, over the usual one there; the median over all joins."""
    out = []
    for k in range(len(TESTS)):
        sound, _, joins = mended(how, k)
        for join in joins:
            step = np.abs(np.diff(sound.samples[join.at - 160 : join.at + 160]))
            out.append(step[157:162].max() / (np.sqrt(np.mean(step**2)) + 1e-5))
    return np.array(out)


loud = {how: np.mean(clicks(how) > 4) for how in WAYS}
assert loud["cut"] > 2 * loud["faded where it fits"]
a, b = mended("faded where it fits", 1)[0].samples, mended("smoothed", 1)[0].samples
touched = np.mean(np.abs(a - b) > 0)
assert len(a) == len(b) and 0.02 < touched < 0.5
note(
    f"A step from one sample to the next that is more than four times what is usual around it: at {100 * loud['cut']:.0f} % of the joins that were cut, at {100 * loud['faded where it fits']:.0f} % of those that were faded "
    f"where it fits. Smoothing has changed {100 * touched:.0f} % of this sentence's samples."
)

# %% [markdown]
# ## Where to cut
#
# So far the place of the cut was given: in the middle of the phone, as that is where it changes least, as a rule. But not every phone keeps the rule, and which *two* places fit depends on both
# recordings. So look at all: compare each frame of the one phone with each of the other, and cut where they are nearest. That is **optimal coupling** [4]. Between frames $c$ of the left phone and $c'$ of
# the right one, as mel-cepstra:
#
# $$ (i, j) = \arg\min_{i, j} \sum_{m \geq 1} \left( c_m[i] - c'_m[j] \right)^2 $$
#
# The first coefficient, the level, is left out: it can be set right by multiplication.

# %%
from synthkit.labels import read_alignment


@cache
def spectra(id):
    return low.extract(sk.read(corpus[id]))["mcep"][:, 1:].astype(np.float64)


def inner(unit):
    """Frames of the middle half of the phone that a unit is a half of."""
    t = (unit.start + unit.end) / 2 / rate
    phones = read_alignment(corpus[unit.source].labels).phones
    phone = next(p for p in phones if p.start <= t < p.end)
    quarter = (phone.end - phone.start) / 4
    first, last = phone.start + quarter, phone.end - quarter
    return np.arange(round(first / 0.005), round(last / 0.005) + 1)


def coupling(left, right):
    """Distances in dB between frames of both phones, and the frames."""
    i, j = inner(left), inner(right)
    apart = spectra(left.source)[i][:, None] - spectra(right.source)[j][None]
    return 10 / np.log(10) * np.sqrt(2 * (apart**2).sum(-1)), i, j


# %% tags=["hide"]
pairs = [
    (path.units[k - 1], path.units[k])
    for path in paths[:2]
    for k in range(1, len(path.units), 2)  # joins in the middle of a phone
    if path.units[k].joined and path.phones[path.units[k].phone] != "pau"
]
given, best, longer = [], [], []
for left, right in pairs:
    distance, i, j = coupling(left, right)
    a, b = np.unravel_index(distance.argmin(), distance.shape)
    cut_i, cut_j = round(left.end / rate / 0.005), round(right.start / rate / 0.005)
    apart = spectra(left.source)[cut_i] - spectra(right.source)[cut_j]
    given.append(10 / np.log(10) * np.sqrt(2 * (apart**2).sum()))
    best.append(distance.min())
    longer.append(5 * ((i[a] - cut_i) - (j[b] - cut_j)))
given, best, longer = map(np.array, (given, best, longer))
left, right = pairs[1]
distance, i, j = coupling(left, right)
a, b = np.unravel_index(distance.argmin(), distance.shape)
fig, ax = plt.subplots(figsize=(5.5, 3.8), layout="constrained")
edges = [5 * (j[0] - right.start / 80) - 2.5, 5 * (j[-1] - right.start / 80) + 2.5,
         5 * (i[0] - left.end / 80) - 2.5, 5 * (i[-1] - left.end / 80) + 2.5]  # fmt: skip
shown = ax.imshow(
    distance, origin="lower", aspect="auto", extent=edges, cmap="viridis"
)
ax.plot(
    0,
    0,
    "o",
    color="white",
    markersize=9,
    markeredgecolor="black",
    label="the middles",
)
ax.plot(5 * (j[b] - right.start / 80), 5 * (i[a] - left.end / 80), "*", color="#ffdd55",
        markersize=16, markeredgecolor="black", label="the nearest pair")  # fmt: skip
ax.set(
    xlabel="right phone, ms from its middle",
    ylabel="left phone, ms from its middle",
)
ax.legend(loc="upper left", fontsize=8)
fig.colorbar(shown, label="distance, dB")
figure(
    fig,
    "The o of the chapter's Russian sentence is joined of halves of two recordings. How far apart their spectra are, for each pair of places to cut.",
)

# %% tags=["hide"]
assert best.mean() < 0.8 * given.mean() and np.abs(longer).max() > 20
note(
    f"At the {len(pairs)} joins of the first two sentences that lie within a phone, the spectra are {given.mean():.1f} dB apart at the middles, where synthkit cuts, and {best.mean():.1f} dB at the best pair. The price: "
    f"the phone becomes longer or shorter, by {np.abs(longer).mean():.0f} ms in the mean and {np.abs(longer).max():.0f} ms in the worst case (exercise 3 puts a limit to it)."
)

# %% [markdown]
# That is where synthkit differs: it does not couple optimally. Its units end where they end, so that what a join costs can be known beforehand, and the search of chapter 7 has many candidates to choose from; optimal coupling was made
# for voices that have one piece of each kind, and nothing else to choose. The two can be combined; every pair of candidates then has a search of its own.
#
# One thing no way of joining mends: a step in *colour* can be spread, but what is between two mouths is not a mouth. Which steps are heard is known from listeners [5], and even the best distances agree
# with them only in part. Those who wanted no joins at all had to give up recordings: the next chapter.
#
# ## What to remember
#
# - Played faster, all waves become shorter; said faster, there are fewer of them. Overlap-add lays frames out anew, and breaks the rhythm of a voice.
# - PSOLA cuts one grain a period. How many grains there are makes the duration, how close they lie F0; the formants are within each grain and stay.
# - At a join: fade where the waves fit; pass from period to period to smooth the melody; look for the pair of places that fit (optimal coupling).
# - Each step away from the recording costs something, the more the farther. What was not changed is perfect.
#
# ## Exercises

# %% tags=["hide"]
cells.tasks(8)

# %% [markdown]
# ## Sources
#
# 1. J. B. Allen, L. R. Rabiner: A unified approach to short-time Fourier analysis and synthesis. *Proceedings of the IEEE* 65(11), 1558–1564, 1977.
# 2. E. Moulines, F. Charpentier: Pitch-synchronous waveform processing techniques for text-to-speech synthesis using diphones. *Speech
#    Communication* 9(5–6), 453–467, 1990.
# 3. W. Verhelst, M. Roelands: An overlap-add technique based on waveform similarity (WSOLA) for high quality time-scale modification of speech. *Proc.
#    ICASSP*, vol. 2, 554–557, 1993.
# 4. A. D. Conkie, S. Isard: Optimal coupling of diphones. In: J. P. H. van Santen et al. (eds.): *Progress in Speech Synthesis*. Springer, 293–304,
#    1997.
# 5. E. Klabbers, R. Veldhuis: Reducing audible spectral discontinuities. *IEEE Transactions on Speech and Audio Processing* 9(1), 39–51, 2001.
