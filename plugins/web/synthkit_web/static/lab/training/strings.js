// SPDX-License-Identifier: Apache-2.0
// What the panel Training says, by language.
const clock = (s) => { const r = Math.round(s), h = Math.floor(r / 3600), m = Math.floor(r / 60) % 60, p = (n) => `${n}`.padStart(2, "0"); return h ? `${h}:${p(m)}:${p(r % 60)}` : `${m}:${p(r % 60)}`; };
const en = {
  title: "Training", language: "Language",
  build: "Build", which: "Voice", start: "Begin, or go on (G)", stop: "Stop (T)", stages: "Stages", far: "How far it is", stage: "Of", course: "The training",
  stopping: "stops; what is done is kept …",
  states: { new: "not begun yet", begins: "begins …", running: "runs", done: "done", stopped: "stopped; it goes on from where it was", killed: "was killed; it goes on from where it was", failed: "failed", watched: "a training's folder, only looked at" },
  names: { corpus: "corpus", segmentation: "text", alignment: "alignment", features: "features", acoustic_model: "acoustic model", vocoder: "vocoder", voice: "voice", training: "training" },
  took: (name, s) => `${name} ${clock(s)}`, eta: (label, done, total, left) => `${label}: ${done}${total ? ` of ${total}` : ""}${left === null ? "" : `, ${clock(left)} left`}`,
  loss: "Loss", all: "all", losses: "loss by step", rate: "learning rate applied", watch: "What the watch says", nothing: "It has nothing to say.",
  at: (step, values, lr) => `step ${step}: ${values}${lr === null ? "" : `, learning rate ${lr}`}`, word: (step, text) => (step === null ? text : `step ${step}: ${text}`),
  curve: (name, first, last, step) => `${name}: ${first} at first, ${last} at step ${step}`,
  validation: "Validation", step: "Step", newest: "newest", sounds: "Sentences", hear: (n, text) => `▶ ${n}. ${text}`, attention: (step) => `attention at step ${step}`,
  said: "What it said", none: "No build is known here: synthkit lab --build VOICE.toml begins one; those of this folder are known.",
  keys: "G begins a build or goes on with it · T stops it, what is done is kept · Left and right on the curve go from step to step · 1 to 9 play the sentences of the validation · closing the page stops nothing",
};
const ru = {
  title: "Обучение", language: "Язык",
  build: "Сборка", which: "Голос", start: "Начать или продолжить (G)", stop: "Остановить (T)", stages: "Этапы", far: "Сколько сделано", stage: "Чего", course: "Обучение",
  stopping: "останавливается; сделанное остаётся …",
  states: { new: "ещё не начата", begins: "начинается …", running: "идёт", done: "готово", stopped: "остановлена; продолжится с того же места", killed: "была убита; продолжится с того же места", failed: "не удалась", watched: "папка обучения, только на неё смотрят" },
  names: { corpus: "корпус", segmentation: "текст", alignment: "разметка", features: "признаки", acoustic_model: "акустическая модель", vocoder: "вокодер", voice: "голос", training: "обучение" },
  took: (name, s) => `${name} ${clock(s)}`, eta: (label, done, total, left) => `${label}: ${done}${total ? ` из ${total}` : ""}${left === null ? "" : `, осталось ${clock(left)}`}`,
  loss: "Потери", all: "все", losses: "потери по шагам", rate: "применённый темп обучения", watch: "Что говорит наблюдение", nothing: "Сказать нечего.",
  at: (step, values, lr) => `шаг ${step}: ${values}${lr === null ? "" : `, темп обучения ${lr}`}`, word: (step, text) => (step === null ? text : `шаг ${step}: ${text}`),
  curve: (name, first, last, step) => `${name}: сначала ${first}, на шаге ${step} — ${last}`,
  validation: "Проверка", step: "Шаг", newest: "новейший", sounds: "Предложения", hear: (n, text) => `▶ ${n}. ${text}`, attention: (step) => `внимание на шаге ${step}`,
  said: "Что сказано", none: "Здесь неизвестно ни одной сборки: synthkit lab --build VOICE.toml начнёт её; сборки этой папки известны.",
  keys: "G — начать сборку или продолжить · T — остановить, сделанное сохранится · влево и вправо на кривой — от шага к шагу · 1–9 — слушать предложения проверки · закрыть страницу — ничего не остановить",
};
export const languages = { en, ru };
