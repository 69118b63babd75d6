// SPDX-License-Identifier: Apache-2.0
// What the page says, by language.
const en = {
  language: "Language", text: "Text", voice: "Voice", vocoder: "Vocoder", speed: "Speed", speak: "Speak",
  result: "What was made of it", transport: "Playing", play: "Play", pause: "Pause", before: "Before (1)", now: "Now (2)",
  lanes: "Stages on one time axis, seconds", why: "Why these units", reset: "All as they were", beside: "Before and now",
  keys: "Ctrl+Enter speaks · Space plays and pauses · 1 and 2 switch between before and now at the same place · arrow keys go from unit to unit, Enter hears one in its recording · F forbids a unit, R forces it",
  speaking: "Speaking …", said: (s, ms) => `${s.toFixed(2)} s of speech in ${ms} ms`,
  wave: "waveform", spectrum: "0 to 8 kHz; line: F0, 0 to 400 Hz", words: "words", phones: "phones", units: "units", cost: "cost: target, join",
  stage: { segmentation: "text", acoustic_model: "acoustic model", vocoder: "vocoder" },
  own: "the voice's own", unfit: "does not fit", over: "over",
  costs: (cost, joins, units) => `Path of ${units} units: cost ${cost.toFixed(2)}, ${joins} joins`,
  changed: (cost, joins) => `; before: cost ${cost.toFixed(2)}, ${joins} joins`,
  unit: "Unit", recording: "Recording", target: "Target cost", join: "Join cost", none: "–", natural: "none: its neighbour in the recording",
  hear: "Hear it in its recording", forbid: "Forbid (F)", force: "Force here (R)",
  kept: (forbidden, forced) => `${forbidden} forbidden, ${forced} forced`,
  position: "place", unitLabel: (u, t, j) => `unit ${u.index}, ${u.label}, of ${u.source}, target ${t}, join ${j}`,
  voiceMissing: "No voice answered.",
};
const ru = {
  language: "Язык", text: "Текст", voice: "Голос", vocoder: "Вокодер", speed: "Темп", speak: "Сказать",
  result: "Что получилось", transport: "Воспроизведение", play: "Слушать", pause: "Пауза", before: "Раньше (1)", now: "Теперь (2)",
  lanes: "Этапы на одной оси времени, секунды", why: "Почему эти единицы", reset: "Вернуть как было", beside: "Раньше и теперь",
  keys: "Ctrl+Enter — сказать · пробел — слушать и остановить · 1 и 2 — раньше или теперь с того же места · стрелки — от единицы к единице, Enter — услышать её в записи · F — запретить единицу, R — закрепить",
  speaking: "Говорю …", said: (s, ms) => `${s.toFixed(2)} с речи за ${ms} мс`,
  wave: "форма волны", spectrum: "0–8 кГц; линия: F0, 0–400 Гц", words: "слова", phones: "фоны", units: "единицы", cost: "стоимость: цели, стыка",
  stage: { segmentation: "текст", acoustic_model: "акустическая модель", vocoder: "вокодер" },
  own: "свой", unfit: "не подходит", over: "через",
  costs: (cost, joins, units) => `Путь из ${units} единиц: стоимость ${cost.toFixed(2)}, стыков ${joins}`,
  changed: (cost, joins) => `; раньше: стоимость ${cost.toFixed(2)}, стыков ${joins}`,
  unit: "Единица", recording: "Запись", target: "Стоимость цели", join: "Стоимость стыка", none: "–", natural: "нет: сосед по записи",
  hear: "Услышать в записи", forbid: "Запретить (F)", force: "Закрепить здесь (R)",
  kept: (forbidden, forced) => `запрещено ${forbidden}, закреплено ${forced}`,
  position: "место", unitLabel: (u, t, j) => `единица ${u.index}, ${u.label}, из ${u.source}, цель ${t}, стык ${j}`,
  voiceMissing: "Ни один голос не ответил.",
};
export const languages = { en, ru };

// Put the words of a language where the page names them.
export function put(say) {
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = say[node.dataset.say];
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say[node.dataset.label]);
}
