// SPDX-License-Identifier: Apache-2.0
// What is seen of an utterance: the part between two times, and a slider for each boundary in it.
import { make } from "../../common/dom.js";
import { spectrogram, waveform } from "../../common/drawing.js";

const WAVE = 80, SPECTRUM = 140, LEAST = 0.1; // pixels, pixels, seconds seen at least
const $ = (id) => document.getElementById(id);

export class View {
  current = 1;
  constructor(tools) {
    this.tools = tools; // moved(k, t, from), showing(k, t), looked(k), played(from, to)
    $("phones").addEventListener("click", (event) => this.#heard(event));
    $("words").addEventListener("click", (event) => this.#heard(event));
  }
  open(tiers, sound, say, seen) {
    this.tiers = tiers; this.sound = sound; this.say = say;
    this.seen = seen ?? [0, Math.min(tiers.seconds, 2.5)];
    this.current = Math.min(this.current, Math.max(tiers.inner, 1));
    this.draw();
  }
  get width() { return $("lanes").clientWidth - 16; }
  at(t) { return (t - this.seen[0]) / (this.seen[1] - this.seen[0]) * this.width; }
  time(x) { return this.seen[0] + x / this.width * (this.seen[1] - this.seen[0]); }

  // Pictures and tiers anew: what is seen, or the size, has changed.
  draw() {
    const { samples, rate } = this.sound, [a, b] = this.seen;
    const part = samples.subarray(Math.max(0, Math.round(a * rate)), Math.max(1, Math.round(b * rate)));
    waveform($("wave"), this.width, WAVE, part);
    spectrogram($("spectrum"), this.width, SPECTRUM, part, rate, [], b - a);
    this.#edges();
    this.tick();
  }
  // Tiers alone: boundaries have moved.
  moved() {
    const tiers = this.tiers, spans = (rows, flagged) => rows.filter(([a, b]) => b > this.seen[0] && a < this.seen[1]).map(([a, b, label, k]) =>
      make("span", { style: `left:${this.at(a)}px;width:${this.at(b) - this.at(a)}px`, class: flagged?.has(k) ? "doubt" : "", "data-from": `${a}`, "data-to": `${b}`, title: `${label} ${a.toFixed(3)}–${b.toFixed(3)} s` }, label));
    const flagged = new Set(tiers.flags.map(([k]) => k));
    const { phones, words } = tiers.rows();
    $("phones").replaceChildren(...spans(phones.map((p, k) => [...p, k]), flagged));
    $("words").replaceChildren(...spans(words));
    for (const node of this.nodes) this.#place(node);
    this.#tell();
  }
  #edges() {
    const tiers = this.tiers, ends = new Set(tiers.words.flatMap(([a, b]) => [a, b])), had = document.activeElement?.classList.contains("edge");
    const flagged = new Set(tiers.flags.flatMap(([k]) => [k, k + 1]));
    this.nodes = [];
    for (let k = 1; k <= tiers.inner; k++) {
      if (tiers.edges[k] < this.seen[0] || tiers.edges[k] > this.seen[1]) continue;
      const node = make("div", { role: "slider", class: `edge${ends.has(k) ? " word" : ""}${flagged.has(k) ? " doubt" : ""}`, tabindex: k === this.current ? "0" : "-1", "data-edge": `${k}`,
        onfocus: () => this.go(k, false), onpointerdown: (event) => this.#drag(event, node, k) });
      this.nodes.push(node);
    }
    // Tab finds one of them always.
    if (this.nodes.length && !this.nodes.some((n) => +n.dataset.edge === this.current)) this.nodes[0].tabIndex = 0;
    $("edges").replaceChildren(...this.nodes);
    this.moved();
    if (had) this.nodes.find((n) => +n.dataset.edge === this.current)?.focus();
  }
  #place(node) {
    const k = +node.dataset.edge, tiers = this.tiers, t = tiers.edges[k];
    node.style.left = `${this.at(t)}px`;
    node.classList.toggle("moved", Math.abs(t - tiers.first[k]) > 5e-7);
    node.setAttribute("aria-orientation", "horizontal");
    node.setAttribute("aria-valuemin", tiers.edges[k - 1].toFixed(4));
    node.setAttribute("aria-valuemax", tiers.edges[k + 1].toFixed(4));
    node.setAttribute("aria-valuenow", t.toFixed(4));
    node.setAttribute("aria-valuetext", this.say.edge(tiers.labels[k - 1], tiers.labels[k], t.toFixed(4)));
    node.setAttribute("aria-label", this.say.edge(tiers.labels[k - 1], tiers.labels[k], t.toFixed(4)));
    if (k === this.current) node.setAttribute("aria-current", "true"); else node.removeAttribute("aria-current");
  }
  // Boundary k is looked at; it comes into sight.
  go(k, focus = true) {
    k = Math.min(Math.max(k, 1), this.tiers.inner);
    const t = this.tiers.edges[k], [a, b] = this.seen, long = b - a;
    this.current = k;
    if (t < a + 0.05 * long || t > b - 0.05 * long) {
      const start = Math.min(Math.max(0, t - long / 2), Math.max(0, this.tiers.seconds - long));
      if (Math.abs(start - a) > 1e-9) { this.seen = [start, start + long]; this.draw(); }
    }
    for (const node of this.nodes) { node.tabIndex = +node.dataset.edge === k ? 0 : -1; this.#place(node); }
    if (focus) this.nodes.find((n) => +n.dataset.edge === k)?.focus();
    this.#tell();
  }
  zoom(factor) {
    const t = this.tiers.edges[this.current], whole = this.tiers.seconds;
    const long = Math.min(Math.max((this.seen[1] - this.seen[0]) * factor, LEAST), whole);
    const start = Math.min(Math.max(0, t - long / 2), whole - long);
    this.seen = [start, start + long];
    this.draw();
  }
  #drag(event, node, k) {
    if (event.button) return;
    event.preventDefault();
    node.focus();
    const from = this.tiers.edges[k], left = $("edges").getBoundingClientRect().left, off = event.clientX - left - this.at(from);
    const to = (e) => this.time(e.clientX - left - off);
    let last = from;
    node.setPointerCapture(event.pointerId);
    const going = (e) => { last = to(e); this.tools.showing(k, last); };
    const over = (e) => {
      node.removeEventListener("pointermove", going);
      node.removeEventListener("pointerup", over);
      node.removeEventListener("pointercancel", over);
      if (e.type === "pointercancel") this.tools.showing(k, from); else if (last !== from) this.tools.moved(k, last, from);
    };
    node.addEventListener("pointermove", going);
    node.addEventListener("pointerup", over);
    node.addEventListener("pointercancel", over);
  }
  #heard(event) {
    const span = event.target.closest("[data-from]");
    if (span) this.tools.played(+span.dataset.from, +span.dataset.to);
  }
  #tell() { this.tools.looked(this.current); }
  tick() {
    const t = this.sound?.position ?? null, head = $("playhead");
    head.hidden = t === null || t < this.seen[0] || t > this.seen[1];
    if (!head.hidden) head.style.transform = `translateX(${8 + this.at(t)}px)`;
  }
}
