// SPDX-License-Identifier: Apache-2.0
// The panel: a recording, a copy of it with something changed, heard and seen against each other. A tab keeps its own over a reload.
import { make, typing } from "../../common/dom.js";
import { spectrogram } from "../../common/drawing.js";
import { Player, context, sixteen } from "../../common/player.js";
import { Address } from "../addressed.js";
import * as api from "../api.js";
import { translated, trouble } from "../errors.js";
import { put } from "../strings.js";
import { speakIn, tongue } from "../tongue.js";
import { languages } from "./strings.js";
import { agreement, difference, tracks } from "./views.js";

const $ = (id) => document.getElementById(id), all = (query) => [...document.querySelectorAll(query)];
const KEY = "synthkit-lab-bench", NARROWEST = 90, HEIGHT = 120;
const PLAIN = { cepstra: null, formants: 1, f0: "own", semitones: 0, noise: 0, phase: "vocoder" };
const state = { kind: "corpus", corpus: "", id: "", upload: "", voice: "", text: "", vocoder: "world", features: "", changes: { ...PLAIN }, a: "dio", b: "yin" };
try { Object.assign(state, JSON.parse(sessionStorage.getItem(KEY) ?? "{}")); } catch { /* what another version kept */ }
const keep = () => sessionStorage.setItem(KEY, JSON.stringify(state)), address = new Address();

let say = languages[tongue()], parts = null, voices = [], original = null, copy = null, waiting = 0, looking = 0, width = 0;
const player = new Player();
const decoded = (told) => { told.samples = sixteen(told.audio); delete told.audio; return told; };
const source = () => ({ corpus: { kind: "corpus", corpus: state.corpus, id: state.id }, upload: { kind: "upload", id: state.upload }, voice: { kind: "voice", voice: state.voice, text: state.text } })[state.kind];
const ready = () => ({ corpus: state.id, upload: state.upload, voice: state.text.trim() })[state.kind];

async function look() {
  keep();
  if (!ready()) return;
  const turn = ++looking;
  $("status").textContent = say.copying;
  try {
    const found = await api.post("api/bench/original", { source: source(), trackers: [...new Set([state.a, state.b])] }).then((r) => r.json());
    if (turn !== looking) return;
    original = decoded(found);
    player.set(0, original.samples, original.sample_rate);
    await make_copy();
  } catch (error) { $("status").textContent = ""; trouble(error); }
}

let asking = null;
async function make_copy() {
  clearTimeout(waiting);
  keep();
  if (!original) return;
  asking?.abort();
  asking = new AbortController();
  const began = performance.now();
  $("status").textContent = say.copying;
  try {
    const wanted = { source: source(), vocoder: state.vocoder, features: state.features || null, changes: state.changes };
    copy = decoded(await api.post("api/bench/copy", wanted, asking.signal).then((r) => r.json()));
    player.set(1, copy.samples, copy.sample_rate);
    trouble(null);
    copy.ms = Math.round(performance.now() - began);
    $("status").textContent = "";
    show();
    document.body.dataset.copied = `${+(document.body.dataset.copied ?? 0) + 1}`;
  } catch (error) { if (error.name !== "AbortError") $("status").textContent = ""; trouble(error); }
}
const later = () => { keep(); clearTimeout(waiting); waiting = setTimeout(make_copy, 250); };

function show() {
  if (!copy) return;
  $("how").textContent = say.made(translated(copy.how), copy.ms);
  $("result").hidden = false;
  width = Math.max($("lanes").clientWidth - 18, original.seconds * NARROWEST);
  spectrogram($("spectrum-a"), width, HEIGHT, original.samples, original.sample_rate, [], original.seconds);
  // Both on one clock: of the copy what lasts as long as the original.
  const span = Math.round(original.seconds * copy.sample_rate), samples = new Float32Array(span);
  samples.set(copy.samples.subarray(0, span));
  spectrogram($("spectrum-b"), width, HEIGHT, samples, copy.sample_rate, [], original.seconds);
  const db = difference($("difference"), width, HEIGHT, original, copy);
  const a = original.tracks[state.a] ?? [], b = original.tracks[state.b] ?? [];
  tracks($("tracks"), width, HEIGHT, original.seconds, [
    { points: copy.tracks.yin, colour: "--c", dashed: true }, { points: a, colour: "--a" }, { points: b, colour: "--b", dashed: true }]);
  $("agree").textContent = say.agree(db.toFixed(1), ...agreement(a, b));
  document.body.dataset.difference = db.toFixed(2);
  transport();
}

