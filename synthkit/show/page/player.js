// SPDX-License-Identifier: Apache-2.0
// Two sounds on one clock: switching between them keeps the place.
let shared = null;
export function context() { // browsers let sound begin only after a key or a click
  shared ??= new AudioContext();
  if (shared.state === "suspended") shared.resume();
  return shared;
}

const FADE = 0.008;
export class Player extends EventTarget {
  sounds = [null, null]; // before, now
  current = 1;
  playing = false;
  #offset = 0;
  #began = 0;
  #node = null;

  get duration() { return this.sounds[this.current]?.duration ?? 0; }
  get position() { return this.playing ? Math.min(this.#offset + shared.currentTime - this.#began, this.duration) : this.#offset; }

  set(index, samples, rate) {
    const buffer = samples && new AudioBuffer({ length: Math.max(samples.length, 1), sampleRate: rate });
    buffer?.copyToChannel(samples, 0);
    this.sounds[index] = buffer;
    if (this.playing && index === this.current) this.#restart();
  }
  toggle() { this.playing ? this.pause() : this.play(); }
  play(at = this.#offset) {
    if (!this.sounds[this.current]) return;
    this.#offset = at >= this.duration - 0.02 ? 0 : Math.max(at, 0);
    this.#start();
  }
  pause() { this.#offset = this.position; this.#stop(); this.#tell(); }
  seek(at) { if (this.playing) { this.#offset = at; this.#restart(at); } else { this.#offset = at; this.#tell(); } }
  choose(index) {
    if (!this.sounds[index] || index === this.current) return;
    const at = this.position;
    this.current = index;
    this.#offset = Math.min(at, this.duration);
    if (this.playing) this.#restart(this.#offset); else this.#tell();
  }
  #restart(at = this.position) { this.#stop(); this.#offset = Math.min(at, this.duration); this.#start(); }
  #start() {
    this.#stop();
    const c = context(), node = c.createBufferSource(), gain = c.createGain();
    node.buffer = this.sounds[this.current];
    node.connect(gain).connect(c.destination);
    gain.gain.setValueAtTime(0, c.currentTime);
    gain.gain.linearRampToValueAtTime(1, c.currentTime + FADE);
    node.onended = () => { if (this.#node?.node === node) { this.#node = null; this.playing = false; this.#offset = 0; this.#tell(); } };
    node.start(0, this.#offset);
    this.#node = { node, gain };
    this.#began = c.currentTime;
    this.playing = true;
    this.#tell();
  }
  #stop() {
    const held = this.#node;
    this.#node = null;
    this.playing = false;
    if (!held) return;
    held.gain.gain.linearRampToValueAtTime(0, shared.currentTime + FADE);
    held.node.stop(shared.currentTime + FADE);
  }
  #tell() { this.dispatchEvent(new Event("change")); }
}

// Samples of a 16-bit wav file in base64.
export function sixteen(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), view = new DataView(bytes.buffer, 44); // after the header
  return Float32Array.from({ length: (bytes.length - 44) >> 1 }, (_, k) => view.getInt16(2 * k, true) / 32768);
}

// A sound of its own, as a unit in its recording.
export async function once(bytes) {
  const c = context(), node = c.createBufferSource();
  node.buffer = await c.decodeAudioData(bytes);
  node.connect(c.destination);
  node.start();
  return node.buffer.duration;
}
