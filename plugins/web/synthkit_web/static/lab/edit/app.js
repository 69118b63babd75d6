// SPDX-License-Identifier: Apache-2.0
// The panel: a text, what is changed in it by hand, and both sounds. What is set survives a reload, a tab has its own.
import { make, typing } from "../../common/dom.js";
import { Player, context } from "../../common/player.js";
import { Address } from "../addressed.js";
import * as api from "../api.js";
import { translated, trouble } from "../errors.js";
import { put } from "../strings.js";
import { speakIn, tongue } from "../tongue.js";
import { Changes, readEdit } from "./changes.js";
import { Score } from "./score.js";
import { languages } from "./strings.js";

const $ = (id) => document.getElementById(id);
const KEY = "synthkit-lab-edit", LONGEST = 2000, address = new Address(), TEXTS = { ru: "Сегодня хорошая погода.", en: "The weather is fine today." };
const state = { text: "", voice: "", vocoder: "", edit: {} };
const kept = (key) => { try { return JSON.parse(sessionStorage.getItem(key) ?? "{}"); } catch { return {}; } };
const speaks = kept("synthkit-lab"); // the text and voice of the panel Speak, where this one has none yet
Object.assign(state, { text: speaks.text ?? "", voice: speaks.voice ?? "", vocoder: speaks.vocoder ?? "" }, kept(KEY));
const keep = () => sessionStorage.setItem(KEY, JSON.stringify({ ...state, edit: changes.edit }));

let say = languages[tongue()], voices = [], vocoders = null, own = null, now = null, waiting = 0;
const player = new Player();
const changes = new Changes(state.edit, () => { keep(); clearTimeout(waiting); waiting = setTimeout(speak, 60); });
const rounded = (x, digits) => +x.toFixed(digits);
const key = (row) => row.place.join(".");
const score = new Score($("result"), { looked, moved, tuned, stressed, seek: (t) => player.seek(t) });

const wanted = (edit) => {
  const menu = vocoders?.find((v) => v.name === state.vocoder);
  const out = { text: state.text, voice: state.voice, edit };
  return menu && !menu.own ? { ...out, vocoder: menu.name, adapters: menu.adapters } : out;
};

async function speak() {
  clearTimeout(waiting);
  keep();
  const began = performance.now();
  try {
    if (!own) own = await api.edited(wanted({}));
    now = changes.empty ? own : await api.edited(wanted(changes.edit));
    player.set(0, own.samples, own.sample_rate);
    player.set(1, now.samples, now.sample_rate);
    show();
    trouble(null);
    const ms = Math.round(performance.now() - began);
    now.ms = ms;
    $("status").textContent = say.said(now.seconds, ms);
    document.body.dataset.spoken = `${+(document.body.dataset.spoken ?? 0) + 1}`;
    document.body.dataset.ms = `${ms}`;
  } catch (error) { trouble(error); tools(); }
}

const isChanged = (row, kind) => {
  if (!row.place) return false;
  const [word, phone] = row.place, spelt = changes.get("phones", word) !== undefined || changes.get("stress", word) !== undefined;
  const long = phone < 0 ? changes.get("pauses", word) !== undefined : changes.get("durations", key(row)) !== undefined;
  const tuned = changes.get("f0", key(row)) !== undefined;
  return { durations: long, f0: tuned, word: spelt }[kind] ?? (long || tuned);
};

function show() {
  $("result").hidden = false;
  const lacking = ["durations", "f0"].filter((what) => !now.takes.includes(what)).map((what) => say.cannot[what] + (now.lacks[what] ? `: ${translated(now.lacks[what])}` : "") + ".");
  const notes = now.rows.length ? [...lacking, ...(now.rows.some((r) => !r.place) ? [say.whole] : [])] : [say.timeless];
  $("cannot").textContent = notes.join(" ");
  $("cannot").hidden = !notes.length;
  $("lanes").hidden = !now.rows.length;
  if (now.rows.length) score.show(now, say, isChanged);
  looked(Math.max(0, Math.min(score.current, now.rows.length - 1)));
  list();
  tools();
}

