# SPDX-License-Identifier: Apache-2.0
"""Predicted acoustics from a guide, as a voice knows it.

Of a guide that gives vectors of phones a head is learned at the build (`head.py`), and what is predicted is
the mean of what it says and what the voice's own predictor says: the two err differently. Of one that gives
frames alone, its mean error on the voice's corpus is taken off. The variance that is left there scales the
target costs, as for the own predictor. Where the guide does not say a phone (one that only a recording has),
the own predictor's word stands.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthkit.errors import VoiceError
from synthkit.scratch import scratch_folder
from synthkit.stages import HEARD
from synthkit.types import FeatureSpec, Segmentation
from synthkit_unit_selection.costs import acoustic_columns
from synthkit_unit_selection.growing import Column, Growing
from synthkit_unit_selection.guide import (
    BUNDLED,
    WHERE,
    Guide,
    digest,
    guiding,
    open_guide,
    opened,
)
from synthkit_unit_selection.head import MOST, Head, fit_head
from synthkit_unit_selection.phone_row import PhoneRow
from synthkit_unit_selection.predictor import Residuals
from synthkit_unit_selection.store import GUIDANCE

PREDICTED = "guided.npy"
"""What the guide says of every unit of the corpus, float32 ``(2 P, A)``; `synthkit tune` reads it."""
HEAD = "guidance-head.npz"
WEIGHTS = "guide"
"""Folder of the weights of a guide that came with a plugin."""
Recordings = Callable[[], Iterable[tuple[Segmentation, PhoneRow, np.ndarray, np.ndarray]]]
"""Gives of each recording what it says, its phones, what the own predictor says of it and what it is, both
``(2 P, A)``."""


@dataclass(frozen=True)
class Guidance:
    """A guide as this voice knows it.

    Attributes
    ----------
    guide : Guide
    offset : ndarray, shape (A,)
        Its mean error on the voice's corpus; 0 with a head.
    residual : ndarray, shape (A,)
        Variance that it leaves unexplained there.
    corpus : Path
        File of what it says of the voice's own units.
    head : Head or None
        Reads acoustics off its vectors; None where its frames are measured.
    """

    guide: Guide
    offset: np.ndarray
    residual: np.ndarray
    corpus: Path
    head: Head | None = None

    def recorded(self, low: int, high: int) -> np.ndarray:
        """What it says of units ``[low, high)`` of the corpus: ``(N, A)``."""
        return np.array(np.load(self.corpus, mmap_mode="r")[low:high])

    def predict(self, segmentation: Segmentation, spoken: PhoneRow, own: np.ndarray) -> np.ndarray:
        """Predicted acoustics ``(2 P, A)``; `own` are those of the voice's own predictor."""
        rows, said = said_by(self.guide, self.head, segmentation, spoken, own)
        return np.where(said.repeat(2)[:, None], rows - self.offset, own).astype(np.float32)


