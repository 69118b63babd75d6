# SPDX-License-Identifier: Apache-2.0
"""What tests of the `mfa` adapter ask it, and the models and dictionaries that they give it."""

import json
import zipfile
from pathlib import Path

from synthkit_align.mfa import MfaAligner, MfaSettings

from synthkit.labels import read_alignment
from synthkit.testing.samples import context
from synthkit.types import Alignment

DATA = Path(__file__).parent / "data"
SAYS = DATA / "mfa-says"


def recorded() -> Alignment:
    return read_alignment(DATA / "ru_0006.TextGrid")


def align(items, work, **settings):
    return MfaAligner(MfaSettings(**settings)).align(items, context(work))


def asked(here):
    return (here / "asked").read_text().split("\n")[0]


def make_model(path, phones):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/meta.json", json.dumps({"phones": sorted(phones)}))
    return path


def phones_of(segmentation):
    return {p.symbol for w in segmentation.words for way in (w.phones, *w.variants) for p in way}


def make_dictionary(path, segmentation, change=lambda phone: phone, leave_out=()):
    rows = [
        f"{w.text.lower()}\t0.99\t0.5\t1.0\t1.0\t{' '.join(change(p.symbol) for p in w.phones)}"
        for w in segmentation.words
        if w.text not in leave_out
    ]
    path.write_text("\n".join(["<unk>\t0.99\t0.32\t1.0\t1.0\tspn", *rows]) + "\n")
    return path