function tools() {
  $("undo").disabled = !changes.undoable;
  $("redo").disabled = !changes.redoable;
  $("reset").disabled = $("save").disabled = changes.empty;
  $("play").textContent = player.playing ? say.pause : say.play;
  $("play").setAttribute("aria-pressed", `${player.playing}`);
  $("hear-a").setAttribute("aria-pressed", `${player.current === 0}`);
  $("hear-b").setAttribute("aria-pressed", `${player.current === 1}`);
  document.body.dataset.playing = player.playing ? (player.current ? "edited" : "own") : "";
}
player.addEventListener("change", tools);

function list() {
  const word = (w) => now.spelt[w]?.text ?? w;
  const phone = (k) => { const [w, p] = k.split("."); return say.of(now.spelt[w]?.phones.split(" ")[p] ?? p, word(w)); };
  const items = Object.entries(changes.edit).flatMap(([table, of]) => Object.entries(of).map(([k, v]) =>
    table === "durations" || table === "f0" ? say.change[table](phone(k), Array.isArray(v) ? v.map((p) => p[1]).join(", ") : v)
      : k === "-1" ? say.change.first(v) : say.change[table](word(k), v)));
  $("changes").replaceChildren(...(items.length ? items : [say.nothing]).map((text) => make("li", {}, text)));
  $("command").textContent = `synthkit say -v ${state.voice} "${state.text}" --edit edit.json`;
  document.body.dataset.changes = `${items.length}`;
}

// What a row is, in fields that can be typed in.
function looked(k) {
  score.current = k;
  const row = now.rows[k] ?? { label: "", place: [0, 0], start: 0, end: 0, f0: 0 }, place = row.place;
  const word = place ? Math.max(place[0], 0) : -1, spelt = now.spelt[word], isPhone = Boolean(place) && place[1] >= 0;
  $("h-looked").textContent = now.rows.length ? score.name(row) : "";
  const all = isPhone && !now.inventory.includes(row.label) ? [row.label, ...now.inventory] : now.inventory;
  $("phone").replaceChildren(...(isPhone ? all : [row.label]).map((p) => make("option", { value: p }, p)));
  $("phone").value = row.label;
  $("phone").disabled = !isPhone || !now.rows.length;
  $("seconds").value = `${rounded(row.end - row.start, 3)}`;
  $("seconds").disabled = !place || !now.takes.includes("durations") || !now.rows.length;
  $("hertz").value = row.f0 ? `${rounded(row.f0, 1)}` : "";
  $("hertz").disabled = !isPhone || !now.takes.includes("f0") || !now.rows.length;
  $("own").disabled = !place || !(isChanged(row) || isChanged(row, "word"));
  $("spelt").value = spelt?.phones ?? "";
  $("spelt").disabled = $("stress").disabled = $("pause").disabled = !spelt;
  $("stress").replaceChildren(...(spelt ? [...Array(spelt.vowels).keys()].map((n) => make("option", { value: `${n + 1}` }, say.nth(n + 1))) : []), ...(spelt && !spelt.stress ? [make("option", { value: "0" }, say.none)] : []));
  $("stress").value = `${spelt?.stress ?? 0}`;
  const after = now.rows.find((r) => r.place?.[0] === word && r.place[1] === -1);
  $("pause").value = spelt ? `${rounded(after ? after.end - after.start : 0, 3)}` : "";
  $("pause").disabled = !spelt || !now.takes.includes("durations");
}
const row = () => now.rows[score.current];

