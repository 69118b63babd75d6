// SPDX-License-Identifier: Apache-2.0
// What the panel says, by language.
import { languages as lab } from "../strings.js";

const en = {
  ...lab.en, title: "Edit", result: "As it is spoken", ownSound: "The voice's own (1)", editedSound: "Edited (2)",
  undo: "Undo (U)", redo: "Redo", contour: "F0, 50 to 500 Hz: points can be dragged up and down", edges: "boundaries: drag to the left and right",
  phone: "Phone", seconds: "Seconds", hertz: "F0, Hz", asOwn: "As the voice has it", spelt: "Phones of the word", stress: "Stressed vowel",
  pauseAfter: "Pause after the word, s", changes: "Changed by hand", nothing: "nothing", reset: "All as the voice has it", save: "Save the edit", open: "Open an edit",
  keys: "Phones: arrow keys go to the next, Shift with Left and Right makes one shorter or longer, with Up and Down lower or higher, S moves the stress of its word · a boundary: Left and Right by 5 ms, with Shift by 20 ms · a point: Up and Down by 2 %, with Shift by 10 % · Space plays · 1 and 2 switch between the voice's own and the edited at the same place · U undoes · Ctrl+Enter speaks",
  of: (label, word) => `${label} of “${word}”`, silence: "Pause", start: "Pause at the beginning",
  dropped: (count) => `What was set in this word's old phones is gone (${count}); U brings it back.`,
  limited: (asked, low, high, taken, unit) => `${asked} ${unit} cannot be: ${low} to ${high} ${unit}. Taken: ${taken} ${unit}.`, hertzUnit: "Hz",
  edge: (label) => `end of ${label}`, ms: (s) => `${Math.round(1000 * s)} ms`, hz: (f) => `${Math.round(f)} Hz`, point: (label) => `F0 of ${label}`,
  none: "none", nth: (n) => `${n}`, noEdit: (file, why) => `${file} is no edit: ${why}. What was changed before is kept.`,
  notEdit: { json: "it is not valid JSON", form: "an edit is tables of changes, as synthkit say --edit reads them" }, noTable: (name) => `there is no table “${name}”; there are phones, stress, pauses, durations, f0`,
  cannot: { durations: "This acoustic model takes no durations", f0: "This acoustic model takes no F0" },
  timeless: "This acoustic model does not tell when each phone is said: phones and stress can be changed, durations and F0 cannot.",
  whole: "Some of it was used whole from a recording, with other phones than the text's; those cannot be moved.",
  change: { phones: (w, v) => `“${w}”: phones ${v}`, stress: (w, v) => `“${w}”: stress on vowel ${v}`, pauses: (w, v) => `pause after “${w}”: ${v} s`, first: (v) => `pause at the beginning: ${v} s`, durations: (p, v) => `${p}: ${v} s`, f0: (p, v) => `${p}: ${v} Hz` },
};
const ru = {
  ...lab.ru, title: "Правка", result: "Как это сказано", ownSound: "Как у голоса (1)", editedSound: "С правкой (2)",
  undo: "Отменить (U)", redo: "Вернуть", contour: "F0, 50–500 Гц: точки тянут вверх и вниз", edges: "границы: тянут влево и вправо",
  phone: "Фон", seconds: "Секунды", hertz: "F0, Гц", asOwn: "Как у голоса", spelt: "Фоны слова", stress: "Ударный гласный",
  pauseAfter: "Пауза после слова, с", changes: "Изменено вручную", nothing: "ничего", reset: "Всё как у голоса", save: "Сохранить правку", open: "Открыть правку",
  keys: "Фоны: стрелки — к соседнему, Shift с влево и вправо — короче или длиннее, с вверх и вниз — выше или ниже, S — перенести ударение слова · граница: влево и вправо по 5 мс, с Shift по 20 мс · точка: вверх и вниз по 2 %, с Shift по 10 % · пробел — слушать · 1 и 2 — как у голоса или с правкой с того же места · U — отменить · Ctrl+Enter — сказать",
  of: (label, word) => `${label} в «${word}»`, silence: "Пауза", start: "Пауза в начале",
  dropped: (count) => `Заданное в прежних фонах слова снято (${count}); U возвращает.`,
  limited: (asked, low, high, taken, unit) => `${asked} ${unit} не бывает: от ${low} до ${high} ${unit}. Взято: ${taken} ${unit}.`, hertzUnit: "Гц",
  edge: (label) => `конец: ${label}`, ms: (s) => `${Math.round(1000 * s)} мс`, hz: (f) => `${Math.round(f)} Гц`, point: (label) => `F0: ${label}`,
  none: "нет", nth: (n) => `${n}`, noEdit: (file, why) => `${file} — не правка: ${why}. Прежние изменения сохранены.`,
  notEdit: { json: "это не JSON", form: "правка — это таблицы изменений, как их читает synthkit say --edit" }, noTable: (name) => `таблицы «${name}» нет; есть phones, stress, pauses, durations, f0`,
  cannot: { durations: "Эта акустическая модель не принимает длительностей", f0: "Эта акустическая модель не принимает F0" },
  timeless: "Эта акустическая модель не говорит, когда звучит каждый фон: можно менять фоны и ударение, но не длительности и F0.",
  whole: "Часть взята из записи целиком, с другими фонами, чем в тексте; их сдвинуть нельзя.",
  change: { phones: (w, v) => `«${w}»: фоны ${v}`, stress: (w, v) => `«${w}»: ударение на гласный ${v}`, pauses: (w, v) => `пауза после «${w}»: ${v} с`, first: (v) => `пауза в начале: ${v} с`, durations: (p, v) => `${p}: ${v} с`, f0: (p, v) => `${p}: ${v} Гц` },
};
export const languages = { en, ru };
