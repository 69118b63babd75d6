# SPDX-License-Identifier: Apache-2.0
"""The three stories people meet with coqui-tts: each happens in coqui-tts itself, here and now, and each is
caught before training, with the mend named; and the mend mends it."""

import dataclasses
import json
import logging

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from coqui_samples import TINY, bare_trainer, context, make_data, run_folder
from synthkit_coqui import preflight
from synthkit_coqui.architectures import find
from synthkit_coqui.architectures.glowtts import GlowTTS, GlowTTSSettings
from synthkit_coqui.architectures.narrow import DIVISOR
from synthkit_coqui.architectures.tacotron2 import Tacotron2, Tacotron2Settings
from synthkit_coqui.architectures.vits import VitsSettings
from synthkit_coqui.backend import coqui
from synthkit_coqui.commands import coqui_group
from synthkit_coqui.coqui_checks import applied_rate, check_config
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.learner import learning_rate
from synthkit_coqui.run import Run
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.symbols import SymbolTable
from synthkit_coqui.trained import of_cloning, of_start

from synthkit.cli.clone import clone
from synthkit.errors import SynthkitError, VoiceError
from synthkit.pipeline.voice_folder import FORMAT

TINY_VITS = {k: v for k, v in find("vits").presets["tiny"].items() if k != DIVISOR}
"""Arguments of coqui-tts's own; how narrow discriminators are is ours."""


def errors(findings):
    return {f.code: f for f in findings if f.severity == "error"}


def vits_config(languages, **arguments):
    c = coqui()
    arguments = {"use_language_embedding": len(languages) > 1, **arguments}
    made = c.VitsArgs(init_discriminator=False, **TINY_VITS, **arguments)
    return c.VitsConfig(model_args=made, languages=list(languages), text_cleaner="basic_cleaners")


def run_of(folder, config):
    """A run folder as coqui-tts's Trainer leaves it: weights (shaken: zeros would hide what goes in) and the
    config."""
    torch.manual_seed(0)
    model = coqui().Vits(config)
    with torch.no_grad():
        for p in model.parameters():
            p += 0.02 * torch.randn_like(p)
    record = {"model": model.state_dict(), "config": json.loads(json.dumps(config.to_dict()))}
    torch.save(record, folder / "best_model.pth")
    write(folder / "config.json", config)
    return folder / "best_model.pth"


def synthesizer(checkpoint, config=None):
    """coqui-tts's own way to speak."""
    from TTS.utils.synthesizer import Synthesizer

    return Synthesizer(tts_checkpoint=checkpoint, tts_config_path=config or checkpoint.parent / "config.json")


def spoken(voice, **how):
    torch.manual_seed(1)
    return np.array(voice.tts("hello there.", split_sentences=False, **how))


