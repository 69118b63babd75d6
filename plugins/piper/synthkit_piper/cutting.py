# SPDX-License-Identifier: Apache-2.0
"""A Piper network cut into three, so that it tells when each phone is said and is heard before it is done.

A VITS as it is exported is one graph from ids to samples. Its parts are found by what they are and not by
how they are called:

- durations are what the graph's only ``Ceil`` gives, frames of each id;
- the decoder begins at the convolution before its first ``ConvTranspose``, the one whose input durations have
  made as long as the speech is;
- a speaker is a row of the table that a ``Gather`` takes by the input ``sid``.

The first part goes from ids to durations, the second from there to the decoder's input, the third is the
decoder. A part's inputs and outputs have the names that the graph has for them. Whether three say what one
did is tried on some ids before they are kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import MissingDependency, VoiceError
from synthkit_piper.model import Network
from synthkit_piper.parts import DECODER, DURATIONS, FRAMES, PARTS, SPEAKERS, Parts

EQUAL = 1e-5
"""Of full scale: parts that differ by less are equal to the whole."""
CONTEXTS = (8, 16, 32, 64, 128)
"""Frames on either side of a block, the fewest first, that are tried."""
BLOCK = 50
"""Frames of a block in that trial; the first that is heard has as many."""
LEAST = 2 * (BLOCK + CONTEXTS[-1])
"""Frames of what is said in it, at least."""
MEAN = (0.0, 1.0, 0.0)
"""Scales with which nothing is drawn."""


class NotFound(Exception):
    """The network cannot be cut; it says why."""


@dataclass(frozen=True)
class Places:
    """Where a graph is cut.

    Attributes
    ----------
    durations : str
        Frames of each id, (1, 1, ids).
    between : tuple of str
        What the second part needs of the first beside them, and of the graph's inputs.
    latent : str
        The decoder's input, (1, channels, frames).
    speaker : str
        The speaker's vector; empty in a network of one.
    table : ndarray or None
        Of all speakers, (speakers, channels).
    """

    durations: str
    between: tuple[str, ...]
    latent: str
    speaker: str
    table: np.ndarray | None


def cut(network: Path, folder: Path, ids: Sequence[int]) -> None:
    """Write the parts of `network` into `folder`.

    Parameters
    ----------
    network : Path
    folder : Path
    ids : sequence of int
        An utterance, on which the parts are tried.

    Raises
    ------
    NotFound
        It cannot be cut, or its parts do not say what it says.
    MissingDependency
        onnx is not installed.
    """
    try:
        import onnx
        from onnx.utils import Extractor
    except ImportError as error:
        raise MissingDependency(
            "cutting a piper voice needs onnx, so that it tells durations and is heard at once",
            hint="pip install onnx",
        ) from error
    model = onnx.load(str(network))
    places = find(model.graph, onnx.numpy_helper.to_array)
    given = [i.name for i in model.graph.input if i.name != "sid" or not places.speaker]
    voice = [places.speaker] if places.speaker else []
    try:
        extractor = Extractor(onnx.shape_inference.infer_shapes(model))  # it has to know what it cuts through
        first = extractor.extract_model([*given, *voice], [places.durations, *_inner(places, given)])
        second = extractor.extract_model([*places.between, places.durations, *voice], [places.latent])
        third = extractor.extract_model([places.latent, *voice], [model.graph.output[0].name])
    except (
        ValueError,
        RuntimeError,
        KeyError,
        onnx.checker.ValidationError,
        onnx.shape_inference.InferenceError,
    ) as error:
        raise NotFound(f"onnx cannot cut it: {str(error)[:200]}") from error
    for part, name in ((first, DURATIONS), (second, FRAMES), (third, DECODER)):
        _without_unused(part)
        onnx.save(part, str(folder / name))
    if places.table is not None:
        np.save(folder / SPEAKERS, places.table.astype(np.float32))
    about = {"latent": places.latent, "durations": places.durations, "speaker": places.speaker}
    (folder / PARTS).write_text(json.dumps(about | _tried(network, folder, about, ids)), encoding="utf-8")


def _inner(places: Places, given: Sequence[str]) -> list[str]:
    """What the second part needs that is neither an input of the graph nor the durations."""
    return [name for name in places.between if name not in given]


def _without_unused(part: Any) -> None:
    """Leave out inputs that nothing of the part takes: a speaker's vector, where it is of no use."""
    used = {name for node in part.graph.node for name in node.input}
    for value in [v for v in part.graph.input if v.name not in used]:
        part.graph.input.remove(value)


