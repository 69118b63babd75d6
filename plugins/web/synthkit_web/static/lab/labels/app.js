// SPDX-License-Identifier: Apache-2.0
// The panel Labels. What is set, and what is not saved yet, a tab of its own keeps over a reload.
import { make, typing } from "../../common/dom.js";
import { languages } from "./strings.js";
import { Address } from "../addressed.js";
import { translated, trouble } from "../errors.js";
import { checked, reach } from "../api.js";
import { put } from "../strings.js";
import { speakIn, tongue } from "../tongue.js";
import { Sound, decoded } from "./sound.js";
import { Tiers, zeroCrossing } from "./tiers.js";
import { View } from "./view.js";

const $ = (id) => document.getElementById(id);
const KEY = "synthkit-lab-labels", AROUND = 0.25, SMALL = 0.001, LARGE = 0.01; // seconds
const state = { source: "", id: "", order: "doubt", snap: true, seen: null, edge: 1, drafts: {} };
try { Object.assign(state, JSON.parse(sessionStorage.getItem(KEY) ?? "{}")); } catch { /* what another version kept */ }
const keep = () => sessionStorage.setItem(KEY, JSON.stringify(state)), asks = new Address();

let say = languages[tongue()], sources = [], rows = [], tiers = null, sound = null, told = null, asked = 0;
const address = (id, more = "") => `../api/labels/${sources.findIndex((s) => s.key === state.source)}${id === undefined ? "" : `/${encodeURIComponent(id)}${more}`}`;
const draft = () => `${state.source}/${state.id}`;

const view = new View({
  showing: (k, t) => tiers.show(k, t),
  moved: (k, t, from) => tiers.move(k, state.snap ? zeroCrossing(sound.samples, sound.rate, t) : t, from),
  played: (from, to) => { sound.play(from, to); tell(); },
  looked: (k) => {
    const t = tiers.edges[k], off = (t - tiers.first[k]) * 1000;
    state.edge = k;
    state.seen = view.seen;
    keep();
    $("where").textContent = say.where(tiers.labels[k - 1], tiers.labels[k], t.toFixed(4), Math.abs(off) > 5e-4 ? off.toFixed(1) : "");
  },
});

function list() {
  const order = { doubt: rows, own: [...rows].sort((a, b) => a.id.localeCompare(b.id, undefined, { numeric: true })), open: rows.filter((r) => !r.corrected) }[state.order];
  $("utterances").replaceChildren(...order.map((r) => make("option", { value: r.id, disabled: Boolean(r.why) }, `${r.corrected ? "✓ " : r.flags ? `⚑${r.flags} ` : ""}${r.id}: ${translated(r.why) || r.text}`)));
  $("utterances").value = state.id;
  $("counted").textContent = say.counted(rows.length, rows.filter((r) => r.flags).length, rows.filter((r) => r.corrected).length);
}

async function chooseSource(name) {
  if (state.source !== name) Object.assign(state, { source: name, id: "", seen: null, edge: 1 });
  keep();
  $("status").textContent = say.loading;
  rows = await reach(address()).then(checked).then((r) => r.json());
  $("status").textContent = "";
  if (!rows.some((r) => r.id === state.id && !r.why)) state.id = rows.find((r) => !r.why)?.id ?? "";
  list();
  document.body.dataset.listed = name;
  if (state.id) await choose(state.id, true); else trouble(rows[0] && { message: `${rows[0].id}: ${translated(rows[0].why)}\n→ ${say.make}` });
}

async function choose(id, again = false) {
  const mine = ++asked;
  sound?.stop();
  if (!again) Object.assign(state, { seen: null, edge: 1 });
  state.id = id;
  keep();
  $("utterances").value = id;
  const found = await Promise.all([reach(address(id)).then(checked).then((r) => r.json()), reach(address(id, "/audio")).then(checked).then((r) => r.arrayBuffer())]);
  if (mine !== asked) return; // another was chosen meanwhile
  told = found[0];
  const { samples, rate } = decoded(found[1]);
  sound = new Sound(samples, rate);
  tiers = new Tiers(told, state.drafts[draft()]);
  tiers.addEventListener("change", changed);
  $("work").hidden = false;
  trouble(null);
  view.current = again ? state.edge : tiers.flags[0]?.[0] || 1;
  view.open(tiers, sound, say, again ? state.seen : null);
  view.go(view.current, false);
  tell();
  document.body.dataset.opened = id;
}

function changed() {
  if (tiers.changed || tiers.done.length) state.drafts[draft()] = tiers.kept; else delete state.drafts[draft()];
  keep();
  if (tiers.at) { const k = tiers.at; delete tiers.at; view.go(k); }
  view.moved();
  tell();
}

// Everything around the picture.
function tell() {
  const folder = sources.find((s) => s.key === state.source).corrections, path = `${folder}/${told.id}.TextGrid`;
  $("h-work").textContent = told.id;
  $("text").textContent = told.text;
  $("text").lang = told.language;
  $("undo").disabled = !tiers.done.length;
  $("redo").disabled = !tiers.undone.length;
  $("save").disabled = !tiers.changed && Boolean(tiers.state);
  $("first").disabled = tiers.edges.every((e, k) => e === tiers.first[k]);
  $("doubt").disabled = !tiers.flags.length;
  $("place").textContent = tiers.changed ? say.unsaved : tiers.state ? say.place(path) : say.asFirst;
  $("learn").textContent = `alignment.corrections = "${folder}"`;
  $("flags").replaceChildren(...(tiers.flags.length
    ? tiers.flags.map(([k, why]) => make("li", {}, make("button", { type: "button", onclick: () => { view.go(k || 1); around(); } }, say.flag(tiers.labels[k], tiers.edges[k].toFixed(2), translated(why)))))
    : [make("li", { class: "soft" }, say.noFlags)]));
  document.body.dataset.changes = `${tiers.done.length}`;
}

