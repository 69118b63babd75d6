// SPDX-License-Identifier: Apache-2.0
// The words, phones, boundaries and F0 points of a text on one time axis; each group is one stop of Tab.
import { make } from "../../common/dom.js";
import { spectrogram } from "../../common/drawing.js";

const NARROWEST = 170; // pixels a second
const LOW = 50, HIGH = 500, HEIGHT = 140, SHORTEST = 0.01;
const svg = (name, attributes) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
};
const height = (hertz) => HEIGHT * (1 - Math.log(Math.min(Math.max(hertz, LOW), HIGH) / LOW) / Math.log(HIGH / LOW));
const hertzAt = (y) => LOW * (HIGH / LOW) ** (1 - Math.min(Math.max(y, 0), HEIGHT) / HEIGHT);

export class Score {
  current = 1; // row
  // `acts`: looked(row), moved(row, seconds), tuned(row, hertz), stressed(row), seek(seconds)
  constructor(root, acts) {
    this.root = root; this.acts = acts;
    for (const name of ["spectrum", "contour", "words", "phones", "edges"]) this[name] = root.querySelector(`#${name}`);
    this.spectrum.addEventListener("click", (event) => acts.seek(event.offsetX / this.spectrum.clientWidth * this.told.seconds));
  }

  show(told, say, changed) {
    const held = this.root.contains(document.activeElement) && document.activeElement.dataset.key;
    this.told = told; this.say = say;
    const width = this.width = Math.max(this.root.clientWidth - 18, told.seconds * NARROWEST), at = (t) => `${t / told.seconds * width}px`;
    const rows = told.rows, can = (what) => told.takes.includes(what);
    this.current = Math.min(this.current, rows.length - 1);
    this.words.replaceChildren(...this.#words(rows, at, changed));
    this.phones.replaceChildren(...rows.map((r, k) => this.#button(k, "phone", { style: `left:${at(r.start)};width:${at(r.end - r.start)}`, class: changed(r) ? "changed" : "",
      "aria-label": `${this.name(r)}, ${say.ms(r.end - r.start)}${r.f0 ? `, ${say.hz(r.f0)}` : ""}`, onkeydown: (e) => this.#phoneKey(e, k) }, r.label)));
    this.edges.replaceChildren(...rows.map((r, k) => this.#button(k, "edge", {
      role: "slider", style: `left:${at(r.end)}`, "aria-label": say.edge(this.name(r)), "aria-valuemin": "0", "aria-valuemax": "10000", "aria-valuenow": `${Math.round(1000 * (r.end - r.start))}`,
      "aria-valuetext": say.ms(r.end - r.start), disabled: !r.place || !can("durations"), class: changed(r, "durations") ? "changed" : "",
      onkeydown: (e) => this.#edgeKey(e, k), onpointerdown: (e) => this.#drag(e, k, "edge") })));
    const points = rows.map((r, k) => r.place?.[1] >= 0 && r.f0 ? this.#button(k, "point", {
      role: "slider", style: `left:${at((r.start + r.end) / 2)};top:${height(r.f0)}px`, "aria-label": say.point(this.name(r)), "aria-orientation": "vertical", "aria-valuemin": `${LOW}`, "aria-valuemax": `${HIGH}`,
      "aria-valuenow": `${Math.round(r.f0)}`, "aria-valuetext": say.hz(r.f0), disabled: !can("f0"), class: changed(r, "f0") ? "changed" : "",
      onkeydown: (e) => this.#pointKey(e, k), onpointerdown: (e) => this.#drag(e, k, "point") }) : null);
    this.contour.replaceChildren(this.#lines(told, width), ...points.filter(Boolean));
    for (const node of [this.contour, this.words, this.phones, this.edges]) node.style.width = `${width}px`;
    this.#rove();
    if (held) this.root.querySelector(`[data-key="${held}"]`)?.focus();
    this.spectrum.style.cssText = `width:${width}px;height:120px`;
    requestAnimationFrame(() => { if (this.told === told) spectrogram(this.spectrum, width, 120, told.samples, told.sample_rate, told.f0, told.seconds); });
  }

  name(row) {
    if (!row.place) return row.label;
    const [word, phone] = row.place, said = this.told.spelt[word]?.text;
    return phone >= 0 ? this.say.of(row.label, said) : word < 0 ? this.say.start : `${this.say.silence} (${said})`;
  }
  look(k) {
    this.current = k;
    this.#rove();
    this.acts.looked(k);
  }

  #button(k, kind, attributes, ...inside) {
    const { disabled, ...rest } = attributes;
    return make("button", { type: "button", tabindex: "-1", "data-row": `${k}`, "data-key": `${kind}-${k}`, disabled: disabled || undefined,
      onfocus: () => { if (!this.#within(k, kind)) this.look(k); }, onclick: () => this.look(k), ...rest }, ...inside);
  }
  // Tab goes through the groups and stays at what is looked at: a word is where any of its phones is.
  #within(k, kind) {
    const here = this.told.rows[this.current]?.place, there = this.told.rows[k].place;
    return kind === "word" && here && here[1] >= 0 ? here[0] === there[0] : this.current === k;
  }
  #words(rows, at, changed) {
    return this.told.spelt.map((word, w) => {
      const mine = rows.filter((r) => r.place?.[0] === w && r.place[1] >= 0);
      if (!mine.length) return null;
      const first = rows.indexOf(mine[0]), last = mine.at(-1);
      return this.#button(first, "word", { style: `left:${at(mine[0].start)};width:${at(last.end - mine[0].start)}`, class: changed(mine[0], "word") ? "changed" : "",
        onkeydown: (e) => this.#phoneKey(e, first, "word") }, word.text);
    }).filter(Boolean);
  }
  #lines(told, width) {
    const picture = svg("svg", { width, height: HEIGHT, "aria-hidden": "true" });
    let points = [];
    const end = () => { if (points.length > 1) picture.append(svg("polyline", { points: points.join(" ") })); points = []; };
    for (const [time, hertz] of told.f0) if (hertz > 0) points.push(`${time / told.seconds * width},${height(hertz)}`); else end();
    end();
    return picture;
  }
  // One of each group can be reached by Tab: that of the row which is looked at, or the nearest.
  #rove() {
    for (const group of [this.contour, this.words, this.phones, this.edges]) {
      const all = [...group.querySelectorAll("button")];
      const free = all.filter((b) => !b.disabled);
      const near = (b) => { const d = this.current - +b.dataset.row; return d >= 0 ? d : 1000 - d; };
      const best = free.sort((a, b) => near(a) - near(b))[0];
      for (const button of all) {
        button.tabIndex = button === best ? 0 : -1;
        if (+button.dataset.row === this.current) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
      }
    }
  }
  #next(event, group) {
    const all = [...group.querySelectorAll("button")].filter((b) => !b.disabled), here = all.indexOf(event.target);
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const to = event.key === "Home" ? all[0] : event.key === "End" ? all.at(-1) : step ? all[here + step] : null;
    if (to) { event.preventDefault(); to.focus(); }
  }
  #phoneKey(event, k, kind = "phone") {
    const row = this.told.rows[k];
    if (event.key.toLowerCase() === "s" && row.place && !event.ctrlKey) { event.preventDefault(); this.acts.stressed(k); return; }
    if (event.shiftKey && kind === "phone" && row.place && event.key.startsWith("Arrow")) {
      event.preventDefault();
      const along = { ArrowLeft: -0.01, ArrowRight: 0.01 }[event.key], up = { ArrowUp: 1.02, ArrowDown: 1 / 1.02 }[event.key];
      if (along && this.told.takes.includes("durations")) this.acts.moved(k, along, false);
      if (up && row.f0 && this.told.takes.includes("f0")) this.acts.tuned(k, row.f0 * up);
      return;
    }
    this.#next(event, kind === "word" ? this.words : this.phones);
  }
  #edgeKey(event, k) {
    const step = (event.shiftKey ? 0.02 : 0.005) * ({ ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0);
    if (step) { event.preventDefault(); this.acts.moved(k, step, true); return; }
    this.#next(event, this.edges);
  }
  #pointKey(event, k) {
    const by = event.shiftKey ? 1.1 : 1.02, step = { ArrowUp: by, ArrowDown: 1 / by }[event.key];
    if (step) { event.preventDefault(); this.acts.tuned(k, this.told.rows[k].f0 * step); return; }
    this.#next(event, this.contour);
  }
  #drag(event, k, kind) {
    const node = event.currentTarget, row = this.told.rows[k], scale = this.told.seconds / this.width, next = this.told.rows[k + 1];
    node.setPointerCapture(event.pointerId);
    const from = { x: event.clientX, top: node.getBoundingClientRect().top - this.contour.getBoundingClientRect().top + 9, y: event.clientY };
    let seconds = 0, hertz = row.f0;
    const move = (e) => {
      if (kind === "edge") {
        const most = next?.place ? next.end - next.start - SHORTEST : 10, least = row.place[1] < 0 ? 0 : SHORTEST;
        seconds = Math.min(Math.max((e.clientX - from.x) * scale, least - (row.end - row.start)), most);
        node.style.left = `${(row.end + seconds) / scale}px`;
      } else {
        hertz = hertzAt(from.top + e.clientY - from.y);
        node.style.top = `${height(hertz)}px`;
      }
    };
    const up = () => {
      node.removeEventListener("pointermove", move);
      if (kind === "edge" && Math.abs(seconds) >= 0.001) this.acts.moved(k, seconds, true);
      if (kind === "point" && Math.abs(hertz - row.f0) > 0.5) this.acts.tuned(k, hertz);
    };
    node.addEventListener("pointermove", move);
    node.addEventListener("lostpointercapture", up, { once: true });
  }
}