function transport() {
  $("play").textContent = player.playing ? say.pause : say.play;
  $("play").setAttribute("aria-pressed", `${player.playing}`);
  $("hear-a").setAttribute("aria-pressed", `${player.current === 0}`);
  $("hear-b").setAttribute("aria-pressed", `${player.current === 1}`);
  document.body.dataset.playing = player.playing ? (player.current ? "copy" : "original") : "";
}
player.addEventListener("change", transport);
(function tick() {
  if (original) {
    $("position").textContent = `${player.position.toFixed(2)} / ${player.duration.toFixed(2)} ${say.s}`;
    $("playhead").style.transform = `translateX(${8 + player.position / original.seconds * width}px)`;
  }
  requestAnimationFrame(tick);
})();

const option = (value, text) => make("option", { value }, text);
function menus() {
  const own = parts.vocoders.find((v) => v.name === state.vocoder) ?? parts.vocoders[0];
  state.vocoder = own.name;
  $("vocoder").replaceChildren(...parts.vocoders.map((v) => option(v.name, `${v.name} (${v.kinds.join(", ")})`)));
  $("vocoder").value = state.vocoder;
  $("features").replaceChildren(option("", say.fitting), ...parts.features.map((f) => option(f, f)));
  $("features").value = state.features;
  $("f0").replaceChildren(option("own", say.f0Own), option("flat", say.f0Flat), ...parts.trackers.map((t) => option(t, say.f0Of(t))));
  $("phase").replaceChildren(...Object.keys(say.phases).map((p) => make("option", { value: p, disabled: !own.phases.includes(p) }, say.phases[p])));
  for (const which of ["a", "b"]) {
    if (!parts.trackers.includes(state[which])) state[which] = parts.trackers.at(which === "a" ? 0 : -1);
    $(`tracker-${which}`).replaceChildren(...parts.trackers.map((t) => option(t, t)));
    $(`tracker-${which}`).value = state[which];
  }
  for (const name of Object.keys(PLAIN)) if (name !== "phase" && !own.can.includes(name)) state.changes[name] = PLAIN[name];
  if (!own.phases.includes(state.changes.phase)) state.changes.phase = PLAIN.phase;
  for (const field of all("[data-change]")) {
    const name = field.dataset.change, value = state.changes[name];
    field.disabled = name !== "phase" && !own.can.includes(name);
    field.value = `${name === "cepstra" ? value ?? field.max : value}`;
    told(field);
  }
  for (const kind of ["corpus", "upload", "voice"]) for (const node of all(`.of-${kind}`)) node.hidden = state.kind !== kind;
  $("kind").value = state.kind;
}
function told(field) {
  const out = field.parentElement.querySelector("output");
  if (!out) return;
  const value = state.changes[field.dataset.change];
  out.textContent = value === null ? say.all : `${+(+value).toFixed(2)}`;
  out.className = value === PLAIN[field.dataset.change] ? "" : "changed";
}
async function utterances() {
  const rows = await api.ask(`api/bench/corpora/${parts.corpora.indexOf(state.corpus)}`);
  $("utterance").replaceChildren(...rows.map((u) => option(u.id, `${u.id}: ${u.text.length > 60 ? `${u.text.slice(0, 60)}…` : u.text}`)));
  if (!rows.some((u) => u.id === state.id)) state.id = rows[0]?.id ?? "";
  $("utterance").value = state.id;
  return rows.map((u) => u.id);
}

