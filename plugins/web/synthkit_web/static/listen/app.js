// SPDX-License-Identifier: Apache-2.0
// The listener's way through a test: whatever the state says is the next step is shown; its answer brings the next state.
import { make } from "../common/dom.js";
import { connection } from "./patient.js";
import { sound } from "./player.js";
import { consent, done, lastComment, soundCheck } from "./start.js";
import { languages } from "./strings.js";
import { trial } from "./trial.js";

const root = document.getElementById("main");
const kind = document.querySelector('meta[name="answers"]').content;
let say = languages.en;

function trouble(is) {
  const node = document.getElementById("trouble");
  node.textContent = say.trouble;
  node.hidden = !is;
}
connection.trouble = trouble;

function broken(error, again) {
  root.replaceChildren(make("section", { class: "card" },
    make("h1", {}, say.broken),
    make("p", {}, error.status === 404 ? say.gone : String(error.message)),
    make("button", { class: "primary", onclick: again }, say.retry)));
}

const { open } = await import(kind === "file" ? "./answers-file.js" : "./answers-server.js");
let answers;

async function start() {
  try {
    answers ??= await open();
    say = languages[answers.test.language] ?? languages.en;
    document.documentElement.lang = answers.test.language;
    document.title = answers.test.title;
    await show(await answers.state());
  } catch (error) {
    broken(error, start);
  }
}

async function show(state) {
  const { test, soundUrl } = answers;
  const progress = document.getElementById("progress");
  progress.hidden = state.step === "consent";
  progress.setAttribute("aria-valuemax", String(state.total));
  progress.setAttribute("aria-valuenow", String(state.step === null ? state.total : state.index));
  progress.firstElementChild.style.width = `${state.step === null || state.step === "comment" ? 100 : (100 * state.index) / state.total}%`;
  document.body.dataset.step = state.step ?? "finished";
  const finish = async (data, drop) => {
    try {
      const next = await answers.answer(state.step, data);
      drop?.();
      await show(next);
    } catch (error) {
      broken(error, () => finish(data, drop));
    }
  };
  try {
    if (state.step === null) done(root, say, answers);
    else if (state.step === "consent") consent(root, test, say, finish);
    else if (state.step === "comment") lastComment(root, say, finish);
    else {
      root.replaceChildren(make("p", { class: "soft" }, say.loading));
      if (state.step === "sound") await soundCheck(root, test, say, soundUrl, finish);
      else await trial(root, test, state, say, soundUrl, finish);
      root.focus({ preventScroll: true });
    }
    scrollTo(0, 0);
    document.body.dataset.shown = state.step ?? "finished";
    // The next page's sounds come while this one is heard.
    if (state.step !== "consent") (state.next ?? []).forEach((file) => sound(soundUrl(file)).catch(() => null));
  } catch (error) {
    console.error(error);
    broken(error.sound ? new Error(say.noSound) : error, () => show(state));
  }
}

start();
