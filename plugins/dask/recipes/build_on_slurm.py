# SPDX-License-Identifier: Apache-2.0
"""Builds a voice from a login node: the workers are Slurm jobs that dask-jobqueue submits, as there is room
for them, and that come and go while it builds.

    export SYNTHKIT_CACHE=/shared/cache
    python build_on_slurm.py --jobs 20 --cores 16 --memory 32GB --walltime 04:00:00 voice.toml -o voices/large
    python build_on_slurm.py --jobs 20 --dry-run voice.toml      # prints the job script and submits nothing

Corpus and cache lie on a disk that all nodes share, under the same paths. `build.sbatch` needs all its nodes
at once and nothing beside dask; this one needs dask-jobqueue (``pip install "synthkit-dask[slurm]"``), and a
process on the login node for as long as the build takes. A job that ends, at its time or before it, is
submitted anew. Killed, the same command goes on from where it was. What is not known here goes to
``synthkit build``.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys

_interrupt = signal.getsignal(signal.SIGINT)
from dask_jobqueue import SLURMCluster  # noqa: E402

from synthkit.cli import run  # noqa: E402

# dask-jobqueue, when it is imported, lets Ctrl-C end the process as if all were done: status 0, not a word.
signal.signal(signal.SIGINT, _interrupt)


def cluster(options: argparse.Namespace, cache: str) -> SLURMCluster:
    """Workers of one thread each: results are the same bytes, and a fault takes one process."""
    return SLURMCluster(
        queue=options.queue,
        account=options.account,
        cores=options.cores,
        processes=options.cores,
        memory=options.memory,
        walltime=options.walltime,
        interface=options.interface,
        job_name="synthkit-build",
        python=os.environ.get("PYTHON", sys.executable),
        # Before a job's time is over its workers stop taking tasks, and others take theirs.
        worker_extra_args=[
            "--lifetime",
            lifetime(options.walltime),
            "--lifetime-stagger",
            "1m",
            "--no-dashboard",
        ],
        job_script_prologue=[
            f"export SYNTHKIT_CACHE={shlex.quote(cache)}",
            "export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1",
            # Dask's workers give memory back at every chance: a third of the time of features.
            "export MALLOC_MMAP_THRESHOLD_=33554432",
            "export DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON__MALLOC_TRIM_THRESHOLD_=134217728",
            "export DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED=False",
        ],
        scheduler_options={"dashboard": False, **({"host": options.host} if options.host else {})},
    )


def lifetime(walltime: str) -> str:
    """A job's time, ``[D-]HH:MM:SS``, less three minutes, in seconds as dask reads them."""
    days, _, clock = walltime.rpartition("-")
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return f"{max(((24 * int(days or 0) + hours) * 60 + minutes - 3) * 60 + seconds, 60)}s"


def main() -> int:
    """Submit the workers and build."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=4, help="jobs of workers")
    parser.add_argument("--cores", type=int, default=16, help="of a job")
    parser.add_argument("--memory", default="32GB", help="of a job")
    parser.add_argument("--walltime", default="04:00:00", help="of a job")
    parser.add_argument("--queue", help="partition")
    parser.add_argument("--account")
    parser.add_argument("--interface", help="network interface that the nodes reach, such as ib0")
    parser.add_argument("--host", help="address that the scheduler listens at, instead of an interface")
    parser.add_argument("--wait", type=float, default=3600, help="seconds to wait for the first job")
    parser.add_argument("--dry-run", action="store_true", help="print the job script")
    options, words = parser.parse_known_args()
    cache = os.environ.get("SYNTHKIT_CACHE")
    if not cache:
        parser.error("set SYNTHKIT_CACHE to a folder that all nodes share")
    try:
        with cluster(options, cache) as workers:
            if options.dry_run:
                print(workers.job_script())
                return 0
            workers.adapt(minimum_jobs=options.jobs, maximum_jobs=options.jobs)
            where = f"dask:scheduler={workers.scheduler_address},timeout_s={options.wait:g}"
            return run(["build", *words, "--executor", where])
    except KeyboardInterrupt:  # before the build began, or while jobs are cancelled
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
