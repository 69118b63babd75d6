"""A user's folder of recordings, in the layouts found in the field.

=============== ==================================================================================
synthkit        ``corpus.json`` + ``utterances.tsv``
kaldi           ``wav.scp`` + ``text`` (+ ``segments``, ``utt2spk``)
festvox         ``etc/txt.done.data`` (or ``txt.done.data``, ``prompts.data``) + ``wav/`` (+ ``lab/``);
                CMU ARCTIC is one
ljspeech        ``metadata.csv`` (``id|text|normalised``) + ``wavs/``
ruslan          ``metadata_RUSLAN*.csv`` (``id|text``) + ``RUSLAN/``
m-ailabs        ``LANG/by_book/SEX/SPEAKER/BOOK/metadata.csv`` + ``wavs/``, any level of it
vctk            ``wav48*/SPEAKER/ID[_mic1].{wav,flac}`` + ``txt/SPEAKER/ID.txt``
pairs           one ``.txt`` or ``.lab`` beside each recording, or all in a folder of their own
=============== ==================================================================================

Recordings without text and texts without recording are left out and listed, never silently.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from synthkit.corpora import store
from synthkit.corpora.corpus import Corpus
from synthkit.errors import AlignmentError, CorpusError
from synthkit.types import Utterance

AUDIO = (".wav", ".flac")


@dataclass
class _Found:
    """What a layout's reader collects."""

    root: Path
    language: str | None
    utterances: dict[str, Utterance] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def add(self, id: str, text: str, audio: Path | None, speaker: str, language: str | None = None) -> None:
        """One recording with its text, or the reason why it is left out."""
        id = safe_id(id)
        chosen = self.language or language
        if id in self.utterances:
            self.left_out.append((id, f"duplicate id; the first one is used, this one says {text[:60]!r}"))
        elif audio is None or not audio.is_file():
            self.left_out.append((id, "no recording"))
        elif not text.strip():
            self.left_out.append((id, "empty transcript"))
        elif chosen is None:
            raise CorpusError(
                "the folder does not tell its language",
                where=str(self.root),
                hint='say it: --language on the command line, voice.language in a configuration, language="ru" here',
            )
        else:
            labels = self._labels(audio)
            self.utterances[id] = Utterance(id, text.strip(), audio, chosen, speaker, labels)

    def _labels(self, audio: Path) -> Path | None:
        """Phone labels of the same name beside the recording or in a folder beside its folder."""
        for folder, suffix in (
            (audio.parent, ".TextGrid"),
            (audio.parent.parent / "TextGrid", ".TextGrid"),
            (audio.parent.parent / "textgrids", ".TextGrid"),
            (audio.parent.parent / "lab", ".lab"),
            (audio.parent, ".lab"),
        ):
            path = folder / f"{audio.stem}{suffix}"
            if path.is_file() and (suffix == ".TextGrid" or _is_label_file(path)):
                return path
        return None


def open_folder(folder: Path, language: str | None = None) -> Corpus:
    """Read a folder in whichever layout it has.

    Parameters
    ----------
    folder : Path
    language : str, optional
        BCP-47; needed where the layout does not tell it.

    Raises
    ------
    CorpusError
        The layout is not recognised, the language is unknown, or nothing is usable.
    """
    folder = folder.resolve()
    if store.is_stored(folder):
        return store.load(folder)
    for recognises, reader in READERS:
        if recognises(folder):
            found = _Found(folder, language)
            reader(folder, found)
            break
    else:
        kinds = ", ".join(reader.__name__.strip("_") for _, reader in READERS)
        raise CorpusError(
            "no transcripts found that belong to recordings",
            where=str(folder),
            hint=f"known layouts: {kinds}; the simplest is one NAME.txt beside each NAME.wav",
        )
    utterances = list(found.utterances.values())
    if not utterances:
        reasons = "; ".join(f"{i}: {r}" for i, r in found.left_out[:3]) or "it is empty"
        raise CorpusError(f"no usable recording ({reasons})", where=str(folder))
    languages = tuple(dict.fromkeys(u.language for u in utterances))
    licence = next(
        (f.name for f in sorted(folder.glob("*")) if re.match(r"(?i)licen[cs]e|copying", f.name)), ""
    )
    return Corpus(
        folder.name,
        languages,
        f"see {licence} in the corpus" if licence else "",
        "",
        folder,
        utterances,
        found.left_out,
    )


def prompts(path: Path) -> Iterator[tuple[str, str]]:
    """``(id, text)`` of a festvox prompt file: ``( id "text" )`` per line, ``\\"`` for a quote."""
    for number, line in _lines(path):
        match = re.fullmatch(r'\(\s*(\S+)\s+"((?:[^"\\]|\\.)*)"\s*\)', line.strip())
        if match is None:
            raise CorpusError(f'line {number} is not ( id "text" ): {line.strip()[:60]}', where=str(path))
        yield match[1], re.sub(r"\\(.)", r"\1", match[2])


def safe_id(text: str) -> str:
    """An utterance id that can be a file name: anything but letters, digits and ``_.+-`` becomes ``_``."""
    return re.sub(r"[^\w.+-]", "_", text.strip()).lstrip(".") or "_"


