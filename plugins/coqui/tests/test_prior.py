# SPDX-License-Identifier: Apache-2.0
"""The corpus's alignment as a prior: which frames a token may have, and that the search keeps to them."""

import dataclasses

import numpy as np
import pytest
import torch
from coqui_samples import make_data, run_folder
from synthkit_coqui.architectures.tacotron2 import hides
from synthkit_coqui.prior import FAINTEST, astray, frames_between, near, places_of
from synthkit_coqui.run import Run, to_device

PERIOD = 0.01


def test_phones_lie_where_the_alignment_has_them():
    bounds = frames_between([0.0, 0.102, 0.3], 32, PERIOD, blank=True)
    assert bounds.tolist() == [0, 10, 32]


@pytest.mark.parametrize("blank", [True, False])
def test_no_phone_has_fewer_frames_than_tokens_however_short_it_is(blank):
    edges = [0.0, 0.001, 0.002, 0.2, 0.2, 0.299, 0.3]
    bounds = frames_between(edges, 30, PERIOD, blank=blank)
    least = [2, 2, 2, 2, 2, 3] if blank else [1] * 6
    assert bounds[0] == 0 and bounds[-1] == 30
    assert (np.diff(bounds) >= least).all()


def test_where_there_are_more_tokens_than_frames_there_is_none():
    assert frames_between([0.0, 0.1, 0.2], 4, PERIOD, blank=True) is None
    assert frames_between([0.0, 0.1, 0.2], 5, PERIOD, blank=True).tolist() == [0, 2, 5]


def test_what_is_far_is_worse_than_any_path():
    places = torch.tensor([[[0, 2], [2, 6]]])
    found = near(torch.zeros(1, 2, 6), places, slack=1)
    assert (found[0] == 0).tolist() == [[True] * 3 + [False] * 3, [False] + [True] * 5]


def test_attention_beside_the_place_costs_and_what_comes_after_the_end_does_not():
    places = torch.tensor([[[0, 4], [4, 8]]])
    right = torch.tensor([[[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]])
    frames = torch.tensor([8])
    assert astray(right, places, 0, 2, frames) == 0
    wrong = astray(right.flip(2), places, 0, 2, frames)
    assert wrong == pytest.approx(-np.log(FAINTEST), rel=1e-5)
    half = torch.full((1, 4, 2), 0.5, requires_grad=True)
    cost = astray(half, places, 0, 2, frames)
    cost.backward()
    assert cost.item() == pytest.approx(np.log(2)) and (half.grad[0, 0] != 0).tolist() == [True, False]
    assert astray(right.flip(2), places, 4, 2, frames) == 0  # near enough


@pytest.fixture(scope="module", params=["glowtts", "vits"])
def prepared(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prior") / "run"
    return run_folder(folder, request.param, make_data(4, 0, 2.0), alignment_prior=0.02)


def _durations(run, slack):
    """Frames that the search gives each phone of a batch, beside those of the alignment."""
    run.learner.settings = run.settings.model_copy(update={"alignment_prior": slack})
    batch = run.make(0, run.batches.at(0))
    run.learner.initialise(batch)
    searched = run.learner.step(batch, 0).alignments
    frames_of_each = searched.sum(2 if run.voice.kind == "vits" else 1)
    lengths = batch["token_lens" if run.voice.kind == "vits" else "text_lengths"]
    for row, place, tokens in zip(frames_of_each, batch["places"], lengths.tolist(), strict=True):
        frames = row[:tokens].numpy()
        phones = frames[:-1].reshape(-1, 2).sum(1)
        phones[-1] += frames[-1]
        spans = place[1 : tokens - 1 : 2].numpy()
        yield np.cumsum(phones), spans[:, 1], batch["period"]


def test_the_first_step_has_the_alignment_of_the_corpus(prepared):
    for ends, wanted, period in _durations(Run(prepared), 0.02):
        assert np.abs(ends - wanted).max() <= 0.02 / period + 1


def test_without_it_the_first_step_knows_nothing(prepared):
    assert (
        max(np.abs(ends - wanted).max() * period for ends, wanted, period in _durations(Run(prepared), None))
        > 0.1
    )


def test_tacotron_learns_where_to_attend_from_the_alignment_at_once(tmp_path):
    rate = {"lr": 0.01, "schedule": "constant", "warmup_steps": 0}
    folder = run_folder(tmp_path / "run", "tacotron2", make_data(4, 0, 2.0), alignment_prior=0.05, **rate)
    run = Run(folder)
    batch = run.make(0, run.batches.at(0))
    costs = [run.learner.step(batch, number).losses["astray"].item() for number in range(40)]
    assert costs[-1] < 0.5 * costs[0]
    run.learner.settings = run.settings.model_copy(update={"alignment_prior": None})
    assert "astray" not in run.learner.step(batch, 40).losses


def test_frames_are_hidden_from_the_decoder_while_it_learns_and_not_when_it_speaks(tmp_path):
    shown = torch.ones(4000, 1, 3)
    torch.manual_seed(0)
    (seen,) = hides(0.75)(None, (shown,))
    rows = seen.mean(2)
    assert set(rows.unique().tolist()) == {0.0, 1.0}  # a frame whole, or nothing of it
    assert rows.mean().item() == pytest.approx(0.25, abs=0.03)
    assert hides(0.0)(None, (shown,)) is None

    losses = []
    for share, name in ((0.0, "shown"), (1.0, "hidden")):
        data = make_data(4, 0, 2.0)
        run = Run(run_folder(tmp_path / name, "tacotron2", data, steps=1, hidden_frames=share))
        run.begin()
        run.train()
        losses.append(run.watch.losses[0])
        assert not run.learner.model.decoder.prenet._forward_pre_hooks
    assert losses[0] != losses[1]


def test_frames_are_hidden_from_a_coarse_decoder_too(tmp_path):
    both = {"double_decoder_consistency": True, "ddc_r": 4, "r": 2}
    folder = run_folder(
        tmp_path, "tacotron2", make_data(4, 0, 2.0), steps=1, hidden_frames=1.0, preset="tiny", model=both
    )
    run = Run(folder)
    seen = {}
    for name in ("decoder", "coarse_decoder"):

        def keep(module, given, out, name=name):
            seen[name] = given[0]

        getattr(run.learner.model, name).prenet.register_forward_hook(keep)
    run.begin()
    run.learner.step(to_device(run.make(0, run.batches.at(0)), run.device), 0)
    assert seen.keys() == {"decoder", "coarse_decoder"}
    assert all(not frames.any() for frames in seen.values())


@pytest.mark.parametrize(("width", "left_out"), [(128, 0.5 / 16), (512, 0.5)])
def test_a_narrow_tacotron_leaves_out_little(width, left_out, tmp_path):
    """coqui-tts leaves out half of 512 channels, which 128 cannot spare."""
    data = make_data(4, 0, 2.0)
    model = Run(run_folder(tmp_path, "tacotron2", data, steps=1, model={"width": width})).learner.model
    found = {block.dropout.p for block in (*model.encoder.convolutions, *model.postnet.convolutions)}
    assert found == {left_out}


def test_an_utterance_without_an_alignment_is_searched_freely(prepared):
    run = Run(prepared)
    example = dataclasses.replace(run.corpus.training[0], edges=[])
    assert places_of([example], [77], PERIOD, blank=True)[0].tolist() == [[0, 77]] * len(example.ids)
