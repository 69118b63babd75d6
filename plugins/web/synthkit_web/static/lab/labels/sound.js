// SPDX-License-Identifier: Apache-2.0
// Stretches of one recording.
import { context } from "../../common/player.js";

const FADE = 0.004;
export class Sound {
  #node = null;
  #began = 0;
  #from = 0;
  constructor(samples, rate) {
    this.samples = samples; this.rate = rate;
    this.buffer = new AudioBuffer({ length: Math.max(samples.length, 1), sampleRate: rate });
    this.buffer.copyToChannel(samples, 0);
  }
  get playing() { return this.#node !== null; }
  get position() { return this.playing ? this.#from + context().currentTime - this.#began : null; }
  play(from, to) {
    this.stop();
    const c = context(), node = c.createBufferSource(), gain = c.createGain(), seconds = Math.max(to - from, 0.01);
    node.buffer = this.buffer;
    node.connect(gain).connect(c.destination);
    gain.gain.setValueAtTime(0, c.currentTime);
    gain.gain.linearRampToValueAtTime(1, c.currentTime + FADE);
    gain.gain.setValueAtTime(1, c.currentTime + seconds - FADE);
    gain.gain.linearRampToValueAtTime(0, c.currentTime + seconds);
    node.onended = () => { if (this.#node === node) this.#node = null; };
    node.start(0, Math.max(from, 0), seconds);
    this.#node = node;
    this.#began = c.currentTime;
    this.#from = Math.max(from, 0);
  }
  stop() { const node = this.#node; this.#node = null; node?.stop(); }
}

// The samples of a wav file of 16 bits.
export function decoded(bytes) {
  const view = new DataView(bytes);
  return { rate: view.getUint32(24, true), samples: Float32Array.from({ length: (bytes.byteLength - 44) >> 1 }, (_, k) => view.getInt16(44 + 2 * k, true) / 32768) };
}
