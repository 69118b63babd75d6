# SPDX-License-Identifier: Apache-2.0
"""`make demo`: build two voices from the bundled recordings, speak, compare them, leave a page to open; `make
demo-en`: the same of English, with the recordings and a voice that was trained elsewhere beside them.

Every step is a synthkit command, printed before it runs, so that it can be typed again by hand.
"""

from __future__ import annotations

import html
import json
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SYNTHKIT = [str(Path(sys.executable).parent / "synthkit")]
SENTENCES = {
    "ru": [
        "Добрый день! Это голос, собранный из записей.",
        "В лесу было тихо, и только снег падал на землю.",
    ],
    "en": [
        "Hello! This voice was made from telephone prompts.",
        "Please enter your number, then press pound.",
    ],
}
VOCODERS = {
    "overlap-add": [],
    "world": ["--set", "vocoder.plugin=world", "--set", "vocoder.adapters=units-to-frames"],
}


def run(*arguments: str) -> None:
    """Print a synthkit command and run it; a failure ends the demo with its message."""
    print("\n$ synthkit " + shlex.join(arguments), flush=True)
    done = subprocess.run([*SYNTHKIT, *arguments], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(f"the demo stops here: the command above ended with code {done.returncode}")


def main(out: Path) -> None:
    """Run the demo into folder `out`."""
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    players: list[tuple[str, str, str]] = []
    for language in ("ru", "en"):
        voice = str(out / f"demo-{language}")
        run("build", f"corpora/recipes/demo-{language}.toml", "-o", voice)
        for number, sentence in enumerate(SENTENCES[language], 1):
            for vocoder, options in VOCODERS.items():
                wav = f"{language}-{number}-{vocoder}.wav"
                run("say", "-v", voice, sentence, "-o", str(out / wav), *options)
                players.append((sentence, f"demo-{language}, {vocoder}", wav))
    # The same sentences by a small network (its trained weights come with the plugin): hear both kinds of
    # voice.
    parametric = str(out / "demo-ru-parametric")
    run(
        "build",
        "plugins/parametric/recipes/demo-ru-parametric.toml",
        "-o",
        parametric,
        "--set",
        "voice.limit=8",
    )
    for number, sentence in enumerate(SENTENCES["ru"], 1):
        wav = f"ru-{number}-parametric.wav"
        run("say", "-v", parametric, sentence, "-o", str(out / wav))
        players.append((sentence, "a small neural network instead of recordings", wav))
    # The network is understood best of what sixteen minutes give, so it is heard first.
    order = [*SENTENCES["ru"], *SENTENCES["en"]]
    players.sort(key=lambda row: (order.index(row[0]), not row[2].endswith("-parametric.wav")))
    sentence = SENTENCES["ru"][1]
    run("explain", "-v", str(out / "demo-ru"), sentence, "--picture", str(out / "explain.svg"))
    # Neither voice heard these sentences: --fair would refuse them otherwise.
    run("compare", str(out / "demo-ru"), parametric, "--fair", "--out", str(out / "report"))
    page(out, players, sentence)
    seconds = time.monotonic() - started
    print(f"\ndone in {seconds:.0f} s. Open {out / 'index.html'} in a browser.")


WAYS = (
    "Two ways to make a voice of the same recordings (<code>corpora/</code>): to cut them and join the "
    "pieces, and to have a small network learn from them."
)
LISTEN = """
<li>The network keeps no recording: listen for a steady, averaged melody without seams, and for a little buzz.
It is
the easier one to understand.</li>
<li>Unit selection (<code>overlap-add</code>) is a real voice, cut; the same network says which pieces would
suit. Listen
for steps where two recordings meet, for a melody that jumps, for sounds that come from another mood.</li>
<li>The same units through <code>world</code>: smoother at the joins, and a little buzzy, as everything is
that a vocoder
has made anew.</li>
"""

STYLE = """
 :root { color-scheme: light dark; --ink: #1b2025; --soft: #57626d; --line: #dfe3e7; --paper: #fff;
--panel: #f6f8f9; }
 @media (prefers-color-scheme: dark) {
  :root { --ink: #e5e8eb; --soft: #9ba6b1; --line: #333a42; --paper: #14181c; --panel: #1c2228; } a {
color: #73b9ef; }
 }
 body { font: 17px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem;
        margin: 2.4rem auto; padding: 0 1.1rem; }
 h2 { margin-top: 3rem; } h3 { font-weight: 500; margin: 2rem 0 .4rem; } .soft { color: var(--soft); }
 .verdict { font-size: 1.3rem; line-height: 1.45; }
 .take { display: grid; grid-template-columns: minmax(0, 20rem) minmax(0, 1fr); gap: .3rem 1rem;
align-items: center;
         border-top: 1px solid var(--line); padding: .45rem 0; }
 audio { width: 100%; height: 38px; } .picture { overflow-x: auto; background: #fff; border-radius: 8px; }
 .picture img { display: block; }
 @media (max-width: 620px) { .take { grid-template-columns: minmax(0, 1fr); } }
"""


HELD_OUT = (
    "conf-extended", "conf-leaderhasleft", "confbridge-dec-list-vol-in", "confbridge-invalid",
    "confbridge-mute-extended", "confbridge-remove-last-out", "followme_options", "if-correct-press",
    "queue-callswaiting", "queue-thankyou", "sorry-youre-having-problems", "vm-nobodyavail",
)  # fmt: skip
"""Of ``bundled-en``, what the weights `five` have not heard either."""
HEARD = ("queue-thankyou", "vm-nobodyavail")
ENGLISH_WAYS = (
    "Recordings, and three voices beside them: pieces of such recordings, a small network that learned from "
    "five languages, and a large one that was trained elsewhere. Distances below are to the recordings of "
    "one woman: the large network's voice is a man's, so that they say nothing of it."
)
ENGLISH = """
<li>The recording is what all of them are measured by.</li>
<li>Unit selection of ten minutes: her own voice, cut; listen for steps where two recordings meet.</li>
<li>The small network of the same plugin as the Russian demo's, whose weights learned from five languages:
nothing is cut, and
everything is averaged.</li>
<li>A VITS that others have trained on hours of a man: another speaker, so that only how well it is
understood, and how
natural it sounds, can be compared.</li>
"""


def english(out: Path) -> None:
    """Run the English demo into folder `out`."""
    import synthkit as sk

    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    units, parametric, vits = (str(out / name) for name in ("units", "parametric", "vits"))
    held = "voice.held_out=" + json.dumps(HELD_OUT)
    run("build", "corpora/recipes/demo-en.toml", "-o", units, "--set", held)
    run(
        "build", "plugins/parametric/recipes/demo-en-parametric.toml", "-o", parametric, "--set", held,
        "--set", "acoustic_model.pretrained=five", "--set", "acoustic_model.modulation=1",
    )  # fmt: skip
    run("voices", "get", "joe", "-o", vits)
    recorded = {u.id: u for u in sk.corpus("bundled-en").utterances}
    players: list[tuple[str, str, str]] = []
    kinds = {
        units: "units of the recordings",
        parametric: "a small neural network",
        vits: "a pretrained VITS",
    }
    for name in HEARD:
        text = recorded[name].text
        sk.write(out / f"{name}-recording.wav", sk.read(recorded[name].audio))
        players.append((text, "recording", f"{name}-recording.wav"))
        for voice, how in kinds.items():
            wav = f"{name}-{Path(voice).name}.wav"
            run("say", "-v", voice, text, "-o", str(out / wav))
            players.append((text, how, wav))
    run("explain", "-v", units, players[0][0], "--picture", str(out / "explain.svg"))
    run("compare", units, parametric, vits, "--out", str(out / "report"))
    page(out, players, players[0][0], ENGLISH, ENGLISH_WAYS)
    seconds = time.monotonic() - started
    print(f"\ndone in {seconds:.0f} s. Open {out / 'index.html'} in a browser.")


def page(
    out: Path, players: list[tuple[str, str, str]], sentence: str, listen: str = LISTEN, head: str = WAYS
) -> None:
    """A small page with everything that was made."""
    russian = set(SENTENCES["ru"])
    languages = {text: "ru" if text in russian else "en" for text, _, _ in players}
    rows = []
    last = ""
    for text, how, wav in players:
        if text != last:
            rows.append(f'<h3 lang="{languages[text]}">{html.escape(text)}</h3>')
            last = text
        name = html.escape(f"{how}: {text}")
        rows.append(
            f'<div class="take"><audio controls preload="metadata" src="{wav}" aria-label="{name}"></audio>'
            f'<span>{html.escape(how)} <a class="soft" href="{wav}">{wav}</a></span></div>'
        )
    results = json.loads((out / "report" / "results.json").read_text(encoding="utf-8"))
    verdict = html.escape(results["about"]["verdict"])
    (out / "index.html").write_text(
        f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,
initial-scale=1">
<link rel="icon" href="data:,"><title>synthkit demo</title><style>{STYLE}</style></head><body>
<h1>synthkit demo</h1>
<p>{head}</p>
<h2>Which is better?</h2>
<p class="verdict">{verdict}</p>
<p>Measured on {len(results["about"]["texts"])} sentences that no voice has heard. <a
href="report/index.html">The
report</a> lets you switch between recordings, copies of them through a vocoder, and the voices in the
middle of a
word.</p>
<h2>What to listen for</h2>
<ul>{listen}</ul>
{"".join(rows)}
<h2>Why it sounds so</h2>
<p>Where each piece of «<span lang="{languages[sentence]}">{html.escape(sentence)}</span>» was taken from,
and what each join
cost:</p>
<div class="picture" tabindex="0" role="region" aria-label="Explanation of a sentence"><img src="explain.svg"
alt="waveform, spectrogram, phones, sources and join costs"></div>
</body></html>
""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    given = [a for a in sys.argv[1:] if a != "--english"]
    (english if "--english" in sys.argv else main)(Path(given[0] if given else "demo"))
