# SPDX-License-Identifier: Apache-2.0
"""Festival's clunits voice of the same recordings, leave-one-utterance-out, by its candidate hook.

Needs Debian's ``festival`` and ``festvox-ru``. Units of the sentence's own recording are filtered out of
every decision-tree leaf (a leaf that would be empty keeps them, as counted in `Peer.kept`).
"""

from __future__ import annotations

import collections
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("/usr/share/festival/voices/russian/msu_ru_nsh_clunits")

HEAD = """(voice_msu_ru_nsh_clunits)
(set! banned nil) (set! kept 0)
(define (among x l) (cond ((null? l) nil) ((string-equal x (car l)) t) (t (among x (cdr l)))))
(define (without name l)
  (cond ((null? l) nil)
        ((among (string-append name "_" (car (car l))) banned) (without name (cdr l)))
        (t (cons (car l) (without name (cdr l))))))
(define (leave-out s)
  (let (name found free)
    (set! name (item.feat s "clunit_name"))
    (set! found (wagon s (car (cdr (assoc_string name clunits_selection_trees)))))
    (set! free (without name (car found)))
    (if (null? free) (begin (set! kept (+ 1 kept)) found) (cons free (cdr found)))))
(define (tell id u)
  (format t "UTT %s\\n" id)
  (mapcar (lambda (x) (format t "U %s\\n" (item.name x))) (utt.relation.items u 'Unit)))
"""


@dataclass
class Peer:
    """Waves by id, joins and neighbouring pairs per utterance, leaves that had to keep own units, seconds."""

    waves: dict[str, Path]
    joins: dict[str, int]
    pairs: dict[str, int]
    kept: int
    seconds: float


def available() -> bool:
    """Whether Festival and its Russian voice are installed."""
    return shutil.which("festival") is not None and (FOLDER / "festvox").is_dir()


def speak(items: list[tuple[str, str]], folder: Path, *, leave_out: bool = True) -> Peer:
    """Speak (id, text) pairs into `folder`."""
    names = collections.defaultdict(list)
    order = collections.defaultdict(list)
    for line in (FOLDER / "festival/clunits/msu_ru_nsh.catalogue").read_text().splitlines():
        part = line.split()
        if len(part) == 5 and part[1].startswith("ru_"):
            names[part[1]].append(part[0])
            order[part[1]].append((float(part[2]), part[0]))
    following = {}
    for units in order.values():
        units.sort()
        following.update({a: b for (_, a), (_, b) in zip(units, units[1:], strict=False)})
    script = HEAD + ("(set! clunits_cand_hooks (list leave-out))\n" if leave_out else "")
    waves = {}
    for id_, text in items:
        waves[id_] = folder / f"{id_}.wav"
        quoted = text.replace("\\", " ").replace('"', " ")
        banned = " ".join(f'"{n}"' for n in names[id_])
        script += f'(set! banned \'({banned}))\n(set! u (utt.synth (Utterance Text "{quoted}")))\n'
        script += f'(utt.save.wave u "{waves[id_]}")\n(tell "{id_}" u)\n'
    script += '(format t "KEPT %d\\n" kept)\n'
    file = folder / "speak.scm"
    file.write_text(script, encoding="utf-8")
    start = time.perf_counter()
    run = subprocess.run(
        ["festival", "--heap", "10000000", "-b", str(file)], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - start
    units: dict[str, list[str]] = {}
    kept = 0
    for line in run.stdout.splitlines():
        part = line.split()
        if part[:1] == ["UTT"]:
            units[part[1]] = []
        elif part[:1] == ["U"]:
            units[list(units)[-1]].append(part[1])
        elif part[:1] == ["KEPT"]:
            kept = int(part[1])
    joins = {k: sum(following.get(a) != b for a, b in zip(v, v[1:], strict=False)) for k, v in units.items()}
    return Peer(waves, joins, {k: max(len(v) - 1, 1) for k, v in units.items()}, kept, seconds)