for (const field of all("[data-change]")) {
  field.addEventListener(field.type === "range" ? "input" : "change", () => {
    const name = field.dataset.change;
    state.changes[name] = name === "cepstra" ? (field.value === field.max ? null : +field.value) : field.type === "range" ? +field.value : field.value;
    told(field);
    later();
  });
}
$("kind").addEventListener("change", () => { state.kind = $("kind").value; menus(); look(); });
$("corpus").addEventListener("change", async () => { state.corpus = $("corpus").value; state.id = ""; try { await utterances(); look(); } catch (error) { trouble(error); } });
$("utterance").addEventListener("change", () => { state.id = $("utterance").value; look(); });
$("file").addEventListener("change", async () => {
  const file = $("file").files[0];
  if (!file) return;
  asking?.abort(); // the copy of what was there before has nothing more to say
  try {
    const kept = await api.reach(api.at("api/bench/recordings"), { method: "POST", body: file }).then(api.checked).then((r) => r.json());
    state.upload = kept.id;
    look();
  } catch (error) { trouble(error); }
});
$("voice").addEventListener("change", () => { state.voice = $("voice").value; look(); });
$("say").addEventListener("submit", (event) => { event.preventDefault(); state.text = $("text").value; if (state.text.trim()) look(); else trouble({ message: "there is no text to speak" }); });
$("vocoder").addEventListener("change", () => { state.vocoder = $("vocoder").value; menus(); make_copy(); });
$("features").addEventListener("change", () => { state.features = $("features").value; make_copy(); });
for (const which of ["a", "b"]) $(`tracker-${which}`).addEventListener("change", () => { state[which] = $(`tracker-${which}`).value; look(); });
$("reset").addEventListener("click", () => { state.changes = { ...PLAIN }; state.features = ""; menus(); make_copy(); });
$("language").addEventListener("change", () => { speakIn($("language").value); translate(); });
const play = () => { context(); player.toggle(); };
$("play").addEventListener("click", play);
$("hear-a").addEventListener("click", () => player.choose(0));
$("hear-b").addEventListener("click", () => player.choose(1));
$("lanes").addEventListener("click", (event) => { if (event.target.closest("canvas")) player.seek(event.offsetX / width * original.seconds); });
$("lanes").addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -0.1, ArrowRight: 0.1 }[event.key];
  if (step) { event.preventDefault(); player.seek(Math.min(Math.max(player.position + step, 0), player.duration)); }
});
addEventListener("resize", show);
addEventListener("keydown", (event) => {
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
  const act = { " ": play, 1: () => player.choose(0), 2: () => player.choose(1) }[event.key];
  if (!act || !copy || (event.key === " " && event.target.closest("button"))) return;
  event.preventDefault();
  act();
});

function translate() {
  say = languages[tongue()];
  document.documentElement.lang = $("language").value = tongue();
  put(say);
  if (parts) menus();
  if (copy) show();
}

translate();
try {
  [parts, voices] = await Promise.all([api.ask("api/bench"), api.voices().then((found) => found.voices)]);
  addressed();
  if (!parts.corpora.includes(state.corpus)) state.corpus = parts.corpora[0];
  $("corpus").replaceChildren(...parts.corpora.map((c) => option(c, c)));
  $("corpus").value = state.corpus;
  $("voice").replaceChildren(...voices.map((v) => option(v.name, v.name)));
  if (!voices.some((v) => v.name === state.voice)) state.voice = voices[0]?.name ?? "";
  $("voice").value = state.voice;
  $("kind").querySelector("[value=voice]").disabled = !voices.length;
  $("text").value = state.text;
  const asked = { ...state.changes };
  menus();
  for (const name of Object.keys(PLAIN)) if (address.given && asked[name] !== state.changes[name]) address.unfit(name, asked[name]);
  const rows = await utterances();
  const id = address.one("id", rows);
  if (id) { state.id = id; $("utterance").value = id; }
  await look();
  if (address.trouble) trouble(address.trouble);
} catch (error) { trouble(error); }

// What the address asks for: of nothing that it leaves out is kept what the tab had.
function addressed() {
  if (!address.given) return;
  const spoken = address.has("text") || address.has("voice");
  Object.assign(state, { kind: spoken && voices.length ? "voice" : "corpus", features: "", changes: { ...PLAIN } });
  const range = (name) => [+$(name).min, +$(name).max], trackers = parts.trackers;
  const plain = {
    corpus: address.one("corpus", parts.corpora), voice: address.one("voice", voices.map((v) => v.name)), text: address.text("text", $("text").maxLength),
    vocoder: address.one("vocoder", parts.vocoders.map((v) => v.name)), features: address.one("features", parts.features), a: address.one("a", trackers), b: address.one("b", trackers),
  };
  const changes = { f0: address.one("f0", ["own", "flat", ...trackers]), phase: address.one("phase", Object.keys(say.phases)) };
  for (const name of ["cepstra", "formants", "semitones", "noise"]) changes[name] = address.number(name, ...range(name));
  if (plain.text && !voices.length) address.unfit("text", plain.text);
  for (const [name, value] of Object.entries(plain)) if (value !== undefined) state[name] = value;
  for (const [name, value] of Object.entries(changes)) if (value !== undefined) state.changes[name] = value;
}
