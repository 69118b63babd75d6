# SPDX-License-Identifier: Apache-2.0
"""A first configuration for a folder of recordings: what suits it, with a remark at every line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synthkit import audio, tables
from synthkit.corpora import Corpus, open_corpus
from synthkit.corpora.language import guess
from synthkit.corpora.layouts.base import UnknownLanguage
from synthkit.corpora.rates import commonest, resampled_to
from synthkit.errors import AudioError, CorpusError, SynthkitError, reason
from synthkit.labels import detect_format, misfit, read_alignment
from synthkit.plugins import registry

FILE = "voice.toml"
"""The configuration's name in the folder of the recordings."""


@dataclass(frozen=True)
class Draft:
    """A configuration and what was seen on the way, one sentence each."""

    text: str
    notes: list[str]


def draft(folder: Path, language: str | None = None, *, layout: str | None = None) -> Draft:
    """What suits the recordings in `folder`.

    Parameters
    ----------
    folder : Path
    language : str, optional
        BCP-47; guessed from the texts where neither the user nor the layout says it.
    layout : str, optional

    Returns
    -------
    Draft

    Raises
    ------
    CorpusError
        It is no folder of recordings and transcripts, or its language cannot be told.
    """
    notes: list[str] = []
    corpus, said = open_folder(folder, language, layout, notes)
    spoken = corpus.languages[0]
    rates = _rates(corpus)
    usual = commonest(rates)
    lines = [
        "# A voice of the recordings in this folder: `synthkit build` and this folder's name make it.",
        "",
    ]
    lines += ["[voice]", f'name = "{name_of(folder)}"', 'corpus = "."  # this folder']
    if said is not None:
        lines.append(f'language = "{said}"  # {"as told" if language else "guessed from the texts"}')
    if layout is not None:
        lines.append(f'layout = "{layout}"')
    told = resampled_to(rates)
    if told is not None:
        lines.append(f"sample_rate = {told}  # Hz; recordings at other rates are resampled")
        notes.append(_of_rates(rates, told))
    else:
        lines.append(f"# sample_rate = {usual}  # Hz; that of the recordings")
    rate = told or usual
    lines.append("# held_out = 10  # leave every tenth utterance out, to compare voices on it")
    plugin = segmentation_for(spoken)
    lines += [
        "",
        "[segmentation]",
        f'plugin = "{plugin}"  # text to phones; others: {_others("segmentation", plugin)}',
    ]
    aligner = aligner_for(corpus, notes)
    why = (
        "the labels that came with the recordings"
        if aligner == "labels"
        else "learns of the recordings themselves"
    )
    lines += ["", "[alignment]", f'plugin = "{aligner}"  # {why}; others: {_others("alignment", aligner)}']
    lines += ["", "[features]", 'plugin = "world"']
    if rate < 12000:
        lines.append("aperiodicity = false  # WORLD has none at this rate")
    lines += [
        "",
        "[acoustic_model]",
        'plugin = "unit-selection"  # pieces of the recordings themselves; others: '
        + _others("acoustic_model", "unit-selection"),
        "",
        "[vocoder]",
        f'plugin = "overlap-add"  # others: {_others("vocoder", "overlap-add")}',
    ]
    return Draft("\n".join(lines) + "\n", notes)


def open_folder(
    folder: str | Path,
    language: str | None,
    layout: str | None,
    notes: list[str],
    *,
    otherwise: str | None = None,
) -> tuple[Corpus, str | None]:
    """A corpus, and its language where the user said it or it was guessed, which `notes` then has.

    Parameters
    ----------
    folder : str or Path
        A registered name or a folder.
    language : str or None
        BCP-47, where the user said it.
    layout : str or None
        Of a folder that could be one of two.
    notes : list of str
        Added to.
    otherwise : str, optional
        The language to take where none can be told.

    Returns
    -------
    corpus : Corpus
    language : str or None
        None where the corpus says it itself.

    Raises
    ------
    CorpusError
        As `open_corpus`; or the language cannot be told.
    """
    try:
        return open_corpus(folder, language, layout=layout), language
    except UnknownLanguage as error:
        guessed = guess(u.text for u in open_corpus(folder, "und", layout=layout).utterances)
        found = guessed or otherwise
        if found is None:
            raise CorpusError(
                "its language cannot be told from its texts", where=str(folder), hint="say it: --language"
            ) from error
        how = "guessed from the texts" if guessed else "since the texts do not tell"
        notes.append(f"language {found!r}, {how}; --language says another")
        return open_corpus(folder, found, layout=layout), found


def name_of(folder: Path) -> str:
    """A name for a voice of the recordings in `folder`.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    str
    """
    name = re.sub(r"[^\w.-]+", "-", folder.resolve().name).strip("-.")
    return name or "mine"


