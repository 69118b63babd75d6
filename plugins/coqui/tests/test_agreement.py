# SPDX-License-Identifier: Apache-2.0
"""A config that is not the checkpoint's: names, symbols or frames in another order load without a word, and
are refused."""

import json
import shutil

import pytest
import torch
from click.testing import CliRunner
from synthkit_coqui.agreement import of_checkpoint
from synthkit_coqui.architectures import find
from synthkit_coqui.architectures.glowtts import GlowTTS
from synthkit_coqui.architectures.narrow import DIVISOR
from synthkit_coqui.backend import coqui
from synthkit_coqui.commands import coqui_group
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.foreign import import_folder
from synthkit_coqui.models import make
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.speech import save_voice
from synthkit_coqui.symbols import SymbolTable
from synthkit_coqui.tables import by_id
from test_foreign import coqui_folder  # noqa: F401 - the fixture

from synthkit.errors import VoiceError

TINY_VITS = {k: v for k, v in find("vits").presets["tiny"].items() if k != DIVISOR}
"""Arguments of coqui-tts's own; how narrow discriminators are is ours."""


def command(*arguments):
    """``synthkit coqui …``: its exit status (or what it raised) and what it printed on both streams."""
    result = CliRunner().invoke(coqui_group, [str(a) for a in arguments], standalone_mode=False)
    return result.exception or result.return_value, result.output + result.stderr


@pytest.fixture
def copy(coqui_folder, tmp_path):  # noqa: F811
    return shutil.copytree(coqui_folder[0], tmp_path / "copy")


@pytest.fixture(scope="module")
def polyglot(tmp_path_factory):
    """A VITS of two languages whose names are in a file, as coqui-tts's Trainer leaves it."""
    folder = tmp_path_factory.mktemp("polyglot")
    c = coqui()
    (folder / "language_ids.json").write_text(json.dumps({"ru": 0, "en": 1}))
    arguments = {"use_language_embedding": True, "language_ids_file": str(folder / "language_ids.json")}
    made = c.VitsArgs(init_discriminator=False, **TINY_VITS, **arguments)
    model = c.Vits(c.VitsConfig(model_args=made, text_cleaner="basic_cleaners"))
    config = model.config
    assert config.languages == ["ru", "en"]  # what coqui-tts writes beside the weights keeps the order
    record = {"model": model.state_dict(), "config": json.loads(json.dumps(config.to_dict()))}
    torch.save(record, folder / "best_model.pth")
    (folder / "config.json").write_text(json.dumps(config.to_dict()))
    return folder


def test_a_file_of_languages_that_was_swapped(polyglot, tmp_path):
    folder = shutil.copytree(polyglot, tmp_path / "run")
    config, weights = folder / "config.json", folder / "best_model.pth"
    assert "languages" not in command("check", config, "--checkpoint", weights)[1]
    assert import_folder(folder, tmp_path / "whole").languages == ("ru", "en")
    (folder / "language_ids.json").write_text(json.dumps({"ru": 1, "en": 0}))
    status, printed = command("check", config, "--checkpoint", weights)
    assert status == 1
    assert "was trained with languages ['ru', 'en'], the config says ['en', 'ru']" in printed
    assert command("check", config) == (1, printed), "the checkpoint beside it is found"
    error, _ = command("import", folder, tmp_path / "swapped")
    assert isinstance(error, VoiceError)
    assert "each of the languages is spoken as another" in str(error)
    assert not (tmp_path / "swapped").exists()


def test_a_config_alone_is_said_to_be_compared_with_nothing(polyglot, tmp_path):
    shutil.copy(polyglot / "config.json", tmp_path)
    assert "was compared with nothing" in " ".join(command("check", tmp_path / "config.json")[1].split())


def test_the_file_of_languages_is_missing(polyglot, tmp_path):
    folder = shutil.copytree(polyglot, tmp_path / "run")
    (folder / "language_ids.json").unlink()
    with pytest.raises(VoiceError, match="languages, and the file with their names is not beside") as caught:
        import_folder(folder, tmp_path / "out")
    assert "language_ids.json" in caught.value.hint


def changed(folder, **values):
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, **values}, ensure_ascii=False), encoding="utf-8")
    return config


def test_characters_in_another_order(copy, tmp_path):
    config = changed(copy)
    changed(copy, characters={**config["characters"], "characters": "бавгд"})
    with pytest.raises(VoiceError, match="characters of the config: not those of"):
        import_folder(copy, tmp_path / "out")
    changed(copy, characters=config["characters"], add_blank=True)
    with pytest.raises(VoiceError, match="add_blank of the config: not those of"):
        import_folder(copy, tmp_path / "out")


def test_frames_and_layers_that_load_and_mean_something_else(copy, tmp_path):
    config = changed(copy)
    changed(copy, audio={**config["audio"], "hop_length": 300})
    with pytest.raises(VoiceError, match="hop_length: 256 in the checkpoint, 300 in the config"):
        import_folder(copy, tmp_path / "out")
    changed(copy, audio=config["audio"], dilation_rate=3)
    with pytest.raises(VoiceError, match="dilation_rate of the config: not those of") as caught:
        import_folder(copy, tmp_path / "out")
    assert caught.value.hint == f'"dilation_rate": {config["dilation_rate"]}'
    changed(
        copy, dilation_rate=config["dilation_rate"], inference_noise_scale=0.1
    )  # of speaking, not of training
    import_folder(copy, tmp_path / "out")


