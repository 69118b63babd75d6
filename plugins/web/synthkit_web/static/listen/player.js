// SPDX-License-Identifier: Apache-2.0
// Several sounds on one clock (Web Audio): switching between them keeps the position and leaves no gap.
import { patient } from "./patient.js";

const FADE = 0.008; // s; a step in the waveform would click

let shared = null;
// Browsers let sound begin only after a key or a click.
export function context() {
  shared ??= new AudioContext();
  if (shared.state === "suspended") shared.resume();
  return shared;
}

const cache = new Map();
async function decoded(url) {
  const reply = await patient(url);
  if (!reply.ok) throw Object.assign(new Error(`${url}: ${reply.status}`), { sound: url });
  // Decoding needs no permission to play, so that a page that was reloaded loads at once.
  return new OfflineAudioContext(1, 1, 48000).decodeAudioData(await reply.arrayBuffer());
}
// One fetch and one decoding of each sound, whoever asks first.
export function sound(url) {
  if (!cache.has(url)) {
    if (cache.size > 64) cache.delete(cache.keys().next().value);
    const coming = decoded(url);
    coming.catch(() => cache.delete(url));
    cache.set(url, coming);
  }
  return cache.get(url);
}

export class Player extends EventTarget {
  // Events: "change" (playing, current, loop or region), "tick" (position).
  constructor(buffers) {
    super();
    this.lengths = buffers.map((b) => b.duration);
    this.duration = Math.max(...this.lengths);
    this.buffers = buffers.map((b) => this.#padded(b));
    this.current = 0;
    this.playing = false;
    this.looping = false;
    this.region = [0, this.duration];
    this.heard = buffers.map(() => 0); // s of each that were heard
    this.offset = 0; // where it was when playing began, or stopped
    this.sources = [];
  }

  // All of one length, so that loops of all wrap at the same sample.
  #padded(buffer) {
    const length = Math.ceil(this.duration * buffer.sampleRate);
    if (buffer.length >= length) return buffer;
    const out = new AudioBuffer({ length, numberOfChannels: buffer.numberOfChannels, sampleRate: buffer.sampleRate });
    for (let c = 0; c < buffer.numberOfChannels; c++) out.copyToChannel(buffer.getChannelData(c), c);
    return out;
  }

  get position() {
    if (!this.playing) return this.offset;
    let at = this.offset + Math.max(0, this.context.currentTime - this.began);
    const [start, end] = this.region;
    if (this.looping && at > end) at = start + ((at - start) % (end - start));
    return Math.min(at, this.duration);
  }

  play(k = this.current) {
    if (this.playing) return this.switchTo(k);
    this.context = context();
    this.current = k;
    if (this.offset >= this.lengths[k] - 0.01) this.offset = this.looping ? this.region[0] : 0;
    const when = this.context.currentTime + 0.01;
    this.sources = this.buffers.map((buffer, j) => {
      const gain = new GainNode(this.context, { gain: 0 });
      const source = new AudioBufferSourceNode(this.context, {
        buffer, loop: this.looping, loopStart: this.region[0], loopEnd: this.region[1],
      });
      source.connect(gain).connect(this.context.destination);
      gain.gain.setValueAtTime(0, when);
      gain.gain.linearRampToValueAtTime(j === k ? 1 : 0, when + FADE);
      source.start(when, this.offset);
      return { source, gain };
    });
    this.began = when;
    this.counted = this.position;
    this.playing = true;
    this.timer = setInterval(() => this.#tick(), 25);
    this.#changed();
  }

  #tick() {
    const at = this.position;
    // What passed since the last tick was heard of the current sound, as far as it lasts.
    const passed = at >= this.counted ? at - this.counted : this.region[1] - this.counted + at - this.region[0];
    const lasts = this.lengths[this.current];
    this.heard[this.current] += Math.max(0, Math.min(passed, lasts - this.counted + 0.001));
    this.counted = at;
    this.dispatchEvent(new Event("tick"));
    if (!this.looping && at >= this.lengths[this.current] - 0.005) {
      this.pause();
      this.offset = 0;
      this.dispatchEvent(new Event("tick"));
    }
  }

  pause() {
    if (!this.playing) return;
    const at = this.position;
    clearInterval(this.timer);
    const now = this.context.currentTime;
    for (const { source, gain } of this.sources) {
      gain.gain.cancelScheduledValues(now);
      gain.gain.setTargetAtTime(0, now, FADE / 3);
      source.stop(now + 3 * FADE);
    }
    this.sources = [];
    this.playing = false;
    this.offset = at;
    this.#changed();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  switchTo(k) {
    if (!this.playing) return this.play(k);
    if (k === this.current) return;
    this.#tick();
    if (!this.playing) return this.play(k);
    const now = this.context.currentTime;
    this.sources.forEach(({ gain }, j) => {
      gain.gain.cancelScheduledValues(now);
      gain.gain.setValueAtTime(j === this.current ? 1 : 0, now);
      gain.gain.linearRampToValueAtTime(j === k ? 1 : 0, now + FADE);
    });
    this.current = k;
    if (this.position >= this.lengths[k] - 0.01) this.seek(this.looping ? this.region[0] : 0);
    this.#changed();
  }

  seek(at) {
    const playing = this.playing;
    if (playing) this.pause();
    this.offset = Math.min(Math.max(0, at), this.duration);
    if (playing) this.play();
    else this.dispatchEvent(new Event("tick"));
  }

  loop(on, region = this.region) {
    const at = this.position, playing = this.playing;
    if (playing) this.pause();
    this.looping = on;
    this.region = region[1] - region[0] >= 0.05 ? region : [0, this.duration];
    this.offset = on && (at < this.region[0] || at > this.region[1]) ? this.region[0] : at;
    if (playing) this.play();
    else this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
    this.dispatchEvent(new Event("tick"));
  }

  close() {
    this.pause();
  }
}
