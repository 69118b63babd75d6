"use strict";
// A spectrogram (0 to 8 kHz, 60 dB) with phones and F0, drawn from the samples themselves.
report.spectrogram = (() => {
  const SIZE = 1024, TOP = 8000, RANGE = 60, F0_TOP = 400, TIER = 22;

  const draw = (canvas, samples, rate, track, seconds) => {
    const ratio = Math.min(window.devicePixelRatio || 1, 2), style = getComputedStyle(canvas);
    const width = Math.max(200, Math.round(canvas.clientWidth * ratio)), height = Math.round(canvas.clientHeight * ratio);
    canvas.width = width; canvas.height = height;
    const tier = Math.round(TIER * ratio), picture = height - tier;
    const context = canvas.getContext("2d");
    const dark = style.getPropertyValue("--dark").trim() === "1";
    const ink = style.getPropertyValue("--ink").trim(), soft = style.getPropertyValue("--soft").trim();
    const columns = Math.max(1, Math.round(width * (samples.length / rate) / seconds));
    const { levels, bins, loudest } = spectra(samples, rate, columns, { size: SIZE, top: TOP });
    const image = context.createImageData(Math.min(columns, width), picture);
    for (let x = 0; x < image.width; x++) {
      for (let y = 0; y < picture; y++) {
        const k = Math.min(bins - 1, Math.floor((1 - (y + 0.5) / picture) * bins));
        const level = Math.max(0, Math.min(1, (levels[x * bins + k] - loudest + RANGE) / RANGE));
        const grey = Math.round(255 * (dark ? 0.09 + 0.86 * level : 1 - 0.95 * level)), at = 4 * (y * image.width + x);
        image.data[at] = grey; image.data[at + 1] = grey; image.data[at + 2] = Math.min(255, grey + (dark ? 6 : 0)); image.data[at + 3] = 255;
      }
    }
    context.clearRect(0, 0, width, height);
    context.putImageData(image, 0, 0);
    const X = (time) => time / seconds * width;
    context.font = 11 * ratio + "px system-ui, sans-serif"; context.textAlign = "center"; context.textBaseline = "middle";
    context.lineWidth = ratio * 0.75; context.strokeStyle = dark ? "rgba(255,160,140,.5)" : "rgba(190,40,30,.45)";
    for (const [start, end, label] of track.phones) {
      context.beginPath(); context.moveTo(X(start), 0); context.lineTo(X(start), height); context.stroke();
      context.fillStyle = X(end) - X(start) > 9 * ratio ? ink : soft;
      if (label && X(end) - X(start) > 5 * ratio) context.fillText(label, X((start + end) / 2), picture + tier / 2);
    }
    context.lineWidth = 2 * ratio; context.strokeStyle = dark ? "#5cc1ff" : "#0a78c8"; context.lineJoin = "round";
    let voiced = false;
    context.beginPath();
    track.f0.forEach((hertz, k) => {
      const x = X(0.01 * k), y = picture * (1 - hertz / F0_TOP);
      if (hertz > 0) { if (voiced) context.lineTo(x, y); else context.moveTo(x, y); }
      voiced = hertz > 0;
    });
    context.stroke();
  };
  return { draw };
})();
