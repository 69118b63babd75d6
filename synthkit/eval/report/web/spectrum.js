// SPDX-License-Identifier: Apache-2.0
// Spectra along a sound, in dB: the one module of the report, which is one file, and of the pages of a server.
const tables = new Map();
function table(size) {
  if (tables.has(size)) return tables.get(size);
  const cosines = new Float64Array(size / 2), sines = new Float64Array(size / 2), hann = new Float64Array(size);
  for (let k = 0; k < size / 2; k++) { cosines[k] = Math.cos(2 * Math.PI * k / size); sines[k] = Math.sin(2 * Math.PI * k / size); }
  for (let k = 0; k < size; k++) hann[k] = 0.5 - 0.5 * Math.cos(2 * Math.PI * k / size);
  const made = { cosines, sines, hann };
  tables.set(size, made);
  return made;
}

// Radix 2, in place, real and imaginary parts apart.
function fft(re, im, { cosines, sines }) {
  const size = re.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) { const t = re[i]; re[i] = re[j]; re[j] = t; }
  }
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const c = cosines[k * stride], s = sines[k * stride], a = start + k, b = a + half;
        const x = re[b] * c + im[b] * s, y = im[b] * c - re[b] * s;
        re[b] = re[a] - x; im[b] = im[a] - y; re[a] += x; im[a] += y;
      }
    }
  }
}

// Levels (columns × bins) of Hann windows of `size` samples, evenly over `seconds`, from 0 Hz up to `top`.
export function spectra(samples, rate, columns, { size = 512, top = 8000, seconds = samples.length / rate } = {}) {
  const tools = table(size), bins = Math.min(size / 2, Math.round(top * size / rate));
  const levels = new Float32Array(columns * bins), re = new Float64Array(size), im = new Float64Array(size);
  let loudest = -200;
  for (let x = 0; x < columns; x++) {
    const centre = Math.round((x + 0.5) * seconds * rate / columns) - size / 2;
    for (let k = 0; k < size; k++) { const n = centre + k; re[k] = n >= 0 && n < samples.length ? samples[n] * tools.hann[k] : 0; }
    im.fill(0);
    fft(re, im, tools);
    for (let k = 0; k < bins; k++) {
      const level = 10 * Math.log10(re[k] * re[k] + im[k] * im[k] + 1e-9);
      levels[x * bins + k] = level;
      if (level > loudest) loudest = level;
    }
  }
  return { levels, bins, loudest };
}
