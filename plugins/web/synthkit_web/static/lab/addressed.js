// SPDX-License-Identifier: Apache-2.0
// What the address of a panel asks for, as in /lab/bench/?id=ru_0063&vocoder=world. It wins over what the tab has kept, and is
// then taken out of the address, so that a reload shows what was set since. What there is not is told, and the rest is done.
import { tongue } from "./tongue.js";

const words = {
  en: {
    none: (name, value, known) => `The address asks for ${name} “${value}”, which is not here. There ${known.length ? `is: ${known.join(", ")}` : "is none"}.`,
    number: (name, value, low, high) => `The address asks for ${name} “${value}”: it is a number from ${low} to ${high}.`,
    long: (name, most) => `The ${name} of the address is longer than the ${most} characters that fit here, and was left out.`,
    unfit: (name, value) => `The address asks for ${name} “${value}”, which does not fit the rest, and was left out.`,
    unknown: (names) => `The address says what this panel does not know: ${names.join(", ")}.`,
  },
  ru: {
    none: (name, value, known) => `В адресе ${name} «${value}», а здесь этого нет. ${known.length ? `Есть: ${known.join(", ")}` : "Нет ни одного"}.`,
    number: (name, value, low, high) => `В адресе ${name} «${value}», а нужно число от ${low} до ${high}.`,
    long: (name, most) => `В адресе ${name} длиннее ${most} знаков, которые здесь помещаются; он не взят.`,
    unfit: (name, value) => `В адресе ${name} «${value}», но с остальным это не сходится; оно не взято.`,
    unknown: (names) => `В адресе есть то, чего эта панель не знает: ${names.join(", ")}.`,
  },
};
const NAMED = 12; // of what there is

export class Address {
  #asked = new URLSearchParams(location.search);
  #wrong = [];
  constructor() {
    this.given = this.#asked.size > 0;
    if (location.search) history.replaceState(history.state, "", location.pathname + location.hash);
  }

  has(name) { return this.#asked.has(name); }
  // What is asked for by that name; undefined where nothing is, or where it is not among `known`.
  one(name, known) {
    const value = this.#take(name);
    if (value === undefined || known.includes(value)) return value;
    this.#wrong.push((say) => say.none(name, value, known.length > NAMED ? [...known.slice(0, NAMED), "…"] : known));
    return undefined;
  }
  number(name, low, high) {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    const found = value.trim() === "" ? NaN : Number(value);
    if (found >= low && found <= high) return found;
    this.#wrong.push((say) => say.number(name, value, low, high));
    return undefined;
  }
  text(name, most) {
    const value = this.#take(name);
    if (value === undefined || value.length <= most) return value;
    this.#wrong.push((say) => say.long(name, most));
    return undefined;
  }
  unfit(name, value) { this.#wrong.push((say) => say.unfit(name, value)); }

  // What is told of an address when all was taken; null where nothing is wrong with it.
  get trouble() {
    const left = [...new Set(this.#asked.keys())], say = words[tongue()];
    const told = [...this.#wrong.map((wrong) => wrong(say)), ...(left.length ? [say.unknown(left)] : [])];
    return told.length ? { message: told.join("\n") } : null;
  }
  #take(name) {
    const value = this.#asked.get(name) ?? undefined;
    this.#asked.delete(name);
    return value;
  }
}
