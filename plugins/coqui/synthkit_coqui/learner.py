"""One training step of each kind of model: forward, losses, backward, clip, step.

The models' own `train_step` computes outputs and losses; everything around it is here, and is the same for all
of them. Randomness of a step is a function of seed, step and rank alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from synthkit.errors import ConfigError
from synthkit_coqui.backend import coqui
from synthkit_coqui.models import ADVERSARIAL, VOCODERS, VoiceConfig, make
from synthkit_coqui.settings import TrainSettings

OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "glowtts": ("RAdam", {"betas": (0.9, 0.998), "weight_decay": 1e-6}),
    "tacotron2": ("RAdam", {"betas": (0.9, 0.998), "weight_decay": 1e-6}),
    "vits": ("AdamW", {"betas": (0.8, 0.99), "eps": 1e-9, "weight_decay": 0.01}),
    "coqui-hifigan": ("AdamW", {"betas": (0.8, 0.99), "weight_decay": 0.01}),
    "coqui-mb-melgan": ("AdamW", {"betas": (0.8, 0.99), "weight_decay": 0.0}),
}


def learning_rate(settings: TrainSettings, step: int) -> float:
    """Learning rate applied at `step` (0-based).

    A linear warm-up to ``settings.lr``, then, by `schedule`: ``noam`` falls with the inverse square root of the
    step (Vaswani et al. 2017, eq. 3, scaled to peak at `lr`); ``cosine`` falls to a twentieth over the planned
    steps; ``exponential`` falls to a half over them; ``constant`` stays.
    """
    import math

    warmup, at = settings.warmup(), step + 1
    if at <= warmup:
        return settings.lr * at / warmup
    if settings.schedule == "noam":
        return settings.lr * math.sqrt(max(1, warmup) / at)
    done = min(1.0, (at - warmup) / max(1, settings.steps - warmup))
    if settings.schedule == "cosine":
        return settings.lr * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))
    if settings.schedule == "exponential":
        return settings.lr * 0.5**done
    return settings.lr


def pick_device(name: str, local_rank: int = 0) -> Any:
    """``"auto"``: the GPU when there is one."""
    import torch

    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(f"device {name!r}: torch sees no GPU", where="device", hint='device = "auto"')
    return torch.device(f"cuda:{local_rank}" if name == "cuda" else name)


def pick_precision(settings: TrainSettings, kind: str, device: Any) -> Any:
    """The autocast type, or None for float32."""
    import torch

    if settings.precision == "auto":
        bf16 = device.type == "cuda" and kind in ADVERSARIAL and torch.cuda.is_bf16_supported()
        return torch.bfloat16 if bf16 else None
    return {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}[settings.precision]


def step_seed(seed: int, step: int, rank: int) -> int:
    """Seed of all randomness of one step, so that a restored training draws what it would have drawn."""
    import numpy as np

    return int(np.random.SeedSequence((seed, step, rank)).generate_state(1)[0])


@dataclass
class Step:
    """What one step gave: named losses (tensors, not yet read) and the batch's alignments, of models that have them."""

    losses: dict[str, Any]
    alignments: Any


