# SPDX-License-Identifier: Apache-2.0
"""Write a model folder of this plugin as coqui-tts reads it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from synthkit_coqui.architectures import find
from synthkit_coqui.architectures.base import gradient_free
from synthkit_coqui.foreign import ORIGINAL
from synthkit_coqui.safely import read_json
from synthkit_coqui.speech import VECTORS, read_config, read_weights
from synthkit_coqui.vocabulary import PHONES


def export_folder(model: Path, out: Path) -> Path:
    """Write ``config.json`` and ``model.pth`` of a model folder.

    ``TTS.utils.synthesizer.Synthesizer`` and `load_checkpoint` read it. The text it takes is one private code
    point per phone; ``phones.json`` says which (an imported model keeps its own characters).
    """
    import torch

    voice = read_config(model)
    architecture = find(voice.kind)
    weights = read_weights(model)
    out.mkdir(parents=True, exist_ok=True)
    vectors = model / VECTORS
    if vectors.exists():
        table = json.loads(vectors.read_text(encoding="utf-8"))
        entries = {name: {"name": name, "embedding": vector} for name, vector in table.items()}
        (out / VECTORS).write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    if (model / ORIGINAL).exists():
        config = json.loads(json.dumps(read_json(model / ORIGINAL)))
    else:
        config = architecture.config(voice, VECTORS if vectors.exists() else None).to_dict()
    record = architecture.exported(voice, weights, config)
    assert all(np.isfinite(gradient_free(v)).all() for v in record["model"].values())
    torch.save(record, out / "model.pth")
    (out / "config.json").write_text(json.dumps(config, ensure_ascii=False, indent=1), encoding="utf-8")
    if voice.symbols is not None and not voice.symbols.vocabulary:
        points = dict(zip(voice.symbols.tokens, voice.symbols.characters, strict=True))
        table = {"phone_set": voice.symbols.phone_set, "phones": points}
        (out / PHONES).write_text(json.dumps(table, ensure_ascii=False, indent=1), encoding="utf-8")
    return out
