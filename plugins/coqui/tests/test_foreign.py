# SPDX-License-Identifier: Apache-2.0
"""Models from elsewhere and back: coqui-tts folders, and files that must be refused."""

import json
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from synthkit_coqui import safely
from synthkit_coqui.architectures import find
from synthkit_coqui.architectures.glowtts import GlowTTS
from synthkit_coqui.backend import coqui
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.export import export_folder
from synthkit_coqui.foreign import import_folder
from synthkit_coqui.models import make
from synthkit_coqui.speaking import Speaking
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.speech import Speech, save_voice
from synthkit_coqui.symbols import SymbolTable

from synthkit import weights
from synthkit.errors import VoiceError
from synthkit.stages import Request
from synthkit.types import Phone, Segmentation, Word

TINY = find("glowtts").presets["tiny"]
TEXT = Segmentation("Да", "ru", "ipa", (Word("Да", (Phone("d"), Phone("a", 1)), 3, "!"),))


def shaken(model):
    torch.manual_seed(0)
    with torch.no_grad():
        for p in model.parameters():
            p += 0.02 * torch.randn_like(p)
    return model.eval()


@pytest.fixture(scope="module")
def coqui_folder(tmp_path_factory):
    """A run folder as coqui-tts's Trainer leaves it, of a character model with two speakers."""
    folder = tmp_path_factory.mktemp("coqui")
    config = coqui().GlowTTSConfig(
        **{k: v for k, v in TINY.items() if k != "encoder_params"},
        encoder_params={**coqui().GlowTTSConfig().encoder_params, **TINY["encoder_params"]},
        use_speaker_embedding=True, text_cleaner="basic_cleaners", enable_eos_bos_chars=True,
        characters=coqui().CharactersConfig(
            pad="_", eos="~", bos="^", blank="$", characters="абвгд", punctuations="!,. ", is_sorted=True
        ),
        speakers_file="/home/somebody/run/speakers.json",
    )  # fmt: skip
    (folder / "speakers.json").write_text(json.dumps({"Борис": 1, "Аня": 0}))
    config.speakers = ["Аня", "Борис"]
    model = shaken(coqui().GlowTTS(config))
    torch.save(
        {"model": model.state_dict(), "config": config.to_dict(), "step": 7}, folder / "best_model_7.pth"
    )
    saved = config.to_dict()
    saved["speakers"] = []  # as older versions wrote it: names in the file alone
    (folder / "config.json").write_text(json.dumps(saved, ensure_ascii=False))
    return folder, model


def test_import_of_a_coqui_folder(coqui_folder, tmp_path):
    folder, theirs = coqui_folder
    voice = import_folder(folder, tmp_path / "voice")
    assert voice.speakers == ("Аня", "Борис")
    assert {p.suffix for p in (tmp_path / "voice").iterdir()} == {".json", ".safetensors"}
    ours = GlowTTS(GlowTTS.Config(device="cpu"))
    ours.open(tmp_path / "voice")
    spoken = ours.predict(Request(TEXT, speaker="Борис", options={"noise_scale": 0.0}))["mel"]
    ids = torch.tensor([theirs.tokenizer.text_to_ids("да!")])
    assert len(ids[0]) == 5  # beginning, three characters, end: none dropped
    aux = {"x_lengths": torch.tensor([5]), "speaker_ids": torch.tensor([1]), "d_vectors": None}
    expected = theirs.inference(ids, aux)["model_outputs"][0].numpy()
    np.testing.assert_allclose(spoken, expected, atol=1e-4)


def test_a_character_the_model_lacks_is_an_error_not_a_gap(coqui_folder, tmp_path):
    from synthkit.errors import TextError

    import_folder(coqui_folder[0], tmp_path / "voice")
    ours = GlowTTS(GlowTTS.Config(device="cpu"))
    ours.open(tmp_path / "voice")
    other = Segmentation("эх", "ru", "ipa", (Word("эх", (Phone("e"),), 3, "."),))
    with pytest.raises(TextError, match="'х', 'э'"):
        ours.predict(Request(other))


def test_export_speaks_the_same_in_coqui_and_comes_back(tmp_path):
    symbols = SymbolTable.of([["d", "a1"]], "ipa", blank=True)
    voice = VoiceConfig("glowtts", spec_of_audio({}), TINY, symbols, ("x", "y"), ("ru",), "embedding")
    model = shaken(make(voice))
    save_voice(tmp_path / "ours", voice, model.state_dict())
    out = export_folder(tmp_path / "ours", tmp_path / "coqui")
    from TTS.config import load_config
    from TTS.tts.models import setup_model

    config = load_config(out / "config.json")
    theirs = setup_model(config)
    theirs.load_checkpoint(config, str(out / "model.pth"), eval=True)
    points = json.loads((out / "phones.json").read_text())["phones"]
    tokens = symbols.read(TEXT)
    ids = theirs.tokenizer.text_to_ids("".join(points[t] for t in tokens))
    assert ids == symbols.encode(tokens)
    aux = {"x_lengths": torch.tensor([len(ids)]), "speaker_ids": torch.tensor([1]), "d_vectors": None}
    there = theirs.inference(torch.tensor([ids]), aux)["model_outputs"][0].numpy()
    here = Speech.open(tmp_path / "ours").acoustic(ids, Speaking(speaker=1, noise_scale=0.0))
    np.testing.assert_allclose(here, there, atol=1e-4)
    back = import_folder(out, tmp_path / "back")
    assert back.symbols == symbols
    assert back.speakers == voice.speakers
    again = Speech.open(tmp_path / "back").acoustic(ids, Speaking(speaker=1, noise_scale=0.0))
    np.testing.assert_array_equal(again, here)


