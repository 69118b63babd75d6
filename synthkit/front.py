# SPDX-License-Identifier: Apache-2.0
"""The Python front door: what ``import synthkit as sk`` offers.

Everything here is imported when it is asked for, ``sk.load`` and not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, TypeVar

import numpy as np

from synthkit import audio
from synthkit.corpora import Corpus, open_corpus
from synthkit.errors import AudioError, ConfigError, CorpusError, PluginError
from synthkit.offers import BASE_OF_STAGE, STAGE_OF_HOOK, Registration, misspelt
from synthkit.pipeline.known_voices import find_voice
from synthkit.pipeline.spoken import Spoken
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.show.table import Table
from synthkit.types import Utterance, Waveform

C = TypeVar("C", bound=type)


def load(voice: str | Path | None = None, *, overrides: Sequence[str] = ()) -> Voice:
    """Open a voice.

    Parameters
    ----------
    voice : str or Path, optional
        A folder, or the name of a voice in ``voices/`` or ``demo/``. Left out: what ``SYNTHKIT_VOICE`` names,
        else the only voice there is.
    overrides : sequence of str
        ``"vocoder.plugin=world"`` and the like; see `Voice.open`.

    Returns
    -------
    Voice

    Raises
    ------
    VoiceError
        There is no such voice, or it is damaged.

    Examples
    --------
    >>> import synthkit as sk
    >>> voice = sk.load("demo-ru")
    >>> voice.say("Привет!").duration > 0.3
    True
    >>> world = voice.with_vocoder("world", adapters=["units-to-frames"])
    >>> world.speak("Привет!").alignment.words[0].label
    'Привет'
    """
    return Voice.open(find_voice(voice), overrides=overrides)


def corpus(source: str | Path, language: str | None = None, *, layout: str | None = None) -> Corpus:
    """Open a corpus: a name of ``synthkit corpora list``, or a folder of recordings and transcripts.

    Parameters and errors are those of `synthkit.corpora.open_corpus`.

    Parameters
    ----------
    source : str or Path
    language : str, optional
        BCP-47, of a folder that does not say.
    layout : str, optional
        Of a folder that could be one of two.

    Returns
    -------
    Corpus

    Raises
    ------
    CorpusError
        There is no such corpus, or what it holds cannot be read.

    Examples
    --------
    >>> import synthkit as sk
    >>> bundled = sk.corpus("bundled-ru")
    >>> len(bundled) > 100 and bundled.languages
    ('ru',)
    >>> [utterance.id for utterance in bundled][:2]
    ['ru_0002', 'ru_0003']
    """
    if not isinstance(source, str | Path) or source == "":
        raise CorpusError(
            f"a corpus is named by its name or its folder, not by {source!r}",
            hint="`synthkit corpora list` shows the known corpora",
        )
    return open_corpus(source, language, layout=layout)


def read(source: str | Path | Utterance, sample_rate: int | None = None) -> Waveform:
    """The sound of a file, or of an utterance of a corpus.

    Parameters
    ----------
    source : str, Path or Utterance
    sample_rate : int, optional
        Hz; the file's own if left out.

    Returns
    -------
    Waveform

    Raises
    ------
    AudioError
        It cannot be read as sound.

    Examples
    --------
    >>> import synthkit as sk
    >>> sk.read(sk.corpus("bundled-ru").utterances[0]).sample_rate
    16000
    """
    if not isinstance(source, str | Path | Utterance):
        raise AudioError(f"a sound is read by its file or its utterance, not by {source!r}")
    if isinstance(source, Utterance):
        return audio.read(source.audio, sample_rate, source.start, source.end)
    return audio.read(source, sample_rate)


def write(path: str | Path, sound: Waveform | Spoken | np.ndarray, rate: int | None = None) -> None:
    """Write a sound as a file: wav or flac by the suffix, 16-bit PCM, whole or not at all.

    Parameters
    ----------
    path : str or Path
        Missing folders are made.
    sound : Waveform, Spoken, or ndarray of shape (N,)
        Amplitude in [-1, 1]; what is outside is clipped.
    rate : int, optional
        Hz, of an array.

    Raises
    ------
    AudioError
        It is no sound, the suffix is another, or the disk refuses.

    Examples
    --------
    >>> import tempfile, synthkit as sk
    >>> folder = tempfile.mkdtemp()
    >>> sk.write(f"{folder}/hello.wav", sk.load("demo-ru").say("Привет!"))
    >>> sk.read(f"{folder}/hello.wav").duration > 0.3
    True
    """
    audio.write(path, _waveform(sound, rate, "sound"))


def measure(
    reference: Waveform | Spoken | np.ndarray,
    test: Waveform | Spoken | np.ndarray,
    rate: int | None = None,
    *,
    metrics: str | Sequence[str] = (),
    text: str = "",
    language: str = "en",
) -> Table:
    """Figures of one sound against another.

    Parameters
    ----------
    reference, test : Waveform, Spoken, or ndarray of shape (N,)
        Amplitude in [-1, 1].
    rate : int, optional
        Hz, of arrays.
    metrics : str or sequence of str
        Figures (``"mcd"``) or metrics; if left out, what of the fast set of ``synthkit compare`` two sounds
        alone give.
    text, language : str
        What is said, for metrics that ask.

    Returns
    -------
    Table
        ``figure``, ``value`` (None where it is undefined), ``unit``, ``n``, ``note``.

    Raises
    ------
    AudioError
        An array without a rate, or one that is no sound.
    ConfigError
        A metric that there is not.

    Examples
    --------
    >>> import synthkit as sk
    >>> sound = sk.read(sk.corpus("bundled-ru").utterances[0])
    >>> sk.measure(sound, sound, metrics=["mcd"])["mcd/synthkit"]["value"]
    0.0
    """
    from synthkit.eval import Clip, EvalSample
    from synthkit.eval import measure as measured
    from synthkit.eval.entries import find_metrics
    from synthkit.eval.figures import choose

    if isinstance(metrics, str):
        metrics = (metrics,)
    clips = [Clip(_waveform(x, rate, name)) for x, name in ((reference, "reference"), (test, "test"))]
    sample = EvalSample("test", text, language, clips[1], clips[0])
    chosen = choose(registry(), None if metrics else "fast", tuple(metrics))
    usable, _ = find_metrics(registry(), chosen.metrics, required=chosen.required)
    found = [row for _, metric in usable for row in measured(metric, sample)]
    if not metrics:
        # where none can be had, why is all there is to tell
        found = [m for m in found if m.value is not None] or found
    elif not {entry.registration.name for entry, _ in usable} & set(metrics):
        found = [m for m in found if {m.key, m.metric} & set(chosen.primary)]
    head = ("figure", "value", "unit", "n", "note")
    return Table(head, tuple((m.key, m.value, m.unit, m.n, m.reason) for m in found))


def comparison(report: str | Path, *, every: bool = False) -> Table:
    """The figures of a comparison that ``synthkit compare`` has written.

    Parameters
    ----------
    report : str or Path
        Its folder, or the ``results.json`` in it.
    every : bool
        Whether all figures are wanted, or the primary ones, which were tested.

    Returns
    -------
    Table
        ``figure``, ``system``, ``value`` (None where nothing was measured), ``low`` and ``high`` (ends of its
        95 % interval, None where there is none), ``unit``, ``n`` (utterances) and ``letters``: systems that
        share one do not differ significantly. ``.plot()`` draws each figure with its intervals;
        ``.plot(figures=["mcd"])`` those that are named.

    Raises
    ------
    ConfigError
        There is no comparison.

    Examples
    --------
    >>> import synthkit as sk
    >>> sk.comparison("report").plot()  # doctest: +SKIP
    """
    from synthkit.eval.results_files import read_results_json

    if not isinstance(report, str | Path):
        raise ConfigError(f"a comparison is named by its folder, not by {report!r}")
    data = read_results_json(Path(report))
    units = {f"{d['metric']}/{d['id']}": d["unit"] for d in data["definitions"]}
    rows = []
    for s in data["summaries"]:
        if every or s["definition"] in data["tested"]:
            key, found = s["definition"], s["interval"] or dict.fromkeys(("estimate", "low", "high"))
            ends = found["estimate"], found["low"], found["high"]
            rows.append((key, s["system"], *ends, units.get(key, ""), s["measured"], s["letters"]))
    return Table(("figure", "system", "value", "low", "high", "unit", "n", "letters"), tuple(rows))


def register(stage: str, component: C, name: str | None = None) -> C:
    """Use a class of your own as a component, in this process, without packaging it.

    Parameters
    ----------
    stage : str
        ``"vocoder"``, ``"acoustic_model"``, ``"features"``, ``"segmentation"``, ``"alignment"``,
        ``"adapter"``, ``"metric"`` and so on.
    component : type
        A subclass of that stage's class. Registered again under the same name, as a notebook's cell is run
        again, it takes the place of the one before.
    name : str, optional
        Its name; the class's in lower case, words joined by hyphens, if left out.

    Returns
    -------
    type
        `component`.

    Raises
    ------
    PluginError
        There is no such stage, the class is not of it or has a name that is almost one of it, or an installed
        plugin has that name.

    Examples
    --------
    >>> import numpy as np, synthkit as sk
    >>> from synthkit.stages import Vocoder
    >>> from synthkit.types import Demand, Waveform
    >>> class Hush(Vocoder):
    ...     def accepts(self):
    ...         return (Demand("units"),)
    ...     def render(self, item):
    ...         return Waveform(np.zeros(1600, np.float32), 16000)
    >>> sk.register("vocoder", Hush).__name__
    'Hush'
    >>> sk.load("demo-ru").with_vocoder("hush").say("Привет!").duration
    0.1
    """
    if stage not in STAGE_OF_HOOK.values():
        raise PluginError(
            f"there is no stage {stage!r}", hint=f"there are {', '.join(STAGE_OF_HOOK.values())}"
        )
    if not isinstance(component, type):
        raise TypeError(f"register the class, not {component!r}")
    if base := BASE_OF_STAGE.get(stage):
        module, _, attribute = base.partition(":")
        if not issubclass(component, resolve_name(base)):
            raise PluginError(
                f"{component.__name__} is no {attribute}, which each {stage} is",
                hint=f"from {module} import {attribute}; class {component.__name__}({attribute}): ...",
            )
        if lacking := sorted(getattr(component, "__abstractmethods__", ())):
            raise PluginError(
                f"{component.__name__} does not say how to {', '.join(lacking)}, which each {stage} has to",
                hint=f"def {lacking[0]}(self, …) in the class",
            )
        for wrong, meant in misspelt(stage, component):
            raise PluginError(
                f"{component.__name__}.{wrong} is read by nobody",
                hint=f"did you mean {meant!r}? A name of your own that is near to it begins with _",
            )
    name = name or "".join(f"-{c.lower()}" if c.isupper() else c for c in component.__name__).lstrip("-")
    known = registry().components.get((stage, name))
    if known is not None and not isinstance(known, _Held):
        raise PluginError(f"{stage} {name!r} is that of {known.where}", hint="give it another name")
    reference = f"{component.__module__}:{component.__qualname__}"
    held = _Held(stage, name, reference, (component.__doc__ or "").strip().split("\n")[0], "register", "", "")
    object.__setattr__(held, "component", component)
    registry().components[stage, name] = held
    return component


class _Held(Registration):
    """A registration that has its class at hand."""

    component: type

    def load(self) -> Any:
        """The class."""
        return self.component


def _waveform(sound: Any, rate: int | None, name: str) -> Waveform:
    own = sound if isinstance(sound, Waveform) else getattr(sound, "waveform", None)  # that of a `Spoken`
    if isinstance(own, Waveform):
        if rate not in (None, own.sample_rate):
            raise AudioError(
                f"has {own.sample_rate} Hz, and {rate} were given with it",
                where=name,
                hint="leave the rate out: it is that of arrays",
            )
        return own
    if isinstance(sound, (str, Path)):
        raise AudioError("is a name, not a sound", where=name, hint=f"sk.read({str(sound)!r})")
    if isinstance(sound, Utterance):
        raise AudioError("is an utterance, not its sound", where=name, hint="sk.read(utterance)")
    samples = np.asarray(sound)
    if samples.dtype.kind not in "iuf":
        raise AudioError(f"is no sound but a {type(sound).__name__}", where=name, hint="sk.read gives one")
    if rate is None:
        raise AudioError("an array needs its rate", where=name, hint="give it behind the sound, in Hz")
    if rate <= 0:
        raise AudioError(f"{rate} Hz is no rate", where=name, hint="samples a second, as in 16000")
    if samples.ndim != 1 or not len(samples) or samples.dtype.kind not in "iuf":
        raise AudioError(f"is no mono sound: shape {samples.shape}, {samples.dtype}", where=name)
    if wrong := np.count_nonzero(~np.isfinite(samples)):
        raise AudioError(f"{wrong} of {len(samples)} samples are not numbers or infinite", where=name)
    if samples.dtype.kind in "iu":
        samples = samples / 2.0 ** (8 * samples.dtype.itemsize - 1)
    return Waveform(samples.astype(np.float32), rate)
