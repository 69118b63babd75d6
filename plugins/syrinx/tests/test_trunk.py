# SPDX-License-Identifier: Apache-2.0
"""The network as it speaks, beside the one that learns, layer by layer and in parts."""

import numpy as np
import pytest
import torch
from synthkit_syrinx import network
from synthkit_syrinx.trunk import CUBED, TOGETHER, Trunk, gelu


def pair(inputs=9, channels=12, hidden=20, blocks=3, outputs=7):
    """One of torch, all of whose weights are drawn, and the same to speak with."""
    torch.manual_seed(0)
    taught = network.Trunk(inputs, channels, hidden, blocks, outputs)
    with torch.no_grad():
        for weights in taught.parameters():
            weights += 0.3 * torch.randn_like(weights)
    named = {f"part.{k}": v.detach().numpy() for k, v in taught.state_dict().items()}
    return taught, Trunk.of(named, "part")


@pytest.mark.parametrize("size", [1, 5, TOGETHER, TOGETHER + 1, 3 * TOGETHER + 40])
def test_it_says_what_the_network_says(size):
    taught, spoken = pair()
    x = np.random.default_rng(size).normal(size=(size, 9)).astype(np.float32)
    with torch.no_grad():
        wanted = taught(torch.from_numpy(x)[None])[0].numpy()
    assert spoken(x).shape == wanted.shape == (size, 7)
    np.testing.assert_allclose(spoken(x), wanted, atol=2e-4 * np.abs(wanted).max())


def test_outputs_of_a_part_are_that_part():
    _, spoken = pair()
    x = np.random.default_rng(0).normal(size=(50, 9)).astype(np.float32)
    known = spoken.inner(x)
    whole = spoken.outputs(known)
    np.testing.assert_allclose(spoken.outputs(known[10:30]), whole[10:30], atol=1e-5 * np.abs(whole).max())


def test_its_bend_is_torchs_with_the_scale_that_weights_know_of():
    x = np.linspace(-6, 6, 241, dtype=np.float32)
    wanted = torch.nn.functional.gelu(torch.from_numpy(x), approximate="tanh").numpy()
    np.testing.assert_allclose(gelu(x * CUBED, np.empty_like(x)) / (2 * CUBED), wanted, atol=1e-5)