def test_export_of_vits_and_a_vocoder_load_strictly_in_coqui(tmp_path):
    from TTS.config import load_config
    from TTS.tts.models import setup_model
    from TTS.vocoder.models import setup_model as setup_vocoder

    audio = {"sample_rate": 16000, "n_fft": 1024, "hop_length": 256, "n_mels": 80, "fmin": 0.0, "fmax": None}
    symbols = SymbolTable.of([["d"]], "ipa", blank=True)
    for kind, preset, setup in (("vits", "tiny", setup_model), ("coqui-mb-melgan", "small", setup_vocoder)):
        voice = VoiceConfig(
            kind, spec_of_audio({}), find(kind).presets[preset], symbols, (), ("ru",), audio=audio
        )
        save_voice(tmp_path / kind, voice, make(voice).state_dict())
        out = export_folder(tmp_path / kind, tmp_path / f"{kind}-coqui")
        config = load_config(out / "config.json")
        setup(config).load_checkpoint(config, str(out / "model.pth"), eval=True)
        back = import_folder(out, tmp_path / f"{kind}-back")
        assert back.kind == kind


@pytest.mark.parametrize(
    ("kind", "said"), [("coqui-mb-melgan", "384 channels wide"), ("tacotron2", "as wide as the paper's")]
)
def test_a_width_that_coqui_cannot_make_is_not_exported(kind, said, tmp_path):
    symbols = SymbolTable.of([["d"]], "ipa", blank=False)
    voice = VoiceConfig(kind, spec_of_audio({}), find(kind).presets["tiny"], symbols, (), ("ru",))
    save_voice(tmp_path / kind, voice, make(voice).state_dict())
    with pytest.raises(VoiceError, match=said):
        export_folder(tmp_path / kind, tmp_path / "out")


class Evil:
    def __reduce__(self):
        return (os.system, ("touch OWNED",))


def refused(folder, checkpoint=None):
    with pytest.raises(VoiceError) as caught:
        import_folder(folder, folder / "out", checkpoint)
    assert not (folder / "out").exists()
    return str(caught.value)


@pytest.fixture
def copy(coqui_folder, tmp_path):
    import shutil

    return shutil.copytree(coqui_folder[0], tmp_path / "copy")


def test_a_checkpoint_that_runs_code_is_refused(copy, monkeypatch):
    monkeypatch.chdir(copy)
    torch.save({"model": {"a": torch.zeros(1)}, "config": Evil()}, copy / "best_model_7.pth")
    assert "holds code, which is never run" in refused(copy)
    (copy / "best_model_7.pth").write_bytes(pickle.dumps({"model": Evil()}))
    assert "holds code, which is never run" in refused(copy)
    assert not (copy / "OWNED").exists()


@pytest.mark.parametrize("keep", [0, 3, 1000, 0.5, 0.99])
def test_a_truncated_checkpoint_is_refused(copy, keep):
    path = copy / "best_model_7.pth"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])
    message = refused(copy)
    assert "cut short" in message or "holds code" in message


def test_oversized_files_are_refused(copy, monkeypatch):
    bomb = copy / "bomb.pth"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\0" * 50_000_000)
    assert "unpacks to" in refused(copy, bomb)
    monkeypatch.setattr(weights, "LARGEST", 1000)
    assert "larger than any model" in refused(copy)
    monkeypatch.setattr(safely, "LARGEST_CONFIG", 100)
    assert "is none" in refused(copy)


@pytest.mark.parametrize(
    "change",
    [
        {"characters": {"characters_class": "os.path.join"}},
        {"characters": {"characters_class": "evil_package.Characters"}},
        {"optimizer_class": "subprocess.Popen"},
        {"_target_": "builtins.eval"},
    ],
)
def test_a_config_that_names_a_class_to_import_is_refused(copy, change):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, **change}))
    assert "asks to import" in refused(copy)


def test_other_damage_is_named(copy):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "hidden_channels_enc": 32}))
    assert "hidden_channels_enc of the config: not those of best_model_7.pth" in refused(copy)
    state = torch.load(copy / "best_model_7.pth", weights_only=True)
    torch.save({"model": state["model"]}, copy / "bare.pth")
    assert "the weights do not fit the model" in refused(copy, copy / "bare.pth")
    (copy / "config.json").write_text(json.dumps({**config, "model": "xtts"}))
    assert "describes a 'xtts'" in refused(copy)
    (copy / "config.json").write_text("{")
    assert "is no JSON" in refused(copy)
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "speakers.json").unlink()
    assert "speakers" in refused(copy)