def said_by(
    guide: Guide, head: Head | None, segmentation: Segmentation, spoken: PhoneRow, own: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Acoustic rows ``(2 P, A)`` of `spoken`, and which of its phones ``(P,)`` the guide said.

    Parameters
    ----------
    own : ndarray, shape (2 P, A)
        What the voice's own predictor says, which is half of what is said with a head.
    """
    if head is None:
        return guide.targets(segmentation, spoken, own.shape[1])
    found = guide.vectors(segmentation, spoken)
    assert found is not None, "a head was learned from the vectors of this guide"
    vectors, theirs, ours = found
    out, said = own.reshape(len(spoken), 2, -1).copy(), np.zeros(len(spoken), bool)
    out[ours] = (out[ours] + head.predict(vectors, theirs).reshape(len(ours), 2, -1)) / 2
    said[ours] = True
    return out.reshape(own.shape), said


def learn_head(guide: Guide, recordings: Recordings, phones: int) -> Head | None:
    """The head of a guide that gives vectors; None of one that gives frames alone.

    Parameters
    ----------
    recordings : callable
    phones : int
        How many all of them have, about; of more than `MOST` every second, third … recording is learned from.
    """
    every = max(-(-phones // MOST), 1)
    rows, places, acoustics, base = [], [], [], 0
    for number, (segmentation, spoken, _, real) in enumerate(recordings()):
        if number % every:
            continue
        found = guide.vectors(segmentation, spoken)
        if found is None:
            return None
        vectors, theirs, ours = found
        rows.append(vectors)
        places.append(theirs + base)
        acoustics.append(real.reshape(len(spoken), -1)[ours])
        base += len(vectors)
    real = np.concatenate(acoustics)
    return fit_head(np.concatenate(rows), np.concatenate(places), real.reshape(2 * len(real), -1))


def fit_guidance(guide: Guide, recordings: Recordings, path: Path, phones: int = 0) -> Guidance:
    """Ask the guide for every recording; write what it errs by to `path`, and what speaks with it beside.

    Parameters
    ----------
    guide, recordings, phones
        See `learn_head`.
    path : Path
    """
    folder, left = path.parent, None
    head = learn_head(guide, recordings, phones)
    with scratch_folder(folder) as scratch:
        base = there = None
        for segmentation, spoken, own, acoustics in recordings():
            width = acoustics.shape[1]
            if left is None or base is None or there is None:
                left = Residuals(width)
                base, there = (
                    Column(scratch / "said", np.float32, (width,)),
                    Column(scratch / "there", np.bool_),
                )
            rows, said = said_by(guide, head, segmentation, spoken, own)
            both = said.repeat(2)
            left.add(rows - acoustics, acoustics, both & (np.array(spoken.word) >= 0).repeat(2))
            base.append(np.where(both[:, None], rows, own))
            there.append(both)
        assert left is not None and base is not None and there is not None, "a corpus has a recording"
        offset, residual = left.result(centred=head is None)
        with Growing(folder / PREDICTED, np.float32, (len(offset),)) as out:
            for rows, said in zip(base.blocks(), there.blocks(), strict=True):
                out.append(np.where(said[:, None], rows - offset, rows))
        base.close()
        there.close()
    if head is not None:
        head.save(folder / HEAD)
    if guide.weights is not None:
        shutil.copytree(guide.weights, folder / WEIGHTS)
    if guide.heard:
        (folder / HEARD).write_text("\n".join(guide.heard), encoding="utf-8")
    np.savez(
        path, offset=offset, residual=residual, guide=np.array(guide.digest), named=np.array(guide.named),
        phone_set=np.array(guide.phone_set), spec=np.array(json.dumps(guide.spec.to_dict())),
    )  # fmt: skip
    return Guidance(guide, offset, residual, folder / PREDICTED, head)


def comparison(guide: np.ndarray, own: np.ndarray) -> str:
    """One line: what the guide leaves unexplained of each stream, against the voice's own predictor."""
    parts = []
    for name, columns in acoustic_columns(len(own)).items():
        parts.append(f"{name} {100 * float(guide[columns].sum() / own[columns].sum()) - 100:+.0f} %")
    return "variance the guide leaves unexplained, against the voice's own predictor: " + ", ".join(parts)


def open_guidance(
    folder: Path, guide_folder: Path | None, named: str, speaker: str | None
) -> Guidance | None:
    """The guidance that the voice in `folder` was built with; None for one built without.

    Raises
    ------
    VoiceError
        The settings name another guide than the voice was built with, or none.
    """
    path = folder / GUIDANCE
    if not path.exists():
        if guide_folder is None and not named:
            return None
        raise _other("without a guide", guide_folder, named)
    with np.load(path) as z:
        built = str(z["named"]) if "named" in z else ""  # version 3 knew no weights of plugins
        same = built == named and (bool(named) or _digest(guide_folder) == str(z["guide"]))
        if not same:
            was = "with a guide" if guide_folder is None and not named else "with another guide"
            raise _other(was, guide_folder, named)
        offset, residual = z["offset"], z["residual"]
        if named:
            told = str(z["guide"]), str(z["phone_set"]), FeatureSpec.from_dict(json.loads(str(z["spec"])))
            guide = _weights(folder / WEIGHTS, named, told, speaker)
        else:
            assert guide_folder is not None, "another guide than it was built with was refused"
            guide = open_guide(guide_folder, speaker)
    head = Head.load(folder / HEAD) if (folder / HEAD).exists() else None
    return Guidance(guide, offset, residual, folder / PREDICTED, head)


def _digest(folder: Path | None) -> str:
    return digest(folder) if folder is not None else ""


def _weights(folder: Path, named: str, told: tuple[str, str, FeatureSpec], speaker: str | None) -> Guide:
    """The guide that the voice keeps in `folder`; its digest, phone set and spec were `told` at the build."""
    plugin = named.partition(":")[0]
    kind = guiding(plugin, BUNDLED)
    return Guide(opened(kind, folder, BUNDLED), plugin, told[1], told[2], told[0], speaker, named)


def _other(was: str, folder: Path | None, named: str) -> VoiceError:
    asked = repr(folder.name if folder is not None else named) if folder is not None or named else "none"
    return VoiceError(
        f"the voice was built {was}, and the settings name {asked}",
        where=WHERE if folder is not None or not named else BUNDLED,
        hint="a guide is measured on the corpus: change it in the voice's TOML file and build again",
    )