def find(graph: Any, array: Callable[[Any], np.ndarray]) -> Places:
    """The places at which a graph can be cut.

    Parameters
    ----------
    graph : onnx.GraphProto
    array : callable
        A tensor's values.

    Returns
    -------
    Places

    Raises
    ------
    NotFound
        One of them is not there, or there are several.
    """
    made = {name: node for node in graph.node for name in node.output}
    fixed = {tensor.name: tensor for tensor in graph.initializer}

    def above(*names: str, stop: frozenset[str] = frozenset()) -> dict[str, None]:
        """Tensors that `names` are made of, and they themselves."""
        seen, todo = dict[str, None](), list(names)
        while todo:
            name = todo.pop()
            if not name or name in seen:
                continue
            seen[name] = None
            if name in made and name not in stop:
                todo += made[name].input
        return seen

    durations = _only([n.output[0] for n in graph.node if n.op_type == "Ceil"], "Ceil")
    every = above(graph.output[0].name)
    up = [n for n in graph.node if n.op_type == "ConvTranspose" and n.output[0] in every]
    first = _only(
        [n for n in up if not any(o.output[0] in above(n.input[0]) for o in up if o is not n)],
        "first ConvTranspose",
    )
    long = [n for n in _nearest(first.input[0], made, "Conv") if durations in above(n.input[0])]
    latent = _only([n.input[0] for n in long], "Conv before the decoder's first ConvTranspose")
    speaker, table = _speaker(graph, fixed, array)
    early = above(durations)
    stops = frozenset([*early, *([speaker] if speaker else [])])
    late = above(latent, stop=stops)
    between = [n for n in late if n in early and n != durations and n not in fixed and n != speaker]
    between = [n for n in between if n not in made or made[n].op_type != "Constant"]
    return Places(durations, tuple(sorted(between)), latent, speaker, table)


def _only(found: list[Any], what: str) -> Any:
    if len(found) != 1:
        raise NotFound(f"it has {len(found)} of what should be one: {what}")
    return found[0]


def _nearest(name: str, made: dict[str, Any], kind: str) -> list[Any]:
    """The nodes of a kind that are met first on the ways back from a tensor."""
    found, todo, seen = list[Any](), [name], set[str]()
    while todo:
        name = todo.pop()
        node = made.get(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        if node.op_type == kind:
            found.append(node)
        else:
            todo += node.input
    return found


def _speaker(
    graph: Any, fixed: dict[str, Any], array: Callable[[Any], np.ndarray]
) -> tuple[str, np.ndarray | None]:
    """The tensor that is a speaker's vector, and the table it is from."""
    if not any(i.name == "sid" for i in graph.input):
        return "", None
    rows = [n for n in graph.node if n.op_type == "Gather" and n.input[1] == "sid" and n.input[0] in fixed]
    node = _only(rows, "table of speakers, by sid")
    takers = [n for n in graph.node if "sid" in n.input]
    table = array(fixed[node.input[0]])
    if len(takers) != 1 or table.ndim != 2:
        raise NotFound("speakers are more than rows of a table")
    return node.output[0], table


def _tried(network: Path, folder: Path, about: dict[str, str], ids: Sequence[int]) -> dict[str, int]:
    """Samples a frame, and how many frames on either side a block has to see.

    Raises
    ------
    NotFound
        The parts do not say what the whole says.
    VoiceError
        The whole says nothing either.
    """
    said = list(ids)
    whole = Network(network)
    try:
        parts = Parts(folder, {**about, "hop": 1, "context": 0})
        speaker = None if parts.table is None else parts.table[0]
        frames, latent = parts.latent(said, MEAN, speaker)
        while frames.sum() < LEAST and len(said) < LEAST:  # else a block could hear all there is
            said += said
            frames, latent = parts.latent(said, MEAN, speaker)
        samples, total = whole.speak(said, MEAN, 0), int(frames.sum())
        if latent.shape[-1] != total or not total or len(samples) % total:
            raise NotFound(f"{len(samples)} samples are no multiple of {total} frames")
        parts.hop = len(samples) // total
        if np.abs(parts.sound(latent, speaker) - samples).max() > EQUAL:
            raise NotFound("its parts say something else than the whole")
        for context in CONTEXTS:
            parts.context = context
            pieces = np.concatenate(list(parts.blocks(latent, speaker, most=BLOCK)))
            if np.abs(pieces - samples).max() <= EQUAL:
                return {"hop": parts.hop, "context": context}
    except VoiceError as error:
        whole.speak(said, MEAN, 0)  # what it cannot do either is no fault of the parts
        raise NotFound(f"its parts cannot be run: {error.message}") from error
    raise NotFound(f"its decoder hears more than {CONTEXTS[-1]} frames around")
