# SPDX-License-Identifier: Apache-2.0
"""The corpus's alignment as a prior: which frames a token may have, and that the search keeps to them."""

import dataclasses

import numpy as np
import pytest
import torch
from coqui_samples import make_data, run_folder
from synthkit_coqui.prior import frames_between, near, places_of
from synthkit_coqui.run import Run

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


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prior") / "run"
    return run_folder(folder, "glowtts", make_data(4, 0, 2.0), alignment_prior=0.02)


def _durations(run, slack):
    """Frames that the search gives each phone of a batch, beside those of the alignment."""
    run.learner.settings = run.settings.model_copy(update={"alignment_prior": slack})
    batch = run.make(0, run.batches.at(0))
    run.learner.initialise(batch)
    found = run.learner.step(batch, 0).alignments.sum(1)  # frames of each token
    places = batch["places"]
    for row, place, tokens in zip(found, places, batch["text_lengths"].tolist(), strict=True):
        frames = row[:tokens].numpy()
        phones = frames[:-1].reshape(-1, 2).sum(1)
        phones[-1] += frames[-1]
        spans = place[1 : tokens - 1 : 2].numpy()
        yield np.cumsum(phones), spans[:, 1]


def test_the_first_step_has_the_alignment_of_the_corpus(prepared):
    run = Run(prepared)
    slack = 0.02 / run.voice.spec.frame_period
    for ends, wanted in _durations(run, 0.02):
        assert np.abs(ends - wanted).max() <= slack + 1


def test_without_it_the_first_step_knows_nothing(prepared):
    run = Run(prepared)
    assert max(np.abs(ends - wanted).max() for ends, wanted in _durations(run, None)) > 10


def test_an_utterance_without_an_alignment_is_searched_freely(prepared):
    run = Run(prepared)
    example = dataclasses.replace(run.corpus.training[0], edges=[])
    places = places_of([example], [example.frames], run.voice.spec.frame_period, blank=True)
    assert places[0].tolist() == [[0, example.frames]] * len(example.ids)
