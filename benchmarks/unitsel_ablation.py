# SPDX-License-Identifier: Apache-2.0
"""Does each idea earn its place? Quality without it, on recordings outside the evaluation set.

python benchmarks/unitsel_ablation.py [--voice FOLDER] [--count 31]
"""

from __future__ import annotations

import numpy as np
from unitsel_common import arguments, corpus_items, voice_folder
from unitsel_loo import measure

CASES: dict[str, dict[str, object]] = {
    "all": {},
    "no successors": {"successors": False},
    "no phrase lookup": {"phrases": False},
    "no guidance": {"guidance": 0.0},
    "no balancing": {"balance": False},
}


def main() -> None:
    """Print a Markdown table."""
    parser = arguments(__doc__)
    parser.add_argument("--count", type=int, default=31)
    options = parser.parse_args()
    from synthkit.pipeline.voice import Voice

    items = corpus_items()[5::10][:: max(62 // options.count, 1)]
    voice = Voice.open(voice_folder(options.voice))
    print("| | MCD dB | F0 RMSE Hz | joins per utterance |\n|---|---|---|---|")
    for name, changed in CASES.items():
        mcd, f0, joins, *_ = np.nanmean(measure(voice, items, **changed), 0)
        print(f"| {name} | {mcd:.3f} | {f0:.2f} | {joins:.1f} |", flush=True)


if __name__ == "__main__":
    main()
