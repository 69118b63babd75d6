# SPDX-License-Identifier: Apache-2.0
"""Neural voices over coqui-tts: Tacotron 2, Glow-TTS, VITS and two mel vocoders, trained by a loop of our
own.

architectures/  the models, one file each: what differs between them is asked there and nowhere else
backend.py     the one door to coqui-tts          models.py    a description to its model, weights into it
description.py what a model is made of            symbols.py   phones to token ids
settings.py    what the user may set              corpus.py    the prepared corpus
batching.py    examples to tensors                learner.py   one training step
train.py       the loop: ``python -m synthkit_coqui.train``
checkpoints.py whole or not there                 rehearsal.py come back before going on
preflight.py   what will fail, found before       memory.py    what a batch will take
watch.py       what goes wrong while it trains    validation.py  held-out speech while it trains
launch.py      the building process's side        speech.py, speaking.py  tokens to frames or samples
acoustic.py, vocoders.py  bases of the components commands.py  `synthkit coqui`
trained.py     what a trained voice can be asked for             history.py  how it was trained
light.py       speak by arrays, without torch (architectures/arrays.py, draws.py, *_numbers.py)
foreign.py, tables.py, vocabulary.py, mozilla.py  folders from elsewhere; export.py  and back
agreement.py   is the config the checkpoint's?    safely.py    read without running anything
coqui_checks.py           coqui-tts's own configs specs.py     its audio settings as a `FeatureSpec`
"""

from synthkit import hookimpl


@hookimpl
def register_acoustic_models(register):
    register(
        "tacotron2",
        "synthkit_coqui.architectures.tacotron2:Tacotron2",
        summary="Tacotron 2 over coqui-tts: mel frames by attention",
    )
    register(
        "glowtts",
        "synthkit_coqui.architectures.glowtts:GlowTTS",
        summary="Glow-TTS over coqui-tts: mel frames by a flow",
    )
    register(
        "vits",
        "synthkit_coqui.architectures.vits:Vits",
        summary="VITS over coqui-tts: text to waveform in one model",
    )


@hookimpl
def register_vocoders(register):
    register(
        "coqui-hifigan",
        "synthkit_coqui.architectures.hifigan:CoquiHifigan",
        summary="HiFi-GAN trained on the voice's own mels",
    )
    register(
        "coqui-mb-melgan",
        "synthkit_coqui.architectures.mb_melgan:CoquiMbMelgan",
        summary="multi-band MelGAN: 0.05 × real time on a core",
    )


@hookimpl
def register_commands(register):
    register(
        "coqui", "synthkit_coqui.commands:coqui_group", summary="import, export and check coqui-tts models"
    )