# --- the layouts --------------------------------------------------------------------------------------


def _kaldi(folder: Path, found: _Found) -> None:
    scp = dict(_columns(folder / "wav.scp"))
    speakers = dict(_columns(folder / "utt2spk")) if (folder / "utt2spk").is_file() else {}
    cuts: dict[str, tuple[str, float, float]] = {}
    if (folder / "segments").is_file():
        for id, rest in _columns(folder / "segments"):
            try:
                recording, start, end = rest.split()
                cuts[id] = recording, float(start), float(end)
            except ValueError:
                raise CorpusError(
                    f"not 'id recording start end': {id} {rest}", where=str(folder / "segments")
                ) from None
    for id, text in _columns(folder / "text"):
        cut = cuts.get(id)
        source = scp.get(cut[0] if cut else id, "")
        if source.endswith("|"):
            found.left_out.append((safe_id(id), f"the recording is a command, not a file: {source[:60]}"))
            continue
        audio = (folder / source).resolve() if source else None
        found.add(id, text, audio, speakers.get(id, "speaker"))
        utterance = found.utterances.get(safe_id(id))
        if utterance is not None and cut is not None:
            found.utterances[utterance.id] = replace(utterance, labels=None, start=cut[1], end=cut[2])


def _festvox(folder: Path, found: _Found) -> None:
    path = next(p for p in _prompt_files(folder) if p.is_file())
    arctic = re.match(r"cmu_us_([a-z]+)_arctic", folder.name)
    speaker = arctic[1] if arctic else "speaker"
    for id, text in prompts(path):
        found.add(id, text, _audio(folder / "wav" / id), speaker, "en" if arctic else None)
    _without_text(folder / "wav", found)


def _prompt_files(folder: Path) -> list[Path]:
    return [folder / p for p in ("etc/txt.done.data", "txt.done.data", "etc/prompts.data", "prompts.data")]


def _ljspeech(folder: Path, found: _Found) -> None:
    _metadata(folder / "metadata.csv", folder, found, "speaker", None)


def _metadata(
    path: Path, folder: Path, found: _Found, speaker: str, language: str | None, prefix: str = ""
) -> None:
    wavs = next(
        (d for d in (folder / "wavs", folder / "wav", folder) if d.is_dir() and _has_audio(d)), folder
    )
    seen = set()
    for number, line in _lines(path):
        parts = line.split("|")
        if number == 1 and parts[0].strip().lower() in ("id", "file", "filename", "file_id", "wav"):
            continue
        if len(parts) < 2:
            raise CorpusError(f"line {number} is not 'id|text': {line[:60]}", where=str(path))
        name = re.sub(r"\.(wav|flac)$", "", parts[0].strip())
        text = parts[2] if len(parts) > 2 and parts[2].strip() else parts[1]
        lj = "en" if re.match(r"LJ\d{3}-", name) else None
        who = "lj" if lj else speaker
        seen.add(Path(name).name)
        found.add(prefix + name, text, _audio(wavs / name), who, language or lj)
    for audio in _recordings(wavs):
        if audio.stem not in seen:
            found.left_out.append((safe_id(prefix + audio.stem), "no transcript"))


def _ruslan(folder: Path, found: _Found) -> None:
    path = sorted(folder.glob("metadata*RUSLAN*.csv"))[0]
    for number, line in _lines(path):
        name, bar, text = line.partition("|")
        if not bar:
            raise CorpusError(f"line {number} is not 'id|text': {line[:60]}", where=str(path))
        audio = next((a for d in ("RUSLAN", "wavs", ".") if (a := _audio(folder / d / name.strip()))), None)
        found.add(name, text, audio, "ruslan", "ru")


def _m_ailabs(folder: Path, found: _Found) -> None:
    for path in sorted(folder.rglob("metadata.csv")):
        book = path.parent
        parts = book.parts
        code = next((p for p in reversed(parts) if re.fullmatch(r"[a-z]{2}_[A-Z]{2}", p)), None)
        sex = next((i for i in range(len(parts) - 1, -1, -1) if parts[i] in ("female", "male", "mix")), None)
        if sex is not None and sex + 1 < len(parts) - 1:
            speaker = parts[sex + 1]
        else:
            speaker = "mixed" if sex is not None else book.parent.name
        _metadata(path, book, found, speaker, code[:2] if code else None)


def _vctk(folder: Path, found: _Found) -> None:
    wavs = _vctk_audio(folder)
    for text_path in sorted((folder / "txt").glob("*/*.txt")):
        speaker, id = text_path.parent.name, text_path.stem
        tries = [wavs / speaker / name for name in (f"{id}_mic1", id, f"{id}_mic2")]
        audio = next((a for t in tries if (a := _audio(t))), None)
        found.add(id, _text(text_path), audio, speaker, "en")
    texts = {p.stem for p in (folder / "txt").glob("*/*.txt")}
    for audio in _recordings(wavs):
        id = re.sub(r"_mic\d$", "", audio.stem)
        if id not in texts and not audio.stem.endswith("_mic2"):
            found.left_out.append((safe_id(id), "no transcript"))


