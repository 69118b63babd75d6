// SPDX-License-Identifier: Apache-2.0
// The stages under one another on one time axis, from the text to the sound; they grow as pieces of a text arrive, and
// what is drawn of a piece is not drawn again. Units are buttons: arrow keys go from one to the next.
// Drawn by ourselves, not by wavesurfer.js: `benchmarks/lab_wavesurfer.py` holds both against each other. It takes a whole
// file and draws two of the lanes here, in twice the time; its regions are out of reach of a keyboard and have no names.
import { make } from "./dom.js";
import { contour, picture, spectrogram, waveform } from "./drawing.js";

const NARROWEST = 110; // pixels a second, so that phones can be read on a phone
const WAVE = 70, SPECTRUM = 150, CONTOUR = 84, PICTURE = 110, BARS = 50;
const MOST = 8; // times as near
const F0 = [50, 400]; // Hz, of the lane
const STEP = 0.1, FAR = 1; // seconds of an arrow key, and with Shift
export const sum = (terms) => Object.values(terms).reduce((a, b) => a + b, 0);

export class Lanes {
  constructor(root, player, onUnit) {
    this.root = root; this.player = player; this.onUnit = onUnit; this.current = 0; this.width = 0; this.near = 1;
    root.addEventListener("click", (event) => { if (this.told && event.target.closest(".strip") && !event.target.closest("button")) player.seek(this.#time(event.clientX)); });
    root.addEventListener("keydown", (event) => {
      if (event.target !== root || !this.told || event.ctrlKey || event.metaKey || event.altKey) return;
      const by = event.shiftKey ? FAR : STEP, at = player.position;
      const to = { ArrowLeft: at - by, ArrowRight: at + by, Home: 0, End: player.duration }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      player.seek(to);
      this.reveal();
    });
  }

  // All of a text at once.
  show(told, say) {
    const looked = this.current;
    this.begin(told, say, told.seconds);
    for (const piece of told.pieces ?? [told]) this.add(piece, told);
    this.look(looked);
  }

  // `seconds`: how long it will be, where that is known; else the lanes grow to the right.
  begin(told, say, seconds = 0) {
    this.told = told; this.say = say; this.buttons = []; this.peak = 0; this.most = 1e-6; this.loudest = undefined; this.ticked = 0;
    this.room = this.root.clientWidth - 18;
    this.scale = this.near * (seconds ? Math.max(NARROWEST, this.room / seconds) : NARROWEST);
    this.width = 0;
    this.strips = {};
    this.head = make("div", { id: "playhead" });
    this.root.replaceChildren(this.head);
    this.root.scrollLeft = 0;
  }

  add(piece, told) {
    this.told = told;
    const { say } = this, start = piece.start ?? 0, from = this.width, at = (t) => `${(start + t) * this.scale}px`, wide = (t) => `${t * this.scale}px`;
    this.width = Math.max((start + piece.seconds) * this.scale, 1);
    if (start === 0) this.#first(piece);
    for (const strip of Object.values(this.strips)) strip.style.width = `${this.width}px`;
    this.root.style.setProperty("--wide", `${this.width}px`); // of every row, so that names stay in view when scrolled
    const span = ([a, b, label], note = "") => make("span", { style: `left:${at(a)};width:${wide(b - a)}`, title: `${label} ${(start + a).toFixed(3)}–${(start + b).toFixed(3)} ${say.s}${note}` }, label);
    const tier = (name, intervals) => this.strips[name]?.append(...intervals.map((i) => span(i)));
    this.#ruler(start + piece.seconds);
    tier("tokens", piece.tokens ?? []);
    tier("words", piece.words ?? []);
    tier("phones", piece.phones ?? []);
    this.strips.durations?.append(...(piece.phones ?? []).map(([a, b, label]) => this.#duration(a, b, label, at, wide)));
    const canvas = (name, label, left, width) => {
      const node = make("canvas", { role: "img", "aria-label": label, style: `left:${left}` });
      this.strips[name].append(node);
      node.width = 1;
      return [node, Math.max(width, 1)];
    };
    if (this.strips.f0) contour(...canvas("f0", say.f0, at(0), piece.seconds * this.scale), CONTOUR, piece.f0, piece.seconds, F0);
    for (const image of (this.strips.frames && piece.frames) || []) picture(...canvas("frames", `${say.frames}: ${image.about}`, at(image.start), (image.end - image.start) * this.scale), PICTURE, image);
    if (this.strips.units) this.#units(piece.units, start, at, wide);
    const [wave, width] = canvas("wave", say.wave, at(0), piece.seconds * this.scale);
    wave.dataset.peak = `${waveform(wave, width, WAVE, piece.samples)}`;
    this.peak = Math.max(this.peak, +wave.dataset.peak);
    for (const node of this.strips.wave.querySelectorAll("canvas")) node.style.transform = `scaleY(${node.dataset.peak / this.peak})`;
    const [spectrum] = canvas("spectrum", say.spectrogram, at(0), width);
    spectrum.style.cssText += `;width:${width}px;height:${SPECTRUM}px`;
    // What is quick is there at once; the spectrogram comes in the next frame, of the last sound alone.
    requestAnimationFrame(() => { if (spectrum.isConnected) this.loudest = spectrogram(spectrum, width, SPECTRUM, piece.samples, piece.sample_rate, [], piece.seconds, this.loudest); });
    if (from < this.root.clientWidth) this.#names();
  }

  // No more pieces come: what is shorter than the window is drawn as wide as it.
  end(told) {
    this.told = told;
    if (told.seconds * this.scale < this.room - 1 && told.pieces) this.show(told, this.say);
  }

  // The window has another width.
  fit() { if (this.told && this.root.clientWidth - 18 !== this.room) this.zoom(1); }
  // As much nearer; what stood in the middle stays there.
  zoom(factor) {
    if (!this.told) return;
    const middle = (this.root.scrollLeft + this.root.clientWidth / 2) / this.scale, { stageText } = this;
    this.near = Math.min(Math.max(this.near * factor, 1), MOST);
    this.show(this.told, this.say);
    this.stages(stageText);
    this.root.scrollLeft = middle * this.scale - this.root.clientWidth / 2;
  }

  // The lanes that a piece needs, in the order of the stages.
  #first(piece) {
    const { say } = this, rows = [];
    const lane = (name, label, height, kind = "", attributes = {}) => {
      this.strips[name] = make("div", { class: `strip ${kind}`, "data-lane": name, style: height ? `height:${height}px` : "", ...attributes });
      rows.push(make("div", { class: "lane" }, make("span", { class: "name" }, label), this.strips[name]));
      return this.strips[name];
    };
    const stage = (name) => rows.push(make("div", { class: "stage" }, make("span", { class: "name", "data-stage": name })));
    lane("ruler", `${say.time}, ${say.s}`, 0, "ruler", { "aria-hidden": "true" });
    stage("segmentation");
    if (piece.tokens?.length) lane("tokens", say.tokens, 0, "tier");
    if (piece.words) lane("words", say.words, 0, "tier");
    if (piece.phones) lane("phones", say.phones, 0, "tier");
    if (!piece.words) rows.push(make("p", { class: "soft untimed" }, say.untimed(piece.said)));
    stage("acoustic_model");
    if (piece.phones) lane("durations", say.durations, 26, "lengths");
    if (piece.f0?.length) this.#axis(lane("f0", say.f0, CONTOUR, "drawn"), [100, 200, 300].map((hz) => [(hz - F0[0]) / (F0[1] - F0[0]), `${hz}`]));
    if (piece.frames) this.#axis(lane("frames", `${say.frames}: ${piece.frames[0].about}; ${say.axis[piece.frames[0].unit]}`, PICTURE, "drawn"), piece.frames[0].ticks);
    if (piece.units) { lane("units", say.units, 0, "tier units", { role: "toolbar", "aria-label": say.units }); lane("costs", say.cost, 54, "bars", { "aria-hidden": "true" }); }
    if (!piece.frames && !piece.units && !piece.phones) rows.push(make("p", { class: "soft untimed" }, say.whole));
    stage("vocoder");
    lane("wave", say.wave, WAVE, "drawn");
    this.#axis(lane("spectrum", say.spectrogram, SPECTRUM, "drawn"), [2000, 4000, 6000].map((hz) => [hz / 8000, `${hz}`]));
    this.root.replaceChildren(...rows, this.head);
  }
  #axis(strip, ticks) {
    const axis = make("div", { class: "axis", "aria-hidden": "true", style: `height:${strip.style.height};margin-bottom:-${strip.style.height}` }, ...ticks.map(([place, text]) => make("span", { style: `bottom:${100 * place}%` }, text)));
    strip.before(axis);
  }
  #ruler(end) {
    const strip = this.strips.ruler, step = [0.1, 0.2, 0.5, 1, 2, 5].find((s) => s * this.scale >= 48);
    for (; this.ticked * step < end; this.ticked++) strip.append(make("span", { style: `left:${this.ticked * step * this.scale}px` }, `${+(this.ticked * step).toFixed(1)}`));
  }
  // Each stage with its part and how long it took so far.
  stages(text) {
    this.stageText = text;
    this.#names();
  }
  #names() { for (const node of this.root.querySelectorAll("[data-stage]")) node.textContent = this.stageText?.[node.dataset.stage] ?? ""; }

  #duration(a, b, label, at, wide) {
    const ms = Math.round(1000 * (b - a)), height = Math.min(26, 3 + 23 * (b - a) / 0.3); // the whole height from 0.3 s on
    return make("span", { style: `left:${at(a)};width:${wide(b - a)}`, title: `${label} ${ms} ${this.say.ms}` }, make("i", { style: `height:${height}px` }), (b - a) * this.scale > 8 * `${ms}`.length ? `${ms}` : "");
  }
  #units(units, start, at, wide) {
    const first = this.buttons.length;
    this.buttons.push(...units.map((u, n) => { const k = first + n; return make("button", {
      type: "button", class: u.joined ? "join" : "", tabindex: "-1",
      style: `left:${at(u.start)};width:${wide(u.end - u.start)}`,
      "aria-label": this.say.unitLabel(u, sum(u.target).toFixed(2), sum(u.join).toFixed(2)),
      onclick: () => this.onUnit(k, true), onfocus: () => this.#go(k), onkeydown: (event) => this.#key(event, k),
    }, u.label.split(".")[0]); }));
    this.strips.units.append(...this.buttons.slice(first));
    for (const u of units) this.most = Math.max(this.most, sum(u.target) + sum(u.join));
    this.strips.costs.style.setProperty("--unit", `${BARS / this.most}px`);
    const high = (cost) => `calc(${cost} * var(--unit))`;
    for (const u of units) {
      const target = sum(u.target), join = sum(u.join);
      this.strips.costs.append(make("i", { style: `left:${at(u.start)};width:calc(${wide(u.end - u.start)} - 1px);height:${high(target)}` }));
      if (join) this.strips.costs.append(make("i", { class: "join", style: `left:${at(u.start)};width:4px;height:${high(join)};bottom:${high(target)}` }));
    }
    if (!first) this.current = 0;
    if (this.buttons[this.current]) this.buttons[this.current].tabIndex = 0;
  }
  // The unit at `k` is the one that Tab reaches, if there is one.
  look(k) {
    if (!this.buttons.length) return;
    this.buttons[this.current].tabIndex = -1;
    this.current = Math.min(k, this.buttons.length - 1);
    this.buttons[this.current].tabIndex = 0;
  }
  #go(k) {
    this.buttons[this.current].tabIndex = -1;
    this.buttons[this.current].removeAttribute("aria-current");
    this.current = k;
    this.buttons[k].tabIndex = 0;
    this.buttons[k].setAttribute("aria-current", "true");
    this.onUnit(k, false);
  }
  #key(event, k) {
    const to = { ArrowLeft: k - 1, ArrowRight: k + 1, Home: 0, End: this.buttons.length - 1 }[event.key];
    if (to === undefined || !this.buttons[to]) return;
    event.preventDefault();
    this.buttons[to].focus();
  }

  #time(x) { return (x - this.root.getBoundingClientRect().left - this.root.clientLeft - 8 + this.root.scrollLeft) / this.scale; }
  // Scroll to where the sound is.
  reveal() {
    const x = this.player.position * this.scale, room = this.root.clientWidth;
    if (x < this.root.scrollLeft || x > this.root.scrollLeft + room - 40) this.root.scrollLeft = Math.max(x - 40, 0);
  }
  tick() {
    if (!this.head || !this.told) return;
    const x = this.player.position * this.scale, left = this.root.scrollLeft, room = this.root.clientWidth;
    this.head.style.transform = `translateX(${8 + x}px)`;
    // It follows the sound out of the window, but not where somebody looks elsewhere.
    if (this.player.playing && this.seen !== undefined && this.seen >= left && this.seen <= left + room - 24 && x > left + room - 24) this.root.scrollLeft = x - 40;
    this.seen = x;
  }
}