def check(*arguments):
    """``synthkit coqui check``: its exit status and what it printed."""
    result = CliRunner().invoke(coqui_group, ["check", *map(str, arguments)], standalone_mode=False)
    assert result.exception is None
    return result.return_value, result.output


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A VITS of three languages."""
    return run_of(tmp_path_factory.mktemp("vits"), vits_config(["ru", "en", "uk"]))


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

    def test_languages_reordered_load_silently_in_coqui_and_are_caught_here(self, trained, tmp_path, caplog):
        path = write(tmp_path / "config.json", vits_config(["en", "ru", "uk"]))
        with caplog.at_level(logging.WARNING):
            swapped = synthesizer(trained, path)
        assert not caplog.records  # no word from coqui-tts
        right = synthesizer(trained)
        russian = spoken(right, language_name="ru")
        assert not np.array_equal(russian, spoken(right, language_name="en"))
        np.testing.assert_array_equal(
            spoken(swapped, language_name="en"), russian
        )  # and it speaks English as Russian
        found = errors(check_config(path, trained))
        assert set(found) == {"languages-reordered"}
        assert found["languages-reordered"].mend == 'languages = ["ru", "en", "uk"]'
        status, printed = check(path, "--checkpoint", trained)
        assert status == 1
        assert 'languages = ["ru", "en", "uk"]' in printed

    def test_the_same_languages_are_fine(self, trained, tmp_path):
        assert not errors(
            check_config(write(tmp_path / "config.json", vits_config(["ru", "en", "uk"])), trained)
        )

    def test_starting_from_a_voice_of_ours_asks_the_same(self):
        symbols = SymbolTable.of([["a"]], "ipa", blank=True)
        start = VoiceConfig("vits", spec_of_audio({}), {}, symbols, (), ("ru", "en"), language_embedding=True)
        swapped = dataclasses.replace(start, languages=("en", "ru"))
        assert set(errors(of_start(start, swapped, "old"))) == {"languages-reordered"}
        fewer = dataclasses.replace(start, languages=("ru",))
        assert set(errors(of_start(start, fewer, "old"))) == {"languages-missing"}
        assert of_start(start, start, "old") == []


class TestATacotron2ThatLearnsNothing:
    def test_the_scheduler_never_steps_in_coquis_trainer_and_the_mend_lets_it(self, tmp_path):
        """Trainer 0.4.0 as it comes: two epochs of one step at 2.5e-8, after which nothing has been
        learned."""
        data = make_data(count=2, held_out=0, seconds=0.8)

        def trained(name, **config):
            run = Run(run_folder(tmp_path / name, "tacotron2", data, steps=4))
            before = [p.detach().clone() for p in run.learner.parameters[0]]
            trainer = bare_trainer(run, 1, tmp_path / name, **config)
            for _ in range(2):
                trainer.train_epoch()
            moved = sum(
                float((p.detach() - q).pow(2).sum())
                for p, q in zip(run.learner.parameters[0], before, strict=True)
            )
            return trainer, (moved / sum(float(q.pow(2).sum()) for q in before)) ** 0.5

        trainer, moved = trained("bare")
        assert trainer.config.scheduler_after_epoch  # nobody set it
        assert trainer.rates == pytest.approx([2.5e-8, 2.5e-8])
        assert moved < 1e-6
        path = write(tmp_path / "config.json", trainer.config)
        status, printed = check(path, "--steps", 20)
        assert status == 1
        mend = '"scheduler_after_epoch": false, "lr_scheduler_params": {"warmup_steps": 2}'
        assert mend in printed
        mended, further = trained("mended", **json.loads(f"{{{mend}}}"))
        assert mended.rates == pytest.approx([5e-5, 1e-4])  # half of 1e-4, then all of it
        assert further > 100 * moved
        assert check(write(path, mended.config), "--steps", 20)[0] == 0

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

        config = {
            "lr": 1e-4,
            "lr_scheduler_params": {"warmup_steps": 4000},
            "scheduler_after_epoch": taken == 0,
        }
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
        assert (
            "longer than the 1000 planned"
            in errors(check_config(path, steps=1000))["learning-rate-never-arrives"].problem
        )

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
        return VoiceConfig(
            "vits", spec_of_audio({}), {}, SymbolTable.of([["a"]], "ipa", blank=True), ("a",), ("en",)
        )

    @pytest.mark.parametrize("conditioning", ["none", "embedding", "d-vector"])
    def test_coqui_ignores_the_clip_without_a_word(self, conditioning, tmp_path, caplog):
        """`Synthesizer.tts(speaker_wav=…)` does not so much as look for the file; a model trained with
        d-vectors does so too, where its config names no encoder that would make one of the clip."""
        vectors = {str(i): {"name": name, "embedding": [0.1 + i] * 8} for i, name in enumerate("ab")}
        (tmp_path / "d_vectors.json").write_text(json.dumps(vectors))
        arguments = {
            "none": {},
            "embedding": {"use_speaker_embedding": True},
            "d-vector": {
                "use_d_vector_file": True,
                "d_vector_file": [str(tmp_path / "d_vectors.json")],
                "d_vector_dim": 8,
            },
        }[conditioning]
        config = vits_config(["en"], **arguments)
        config.speakers = ["a", "b"] if conditioning == "embedding" else []
        voice = synthesizer(run_of(tmp_path, config))
        who = {} if conditioning == "none" else {"speaker_name": "a"}
        own = spoken(voice, **who)
        with caplog.at_level(logging.WARNING):
            cloned = spoken(voice, speaker_wav=str(tmp_path / "there-is-no-such-clip.wav"), **who)
        assert not caplog.records
        np.testing.assert_array_equal(cloned, own)
        status, printed = check(tmp_path / "config.json", "--clone")
        assert status == 1
        mend = "speaker_encoder_model_path" if conditioning == "d-vector" else '"use_d_vector_file": true'
        assert mend in printed
        assert "ignored" in printed

    def test_our_voice_without_speakers(self, plain):
        found = errors(of_cloning(plain, "voice"))
        assert "never given a speaker embedding" in found["cannot-clone"].problem
        assert 'speakers = "d-vector"' in found["cannot-clone"].mend

    def test_our_voice_with_numbered_speakers(self, plain):
        several = dataclasses.replace(plain, speakers=("a", "b"), conditioning="embedding")
        assert "by number" in errors(of_cloning(several, "voice"))["cannot-clone"].problem

    def test_the_command_says_so_before_it_starts(self, plain, tmp_path):
        manifest = {
            "format": FORMAT,
            "name": "mine",
            "sample_rate": 16000,
            "languages": ["ru"],
            "speakers": ["a"],
            "phone_set": "msu-ru",
            "plugins": {s: {"plugin": plain.kind} for s in ("segmentation", "acoustic_model", "vocoder")},
            "synthkit": "0.1.0",
            "corpus": {"name": "mine", "licence": "", "attribution": "", "utterances": 1, "minutes": 0.1},
            "features": plain.spec.to_dict(),
            "features_hash": plain.spec.hash,
            "produces": plain.spec.to_dict(),
            "keys": {},
            "utterances": ["0"],
            "held_out": [],
            "left_out": [],
            "files": {},
        }
        (tmp_path / "manifest.json").write_text(json.dumps(manifest))
        (tmp_path / "acoustic_model").mkdir()
        (tmp_path / "acoustic_model" / "config.json").write_text(json.dumps(plain.to_dict()))
        result = CliRunner().invoke(clone, ["-v", str(tmp_path), "--clip", "me.wav", "hello"])
        assert isinstance(result.exception, VoiceError)
        assert 'speakers = "d-vector"' in result.exception.hint

    def test_d_vectors_without_an_encoder_are_refused_before_training(self):
        settings = VitsSettings(**TINY, steps=10, speakers="d-vector", speaker_encoder="nobody")
        found = errors(preflight.of_data(find("vits"), settings, make_data(count=2, speakers=("a", "b"))))
        assert "no-speaker-encoder" in found

    def test_one_speakers_d_vectors_would_crash_tacotron2(self, data):
        settings = Tacotron2Settings(**TINY, steps=10, speakers="d-vector")
        assert "one-speaker-d-vector" in errors(preflight.of_data(find("tacotron2"), settings, data))
