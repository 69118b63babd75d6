# SPDX-License-Identifier: Apache-2.0
"""Look for what will fail before it costs hours: the installation, a configuration, a built voice."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from synthkit import audio
from synthkit.errors import SynthkitError
from synthkit.pipeline import jobs
from synthkit.pipeline.plan import plan
from synthkit.pipeline.state import Build
from synthkit.places import default_root
from synthkit.plugins import Registry, registry
from synthkit.remembered import offered
from synthkit.stages import TrainingData, TrainingItem
from synthkit.types import Alignment, Finding, Frames, Segmentation

GIB = 2**30
MOST_FLAGGED = 10
"""Doubtful utterances that are named."""


def examine(target: Path | None, overrides: Iterable[str] = ()) -> list[Finding]:
    """Examine the installation (None), a TOML file, or a voice folder.

    Parameters
    ----------
    target : Path or None
    overrides : iterable of str
        ``"stage.key=value"``, for a TOML file.

    Returns
    -------
    list of Finding
        Never empty: what is well is a finding of severity ``"ok"``.
    """
    if target is None:
        return _installation()
    if target.is_dir():
        return _voice(target, list(overrides))
    return _config(target, list(overrides))


def _ok(where: str, problem: str) -> Finding:
    return Finding("ok", "ok", problem, where=where)


def _from_error(where: str, error: SynthkitError) -> Finding:
    text = f"{error.where}: {error.message}" if error.where else error.message
    return Finding("error", type(error).__name__, text, mend=error.hint, where=where)


def _attempt(findings: list[Finding], where: str, action: Callable[[], str]) -> bool:
    try:
        findings.append(_ok(where, action()))
    except SynthkitError as error:
        findings.append(_from_error(where, error))
        return False
    return True


def _installation() -> list[Finding]:
    findings = [_ok("python", sys.version.split()[0])]
    found = Registry.of(offered(anew=True))
    for problem in found.problems:
        findings.append(
            Finding(
                "error",
                "plugin",
                problem.reason,
                mend=f"mend or uninstall {problem.distribution}",
                where=f"plugin {problem.plugin}",
            )
        )
    for (stage, name), registration in sorted(found.components.items()):
        try:
            registration.load()
        except SynthkitError as error:
            findings.append(
                Finding("warning", "unusable", error.message, mend=error.hint, where=f"{stage} {name}")
            )
    findings.append(_ok("components", f"{len(found.components)} registered"))
    for program, use, package in (
        ("apt-get", "`corpora get` fetches Debian's speech packages with it", "a Debian or Ubuntu system"),
        ("mfa", "alignment plugin `mfa`", "conda install -c conda-forge montreal-forced-aligner"),
        ("chromium", "checks of the HTML report", "apt-get install chromium"),
    ):
        path = shutil.which(program)
        findings.append(
            _ok(program, path)
            if path
            else Finding("note", "program", f"not found; {use}", mend=package, where=program)
        )
    findings.append(_disk(default_root()))
    return findings


def _disk(path: Path) -> Finding:
    while not path.exists():
        path = path.parent
    free = shutil.disk_usage(path).free
    text = f"{free / GIB:.1f} GiB free at the cache"
    if free < 2 * GIB:
        return Finding(
            "warning",
            "disk",
            text,
            "a large corpus fills the disk during the build",
            "set SYNTHKIT_CACHE to a folder on a larger disk",
            "disk",
        )
    return _ok("disk", text)


def _config(path: Path, overrides: list[str]) -> list[Finding]:
    from synthkit.pipeline.config import load
    from synthkit.pipeline.context import BuildContext
    from synthkit.pipeline.executors import SerialExecutor
    from synthkit.progress import Progress

    findings: list[Finding] = []
    try:
        config = load(path, overrides)
    except SynthkitError as error:
        return [_from_error(str(path), error)]
    findings.append(_ok(str(path), f"voice {config.voice.name!r}: every key is known and valid"))
    context = BuildContext(SerialExecutor(), Progress(enabled=False), default_root() / "work")
    try:
        state = plan(config, context)
    except SynthkitError as error:
        return [*findings, _from_error("corpus and contract", error)]
    corpus = state.corpus
    findings.append(
        _ok("corpus", f"{corpus.name}: {len(state.utterances)} usable utterances at {state.sample_rate} Hz")
    )
    for id_, reason in state.left_out:
        findings.append(Finding("warning", "left-out", reason, where=id_))
    findings.append(
        _ok(
            "contract",
            "acoustic model and vocoder fit" + "".join(f", over adapter {b.name}" for b in state.bridges),
        )
    )
    prospect = _prospect(state)
    for part in state.parts.stages.values():
        findings += part.get().check(prospect)
    first = state.utterances[0]

    def segmented() -> str:
        result = state.parts["segmentation"].get().segment(first.text, first.language)
        return f"{first.id}: {len(result.words)} words, {len(result.phones())} phones ({result.phone_set})"

    _attempt(findings, "segmentation", segmented)
    findings.append(_disk(default_root()))
    return findings


def _prospect(state: Build) -> TrainingData:
    """What the voice will be trained on, as far as it is known before anything is aligned: all but the
    phones."""

    def unread() -> Frames:
        raise SynthkitError("nothing is analysed yet")

    items = []
    for u in state.utterances:
        rate, samples, _ = audio.info(u.audio)
        seconds = (u.end if u.end is not None else samples / rate) - (u.start or 0.0)
        items.append(
            TrainingItem(
                u,
                Segmentation(u.text, u.language, "", ()),
                Alignment(u.id, (), (), seconds),
                partial(jobs.read_waveform, u, state.sample_rate),
                unread,
            )
        )
    languages, speakers = (
        tuple(sorted({getattr(u, name) for u in state.utterances})) for name in ("language", "speaker")
    )
    spec = state.parts["features"].get().spec
    return TrainingData(tuple(items), state.sample_rate, languages, speakers, "", spec)


def _changed(stage: str, made: dict[str, str]) -> list[Finding]:
    """What has changed in a stage's plugin since the voice was built with it."""
    here = registry().find(stage, made["plugin"])
    if (here.distribution, here.version) == (made["distribution"], made["version"]):
        releases = ""
    else:
        was = f"{made['distribution']} {made['version']}"
        releases = f"built with {was}, here is {here.distribution} {here.version}"
    now = here.load().version
    if made.get("component", now) != now:
        text = f"{stage} {here.name!r} gives other results: version {made['component']} then, {now} now"
        text += f" ({releases})" if releases else ""
        mend = "build the voice again: what has not changed is taken from the cache"
        return [Finding("warning", "version", text, mend=mend, where=stage)]
    if not releases:
        return []
    if "component" in made:
        return [Finding("note", "release", f"{releases}; its results are the same", where=stage)]
    return [
        Finding(
            "warning", "version", releases, mend="build the voice again if it sounds different", where=stage
        )
    ]


