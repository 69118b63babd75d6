# SPDX-License-Identifier: Apache-2.0
"""``synthkit listen plan|serve|export|analyse``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from synthkit.cli.common import json_option, print_json
from synthkit.cli.measure import rules_options, show_verdict

DESIGNS = ("mushra", "mos", "smos", "cmos", "ab", "abx")


@click.group()
def listen() -> None:
    """Listening tests from plan to verdict.

    \b
      synthkit listen plan voices/a voices/b --design mushra --listeners 24 --items 12 -o test
      synthkit listen serve test
      synthkit listen analyse test
    """


@listen.command()
@click.argument("what", nargs=-1, required=True, metavar="REPORT|VOICE[:VOCODER]|NAME=FOLDER...")
@click.option("--design", type=click.Choice(DESIGNS), required=True, help="What is asked.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("test"),
    show_default=True,
    help="Folder of the test.",
)
@click.option(
    "--listeners", default=24, show_default=True, type=click.IntRange(1), help="How many are planned for."
)
@click.option(
    "--items", default=20, show_default=True, type=click.IntRange(1), help="Sentences, spread evenly."
)
@click.option(
    "--per-listener", type=click.IntRange(1), help="Sentences that each listener hears.  [default: all]"
)
@click.option(
    "--complete", is_flag=True, help="Each listener hears each sentence by every voice, not by one."
)
@click.option("--against", metavar="VOICE", help="cmos, ab, abx: compare with this voice only.")
@click.option("--no-preference", is_flag=True, help='ab: allow "neither".')
@click.option("-c", "--corpus", help="Registered corpus or folder.  [default: the first voice's]")
@click.option(
    "--texts",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Sentences without recordings, a line each.",
)
@click.option(
    "--split",
    "split_rule",
    default="held-out",
    show_default=True,
    metavar="RULE",
    help="held-out, all, every:N or a file of ids.",
)
@click.option("--language", help="Language of --texts.")
@click.option(
    "--leave-one-out", is_flag=True, help="Keep each sentence's own recording out of the voices' units."
)
@click.option("--no-anchors", is_flag=True, help="mushra: without the 3.5 and 7 kHz anchors.")
@click.option(
    "--loudness",
    default=-23.0,
    show_default=True,
    type=click.FloatRange(-50, -10),
    help="LUFS (ITU-R BS.1770).",
)
@click.option(
    "--practice", default=2, show_default=True, type=click.IntRange(0), help="Pages to practise on."
)
@click.option("--attention", type=click.IntRange(0), help="Attention pages.  [default: 3; ab and abx 5]")
@click.option(
    "--must-play",
    default=0.95,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of each sound to be heard.",
)
@click.option("--no-headphone-check", is_flag=True, help="Do not check for headphones.")
@click.option("--title", default="Listening test", show_default=True, help="What listeners read above it.")
@click.option(
    "--consent", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Text to agree to."
)
@click.option(
    "--interface",
    type=click.Choice(["en", "ru"]),
    default="en",
    show_default=True,
    help="Language of the pages.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed, the same plan.")
@click.option("--work", type=click.Path(path_type=Path), help="Where speech is kept.  [default: the cache]")
@json_option
def plan(
    what: tuple[str, ...],
    design: str,
    out: Path,
    items: int,
    consent: Path | None,
    interface: str,
    no_anchors: bool,
    no_headphone_check: bool,
    corpus: str | None,
    texts: Path | None,
    split_rule: str,
    language: str | None,
    leave_one_out: bool,
    work: Path | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Make a listening test: who hears what, the sounds equally loud under opaque names, what it can find.

    It is of voice folders (which speak the sentences), of a report of `compare` (its voices and sentences),
    or of folders of sounds made elsewhere (NAME=FOLDER; natural=FOLDER are the recordings). A test is
    balanced: over the listeners every sentence is heard equally often by every voice, and each listener hears
    it once.

    \b
    synthkit listen plan voices/a voices/b --design mushra -o test
    """
    from synthkit.errors import ConfigError
    from synthkit.paths import read_text
    from synthkit.pipeline.cache import default_root
    from synthkit.progress import Progress
    from synthkit_web.listen.planning import Asked, make_test
    from synthkit_web.listen.sources import Which, gather

    progress = Progress()
    wanted = Which(corpus, texts, split_rule, items, language, leave_one_out)
    sources = gather(what, wanted, work or default_root() / "eval", progress)
    agreed = read_text(consent, ConfigError) if consent else ""
    progress.log("levels, anchors, plan and what it can find")
    test = make_test(
        sources,
        Asked(
            design,
            out,
            anchors=not no_anchors,
            consent=agreed,
            language=interface,
            headphones=not no_headphone_check,
            **options,
        ),
    )
    pages = test.pages(0)
    minutes = (
        sum(
            test.sounds[n].seconds
            for p in pages
            for n in (*p.sounds, *([p.reference] if p.reference else []))
        )
        / 60
    )
    told = {
        "test": str(out),
        "design": design,
        "listeners": len(test.listeners),
        "sentences": len(test.items),
        "voices": test.voices,
        "pages": len(pages),
        "minutes_of_sound": round(minutes, 1),
        "power": test.power,
        "seed": test.seed,
    }
    for note in sources.notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        print_json(told)
        return 0
    click.echo(
        f"{out}: {design}, {len(test.items)} sentences, {len(test.listeners)} listeners, seed {test.seed}\n"
        f"voices: {', '.join(f'{v} ({r})' if r != 'voice' else v for v, r in test.voices.items())}\n"
        f"a listener has {len(pages)} pages, {sum(p.kind == 'practice' for p in pages)} to practise and "
        f"{sum(p.kind == 'attention' for p in pages)} for attention, with {minutes:.1f} minutes of sound "
        "heard once"
    )
    for line in test.power:
        click.echo(line)
    click.echo(f"next: synthkit listen serve {out}")
    return 0


