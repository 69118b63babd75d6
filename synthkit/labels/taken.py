# SPDX-License-Identifier: Apache-2.0
"""Labels of a recording that is made of another (`synthkit.varied`): the other's, at its speed."""

from __future__ import annotations

from dataclasses import replace

from synthkit.errors import AlignmentError, AudioError
from synthkit.labels.format import Choice, LabelFile, LabelFormat, Labels
from synthkit.recognise import Evidence, strongest
from synthkit.types import Interval
from synthkit.varied import SUFFIX, read_take, source_of


class Taken(LabelFormat):
    """Read only: ``corpora vary`` writes them."""

    suffix = SUFFIX
    by_suffix = False

    def evidence(self, file: LabelFile) -> Evidence:
        """Its suffix."""
        return Evidence.OWN if file.path.suffix == SUFFIX else Evidence.NONE

    def read(self, file: LabelFile, choice: Choice) -> Labels:
        """See `LabelFormat.read`."""
        from synthkit.plugins import registry

        try:
            take = read_take(file.path)
            if not take.labels:
                raise AlignmentError("the recording it is made of has no labels", where=file.where)
            source = LabelFile.open(source_of(file.path, take.labels))
        except AudioError as error:
            raise AlignmentError(error.message, where=error.where, hint=error.hint) from error
        names = strongest("label_format", lambda kind: kind.evidence(source))
        if len(names) != 1:
            raise AlignmentError("holds labels in no known format, or in one of two", where=source.where)
        kind: LabelFormat = registry().load("label_format", names[0])()
        found = kind.read(source, choice)
        tiers = [
            tuple(Interval(i.start / take.speed, i.end / take.speed, i.label, i.score) for i in tier)
            for tier in (found.phones, found.words)
        ]
        duration = take.samples / take.rate if found.duration else 0.0
        return replace(found, id=None, phones=tiers[0], words=tiers[1], duration=duration)
