// SPDX-License-Identifier: Apache-2.0
// The tiers of one utterance as they are edited: edges between phones, words between edges, undo and redo.
export const SHORTEST = 0.001; // seconds of a phone
const REACH = 0.01; // seconds in which a zero crossing is looked for

export class Tiers extends EventTarget {
  // kept: what a reload left of an earlier editing of the same labels.
  constructor(told, kept) {
    super();
    this.first = edgesOf(told.first.phones);
    this.labels = (told.corrected ?? told.first).phones.map((p) => p[2]);
    this.saved = edgesOf((told.corrected ?? told.first).phones);
    // What was corrected may have other phones than were there first: then there is nothing to go back to.
    if (this.first.length !== this.saved.length) this.first = this.saved;
    const near = (t) => this.saved.reduce((best, e, k) => (Math.abs(e - t) < Math.abs(this.saved[best] - t) ? k : best), 0);
    this.words = (told.corrected ?? told.first).words.map(([a, b, label]) => [near(a), near(b), label]);
    this.flags = told.corrected ? [] : told.flags;
    this.state = told.state;
    const goes = kept && kept.state === told.state && kept.edges.length === this.saved.length;
    this.edges = goes ? kept.edges : [...this.saved];
    this.done = goes ? kept.done : [];
    this.undone = goes ? kept.undone : [];
  }
  get changed() { return this.edges.some((e, k) => e !== this.saved[k]); }
  get kept() { return { edges: this.edges, done: this.done, undone: this.undone, state: this.state }; }
  get seconds() { return this.edges.at(-1); }
  get inner() { return this.edges.length - 2; } // boundaries 1 … inner can be moved

  allowed(k, t) { return Math.min(Math.max(t, this.edges[k - 1] + SHORTEST), this.edges[k + 1] - SHORTEST); }
  // Show boundary k at t without remembering it: while it is dragged.
  show(k, t) { this.edges[k] = this.allowed(k, t); this.#tell(); }
  // Boundary k has gone from `from` to t.
  move(k, t, from = this.edges[k]) {
    const to = round(this.allowed(k, t));
    this.edges[k] = to;
    if (to !== from) { this.done.push([[k, from, to]]); this.undone = []; }
    this.#tell();
  }
  // All boundaries as they were first, in one step.
  revert() {
    const step = this.edges.flatMap((e, k) => (e === this.first[k] ? [] : [[k, e, this.first[k]]]));
    if (!step.length) return;
    for (const [k, , to] of step) this.edges[k] = to;
    this.done.push(step);
    this.undone = [];
    this.#tell();
  }
  undo() { this.#step(this.done, this.undone, 1); }
  redo() { this.#step(this.undone, this.done, 2); }
  #step(from, to, which) {
    const step = from.pop();
    if (!step) return;
    for (const change of step) this.edges[change[0]] = change[which];
    to.push(step);
    this.at = step[0][0];
    this.#tell();
  }
  wasSaved(state) { this.state = state; this.saved = [...this.edges]; this.flags = []; this.#tell(); }

  // The tiers as they are saved.
  rows() {
    const phones = this.labels.map((label, k) => [this.edges[k], this.edges[k + 1], label]);
    return { phones, words: this.words.map(([a, b, label]) => [this.edges[a], this.edges[b], label]) };
  }
  #tell() { this.dispatchEvent(new Event("change")); }
}

const edgesOf = (phones) => [phones[0][0], ...phones.map((p) => p[1])];
export const round = (t) => Math.round(t * 1e6) / 1e6;

// The moment nearest to t at which the samples change their sign, t itself where none is near.
export function zeroCrossing(samples, rate, t) {
  const middle = Math.round(t * rate), most = Math.round(REACH * rate);
  for (let off = 0; off <= most; off++) {
    for (const n of off ? [middle - off, middle + off] : [middle]) {
      if (n < 0 || n + 1 >= samples.length) continue;
      const a = samples[n], b = samples[n + 1];
      if (a === 0) return n / rate;
      if ((a < 0) !== (b < 0) && b !== 0) return (n + a / (a - b)) / rate;
    }
  }
  return t;
}
