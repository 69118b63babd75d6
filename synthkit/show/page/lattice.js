// SPDX-License-Identifier: Apache-2.0
// All candidates of a path: a column for every half-phone, the cheapest on top. One place is looked at; arrow
// keys go from it to the next, and the best path through it is drawn. Only what is in view is painted.
import { make } from "./dom.js";

const WIDE = 34, TALL = 17, HEAD = 20, FALL = 6; // a cell, the row of names, cost at which a cell has faded
const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;

export class Lattice {
  constructor(root, onLook) {
    this.root = root; this.onLook = onLook; this.at = [0, 0];
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.sizer = make("div", { "aria-hidden": "true" });
    this.told = null;
    root.tabIndex = 0;
    root.setAttribute("role", "application");
    root.replaceChildren(this.canvas, this.sizer);
    root.addEventListener("scroll", () => this.#paint());
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("focus", () => { if (this.told) this.look(...this.at, false); });
    root.addEventListener("click", (event) => {
      if (!this.told) return;
      const box = root.getBoundingClientRect();
      const place = Math.floor((event.clientX - box.left - root.clientLeft + root.scrollLeft) / WIDE);
      const row = Math.floor((event.clientY - box.top - root.clientTop + root.scrollTop - HEAD) / TALL);
      if (this.told.places[place]?.candidates[row]) this.look(place, row, true);
    });
  }

  // `before`: units of the path before, which get an outline.
  show(told, say, before) {
    this.told = told; this.say = say;
    this.before = new Set((before ?? []).map((u) => `${u.place} ${u.index}`));
    const most = Math.max(...told.places.map((p) => p.candidates.length));
    this.sizer.style.cssText = `width:${told.places.length * WIDE}px;height:${HEAD + most * TALL}px`;
    this.at = [Math.min(this.at[0], told.places.length - 1), 0];
    this.root.setAttribute("aria-label", say.lattice);
    this.#paint();
  }

  // A candidate as the panel of a unit takes it.
  candidate(place, row) {
    const { places, target, join } = this.told;
    const { label, candidates, sources = this.told.sources } = places[place];
    const [index, source, from, to, excess, before, after, targets, joins, other] = candidates[row];
    const named = (names, values) => Object.fromEntries(values.map((v, k) => [names[k], v]).filter(([, v]) => v));
    return { place, index, label: other || label, source: sources[source], from, to, excess, before, after,
      target: named(target, targets), join: named(join, joins), joined: joins.length > 0 };
  }

  look(place, row, hear) {
    this.at = [place, row];
    const found = this.candidate(place, row);
    this.root.setAttribute("aria-label", `${this.say.lattice}. ${this.say.cell(found, row, this.told.places[place].candidates.length)}`);
    const x = place * WIDE, y = HEAD + row * TALL, view = this.root;
    if (x < view.scrollLeft || x + WIDE > view.scrollLeft + view.clientWidth) view.scrollLeft = x - view.clientWidth / 2;
    if (y - HEAD < view.scrollTop || y + TALL > view.scrollTop + view.clientHeight) view.scrollTop = y - view.clientHeight / 2;
    this.#paint();
    this.onLook(found, hear);
  }

  // Rows of the cheapest path through the candidate that is looked at, by place.
  #through() {
    const out = new Map([[this.at[0], this.at[1]]]), { places } = this.told;
    for (let [t, row] = this.at; t > 0 && (row = places[t].candidates[row][5]) >= 0; t--) out.set(t - 1, row);
    for (let [t, row] = this.at; t < places.length - 1 && (row = places[t].candidates[row][6]) >= 0; t++) out.set(t + 1, row);
    return out;
  }

  #key(event) {
    const { places } = this.told ?? {};
    if (!places || event.ctrlKey || event.altKey || event.metaKey) return;
    const [t, row] = this.at, last = places.length - 1;
    const to = { ArrowLeft: [t - 1, row], ArrowRight: [t + 1, row], ArrowUp: [t, row - 1], ArrowDown: [t, row + 1],
      Home: [0, 0], End: [last, 0], PageUp: [t, row - 10], PageDown: [t, row + 10], Enter: [t, row] }[event.key];
    if (!to) return;
    event.preventDefault();
    const place = Math.max(0, Math.min(to[0], last));
    this.look(place, Math.max(0, Math.min(to[1], places[place].candidates.length - 1)), event.key === "Enter");
  }

  #paint() {
    if (!this.told) return;
    const { root, canvas } = this, ratio = Math.min(devicePixelRatio || 1, 2), night = dark();
    const w = root.clientWidth, h = Math.min(root.clientHeight, HEAD + this.sizer.offsetHeight);
    canvas.width = w * ratio; canvas.height = h * ratio;
    canvas.style.cssText = `position:sticky;left:0;top:0;display:block;width:${w}px;height:${h}px;margin-bottom:${-h}px`;
    const g = canvas.getContext("2d"), { places } = this.told, ink = night ? "#e7eaed" : "#1d2329", accent = night ? "#7cbcf0" : "#0b5fa5";
    g.scale(ratio, ratio);
    g.font = "10px system-ui, sans-serif"; g.textAlign = "center"; g.textBaseline = "middle";
    const left = root.scrollLeft, top = root.scrollTop, first = Math.floor(left / WIDE), last = Math.min(places.length, Math.ceil((left + w) / WIDE));
    const x = (t) => t * WIDE - left, y = (row) => HEAD + row * TALL - top;
    g.save();
    g.beginPath(); g.rect(0, HEAD, w, h - HEAD); g.clip();
    for (let t = first; t < last; t++) {
      const { candidates } = places[t];
      for (let row = Math.max(0, Math.floor(top / TALL)); row < candidates.length && y(row) < h; row++) {
        const [index, , , , excess, , , , joins] = candidates[row];
        g.globalAlpha = row ? 0.05 + 0.5 * Math.exp(-excess / FALL) : 1;
        g.fillStyle = accent;
        g.fillRect(x(t) + 1, y(row) + 1, WIDE - 2, TALL - 2);
        g.globalAlpha = 1;
        if (joins.length) { g.fillStyle = night ? "#ff8a80" : "#b3261e"; g.fillRect(x(t) + 1, y(row) + 1, 3, TALL - 2); }
        if (this.before.has(`${t} ${index}`)) { g.strokeStyle = night ? "#ffb36b" : "#b35c00"; g.lineWidth = 2; g.strokeRect(x(t) + 2, y(row) + 2, WIDE - 4, TALL - 4); }
        g.fillStyle = row ? ink : (night ? "#0c1720" : "#ffffff");
        g.fillText(row ? excess.toFixed(excess < 100 ? 1 : 0) : "✓", x(t) + WIDE / 2 + 1, y(row) + TALL / 2 + 1);
      }
    }
    g.strokeStyle = ink; g.lineWidth = 1.5;
    g.beginPath();
    for (const [t, row] of [...this.#through()].sort((a, b) => a[0] - b[0])) g.lineTo(x(t) + WIDE / 2, y(row) + TALL / 2);
    g.stroke();
    g.lineWidth = 2;
    g.strokeRect(x(this.at[0]), y(this.at[1]), WIDE, TALL);
    g.restore();
    g.fillStyle = ink;
    for (let t = first; t < last; t++) {
      const [name, half] = places[t].label.split(".");
      g.fillText(half === "1" ? `${name}-` : `-${name}`, x(t) + WIDE / 2, HEAD / 2);
    }
  }
}
