"""The three stories people meet with coqui-tts, each caught before training with the mend named; and the rest."""

import dataclasses
import json

import pytest
import torch
from coqui_samples import TINY, context, make_data
from synthkit_coqui import preflight
from synthkit_coqui.acoustic import GlowTTS, Tacotron2, Vits
from synthkit_coqui.backend import coqui
from synthkit_coqui.coqui_checks import applied_rate, check_config
from synthkit_coqui.learner import learning_rate
from synthkit_coqui.models import VoiceConfig, make
from synthkit_coqui.settings import PRESETS, GlowTTSSettings, Tacotron2Settings, VitsSettings, VocoderSettings
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.symbols import SymbolTable
from synthkit_coqui.vocoders import CoquiHifigan

from synthkit.errors import SynthkitError, VoiceError


def errors(findings):
    return {f.code: f for f in findings if f.severity == "error"}


def vits_config(languages):
    c = coqui()
    arguments = c.VitsArgs(use_language_embedding=True, init_discriminator=False, **PRESETS["vits"]["tiny"])
    return c.VitsConfig(model_args=arguments, languages=list(languages), text_cleaner="basic_cleaners")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A multilingual VITS checkpoint as coqui-tts's Trainer writes it: weights and the config of the training."""
    folder = tmp_path_factory.mktemp("vits")
    config = vits_config(["ru", "en", "uk"])
    model = coqui().Vits(config)
    record = {"model": model.state_dict(), "config": json.loads(json.dumps(config.to_dict()))}
    torch.save(record, folder / "best_model.pth")
    return folder / "best_model.pth"


def write(path, config):
    path.write_text(json.dumps(config.to_dict()), encoding="utf-8")
    return path


class TestAMultilingualVitsThatDoesNotComeBack:
    def test_languages_missing(self, trained, tmp_path):
        config = vits_config(["ru", "en"])
        with pytest.raises(RuntimeError, match=r"size mismatch for emb_l\.weight"):  # what coqui-tts does
            coqui().Vits(config).load_checkpoint(config, str(trained))
        found = errors(check_config(write(tmp_path / "config.json", config), trained))
        assert set(found) == {"languages-missing"}
        assert found["languages-missing"].mend == 'languages = ["ru", "en", "uk"]'
        assert "size mismatch" in found["languages-missing"].consequence

    def test_languages_reordered_load_silently_in_coqui_and_are_caught_here(self, trained, tmp_path):
        config = vits_config(["en", "ru", "uk"])
        model = coqui().Vits(config)
        model.load_checkpoint(config, str(trained))  # no word from coqui-tts
        assert model.language_manager.name_to_id["ru"] == 1  # trained as 0
        found = errors(check_config(write(tmp_path / "config.json", config), trained))
        assert set(found) == {"languages-reordered"}
        assert found["languages-reordered"].mend == 'languages = ["ru", "en", "uk"]'

    def test_the_same_languages_are_fine(self, trained, tmp_path):
        assert not errors(check_config(write(tmp_path / "config.json", vits_config(["ru", "en", "uk"])), trained))

    def test_starting_from_a_voice_of_ours_asks_the_same(self):
        symbols = SymbolTable.of([["a"]], "ipa", blank=True)
        start = VoiceConfig("vits", spec_of_audio({}), {}, symbols, (), ("ru", "en"), language_embedding=True)
        swapped = dataclasses.replace(start, languages=("en", "ru"))
        assert set(errors(preflight.of_start(start, swapped, "old"))) == {"languages-reordered"}
        fewer = dataclasses.replace(start, languages=("ru",))
        assert set(errors(preflight.of_start(start, fewer, "old"))) == {"languages-missing"}
        assert preflight.of_start(start, start, "old") == []


class TestATacotron2ThatLearnsNothing:
    @pytest.mark.parametrize(("name", "rate"), [("Tacotron2Config", 2.5e-8), ("GlowTTSConfig", 2.5e-7)])
    def test_coquis_default_scheduler(self, name, rate, tmp_path):
        config = getattr(coqui(), name)(scheduler_after_epoch=True)
        assert applied_rate(config.to_dict(), 50_000) == pytest.approx(rate)
        found = errors(check_config(write(tmp_path / "config.json", config), steps=50_000))
        assert set(found) == {"learning-rate-never-arrives"}
        assert '"scheduler_after_epoch": false' in found["learning-rate-never-arrives"].mend

    @pytest.mark.parametrize("taken", [0, 1, 500, 4000, 9000])
    def test_the_rate_is_that_of_the_trainers_own_scheduler(self, taken):
        coqui()
        from trainer.torch import NoamLR

        config = {"lr": 1e-4, "lr_scheduler_params": {"warmup_steps": 4000}, "scheduler_after_epoch": taken == 0}
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=config["lr"])
        scheduler = NoamLR(optimizer, warmup_steps=4000)
        for _ in range(taken - 1):
            optimizer.step()
            scheduler.step()
        assert optimizer.param_groups[0]["lr"] == pytest.approx(applied_rate(config, taken or 50_000))

    def test_stepping_every_step_is_fine_when_the_warm_up_is_shorter_than_the_plan(self, tmp_path):
        config = coqui().Tacotron2Config(scheduler_after_epoch=False)
        path = write(tmp_path / "config.json", config)
        assert not errors(check_config(path, steps=50_000))
        assert "longer than the 1000 planned" in errors(check_config(path, steps=1000))["learning-rate-never-arrives"].problem

    def test_a_warm_up_longer_than_the_training_is_refused_before_it_starts(self, data, tmp_path):
        model = Tacotron2(Tacotron2Settings(**TINY, steps=1000, warmup_steps=4000))
        found = errors(model.check())
        assert found["learning-rate-never-arrives"].mend == "warmup_steps = 100"
        with pytest.raises(SynthkitError, match="warmup_steps = 100"):
            model.fit(data, tmp_path, context(tmp_path / "work"))
        assert not (tmp_path / "work" / "run").exists()

    def test_what_is_planned_is_what_is_applied(self):
        s = GlowTTSSettings(steps=10_000, lr=1e-3)
        assert max(learning_rate(s, i) for i in range(10_000)) == pytest.approx(1e-3)
        assert learning_rate(s, 999) == pytest.approx(1e-3)  # warm-up: a tenth of the steps
        assert learning_rate(s, 3999) == pytest.approx(0.5e-3)  # then the inverse square root
        assert not errors(GlowTTS(s).check())


