// SPDX-License-Identifier: Apache-2.0
// A page that is one file: why these units, from what it holds. What the lab draws is drawn by the same modules.
import { typing } from "./dom.js";
import { Lanes } from "./lanes.js";
import { Lattice } from "./lattice.js";
import { Player, context, sixteen } from "./player.js";
import * as why from "./why.js";
import { words } from "./words.js";

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent), { now, before, recordings, around } = data;
const player = new Player(), lanes = new Lanes($("lanes"), player, looked), lattice = new Lattice($("lattice"), panel);
let say = words[navigator.language.startsWith("ru") ? "ru" : "en"];

for (const told of [before, now]) if (told) told.samples = sixteen(told.audio);
if (before) player.set(0, before.samples, before.sample_rate);
player.set(1, now.samples, now.sample_rate);

// The stretch of a recording that holds a unit, if the page has it.
const held = (u) => recordings[u.source]?.find((piece) => piece.from <= u.from && u.to <= piece.to);
async function hear(u) {
  const piece = held(u), c = context();
  if (!piece) return;
  player.pause();
  piece.buffer ??= await c.decodeAudioData(Uint8Array.from(atob(piece.flac), (x) => x.charCodeAt(0)).buffer);
  const node = c.createBufferSource(), gain = c.createGain();
  const start = Math.max(u.from - around - piece.from, 0), from = u.from - piece.from - start, to = u.to - piece.from - start, t = c.currentTime;
  node.buffer = piece.buffer;
  node.connect(gain).connect(c.destination);
  gain.gain.setValueAtTime(0.25, t); // the unit itself is heard at its own level
  gain.gain.linearRampToValueAtTime(1, t + from);
  gain.gain.setValueAtTime(1, t + to);
  gain.gain.linearRampToValueAtTime(0.25, t + to + around);
  node.start(0, start, to + around);
  document.body.dataset.unit = `${u.index}`;
}
function panel(u, wanted) {
  why.unit($("unit"), u, say, { hear: held(u) && (() => hear(u)) });
  if (wanted) hear(u);
}
function looked(k, wanted) { panel(now.units[k], wanted); }

function transport() {
  $("play").textContent = player.playing ? say.pause : say.play;
  $("play").setAttribute("aria-pressed", `${player.playing}`);
  $("hear-a").setAttribute("aria-pressed", `${player.current === 0}`);
  $("hear-b").setAttribute("aria-pressed", `${player.current === 1}`);
}
function show() {
  document.documentElement.lang = say === words.ru ? "ru" : "en";
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = say[node.dataset.say];
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say[node.dataset.label]);
  $("hear-a").hidden = $("hear-b").hidden = !before;
  lanes.stages(Object.fromEntries(Object.entries(now.spent).map(([stage, s]) => [stage, `${say.stage[stage] ?? stage} · ${(1000 * s).toFixed(1)} ${say.ms}`])));
  lanes.show(now, say);
  $("costs").textContent = say.costs(now.cost, now.joins, now.units.length) + (before ? say.changed(before.cost, before.joins) : "");
  const pieces = data.lattice, places = pieces.flatMap((p) => p.places.map((place) => ({ ...place, sources: p.sources })));
  $("looked").textContent = say.looked(pieces.reduce((n, p) => n + p.all, 0), places.reduce((n, p) => n + p.candidates.length, 0));
  lattice.show({ ...pieces[0], places }, say, before?.units);
  why.beside($("beside"), before, now, say);
  transport();
}
player.addEventListener("change", transport);
(function tick() {
  $("position").textContent = `${player.position.toFixed(2)} / ${player.duration.toFixed(2)} ${say.s}`;
  lanes.tick();
  requestAnimationFrame(tick);
})();

$("language").value = say === words.ru ? "ru" : "en";
$("language").addEventListener("change", () => { say = words[$("language").value]; show(); });
$("play").addEventListener("click", () => { context(); player.toggle(); });
$("hear-a").addEventListener("click", () => player.choose(0));
$("hear-b").addEventListener("click", () => player.choose(1));
addEventListener("resize", show);
addEventListener("keydown", (event) => {
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
  const act = { " ": () => { context(); player.toggle(); }, 1: () => player.choose(0), 2: () => player.choose(1) }[event.key];
  if (!act || (event.key === " " && event.target.closest("button") && !event.target.closest(".units"))) return;
  event.preventDefault();
  act();
});
show();
document.body.dataset.shown = "yes";
