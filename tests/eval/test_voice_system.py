"""A built voice as a system of a comparison."""

import json
import shutil

from synthkit.eval.systems import voice_system
from synthkit.stages import HEARD


def test_what_pretrained_weights_heard_counts_as_learned_from(demo_voice, tmp_path):
    folder = tmp_path / "v"
    shutil.copytree(demo_voice, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    corpus = manifest["corpus"]["name"]
    learned, held_out = voice_system(str(folder)).utterances(corpus)
    assert learned == set(manifest["utterances"])
    assert held_out and not learned & held_out
    one = min(held_out)
    (folder / "acoustic_model" / HEARD).write_text(f"{one}\nsomebody-else\n", encoding="utf-8")
    assert voice_system(str(folder)).utterances(corpus) == (learned | {one, "somebody-else"}, held_out)
    assert voice_system(str(folder)).utterances("another") == (set(), set())
