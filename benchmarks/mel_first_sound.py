# SPDX-License-Identifier: Apache-2.0
"""How soon a voice is heard: from its opening to the first sentence, then a sentence of a voice that is warm.

    python benchmarks/mel_first_sound.py VOICE [VOICE …] [--runs 7]

CPU seconds and seconds by the clock, of one process that has imported what every command imports: until a
sentence is made whole, and until its first block can be heard (`Voice.blocks`; of most voices that is the
sentence). To reach for mel voices on one core: first sound within 0.3 s, half of real time.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from synthkit.pipeline.voice import Voice

TEXTS = {
    "ru": ("В лесу было тихо.", "Над тихой рекой поднимается белый туман {}."),
    "en": ("It was quiet in the wood.", "A white fog is rising over the quiet river {}."),
}
"""The second differs from run to run, so that nothing is taken from a cache."""
TIMES = {
    "ru": ("утром", "вечером", "ночью", "весной", "осенью", "зимой", "летом"),
    "en": ("today", "at night", "in spring", "in autumn", "in winter", "in June", "in May"),
}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("voices", type=Path, nargs="+")
    parser.add_argument("--runs", type=int, default=7)
    asked = parser.parse_args()
    for folder in asked.voices:
        began, cpu = time.perf_counter(), time.process_time()
        voice = Voice.open(folder)
        (first, then), times = TEXTS[voice.language], TIMES[voice.language]
        voice.speak(first)
        opened = time.process_time() - cpu, time.perf_counter() - began
        runs = []
        for k in range(asked.runs):
            text = then.format(times[k % len(times)])
            began, cpu = time.perf_counter(), time.process_time()
            seconds = voice.speak(text).waveform.duration
            whole = time.process_time() - cpu, time.perf_counter() - began
            began = time.perf_counter()
            blocks = voice.blocks(text[:-1] + "!")  # another text to every cache
            next(blocks)
            runs.append((*whole, seconds, time.perf_counter() - began))
            for _ in blocks:  # the rest is made as well, and not timed
                pass
        cpu, clock, seconds, block = (statistics.median(column) for column in zip(*runs, strict=True))
        print(
            f"{folder.name:24} first sentence {opened[0]:.3f} s of CPU, {opened[1]:.3f} by the clock; warm, "
            f"{seconds:.1f} s of speech: {cpu:.3f} and {clock:.3f}, {cpu / seconds:.3f} × real time; "
            f"first block after {block:.3f} s"
        )


if __name__ == "__main__":
    main()
