# SPDX-License-Identifier: Apache-2.0
"""The rehearsal: after the first few steps, save, come back in a fresh process, speak, and compare.

A model that cannot come back from its own files is found in the first minute, not after a night.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import VoiceError
from synthkit_coqui.speech import Speech

FRAMES = 60
"""An untrained model speaks no longer than this."""
TOLERANCE = 1e-3
"""Largest difference relative to the largest value; fresh processes may sum in another order."""


def rehearse(run: Any) -> None:
    """Save the voice of `run`, let a fresh process open it and speak, and compare.

    Raises
    ------
    VoiceError
        The fresh process failed, or spoke something else.
    """
    run.tell(
        "rehearsal",
        message="the model is saved, restored in a fresh process and spoken with; this takes a moment",
    )
    folder = run.folder / "rehearsal"
    shutil.rmtree(folder, ignore_errors=True)
    run.save(folder)
    example = (run.corpus.held_out or run.corpus.training)[0]
    mel = run.corpus.mel(example, 0, FRAMES) if run.corpus.hop else np.zeros((0, 0), np.float32)
    np.save(folder / "mel.npy", mel)
    (folder / "ids.json").write_text(json.dumps(example.ids))
    run.learner.model.eval()
    speech = Speech(run.voice, run.learner.model, run.device)
    expected = run.architecture.line(speech, example.ids, mel, FRAMES)
    run.learner.model.train()
    environment = {k: v for k, v in os.environ.items() if k not in ("RANK", "WORLD_SIZE", "LOCAL_RANK")}
    done = subprocess.run(
        [sys.executable, "-m", "synthkit_coqui.rehearsal", str(folder), str(run.device)],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise VoiceError(
            f"the rehearsal failed: the model does not come back from its own files\n{done.stderr[-800:]}",
            where=str(folder),
            hint="nothing was lost but the first steps; please report this with the folder's config.json",
        )
    compare(expected, np.load(folder / "spoken.npy", allow_pickle=False), folder)
    run.tell("rehearsal", message="saved, restored in a fresh process and spoken: the same")


def compare(expected: np.ndarray, spoken: np.ndarray, folder: Path) -> None:
    """Raise `VoiceError` unless both are the same to rounding."""
    if expected.shape != spoken.shape:
        raise VoiceError(
            f"the restored model spoke {len(spoken)} frames or samples, the trained one {len(expected)}",
            where=str(folder),
        )
    scale = max(1e-3, float(np.abs(expected).max()))
    apart = float(np.abs(expected - spoken).max()) / scale
    if not apart <= TOLERANCE:
        raise VoiceError(
            f"the restored model speaks differently (largest relative difference {apart:.2g})",
            where=str(folder),
        )


def main() -> int:
    """The fresh process: open the voice in the folder and speak its line."""
    folder, device = Path(sys.argv[1]), sys.argv[2]
    speech = Speech.open(folder, device)
    mel = np.load(folder / "mel.npy", allow_pickle=False)
    ids = json.loads((folder / "ids.json").read_text())
    spoken = speech.architecture.line(speech, ids, mel, FRAMES)
    np.save(folder / "spoken.npy", spoken)
    return 0


if __name__ == "__main__":
    sys.exit(main())
