# SPDX-License-Identifier: Apache-2.0
"""Write a model folder of this plugin as coqui-tts reads it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from synthkit import paths
from synthkit.errors import VoiceError
from synthkit_coqui.architectures import find
from synthkit_coqui.architectures.base import gradient_free
from synthkit_coqui.foreign import ORIGINAL
from synthkit_coqui.safely import made, read_json
from synthkit_coqui.speech import VECTORS, read_config, read_weights
from synthkit_coqui.vocabulary import PHONES

GOING_ON = {"scheduler_after_epoch": False, "lr_scheduler_params": {"warmup_steps": 4000}}
"""With coqui-tts's defaults a training that goes on from here would stay at a rate of nearly nothing."""


def export_folder(model: Path, out: Path) -> Path:
    """Write ``config.json`` and ``model.pth`` of a model folder.

    ``TTS.utils.synthesizer.Synthesizer`` and `load_checkpoint` read it. The text it takes is one private code
    point per phone; ``phones.json`` says which (an imported model keeps its own characters).

    Raises
    ------
    VoiceError
        There is no model at `model`, coqui-tts cannot make it, or something lies at `out`.
    """
    import torch

    voice = read_config(model)
    architecture = find(voice.kind)
    weights = read_weights(model)
    vectors = model / VECTORS
    if (model / ORIGINAL).exists():
        config = json.loads(json.dumps(read_json(model / ORIGINAL)))
    else:
        config = architecture.config(voice, VECTORS if vectors.exists() else None).to_dict()
        config |= GOING_ON if config.get("lr_scheduler") == "NoamLR" and not architecture.adversarial else {}
    record = architecture.exported(voice, weights, config)
    assert all(np.isfinite(gradient_free(v)).all() for v in record["model"].values())
    with made(out) as folder:
        if vectors.exists():
            table = paths.read_json(vectors, VoiceError)
            entries = {name: {"name": name, "embedding": vector} for name, vector in table.items()}
            (folder / VECTORS).write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
        torch.save(record, folder / "model.pth")
        text = json.dumps(config, ensure_ascii=False, indent=1)
        (folder / "config.json").write_text(text, encoding="utf-8")
        if voice.symbols is not None and not voice.symbols.vocabulary:
            points = dict(zip(voice.symbols.tokens, voice.symbols.characters, strict=True))
            table = {"phone_set": voice.symbols.phone_set, "phones": points}
            text = json.dumps(table, ensure_ascii=False, indent=1)
            (folder / PHONES).write_text(text, encoding="utf-8")
    return out