// What a request takes, and no other value: what was taken in its place is said.
function within(value, low, high, unit) {
  const taken = Math.min(Math.max(value, low), high);
  $("limited").textContent = Math.abs(taken - value) > 5e-4 ? say.limited(rounded(value, 3), low, high, taken, unit) : "";
  return taken;
}
function lasts(r, seconds) {
  const pause = r.place[1] < 0;
  return [pause ? "pauses" : "durations", pause ? `${r.place[0]}` : key(r), rounded(within(seconds, pause ? 0 : 0.01, 10, say.s), 3)];
}
// A boundary moved: what the one gains the other loses.
function moved(k, seconds, shared) {
  const r = now.rows[k], next = now.rows[k + 1];
  if (!r.place) return;
  const here = lasts(r, r.end - r.start + seconds);
  if (!shared || !next?.place) { changes.set(here); return; }
  const gained = here[2] - (r.end - r.start);
  const said = $("limited").textContent, other = lasts(next, next.end - next.start - gained);
  $("limited").textContent ||= said;
  changes.set(here, other);
}
function tuned(k, hertz) {
  const r = now.rows[k];
  if (r.place?.[1] >= 0 && Number.isFinite(hertz)) changes.set(["f0", key(r), rounded(within(hertz, 20, 2000, say.hertzUnit), 1)]);
}
// Another pronunciation has other phones: what was set in the old ones goes, and is said to.
function respell(word, table, value) {
  const lost = changes.respell(word, table, value);
  $("limited").textContent = lost ? say.dropped(lost) : "";
}
function stressed(k) {
  const word = now.rows[k].place?.[0], spelt = now.spelt[word];
  if (spelt?.vowels > 1) respell(word, "stress", spelt.stress % spelt.vowels + 1);
}
function spelled(word, text) {
  const tokens = text.trim().split(/\s+/), before = now.spelt[word].phones.split(" ");
  if (tokens.join(" ") === before.join(" ")) return;
  // As many phones as before: what was fixed of them stays.
  if (tokens.length === before.length) changes.set(["stress", `${word}`, undefined], ["phones", `${word}`, tokens.join(" ")]);
  else respell(word, "phones", tokens.join(" "));
}
const wordNow = () => Math.max(row()?.place?.[0] ?? 0, 0);

$("looked").addEventListener("submit", (event) => event.preventDefault());
$("phone").addEventListener("change", () => {
  const [word, phone] = row().place, tokens = now.spelt[word].phones.split(" "), mark = /^[ˈˌ]/.exec(tokens[phone])?.[0] ?? "";
  tokens[phone] = mark + $("phone").value;
  spelled(word, tokens.join(" "));
});
$("seconds").addEventListener("change", () => { if ($("seconds").value) changes.set(lasts(row(), +$("seconds").value)); looked(score.current); });
$("hertz").addEventListener("change", () => { if ($("hertz").value) tuned(score.current, +$("hertz").value); looked(score.current); });
$("spelt").addEventListener("change", () => spelled(wordNow(), $("spelt").value));
$("stress").addEventListener("change", () => respell(wordNow(), "stress", +$("stress").value));
$("pause").addEventListener("change", () => { if ($("pause").value) changes.set(["pauses", `${wordNow()}`, rounded(within(+$("pause").value, 0, 10, say.s), 3)]); });
$("own").addEventListener("click", () => {
  const r = row(), [word, phone] = r.place;
  const back = phone < 0 ? [["pauses", `${word}`, undefined]] : [["durations", key(r), undefined], ["f0", key(r), undefined]];
  if (isChanged(r)) changes.set(...back); else respell(word, "phones", undefined);
});

// The other sound from the same phone on, where both have the same rows; else from the same second.
function hear(index) {
  if (index === player.current) return;
  const from = (player.current ? now : own).rows, to = (index ? now : own).rows;
  let at = player.position;
  const k = from.findIndex((r) => r.end > at);
  if (from.length === to.length && k >= 0) at = to[k].start + (at - from[k].start) / Math.max(from[k].end - from[k].start, 1e-6) * (to[k].end - to[k].start);
  player.choose(index);
  player.seek(Math.min(at, player.duration));
}
const play = () => { context(); player.toggle(); };

