# SPDX-License-Identifier: Apache-2.0
"""What is said sample by sample is what the network in torch says of the same samples."""

from dataclasses import replace

import numpy as np
import pytest
from wavenet_toy import TINY, mel, world

torch = pytest.importorskip("torch")

from synthkit_wavenet import companding, examples, generation, pulses  # noqa: E402
from synthkit_wavenet.fitting import shape_of  # noqa: E402
from synthkit_wavenet.network import WaveNet  # noqa: E402
from synthkit_wavenet.stored import TrainedVocoder  # noqa: E402
from synthkit_wavenet.vocoder import WaveNetSettings  # noqa: E402

from synthkit.stages import TrainingItem  # noqa: E402
from synthkit.testing.samples import context  # noqa: E402
from synthkit.types import Waveform  # noqa: E402


def untrained(data, folder, **settings):
    """A network of random weights whose conditions matter, and what it was prepared on."""
    shape = shape_of(WaveNetSettings(**TINY | {"layers": 6, "cycle": 3} | settings), data.spec)
    prepared = examples.prepare(data.items, data.spec, shape, context(folder), "train")
    torch.manual_seed(3)
    network = WaveNet(shape)
    for name, p in network.named_parameters():
        if name == "out.weight":
            p.data *= 8
        if name == "out.bias" and shape.output == "softmax":  # as loud as speech, not as noise
            p.data -= (torch.arange(256) - 128).abs() / 8
    weights = {k: v.detach().numpy().copy() for k, v in network.state_dict().items()}
    return network, TrainedVocoder(shape, data.spec, prepared.scales, weights)


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (world, {"form": "residual", "output": "logistics"}),
        (world, {"form": "residual", "output": "softmax"}),
        (mel, {"form": "residual", "output": "logistics"}),
        (mel, {"form": "waveform", "output": "softmax"}),
        (world, {"form": "waveform", "output": "logistics"}),
    ],
)
def test_it_is_the_forward_pass_of_torch(make, settings, tmp_path):
    data = make(tmp_path / "data", count=1)
    network, vocoder = untrained(data, tmp_path, **settings)
    item = data.items[0]
    frames = item.frames()
    short = replace(frames, data={k: v[:120] for k, v in frames.data.items()})
    samples, told = generation.render(vocoder, short, seed=1, tell=True)
    assert len(samples) == 120 * frames.spec.hop_length
    assert samples.std() > 1e-4
    # The same samples as if they were a recording: what torch says of each, from all before it.
    heard = TrainingItem(
        item.utterance, item.segmentation, item.alignment,
        lambda: Waveform(samples, frames.spec.sample_rate), lambda: short,
    )  # fmt: skip
    shape = vocoder.shape
    whole = examples.prepare([heard], data.spec, shape, context(tmp_path / "again"), "train", vocoder.scales)
    if settings["output"] == "softmax":
        assert np.abs(whole.samples - samples).max() < 1e-5, "what was said is not on the scale of classes"
    if shape.pulses:  # those of the recording are found in it; here it is told when they came
        below, part = whole.grid.places(0, len(samples), len(short))
        period = pulses.contour(short["lf0"], short["vuv"], below, part, whole.grid.sample_rate)
        whole = replace(whole, near=pulses.around(pulses.spoken(period), len(samples)))
    piece = examples.together(whole, [(0, 0)], len(samples))
    with torch.no_grad():
        out = network(*(torch.from_numpy(getattr(piece, n)) for n in ("values", "spread", "signals")))[0]
    difference = np.abs(out.numpy() - told).max(axis=1)
    assert difference.max() < 2e-3 * max(1.0, np.abs(told).max())
    assert np.median(difference) < 1e-5 * max(1.0, np.abs(told).max())
    if settings["output"] == "softmax":
        drawn = companding.classes(
            examples.known(whole, 0, 0, len(samples)).left, companding.LIMITS[shape.form]
        )
        assert len(np.unique(drawn)) > 20


def test_the_same_seed_says_the_same_and_another_does_not(tmp_path):
    data = world(tmp_path / "data", count=1)
    _, vocoder = untrained(data, tmp_path)
    frames = data.items[0].frames()
    short = replace(frames, data={k: v[:20] for k, v in frames.data.items()})
    one, again, other = (generation.render(vocoder, short, seed=s)[0] for s in (1, 1, 2))
    assert one.tobytes() == again.tobytes() != other.tobytes()
