// SPDX-License-Identifier: Apache-2.0
// The page: what is asked for lives in `state`, which a tab of its own keeps over a reload.
import { make, typing } from "../common/dom.js";
import * as api from "./api.js";
import { Lanes } from "../common/lanes.js";
import { Lattice } from "../common/lattice.js";
import { Player, context, once } from "../common/player.js";
import { languages, put } from "./strings.js";
import * as why from "../common/why.js";

const $ = (id) => document.getElementById(id);
const KEY = "synthkit-lab", TEXTS = { ru: "Сегодня хорошая погода, и мы пойдём гулять.", en: "The weather is fine today, and we shall go for a walk." };
const state = { language: navigator.language.startsWith("ru") ? "ru" : "en", text: "", voice: "", vocoder: "", speed: 1, options: {}, force: {}, forbid: [], exclude: [] };
try { Object.assign(state, JSON.parse(sessionStorage.getItem(KEY) ?? "{}")); } catch { /* what another version kept */ }
const keep = () => sessionStorage.setItem(KEY, JSON.stringify(state));

let say = languages[state.language], voices = [], parts = null, vocoders = null, now = null, before = null, changing = false;
const player = new Player(), lanes = new Lanes($("lanes"), player, looked), lattice = new Lattice($("lattice"), candidate);

const wanted = () => {
  const menu = vocoders?.find((v) => v.name === state.vocoder);
  const options = why.nested(state.options);
  if (Object.keys(state.force).length) options.force = state.force;
  if (state.forbid.length) options.forbid = state.forbid;
  const out = { text: state.text, voice: state.voice, speed: state.speed, options, exclude: state.exclude };
  return menu && !menu.own ? { ...out, vocoder: menu.name, adapters: menu.adapters } : out;
};
function trouble(error) {
  if (error?.name === "AbortError") return;
  $("trouble").textContent = error ? error.message : "";
  $("trouble").hidden = !error;
}

// Speak what is asked for. Of a row of small changes, what was heard before the first is "before".
async function speak({ small = false } = {}) {
  keep();
  const began = performance.now();
  if (!small) $("status").textContent = say.speaking;
  try {
    const told = await api.speak(wanted());
    if (!(small && changing)) before = now;
    changing = small;
    now = told;
    player.set(0, before?.samples, before?.sample_rate);
    player.set(1, now.samples, now.sample_rate);
    player.choose(1);
    show();
    trouble(null);
    if (now.units) candidates();
    const ms = Math.round(performance.now() - began);
    $("status").textContent = say.said(now.seconds, ms);
    document.body.dataset.spoken = `${+(document.body.dataset.spoken ?? 0) + 1}`;
    document.body.dataset.ms = `${ms}`;
  } catch (error) { $("status").textContent = ""; trouble(error); }
}

function show() {
  $("result").hidden = false;
  $("hear-a").disabled = !before;
  $("stages").textContent = Object.entries(now.spent).map(([stage, s]) => `${say.stage[stage] ?? stage} ${(1000 * s).toFixed(1)} ${say.ms}`).join(" · ") + ` · ${now.predicted.join(", ")}`;
  lanes.show(now, say);
  $("why").hidden = !now.units;
  if (now.units) {
    $("costs").textContent = say.costs(now.cost, now.joins, now.units.length) + (before?.units ? say.changed(before.cost, before.joins) : "");
    $("kept").textContent = say.kept(state.forbid.length, Object.keys(state.force).length, state.exclude.length);
    why.beside($("beside"), before, now, say);
  }
  transport();
}

// The candidates come after the path, once the weights have been at rest for a moment.
let later = 0;
function candidates() {
  clearTimeout(later);
  const told = now;
  later = setTimeout(() => api.lattice(wanted()).then((pieces) => {
    if (told !== now || !pieces.length) return;
    // Pieces of a longer text stand beside one another, each with its own recordings.
    const places = pieces.flatMap((p) => p.places.map((place) => ({ ...place, sources: p.sources })));
    const all = pieces.reduce((n, p) => n + p.all, 0);
    $("looked").textContent = say.looked(all, places.reduce((n, p) => n + p.candidates.length, 0));
    lattice.show({ ...pieces[0], places }, say, before?.units);
    document.body.dataset.lattice = `${all}`;
  }).catch(trouble), 150);
}

// A unit was looked at: what it costs, and what can be done with it.
function panel(u, hear) {
  const again = (change) => () => { change(u); speak(); };
  why.unit($("unit"), u, say, {
    hear,
    forbid: parts?.forbid && again((x) => { delete state.force[x.place]; state.forbid = [...new Set([...state.forbid, x.index])]; }),
    force: parts?.forbid && again((x) => { state.force[x.place] = x.index; }),
    leave: parts?.forbid && again((x) => { state.exclude = [...new Set([...state.exclude, x.source])]; }),
  });
}
function candidate(u, hear) {
  const play = () => sounded(api.recording(u, wanted()), u);
  panel(u, play);
  if (hear) play();
}

function looked(k, hear) {
  const u = now.units[k], play = () => sounded(api.unit(k, wanted()), u);
  panel(u, play);
  if (hear) play();
}
const sounded = (bytes, u) => { context(); player.pause(); bytes.then(once).then((s) => { document.body.dataset.unit = `${u.index} ${s.toFixed(3)}`; }).catch(trouble); };

