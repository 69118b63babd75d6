// SPDX-License-Identifier: Apache-2.0
// What was spoken, put together from its pieces as they come; the whole is what speaking it at once gives.
import { sixteen } from "../common/player.js";

const later = (rows, by) => rows?.map(([start, end, label]) => [start + by, end + by, label]);

export class Said {
  pieces = []; text = ""; sample_rate = 0; frames = 0; spent = {}; predicted = []; notes = [];
  words = null; phones = null; units = null; cost = null; joins = null;
  of = 0; // pieces that it will have
  complete = false;

  get seconds() { return this.frames ? this.frames / this.sample_rate : 0; }

  // What the acoustic model gave, of all pieces: "212 × unit".
  get given() {
    const counts = new Map();
    for (const [, count, kind] of this.predicted.map((p) => /^(?:(\d+) × )?(.*)$/.exec(p))) counts.set(kind, (counts.get(kind) ?? 0) + (count ? +count : 0));
    return [...counts].map(([kind, count]) => (count ? `${count} × ${kind}` : kind)).join(", ");
  }

  // A piece as the server tells it; gives it with its samples and the second at which it begins.
  add(told) {
    const piece = { ...told, samples: sixteen(told.audio), start: this.seconds };
    delete piece.audio;
    this.pieces.push(piece);
    this.sample_rate = told.sample_rate;
    this.frames += piece.samples.length;
    this.of = told.pieces;
    this.text = this.text ? `${this.text} ${told.text}` : told.text;
    for (const [stage, s] of Object.entries(told.spent)) this.spent[stage] = (this.spent[stage] ?? 0) + s;
    this.predicted.push(...told.predicted);
    this.notes.push(...told.notes.filter((note) => !this.notes.includes(note)));
    for (const tier of ["words", "phones"]) if (told[tier]) this[tier] = [...(this[tier] ?? []), ...later(told[tier], piece.start)];
    if (told.units) {
      this.units = [...(this.units ?? []), ...told.units.map((u) => ({ ...u, start: u.start + piece.start, end: u.end + piece.start }))];
      this.cost = (this.cost ?? 0) + told.cost;
      this.joins = (this.joins ?? 0) + told.joins;
    }
    return piece;
  }

  // The file that `synthkit say -o` writes: 16 bits, one channel.
  wav() {
    const data = new DataView(new ArrayBuffer(44 + 2 * this.frames)), word = (at, letters) => [...letters].forEach((c, k) => data.setUint8(at + k, c.charCodeAt(0)));
    word(0, "RIFF"); data.setUint32(4, 36 + 2 * this.frames, true); word(8, "WAVEfmt ");
    data.setUint32(16, 16, true); data.setUint16(20, 1, true); data.setUint16(22, 1, true);
    data.setUint32(24, this.sample_rate, true); data.setUint32(28, 2 * this.sample_rate, true);
    data.setUint16(32, 2, true); data.setUint16(34, 16, true);
    word(36, "data"); data.setUint32(40, 2 * this.frames, true);
    let at = 44;
    for (const { samples } of this.pieces) for (const x of samples) { data.setInt16(at, Math.round(x * 32768), true); at += 2; }
    return data.buffer;
  }
}
