// SPDX-License-Identifier: Apache-2.0
// The panel Training: asks the server each second what a build has told, and draws what has changed.
import { make, typing } from "../../common/dom.js";
import { checked, reach } from "../api.js";
import { translated, trouble } from "../errors.js";
import { put } from "../strings.js";
import { speakIn, tongue } from "../tongue.js";
import { chart, colour, nearest, short } from "./chart.js";
import { languages } from "./strings.js";

const $ = (id) => document.getElementById(id);
const KEY = "synthkit-lab-training", EVERY = 1000, HIDDEN = 5000; // milliseconds
const state = { build: "", part: "", loss: "", step: "", cursor: null };
try { Object.assign(state, JSON.parse(sessionStorage.getItem(KEY) ?? "{}")); } catch { /* what another version kept */ }
const keep = () => sessionStorage.setItem(KEY, JSON.stringify(state));

let say = languages[tongue()], listed = [], told = null, player = null, failing = false;
const drawn = {};
// Whether what is to be drawn at a place is other than what stands there: nothing is taken from under a key.
const fresh = (place, ...what) => { const now = JSON.stringify([tongue(), ...what]); if (drawn[place] === now) return false; drawn[place] = now; return true; };
const ask = (path, options) => reach(`../api/trainings${path}`, options).then(checked).then((r) => r.json());
const part = () => told?.trainings.find((t) => t.stage === state.part) ?? told?.trainings.at(-1);
const validation = () => part()?.validations.find((v) => `${v.step}` === state.step) ?? part()?.validations[0];

async function look() {
  try {
    listed = await ask("");
    if (!listed.length) throw new Error(say.none);
    if (!listed.some((b) => b.key === state.build)) state.build = (listed.find((b) => b.state === "running") ?? listed[0]).key;
    const mine = state.build, found = await ask(`/${mine}`);
    if (mine !== state.build) return;
    told = found;
    show();
    if (failing) trouble(null);
    failing = false;
  } catch (error) {
    failing = true;
    $("start").disabled = $("stop").disabled = true; // of a build that is not known nothing can be begun
    trouble(error);
  }
}

function show() {
  if (fresh("which", listed)) {
    $("which").replaceChildren(...listed.map((b) => make("option", { value: b.key }, `${b.name} (${say.states[b.state]})`)));
    $("which").value = state.build;
  }
  const end = told.end.message ? `\n${told.end.where ? `${told.end.where}: ` : ""}${translated(told.end.message)}${told.end.hint ? `\n→ ${translated(told.end.hint)}` : ""}` : "";
  if (!["begins", "running"].includes(told.state)) stopping = "";
  const going = stopping === state.build;
  if (fresh("state", told.state, end, going)) $("state").textContent = going ? say.stopping : say.states[told.state] + end;
  $("where").textContent = told.where;
  $("start").disabled = !told.canStart || telling !== "";
  $("stop").disabled = !told.canStop || going || telling !== "";
  $("stages").hidden = told.run;
  if (fresh("stages", told.stages)) {
    $("stages").replaceChildren(...told.stages.map((s) => make("li", { class: s.broken ? "broken" : s.seconds !== null && !s.now ? "over" : "", ...(s.now && { "aria-current": "step" }) },
      s.seconds === null ? say.names[s.name] : say.took(say.names[s.name], s.seconds))));
  }
  $("far").hidden = !(told.state === "running" && told.label);
  if (!$("far").hidden) {
    if (told.total) { $("bar").max = told.total; $("bar").value = told.done; } else $("bar").removeAttribute("value");
    $("eta").textContent = say.eta(told.label, told.done, told.total, told.left);
  }
  if (fresh("said", told.said)) {
    const end = $("said").scrollHeight - $("said").scrollTop - $("said").clientHeight < 30;
    $("said").textContent = told.said.join("\n");
    if (end) $("said").scrollTop = $("said").scrollHeight;
  }
  $("training").hidden = !told.trainings.length;
  if (told.trainings.length) course();
  Object.assign(document.body.dataset, { state: told.state, steps: `${part()?.steps.at(-1) ?? ""}`, shown: told.key });
}

function course() {
  const t = part(), names = Object.keys(t.losses);
  $("some").hidden = told.trainings.length < 2;
  if (fresh("part", told.trainings.map((x) => x.stage))) $("part").replaceChildren(...told.trainings.map((x) => make("option", { value: x.stage }, say.names[x.stage] ?? x.stage)));
  $("part").value = t.stage;
  if (fresh("names", names)) $("loss").replaceChildren(make("option", { value: "" }, say.all), ...names.map((n, k) => make("option", { value: n, style: `color:${colour(k)}` }, n)));
  if (!names.includes(state.loss)) state.loss = names.includes("loss") ? "loss" : "";
  $("loss").value = state.loss;
  if (fresh("legend", names, state.loss)) $("legend").replaceChildren(...names.flatMap((n, k) => (state.loss && state.loss !== n ? [] : [make("span", { style: `color:${colour(k)}` }, n)])));
  if (fresh("curve", t.steps.length, t.steps.at(-1), state.loss, t.stage, state.cursor)) curves();
  if (fresh("words", t.words)) {
    $("words").replaceChildren(...(t.words.length ? t.words.map((w) => make("li", { class: "word" }, say.word(w.step, translated(w.text)))) : [make("li", { class: "soft" }, say.nothing)]));
  }
  $("validated").hidden = !t.validations.length;
  if (!t.validations.length) return;
  if (fresh("validations", t.validations.map((v) => v.step))) {
    $("step").replaceChildren(make("option", { value: "" }, `${say.newest} (${t.validations[0].step})`), ...t.validations.map((v) => make("option", { value: `${v.step}` }, `${v.step}`)));
  }
  $("step").value = t.validations.some((v) => `${v.step}` === state.step) ? state.step : "";
  const v = validation();
  if (!fresh("validation", told.key, t.stage, v)) return;
  const place = `../api/trainings/${told.key}/${t.stage}/${v.folder}`;
  $("figures").textContent = v.said;
  $("sounds").replaceChildren(...v.sounds.map((s, k) => make("li", {}, make("button", { type: "button", "data-url": `${place}/${encodeURIComponent(s.id)}.wav`, onclick: (e) => hear(e.currentTarget.dataset.url) }, say.hear(k + 1, s.text || s.id)))));
  $("attention").hidden = !v.picture;
  if (v.picture) { $("attention").src = `${place}/alignment.png`; $("attention").alt = say.attention(v.step); }
  document.body.dataset.validation = `${v.step}`;
}

