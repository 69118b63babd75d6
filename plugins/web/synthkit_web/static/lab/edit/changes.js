// SPDX-License-Identifier: Apache-2.0
// What is changed by hand, in the tables that `synthkit say --edit` reads, with undo.
export const EMPTY = {};
const TABLES = ["phones", "stress", "pauses", "durations", "f0"];

// What a file that was opened changes; throws what is wrong with it: "json", "form" or ["table", its name].
export function readEdit(text) {
  let edit;
  try { edit = JSON.parse(text); } catch { throw "json"; }
  const isTable = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  if (!isTable(edit)) throw "form";
  for (const [name, table] of Object.entries(edit)) {
    if (!TABLES.includes(name)) throw ["table", name];
    if (!isTable(table)) throw "form";
  }
  return edit;
}

export class Changes {
  #past = [];
  #future = [];
  constructor(edit, changed) { this.edit = edit ?? {}; this.changed = changed; }
  get empty() { return !TABLES.some((t) => Object.keys(this.edit[t] ?? {}).length); }
  get undoable() { return this.#past.length > 0; }
  get redoable() { return this.#future.length > 0; }
  get(table, key) { return this.edit[table]?.[key]; }

  // Each of [table, key, value] in one step; undefined takes a change back.
  set(...all) {
    const next = structuredClone(this.edit);
    for (const [table, key, value] of all) {
      if (value === undefined) delete next[table]?.[key]; else (next[table] ??= {})[key] = value;
      if (next[table] && !Object.keys(next[table]).length) delete next[table];
    }
    this.#to(next);
  }
  // Another pronunciation: what was fixed of the word's phones was of the old ones.
  respell(word, table, value) {
    const next = structuredClone(this.edit), mine = (key) => key.split(".")[0] === `${word}`;
    let lost = 0;
    for (const name of ["durations", "f0"]) for (const key of Object.keys(next[name] ?? {})) if (mine(key)) { delete next[name][key]; lost++; }
    if (table === "stress" && next.phones?.[word] !== undefined) lost++;
    for (const name of ["phones", "stress"]) if (next[name]) delete next[name][word];
    if (value !== undefined) (next[table] ??= {})[word] = value;
    for (const name of TABLES) if (next[name] && !Object.keys(next[name]).length) delete next[name];
    this.#to(next);
    return lost;
  }
  replace(edit) { this.#to(structuredClone(edit)); }
  forget() { this.edit = {}; this.#past = []; this.#future = []; }
  undo() { this.#step(this.#past, this.#future); }
  redo() { this.#step(this.#future, this.#past); }
  #step(from, to) {
    if (!from.length) return;
    to.push(this.edit);
    this.edit = from.pop();
    this.changed();
  }
  #to(next) {
    if (JSON.stringify(next) === JSON.stringify(this.edit)) return;
    this.#past = [...this.#past.slice(-199), this.edit];
    this.#future = [];
    this.edit = next;
    this.changed();
  }
}
