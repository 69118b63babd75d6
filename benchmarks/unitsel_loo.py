# SPDX-License-Identifier: Apache-2.0
"""Quality, leave-one-utterance-out and text in, beside Festival's clunits voice of the same recordings.

    python benchmarks/unitsel_loo.py [--voice FOLDER] [--first 0] [--heldout-predictor] [--write FOLDER]
    [--no-peer]

To reach: MCD at most 5.65 dB, F0 RMSE at most 28 Hz, at most 30 joins per utterance. The predictor of
F0, duration and spectrum has seen the sentences, as Festival's trees have; their units are left out. With
--heldout-predictor it is trained again without them. Every tenth utterance from --first is spoken: 0 is the
evaluation set, which nothing is tuned on; 1 to 9 are for development. --write keeps what was spoken in
FOLDER/spoken and the recordings beside in FOLDER/recorded, 16-bit, for any other scorer.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from peers import festival_loo
from unitsel_common import arguments, compare, corpus_items, voice_folder

from synthkit import audio


def forget(model, ids):  # type: ignore[no-untyped-def]
    """Give an open unit-selection model a predictor trained without the recordings `ids`; scales stay."""
    from synthkit_unit_selection.predictor import InMemory, fit_predictor

    store, settings = model.store, model.config
    units = store.units.mapped()
    recording = store.recording_of(2 * np.arange(len(store.phone)))
    phones = np.flatnonzero((store.phone > 0) & ~np.isin(recording, store.numbers(ids)))
    acoustics = units["acoustics"][np.stack([2 * phones, 2 * phones + 1], axis=1).reshape(-1), :-1]
    model.predictor = fit_predictor(
        InMemory(units["context"][2 * phones], acoustics),
        len(store.phones),
        hidden=settings.hidden,
        epochs=settings.epochs,
    )


def measure(voice, items, keep: Path | None = None, **options):  # type: ignore[no-untyped-def]
    """Rows of MCD, F0 RMSE, joins, contiguous share of neighbours, joins per phone; waves are written to
    `keep`."""
    rows = []
    for item in items:
        spoken = voice.speak(item.text, exclude=frozenset([item.id]), options=options)
        reference = audio.read(item.audio)
        if keep:
            audio.write(keep / "spoken" / f"{item.id}.wav", spoken.waveform)
            audio.write(keep / "recorded" / f"{item.id}.wav", reference)
        joins = sum(p.joins for p in spoken.predictions)
        units = sum(len(p.units) for p in spoken.predictions)
        phones = sum(len(p.phones) for p in spoken.predictions)
        figures = compare(reference.samples, spoken.waveform.samples, reference.sample_rate)
        rows.append((*figures, joins, 1 - joins / max(units - 1, 1), joins / phones))
    return np.array(rows)


def main() -> None:
    """Print one line per system."""
    parser = arguments(__doc__)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--heldout-predictor", action="store_true")
    parser.add_argument("--write", type=Path, metavar="FOLDER")
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    from synthkit.pipeline.voice import Voice

    items = corpus_items()[options.first :: options.every]
    voice = Voice.open(voice_folder(options.voice))
    if options.heldout_predictor:
        forget(voice.acoustic_model, [item.id for item in items])
    rows = measure(voice, items, options.write)
    print(
        f"{len(items)} utterances, leave-one-out       MCD dB  F0 RMSE Hz  joins/utt  contiguous  joins/phone"
    )
    show = "{:<34} {:>6.3f}      {:>6.2f}     {:>6.1f}      {:>6.3f}       {:>6.3f}".format
    name = "synthkit, predictor held out" if options.heldout_predictor else "synthkit unit-selection"
    print(show(name, *np.nanmean(rows, 0)))
    print("to reach                           ≤ 5.65        ≤ 28       ≤ 30")
    if options.no_peer or not festival_loo.available():
        print("Festival: not measured" + ("" if options.no_peer else " (apt install festival festvox-ru)"))
        return
    with tempfile.TemporaryDirectory() as scratch:
        peer = festival_loo.speak([(i.id, i.text) for i in items], Path(scratch))
        theirs = []
        for item in items:
            reference, test = audio.read(item.audio), audio.read(peer.waves[item.id])
            joins, pairs = peer.joins[item.id], peer.pairs[item.id]
            figures = compare(reference.samples, test.samples, reference.sample_rate)
            theirs.append((*figures, joins, 1 - joins / pairs, joins / (pairs + 1)))
    print(show("Festival clunits", *np.nanmean(theirs, 0)))


if __name__ == "__main__":
    main()