def _vctk_audio(folder: Path) -> Path:
    names = ("wav48_silence_trimmed", "wav48", "wav16")
    return next((folder / name for name in names if (folder / name).is_dir()), folder / "wav48")


def _pairs(folder: Path, found: _Found) -> None:
    texts = _text_files(folder)
    recordings = _recordings(folder)
    stems = Counter(audio.stem for audio in recordings)
    for audio in recordings:
        inside = audio.relative_to(folder)
        text = texts.get(inside.with_suffix("").as_posix()) or texts.get(audio.stem)
        parents = [p for p in inside.parts[:-1] if p.lower() not in ("wav", "wavs", "audio", "flac", "clips")]
        speaker = safe_id(parents[0]) if parents else "speaker"
        id = audio.stem if stems[audio.stem] == 1 else inside.with_suffix("").as_posix()
        if text is None:
            found.left_out.append((safe_id(id), "no transcript"))
        else:
            found.add(id, _text(text), audio, speaker)
    there = {safe_id(s) for s in stems}
    for path in dict.fromkeys(texts.values()):
        if safe_id(path.name.split(".")[0]) not in there and safe_id(path.stem) not in there:
            found.left_out.append((safe_id(path.stem), "no recording"))


def _text_files(folder: Path) -> dict[str, Path]:
    """Transcripts by path without suffix, and by bare name where that is unique."""
    out: dict[str, Path] = {}
    bare: dict[str, list[Path]] = {}
    for suffix in (".lab", ".txt", ".original.txt", ".normalized.txt"):  # the last one found wins
        for path in sorted(folder.rglob(f"*{suffix}")):
            if path.name.startswith(".") or (suffix == ".lab" and _is_label_file(path)):
                continue
            name = path.name.removesuffix(suffix)
            if suffix == ".txt" and re.search(r"\.(original|normalized)$", name):
                continue
            out[(path.relative_to(folder).parent / name).as_posix()] = path
            bare.setdefault(name, []).append(path)
    for name, paths in bare.items():
        if len({p.parent for p in paths}) == 1:
            out.setdefault(name, paths[-1])
    return out


def _has_pairs(folder: Path) -> bool:
    texts = _text_files(folder)
    return any(
        a.stem in texts or a.relative_to(folder).with_suffix("").as_posix() in texts
        for a in _recordings(folder)
    )


READERS: tuple[tuple[Callable[[Path], bool], Callable[[Path, _Found], None]], ...] = (
    (lambda f: (f / "wav.scp").is_file() and (f / "text").is_file(), _kaldi),
    (lambda f: any(p.is_file() for p in _prompt_files(f)), _festvox),
    (lambda f: (f / "metadata.csv").is_file() and not _in_by_book(f), _ljspeech),
    (lambda f: any(f.glob("metadata*RUSLAN*.csv")), _ruslan),
    (lambda f: any(f.rglob("metadata.csv")), _m_ailabs),
    (lambda f: (f / "txt").is_dir() and _vctk_audio(f).is_dir(), _vctk),
    (_has_pairs, _pairs),
)
"""Layouts in the order they are tried: whether a folder has it, and its reader."""


def _in_by_book(folder: Path) -> bool:
    return "by_book" in folder.parts


# --- small tools --------------------------------------------------------------------------------------


def _audio(stem: Path) -> Path | None:
    """The recording ``stem.wav`` or ``stem.flac``, if there is one."""
    suffixes = (*AUDIO, *(s.upper() for s in AUDIO))
    return next((p for s in suffixes if (p := stem.parent / f"{stem.name}{s}").is_file()), None)


def _recordings(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in AUDIO and not p.name.startswith("."))


def _has_audio(folder: Path) -> bool:
    return any(p.suffix.lower() in AUDIO for p in folder.iterdir())


def _without_text(wavs: Path, found: _Found) -> None:
    known = {*found.utterances, *(id for id, _ in found.left_out)}
    ids = (safe_id(audio.stem) for audio in _recordings(wavs))
    found.left_out += [(id, "no transcript") for id in ids if id not in known]


def _is_label_file(path: Path) -> bool:
    """Whether a ``.lab`` holds times (festvox, HTK) rather than a transcript."""
    from synthkit.labels import detect_format

    try:
        detect_format(path.read_text(encoding="utf-8-sig"), path)
    except (AlignmentError, UnicodeDecodeError):
        return False
    return True


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CorpusError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise CorpusError(
            f"line {line} is not UTF-8 text",
            where=str(path),
            hint="convert it, for instance with iconv -t UTF-8",
        ) from error


def _text(path: Path) -> str:
    return " ".join(_read(path).split())


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(_read(path).splitlines(), 1):
        if line.strip():
            yield number, line


def _columns(path: Path) -> Iterator[tuple[str, str]]:
    for _, line in _lines(path):
        id, _, rest = line.strip().partition(" ") if " " in line else line.strip().partition("\t")
        yield id, rest.strip()