class Learner:
    """A model, its losses and its optimizers on a device.

    Parameters
    ----------
    voice : VoiceConfig
    settings : TrainSettings
    device : torch.device
    world : int
        Processes that train together; gradients are averaged over them.
    """

    def __init__(
        self, voice: VoiceConfig, settings: TrainSettings, device: Any, *, rank: int = 0, world: int = 1
    ):
        import torch

        self.voice, self.settings, self.device, self.rank, self.world = voice, settings, device, rank, world
        torch.manual_seed(settings.seed)
        self.model = make(voice).to(device)
        self.autocast = pick_precision(settings, voice.kind, device)
        self.scaler = torch.amp.GradScaler(device.type) if self.autocast is torch.float16 else None
        parts = self._parts()
        name, arguments = OPTIMIZERS[voice.kind]
        # coqui-tts's own RAdam passes over the weights less often than torch's, and is a third faster on a CPU.
        make_optimizer = coqui().RAdam if name == "RAdam" else getattr(torch.optim, name)
        self.parameters = [[p for p in part if p.requires_grad] for part in parts]
        self.optimizers = [make_optimizer(p, lr=settings.lr, **arguments) for p in self.parameters]
        criteria = self.model.get_criterion()
        self.criteria = [c.to(device) for c in (criteria if isinstance(criteria, list) else [criteria])]
        if voice.kind in VOCODERS:
            self.criteria = [_in_float32(c, device) for c in self.criteria]
        if self.autocast is not None and voice.kind == "vits":
            # Alignment search reads the scores as numpy, and the splines of the duration predictor lose their
            # order in half precision.
            self.model.forward_mas = _in_float32(self.model.forward_mas, device)

    def _parts(self) -> list[list[Any]]:
        if self.voice.kind == "vits":
            speaking = [p for n, p in self.model.named_parameters() if not n.startswith("disc.")]
            return [list(self.model.disc.parameters()), speaking]
        if self.voice.kind in VOCODERS:
            return [list(self.model.model_d.parameters()), list(self.model.model_g.parameters())]
        return [list(self.model.parameters())]

    @property
    def speaking_parameters(self) -> list[Any]:
        """Parameters of the part that speaks (the generator, of an adversarial model)."""
        return self.parameters[-1]

    @property
    def reduction(self) -> int:
        """Mel frames per decoder step of Tacotron 2; 1 elsewhere."""
        return int(self.model.decoder.r) if self.voice.kind == "tacotron2" else 1

    def initialise(self, batch: dict[str, Any]) -> None:
        """Data-dependent initialisation of Glow-TTS's activation norms, once, before the first step."""
        import torch

        if self.voice.kind != "glowtts":
            return
        self.model.run_data_dep_init = False
        self.model.unlock_act_norm_layers()
        with torch.no_grad():
            self.model.forward(
                batch["text_input"],
                batch["text_lengths"],
                batch["mel_input"],
                batch["mel_lengths"],
                aux_input={"d_vectors": batch["d_vectors"], "speaker_ids": batch["speaker_ids"]},
            )
        self.model.lock_act_norm_layers()

    def step(self, batch: dict[str, Any], number: int) -> Step:
        """Take step `number` (0-based) on a batch that lies on the device."""
        import torch

        torch.manual_seed(step_seed(self.settings.seed, number, self.rank))
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(self.settings, number)
        self.model.run_data_dep_init = False
        if self.voice.kind == "vits":
            batch = self.model.format_batch_on_device(batch)
        if self.voice.kind in VOCODERS:
            self.model.train_disc = number >= self.settings.discriminator_from  # type: ignore[attr-defined]
        losses: dict[str, Any] = {}
        outputs: dict[str, Any] = {}
        for index, (optimizer, parameters) in enumerate(zip(self.optimizers, self.parameters, strict=True)):
            several = len(self.optimizers) > 1
            with _frozen(self.parameters[0] if several and index else []):
                with torch.autocast(self.device.type, self.autocast, enabled=self.autocast is not None):
                    if several:
                        outputs, found = self.model.train_step(batch, self.criteria[index], index)
                    else:
                        outputs, found = self.model.train_step(batch, self.criteria[0])
                if not found:
                    continue  # the discriminator has not joined yet
                self._descend(optimizer, parameters, found["loss"])
            prefix = "" if not several or index else "discriminator_"
            losses |= {
                prefix + k: v.detach() if hasattr(v, "detach") else v for k, v in found.items() if k in _TOLD
            }
        if self.scaler:
            self.scaler.update()
        # Nothing else of the step is kept: it would hold memory all through the next one.
        return Step(losses, outputs["alignments"].detach() if outputs and "alignments" in outputs else None)

    def _descend(self, optimizer: Any, parameters: list[Any], loss: Any) -> None:
        import torch

        (self.scaler.scale(loss) if self.scaler else loss).backward()
        if self.world > 1:
            _average_gradients(parameters, self.world)
        if self.scaler:
            self.scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(parameters, self.settings.grad_clip)
        if self.scaler:
            self.scaler.step(optimizer)
        else:
            optimizer.step()
        optimizer.zero_grad(set_to_none=True)  # here, so that the next forward pass has their memory


_TOLD = {
    "loss", "log_mle", "loss_dur", "decoder_loss", "postnet_loss", "stopnet_loss", "ga_loss", "loss_gen", "loss_kl",
    "loss_feat", "loss_mel", "loss_duration", "G_l1_spec_loss", "G_stft_loss_mg", "G_adv_loss", "G_feat_match_loss",
}  # fmt: skip


def _average_gradients(parameters: list[Any], world: int) -> None:
    """Sum gradients over processes in one flat message and divide: plain data parallelism.

    coqui-tts's models are stepped by `train_step`, not `forward`, which torch's DistributedDataParallel cannot
    follow; averaging after the backward pass is the same arithmetic.
    """
    import torch
    import torch.distributed as dist

    present = torch.tensor([p.grad is not None for p in parameters], dtype=torch.float32)
    present = present.to(parameters[0].device)
    dist.all_reduce(present)
    chosen = [p for p, count in zip(parameters, present.tolist(), strict=True) if count > 0]
    flat = torch.cat([(p.grad if p.grad is not None else torch.zeros_like(p)).reshape(-1) for p in chosen])
    dist.all_reduce(flat)
    flat /= world
    at = 0
    for p in chosen:
        p.grad = flat[at : at + p.numel()].view_as(p).clone()
        at += p.numel()


def _in_float32(function: Callable[..., Any], device: Any) -> Callable[..., Any]:
    """`function` outside autocast, with half-precision tensors among its arguments (and lists of them) widened."""
    import torch

    def widen(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return value.float() if value.is_floating_point() else value
        if isinstance(value, (list, tuple)):
            return type(value)(widen(v) for v in value)
        return value

    def call(*args: Any, **kwargs: Any) -> Any:
        with torch.autocast(device.type, enabled=False):
            return function(*[widen(a) for a in args], **{k: widen(v) for k, v in kwargs.items()})

    return call


@contextmanager
def _frozen(parameters: list[Any]) -> Iterator[None]:
    """No gradients for the discriminator while the generator learns."""
    for p in parameters:
        p.requires_grad_(False)
    try:
        yield
    finally:
        for p in parameters:
            p.requires_grad_(True)
