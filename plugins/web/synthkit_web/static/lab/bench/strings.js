// SPDX-License-Identifier: Apache-2.0
// What the panel says, by language.
import { languages as lab } from "../strings.js";

const en = {
  ...lab.en, title: "Vocoder bench", source: "Recording", from: "From", ofCorpus: "a corpus", uploaded: "a file", ofVoice: "a voice's speech",
  corpus: "Corpus", utterance: "Utterance", file: "File", copy: "Copy", features: "Features", fitting: "those that fit", f0: "F0", phase: "Phase",
  cepstra: "Cepstra kept", formants: "Formants ×", semitones: "Semitones", noise: "Noise", all: "all", reset: "Nothing changed",
  f0Own: "of the features", f0Flat: "its median everywhere", f0Of: (t) => `by ${t}`,
  phases: { vocoder: "as the vocoder makes it", original: "the recording's", min: "minimum", zero: "zero", random: "random" },
  result: "Original and copy", original: "Original (1)", copied: "Copy (2)", copying: "Copying …", made: (how, ms) => `${how}; ${ms} ms`,
  spectrumA: "original, 0 to 8 kHz", spectrumB: "copy, 0 to 8 kHz", difference: "difference: red where the copy is louder, blue where it is softer, full at 24 dB",
  tracks: "F0, 0 to 400 Hz", trackerA: "Tracker A", trackerB: "Tracker B", trackerCopy: "the copy, by yin",
  agree: (db, both, gross, voicing) => `Mean difference of the spectra ${db} dB. Trackers A and B: ${both} % of frames voiced by both, ${gross} % of them more than 20 % apart, ${voicing} % voiced by one alone.`,
  keys: "Space plays and pauses · 1 and 2 switch between original and copy at the same place · on the lanes: Left and Right go by 0.1 s",
};
const ru = {
  ...lab.ru, title: "Стенд вокодеров", source: "Запись", from: "Откуда", ofCorpus: "из корпуса", uploaded: "из файла", ofVoice: "речь голоса",
  corpus: "Корпус", utterance: "Фраза", file: "Файл", copy: "Копия", features: "Признаки", fitting: "подходящие", f0: "F0", phase: "Фаза",
  cepstra: "Оставить кепстров", formants: "Форманты ×", semitones: "Полутоны", noise: "Шум", all: "все", reset: "Ничего не менять",
  f0Own: "из признаков", f0Flat: "везде её медиана", f0Of: (t) => `по ${t}`,
  phases: { vocoder: "как делает вокодер", original: "как в записи", min: "минимальная", zero: "нулевая", random: "случайная" },
  result: "Оригинал и копия", original: "Оригинал (1)", copied: "Копия (2)", copying: "Копирую …", made: (how, ms) => `${how}; ${ms} мс`,
  spectrumA: "оригинал, 0–8 кГц", spectrumB: "копия, 0–8 кГц", difference: "разность: красное — копия громче, синее — тише, полный цвет при 24 дБ",
  tracks: "F0, 0–400 Гц", trackerA: "Алгоритм A", trackerB: "Алгоритм B", trackerCopy: "копия, по yin",
  agree: (db, both, gross, voicing) => `Средняя разность спектров ${db} дБ. Алгоритмы A и B: ${both} % кадров звонки у обоих, ${gross} % из них расходятся больше чем на 20 %, ${voicing} % звонки только у одного.`,
  keys: "Пробел — слушать и остановить · 1 и 2 — оригинал или копия с того же места · на дорожках: влево и вправо по 0,1 с",
};
export const languages = { en, ru };
