# SPDX-License-Identifier: Apache-2.0
"""Copies of held-out utterances by a trained WaveNet, beside those of other vocoders, and its curve.

    python benchmarks/wavenet_copies.py FOLDER … [--temperature 1.0 …] [--count 20] [--corpus msu-ru-nsh]
        [--every 10] [--hifigan] [--keep FOLDER]

FOLDER is the ``vocoder`` folder of a voice that was built with one, or the name of bundled weights. First the
curve that its training kept, of recordings it never heard: nats for each sample, as the probability of a
value of 16 bits, and whether it falls throughout. Then the table of `vocoder_copies.py` with WORLD,
Griffin-Lim and syrinx; WORLD is the anchor (2.75 dB on five bundled recordings).
"""

from __future__ import annotations

from pathlib import Path

from synthkit_wavenet.stored import TrainedVocoder
from vocoder_copies import parser, rows, table

from synthkit.plugins import registry
from synthkit.stages import FeatureExtractor, Vocoder


def curve(name: str, trained: TrainedVocoder) -> None:
    """Print what the training kept of itself."""
    found = trained.made.get("curve", [])
    if not found:
        print(f"{name}: no curve was kept")
        return
    shape = trained.shape
    print(f"{name}: {shape.form}, {shape.output}, {shape.layers} layers of {shape.channels}")
    print(f"{'step':>8}{'CPU h':>8}{'trained':>10}{'held out':>10}")
    for row in found:
        print(
            f"{row['step']:8.0f}{row['cpu_seconds'] / 3600:8.2f}{row['trained_nll']:10.4f}"
            f"{row['held_out_nll']:10.4f}"
        )
    nll = [row["held_out_nll"] for row in found]
    rises = [
        int(b["step"])
        for a, b in zip(found, found[1:], strict=False)
        if b["held_out_nll"] >= a["held_out_nll"]
    ]
    print(
        f"held out: {nll[0]:.4f} to {nll[-1]:.4f}; "
        + (f"rises at step {rises}" if rises else "falls throughout")
    )


def main() -> None:
    """Run and print."""
    asked = parser(__doc__)
    asked.add_argument("folders", nargs="+", metavar="FOLDER")
    asked.add_argument("--temperature", type=float, action="append", default=[])
    args = asked.parse_args()
    compared: list[tuple[str, FeatureExtractor | None, Vocoder | None]] = []
    kind = registry().load("vocoder", "wavenet")
    for name in args.folders:
        folder = kind.bundled / name if (kind.bundled / name).is_dir() else Path(name)
        curve(name, TrainedVocoder.load(folder))
        for temperature in args.temperature or [1.0]:
            vocoder = kind(kind.Config(temperature=temperature))
            vocoder.open(folder)
            spec = vocoder.accepts()[0]
            extractor = next(
                e
                for features in ("world", "mel")
                if (e := registry().load("features", features).matching(spec, spec.sample_rate))
            )
            compared.append((f"wavenet {temperature:g}", extractor, vocoder))
    table(args, [*rows(["nsh"], args.hifigan), *compared])


if __name__ == "__main__":
    main()
