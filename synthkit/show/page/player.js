// SPDX-License-Identifier: Apache-2.0
// Two sounds on one clock: switching between them keeps the place. A sound may grow while it is played: its pieces are
// laid one behind the other to the sample, on the audio clock, and where the next is not there yet it is waited for.
let shared = null;
export function context() { // browsers let sound begin only after a key or a click
  shared ??= new AudioContext();
  if (shared.state === "suspended") shared.resume();
  return shared;
}

const FADE = 0.008, SOON = 0.01; // seconds; a start a little ahead is one that can be kept to the sample
export class Player extends EventTarget {
  sounds = [null, null]; // before, now: { pieces: [{ buffer, start }], duration, open }
  current = 1;
  playing = false;
  waited = 0; // seconds in which a piece was late, of this playing
  #offset = 0;
  #began = 0; // on the audio clock, where #offset is
  #voice = null; // what sounds: { gain, nodes, ending }

  get duration() { return this.sounds[this.current]?.duration ?? 0; }
  get position() { return this.playing ? Math.max(this.#offset, Math.min(this.#offset + shared.currentTime - this.#began, this.duration)) : this.#offset; }
  get waiting() { return this.playing && this.sounds[this.current].open && this.position >= this.duration; }

  set(index, samples, rate) { this.load(index, samples && [{ samples, sample_rate: rate }]); }
  load(index, pieces) {
    this.sounds[index] = pieces ? { pieces: [], duration: 0, open: false } : null;
    for (const { samples, sample_rate } of pieces ?? []) this.#append(index, samples, sample_rate);
    if (this.playing && index === this.current) this.#restart();
  }
  // A sound that is still being made: begun, grown piece by piece, ended.
  begin(index) {
    this.sounds[index] = { pieces: [], duration: 0, open: true };
    if (index === this.current) { this.#stop(); this.#offset = 0; this.#tell(); }
  }
  grow(index, samples, rate) {
    const piece = this.#append(index, samples, rate);
    if (this.playing && index === this.current) this.#late(piece);
  }
  end(index) {
    const sound = this.sounds[index];
    if (!sound?.open) return;
    sound.open = false;
    if (this.playing && index === this.current && !this.#voice.nodes.length) this.#finish();
    else this.#tell();
  }

  toggle() { this.playing ? this.pause() : this.play(); }
  play(at = this.#offset) {
    if (!this.sounds[this.current]) return;
    this.#offset = at >= this.duration - 0.02 && !this.sounds[this.current].open ? 0 : Math.max(at, 0);
    this.#start();
  }
  pause() { this.#offset = this.position; this.#stop(); this.#tell(); }
  seek(at) { if (this.playing) this.#restart(at); else { this.#offset = Math.min(Math.max(at, 0), this.duration); this.#tell(); } }
  choose(index) {
    if (!this.sounds[index] || index === this.current) return;
    const at = this.position;
    this.current = index;
    this.#offset = Math.min(at, this.duration);
    if (this.playing) this.#restart(this.#offset); else this.#tell();
  }

  #append(index, samples, rate) {
    const sound = this.sounds[index], buffer = new AudioBuffer({ length: Math.max(samples.length, 1), sampleRate: rate });
    buffer.copyToChannel(samples, 0);
    const piece = { buffer, start: sound.duration };
    sound.pieces.push(piece);
    sound.frames = (sound.frames ?? 0) + samples.length; // counted, so that many pieces lose no fraction
    sound.duration = sound.frames / rate;
    return piece;
  }
  #restart(at = this.position) { this.#stop(); this.#offset = Math.min(Math.max(at, 0), this.duration); this.#start(); }
  #start() {
    this.#stop();
    const c = context(), gain = c.createGain(), sound = this.sounds[this.current];
    gain.connect(c.destination);
    this.#began = c.currentTime + SOON;
    gain.gain.setValueAtTime(0, this.#began);
    gain.gain.linearRampToValueAtTime(1, this.#began + FADE);
    this.#voice = { gain, nodes: [] };
    this.waited = 0;
    this.playing = true;
    for (const piece of sound.pieces) this.#schedule(piece);
    this.#tell();
  }
  #schedule(piece) {
    const voice = this.#voice, from = Math.max(this.#offset - piece.start, 0);
    if (from >= piece.buffer.duration) return;
    const node = shared.createBufferSource();
    node.buffer = piece.buffer;
    node.connect(voice.gain);
    node.onended = () => {
      voice.nodes = voice.nodes.filter((other) => other !== node);
      if (this.#voice !== voice || voice.nodes.length) return;
      if (this.sounds[this.current].open) this.#tell(); else this.#finish();
    };
    node.start(this.#began + Math.max(piece.start - this.#offset, 0), from);
    voice.nodes.push(node);
  }
  // A piece that has just come: where it is too late for its place, everything from here on is later.
  #late(piece) {
    const behind = shared.currentTime + SOON - (this.#began + piece.start - this.#offset);
    if (behind > 0 && piece.start >= this.#offset) { this.#began += behind; if (piece.start > this.#offset) this.waited += behind; }
    this.#schedule(piece);
    this.#tell();
  }
  #finish() { this.#voice = null; this.playing = false; this.#offset = 0; this.#tell(); }
  #stop() {
    const held = this.#voice;
    this.#voice = null;
    this.playing = false;
    if (!held) return;
    held.gain.gain.linearRampToValueAtTime(0, shared.currentTime + FADE);
    for (const node of held.nodes) node.stop(shared.currentTime + FADE);
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
