# SPDX-License-Identifier: Apache-2.0
"""Speed and memory of a whole-corpus unit-selection voice, beside Festival's voice of the same recordings.

    python benchmarks/unitsel_speed.py [--voice FOLDER] [--no-peer]

To reach: real-time factor at most 0.005 warm on one core (text to waveform), a short sentence within 15 ms,
first sample within 0.5 s of a cold start, 150 MB resident after 620 sentences, every corpus sentence spoken
from its own units whole; `explain` of a 10 s sentence (speaking it, table, JSON, PNG) within 1 s, its units'
costs adding up to the path's exactly. Of a voice whose guide speaks, its share of the time is printed.
Resident memory is the kernel's VmHWM. Times are processor time of this process (one thread), since the
machine may be shared; wall time is given beside.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from peers import festival_loo
from unitsel_common import arguments, corpus_items, voice_folder

SHORT = "Добрый вечер."
WORKER = """
import json, sys
from synthkit.pipeline.voice import Voice
voice = Voice.open(sys.argv[1])
whole = 0
for text, id_ in json.load(sys.stdin):
    spoken = voice.speak(text)
    whole += all(p.joins == 0 and {u.source for u in p.units} == {id_} for p in spoken.predictions)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(whole, int(status["VmHWM"].split()[0]) / 1024)
"""
COLD = "import sys; from synthkit.pipeline.voice import Voice; Voice.open(sys.argv[1]).say(sys.argv[2])"


def warm(voice, texts, excluded):  # type: ignore[no-untyped-def]
    """Processor and wall seconds per second of speech, and the part of it that a guide says itself."""
    for text, id_ in zip(texts, excluded, strict=True):
        voice.say(text, exclude=frozenset([id_]))
    cpu, wall, said = time.process_time(), time.perf_counter(), []
    for text, id_ in zip(texts, excluded, strict=True):
        said.append(voice.speak(text, exclude=frozenset([id_])))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    spoken = sum(s.waveform.duration for s in said)
    units = [
        (u.source == "(guide)", u.end - u.start) for s in said for path in s.predictions for u in path.units
    ]
    share = sum(size for by_guide, size in units if by_guide) / sum(size for _, size in units)
    return cpu / spoken, wall / spoken, spoken, share


def explain(voice, text, folder: Path):  # type: ignore[no-untyped-def]
    """Seconds of speech, processor and wall seconds of table, JSON and PNG, and whether the costs add up."""
    import json

    from synthkit_unit_selection.explain import explanation, table
    from synthkit_unit_selection.picture import draw

    cpu, start = time.process_time(), time.perf_counter()
    spoken = voice.speak(text)
    exact = True
    for number, path in enumerate(spoken.predictions):
        (folder / f"{number}.txt").write_text(table(path), encoding="utf-8")
        data = json.dumps(explanation(path), ensure_ascii=False)
        (folder / f"{number}.json").write_text(data, encoding="utf-8")
        draw(path, voice.render(path), folder / f"{number}.png")
        units = json.loads(data)["units"]
        exact &= path.cost == sum(sum(u["target"].values()) + sum(u["join"].values()) for u in units)
    return spoken.waveform.duration, time.process_time() - cpu, time.perf_counter() - start, exact


def child(code: str, *arguments: str, data: str = "") -> tuple[str, float, float]:
    """Output, processor and wall seconds of a fresh interpreter."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], input=data, capture_output=True, text=True, check=True
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return run.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    """Print every figure."""
    parser = arguments(__doc__)
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    import json

    from synthkit.pipeline.voice import Voice

    folder = voice_folder(options.voice)
    items = corpus_items()
    chosen = items[5::31][:20]
    voice = Voice.open(folder)
    cpu, wall, spoken, share = warm(voice, [i.text for i in chosen], [i.id for i in chosen])
    print(
        f"RTF warm, 20 unseen sentences ({spoken:.0f} s): {cpu:.5f} processor, {wall:.5f} wall   (to reach "
        "0.005)"
    )
    if share:
        print(f"of them the guide says {100 * share:.0f} % itself")
    voice.say(SHORT)
    cpu, start = time.process_time(), time.perf_counter()
    for _ in range(20):
        voice.say(SHORT)
    cpu, wall = (time.process_time() - cpu) / 20, (time.perf_counter() - start) / 20
    print(
        f"warm latency {SHORT!r}: {1000 * cpu:.1f} ms processor, {1000 * wall:.1f} ms wall   (to reach 15 ms)"
    )
    long = "Сегодня утром мы долго говорили о погоде и о том, как быстро меняется жизнь в большом "
    long += "северном городе, где каждый день приносит новые заботы."
    with tempfile.TemporaryDirectory() as scratch:
        explain(voice, long, Path(scratch))
        spoken, cpu, wall, exact = explain(voice, long, Path(scratch))
    print(
        f"explain of {spoken:.1f} s, table + JSON + PNG: {cpu:.2f} s processor, {wall:.2f} s wall   (to "
        f"reach 1 s); costs of units add up to the path's {'exactly' if exact else 'NOT exactly'}"
    )
    runs = [child(COLD, str(folder), SHORT) for _ in range(3)]
    cpu, wall = min(r[1] for r in runs), min(r[2] for r in runs)
    print(f"cold start to first sample: {cpu:.2f} s processor, {wall:.2f} s wall   (to reach 0.5 s)")
    data = json.dumps([(i.text, i.id) for i in items])
    whole, memory = child(WORKER, str(folder), data=data)[0].split()
    print(f"spoken from own units, whole: {whole} of {len(items)}   (to reach all)")
    print(f"resident after {len(items)} sentences: {float(memory):.0f} MB   (to reach 150 MB)")
    if options.no_peer or not festival_loo.available():
        return
    with tempfile.TemporaryDirectory() as scratch:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        empty = festival_loo.speak([], Path(scratch)).seconds
        between = resource.getrusage(resource.RUSAGE_CHILDREN)
        peer = festival_loo.speak([(i.id, i.text) for i in chosen], Path(scratch), leave_out=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = (after.ru_utime - between.ru_utime) - (between.ru_utime - before.ru_utime)
        import soundfile

        spoken = sum(soundfile.info(p).duration for p in peer.waves.values())
        print(f"Festival: RTF {max(cpu, 0) / spoken:.5f} processor, start {empty:.2f} s wall")


if __name__ == "__main__":
    main()
