// SPDX-License-Identifier: Apache-2.0
// Curves over steps on a canvas, with a cursor.
const COLOURS = ["#0b7bd0", "#d1495b", "#2a9d5c", "#b3781e", "#7b55c7", "#118a8a", "#c23a9a", "#5c6b7a"];
const LEFT = 58, BOTTOM = 22, TOP = 8, RIGHT = 8, NARROW = 3;

export const colour = (k) => COLOURS[k % COLOURS.length];

// lines: [[name, values], …] over steps; cursor: an index into steps, or null.
export function chart(canvas, steps, lines, cursor) {
  const ratio = Math.min(devicePixelRatio || 1, 2), width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
  const g = canvas.getContext("2d"), style = getComputedStyle(canvas), ink = style.color;
  g.scale(ratio, ratio);
  g.font = "11px system-ui, sans-serif";
  const values = lines.flatMap(([, v]) => v.filter((x) => x !== null));
  if (!steps.length || !values.length) return;
  let low = Math.min(...values), high = Math.max(...values);
  if (high - low < 1e-12) { low -= Math.abs(low) * 0.1 || 1; high += Math.abs(high) * 0.1 || 1; }
  const x = (s) => LEFT + (s - steps[0]) / Math.max(steps.at(-1) - steps[0], 1) * (width - LEFT - RIGHT);
  const y = (v) => TOP + (high - v) / (high - low) * (height - TOP - BOTTOM);
  g.fillStyle = ink; g.strokeStyle = ink;
  for (let k = 0; k <= NARROW; k++) {
    const v = low + (high - low) * k / NARROW, s = steps[0] + (steps.at(-1) - steps[0]) * k / NARROW;
    g.globalAlpha = 0.15;
    g.beginPath(); g.moveTo(LEFT, y(v)); g.lineTo(width - RIGHT, y(v)); g.stroke();
    g.globalAlpha = 0.75;
    g.textAlign = "right"; g.fillText(short(+v.toPrecision(3)), LEFT - 5, y(v) + 4);
    g.textAlign = k === NARROW ? "right" : k ? "center" : "left"; g.fillText(`${Math.round(s)}`, x(s), height - 6);
  }
  g.globalAlpha = 1;
  lines.forEach(([, v], k) => {
    g.strokeStyle = colour(k); g.lineWidth = 1.6;
    g.beginPath();
    let drawing = false;
    v.forEach((value, n) => { if (value === null) { drawing = false; return; } drawing ? g.lineTo(x(steps[n]), y(value)) : g.moveTo(x(steps[n]), y(value)); drawing = true; });
    g.stroke();
    if (v.length === 1 && v[0] !== null) { g.fillStyle = colour(k); g.fillRect(x(steps[0]) - 2, y(v[0]) - 2, 4, 4); }
  });
  if (cursor !== null) { g.strokeStyle = ink; g.globalAlpha = 0.6; g.lineWidth = 1; g.beginPath(); g.moveTo(x(steps[cursor]), TOP); g.lineTo(x(steps[cursor]), height - BOTTOM); g.stroke(); g.globalAlpha = 1; }
}

// The index of the step under a place on the canvas.
export function nearest(canvas, steps, at) {
  const share = (at - LEFT) / Math.max(canvas.clientWidth - LEFT - RIGHT, 1), wanted = steps[0] + share * (steps.at(-1) - steps[0]);
  return steps.reduce((best, s, k) => (Math.abs(s - wanted) < Math.abs(steps[best] - wanted) ? k : best), 0);
}
export const short = (v) => (v === 0 ? "0" : Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5 ? v.toExponential(1) : `${+v.toPrecision(4)}`);
