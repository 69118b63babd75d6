# SPDX-License-Identifier: Apache-2.0
"""Executor `dask`: utterances spread over the workers of dask.distributed."""

from synthkit import hookimpl


@hookimpl
def register_executors(register):
    register(
        "dask",
        "synthkit_dask.executor:DaskExecutor",
        summary="dask.distributed: a cluster on this machine, or scheduler=ADDRESS",
    )
