# SPDX-License-Identifier: Apache-2.0
"""Other synthesizers as voices: a command that speaks.

A recipe (`recipe`) names the program, its arguments and where text goes in and sound comes out; `running`
runs it, without a shell and not for ever; `acoustic` is the acoustic model that does so for each text,
`voices` makes voice folders of recipes, `commands` takes in a recipe of one's own. Recipes for what many
machines have
are in `recipes/`.
"""

from synthkit import hookimpl


@hookimpl
def register_acoustic_models(register):  # type: ignore[no-untyped-def]
    """The acoustic model that runs a command."""
    register(
        "external",
        "synthkit_external.acoustic:External",
        summary="another program that speaks",
    )


@hookimpl
def register_pretrained_voices(register):  # type: ignore[no-untyped-def]
    """Voices of programs that many machines have."""
    where = "synthkit_external.voices"
    register("espeak-ng-ru", f"{where}:EspeakRussian", summary="eSpeak NG, Russian")
    register("espeak-ng-en", f"{where}:EspeakEnglish", summary="eSpeak NG, English")
    register("festival-ru", f"{where}:FestivalRussian", summary="Festival's clunits of msu-ru-nsh")
    register("festival-en", f"{where}:FestivalEnglish", summary="Festival's diphones kal, English")
    register("flite-en", f"{where}:FliteEnglish", summary="flite's slt, English")
    register("rhvoice-ru", f"{where}:RHVoiceRussian", summary="RHVoice's Anna, Russian")


@hookimpl
def register_commands(register):  # type: ignore[no-untyped-def]
    """Taking in a program of one's own."""
    register("external", "synthkit_external.commands:external", summary="a voice of a program that speaks")
