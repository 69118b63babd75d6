# SPDX-License-Identifier: Apache-2.0
"""`make demo`: build a voice from the bundled recordings, speak, compare two vocoders, leave a page to open.

Every step is a synthkit command, printed before it runs, so that it can be typed again by hand.
"""

from __future__ import annotations

import html
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
    players.sort(key=lambda row: [*SENTENCES["ru"], *SENTENCES["en"]].index(row[0]))
    sentence = SENTENCES["ru"][1]
    run("explain", "-v", str(out / "demo-ru"), sentence, "--picture", str(out / "explain.svg"))
    demo = str(out / "demo-ru")
    run("compare", demo, f"{demo}:world", "--split", "held-out", "--out", str(out / "report"))
    page(out, players, sentence)
    seconds = time.monotonic() - started
    print(f"\ndone in {seconds:.0f} s. Open {out / 'index.html'} in a browser.")


def page(out: Path, players: list[tuple[str, str, str]], sentence: str) -> None:
    """A small page with everything that was made."""
    rows = []
    last = ""
    for text, how, wav in players:
        if text != last:
            rows.append(f"<h3>{html.escape(text)}</h3>")
            last = text
        rows.append(
            f'<p><audio controls src="{wav}"></audio> {html.escape(how)} (<a href="{wav}">{wav}</a>)</p>'
        )
    (out / "index.html").write_text(
        f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>synthkit demo</title>
<style>
 body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
 img {{ max-width: 100%; }} audio {{ vertical-align: middle; max-width: 100%; }}
</style>
<h1>synthkit demo</h1>
<p>Two voices, made of the recordings in <code>corpora/</code>. Each sentence is spoken twice from the same
recorded units: joined as they are (<code>overlap-add</code>), and through the parameters of WORLD. The
Russian ones are also spoken by a network that has learned from the recordings and keeps none of them.</p>
{"".join(rows)}
<h2>Why it sounds so</h2>
<p>Where each piece of «{html.escape(sentence)}» was taken from, and what each join cost:</p>
<img src="explain.svg" alt="waveform, spectrogram, phones, sources and join costs">
<h2>Which vocoder is nearer to the recordings?</h2>
<p>Measured on sentences the voice has never seen: <a href="report/index.html">the report</a>.</p>
</html>
""",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
