// SPDX-License-Identifier: Apache-2.0
// Are there headphones? Of three tones one is 6 dB quieter, and one is in opposite phase on the two sides: in a room its
// sides cancel, so that over loudspeakers it seems the quietest (Woods, Siegel, Traer and McDermott 2017).
import { make } from "../common/dom.js";
import { context } from "./player.js";

const ROUNDS = 3, SECONDS = 0.7, GAP = 0.35, HERTZ = 200;

export function tones(card, say, finish) {
  let right = 0, round = 0;
  ask();

  function ask() {
    const kinds = shuffled(["plain", "quiet", "opposite"]);
    const buttons = kinds.map((kind, k) => make("button", { disabled: true, "data-tone": String(k + 1), onclick: () => answer(kind) }, say.tone(k + 1)));
    const play = make("button", { class: "primary", onclick: start }, say.tones);
    card.replaceChildren(
      make("h1", {}, say.soundTitle), make("p", {}, say.headphones),
      make("p", { class: "soft" }, `${round + 1} / ${ROUNDS}`),
      make("p", {}, play), make("p", {}, say.quietest), make("div", { class: "sounds" }, buttons));
    play.focus();
    async function start() {
      play.disabled = true;
      const ctx = context(), now = ctx.currentTime + 0.05;
      kinds.forEach((kind, k) => one(ctx, kind, now + k * (SECONDS + GAP)));
      await new Promise((resolve) => setTimeout(resolve, 1000 * kinds.length * (SECONDS + GAP)));
      buttons.forEach((b) => { b.disabled = false; });
      play.disabled = false;
      buttons[0].focus();
    }
    function onkey(event) {
      if (!card.isConnected) return;
      const k = "123".indexOf(event.key);
      if (k >= 0) buttons[k].click();
    }
    document.addEventListener("keydown", onkey);
    function answer(kind) {
      document.removeEventListener("keydown", onkey);
      right += kind === "quiet";
      round += 1;
      if (round < ROUNDS) ask();
      else finish(right === ROUNDS);
    }
  }
}

function one(ctx, kind, when) {
  const tone = new OscillatorNode(ctx, { frequency: HERTZ });
  const level = new GainNode(ctx, { gain: 0 });
  const loud = kind === "quiet" ? 0.1 : 0.2;
  level.gain.setValueAtTime(0, when);
  level.gain.linearRampToValueAtTime(loud, when + 0.1);
  level.gain.setValueAtTime(loud, when + SECONDS - 0.1);
  level.gain.linearRampToValueAtTime(0, when + SECONDS);
  const left = new GainNode(ctx), right = new GainNode(ctx, { gain: kind === "opposite" ? -1 : 1 });
  const sides = new ChannelMergerNode(ctx, { numberOfInputs: 2 });
  tone.connect(level);
  level.connect(left).connect(sides, 0, 0);
  level.connect(right).connect(sides, 0, 1);
  sides.connect(ctx.destination);
  tone.start(when);
  tone.stop(when + SECONDS);
}

function shuffled(list) {
  for (let k = list.length - 1; k > 0; k--) {
    const j = Math.floor(Math.random() * (k + 1));
    [list[k], list[j]] = [list[j], list[k]];
  }
  return list;
}