function curves() {
  const t = part(), lines = Object.entries(t.losses), shown = lines.map(([n, v]) => [n, state.loss && n !== state.loss ? v.map(() => null) : v]);
  const cursor = state.cursor !== null && state.cursor < t.steps.length ? state.cursor : null;
  chart($("curve"), t.steps, shown, cursor);
  chart($("rate"), t.steps, [["lr", t.lr]], cursor);
  const at = cursor ?? t.steps.length - 1, real = shown.filter(([, v]) => v.some((x) => x !== null));
  const now = at < 0 ? "" : say.at(t.steps[at], real.filter(([, v]) => v[at] !== null).map(([n, v]) => `${n} ${short(v[at])}`).join(", "), t.lr[at] === null ? null : short(t.lr[at]));
  $("at").textContent = now;
  const name = real.map(([n, v]) => say.curve(n, short(v.find((x) => x !== null)), short(v.findLast((x) => x !== null)), t.steps.at(-1))).join("; ");
  $("curve").setAttribute("aria-label", name || say.losses);
  $("curve").setAttribute("aria-valuemin", `${t.steps[0] ?? 0}`);
  $("curve").setAttribute("aria-valuemax", `${t.steps.at(-1) ?? 0}`);
  $("curve").setAttribute("aria-valuenow", `${t.steps[at] ?? 0}`);
  $("curve").setAttribute("aria-valuetext", now);
  $("rate").setAttribute("aria-label", say.rate);
}
function go(k) {
  const steps = part().steps;
  state.cursor = k === null ? null : Math.min(Math.max(k, 0), steps.length - 1);
  keep();
  curves();
}
function hear(url) {
  player?.pause();
  player = new Audio(url);
  player.play().then(() => { document.body.dataset.heard = url; }).catch(trouble);
}
let telling = "";
async function tell(what) {
  if (telling) return;
  telling = what;
  $("start").disabled = $("stop").disabled = true;
  if (what === "stop") $("state").textContent = say.stopping;
  try { told = await ask(`/${state.build}/${what}`, { method: "POST" }); trouble(null); } catch (error) { trouble(error); failing = true; }
  if (what === "stop") stopping = told?.state === "stopped" ? "" : state.build;
  telling = "";
  show();
}
let stopping = ""; // the build that was asked to stop, until it has
const start = () => { if (!$("start").disabled) tell("start"); }, stop = () => { if (!$("stop").disabled) tell("stop"); };

function translate() {
  say = languages[tongue()];
  document.documentElement.lang = tongue();
  put(say);
  if (told) show();
}
$("start").addEventListener("click", start);
$("stop").addEventListener("click", stop);
$("which").addEventListener("change", () => { Object.assign(state, { build: $("which").value, part: "", step: "", cursor: null }); keep(); look(); });
$("part").addEventListener("change", () => { Object.assign(state, { part: $("part").value, step: "", cursor: null }); keep(); show(); });
$("loss").addEventListener("change", () => { state.loss = $("loss").value; keep(); show(); });
$("step").addEventListener("change", () => { state.step = $("step").value; keep(); show(); });
$("language").addEventListener("change", () => { speakIn($("language").value); translate(); });
$("curve").addEventListener("click", (event) => go(nearest($("curve"), part().steps, event.offsetX)));
$("curve").addEventListener("keydown", (event) => {
  const last = part().steps.length - 1, k = state.cursor ?? last;
  const to = { ArrowLeft: k - 1, ArrowRight: k + 1, PageUp: k - 20, PageDown: k + 20, Home: 0, End: last, Escape: null }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  go(to);
});
addEventListener("resize", () => { if (told?.trainings.length) curves(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (told?.trainings.length) curves(); });
addEventListener("keydown", (event) => {
  if (!told || typing(event) || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select")) return;
  const sound = /^[1-9]$/.test(event.key) && $("sounds").querySelectorAll("button")[+event.key - 1];
  const act = sound ? () => hear(sound.dataset.url) : { g: start, t: stop }[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

$("language").value = tongue();
translate();
(async function round() {
  await look();
  keep();
  setTimeout(round, document.hidden ? HIDDEN : EVERY);
})();
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
