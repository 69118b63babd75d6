// SPDX-License-Identifier: Apache-2.0
// Waveform and spectrogram (0 to 8 kHz, 60 dB, with F0) on canvases, from the samples themselves; F0 and frames as told.
import { spectra } from "./spectrum.js";

const TOP = 8000, RANGE = 60, F0_TOP = 400;
const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;
function prepared(canvas, width, height) {
  const ratio = Math.min(devicePixelRatio || 1, 2);
  canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
  return canvas.getContext("2d");
}

export function waveform(canvas, width, height, samples) {
  const g = prepared(canvas, width, height), w = canvas.width, h = canvas.height;
  let peak = 0.01;
  for (const x of samples) if (Math.abs(x) > peak) peak = Math.abs(x);
  g.fillStyle = dark() ? "#7cbcf0" : "#0b5fa5";
  for (let x = 0; x < w; x++) {
    let low = 1, high = -1;
    const end = Math.max(Math.floor((x + 1) * samples.length / w), Math.floor(x * samples.length / w) + 1);
    for (let n = Math.floor(x * samples.length / w); n < end && n < samples.length; n++) {
      if (samples[n] < low) low = samples[n];
      if (samples[n] > high) high = samples[n];
    }
    if (high < low) continue;
    const top = (1 - high / peak) * h / 2;
    g.fillRect(x, top, 1, Math.max((1 - low / peak) * h / 2 - top, 1));
  }
  return peak;
}

// `reference`: the level drawn as the loudest, where it is not this sound's own; gives the level that was.
export function spectrogram(canvas, width, height, samples, rate, f0, seconds, reference) {
  const g = prepared(canvas, width, height), w = canvas.width, h = canvas.height, night = dark();
  const columns = Math.min(w, Math.max(700, Math.round(seconds * 100))), found = spectra(samples, rate, columns, { top: TOP }), { levels, bins } = found, loudest = reference ?? found.loudest;
  const image = new ImageData(columns, bins), data = image.data;
  for (let x = 0; x < columns; x++) {
    for (let k = 0; k < bins; k++) {
      const level = Math.max(0, Math.min(1, (levels[x * bins + k] - loudest + RANGE) / RANGE));
      const at = 4 * ((bins - 1 - k) * columns + x), grey = 255 * (night ? 0.09 + 0.86 * level : 1 - 0.95 * level);
      data[at] = data[at + 1] = data[at + 2] = grey;
      data[at + 3] = 255;
    }
  }
  const small = new OffscreenCanvas(columns, bins);
  small.getContext("2d").putImageData(image, 0, 0);
  g.imageSmoothingEnabled = true;
  g.drawImage(small, 0, 0, w, h);
  g.strokeStyle = night ? "#ffb36b" : "#d1495b";
  g.lineWidth = 2 * w / width;
  g.beginPath();
  let voiced = false;
  for (const [time, hertz] of f0) {
    const x = time / seconds * w, y = h * (1 - hertz / F0_TOP);
    if (hertz > 0) voiced ? g.lineTo(x, y) : g.moveTo(x, y);
    voiced = hertz > 0;
  }
  g.stroke();
  return loudest;
}

// A line of F0 on a plain ground; `low` and `high` Hz are its bottom and top.
export function contour(canvas, width, height, f0, seconds, [low, high]) {
  const g = prepared(canvas, width, height), w = canvas.width, h = canvas.height;
  g.strokeStyle = dark() ? "#ffb36b" : "#b8324a";
  g.lineWidth = 2 * h / height;
  g.beginPath();
  let voiced = false;
  for (const [time, hertz] of f0) {
    const x = time / seconds * w, y = h * (1 - (hertz - low) / (high - low));
    if (hertz > 0) voiced ? g.lineTo(x, y) : g.moveTo(x, y);
    voiced = hertz > 0;
  }
  g.stroke();
}

// Frames as `synthkit.show.image` tells them: a byte a cell, row by row from the lowest.
export function picture(canvas, width, height, image) {
  const g = prepared(canvas, width, height), { columns, rows } = image, night = dark();
  const cells = Uint8Array.from(atob(image.cells), (c) => c.charCodeAt(0)), pixels = new ImageData(columns, rows), data = pixels.data;
  for (let k = 0; k < rows; k++) {
    for (let x = 0; x < columns; x++) {
      const level = cells[k * columns + x] / 255, at = 4 * ((rows - 1 - k) * columns + x), grey = 255 * (night ? 0.09 + 0.86 * level : 1 - 0.95 * level);
      data[at] = data[at + 1] = data[at + 2] = grey;
      data[at + 3] = 255;
    }
  }
  const small = new OffscreenCanvas(columns, rows);
  small.getContext("2d").putImageData(pixels, 0, 0);
  g.imageSmoothingEnabled = false;
  g.drawImage(small, 0, 0, canvas.width, canvas.height);
}