def _voice(folder: Path, overrides: list[str]) -> list[Finding]:
    from synthkit.pipeline.voice import Voice
    from synthkit.pipeline.voice_folder import read_manifest

    findings: list[Finding] = []
    try:
        manifest = read_manifest(folder)
        for stage, made in manifest["plugins"].items():
            findings += _changed(stage, made)
        voice = Voice.open(folder, overrides=overrides, full_check=True)
    except SynthkitError as error:
        return [*findings, _from_error(str(folder), error)]
    findings.append(_ok(str(folder), f"all {len(manifest['files'])} files are whole"))
    for part in (voice.segmenter, voice.acoustic_model, voice.vocoder):
        findings += part.check()
    way = " → ".join(
        [
            voice.stages["acoustic_model"].plugin,
            *(b.name for b in voice.bridges),
            voice.stages["vocoder"].plugin,
        ]
    )
    findings.append(_ok("contract", way))
    voice.close()
    return findings + _flagged(folder)


def _flagged(folder: Path) -> list[Finding]:
    """Utterances of a built voice whose boundaries are implausible, the most doubtful first."""
    from synthkit.pipeline.alignments import holds_alignments, read_alignments

    if not holds_alignments(folder / "alignment"):
        return []
    found, _ = read_alignments(folder / "alignment")
    doubtful = sorted((a for a in found.values() if a.flags), key=lambda a: -len(a.flags))
    if not doubtful:
        return [_ok("alignment", f"no boundary of {len(found)} utterances is implausible")]

    def told(alignment: Alignment) -> str:
        index, why = alignment.flags[0]
        phone = alignment.phones[index]
        more = f", and {len(alignment.flags) - 1} more" if len(alignment.flags) > 1 else ""
        return f"{alignment.id}: {phone.label} at {phone.start:.2f} s: {why}{more}"

    lines = [told(a) for a in doubtful[:MOST_FLAGGED]]
    if len(doubtful) > MOST_FLAGGED:
        lines.append(f"… and {len(doubtful) - MOST_FLAGGED} more utterances")
    problem = f"{len(doubtful)} of {len(found)} utterances have implausible boundaries: " + "; ".join(lines)
    return [Finding("note", "flagged", problem, mend="listen to them, and leave out those that are misread",
                    where="alignment")]  # fmt: skip