def test_an_order_that_nobody_kept_is_said_to_be_unknown(copy, tmp_path):
    state = torch.load(copy / "best_model_7.pth", weights_only=True)
    torch.save({"model": state["model"]}, copy / "best_model_7.pth")
    status, printed = command("import", copy, tmp_path / "out")
    assert status == 0
    assert (
        "does not say the order of its 2 speakers; the config's ['Аня', 'Борис'] is taken on trust" in printed
    )
    assert "does not say its characters" in printed
    found = of_checkpoint(find("glowtts"), changed(copy), {"model": state["model"]}, copy, "x.pth")
    assert {f.code for f in found} == {"speakers-order-unknown", "symbols-order-unknown"}


def test_a_speaker_has_the_row_of_its_id(copy, tmp_path):
    """Not of its place among the names: a speaker was taken out of the file, and the others keep their
    numbers."""
    state = torch.load(copy / "best_model_7.pth", weights_only=True)
    rows = state["model"]["emb_g.weight"]
    state["model"]["emb_g.weight"] = torch.cat([rows, torch.full_like(rows[:1], 0.5)])
    state["config"]["speakers"] = []
    torch.save(state, copy / "best_model_7.pth")
    (copy / "speakers.json").write_text(json.dumps({"Вера": 2, "Аня": 0}))
    voice = import_folder(copy, tmp_path / "out")
    assert voice.speakers == ("Аня", "id 1", "Вера")
    part = GlowTTS(GlowTTS.Config(device="cpu"))
    part.open(tmp_path / "out")
    assert torch.equal(part.speech.model.emb_g.weight[2], torch.full((16,), 0.5))


@pytest.mark.parametrize(
    "ids", [{"a": 0, "b": 0}, {"a": 0, "b": -1}, {"a": 0, "b": "1"}, {"a": True}, {"a": 10**9}]
)
def test_ids_that_number_nothing(ids):
    with pytest.raises(VoiceError, match=r"ids that are no whole numbers|two names with one id"):
        by_id(ids, "speakers.json")


@pytest.mark.parametrize("kind", ["glowtts", "tacotron2", "vits"])
def test_what_is_exported_passes_its_own_check(kind, tmp_path):
    """coqui-tts's own default would leave a training that goes on from it without a learning rate."""
    symbols = SymbolTable.of([["d", "a1"]], "ipa", blank=kind != "tacotron2")
    preset = {} if kind == "tacotron2" else find(kind).presets["tiny"]
    audio = {"sample_rate": 16000, "n_fft": 1024, "hop_length": 256, "n_mels": 80, "fmin": 0.0, "fmax": None}
    spec = spec_of_audio({})
    voice = VoiceConfig(kind, spec, preset, symbols, (), ("ru",), audio=audio if kind == "vits" else {})
    save_voice(tmp_path / "ours", voice, make(voice).state_dict())
    status, printed = command("export", tmp_path / "ours", tmp_path / "theirs")
    assert status == 0, printed
    assert command("check", tmp_path / "theirs") == (0, "nothing found\n")
    assert command("check", tmp_path / "theirs" / "config.json") == (0, "nothing found\n")


def test_nothing_is_written_over(copy, tmp_path):
    """The voice's own folder, or the run's, has a config.json, too."""
    ours = tmp_path / "ours"
    import_folder(copy, ours)
    before = {f: {p.name: p.read_bytes() for p in f.iterdir()} for f in (copy, ours)}
    for how, source in (("export", ours), ("import", copy)):
        for out in (ours, copy, copy / "config.json"):
            error, _ = command(how, source, out)
            assert isinstance(error, VoiceError) and error.message == "is there already"
    assert before == {f: {p.name: p.read_bytes() for p in f.iterdir()} for f in (copy, ours)}
    (tmp_path / "empty").mkdir()
    assert command("export", ours, tmp_path / "empty")[0] == 0


def test_a_model_of_our_own_is_not_imported(copy, tmp_path):
    import_folder(copy, tmp_path / "ours")
    error, _ = command("import", tmp_path / "ours", tmp_path / "again")
    assert "a glowtts of synthkit's own" in error.message and "coqui export" in error.hint
    error, _ = command("export", tmp_path, tmp_path / "again")
    assert "acoustic_model" in error.hint


def test_weights_that_are_safetensors_are_imported(copy, tmp_path):
    from safetensors.torch import save_file

    record = torch.load(copy / "best_model_7.pth", weights_only=True)
    save_file({k: v.contiguous() for k, v in record["model"].items()}, tmp_path / "bare.safetensors")
    status, printed = command("import", copy, tmp_path / "a")
    assert status == 0 and f'pretrained = "{tmp_path / "a"}"' in printed
    status, printed = command("import", copy, tmp_path / "b", "--checkpoint", tmp_path / "bare.safetensors")
    assert status == 0, printed
    assert (tmp_path / "a" / "model.safetensors").read_bytes() == (
        tmp_path / "b" / "model.safetensors"
    ).read_bytes()
