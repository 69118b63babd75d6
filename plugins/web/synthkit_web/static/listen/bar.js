// SPDX-License-Identifier: Apache-2.0
// The play button, the position (click or drag to seek) and the loop, for any Player.
import { make } from "../common/dom.js";

const clock = (s) => `${Math.floor(s / 60)}:${(s % 60).toFixed(1).padStart(4, "0")}`;

export function bar(player, say) {
  const button = make("button", { class: "primary", onclick: () => player.toggle() }, say.play);
  const loop = make("button", { "aria-pressed": "false", onclick: () => player.loop(!player.looping) }, say.loop);
  const region = make("div", { class: "region" }), head = make("div", { class: "head" }), time = make("span", { class: "time" });
  const track = make("div", { class: "bar" }, region, head, time);
  const at = (event) => {
    const box = track.getBoundingClientRect();
    return Math.min(Math.max(0, (event.clientX - box.left) / box.width), 1) * player.duration;
  };
  // A click seeks; a drag marks what is repeated.
  let from = null;
  track.addEventListener("pointerdown", (event) => { from = at(event); track.setPointerCapture(event.pointerId); });
  track.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const to = at(event);
    if (Math.abs(to - from) > 0.15) {
      player.loop(true, [Math.min(from, to), Math.max(from, to)]);
      player.seek(Math.min(from, to));
    } else player.seek(to);
    from = null;
  });
  const percent = (s) => `${(100 * s) / player.duration}%`;
  player.addEventListener("tick", () => {
    head.style.left = percent(player.position);
    time.textContent = `${clock(player.position)} / ${clock(player.lengths[player.current])}`;
  });
  player.addEventListener("change", () => {
    button.textContent = player.playing ? say.pause : say.play;
    loop.setAttribute("aria-pressed", String(player.looping));
    region.style.left = percent(player.region[0]);
    region.style.width = player.looping ? percent(player.region[1] - player.region[0]) : "0";
  });
  player.dispatchEvent(new Event("change"));
  player.dispatchEvent(new Event("tick"));
  return make("div", { class: "player" }, button, track, loop);
}

// Keys of the player: space, L, [ and ]. True where the key was one of them.
export function playerKey(player, event) {
  if (event.key === " ") player.toggle();
  else if (event.key === "l" || event.key === "L" || event.key === "д" || event.key === "Д") player.loop(!player.looping);
  else if (event.code === "BracketLeft") player.loop(true, [player.position, Math.max(player.region[1], player.position)]);
  else if (event.code === "BracketRight") player.loop(true, [player.region[0], player.position]);
  else return false;
  return true;
}
