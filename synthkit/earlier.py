# SPDX-License-Identifier: Apache-2.0
"""Weights of an earlier training on their way into a voice: whether they fit, what they heard, what a state
that the user keeps goes on with.

For components that are trained and may take what was trained before; `synthkit.trained` reads the files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from synthkit.errors import SpecMismatch, VoiceError
from synthkit.paths import read_json
from synthkit.stages import Context, TrainingData
from synthkit.types import FeatureSpec
from synthkit.types.differences import table

A = TypeVar("A")
ANEW = "take the folder away to begin anew"


def check_features(name: str, weights: FeatureSpec, features: FeatureSpec, *, where: str) -> None:
    """Raise `SpecMismatch`, with a table of the fields, if weights are of other features than a voice's.

    Parameters
    ----------
    name : str
        Of the weights.
    weights, features : FeatureSpec
        What they were trained on, and what the voice has.
    where : str
        The setting that names them, for the message.
    """
    if rows := weights.differences(features):
        raise SpecMismatch(
            f"the weights {name!r} are of other features:\n{table(rows, 'weights', 'features')}", where=where
        )


def check_phone_set(name: str, weights: str, phone_set: str, *, where: str) -> None:
    """Raise `SpecMismatch` if weights speak another phone set than a voice's.

    Parameters
    ----------
    name : str
        Of the weights.
    weights, phone_set : str
        The phone sets of both.
    where : str
        The setting that names the weights, for the message.
    """
    if weights != phone_set:
        raise SpecMismatch(
            f"the weights {name!r} speak phone set {weights!r}, the corpus has {phone_set!r}",
            where=where,
            hint="choose the segmentation they were trained with, or train: leave out pretrained",
        )


def check_phones(name: str, known: Collection[str], data: TrainingData, *, where: str) -> None:
    """Raise `SpecMismatch`, with an utterance of each, if weights do not know every phone of a corpus.

    Parameters
    ----------
    name : str
        Of the weights.
    known : collection of str
        The phones they learned.
    data : TrainingData
    where : str
        The setting that names the weights, for the message.
    """
    used = {p.symbol: i.utterance.id for i in reversed(data.items) for p in i.segmentation.phones()}
    unknown = sorted(used.keys() - set(known))
    if unknown:
        listed = ", ".join(f"{symbol!r} (in {used[symbol]})" for symbol in unknown)
        raise SpecMismatch(
            f"the weights {name!r} have never heard {len(unknown)} phones of the corpus: {listed}",
            where=where,
            hint="train on this corpus: leave out pretrained",
        )


def tell_taken(component: str, name: str, made: Mapping[str, Any], data: TrainingData, ctx: Context) -> None:
    """Say that weights are taken as they are, and whether they heard what the voice holds out.

    Parameters
    ----------
    component, name : str
        The component's name, and that of the weights.
    made : mapping
        What they keep of their training: ``minutes``, ``steps`` and ``heard`` (ids), each if known.
    data : TrainingData
    ctx : Context
    """
    known = [
        f"{made[k]} {word}" for k, word in (("minutes", "min of speech"), ("steps", "steps")) if k in made
    ]
    ctx.log(f"{component}: weights {name!r} are taken as they are ({', '.join(known)}); nothing is trained")
    heard = set(made.get("heard", ())) & {i.utterance.id for i in data.held_out}
    if heard:
        ctx.log(
            f"  {len(heard)} of the {len(data.held_out)} held-out utterances were among what these weights "
            "learned from: figures on them flatter"
        )


def kept_beside(path: Path, spec: FeatureSpec, read: Callable[[dict[str, Any]], A]) -> A | None:
    """What a training wrote beside a state that the user keeps, so that the next one goes on alike.

    Parameters
    ----------
    path : Path
        A JSON object with ``spec``, the hash of the features it is of.
    spec : FeatureSpec
        Of the training that would go on.
    read : callable
        Makes of the object what is wanted.

    Returns
    -------
    object or None
        What `read` gave; None where there is no file, or it is of other features.

    Raises
    ------
    VoiceError
        The file is no such object, or `read` finds it wanting.
    """
    if not path.is_file():
        return None
    try:
        kept = read_json(path, VoiceError, hint=ANEW)
        return read(kept) if kept["spec"] == spec.hash else None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise VoiceError(
            f"is not what a training keeps ({type(error).__name__}: {error})",
            where=str(path),
            hint=ANEW,
        ) from error