async function save() {
  if ($("save").disabled) return;
  try {
    const saving = tiers, id = told.id;
    const reply = await reach(address(id), { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify({ ...saving.rows(), state: saving.state }) }).then(checked).then((r) => r.json());
    saving.wasSaved(reply.state);
    const row = rows.find((r) => r.id === id);
    Object.assign(row, { corrected: true, flags: 0 });
    list();
    view.draw();
    trouble(null);
    $("status").textContent = say.saved(`${sources.find((s) => s.key === state.source).corrections}/${id}.TextGrid`);
    document.body.dataset.saved = reply.state;
  } catch (error) { trouble(error); }
}

const around = () => { const t = tiers.edges[view.current]; sound.play(t - AROUND, Math.min(t + AROUND, tiers.seconds)); document.body.dataset.heard = `${view.current}`; };
const nudge = (by) => tiers.move(view.current, tiers.edges[view.current] + by);
const snap = () => tiers.move(view.current, zeroCrossing(sound.samples, sound.rate, tiers.edges[view.current]));
const seen = () => (sound.playing ? sound.stop() : sound.play(...view.seen));
function doubt() {
  const next = tiers.flags.find(([k]) => k > view.current) ?? tiers.flags[0];
  if (next) view.go(next[0] || 1);
}
function other(by) {
  const all = [...$("utterances").options].filter((o) => !o.disabled).map((o) => o.value), to = all[all.indexOf(state.id) + by];
  if (to) choose(to).catch(trouble);
}
function translate() {
  say = languages[tongue()];
  document.documentElement.lang = tongue();
  put(say);
  $("source").replaceChildren(...sources.map((s) => make("option", { value: s.key }, `${s.name} (${say.kinds[s.kind]})`)));
  $("source").value = state.source;
  if (rows.length) list();
  if (tiers) { view.say = say; view.moved(); tell(); }
}

const actions = { play: seen, around, doubt, zero: snap, undo: () => tiers.undo(), redo: () => tiers.redo(), nearer: () => view.zoom(0.5), farther: () => view.zoom(2), save, first: () => tiers.revert(), before: () => other(-1), after: () => other(1) };
for (const [id, act] of Object.entries(actions)) $(id).addEventListener("click", act);
$("source").addEventListener("change", () => chooseSource($("source").value).catch(trouble));
$("utterances").addEventListener("change", () => choose($("utterances").value).catch(trouble));
$("order").addEventListener("change", () => { state.order = $("order").value; keep(); list(); });
$("snap").addEventListener("change", () => { state.snap = $("snap").checked; keep(); });
$("language").addEventListener("change", () => { speakIn($("language").value); translate(); });
addEventListener("resize", () => { if (tiers) view.draw(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (tiers) view.draw(); });
addEventListener("keydown", (event) => {
  if (!tiers || typing(event) || event.altKey) return;
  const key = event.key.toLowerCase(), control = event.ctrlKey || event.metaKey, edge = event.target.closest(".edge"), step = event.shiftKey ? LARGE : SMALL;
  const act = control
    ? { z: event.shiftKey ? actions.redo : actions.undo, y: actions.redo, s: save }[key]
    : { n: doubt, z: snap, u: actions.undo, r: actions.redo, p: seen, s: save, "+": actions.nearer, "=": actions.nearer, "-": actions.farther, pageup: actions.before, pagedown: actions.after,
      ...(edge && { arrowleft: () => nudge(-step), arrowright: () => nudge(step), arrowup: () => view.go(view.current - 1), arrowdown: () => view.go(view.current + 1), home: () => view.go(1), end: () => view.go(tiers.inner), enter: around, " ": around }) }[key];
  if (!act || (event.target.closest("select") && !control)) return; // a list has keys of its own
  event.preventDefault();
  act();
});
(function tick() { if (sound) view.tick(); requestAnimationFrame(tick); })();

$("language").value = tongue();
$("order").value = state.order;
$("snap").checked = state.snap;
translate();
try {
  sources = await reach("../api/labels").then(checked).then((r) => r.json());
  if (!sources.length) throw new Error(say.none);
  const corpus = asks.one("corpus", sources.map((s) => s.name)), asked = sources.find((s) => s.name === corpus)?.key;
  if (asked && asked !== state.source) Object.assign(state, { source: asked, id: "", seen: null, edge: 1 });
  const name = sources.some((s) => s.key === state.source) ? state.source : sources[0].key;
  state.source ||= name;
  translate();
  $("source").value = name;
  await chooseSource(name);
  const id = asks.one("id", rows.filter((r) => !r.why).map((r) => r.id));
  if (id && id !== state.id) await choose(id);
  if (asks.trouble) trouble(asks.trouble);
} catch (error) { $("status").textContent = ""; trouble(error); }