$("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  context();
  if ($("text").value !== state.text) changes.forget(); // other words
  state.text = $("text").value;
  own = null;
  await speak();
  player.play(0);
});
$("voice").addEventListener("change", () => {
  const language = (name) => voices.find((v) => v.name === name).languages[0].slice(0, 2);
  if (language($("voice").value) !== language(state.voice)) $("text").value = state.text = TEXTS[language($("voice").value)] ?? state.text;
  Object.assign(state, { voice: $("voice").value, vocoder: "" });
  changes.forget();
  own = null;
  menu();
  speak();
});
$("vocoder").addEventListener("change", () => { state.vocoder = $("vocoder").value; own = null; speak(); });
$("language").addEventListener("change", () => { speakIn($("language").value); translate(); });
$("play").addEventListener("click", play);
$("hear-a").addEventListener("click", () => hear(0));
$("hear-b").addEventListener("click", () => hear(1));
// What was said of a value is about the last one alone.
for (const kind of ["change", "click"]) document.addEventListener(kind, () => { $("limited").textContent = ""; }, { capture: true });
$("undo").addEventListener("click", () => changes.undo());
$("redo").addEventListener("click", () => changes.redo());
$("reset").addEventListener("click", () => changes.replace({}));
$("save").addEventListener("click", () => {
  const link = make("a", { href: URL.createObjectURL(new Blob([`${JSON.stringify(changes.edit, null, 1)}\n`], { type: "application/json" })), download: "edit.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});
$("open").addEventListener("change", async () => {
  const file = $("open").files[0];
  if (!file) return;
  try { changes.replace(readEdit(await file.text())); } catch (why) { trouble(new Error(say.noEdit(file.name, Array.isArray(why) ? say.noTable(why[1]) : say.notEdit[why] ?? why.message))); }
  $("open").value = "";
});
addEventListener("resize", () => { if (now?.rows.length) score.show(now, say, isChanged); });
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); $("ask").requestSubmit(); return; }
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
  const act = { " ": play, 1: () => hear(0), 2: () => hear(1), u: () => { $("limited").textContent = ""; changes.undo(); } }[event.key.toLowerCase()];
  if (!act || !now || (event.key === " " && event.target.closest("button:not([data-row])"))) return;
  event.preventDefault();
  act();
});
(function tick() {
  if (now) {
    $("position").textContent = `${player.position.toFixed(2)} / ${player.duration.toFixed(2)} ${say.s}`;
    $("playhead").style.transform = `translateX(${8 + player.position / now.seconds * (score.width ?? 0)}px)`;
  }
  requestAnimationFrame(tick);
})();

function menu() {
  const name = state.voice, about = voices.find((v) => v.name === name);
  $("text").lang = about.languages[0];
  $("vocoder").replaceChildren(make("option", { value: about.vocoder }, about.vocoder));
  return api.vocoders(name).then((found) => {
    if (state.voice !== name) return;
    vocoders = found;
    $("vocoder").replaceChildren(...found.filter((v) => v.fits).map((v) => make("option", { value: v.name },
      `${v.name} (${v.own ? say.own : v.adapters.length ? `${say.over} ${v.adapters.join(", ")}` : "✓"})`)));
    if (!found.some((v) => v.fits && v.name === state.vocoder)) state.vocoder = found[0].name;
    $("vocoder").value = state.vocoder;
    document.body.dataset.vocoders = name;
  }).catch(trouble);
}
function translate() {
  say = languages[tongue()];
  document.documentElement.lang = $("language").value = tongue();
  put(say);
  if (now) { $("status").textContent = say.said(now.seconds, now.ms); show(); }
}

translate();
try {
  const found = await api.voices();
  voices = found.voices;
  if (!voices.length) throw new Error(say.voiceMissing);
  $("voice").replaceChildren(...voices.map((v) => make("option", { value: v.name }, `${v.name} (${v.languages.join(", ")}; ${v.acoustic_model})`)));
  addressed();
  if (!voices.some((v) => v.name === state.voice)) { Object.assign(state, { voice: found.default, vocoder: "" }); changes.forget(); }
  $("voice").value = state.voice;
  $("text").value = state.text ||= TEXTS[voices.find((v) => v.name === state.voice).languages[0].slice(0, 2)] ?? "";
  const other = state.vocoder && state.vocoder !== voices.find((v) => v.name === state.voice).vocoder;
  if (other) await menu();
  await speak();
  if (!other) menu();
  if (address.trouble) trouble(address.trouble);
} catch (error) { trouble(error); }

// The text and the voice that the address asks for: what was changed in others is no edit of them.
function addressed() {
  const voice = address.one("voice", voices.map((v) => v.name)), text = address.text("text", LONGEST);
  if (voice && voice !== state.voice) Object.assign(state, { voice, vocoder: "", text: "" });
  else if (text === undefined || text === state.text) return;
  if (text !== undefined) state.text = text;
  changes.forget();
}
