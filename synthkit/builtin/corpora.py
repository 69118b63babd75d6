# SPDX-License-Identifier: Apache-2.0
"""The corpora synthkit knows by name, the layouts and label formats it reads, and the ``corpora``
commands."""

from __future__ import annotations

from synthkit import hookimpl
from synthkit.hookspecs import Register


@hookimpl
def register_corpora(register: Register) -> None:
    """Recipes for fetched and bundled corpora."""
    register("bundled-ru", "synthkit.corpora.bundled:BundledRu", summary="Russian, comes with synthkit")
    register("bundled-en", "synthkit.corpora.bundled:BundledEn", summary="English, comes with synthkit")
    register("msu-ru-nsh", "synthkit.corpora.msu_ru_nsh:MsuRuNsh", summary="Russian, 99.5 min, phone labels")
    register("asterisk-en", "synthkit.corpora.asterisk:AsteriskEn", summary="English prompts, 24.3 min")
    register("asterisk-es", "synthkit.corpora.asterisk:AsteriskEs", summary="Spanish prompts, 28.9 min")
    register("asterisk-fr", "synthkit.corpora.asterisk:AsteriskFr", summary="French prompts, 23.9 min")
    register("asterisk-it", "synthkit.corpora.asterisk:AsteriskIt", summary="Italian prompts, 22.6 min")
    register("asterisk-ru", "synthkit.corpora.asterisk:AsteriskRu", summary="Russian prompts, 23.5 min")


@hookimpl
def register_layouts(register: Register) -> None:
    """Folders of recordings and transcripts, as found in the field."""
    where = "synthkit.corpora.layouts"
    register("synthkit", f"{where}.stored:Stored", summary="corpus.json and utterances.tsv")
    register("kaldi", f"{where}.kaldi:Kaldi", summary="wav.scp and text, segments and utt2spk")
    register("festvox", f"{where}.festvox:Festvox", summary="etc/txt.done.data and wav/; CMU ARCTIC")
    register(
        "ljspeech", f"{where}.ljspeech:LJSpeech", summary="metadata.csv of id|text and wavs/; Coqui, Piper"
    )
    register("table", f"{where}.tables:Tables", summary="file lists, CSS10, Hugging Face's metadata.csv")
    register("common-voice", f"{where}.tables:CommonVoice", summary="validated.tsv and clips/")
    register("librispeech", f"{where}.tables:LibriSpeech", summary="*.trans.txt beside the recordings")
    register("jsut", f"{where}.tables:Jsut", summary="transcript_utf8.txt of id:text and wav/")
    register("json-lines", f"{where}.jsonl:JsonLines", summary="NeMo's manifests, metadata.jsonl")
    register("lhotse", f"{where}.jsonl:Lhotse", summary="recordings.jsonl and supervisions.jsonl")
    register("timit", f"{where}.timit:Timit", summary="ID.WAV with ID.TXT and ID.PHN")
    register("ruslan", f"{where}.ruslan:Ruslan", summary="metadata_RUSLAN*.csv and RUSLAN/")
    register("m-ailabs", f"{where}.m_ailabs:MAILabs", summary="LANG/by_book/SEX/SPEAKER/BOOK/metadata.csv")
    register("vctk", f"{where}.vctk:Vctk", summary="wav48*/SPEAKER/ and txt/SPEAKER/")
    register("pairs", f"{where}.pairs:Pairs", summary="a .txt or plain-text .lab beside each recording")


@hookimpl
def register_label_formats(register: Register) -> None:
    """Label files of the field's programs."""
    where = "synthkit.labels"
    register("textgrid", f"{where}.textgrid:TextGrid", summary="Praat TextGrid, long and short; MFA, WebMAUS")
    register("festvox", f"{where}.festvox:Festvox", summary="festvox (xwaves) .lab: end, colour, label")
    register("htk", f"{where}.htk:Htk", summary="HTK and HTS .lab: start, end in 100 ns, label")
    register("ctm", f"{where}.ctm:Ctm", summary="NIST CTM: utterance, channel, start, duration, label")
    register("varied", f"{where}.taken:Taken", summary="of a recording that is made of another: corpora vary")


@hookimpl
def register_commands(register: Register) -> None:
    """``synthkit corpora``."""
    register("corpora", "synthkit.cli.corpora:corpora", summary="the data: list, get, check, split")
