// SPDX-License-Identifier: Apache-2.0
// What the panel Labels says, by language.
const en = {
  title: "Labels", language: "Language",
  choose: "Alignment", source: "Of", order: "Order", doubtFirst: "doubtful first", byName: "by name", notYet: "not corrected yet",
  utterance: "Utterance", before: "Previous (PageUp)", after: "Next (PageDown)",
  counted: (n, doubt, done) => `${n} utterances, ${doubt} with doubtful boundaries, ${done} corrected`,
  kinds: { corpus: "corpus", voice: "voice" },
  tools: "Hearing and correcting", play: "Play what is seen (P)", around: "Around the boundary (Enter)", nextDoubt: "Next doubtful (N)",
  zero: "To zero crossing (Z)", undo: "Undo (U)", redo: "Redo (R)", nearer: "Nearer (+)", farther: "Farther (−)", snap: "Dragged boundaries snap to zero crossings",
  wave: "waveform", spectrum: "0 to 8 kHz", words: "words", phones: "phones", edges: "Boundaries of phones", flags: "Doubtful boundaries",
  save: "Save the correction (S)", first: "As it was first", learn: "What is saved is learned from:",
  place: (path) => `saved in ${path}`, saved: (path) => `Saved: ${path}`, unsaved: "not saved yet", asFirst: "as it was first",
  edge: (left, right, t) => `boundary ${left} to ${right}, ${t} s`,
  where: (left, right, t, off) => `${left} | ${right}: ${t} s${off ? `, moved by ${off} ms` : ""}`,
  flag: (label, t, why) => `${label}, ${t} s: ${why}`, noFlags: "No boundary is in doubt.",
  make: "make them: synthkit align FOLDER -o labels, then synthkit lab --corpus FOLDER --labels labels",
  none: "No alignment was given: synthkit lab --corpus FOLDER, or a voice.", loading: "Reading …",
  keys: "Left and right move a boundary by 1 ms, with Shift by 10 ms · up and down go to the boundary before and after · N the next doubtful one · Enter plays around it, P what is seen · Z to the nearest zero crossing · U undoes, R does again · + and − zoom · S saves · PageUp and PageDown change the utterance",
};
const ru = {
  title: "Разметка", panels: "Панели", panelSpeak: "Говорить", panelLabels: "Разметка", panelTraining: "Обучение", language: "Язык",
  choose: "Разметка", source: "Чья", order: "Порядок", doubtFirst: "сначала сомнительные", byName: "по имени", notYet: "ещё не исправленные",
  utterance: "Высказывание", before: "Предыдущее (PageUp)", after: "Следующее (PageDown)",
  counted: (n, doubt, done) => `высказываний: ${n}, с сомнительными границами: ${doubt}, исправлено: ${done}`,
  kinds: { corpus: "корпус", voice: "голос" },
  tools: "Слушать и исправлять", play: "Слушать видимое (P)", around: "Вокруг границы (Enter)", nextDoubt: "Следующая сомнительная (N)",
  zero: "К переходу через ноль (Z)", undo: "Отменить (U)", redo: "Повторить (R)", nearer: "Ближе (+)", farther: "Дальше (−)", snap: "Границы мышью — к переходу через ноль",
  wave: "форма волны", spectrum: "0–8 кГц", words: "слова", phones: "фоны", edges: "Границы фонов", flags: "Сомнительные границы",
  save: "Сохранить исправление (S)", first: "Как было сначала", learn: "На сохранённом учится разметчик:",
  place: (path) => `сохранено в ${path}`, saved: (path) => `Сохранено: ${path}`, unsaved: "ещё не сохранено", asFirst: "как было сначала",
  edge: (left, right, t) => `граница ${left} и ${right}, ${t} с`,
  where: (left, right, t, off) => `${left} | ${right}: ${t} с${off ? `, сдвинута на ${off} мс` : ""}`,
  flag: (label, t, why) => `${label}, ${t} с: ${why}`, noFlags: "Сомнительных границ нет.",
  make: "их можно сделать: synthkit align ПАПКА -o labels, затем synthkit lab --corpus ПАПКА --labels labels",
  none: "Разметка не дана: synthkit lab --corpus ПАПКА или голос.", loading: "Читаю …",
  keys: "Влево и вправо — сдвинуть границу на 1 мс, с Shift на 10 мс · вверх и вниз — к соседней границе · N — следующая сомнительная · Enter — слушать вокруг неё, P — видимое · Z — к ближайшему переходу через ноль · U — отменить, R — повторить · + и − — масштаб · S — сохранить · PageUp и PageDown — другое высказывание",
};
export const languages = { en, ru };
