// SPDX-License-Identifier: Apache-2.0
// What comes before the first page and after the last: consent, sound check, comment, thanks.
import { make } from "../common/dom.js";
import { bar, playerKey } from "./bar.js";
import { tones } from "./headphones.js";
import { Player, context, sound } from "./player.js";

export function consent(root, test, say, finish) {
  const button = make("button", { class: "primary", id: "next", disabled: true, type: "submit" }, say.begin);
  const box = make("input", { type: "checkbox", id: "agree", onchange: () => { button.disabled = !box.checked; } });
  const form = make("form", { class: "card" },
    make("h1", {}, test.title),
    make("p", { class: "text" }, test.consent || say.consent),
    make("label", { class: "agree" }, box, make("span", {}, say.agree)),
    button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!box.checked) return;
    context(); // this click or key lets sound begin
    button.disabled = true;
    finish({ agreed: true });
  });
  root.replaceChildren(form);
  box.focus();
}

export async function soundCheck(root, test, say, soundUrl, finish) {
  const player = new Player([await sound(soundUrl(test.calibration))]);
  player.looping = true;
  const card = make("section", { class: "card" });
  root.replaceChildren(card);
  const next = make("button", { class: "primary", id: "next", onclick: () => (test.headphones ? check(1) : end(null, null)) }, say.next);
  const onkey = (event) => {
    if (event.target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) return;
    if (event.key === "Enter") next.click();
    else if (!playerKey(player, event)) return;
    event.preventDefault(); // or the button that has the focus next would be pressed too
  };
  document.addEventListener("keydown", onkey);
  card.replaceChildren(make("h1", {}, say.soundTitle), make("p", {}, say.volume), bar(player, say), next);

  function check(tries) {
    document.removeEventListener("keydown", onkey);
    player.close();
    tones(card, say, (passed) => {
      if (passed || tries >= 2) end(passed, tries);
      else {
        card.replaceChildren(make("h1", {}, say.soundTitle), make("p", {}, say.failed),
          make("button", { class: "primary", id: "again", onclick: () => check(tries + 1) }, say.again));
        card.querySelector("button").focus();
      }
    });
  }
  function end(passed, tries) {
    document.removeEventListener("keydown", onkey);
    player.close();
    const go = () => finish({ headphones: passed, tries });
    if (passed === null) return go();
    card.replaceChildren(make("h1", {}, say.soundTitle), make("p", {}, passed ? say.passed : say.failedAll),
      make("button", { class: "primary", id: "next", onclick: (event) => { event.target.disabled = true; go(); } }, say.begin));
    card.querySelector("button").focus();
  }
}

export function lastComment(root, say, finish) {
  const text = make("textarea", { "aria-label": say.last });
  const form = make("form", { class: "card" }, make("h1", {}, say.lastTitle), make("p", {}, say.last), text,
    make("div", { class: "actions" }, make("span"), make("button", { class: "primary", id: "next", type: "submit" }, say.send)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("button").disabled = true;
    finish({ comment: text.value });
  });
  root.replaceChildren(form);
  text.focus();
}

export function done(root, say, answers) {
  const card = make("section", { class: "card", id: "done" },
    make("div", { class: "tick", "aria-hidden": "true" }, "✓"),
    make("h1", {}, say.done),
    make("p", {}, answers.file ? say.fileText : say.doneText));
  if (answers.file) {
    const { name, text } = answers.file();
    const link = make("a", { class: "button", id: "download", download: name, href: URL.createObjectURL(new Blob([text], { type: "application/json" })) }, say.download);
    card.append(make("p", {}, link));
  }
  card.append(make("p", {}, make("button", { id: "another", onclick: () => answers.another() }, say.another)));
  root.replaceChildren(card);
}
