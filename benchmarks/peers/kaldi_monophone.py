# SPDX-License-Identifier: Apache-2.0
"""A plain Kaldi monophone recipe (`steps/train_mono.sh`) by the package ``kaldi-hmm-gmm``, on given frames.

    pip install kaldi-hmm-gmm kaldifst==1.7.17

Flat start by equal alignment, 40 iterations of Viterbi training, 1,000 Gaussians in all, optional silence
with probability one half, every pronunciation alike: the recipe's own figures. One process.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

ITERATIONS = 40
REALIGN = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 23, 26, 29, 32, 35, 38}
GROW_UNTIL = 30
GAUSSIANS = 1000
SCALES = {"transition_scale": 1.0, "self_loop_scale": 0.1}
ACOUSTIC = 0.1
BEAM, RETRY_BEAM = 40.0, 400.0
"""Wider than the 10 and 40 of the recipe, by which nothing survives the first passes on whole sentences
here."""
SILENCE = "pau"

Lexicon = Mapping[str, list[tuple[str, ...]]]


def available() -> bool:
    """Whether the package is installed."""
    return find_spec("kaldi_hmm_gmm") is not None and find_spec("kaldifst") is not None


def align(
    frames: dict[str, np.ndarray], texts: dict[str, list[str]], lexicon: Lexicon
) -> dict[str, list[tuple[str, int]]]:
    """Train on all utterances and align them.

    Parameters
    ----------
    frames : dict of str to ndarray, float32, shape (T, D)
    texts : dict of str to list of str
        Words of each utterance.
    lexicon : mapping of str to list of tuple of str
        Every word's pronunciations.

    Returns
    -------
    dict
        Phones with the frame at which each begins; utterances that Kaldi could not align are left out.
    """
    import kaldi_hmm_gmm as khg
    import kaldifst

    names = [SILENCE, *sorted({p for ways in lexicon.values() for way in ways for p in way} - {SILENCE})]
    phones = {p: i + 1 for i, p in enumerate(names)}
    words = {w: i + 1 for i, w in enumerate(sorted(lexicon))}
    topology = khg.HmmTopology()
    topology.read(_topology(list(phones.values())))
    tree = khg.monophone_context_dependency(
        phones=topology.phones, phone2num_pdf_classes=topology.get_phone_to_num_pdf_classes()
    )
    transitions = khg.TransitionModel(ctx_dep=tree, hmm_topo=topology)
    model = _flat(khg, tree.num_pdfs, np.concatenate(list(frames.values())))
    compiler = khg.TrainingGraphCompiler(
        trans_model=transitions,
        ctx_dep=tree,
        lex_fst=_lexicon(kaldifst, lexicon, phones, words),
        disambig_syms=[],
        opts=khg.TrainingGraphCompilerOptions(reorder=False),  # a state's loops come before its leaving
    )
    graphs = {i: compiler.compile_graph_from_text([words[w] for w in texts[i]]) for i in frames}
    paths: dict[str, list[int]] = {}
    for id_, x in frames.items():
        ok, equal = kaldifst.equal_align(ifst=graphs[id_], length=len(x), rand_seed=3, num_retries=10)
        if ok:
            paths[id_] = kaldifst.get_linear_symbol_sequence(equal)[1]
    count = tree.num_pdfs
    step = (GAUSSIANS - count) // GROW_UNTIL
    _update(khg, model, transitions, frames, paths, count, least=3)
    for iteration in range(ITERATIONS):
        if iteration in REALIGN:
            paths = _viterbi(khg, model, transitions, graphs, frames)
        _update(khg, model, transitions, frames, paths, count)
        if iteration < GROW_UNTIL:
            count += step
    last = _viterbi(khg, model, transitions, graphs, frames)
    return {id_: _phones(transitions, path, names) for id_, path in last.items()}


def _topology(phones: list[int]) -> str:
    silence, *others = phones
    out = "<Topology> <TopologyEntry> <ForPhones> " + " ".join(map(str, others)) + " </ForPhones> "
    for s in range(3):
        out += f"<State> {s} <PdfClass> {s} <Transition> {s} 0.75 <Transition> {s + 1} 0.25 </State> "
    out += f"<State> 3 </State> </TopologyEntry> <TopologyEntry> <ForPhones> {silence} </ForPhones> "
    to = [(0, 1, 2, 3), (1, 2, 3, 4), (1, 2, 3, 4), (1, 2, 3, 4)]
    for s, targets in enumerate(to):
        out += (
            f"<State> {s} <PdfClass> {s} " + "".join(f"<Transition> {t} 0.25 " for t in targets) + "</State> "
        )
    out += "<State> 4 <PdfClass> 4 <Transition> 4 0.75 <Transition> 5 0.25 </State> <State> 5 </State> "
    return out + "</TopologyEntry> </Topology>"


def _flat(khg: Any, pdfs: int, data: np.ndarray) -> Any:
    one = khg.DiagGmm(nmix=1, dim=data.shape[1])
    one.set_weights(np.ones(1, np.float32))
    one.set_means(data.mean(axis=0, keepdims=True).astype(np.float32))
    one.set_invvars((1 / data.var(axis=0, keepdims=True)).astype(np.float32))
    one.compute_gconsts()
    model = khg.AmDiagGmm()
    for _ in range(pdfs):
        model.add_pdf(one)
    return model


def _lexicon(kaldifst: Any, lexicon: Lexicon, phones: dict[str, int], words: dict[str, int]) -> Any:
    """Words to phones, with silence at the start and after any word or without, at even odds."""
    fst = kaldifst.StdVectorFst()
    start, loop, silence = fst.add_state(), fst.add_state(), fst.add_state()
    fst.start = start
    fst.set_final(state=loop, weight=0)
    even = math.log(2)

    def arc(a: int, b: int, phone: int, word: int = 0, cost: float = 0.0) -> None:
        fst.add_arc(state=a, arc=kaldifst.StdArc(ilabel=phone, olabel=word, weight=cost, nextstate=b))

    arc(start, loop, 0, cost=even)
    arc(start, silence, 0, cost=even)
    arc(silence, loop, phones[SILENCE])
    for word, ways in sorted(lexicon.items()):
        for way in ways:
            state = loop
            for k, phone in enumerate(way):
                olabel = 0 if k else words[word]
                if k < len(way) - 1:
                    following = fst.add_state()
                    arc(state, following, phones[phone], olabel)
                    state = following
                else:
                    arc(state, loop, phones[phone], olabel, even)
                    arc(state, silence, phones[phone], olabel, even)
    kaldifst.arcsort(fst, sort_type="olabel")
    return fst


def _update(
    khg: Any, model: Any, transitions: Any, frames: dict[str, np.ndarray], paths: dict[str, list[int]],
    count: int, least: float | None = None,
) -> None:  # fmt: skip
    sums = khg.AccumAmDiagGmm()
    sums.init(model=model, flags=khg.GmmUpdateFlags.kGmmAll)
    visits = transitions.init_stats()
    for id_, path in paths.items():
        for x, transition in zip(frames[id_], path, strict=True):
            transitions.accumulate(prob=1.0, trans_id=transition, stats=visits)
            pdf = transitions.transition_id_to_pdf(transition)
            sums.accumulate_for_gmm(model=model, data=x, gmm_index=pdf, weight=1)
    transitions.mle_update(visits, khg.MleTransitionUpdateConfig())
    options = khg.MleDiagGmmOptions()
    if least is not None:
        options.min_gaussian_occupancy = least
    khg.mle_am_diag_gmm_update(
        config=options, amdiag_gmm_acc=sums, flags=khg.str_to_gmm_flags("mvwt"), am_gmm=model
    )
    held = np.array([sums.get_acc(i).occupancy.sum() for i in range(sums.num_accs)], np.float32)
    model.split_by_count(
        state_occs=held, target_components=count, perturb_factor=0.01, power=0.25, min_count=20.0
    )


def _viterbi(
    khg: Any, model: Any, transitions: Any, graphs: dict[str, Any], frames: dict[str, np.ndarray]
) -> dict[str, list[int]]:
    config = khg.AlignConfig()
    config.beam, config.retry_beam, config.careful = BEAM, RETRY_BEAM, False
    out = {}
    for id_, x in frames.items():
        graph = graphs[id_].copy()
        khg.add_transition_probs(trans_model=transitions, fst=graph, **SCALES)
        decodable = khg.DecodableAmDiagGmmScaled(am=model, tm=transitions, feats=x, scale=ACOUSTIC)
        result = khg.align_utterance_wrapper(
            config=config, utt=id_, acoustic_scale=ACOUSTIC, fst=graph, decodable=decodable,
            num_done=0, num_error=0, num_retried=0, tot_like=0.0, frame_count=0,
        )  # fmt: skip
        if result[5]:
            out[id_] = result[5]
    return out


def _phones(transitions: Any, path: list[int], names: list[str]) -> list[tuple[str, int]]:
    """Phones and their first frames: the transition into the non-emitting state is a phone's last frame."""
    firsts = [0, *(f + 1 for f, transition in enumerate(path[:-1]) if transitions.is_final(transition))]
    return [(names[transitions.transition_id_to_phone(path[f]) - 1], f) for f in firsts]