@listen.command()
@click.argument("test", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; 0.0.0.0 is every one of this machine.",
)
@click.option(
    "--port", default=8377, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free."
)
@click.option(
    "--name", "names", multiple=True, metavar="NAME", help="A name others call this machine by (repeatable)."
)
def serve(test: Path, host: str, port: int, names: tuple[str, ...]) -> int:
    """Ask listeners, in a browser, until stopped with Ctrl-C.

    Only this machine can reach it unless --host says otherwise; then everybody needs the link with its token.
    Every answer is on the disk before the next page shows; a listener who reloads, or whose browser or this
    server dies, goes on where he was.

    \b
    synthkit listen serve test
    """
    from synthkit.atomic import lock
    from synthkit_web.access import Access
    from synthkit_web.app import make_app
    from synthkit_web.listen.folder import SECRETS, Test
    from synthkit_web.listen.routes import ADMIN, door
    from synthkit_web.server import Place, kept_secret
    from synthkit_web.server import serve as run

    opened = Test.open(test)
    place = Place(host, port)
    key = kept_secret(test / SECRETS, "key")
    token = kept_secret(test / SECRETS, "token") if place.exposed else ""
    with lock(test / ".lock", "a server of this test"), place.bind() as bound:
        found = bound.getsockname()[1]
        url = place.url(found)
        known = {"localhost", *names} | ({host} if place.exposed else set())
        access = Access(frozenset(known), token, {ADMIN: key}, f"synthkit-{opened.id}")

        def ready() -> None:
            if place.exposed:
                click.echo(
                    f"{host} is reachable from other machines: who has the link below can take part, and "
                    "what is sent is not encrypted. The token is random and stays the same for this test.",
                    err=True,
                )
            click.echo(f"listeners: {url}/listen/{f'?token={token}' if token else ''}")
            click.echo(f"you:       {url}{ADMIN}?{f'token={token}&' if token else ''}key={key}")
            sys.stdout.flush()

        run(make_app([door(test, opened)], access), bound, ready)
    click.echo(f"stopped; synthkit listen analyse {test}", err=True)
    return 0


@listen.command()
@click.argument("test", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--static",
    "static",
    is_flag=True,
    help="Pages for any static host; answers are downloaded by the listener.",
)
@click.option("--to", "other", type=click.Choice(["webmushra"]), help="The configuration of another tool.")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
def export(test: Path, static: bool, other: str | None, out: Path) -> int:
    """Write a test for another place. TEST itself says which sound is whose: keep it, and do not put it
    there.

    \b
    synthkit listen export test --static -o site
    """
    from synthkit.errors import ConfigError
    from synthkit_web.listen.export import WEBMUSHRA_FILES, export_static, export_webmushra
    from synthkit_web.listen.folder import Test

    if static == bool(other):
        raise ConfigError("say --static or --to webmushra")
    opened = Test.open(test)
    if static:
        export_static(test, opened, out)
        click.echo(
            f"{out}: put it on any web host; ?slot=1 … ?slot={len(opened.listeners)} is the listener's place "
            "in the plan"
        )
        click.echo(f"the files that listeners send: synthkit listen analyse {test} FILE …")
    else:
        written = export_webmushra(test, opened, out)
        for path in written:
            click.echo(str(path))
        each = " (each listener another)" if len(written) > 1 else ""
        click.echo(
            f"copy what is in {out} over webMUSHRA's folder; listeners open ?config={written[0].name}{each}; "
            f"its results: synthkit listen analyse {WEBMUSHRA_FILES[opened.design]}",
            err=True,
        )
    return 0


@listen.command()
@click.argument("test", type=click.Path(path_type=Path, exists=True))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--voice", "voices", multiple=True, help="A voice, in the order to show (repeatable).")
@click.option("--metric", help="What was asked for, where a table does not say.")
@click.option("--csv", "table", type=click.Path(path_type=Path), help="Also write all ratings there, tidy.")
@click.option("--seed", type=int, help="Seed of the bootstrap.")
@rules_options
@json_option
def analyse(
    test: Path,
    files: tuple[Path, ...],
    voices: tuple[str, ...],
    metric: str | None,
    table: Path | None,
    seed: int | None,
    kept: tuple[str, ...],
    as_json: bool,
    **limits: float | None,
) -> int:
    """What the listeners said: who of them listened, and figures with and without the others.

    TEST is the folder of a test (and FILES what listeners of an exported one sent), or answers by themselves:
    our table, or what webMUSHRA, BeaqleJS or WAET keeps.

    \b
    synthkit listen analyse test
    """
    from synthkit.errors import ConfigError
    from synthkit.eval.listening.formats import read_heard
    from synthkit.eval.listening.tidy import write_tidy
    from synthkit.eval.ratings import require_voice
    from synthkit_web.listen.folder import FILE, Test
    from synthkit_web.listen.results import heard

    if test.is_dir() and (test / FILE).exists():
        said = heard(test, Test.open(test), files)
        for voice in voices:
            require_voice(voice, said.voices, "--voice")
    elif files:
        raise ConfigError("answers by themselves are one file or one folder", where=str(test))
    else:
        said = read_heard(test, voices or None, metric=metric)
    if table is not None:
        write_tidy(table, said)
    show_verdict(said, voices, seed, kept, as_json, limits)
    return 0
