# SPDX-License-Identifier: Apache-2.0
"""The embedded aligner: its arithmetic against brute force, its boundaries where they are known."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm
from synthkit_align import kernels
from synthkit_align.graph import build
from synthkit_align.hmm import HmmAligner, HmmSettings

from synthkit import audio
from synthkit.errors import AlignmentError
from synthkit.labels.flags import flags, usual
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import make_executor
from synthkit.progress import Progress
from synthkit.testing.samples import context
from synthkit.types import Alignment, Phone, Segmentation, Utterance, Waveform, Word

RATE = 16000
BANDS = {"a": (500, 900), "s": (4000, 7000), "u": (150, 400), "m": (1500, 2500)}


def words(*ways: str) -> Segmentation:
    return Segmentation(
        " ".join(ways), "xx", "toy", tuple(Word(w, tuple(Phone(s) for s in w.split("/")[0])) for w in ways)
    )


def path_sums(density, graph, stay):
    """Every path by enumeration: log of the sum, the best one, posteriors."""
    frames, states = len(density), len(graph.emission)
    paths, logs = [], []
    for path in itertools.product(range(states), repeat=frames):
        if not (graph.first[path[0]] and graph.last[path[-1]]):
            continue
        total = density[0, path[0]]
        for t in range(1, frames):
            a, b = path[t - 1], path[t]
            if a == b:
                total += np.log(stay[a])
            elif a in graph.before[b]:
                total += np.log(1 - stay[a])
            else:
                break
            total += density[t, b]
        else:
            paths.append(path)
            logs.append(total)
    weights = np.exp(np.array(logs) - max(logs))
    posterior = np.zeros((frames, states))
    for path, w in zip(paths, weights / weights.sum(), strict=True):
        posterior[np.arange(frames), path] += w
    return max(logs) + np.log(weights.sum()), paths[int(np.argmax(logs))], posterior


def test_densities_are_those_of_gaussian_mixtures():
    rng = np.random.default_rng(5)
    frames, dims, count = (
        2 * kernels.BLOCK + 7,
        5,
        np.array([1, 3, 2]),
    )  # more than two blocks, the last not full
    x = rng.normal(0, 2, (frames, dims)).astype(np.float32)
    mean = rng.normal(0, 1, (3, 3, dims)).astype(np.float32)
    variance = rng.uniform(0.2, 2, mean.shape).astype(np.float32)
    weight = np.array([[1, 0, 0], [0.2, 0.5, 0.3], [0.9, 0.1, 0]])
    with np.errstate(divide="ignore"):
        constant = np.log(weight) - 0.5 * np.log(2 * np.pi * variance.astype(float)).sum(-1)
    chosen = np.array([2, 1, 0])
    found = kernels.log_densities(
        x, chosen, mean, 1 / variance, constant.astype(np.float32), count, np.float32(0.5)
    )
    alone = norm.logpdf(x[:, None, None], mean, np.sqrt(variance)).sum(-1)  # (frames, 3, 3)
    with np.errstate(divide="ignore"):
        expected = 0.5 * logsumexp(alone + np.log(weight), axis=-1)[:, chosen]
    np.testing.assert_allclose(found, expected, atol=1e-3)
    for t in (0, kernels.BLOCK, frames - 1):  # the refinement's way, one frame at a time
        single = kernels.log_mixture(x[t], mean[1], 1 / variance[1], constant[1].astype(np.float32), 3)
        assert 0.5 * single == pytest.approx(expected[t, 1], abs=1e-3)


def test_forward_backward_and_viterbi_against_enumeration():
    # One phone of three states with an optional pause after it is too many paths; cut to a small graph.
    graph = build(words("a"), {"pau": 0, "toy:a": 1})
    keep = np.arange(3, 6)  # the phone alone
    small = replace(
        graph,
        emission=np.arange(3, dtype=np.int32),
        before=np.array([[-1, -1], [0, -1], [0, 1]], np.int32),  # the middle state may be skipped
        first=np.array([True, False, False]),
        last=np.array([False, True, True]),
    )
    assert len(keep) == 3
    rng = np.random.default_rng(3)
    density = rng.normal(0, 2, (6, 3)).astype(np.float32)
    stay = np.array([0.6, 0.3, 0.8])
    total, best, posterior = path_sums(density.astype(float), small, stay)
    column = np.arange(3, dtype=np.int32)
    given = (density, column, small.before, small.first, small.last, stay, 1 - stay)
    log_probability, found = kernels.posteriors(*given)
    assert log_probability == pytest.approx(total, abs=1e-4)
    np.testing.assert_allclose(found, posterior, atol=1e-5)
    assert tuple(kernels.viterbi(*given)) == best


def test_no_path_is_said():
    graph = build(words("asm"), {"pau": 0, "toy:a": 1, "toy:s": 2, "toy:m": 3})
    density = np.zeros((4, 1), np.float32)
    column = np.zeros(len(graph.emission), np.int32)
    stay = np.full(len(column), 0.5)
    given = (density, column, graph.before, graph.first, graph.last, stay, stay)
    assert kernels.posteriors(*given)[0] == kernels.NO_PATH
    assert len(kernels.viterbi(*given)) == 0


def noise(rng, low, high, seconds):
    n = int(seconds * RATE)
    spectrum = np.fft.rfft(rng.normal(size=n))
    f = np.fft.rfftfreq(n, 1 / RATE)
    spectrum[(f < low) | (f > high)] = 0
    x = np.fft.irfft(spectrum, n)
    return 0.1 * x / x.std()


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """Forty utterances of noise bands, every boundary known to the sample; some words have pauses between."""
    folder = tmp_path_factory.mktemp("toy")
    rng = np.random.default_rng(1)
    items, truth = [], {}
    for number in range(40):
        said = ["".join(rng.permutation(list(BANDS))[: rng.integers(2, 5)]) for _ in range(4)]
        parts, edges, t = [], [], 0.0

        def add(label, seconds, band=None, *, parts=parts, edges=edges):
            n = int(seconds * RATE)
            parts.append(noise(rng, *band, seconds) if band else 1e-4 * rng.normal(size=n))
            edges.append((label, len(parts[-1]) / RATE))

        add("pau", rng.uniform(0.15, 0.3))
        for k, word in enumerate(said):
            for phone in word:
                add(phone, rng.uniform(0.06, 0.2), BANDS[phone])
            if k == 1 or (k == 2 and number % 2):
                add("pau", rng.uniform(0.15, 0.3))
        add("pau", rng.uniform(0.15, 0.3))
        starts = []
        for label, seconds in edges:
            starts.append((label, t))
            t += seconds
        path = folder / f"t{number:02}.wav"
        audio.write(path, Waveform(np.concatenate(parts).astype(np.float32), RATE))
        items.append((Utterance(path.stem, " ".join(said), path, "xx"), words(*said)))
        truth[path.stem] = starts
    return items, truth


FAST = HmmSettings(mixtures=2, flat_passes=6, passes=2)


@pytest.fixture(scope="module")
def trained(toy, tmp_path_factory):
    aligner = HmmAligner(FAST)
    return aligner, aligner.align(toy[0], context(tmp_path_factory.mktemp("work")))


def test_known_boundaries_are_found_without_bias(toy, trained):
    late = []
    for id_, starts in toy[1].items():
        found = trained[1][id_]
        assert isinstance(found, Alignment), found
        assert found.symbols() == [label for label, _ in starts]
        late += [p.start - t for p, (_, t) in zip(found.phones[1:], starts[1:], strict=True)]
    late = np.array(late)
    assert np.mean(np.abs(late) <= 0.020) > 0.97
    assert abs(late.mean()) < 0.004  # no convention adds a constant


def test_words_stand_on_their_phones(toy, trained):
    utterance, segmentation = toy[0][0]
    found = trained[1][utterance.id]
    assert [w.label for w in found.words] == [w.text for w in segmentation.words]
    inside = ["".join(p.label for p in found.phones if w.start <= p.start < w.end) for w in found.words]
    assert inside == [w.text for w in segmentation.words]
    assert all(p.score is not None for p in found.phones)


def test_saved_model_aligns_again_and_knows_its_phones(toy, trained, tmp_path):
    trained[0].save(tmp_path / "model")
    again = HmmAligner(FAST)
    again.open(tmp_path / "model")
    utterance, segmentation = toy[0][5]
    strange = Utterance("new", "x", utterance.audio, "xx")
    found = again.align([(utterance, segmentation), (strange, words("xa"))], context(tmp_path / "w"))
    assert found[utterance.id] == trained[1][utterance.id]
    assert "never heard toy:x" in str(found["new"])


def test_a_variant_is_chosen_by_ear(toy, trained, tmp_path):
    trained[0].save(tmp_path / "model")
    again = HmmAligner(FAST)
    again.open(tmp_path / "model")
    utterance, segmentation = toy[0][7]
    right = segmentation.words[1]
    wrong = tuple(reversed(right.phones))
    asked = (
        segmentation.words[0],
        replace(right, phones=wrong, variants=(right.phones,)),
        *segmentation.words[2:],
    )
    found = again.align([(utterance, replace(segmentation, words=asked))], context(tmp_path / "w"))
    assert found[utterance.id].symbols() == trained[1][utterance.id].symbols()


def test_what_cannot_be_aligned_is_named(toy, tmp_path):
    (good, text), (other, _) = toy[0][0], toy[0][1]
    empty = tmp_path / "empty.wav"
    empty.write_bytes(b"")
    items = [
        (good, text),
        (replace(other, id="short", end=0.1), text),
        (replace(other, id="gone", audio=Path("nowhere.wav")), text),
        (replace(other, id="empty", audio=empty), text),
    ]
    found = HmmAligner(FAST).align(items, context(tmp_path / "w"))
    assert isinstance(found[good.id], Alignment)
    for id_, said in (("short", "too short"), ("gone", "nowhere.wav"), ("empty", "empty.wav")):
        assert isinstance(found[id_], AlignmentError)
        assert said in str(found[id_])


def test_alignments_and_models_are_the_same_bytes_by_any_number_of_workers(toy, tmp_path):
    made = []
    for workers in (2, 3, 1):
        place = tmp_path / str(workers)
        place.mkdir()
        pool = make_executor("process", workers)
        aligner = HmmAligner(HmmSettings(mixtures=2, flat_passes=2, passes=1))
        try:
            found = aligner.align(toy[0][:30], BuildContext(pool, Progress(enabled=False), place))
        finally:
            pool.close()
        aligner.save(tmp_path / f"model-{workers}")
        saved = tmp_path / f"model-{workers}"
        model = {p.relative_to(saved): p.read_bytes() for p in saved.rglob("*") if p.is_file()}
        made.append((found, model))
    assert made[0][1]
    assert made[0] == made[1] == made[2]


def test_outliers_are_flagged(trained):
    tiers = [a.phones for a in trained[1].values()]
    known = usual(tiers)
    tier = list(tiers[0])
    tier[1] = replace(tier[1], end=tier[1].start + 3.0)
    assert flags(tuple(tier), known)[0][0] == 1
    tier[1] = replace(tiers[0][1], score=tiers[0][1].score - 500)
    assert "fits badly" in flags(tuple(tier), known)[0][1]
