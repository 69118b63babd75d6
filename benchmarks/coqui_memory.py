# SPDX-License-Identifier: Apache-2.0
"""Peak memory of a training against the preflight's estimate of it.

    python benchmarks/coqui_memory.py [--kinds glowtts tacotron2 vits] [--presets tiny default]
        [--batches 1 4] [--seconds 2 8]                          (all of it: some ten minutes of CPU)

Every case trains two steps on a CPU in a process of its own, on recordings of the bundled Russian corpus cut
to just that length, by the very loop that a build runs, with its checkpoint. Measured is the kernel's peak of
that process's resident memory (VmHWM); estimated is what `synthkit doctor` compares with the machine's.
Printed are both and their ratio. Vocoders train on segments, so their cases differ by batch alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "plugins" / "coqui" / "tests"))

from coqui_samples import VOCODERS, component, make_data, run_folder

from synthkit.stages import TrainingData

STEPS = 2  # the optimizer's state is there from the first on
FACTOR = 1.25


def recordings(seconds: float, count: int) -> TrainingData:
    """`count` recordings of just this length."""
    data = make_data(count=60, held_out=0, seconds=seconds)
    long = [i for i in data.items if i.waveform().duration >= seconds - 1e-6]
    return dataclasses.replace(data, items=tuple(long[:count]))


def worker(folder: Path) -> None:
    """Train the run in `folder` and print the peak of this process's resident memory, MiB."""
    from synthkit_coqui.run import Run

    run = Run(folder)
    run.tell = lambda *a, **k: None  # type: ignore[method-assign]
    run.begin()
    run.train(STEPS)
    status = Path("/proc/self/status").read_text()
    kilobytes = re.search(r"VmHWM:\s+(\d+)", status)
    assert kilobytes is not None
    print("PEAK", int(kilobytes.group(1)) / 1024)


def measure(kind: str, preset: str, batch: int, data: TrainingData) -> tuple[float, float]:
    """Estimate and measured peak, MiB."""
    from synthkit_coqui.architectures import find

    settings = {"preset": preset, "batch_size": batch, "steps": STEPS, "device": "cpu", "rehearsal": False}
    with tempfile.TemporaryDirectory() as name:
        folder = run_folder(Path(name), kind, data, **settings)
        command = [sys.executable, __file__, "--worker", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    peak = re.search(r"^PEAK (.*)$", done.stdout, re.MULTILINE)
    if peak is None:
        raise SystemExit(done.stdout[-1000:] + done.stderr[-3000:])
    longest = max(item.waveform().duration for item in data.items)
    estimate = find(kind).needed(component(kind, **settings).config, longest, data.sample_rate)
    return estimate / 2**20, float(peak.group(1))


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kinds", nargs="+", default=["glowtts", "tacotron2", "vits", *VOCODERS])
    parser.add_argument("--presets", nargs="+", default=["tiny", "default"])
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 4])
    parser.add_argument("--seconds", nargs="+", type=float, default=[2.0, 8.0])
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker(options.worker)
        return 0
    print(
        f"{'model':16} {'preset':8} {'batch':>5} {'seconds':>7} {'estimated':>10} {'measured':>9}  ratio",
        flush=True,
    )
    ratios = []
    for seconds in options.seconds:
        data = recordings(seconds, max(options.batches))
        for kind in options.kinds:
            if kind in VOCODERS and seconds != max(options.seconds):
                continue
            for preset in options.presets:
                for batch in options.batches:
                    estimate, peak = measure(kind, preset, batch, data)
                    ratios.append(estimate / peak)
                    row = f"{kind:16} {preset:8} {batch:5} {seconds:7.1f} {estimate:6.0f} MiB {peak:5.0f} MiB"
                    print(f"{row}  {ratios[-1]:.2f}", flush=True)
    inside = max(*ratios, 1 / min(ratios)) <= FACTOR
    print(
        f"estimated / measured from {min(ratios):.2f} to {max(ratios):.2f} (to stay within a factor of "
        f"{FACTOR})"
    )
    return 0 if inside else 1


if __name__ == "__main__":
    sys.exit(main())
