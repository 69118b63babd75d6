// SPDX-License-Identifier: Apache-2.0
// The stages under one another on one time axis. Units are buttons: arrow keys go from one to the next.
import { make } from "./dom.js";
import { spectrogram, waveform } from "./drawing.js";

const NARROWEST = 110; // pixels a second, so that phones can be read on a phone
export const sum = (terms) => Object.values(terms).reduce((a, b) => a + b, 0);

export class Lanes {
  constructor(root, player, onUnit) {
    this.root = root; this.player = player; this.onUnit = onUnit; this.current = 0;
    root.addEventListener("click", (event) => {
      const canvas = event.target.closest("canvas");
      if (canvas && this.told) player.seek(event.offsetX / canvas.clientWidth * this.told.seconds);
    });
  }

  show(told, say) {
    this.told = told; this.say = say;
    const width = Math.max(this.root.clientWidth - 18, told.seconds * NARROWEST);
    this.width = width;
    const at = (time) => `${time / told.seconds * width}px`;
    const lane = (name, node) => make("div", { class: "lane" }, make("span", { class: "name" }, name), node);
    const tier = (intervals) => {
      const node = make("div", { class: "tier", style: `width:${width}px` });
      for (const [start, end, label] of intervals) node.append(make("span", { style: `left:${at(start)};width:${at(end - start)}`, title: `${label} ${start.toFixed(3)}–${end.toFixed(3)} s` }, label));
      return node;
    };
    const wave = make("canvas", { role: "img", "aria-label": say.wave }), spectrum = make("canvas", { role: "img", "aria-label": say.spectrum });
    const rows = [lane(say.wave, wave), lane(say.spectrum, spectrum)];
    if (told.words) rows.push(lane(say.words, tier(told.words)), lane(say.phones, tier(told.phones)));
    if (told.units) rows.push(lane(say.units, this.#units(told.units, at)), lane(say.cost, this.#bars(told.units, at, width)));
    this.head = make("div", { id: "playhead" });
    this.root.replaceChildren(...rows, this.head);
    waveform(wave, width, 70, told.samples);
    spectrum.style.cssText = `width:${width}px;height:150px`;
    // The path is there at once; the spectrogram comes in the next frame, of the last sound alone.
    requestAnimationFrame(() => { if (this.told === told && spectrum.isConnected) spectrogram(spectrum, width, 150, told.samples, told.sample_rate, told.f0, told.seconds); });
  }

  #units(units, at) {
    const node = make("div", { class: "tier units", role: "toolbar", "aria-label": this.say.units });
    this.current = Math.min(this.current, units.length - 1);
    this.buttons = units.map((u, k) => make("button", {
      type: "button", class: u.joined ? "join" : "", tabindex: k === this.current ? "0" : "-1",
      style: `left:${at(u.start)};width:${at(u.end - u.start)}`,
      "aria-label": this.say.unitLabel(u, sum(u.target).toFixed(2), sum(u.join).toFixed(2)),
      onclick: () => this.onUnit(k, true), onfocus: () => this.#go(k), onkeydown: (event) => this.#key(event, k),
    }, u.label.split(".")[0]));
    node.append(...this.buttons);
    return node;
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
  #bars(units, at, width) {
    const node = make("div", { class: "bars", "aria-hidden": "true", style: `width:${width}px` });
    const most = Math.max(...units.map((u) => sum(u.target) + sum(u.join)), 1e-6);
    for (const u of units) {
      const target = 50 * sum(u.target) / most, join = 50 * sum(u.join) / most;
      node.append(make("i", { style: `left:${at(u.start)};width:calc(${at(u.end - u.start)} - 1px);height:${target}px` }));
      if (join) node.append(make("i", { class: "join", style: `left:${at(u.start)};width:4px;height:${join}px;bottom:${target}px` }));
    }
    return node;
  }
  tick() {
    if (this.head && this.told) this.head.style.transform = `translateX(${8 + this.player.position / this.told.seconds * this.width}px)`;
  }
}
