// SPDX-License-Identifier: Apache-2.0
// The page: what is asked for lives in `state`, which a tab of its own keeps over a reload.
import { make, typing } from "../common/dom.js";
import { Address } from "./addressed.js";
import * as api from "./api.js";
import { translated, trouble } from "./errors.js";
import { Lanes } from "../common/lanes.js";
import { Lattice } from "../common/lattice.js";
import { Player, context, once } from "../common/player.js";
import { Stages } from "./parts.js";
import { Said } from "./said.js";
import { languages, put } from "./strings.js";
import * as why from "../common/why.js";

const $ = (id) => document.getElementById(id);
const KEY = "synthkit-lab", LONGEST = 2000, TEXTS = { ru: "Сегодня хорошая погода, и мы пойдём гулять.", en: "The weather is fine today, and we shall go for a walk." };
const state = { language: navigator.language.startsWith("ru") ? "ru" : "en", text: "", voice: "", segmentation: "", vocoder: "", speed: 1, options: {}, force: {}, forbid: [], exclude: [] };
try { Object.assign(state, JSON.parse(sessionStorage.getItem(KEY) ?? "{}")); } catch { /* what another version kept */ }
const PANELS = ["edit", "bench", "labels", "training"], asks = new URLSearchParams(location.search), there = asks.get("panel");
if (PANELS.includes(there)) { // it has a page of its own
  asks.delete("panel");
  location.replace(`${there}/?${asks}`);
  await new Promise(() => {});
}
const address = new Address();
const UNSET = Object.freeze({ options: {}, force: {}, forbid: [], exclude: [] });
const keep = () => sessionStorage.setItem(KEY, JSON.stringify(state));

let say = languages[state.language], voices = [], parts = null, now = null, before = null, changing = false;
const stages = new Stages({ trouble, chosen });
const player = new Player(), lanes = new Lanes($("lanes"), player, looked), lattice = new Lattice($("lattice"), candidate);

const wanted = () => {
  const options = why.nested(state.options);
  if (Object.keys(state.force).length) options.force = state.force;
  if (state.forbid.length) options.forbid = state.forbid;
  const out = { text: state.text, voice: state.voice, speed: state.speed, options, exclude: state.exclude };
  const other = (stage) => stages.choices(stage).find((c) => c.name === state[stage] && c.fits && !c.own);
  const [segmentation, vocoder] = [other("segmentation"), other("vocoder")];
  return { ...out, ...(segmentation && { segmentation: segmentation.name }), ...(vocoder && { vocoder: vocoder.name, adapters: vocoder.adapters }) };
};

// Speak what is asked for, piece by piece. The first is heard and drawn while the next is made; while something is being
// played, or of a row of small changes, both sounds change places when all of the new one is there. Of such a row, what
// was heard before the first is "before".
let turn = null, status = () => "";
const tell = (text) => { status = text; $("status").textContent = text(); };
async function speak({ small = false, play = false } = {}) {
  keep();
  turn?.abort();
  const mine = turn = new AbortController(), began = performance.now(), live = play || !(small || player.playing);
  const fresh = Object.assign(new Said(), { asked: state.text }), about = voices.find((v) => v.name === state.voice);
  fresh.part = { segmentation: state.segmentation || about.segmentation, acoustic_model: about.acoustic_model, vocoder: state.vocoder || about.vocoder };
  if (!small) tell(() => say.speaking);
  transport();
  try {
    for await (const told of api.pieces(wanted(), mine.signal)) {
      if (mine !== turn) return;
      const piece = fresh.add(told);
      if (fresh.pieces.length === 1) {
        document.body.dataset.first = `${Math.round(performance.now() - began)}`;
        trouble(null);
      }
      if (live) grow(fresh, piece, small, play);
      if (fresh.of > fresh.pieces.length) tell(() => say.making(fresh.pieces.length, fresh.of, fresh.seconds));
    }
    fresh.complete = true;
    if (mine !== turn) return;
    done(fresh, { small, live });
    const ms = Math.round(performance.now() - began);
    tell(() => say.said(fresh.seconds, ms) + (fresh.of > 1 ? say.soon(fresh.of, document.body.dataset.first) : ""));
    document.body.dataset.spoken = `${+(document.body.dataset.spoken ?? 0) + 1}`;
    document.body.dataset.ms = `${ms}`;
  } catch (error) {
    if (mine !== turn) return; // another has been asked for since
    const stopped = error.name === "AbortError";
    if (fresh.pieces.length && live) done(fresh, { small, live });
    tell(() => (fresh.pieces.length && live ? say.stopped(fresh.pieces.length, fresh.of, fresh.seconds) : stopped ? say.stoppedSoon : ""));
    document.body.dataset.stopped = `${fresh.pieces.length}`;
    if (!stopped) trouble(error);
  } finally { if (mine === turn) { turn = null; transport(); } }
}