function transport() {
  $("play").textContent = player.playing ? say.pause : say.play;
  $("play").setAttribute("aria-pressed", `${player.playing}`);
  $("hear-a").setAttribute("aria-pressed", `${player.current === 0}`);
  $("hear-b").setAttribute("aria-pressed", `${player.current === 1}`);
  document.body.dataset.playing = player.playing ? (player.current ? "now" : "before") : "";
}
player.addEventListener("change", transport);
(function tick() {
  if (now) { $("position").textContent = `${player.position.toFixed(2)} / ${player.duration.toFixed(2)} ${say.s}`; lanes.tick(); }
  requestAnimationFrame(tick);
})();

async function choose(name) {
  state.voice = name;
  const about = voices.find((v) => v.name === name);
  document.querySelector("textarea").lang = about.languages[0];
  parts = vocoders = null;
  $("vocoder").replaceChildren(make("option", { value: about.vocoder }, about.vocoder));
  const sliders = api.parts(name).then((found) => {
    if (state.voice !== name) return;
    parts = found;
    menus();
    if (now?.units && lanes.buttons) looked(lanes.current, false);
  });
  const fitting = api.vocoders(name).then((found) => {
    if (state.voice !== name) return;
    vocoders = found;
    vocoderMenu(); // and nothing else: a slider may be in somebody's hand
  });
  return Promise.all([sliders, fitting]).catch(trouble);
}

function vocoderMenu() {
  $("vocoder").replaceChildren(...vocoders.map((v) => make("option", { value: v.name },
    `${v.name} (${v.own ? say.own : v.fits ? (v.adapters.length ? `${say.over} ${v.adapters.join(", ")}` : "✓") : say.unfit})`)));
  if (!vocoders.some((v) => v.name === state.vocoder && v.fits)) state.vocoder = vocoders[0].name;
  $("vocoder").value = state.vocoder;
  document.body.dataset.vocoders = state.voice;
}

function menus() {
  if (vocoders) vocoderMenu();
  if (!parts) return;
  why.sliders($("sliders"), parts.sliders, state.options, (name, value) => {
    if (value === undefined) delete state.options[name]; else state.options[name] = value;
    speak({ small: true });
  });
  document.body.dataset.parts = state.voice;
}

function translate() {
  say = languages[state.language];
  document.documentElement.lang = state.language;
  put(say);
  menus();
  if (now) show();
}

$("ask").addEventListener("submit", (event) => { event.preventDefault(); context(); state.text = $("text").value; speak().then(() => player.play(0)); });
$("text").addEventListener("input", () => { state.text = $("text").value; keep(); });
$("voice").addEventListener("change", () => {
  const old = TEXTS[voices.find((v) => v.name === state.voice).languages[0].slice(0, 2)];
  const fresh = TEXTS[voices.find((v) => v.name === $("voice").value).languages[0].slice(0, 2)];
  if (fresh && state.text === old) $("text").value = state.text = fresh;
  Object.assign(state, { options: {}, force: {}, forbid: [], exclude: [], vocoder: "" });
  choose($("voice").value);
  speak();
});
$("vocoder").addEventListener("change", () => {
  const found = vocoders.find((v) => v.name === $("vocoder").value);
  $("unfit").hidden = found.fits;
  $("unfit").textContent = found.fits ? "" : found.why;
  if (!found.fits) return;
  state.vocoder = found.name;
  speak();
});
$("speed").addEventListener("change", () => { state.speed = +$("speed").value || 1; speak(); });
$("language").addEventListener("change", () => { state.language = $("language").value; keep(); translate(); });
$("play").addEventListener("click", () => { context(); player.toggle(); });
$("hear-a").addEventListener("click", () => player.choose(0));
$("hear-b").addEventListener("click", () => player.choose(1));
$("reset").addEventListener("click", () => { Object.assign(state, { options: {}, force: {}, forbid: [], exclude: [] }); menus(); speak(); });
addEventListener("resize", () => { if (now) lanes.show(now, say); });
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); $("ask").requestSubmit(); return; }
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
  const unit = event.target.closest(".units button, #lattice") && now?.units;
  const act = { " ": () => { context(); player.toggle(); }, 1: () => player.choose(0), 2: () => player.choose(1),
    f: unit && (() => $("forbid")?.click()), r: unit && (() => $("force")?.click()), l: unit && (() => $("leave")?.click()) }[event.key.toLowerCase()];
  if (!act || !now || (event.key === " " && event.target.closest("button") && !unit)) return;
  event.preventDefault();
  act();
});

put(say);
document.documentElement.lang = state.language;
$("language").value = state.language;
try {
  const found = await api.voices();
  voices = found.voices;
  if (!voices.length) throw new Error(say.voiceMissing);
  $("voice").replaceChildren(...voices.map((v) => make("option", { value: v.name }, `${v.name} (${v.languages.join(", ")}; ${v.acoustic_model})`)));
  if (!voices.some((v) => v.name === state.voice)) Object.assign(state, { voice: found.default, options: {}, force: {}, forbid: [], exclude: [], vocoder: "" });
  $("voice").value = state.voice;
  $("text").value = state.text ||= TEXTS[voices.find((v) => v.name === state.voice).languages[0].slice(0, 2)] ?? "";
  $("speed").value = `${state.speed}`;
  // The voice's own vocoder speaks at once; another one that a reload kept has to be known first.
  const own = voices.find((v) => v.name === state.voice).vocoder;
  const other = state.vocoder && state.vocoder !== own;
  if (other) await choose(state.voice);
  await speak();
  if (!other) choose(state.voice);
} catch (error) { trouble(error); }