def aligner_for(corpus: Corpus, notes: list[str]) -> str:
    """Name of the aligner: of labels that came with the recordings where all fit, else one that learns of
    them; of labels that are not used `notes` has a sentence.

    Parameters
    ----------
    corpus : Corpus
    notes : list of str
        Added to.

    Returns
    -------
    str
        As in ``synthkit plugins``.
    """
    fitting, labelled = _labels(corpus)
    if fitting == len(corpus):
        return "labels"
    if labelled:
        notes.append(
            f"{labelled} of {len(corpus)} utterances have labels, {fitting} that fit: they are not used"
        )
    return "hmm"


def rate_told(source: str | Path, corpus: Corpus, notes: list[str]) -> int | None:
    """The sample rate that ``synthkit build`` of a folder of recordings is told: by the configuration in it,
    or by the one that would be written.

    Parameters
    ----------
    source : str or Path
        A registered corpus's name or a folder.
    corpus : Corpus
        What is in it.
    notes : list of str
        Added to, where recordings are resampled.

    Returns
    -------
    int or None
        None: the build is told none, takes that of most recordings, and leaves out the others.

    Raises
    ------
    ConfigError
        The configuration in the folder is no TOML.
    """
    folder = Path(source)
    if not folder.is_dir():
        return None
    rates = _rates(corpus)
    told = _of_file(folder) if (folder / FILE).is_file() else resampled_to(rates)
    if told is not None and set(rates) - {told}:
        notes.append(_of_rates(rates, told))
    return told


def _of_file(folder: Path) -> int | None:
    """The sample rate that the configuration in `folder` says, if it is one for the recordings there."""
    voice = tables.read(folder / FILE).get("voice")
    if not isinstance(voice, dict) or (folder / str(voice.get("corpus"))).resolve() != folder.resolve():
        return None
    rate = voice.get("sample_rate")
    return rate if type(rate) is int else None


def _of_rates(rates: list[int], taken: int) -> str:
    return f"recordings are at {', '.join(f'{r} Hz' for r in sorted(set(rates)))}: {taken} taken"


def _rates(corpus: Corpus) -> list[int]:
    """Sample rates of the recordings that can be opened, Hz."""
    rates = []
    for u in corpus.utterances:
        try:
            rates.append(audio.info(u.audio)[0])
        except AudioError as error:
            reason(error)  # the build says what is wrong with it
    return rates


def segmentation_for(language: str) -> str:
    """Name of the installed segmentation that reads `language`, ours before others.

    Parameters
    ----------
    language : str
        BCP-47.

    Returns
    -------
    str

    Raises
    ------
    CorpusError
        None does.
    """
    names = registry().names("segmentation")
    for name in sorted(names, key=_preferred):
        try:
            known = registry().load("segmentation", name)().languages()
        except SynthkitError as error:
            reason(error)
            continue
        if language in known or language.split("-")[0] in known:
            return name
    raise CorpusError(
        f"no segmentation that is installed reads {language!r}",
        hint="install one: synthkit-espeak reads more than a hundred languages",
    )


def _preferred(name: str) -> tuple[int, str]:
    order = ("text", "espeak", "gruut")
    return (order.index(name) if name in order else len(order), name)


def _others(stage: str, name: str) -> str:
    return ", ".join(n for n in registry().names(stage) if n != name) or "none installed"


def _labels(corpus: Corpus) -> tuple[int, int]:
    """How many utterances have labels that fit them, and how many have labels."""
    fitting = labelled = 0
    for u in corpus.utterances:
        if u.labels is None:
            continue
        labelled += 1
        try:
            found = read_alignment(u.labels, id=u.id)
            rate, frames, _ = audio.info(u.audio)
            exact = detect_format(u.labels) == "textgrid"
        except SynthkitError as error:
            reason(error)
            continue
        fitting += misfit(found, u.text, frames / rate, exact=exact) is None
    return fitting, labelled


def write(folder: Path, language: str | None, layout: str | None, tell: Callable[[str], None]) -> Path:
    """Write the configuration into `folder`, and tell what was seen; its path.

    Parameters
    ----------
    folder : Path
    language : str or None
        BCP-47.
    layout : str or None
    tell : callable
        Told a line.

    Returns
    -------
    Path

    Raises
    ------
    SynthkitError
        As `draft`; or there is one, or it cannot be written.
    """
    from synthkit.atomic import write_text

    path = folder / FILE
    if path.exists():
        raise CorpusError("is there already", where=str(path), hint="change it, or delete it for a new one")
    made = draft(folder, language, layout=layout)
    for note in made.notes:
        tell(note)
    try:
        write_text(path, made.text)
    except OSError as error:
        raise CorpusError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return path
