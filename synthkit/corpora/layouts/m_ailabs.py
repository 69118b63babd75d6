# SPDX-License-Identifier: Apache-2.0
"""M-AILABS: ``LANG/by_book/SEX/SPEAKER/BOOK/metadata.csv`` and ``wavs/``, any level of it."""

from __future__ import annotations

import re
from pathlib import Path

from synthkit.corpora.corpus import Corpus
from synthkit.corpora.layouts.base import Collector, Layout
from synthkit.corpora.layouts.ljspeech import read_metadata
from synthkit.recognise import Evidence

_SEXES = ("female", "male", "mix")


class MAILabs(Layout):
    """See the module."""

    def evidence(self, folder: Path) -> Evidence:
        """``metadata.csv`` with ``by_book`` in its path; elsewhere only its name, and not in this folder
        itself."""
        first = next(folder.rglob("metadata.csv"), None)
        if first is None:
            return Evidence.NONE
        if "by_book" in first.parts:
            return Evidence.CONTENT
        return Evidence.NONE if (folder / "metadata.csv").is_file() else Evidence.NAME

    def read(self, folder: Path, language: str | None) -> Corpus:
        """See `Layout.read`; language and speaker are read from the path."""
        found = Collector(folder, language)
        for path in sorted(folder.rglob("metadata.csv")):
            parts = path.parent.parts
            code = next((p for p in reversed(parts) if re.fullmatch(r"[a-z]{2}_[A-Z]{2}", p)), None)
            sex = next((i for i in range(len(parts) - 1, -1, -1) if parts[i] in _SEXES), None)
            if sex is not None and sex + 1 < len(parts) - 1:
                speaker = parts[sex + 1]
            else:
                speaker = "mixed" if sex is not None else path.parent.parent.name
            read_metadata(path, found, speaker, code[:2] if code else None)
        return found.corpus()