class TestAModelAskedToCloneThatNeverCould:
    @pytest.fixture
    def plain(self):
        return VoiceConfig("vits", spec_of_audio({}), {}, SymbolTable.of([["a"]], "ipa", blank=True), ("a",), ("en",))

    def test_coquis_config(self, tmp_path):
        found = errors(check_config(write(tmp_path / "config.json", vits_config(["en"])), clone=True))
        assert '"use_d_vector_file": true' in found["cannot-clone"].mend
        assert "ignored" in found["cannot-clone"].consequence

    def test_our_voice_without_speakers(self, plain):
        found = errors(preflight.of_cloning(plain, "voice"))
        assert "never given a speaker embedding" in found["cannot-clone"].problem
        assert 'speakers = "d-vector"' in found["cannot-clone"].mend

    def test_our_voice_with_numbered_speakers(self, plain):
        several = dataclasses.replace(plain, speakers=("a", "b"), conditioning="embedding")
        assert "by number" in errors(preflight.of_cloning(several, "voice"))["cannot-clone"].problem

    def test_the_command_says_so_before_it_starts(self, plain, tmp_path):
        from click.testing import CliRunner
        from synthkit_coqui.commands import clone

        (tmp_path / "acoustic_model").mkdir()
        (tmp_path / "acoustic_model" / "config.json").write_text(json.dumps(plain.to_dict()))
        result = CliRunner().invoke(clone, ["-v", str(tmp_path), "--clip", "me.wav", "hello"])
        assert isinstance(result.exception, VoiceError)
        assert 'speakers = "d-vector"' in result.exception.hint

    def test_d_vectors_without_an_encoder_are_refused_before_training(self):
        settings = VitsSettings(**TINY, steps=10, speakers="d-vector", speaker_encoder="nobody")
        found = errors(preflight.of_data("vits", settings, make_data(count=2, speakers=("a", "b"))))
        assert "no-speaker-encoder" in found

    def test_one_speakers_d_vectors_would_crash_tacotron2(self, data):
        settings = Tacotron2Settings(**TINY, steps=10, speakers="d-vector")
        assert "one-speaker-d-vector" in errors(preflight.of_data("tacotron2", settings, data))


def test_findings_about_the_corpus(data):
    settings = GlowTTSSettings(**{**TINY, "batch_size": 64}, steps=10, max_seconds=0.5)
    assert set(errors(preflight.of_data("glowtts", settings, data))) == {"nothing-to-train-on"}
    several = make_data(count=4, speakers=("a", "b"), languages=("ru", "en"))
    settings = GlowTTSSettings(**TINY, steps=10, speakers="none")
    codes = {f.code for f in preflight.of_data("glowtts", settings, several)}
    assert {"speakers-mixed", "languages-unused", "rare-speaker"} <= codes


def test_a_segment_that_does_not_fit_the_hop(data):
    found = errors(CoquiHifigan(VocoderSettings(**TINY, steps=10, segment=5000)).check(data))
    assert found["segment-does-not-fit"].mend == "segment = 5120"


def test_a_gpu_that_is_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    settings = VitsSettings(**TINY, steps=10, device="cuda", gpus=2, precision="auto")
    assert {"no-gpu", "too-few-gpus"} <= set(errors(Vits(settings).check()))
    assert "half-on-cpu" in errors(Vits(VitsSettings(**TINY, steps=10, precision="fp16")).check())
    rehearsed = Vits(VitsSettings(**TINY, steps=10, precision="bf16", device="cpu", gpus=2)).check()
    assert not errors(rehearsed)
    assert {"half-on-cpu", "processes-on-cpu"} <= {f.code for f in rehearsed}


def test_an_unknown_model_argument_is_an_error_that_says_what_was_meant(data):
    from synthkit.errors import ConfigError

    model = GlowTTS(GlowTTSSettings(**TINY, steps=10, model={"hidden_channel_enc": 32}))
    with pytest.raises(ConfigError) as caught:
        model._describe(data)
    assert "hidden_channels_enc" in caught.value.hint


def test_kinds_all_build():
    symbols = SymbolTable.of([["a"]], "ipa", blank=True)
    audio = {"sample_rate": 16000, "n_fft": 512, "hop_length": 200, "n_mels": 40, "fmin": 0.0, "fmax": None}
    make(VoiceConfig("vits", spec_of_audio({}), PRESETS["vits"]["tiny"], symbols, (), ("en",), audio=audio))
