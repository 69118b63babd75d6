// SPDX-License-Identifier: Apache-2.0
// The language of the interface: one for all panels of a tab.
const KEY = "synthkit-lab";
const kept = () => { try { return JSON.parse(sessionStorage.getItem(KEY) ?? "{}"); } catch { return {}; } };

export const tongue = () => kept().language ?? (navigator.language.startsWith("ru") ? "ru" : "en");
export const speakIn = (language) => sessionStorage.setItem(KEY, JSON.stringify({ ...kept(), language }));
