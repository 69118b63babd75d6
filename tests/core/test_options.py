# SPDX-License-Identifier: Apache-2.0
"""Options of a request: declared by the acoustic model, checked once, the same at every door."""

from __future__ import annotations

import pytest

from synthkit.cli import run
from synthkit.errors import ConfigError
from synthkit.pipeline.voice import Voice
from synthkit.plugins import registry
from synthkit.settings import Field, Settings
from synthkit.stages import AcousticModel

WRONG = [
    ("guidance=abc", "guidance"),
    ("guidance=-3", "guidance: Input should be greater than or equal to 0"),
    ("guidance=nan", "guidance"),
    ("window=0", "window: Input should be greater than or equal to 1"),
    ("window=2.5", "window"),
    ("window=1e9", "window: Input should be less than or equal to"),
    ("guidance=true", "guidance: Input should be a number (got True)"),
    ("target={spectrum=true}", "target.spectrum: Input should be a number (got True)"),
    ("target=3", "target"),
    ("target={spectum=1}", "did you mean 'spectrum'?"),
    ("target={spectrum=-50}", "target.spectrum: Input should be greater than or equal to 0"),
    ("target={spectrum=inf}", "target.spectrum"),
    ("join={f0=nan}", "join.f0"),
    ("force=abc", "force"),
    ("force={a=1}", "force"),
    ("forbid=all", "forbid"),
    ("phrases=perhaps", "phrases"),
    ("guidence=0.5", "unknown option 'guidence'\n  → did you mean 'guidance'?"),
]


@pytest.mark.parametrize(("option", "said"), WRONG)
def test_a_wrong_option_is_a_message_that_names_it(demo_voice, tmp_path, capsys, option, said):
    out = tmp_path / "a.wav"
    assert run(["say", "-v", str(demo_voice), "Мама.", "-o", str(out), "-O", option]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_explain_and_python_say_the_same(demo_voice, capsys):
    assert run(["explain", "-v", str(demo_voice), "Мама.", "-O", "force=abc", "--force", "3=5"]) == 2
    assert "options: force" in capsys.readouterr().err
    with Voice.open(demo_voice) as voice, pytest.raises(ConfigError, match=r"options: target\.spectrum"):
        voice.say("Мама.", options={"target": {"spectrum": -50}})


def test_right_options_are_heard_and_what_is_not_said_is_as_the_voice_has_it(demo_voice):
    with Voice.open(demo_voice, overrides=["acoustic_model.target.f0=0.25"]) as voice:
        model = voice.acoustic_model
        asked = model.asked({"target": {"spectrum": 7}, "force": {"3": 5}})
        assert (asked.target.spectrum, asked.target.f0) == (7, 0.25)
        assert asked.force == {3: 5}
        assert asked.guidance == model.config.guidance
        assert model.asked(asked) is asked
        free = voice.speak("Мама мыла раму.").predictions[0].units
        other = voice.speak("Мама мыла раму.", options={"forbid": [free[3].index]}).predictions[0].units
        assert free[3].index not in [u.index for u in other]


def test_options_are_checked_before_the_text_is_segmented(demo_voice, monkeypatch):
    with Voice.open(demo_voice) as voice:
        monkeypatch.setattr(voice.segmenter, "segment", lambda *_: pytest.fail("the text was segmented"))
        with pytest.raises(ConfigError, match="unknown option 'guidence'"):
            voice.say("Мама.", options={"guidence": 1})


def test_options_of_another_model_are_no_options():
    class One(Settings):
        speed: float = Field(1.0)

    class Model(AcousticModel):
        Options = One
        produces = fit = open = predict = None  # type: ignore[assignment]

    class Two(Settings):
        speed: float = Field(1.0)

    with pytest.raises(TypeError, match="are a Two, not a One"):
        Model().asked(Two())


@pytest.mark.parametrize("name", [r.name for r in registry().of_stage("acoustic_model")])
def test_every_option_is_declared_with_a_value_it_can_have(name):
    kind = registry().load("acoustic_model", name)
    assert kind().asked({}) == kind().asked(kind().asked({}))
    with pytest.raises(ConfigError, match="unknown option 'no-such-option'"):
        kind().asked({"no-such-option": 1})
