// SPDX-License-Identifier: Apache-2.0
// Recording by keys: Space begins and ends a take, Enter goes on, R takes it again, P plays it, S skips.
import { make, typing } from "../common/dom.js";
import { Microphone } from "./microphone.js";

const card = document.getElementById("card"), meter = document.getElementById("meter");
let state, keys = {}, take = null;
const microphone = new Microphone((level, peak) => {
  meter.firstElementChild.style.width = `${Math.max(0, Math.min(100, (level + 60) / 0.6))}%`;
  meter.classList.toggle("loud", peak >= 0.99);
  meter.setAttribute("aria-valuenow", Math.round(Math.max(-60, level)));
});

document.addEventListener("keydown", (event) => {
  if (typing(event) || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const name = event.key === " " ? "space" : event.key.toLowerCase();
  if (!keys[name]) return;
  event.preventDefault();
  keys[name]();
});

async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  const found = await answer.json();
  if (!answer.ok) throw new Error([found.error, found.hint].filter(Boolean).join(": "));
  return found;
}

function guarded(work) {
  return async () => {
    try {
      await work();
    } catch (error) {
      trouble(error.message);
    }
  };
}

function trouble(text) {
  const box = document.getElementById("trouble");
  box.textContent = text;
  box.hidden = !text;
}

function show(name, actions, ...content) {
  keys = actions;
  card.replaceChildren(...content.filter(Boolean));
  document.body.dataset.shown = name;
  trouble("");
  document.getElementById("head").hidden = document.getElementById("bar").hidden = !state.consent;
  document.getElementById("count").textContent = `${state.taken} of ${state.total} sentences, ${state.minutes.toFixed(1)} min`;
  document.getElementById("covered").textContent = `${(100 * state.covered).toFixed(0)} % of the language's neighbours of sounds`;
  document.getElementById("bar").value = state.taken / state.total;
  document.getElementById("expect").textContent = state.consent ? `So far: ${state.expect}.` : "";
}

function button(label, key, action, primary = false) {
  return make("button", { class: primary ? "primary" : undefined, onclick: action }, label, " ", make("kbd", {}, key));
}

function consent() {
  const who = make("input", { type: "text", id: "speaker", required: "", value: state.speaker });
  const licence = make("input", { type: "text", id: "licence", required: "", value: state.licence || "CC-BY-4.0" });
  const agree = guarded(async () => {
    state = await ask("api/consent", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ speaker: who.value, licence: licence.value }) });
    silence();
  });
  const form = make("form", { onsubmit: (event) => { event.preventDefault(); agree(); } },
    make("label", {}, "Who speaks? ", who), make("label", {}, "Under what licence may the recordings, and voices made of them, be used? ", licence),
    make("p", { class: "soft" }, "By going on I say that the voice is mine and that I agree. Everything stays on this machine."),
    make("button", { class: "primary" }, "I agree"));
  show("consent", {}, make("h1", {}, "Whose voice is it?"), form);
  who.focus();
}

function silence() {
  const listen = guarded(async () => {
    if (!microphone.context) await microphone.open();
    meter.hidden = false;
    show("room", {}, make("h1", {}, "Be quiet for two seconds …"));
    const noise = await microphone.room();
    if (noise > -42) {
      show("noisy", { enter: prompt, r: listen }, make("h1", {}, "The room is noisy"),
        make("p", { class: "wrong" }, `Its noise is at ${noise.toFixed(0)} dB; below -50 is good. Turn off fans, close windows, come nearer to the microphone and turn it down.`),
        make("div", { class: "row" }, button("Listen again", "R", listen, true), button("Go on all the same", "Enter", prompt)));
    } else prompt();
  });
  show("microphone", { space: listen, enter: listen }, make("h1", {}, "First the room"),
    make("p", {}, "Sit as you will sit to read. The microphone is listened to for two seconds, while nobody speaks."),
    button("Listen", "Space", listen, true));
}

function prompt() {
  if (state.next === null) {
    show("done", {}, make("h1", {}, "All sentences are read"), make("p", {}, "The folder is a corpus now: build a voice of it."));
    return;
  }
  const k = state.next, text = state.prompt;
  const skip = guarded(async () => { state = await ask(`api/skip/${k}`, { method: "POST" }); prompt(); });
  show("prompt", { space: () => record(k, text), enter: () => record(k, text), s: skip },
    make("p", { class: "soft" }, "Read aloud:"), make("p", { id: "prompt", lang: state.language }, text),
    make("div", { class: "row" }, button("Record", "Space", () => record(k, text), true), button("Skip", "S", skip)));
}

async function record(k, text) {
  take = microphone.start();
  show("recording", { space: () => take.stop() }, make("p", { class: "wrong" }, "Recording; it ends by itself when you have spoken."),
    make("p", { id: "prompt", lang: state.language }, text), button("End", "Space", () => take.stop(), true));
  const made = await take.done;
  if (!made) return prompt();
  try {
    state = await ask(`api/takes/${k}`, { method: "POST", headers: { "content-type": "audio/wav" }, body: made.wav });
    taken(k, text, made.clipped);
  } catch (error) {
    prompt();
    trouble(error.message);
  }
}

function taken(k, text, clipped) {
  const { wrong, seconds, speech, noise } = state.take;
  const said = clipped > 3 && !wrong.some((w) => w.startsWith("clipped")) ? [...wrong, "clipped: turn the microphone down"] : wrong;
  const sound = new Audio(`api/takes/${k}?${Date.now()}`);
  const again = () => record(k, text), play = () => { sound.currentTime = 0; sound.play(); };
  show("taken", { enter: prompt, space: prompt, r: again, p: play },
    make("p", { class: said.length ? "wrong" : "fine", id: "verdict" }, said.length ? said.join("; ") : `Kept: ${seconds.toFixed(1)} s, speech ${speech.toFixed(0)} dB, noise ${noise.toFixed(0)} dB.`),
    make("p", { id: "prompt", lang: state.language }, text),
    make("div", { class: "row" }, button("Next", "Enter", prompt, !said.length), button("Again", "R", again, said.length > 0), button("Play", "P", play)));
}

guarded(async () => {
  state = await ask("api/state");
  if (state.consent) silence();
  else consent();
})();