// The unit that is looked at, by its place in the path of a text and a voice.
let looking = null;
const same = () => looking && now?.units && looking.text === now.asked && looking.voice === state.voice && looking.place < now.units.length;
function renew(fresh, small) {
  if (!(small && changing) && (now?.complete || !before)) before = now;
  changing = small;
  now = fresh;
  if (!same()) nothing();
}
function nothing() { looking = null; $("unit").replaceChildren(); } // a unit of another path is none of this one's

// A piece has come: it is laid behind those before it, in the lanes and in the player.
function grow(fresh, piece, small, play) {
  const first = fresh.pieces.length === 1;
  if (first) {
    renew(fresh, small);
    $("result").hidden = false;
    player.load(0, before?.pieces);
    player.choose(1);
    player.begin(1);
    lanes.begin(now, say, fresh.of === 1 ? piece.seconds : 0);
  }
  player.grow(1, piece.samples, piece.sample_rate);
  lanes.add(piece, now);
  told();
  if (first && play) player.play(0);
}

function done(fresh, { small, live }) {
  if (live) {
    player.end(1);
    lanes.end(now);
  } else {
    renew(fresh, small);
    player.load(0, before?.pieces);
    player.load(1, now.pieces);
    player.choose(1);
    lanes.show(now, say);
  }
  show({ drawn: true });
  if (now.units && now.complete) candidates();
}

function stop() {
  turn?.abort();
  if (player.playing) player.pause();
}

// How long each stage took, above the lanes and at each stage's own.
function told() {
  const took = (stage, s) => `${say.stage[stage] ?? stage} ${(1000 * s).toFixed(1)} ${say.ms}`;
  $("stages").textContent = Object.entries(now.spent).map(([stage, s]) => took(stage, s)).join(" · ") + ` · ${now.given}`;
  $("notes").textContent = now.notes.map((note) => translated(note)).join(" · ");
  $("notes").hidden = !now.notes.length;
  lanes.stages(Object.fromEntries(Object.entries(now.spent).map(([stage, s]) => [stage, `${say.stage[stage] ?? stage}: ${now.part[stage]} · ${(1000 * s).toFixed(1)} ${say.ms}`])));
}

