// SPDX-License-Identifier: Apache-2.0
// The microphone: its level, the noise of the room, and takes that begin and end by themselves.
import { encode } from "./wav.js";

const BLOCK = 0.02, PRE = 0.3, TAIL = 0.3, SILENCE = 0.9, SHORTEST = 0.24, LONGEST = 90;

export function decibel(block) {
  let sum = 0;
  for (const x of block) sum += x * x;
  return 10 * Math.log10(sum / block.length + 1e-12);
}

export class Microphone {
  constructor(onlevel) {
    this.onlevel = onlevel;
    this.noise = -60;
    this.take = null;
  }

  async open() {
    // What browsers do to a voice for calls is no good for recordings.
    const wanted = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: { ...wanted, sampleRate: 48000 } });
    this.context = new AudioContext({ sampleRate: 48000 });
    await this.context.audioWorklet.addModule("capture.js");
    const source = this.context.createMediaStreamSource(this.stream);
    const node = new AudioWorkletNode(this.context, "capture", { numberOfOutputs: 0 });
    node.port.onmessage = (event) => this.hear(event.data);
    source.connect(node);
    await this.context.resume();
  }

  hear(block) {
    const level = decibel(block);
    this.onlevel(level, Math.max(...block.map(Math.abs)));
    if (this.listener) this.listener(level);
    if (this.take) this.take(block, level);
  }

  // The noise of the room: the level that half of two seconds stay below.
  async room(seconds = 2) {
    const levels = [];
    await new Promise((resolve) => {
      this.listener = (level) => {
        levels.push(level);
        if (levels.length >= seconds / BLOCK) resolve();
      };
    });
    this.listener = null;
    levels.sort((a, b) => a - b);
    this.noise = levels[Math.floor(levels.length * 0.25)];
    return this.noise;
  }

  // One take: from a little before the voice to a little after it; `stop` of what is returned ends it at once.
  start() {
    const blocks = [], pre = [];
    let begun = false, loud = 0, quiet = 0, spoken = 0, clipped = 0, finish;
    const threshold = Math.max(this.noise + 10, -55);
    const done = new Promise((resolve) => { finish = resolve; });
    const end = () => {
      this.take = null;
      const cut = Math.max(0, Math.floor((quiet - TAIL) / BLOCK));
      const kept = blocks.slice(0, blocks.length - cut);
      finish(kept.length ? { wav: encode(kept, this.context.sampleRate), clipped } : null);
    };
    this.take = (block, level) => {
      if (!begun) {
        pre.push(block);
        loud = level > threshold ? loud + 1 : 0;
        if (loud >= 3) {
          begun = true;
          blocks.push(...pre.slice(-Math.round(PRE / BLOCK) - 3));
        } else if (pre.length > LONGEST / BLOCK) end();
        return;
      }
      blocks.push(block);
      for (const x of block) if (Math.abs(x) >= 0.999) clipped += 1;
      quiet = level > threshold ? 0 : quiet + BLOCK;
      if (level > threshold) spoken += BLOCK;
      if ((quiet >= SILENCE && spoken >= SHORTEST) || blocks.length * BLOCK > LONGEST) end();
    };
    return { done, stop: end };
  }
}
