# SPDX-License-Identifier: Apache-2.0
"""From a configuration to a voice: refused before any work, or every stage in turn, resumable at any time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from synthkit.atomic import lock, sweep
from synthkit.pipeline.cache import Cache
from synthkit.pipeline.config import Config
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.plan import plan
from synthkit.pipeline.replacing import refuse_to_replace
from synthkit.pipeline.state import Build
from synthkit.stages import TrainingData


def build(
    config: Config,
    out: Path,
    ctx: BuildContext,
    cache: Cache | None = None,
    *,
    report: Callable[[Build, TrainingData], None] | None = None,
) -> Path:
    """Build the voice of `config` into folder `out`.

    A killed build leaves `out` as it was; the same call goes on from what is cached and ends in the same
    bytes. Utterances that cannot be used are left out, said, and listed in the manifest. `report` is called
    at the end, with the finished build.

    Parameters
    ----------
    config : Config
    out : Path
        Of the voice; an older one that is there is replaced at the end.
    ctx : BuildContext
        How to map, and where to tell how far it is.
    cache : Cache, optional
        That of the user if left out.
    report : callable, optional
        Told the finished build and what it learned from.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    SynthkitError
        The parts do not fit, the corpus cannot be used, another build of this voice runs, `out` holds what is
        no voice's, the disk is full.
    """
    refuse_to_replace(out)
    with ExitStack() as stack, lock(out.parent / f".{out.name}.lock", f"a build of {out.name!r}"):
        cache = cache or Cache(tell=ctx.log)
        sweep(out.parent, out.name)
        there = cache.root.is_dir()
        if there:
            stack.enter_context(cache.used())
        ctx.stage("corpus")
        state = plan(config, ctx, cache)
        stack.callback(state.close)
        if not there:  # a plan that is refused makes no cache
            stack.enter_context(cache.used())
        from synthkit.pipeline.making import make  # a plan that is refused needs none of it

        data = make(state, out)
        if report is not None:
            report(state, data)
    return out
