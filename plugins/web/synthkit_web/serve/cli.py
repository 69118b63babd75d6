# SPDX-License-Identifier: Apache-2.0
"""``synthkit serve``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from synthkit.cli.common import set_option


@click.command()
@click.argument("voices", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="VOICE...")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8378, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free."
)
@click.option(
    "--name", "names", multiple=True, metavar="NAME", help="A name others call this machine by (repeatable)."
)
@click.option(
    "--token",
    envvar="SYNTHKIT_TOKEN",
    metavar="TEXT",
    help="What every request must bring as a bearer token; also in SYNTHKIT_TOKEN. Made up where other "
    "machines can reach the server.",
)
@click.option(
    "-j", "--workers", "copies", default=0, show_default="one per core, 4 at most",
    type=click.IntRange(0, 64), help="Copies of each voice that may speak at once.",
)  # fmt: skip
@click.option(
    "--max-text", default=20_000, show_default=True, type=click.IntRange(1, 900_000), help="Characters."
)
@click.option(
    "--max-requests", default=64, show_default=True, type=click.IntRange(1),
    help="Open at once; one more is answered 503, with Retry-After.",
)  # fmt: skip
@click.option(
    "--max-per-client", default=32, show_default=True, type=click.IntRange(1),
    help="Open at once from one address; one more is answered 429.",
)  # fmt: skip
@click.option(
    "--grace", default=30, show_default=True, type=click.IntRange(0, 3600),
    help="Seconds that open requests have to end when the server is stopped.",
)  # fmt: skip
@set_option
def serve(
    voices: tuple[Path, ...],
    host: str,
    port: int,
    names: tuple[str, ...],
    token: str | None,
    copies: int,
    max_text: int,
    max_requests: int,
    max_per_client: int,
    grace: int,
    overrides: tuple[str, ...],
) -> int:
    """Speak for programs, over HTTP, until stopped with Ctrl-C or SIGTERM; the first VOICE is the default.

    Only this machine can reach it unless --host says otherwise; then every request needs the token. What
    `synthkit say` writes and what is answered are the same samples.

    \b
    synthkit serve demo/demo-ru demo/demo-en
    curl -d '{"text": "Доброе утро!"}' -H content-type:application/json \\
         http://127.0.0.1:8378/say -o hello.wav
    """
    import os

    from synthkit.pipeline.known_voices import find_voice
    from synthkit_web.access import Access
    from synthkit_web.app import make_app
    from synthkit_web.serve.gate import Gate
    from synthkit_web.serve.routes import door
    from synthkit_web.server import Place, new_secret
    from synthkit_web.server import serve as run
    from synthkit_web.voices import Voices

    place = Place(host, port)
    token = token or (new_secret() if place.exposed else "")
    with place.bind() as bound:
        opened = Voices(
            [find_voice(voice) for voice in voices], copies or min(os.cpu_count() or 1, 4), overrides
        )
        url = place.url(bound.getsockname()[1])
        known = {"localhost", *names} | ({host} if place.exposed else set())

        def ready() -> None:
            if place.exposed:
                click.echo(
                    f"{host} is reachable from other machines, and what is sent is not encrypted. Every "
                    f"request needs the header  authorization: Bearer {token}",
                    err=True,
                )
            click.echo(f"voices: {', '.join(opened.about)}")
            click.echo(f"ready:  {url}")
            sys.stdout.flush()

        access = Access(frozenset(known), token, cookie="synthkit-serve")
        app = make_app([door(opened, Gate(max_requests, max_per_client), max_text)], access)
        run(app, bound, ready, grace)
    click.echo("stopped", err=True)
    return 0
