// SPDX-License-Identifier: Apache-2.0
// What the page says, by language; what shared modules say is theirs.
import { make } from "../common/dom.js";
import { words } from "../common/words.js";
import { retold } from "./errors.js";
import { tongue } from "./tongue.js";

const en = {
  ...words.en,
  language: "Language", text: "Text", voice: "Voice", vocoder: "Vocoder", speed: "Speed", speak: "Speak",
  result: "What was made of it", transport: "Playing",
  reset: "All as they were",
  keys: "Ctrl+Enter speaks · Space plays and pauses, Esc stops · Left and Right in the lanes move the place by 0.1 s, with Shift by 1 s · 1 and 2 switch between before and now at the same place · arrow keys go from unit to unit, Enter hears one in its recording · F forbids a unit, R forces it, L leaves out its recording",
  speaking: "Speaking …", said: (s, ms) => `${s.toFixed(2)} s of speech in ${ms} ms`,
  stop: "Stop (Esc)", stoppedSoon: "Stopped: what is there is as it was", save: "Save the sound", nearer: "Lanes nearer", farther: "Lanes farther", making: (k, n, s) => `Piece ${k} of ${n} is there, ${s.toFixed(1)} s; the next is being made …`,
  soon: (n, ms) => `, in ${n} pieces, the first after ${ms} ms`, stopped: (k, n, s) => `Stopped after ${k} of ${n} pieces, ${s.toFixed(1)} s of speech`,
  limited: (asked, low, high, taken) => `A speed of ${asked} cannot be: ${low} to ${high}. Taken: ${taken}.`,
  own: "the voice's own", unfit: "does not fit", over: "over", loading: "Looking …", unknown: "nothing says what it was", or: "or", field: "field",
  partsOf: "Parts, from the text to the sound", segmentation: "Segmentation", model: "Acoustic model", alignment: "Alignment", features: "Features", voiceOf: (name) => `voice ${name}`,
  building: "What it could be built with", whenBuilt: "Alignment and features act when a voice is built, and its acoustic model is what it then learns; another one of these needs another build. What is chosen here is held against the voice's other parts as `synthkit build` would.",
  buildWith: (name) => `${name} fits the other parts of this voice. It speaks as it was built until its TOML file says this and \`synthkit build\` has built it again:`,
  kept: (forbidden, forced, left) => `${forbidden} forbidden, ${forced} forced, recordings left out: ${left}`,
  voiceMissing: "No voice was named, and there is none here: `make demo` builds three.",
  panels: "Panels", panelSpeak: "Speak", panelEdit: "Edit", panelBench: "Vocoder bench", panelLabels: "Labels", panelTraining: "Training",
};
const ru = {
  ...words.ru,
  language: "Язык", text: "Текст", voice: "Голос", vocoder: "Вокодер", speed: "Темп", speak: "Сказать",
  result: "Что получилось", transport: "Воспроизведение",
  reset: "Вернуть как было",
  keys: "Ctrl+Enter — сказать · пробел — слушать и пауза, Esc — остановить · влево и вправо в дорожках — на 0,1 с, с Shift на 1 с · 1 и 2 — раньше или теперь с того же места · стрелки — от единицы к единице, Enter — услышать её в записи · F — запретить единицу, R — закрепить, L — не брать из её записи",
  speaking: "Говорю …", said: (s, ms) => `${s.toFixed(2)} с речи за ${ms} мс`,
  stop: "Остановить (Esc)", stoppedSoon: "Остановлено: всё как было", save: "Сохранить звук", nearer: "Дорожки крупнее", farther: "Дорожки мельче", making: (k, n, s) => `Готова часть ${k} из ${n}, ${s.toFixed(1)} с; делается следующая …`,
  soon: (n, ms) => `, частей: ${n}, первая через ${ms} мс`, stopped: (k, n, s) => `Остановлено: готово частей ${k} из ${n}, ${s.toFixed(1)} с речи`,
  limited: (asked, low, high, taken) => `Темпа ${asked} не бывает: от ${low} до ${high}. Взято: ${taken}.`,
  own: "свой", unfit: "не подходит", over: "через", loading: "Смотрю …", unknown: "неизвестно, с чем он собран", or: "или", field: "поле",
  partsOf: "Части, от текста до звука", segmentation: "Сегментация", model: "Акустическая модель", alignment: "Разметка", features: "Признаки", voiceOf: (name) => `голос ${name}`,
  building: "С чем его можно собрать", whenBuilt: "Разметка и признаки действуют при сборке голоса, а акустическая модель — то, чему он тогда учится; чтобы сменить их, голос собирают заново. Выбранное здесь сверяется с другими частями голоса так же, как при `synthkit build`.",
  buildWith: (name) => `${name} подходит к другим частям этого голоса. Он говорит так, как собран, пока в его TOML-файле не будет этого и \`synthkit build\` не соберёт его заново:`,
  kept: (forbidden, forced, left) => `запрещено ${forbidden}, закреплено ${forced}, без записей: ${left}`,
  voiceMissing: "Голос не назван, и здесь нет ни одного: `make demo` соберёт три.",
  panels: "Панели", panelSpeak: "Говорить", panelEdit: "Правка", panelBench: "Стенд вокодеров", panelLabels: "Разметка", panelTraining: "Обучение",
};
export const languages = { en, ru };

// The panels in the order of the menu: where each lies below the lab.
const PANELS = [["", "panelSpeak"], ["edit/", "panelEdit"], ["bench/", "panelBench"], ["labels/", "panelLabels"], ["training/", "panelTraining"]];

// Put the words of a language where the page names them, and the panels in its menu.
export function put(say) {
  retold();
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = say[node.dataset.say];
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say[node.dataset.label]);
  const names = languages[tongue()];
  for (const menu of document.querySelectorAll("nav.panels")) {
    menu.setAttribute("aria-label", names.panels);
    menu.replaceChildren(...PANELS.map(([path, name]) => {
      const href = new URL(path || "./", import.meta.url).pathname;
      return make("a", { href, "aria-current": href === location.pathname && "page" }, names[name]);
    }));
  }
}
