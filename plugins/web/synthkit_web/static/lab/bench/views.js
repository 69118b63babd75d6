// SPDX-License-Identifier: Apache-2.0
// The difference of two sounds, and F0 tracks over each other.
import { spectra } from "../../common/spectrum.js";

const RANGE = 60, FULL = 24, TOP = 400;
const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;
function prepared(canvas, width, height) {
  const ratio = Math.min(devicePixelRatio || 1, 2);
  canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
  return canvas.getContext("2d");
}

// Draws where `b` is louder (red) or softer (blue) than `a`, and gives the mean difference in dB; what is more than
// 60 dB below the loudest in both counts for nothing.
export function difference(canvas, width, height, a, b) {
  const g = prepared(canvas, width, height), columns = Math.min(canvas.width, 700), seconds = a.seconds;
  const one = spectra(a.samples, a.sample_rate, columns, { seconds }), other = spectra(b.samples, b.sample_rate, columns, { seconds });
  const bins = Math.min(one.bins, other.bins), image = new ImageData(columns, bins), night = dark();
  let sum = 0, count = 0;
  for (let x = 0; x < columns; x++) {
    for (let k = 0; k < bins; k++) {
      const least = one.loudest - RANGE, p = Math.max(one.levels[x * one.bins + k], least), q = Math.max(other.levels[x * other.bins + k], least);
      if (p > least || q > least) { sum += Math.abs(q - p); count++; }
      const much = Math.max(-1, Math.min(1, (q - p) / FULL)), at = 4 * ((bins - 1 - k) * columns + x), strong = Math.abs(much);
      const colour = much > 0 ? (night ? [255, 120, 100] : [190, 30, 40]) : (night ? [110, 180, 255] : [10, 80, 170]), ground = night ? 24 : 255;
      for (let c = 0; c < 3; c++) image.data[at + c] = ground + strong * (colour[c] - ground);
      image.data[at + 3] = 255;
    }
  }
  const small = new OffscreenCanvas(columns, bins);
  small.getContext("2d").putImageData(image, 0, 0);
  g.drawImage(small, 0, 0, canvas.width, canvas.height);
  return count ? sum / count : 0;
}

// `tracks` are [[time, hertz], …] with the name of the colour that each is drawn in; the last ones lie on top.
export function tracks(canvas, width, height, seconds, tracks) {
  const g = prepared(canvas, width, height), w = canvas.width, h = canvas.height, style = getComputedStyle(document.querySelector("main"));
  g.strokeStyle = style.getPropertyValue("--line");
  for (const hertz of [100, 200, 300]) { const y = h * (1 - hertz / TOP); g.beginPath(); g.moveTo(0, y); g.lineTo(w, y); g.stroke(); }
  for (const { points, colour, dashed } of tracks) {
    g.strokeStyle = style.getPropertyValue(colour).trim();
    g.lineWidth = 2 * w / width;
    g.setLineDash(dashed ? [5 * w / width, 4 * w / width] : []);
    g.beginPath();
    let voiced = false;
    for (const [time, hertz] of points) {
      const x = time / seconds * w, y = h * (1 - hertz / TOP);
      if (hertz > 0) voiced ? g.lineTo(x, y) : g.moveTo(x, y);
      voiced = hertz > 0;
    }
    g.stroke();
  }
}

// Of two tracks: how many frames both call voiced, of those how many differ by more than a fifth, and how many one alone calls voiced; in %.
export function agreement(a, b) {
  let both = 0, gross = 0, alone = 0, all = 0, k = 0;
  for (const [time, hertz] of a) {
    while (k + 1 < b.length && Math.abs(b[k + 1][0] - time) <= Math.abs(b[k][0] - time)) k++;
    const other = b[k]?.[1] ?? 0;
    all++;
    if (hertz > 0 && other > 0) { both++; if (Math.abs(other / hertz - 1) > 0.2) gross++; } else if (hertz > 0 || other > 0) alone++;
  }
  const share = (n, of) => (of ? 100 * n / of : 0).toFixed(1);
  return [share(both, all), share(gross, both), share(alone, all)];
}
