// SPDX-License-Identifier: Apache-2.0
// Blocks of samples as a wav file of 24 bits: all that a microphone gives, and no loss.
export function encode(blocks, rate) {
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const data = new DataView(new ArrayBuffer(44 + 3 * count));
  const text = (at, word) => [...word].forEach((c, k) => data.setUint8(at + k, c.charCodeAt(0)));
  text(0, "RIFF"); data.setUint32(4, 36 + 3 * count, true); text(8, "WAVEfmt ");
  data.setUint32(16, 16, true); data.setUint16(20, 1, true); data.setUint16(22, 1, true);
  data.setUint32(24, rate, true); data.setUint32(28, 3 * rate, true);
  data.setUint16(32, 3, true); data.setUint16(34, 24, true);
  text(36, "data"); data.setUint32(40, 3 * count, true);
  let at = 44;
  for (const block of blocks) {
    for (const x of block) {
      const value = Math.max(-8388608, Math.min(8388607, Math.round(x * 8388608)));
      data.setUint8(at, value & 255); data.setUint8(at + 1, (value >> 8) & 255); data.setUint8(at + 2, (value >> 16) & 255);
      at += 3;
    }
  }
  return data.buffer;
}
