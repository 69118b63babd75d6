// SPDX-License-Identifier: Apache-2.0
// What the server says, in the language of the page. Messages are English in the program, so that a log can be searched
// for them; those that a page shows are translated here. One that is not known is shown as it came, and said to be so.
import { names, ru } from "./messages.js";
import { tongue } from "./tongue.js";

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
// What says more comes first: "{} was read as {}" would take what "{} was read by Russian rules" is for.
const known = Object.entries(ru).map(([english, russian]) => ({ russian, said: english.split("{}").join("").length, parts: english.split("{}") }))
  .sort((a, b) => b.said - a.said)
  .map(({ russian, parts }) => ({ russian, pattern: new RegExp(`^${parts.map(escaped).join("(.+?)")}$`, "s") }));
const quoted = (text) => text.replace(/'([^']*)'|"([^"]*)"/g, (_, one, two) => `«${one ?? two}»`);

// A message in Russian; undefined where it is not known.
function russian(text) {
  for (const { russian: template, pattern } of known) {
    const found = pattern.exec(text);
    if (!found) continue;
    let k = 0;
    return template.replace(/\{\}/g, () => { const inner = found[++k]; return names[inner] ?? russian(inner) ?? quoted(inner); });
  }
  return undefined;
}

// A message as the page says it; `lead` before one that is only known in English.
export function translated(text, lead = "") {
  if (tongue() !== "ru" || !text) return text;
  const parts = text.split(" → "); // how something was made
  if (parts.length > 1) return parts.map((part) => translated(part)).join(" → ");
  return russian(text) ?? (/[а-яё]/i.test(text) || !/[a-z]{3} [a-z]{2}/i.test(text) ? text : lead + text);
}

// What goes wrong is told in the one place that every panel has for it, in the language of the page.
let last = null;
export function trouble(error) {
  if (error?.name === "AbortError") return;
  last = error ?? null;
  const place = document.getElementById("trouble");
  place.textContent = last ? told(last) : "";
  place.hidden = !last;
}
export const retold = () => { if (last) trouble(last); };

function told(error) {
  if (!error?.said) return translated(error?.message ?? "", LEAD);
  const { error: message, hint } = error.said, [first, ...table] = message.split("\n");
  return [translated(first, LEAD), ...table, ...(hint ? [`→ ${translated(hint)}`] : [])].join("\n");
}
const LEAD = "Программа говорит: ";
