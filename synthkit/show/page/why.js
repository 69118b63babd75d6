// SPDX-License-Identifier: Apache-2.0
// Why these units: a slider for every option, the unit that is looked at, before and now side by side.
import { make } from "./dom.js";
import { sum } from "./lanes.js";

// Options within options: {"target.f0": 2} is {target: {f0: 2}}.
export function nested(flat) {
  const out = {};
  for (const [name, value] of Object.entries(flat)) {
    const parts = name.split("."), last = parts.pop();
    let place = out;
    for (const part of parts) place = place[part] ??= {};
    place[last] = value;
  }
  return out;
}

export function sliders(root, listed, chosen, changed) {
  root.replaceChildren(...listed.map((s) => {
    const value = chosen[s.name] ?? s.value;
    if (s.kind === "switch") {
      const box = make("input", { type: "checkbox", checked: value, onchange: () => changed(s.name, box.checked === s.value ? undefined : box.checked) });
      return make("label", { title: s.about }, make("span", {}, s.name), box, make("output", {}));
    }
    const shown = make("output", { class: chosen[s.name] === undefined ? "" : "changed" }, `${+(+value).toPrecision(4)}`);
    const range = make("input", {
      type: "range", min: `${s.low}`, max: `${s.high}`, step: `${s.step}`, "data-name": s.name,
      oninput: () => {
        const to = +range.value, same = Math.abs(to - s.value) < s.step / 2;
        shown.textContent = `${+to.toPrecision(4)}`;
        shown.className = same ? "" : "changed";
        changed(s.name, same ? undefined : to);
      },
    });
    range.value = `${value}`;
    return make("label", { title: s.about }, make("span", {}, s.name), range, shown);
  }));
}

export function unit(root, u, say, actions) {
  if (!u) { root.replaceChildren(); return; }
  const terms = (t) => Object.entries(t).sort((a, b) => b[1] - a[1]).map(([n, v]) => `${n} ${v.toFixed(2)}`).join(", ") || say.none;
  const row = (name, text) => [make("dt", { class: "soft" }, name), make("dd", {}, text)];
  root.replaceChildren(
    make("strong", {}, `${say.unit} ${u.index}: ${u.label}`),
    make("dl", {},
      ...row(say.recording, `${u.source}, ${u.from.toFixed(3)}–${u.to.toFixed(3)} ${say.s}`),
      ...row(`${say.target} ${sum(u.target).toFixed(2)}`, terms(u.target)),
      ...row(`${say.join} ${sum(u.join).toFixed(2)}`, u.joined ? terms(u.join) : say.natural),
      ...(u.excess === undefined ? [] : row(say.excess, say.more(u.excess)))),
    make("div", { class: "row" },
      actions.hear ? make("button", { type: "button", id: "hear-unit", onclick: actions.hear }, say.hear) : make("span", { class: "soft" }, say.silent),
      ...["forbid", "force", "leave"].map((name) => actions[name] && make("button", { type: "button", id: name, onclick: actions[name] }, say[name]))));
}

const runs = (told) => {
  const out = [];
  for (const u of told.units) {
    if (!out.length || u.joined) out.push({ source: u.source, first: u.index, said: [], cost: 0 });
    const run = out.at(-1), name = u.label.split(".")[0];
    if (run.said.at(-1) !== name || u.label.includes(".1")) run.said.push(name);
    run.cost += sum(u.target) + sum(u.join);
  }
  return out;
};

export function beside(root, before, now, say) {
  const [a, b] = [before?.units ? runs(before) : [], runs(now)];
  const there = new Set(a.map((r) => `${r.first} ${r.said}`));
  const cells = (r, other) => r ? [make("td", { class: other ? "other" : "" }, r.said.join(" ")), make("td", {}, `${r.source} · ${r.first}`), make("td", {}, r.cost.toFixed(2))] : [make("td"), make("td"), make("td")];
  const rows = Array.from({ length: Math.max(a.length, b.length) }, (_, k) =>
    make("tr", {}, ...(a.length ? cells(a[k], false) : []), ...cells(b[k], a.length && b[k] && !there.has(`${b[k].first} ${b[k].said}`))));
  const heads = [...(a.length ? [say.before, say.recording, say.cost] : []), say.now, say.recording, say.cost];
  root.replaceChildren(make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((h) => make("th", { scope: "col" }, h.split(":")[0])))), make("tbody", {}, ...rows)));
}