// The unit that had the keyboard when it was forbidden, forced or left out: the path is drawn anew, and it has it again.
let focused = -1;
function show({ drawn = false } = {}) {
  $("result").hidden = false;
  if (!drawn) lanes.show(now, say);
  told();
  $("why").hidden = !now.units;
  if (now.units) {
    $("costs").textContent = say.costs(now.cost, now.joins, now.units.length) + (before?.units ? say.changed(before.cost, before.joins) : "");
    $("kept").textContent = say.kept(state.forbid.length, Object.keys(state.force).length, state.exclude.length);
    why.beside($("beside"), before, now, say);
    if (same()) looked(looking.place, false); else nothing();
    const buttons = document.querySelectorAll(".units button");
    if (focused >= 0) buttons[Math.min(focused, buttons.length - 1)]?.focus();
    focused = -1;
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

// A unit was looked at: what it costs, and what can be done with it. Places are counted in a piece, so that of a text of
// several none can be named.
function panel(u, hear) {
  const again = (change) => () => { change(u); speak(); };
  why.unit($("unit"), u, say, {
    hear,
    forbid: parts?.forbid && again((x) => { delete state.force[x.place]; state.forbid = [...new Set([...state.forbid, x.index])]; }),
    force: parts?.forbid && now.of === 1 && again((x) => { state.force[x.place] = x.index; }),
    leave: parts?.forbid && again((x) => { state.exclude = [...new Set([...state.exclude, x.source])]; }),
  });
}
function candidate(u, hear) {
  looking = null;
  const play = () => sounded(api.recording(u, wanted()), u);
  panel(u, play);
  if (hear) play();
}

function looked(k, hear) {
  looking = { place: k, text: now.asked, voice: state.voice };
  const u = now.units[k], play = () => sounded(api.unit(k, wanted()), u);
  panel(u, play);
  if (hear) play();
}
const sounded = (bytes, u) => { context(); player.pause(); bytes.then(once).then((s) => { document.body.dataset.unit = `${u.index} ${s.toFixed(3)}`; }).catch(trouble); };

function transport() {
  $("hear-a").disabled = !before;
  $("stop").disabled = !turn && !player.playing;
  $("save").disabled = !now?.pieces.length;
  document.body.dataset.making = turn ? "yes" : "";
  $("play").textContent = player.playing ? say.pause : say.play;
  $("play").setAttribute("aria-pressed", `${player.playing}`);
  $("hear-a").setAttribute("aria-pressed", `${player.current === 0}`);
  $("hear-b").setAttribute("aria-pressed", `${player.current === 1}`);
  document.body.dataset.playing = player.playing ? (player.current ? "now" : "before") : "";
}
player.addEventListener("change", transport);
(function tick() {
  if (now) { $("position").textContent = `${player.position.toFixed(2)} / ${player.duration.toFixed(2)}${turn && now.of > now.pieces.length ? " …" : ""} ${say.s}`; lanes.tick(); }
  requestAnimationFrame(tick);
})();

async function choose(name) {
  state.voice = name;
  const about = voices.find((v) => v.name === name);
  document.querySelector("textarea").lang = about.languages[0];
  parts = null;
  nothing();
  stages.begin(about, say);
  const sliders = api.parts(name).then((found) => {
    if (state.voice !== name) return;
    parts = found;
    menus();
    if (now?.units && lanes.buttons?.length) looked(lanes.current, false);
  });
  const fitting = stages.load(state.vocoder).then((current) => { if (current) stageMenus(); }); // and nothing else: a slider may be in somebody's hand
  return Promise.all([sliders, fitting]).catch(trouble);
}

// What does not fit this voice is no longer asked for.
function stageMenus() {
  for (const stage of ["segmentation", "vocoder"]) if (!stages.choices(stage).some((c) => c.name === state[stage] && c.fits)) state[stage] = "";
  stages.show(state, say);
  document.body.dataset.vocoders = state.voice;
}

function menus() {
  if (stages.found) stageMenus();
  if (!parts) return;
  why.sliders($("sliders"), parts.sliders.map((s) => ({ ...s, about: translated(s.about) })), state.options, (name, value) => {
    if (value === undefined) delete state.options[name]; else state.options[name] = value;
    speak({ small: true });
  });
  document.body.dataset.parts = state.voice;
}

// Another part that fits. The model of another voice brings that voice, which goes on with this vocoder.
async function chosen(stage, found) {
  if (stage === "acoustic_model") {
    const vocoder = state.vocoder || voices.find((v) => v.name === state.voice).vocoder;
    Object.assign(state, { ...structuredClone(UNSET), segmentation: "", vocoder });
    $("voice").value = found.voice;
    await choose(found.voice);
  } else state[stage] = found.own ? "" : found.name;
  if (stage === "vocoder") stages.load(state.vocoder).then((current) => { if (current) stageMenus(); }).catch(trouble);
  speak();
}

function translate() {
  say = languages[state.language];
  document.documentElement.lang = state.language;
  put(say);
  tell(status);
  menus();
  if (now) show();
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  context();
  if (now && now.asked !== $("text").value) state.force = {}; // places of another text
  state.text = $("text").value;
  speak({ play: true });
});
$("text").addEventListener("input", () => { state.text = $("text").value; keep(); });
$("voice").addEventListener("change", () => {
  const old = TEXTS[voices.find((v) => v.name === state.voice).languages[0].slice(0, 2)];
  const fresh = TEXTS[voices.find((v) => v.name === $("voice").value).languages[0].slice(0, 2)];
  if (fresh && state.text === old) $("text").value = state.text = fresh;
  Object.assign(state, { ...structuredClone(UNSET), segmentation: "", vocoder: "" });
  choose($("voice").value);
  speak();
});
$("speed").addEventListener("change", () => {
  const field = $("speed"), asked = Number(field.value.trim().replace(",", ".") || NaN), { low, high } = field.dataset;
  if (Number.isFinite(asked)) state.speed = Math.min(Math.max(asked, +low), +high);
  const held = field.value.trim() && asked !== state.speed;
  const typed = field.value;
  field.value = `${state.speed}`; // what it is spoken at, not what was typed
  speak();
  $("limited").textContent = held ? say.limited(typed, low, high, state.speed) : "";
});
$("language").addEventListener("change", () => { state.language = $("language").value; keep(); translate(); });
$("play").addEventListener("click", () => { context(); player.toggle(); });
$("stop").addEventListener("click", stop);
$("nearer").addEventListener("click", () => { if (now && !turn) lanes.zoom(1.5); });
$("farther").addEventListener("click", () => { if (now && !turn) lanes.zoom(1 / 1.5); });
$("save").addEventListener("click", () => {
  const link = make("a", { href: URL.createObjectURL(new Blob([now.wav()], { type: "audio/wav" })), download: `${state.voice}.wav` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});
$("hear-a").addEventListener("click", () => player.choose(0));
$("hear-b").addEventListener("click", () => player.choose(1));
$("reset").addEventListener("click", () => { Object.assign(state, structuredClone(UNSET)); menus(); speak(); });
addEventListener("resize", () => { if (now && !turn) lanes.fit(); });
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); $("ask").requestSubmit(); return; }
  if (event.key === "Escape" && (turn || player.playing) && !event.target.closest("select")) { event.preventDefault(); stop(); return; }
  const field = event.target.closest("select, input"), free = { range: " 12", checkbox: "12" }[field?.type] ?? ""; // keys that mean nothing there
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || (field && !free.includes(event.key))) return;
  const unit = event.target.closest(".units button, #lattice") && now?.units;
  const act = { " ": () => { context(); player.toggle(); }, 1: () => player.choose(0), 2: () => player.choose(1),
    f: unit && (() => $("forbid")?.click()), r: unit && (() => $("force")?.click()), l: unit && (() => $("leave")?.click()) }[event.key.toLowerCase()];
  const among = unit && event.target.closest(".units button");
  if (among && "frl".includes(event.key.toLowerCase())) focused = [...among.parentElement.children].indexOf(among);
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
  if (!voices.some((v) => v.name === state.voice)) Object.assign(state, { ...structuredClone(UNSET), voice: (voices.find((v) => v.languages[0].startsWith(state.language)) ?? { name: found.default }).name, segmentation: "", vocoder: "" });
  addressed();
  $("voice").value = state.voice;
  $("text").value = state.text ||= TEXTS[voices.find((v) => v.name === state.voice).languages[0].slice(0, 2)] ?? "";
  $("speed").value = `${state.speed}`;
  // The voice's own parts speak at once; others that a reload kept have to be known first.
  const own = voices.find((v) => v.name === state.voice), other = ["segmentation", "vocoder"].some((stage) => state[stage] && state[stage] !== own[stage]);
  const asked = state.vocoder;
  if (other) await choose(state.voice);
  if (asked && !state.vocoder && address.given) address.unfit("vocoder", asked);
  await speak();
  if (!other) choose(state.voice);
  if (address.trouble) trouble(address.trouble);
  if (address.panel === "why") $("why").scrollIntoView();
} catch (error) { trouble(error); }

// What the address asks for, in place of what the tab has kept.
function addressed() {
  const asked = {
    voice: address.one("voice", voices.map((v) => v.name)), text: address.text("text", LONGEST),
    vocoder: address.text("vocoder", 100), speed: address.number("speed", 0.5, 2),
  };
  address.panel = address.one("panel", ["speak", "why", ...PANELS]);
  if (asked.voice && asked.voice !== state.voice) Object.assign(state, { ...structuredClone(UNSET), segmentation: "", vocoder: "", text: "" });
  if (asked.text !== undefined) state.force = {}; // places of another text
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) state[name] = value;
}
