# SPDX-License-Identifier: Apache-2.0
"""How soon a voice is heard: from its opening to the first sentence, then a sentence of a voice that is warm.

    python benchmarks/mel_first_sound.py VOICE [VOICE …] [--runs 7]

CPU seconds and seconds by the clock, of one process that has imported what every command imports; a sentence
is made whole before it is heard. To reach for mel voices on one core: first sound within 0.3 s, half of real
time.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from synthkit.pipeline.voice import Voice

FIRST, THEN = "В лесу было тихо.", "Над тихой рекой поднимается белый туман {}."
"""The second differs from run to run, so that nothing is taken from a cache."""
TIMES = ("утром", "вечером", "ночью", "весной", "осенью", "зимой", "летом")


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
        voice.speak(FIRST)
        opened = time.process_time() - cpu, time.perf_counter() - began
        runs = []
        for k in range(asked.runs):
            began, cpu = time.perf_counter(), time.process_time()
            seconds = voice.speak(THEN.format(TIMES[k % len(TIMES)])).waveform.duration
            runs.append((time.process_time() - cpu, time.perf_counter() - began, seconds))
        cpu, clock, seconds = (statistics.median(column) for column in zip(*runs, strict=True))
        print(
            f"{folder.name:24} first sentence {opened[0]:.3f} s of CPU, {opened[1]:.3f} by the clock; warm, "
            f"{seconds:.1f} s of speech: {cpu:.3f} and {clock:.3f}, {cpu / seconds:.3f} × real time"
        )


if __name__ == "__main__":
    main()
