// SPDX-License-Identifier: Apache-2.0
// What the shared modules say, by language.
const en = {
  play: "Play", pause: "Pause", before: "Before (1)", now: "Now (2)", why: "Why these units", beside: "Before and now",
  lanes: "Stages on one time axis, seconds", s: "s", ms: "ms",
  wave: "waveform", spectrum: "0 to 8 kHz; line: F0, 0 to 400 Hz", words: "words", phones: "phones", units: "units", cost: "cost: target, join",
  costs: (cost, joins, units) => `Path of ${units} units: cost ${cost.toFixed(2)}, ${joins} joins`,
  changed: (cost, joins) => `; before: cost ${cost.toFixed(2)}, ${joins} joins`,
  unit: "Unit", recording: "Recording", target: "Target cost", join: "Join cost", none: "–", natural: "none: its neighbour in the recording",
  hear: "Hear it in its recording", forbid: "Forbid (F)", force: "Force here (R)", leave: "Leave out its recording (L)",
  position: "place", unitLabel: (u, t, j) => `unit ${u.index}, ${u.label}, of ${u.source}, target ${t}, join ${j}`,
  lattice: "All candidates: a column is a half-phone, cheapest first; a number is what the best path through the unit costs more",
  looked: (all, told) => `${all} candidates were looked at, ${told} are drawn`,
  excess: "Its best path costs", more: (x) => x ? `${x.toFixed(2)} more than the chosen one` : "nothing more: it is the chosen one",
  cell: (c, row, rows) => `place ${c.place}, ${c.label}, candidate ${row + 1} of ${rows}: unit ${c.index} of ${c.source}, ${c.excess.toFixed(2)} more`,
  silent: "Its recording is not in this page; the lab plays it.",
};
const ru = {
  play: "Слушать", pause: "Пауза", before: "Раньше (1)", now: "Теперь (2)", why: "Почему эти единицы", beside: "Раньше и теперь",
  lanes: "Этапы на одной оси времени, секунды", s: "с", ms: "мс",
  wave: "форма волны", spectrum: "0–8 кГц; линия: F0, 0–400 Гц", words: "слова", phones: "фоны", units: "единицы", cost: "стоимость: цели, стыка",
  costs: (cost, joins, units) => `Путь из ${units} единиц: стоимость ${cost.toFixed(2)}, стыков ${joins}`,
  changed: (cost, joins) => `; раньше: стоимость ${cost.toFixed(2)}, стыков ${joins}`,
  unit: "Единица", recording: "Запись", target: "Стоимость цели", join: "Стоимость стыка", none: "–", natural: "нет: сосед по записи",
  hear: "Услышать в записи", forbid: "Запретить (F)", force: "Закрепить здесь (R)", leave: "Не брать из этой записи (L)",
  position: "место", unitLabel: (u, t, j) => `единица ${u.index}, ${u.label}, из ${u.source}, цель ${t}, стык ${j}`,
  lattice: "Все кандидаты: столбец — полуфон, дешёвые сверху; число — насколько дороже лучший путь через единицу",
  looked: (all, told) => `рассмотрено кандидатов: ${all}, показано: ${told}`,
  excess: "Лучший путь через неё", more: (x) => x ? `дороже выбранного на ${x.toFixed(2)}` : "не дороже: это и есть выбранный",
  cell: (c, row, rows) => `место ${c.place}, ${c.label}, кандидат ${row + 1} из ${rows}: единица ${c.index} из ${c.source}, дороже на ${c.excess.toFixed(2)}`,
  silent: "Этой записи в странице нет; её играет lab.",
};
export const words = { en, ru };
