# SPDX-License-Identifier: Apache-2.0
"""synthkit in a browser: one small server with several doors.

`app` joins doors to an application, `access` decides who may come in, `server` runs it. A door is a folder
here: its routes, its commands, and its pages under ``static`` (plain ES modules, no build step, nothing from
the network): `listen`, listening tests, `record`, recording sentences, `serve`, voices over HTTP, and `lab`,
where every stage is seen, heard and changed. A door knows nothing of another; `voices` keeps the voices of
those that speak.
"""

from __future__ import annotations

from synthkit import hookimpl
from synthkit.hookspecs import Register


@hookimpl
def register_commands(register: Register) -> None:
    """What is done in a browser."""
    register(
        "listen",
        "synthkit_web.listen.cli:listen",
        summary="listening tests: plan, serve, export, analyse",
    )
    register("record", "synthkit_web.record.cli:record", summary="record sentences with the microphone")
    register("serve", "synthkit_web.serve.cli:serve", summary="voices over HTTP, for programs")
    register("lab", "synthkit_web.lab.cli:lab", summary="see, hear and change every stage in a browser")
