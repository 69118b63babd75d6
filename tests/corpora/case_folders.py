# SPDX-License-Identifier: Apache-2.0
"""Small folders as people have them, each of a kind that was read wrongly once, and what must become of each.

The tables and labels lie in ``cases/``; recordings are put beside them here. ``benchmarks/corpus_cases.py``
counts how many are right, of these or of ready folders.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from synthkit import audio
from synthkit.corpora import Corpus, check, open_corpus
from synthkit.errors import CorpusError
from synthkit.eval.files import measure_files
from synthkit.labels import read_alignment

HERE = Path(__file__).parent / "cases"
RECORDINGS = {
    "ljspeech_third_column_is_length": "wavs/1 wavs/2 wavs/3",
    "ljspeech_pipe_in_text": "wavs/1 wavs/2",
    "filelist_phonemes_speaker_id": "wavs/1 wavs/2",
    "coqui_audio_file_text_speaker_name": "wavs/a1 wavs/a2 wavs/a3",
    "piper_path_speaker_text": "wav/1 wav/2 wav/3",
    "ljspeech_ids_with_speaker_folder": "wavs/anna/1 wavs/anna/2 wavs/boris/1 wavs/boris/2",
    "pairs_audacity_labels": "1 2",
    "kaldi_tab_and_space": "1 2",
    "macos_nfd_names": unicodedata.normalize("NFD", "wavs/йод wavs/b"),
    "textgrid_lower_case_suffix": "1 2",
    "textgrid_per_speaker_folder": "wav/anna/1 wav/anna/2",
    "festvox_comment_line": "wav/uniph_0001 wav/uniph_0002",
}
"""Recordings of 1.5 s, by folder."""


def lay_out(name: str, folder: Path) -> Path:
    """A copy of the case `name` under `folder`, with its recordings; the copy."""
    to = folder / name
    if (HERE / name).is_dir():
        shutil.copytree(HERE / name, to)
    to.mkdir(exist_ok=True)
    corpus = open_corpus("bundled-en")
    clip = audio.read(corpus.get("all-circuits-busy-now").audio)
    for stem in RECORDINGS.get(name, "").split():
        audio.write(to / f"{stem}.wav", type(clip)(clip.samples[:24000], 16000))
    if name == "textgrid_of_another_recording":
        for id in ("all-circuits-busy-now", "conf-now-recording", "agent-alreadyon"):
            shutil.copyfile(corpus.get(id).audio, to / f"{id}.flac")
    elif name == "mixed_sample_rates":
        for id, rate in (
            ("check-number-dial-again", 8000),
            ("agent-alreadyon", 16000),
            ("conf-extended", 48000),
        ):
            audio.write(to / f"{id}.wav", audio.read(corpus.get(id).audio, rate))
    elif name == "float_beyond_full_scale":
        for stem, scale, kind in (("1", 1, "PCM_16"), ("2", 32768, "FLOAT"), ("3", 1, "PCM_16")):
            soundfile.write(to / f"{stem}.wav", clip.samples * scale, 16000, kind)
    elif name == "wav_unknown_length":
        audio.write(to / "zero.wav", type(clip)(clip.samples[:24000], 16000))
        whole = (to / "zero.wav").read_bytes()
        for stem, riff, data in (("zero", 0, 0), ("mb2000", 2_000_000_036, 2_000_000_000)):
            head = whole[:4] + riff.to_bytes(4, "little") + whole[8:40] + data.to_bytes(4, "little")
            (to / f"{stem}.wav").write_bytes(head + whole[44:])
    elif name == "measure_8k":
        low = audio.resample(clip, 8000).samples
        noise = 1e-3 * np.random.default_rng(0).standard_normal(len(low))
        soundfile.write(to / "ref8.wav", low, 8000)
        soundfile.write(to / "ref8b.wav", low + noise, 8000)
    elif name == "measure_48k_16k":
        import soxr

        soundfile.write(to / "ref.wav", clip.samples, 16000)
        soundfile.write(to / "soxr48.wav", soxr.resample(clip.samples, 16000, 48000, quality="VHQ"), 48000)
    return to


def _utterances(count: int, texts: str = "", speakers: str = "") -> Callable[[Path], str]:
    def judge(folder: Path) -> str:
        corpus = _opened(folder)
        got = [u.text for u in corpus.utterances]
        if len(corpus) != count:
            return f"{len(corpus)} utterances: {corpus.left_out}"
        if texts and got[0] != texts:
            return f"text {got[0]!r}"
        spoken = " ".join(u.speaker for u in corpus.utterances)
        return f"speakers {spoken}" if speakers and spoken != speakers else ""

    return judge


def _opened(folder: Path) -> Corpus:
    return open_corpus(folder, "ru" if folder.name == "macos_nfd_names" else "en")


def _refused(*words: str) -> Callable[[Path], str]:
    def judge(folder: Path) -> str:
        try:
            corpus = _opened(folder)
        except CorpusError as error:
            missing = [w for w in words if w not in str(error)]
            return f"refused without saying {missing}: {error}" if missing else ""
        return f"read as {[u.text for u in corpus.utterances]}"

    return judge


def _audacity(folder: Path) -> str:
    corpus = _opened(folder)
    texts = {u.id: u.text for u in corpus.utterances}
    told = dict(corpus.left_out).get("1", "")
    return "" if texts == {"2": "The train is late."} and "labels" in told else f"{texts}, {told!r}"


def _nfd(folder: Path) -> str:
    ids = sorted(u.id for u in _opened(folder).utterances)
    return "" if ids == ["b", "йод"] else f"ids {ids}"


def _labelled(folder: Path) -> str:
    without = [u.id for u in _opened(folder).utterances if u.labels is None]
    return f"no labels for {without}" if without else ""


def _more_rows(name: str) -> Callable[[Path], str]:
    def judge(folder: Path) -> str:
        found = read_alignment(folder / name)
        phones = [p.label for p in found.phones if p.label != "pau"]
        return "" if phones == ["W", "AH1", "N"] and found.duration == 1.5 else f"{phones}, {found.duration}"

    return judge


def _told(*words: str, least: int = 1) -> Callable[[Path], str]:
    def judge(folder: Path) -> str:
        reasons = [f"{f.id}: {f.reason}" for f in check(_opened(folder))]
        told = [r for r in reasons if any(w in r for w in words)]
        return "" if len(told) >= least else f"check says {reasons}"

    return judge


def _whole(folder: Path) -> str:
    sizes = [len(audio.read(folder / f"{stem}.wav").samples) for stem in ("zero", "mb2000")]
    return "" if sizes == [24000, 24000] else f"{sizes} samples"


def _eight(folder: Path) -> str:
    rows, _ = measure_files(folder / "ref8.wav", folder / "ref8b.wav", ("world",), {})
    without = [r.key for r in rows if r.value is None]
    return "" if without == ["bap/synthkit"] else f"no figure for {without}"


def _two_rates(folder: Path) -> str:
    rows, _ = measure_files(folder / "ref.wav", folder / "soxr48.wav", ("world",), {})
    mcd = next(r.value for r in rows if r.key == "mcd/synthkit")
    return "" if mcd is not None and mcd < 0.05 else f"MCD {mcd}"


CASES: dict[str, tuple[str, Callable[[Path], str]]] = {
    "text column, not its length": (
        "ljspeech_third_column_is_length", _utterances(3, "Good morning to all of you."),
    ),
    "bar in the text": ("ljspeech_pipe_in_text", _refused("line ")),
    "phonemes and a speaker's number": ("filelist_phonemes_speaker_id", _refused("line 1", "phonemes")),
    "Coqui's header and paths": (
        "coqui_audio_file_text_speaker_name",
        _utterances(3, "Good morning to all of you.", "anna anna boris"),
    ),
    "Piper's path, speaker, text": (
        "piper_path_speaker_text", _utterances(3, "Good morning to all of you.", "anna anna boris"),
    ),
    "ids with a folder": (
        "ljspeech_ids_with_speaker_folder",
        _utterances(4, "Good morning number 1.", "anna anna boris boris"),
    ),
    "Audacity's labels for words": ("pairs_audacity_labels", _audacity),
    "Kaldi's tabs and spaces": ("kaldi_tab_and_space", _utterances(2, "good morning all")),
    "names in NFD": ("macos_nfd_names", _nfd),
    "festvox comments": ("festvox_comment_line", _utterances(2, "a whole joy was reaping.")),
    "suffix in small letters": ("textgrid_lower_case_suffix", _labelled),
    "labels in speakers' folders": ("textgrid_per_speaker_folder", _labelled),
    "size too small": ("textgrid_size_too_small", _more_rows("01_size_too_small.TextGrid")),
    "size too small, last tier": ("textgrid_size_too_small", _more_rows("01b_size_too_small_last.TextGrid")),
    "labels of another recording": (
        "textgrid_of_another_recording", _told("labels are of", "another text", least=3),
    ),
    "wav of unknown length": ("wav_unknown_length", _whole),
    "float beyond full scale": ("float_beyond_full_scale", _told("2: far beyond full scale")),
    "several sample rates": ("mixed_sample_rates", _told("the corpus at 48000 Hz", least=2)),
    "figures at 8 kHz": ("measure_8k", _eight),
    "figures over two rates": ("measure_48k_16k", _two_rates),
}  # fmt: skip
"""What is wrong with it ("" is right), by kind; each with the folder it is asked of."""
