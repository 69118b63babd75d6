# SPDX-License-Identifier: Apache-2.0
"""A voice's description to its model, and weights into it."""

from __future__ import annotations

from typing import Any

from synthkit.errors import VoiceError
from synthkit_coqui.architectures import find
from synthkit_coqui.description import VoiceConfig


def make(voice: VoiceConfig) -> Any:
    """A fresh model of `voice` in training mode, with randomly initialised weights."""
    return find(voice.kind).make(voice)


def checked(voice: VoiceConfig) -> VoiceConfig:
    """`voice` itself, when a model can be made of it: for descriptions that come from a file.

    Raises
    ------
    ValueError
        A name that is not known, a table that does not fit, a size that no model has.
    """
    find(voice.kind).check(voice.check())
    return voice


def load_weights(model: Any, state: dict[str, Any], *, where: str, optional: tuple[str, ...] = ()) -> None:
    """Put `state` into `model`; every tensor must find its place and its shape.

    Parameters
    ----------
    optional : tuple of str
        Beginnings of the names that may be missing: what only training needs.

    Raises
    ------
    VoiceError
        Names the first tensors that are missing, left over or of another shape.
    """
    own = model.state_dict()
    missing = (
        [k for k in own if k not in state and not k.startswith(optional)]
        if optional
        else [k for k in own if k not in state]
    )
    extra = [k for k in state if k not in own]
    shapes = [
        f"{k}: {tuple(v.shape)} in the file, {tuple(own[k].shape)} in the model"
        for k, v in state.items()
        if k in own and tuple(v.shape) != tuple(own[k].shape)
    ]
    shapes += [
        f"{k}: {v.dtype}, {v.layout} in the file, {own[k].dtype}, {own[k].layout} in the model"
        for k, v in state.items()
        if k in own and (v.is_floating_point() != own[k].is_floating_point() or v.layout != own[k].layout)
    ]
    if not (missing or extra or shapes):
        shapes = [f"{k}: values that are not finite" for k, v in state.items() if not v.isfinite().all()]
    if missing or extra or shapes:
        rows = [f"missing: {k}" for k in missing] + [f"left over: {k}" for k in extra] + shapes
        shown = "\n    ".join(rows[:8])
        raise VoiceError(
            f"the weights do not fit the model ({len(rows)} differences):\n    {shown}",
            where=where,
            hint="the config must be the one the weights were trained with: same symbols, speakers and "
            "languages",
        )
    model.load_state_dict(state, strict=not optional)
