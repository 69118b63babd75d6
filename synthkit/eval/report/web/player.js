"use strict";
// One player for the page: every system says the chosen sentence, and switching goes on at the same place in it.
report.player = (() => {
  const { data, $, make, sounds } = report;
  const FADE = 0.008, STEP = 0.05;
  let context = null, sentence = -1, system = 0, taken = null, playing = null, position = 0, decoded = new Map(), request = 0;
  const canvas = $("picture"), head = $("playhead"), play = $("play"), slider = $("position"), status = $("status"), choice = $("sentence");

  const bytes = (text) => { const raw = atob(text), out = new Uint8Array(raw.length); for (let k = 0; k < raw.length; k++) out[k] = raw.charCodeAt(k); return out.buffer; };
  // Decoding needs no permission to play, so that a sentence is drawn before anybody has pressed anything.
  const decoder = new OfflineAudioContext(1, 1, 48000);
  const buffer = (name) => {
    if (!decoded.has(name)) decoded.set(name, decoder.decodeAudioData(bytes(taken[name].sound)));
    return decoded.get(name);
  };
  const name = () => data.systems[system];
  const here = () => taken && taken[name()];
  const length = () => { const t = here(); return t ? t.seconds : 0; };
  const longest = () => Math.max(...Object.values(taken).map((t) => t.seconds));

  // Where a moment of one system's sentence lies in another's: over the recording where both are aligned with it.
  const at = (warp, t) => { const k = Math.min(Math.max(t / STEP, 0), warp.length - 1), low = Math.floor(k), high = Math.min(low + 1, warp.length - 1); return warp[low] + (warp[high] - warp[low]) * (k - low); };
  const back = (warp, t) => { let low = 0, high = warp.length - 1; while (high - low > 1) { const middle = (low + high) >> 1; if (warp[middle] <= t) low = middle; else high = middle; } const span = warp[high] - warp[low]; return STEP * (low + (span > 0 ? Math.min(Math.max((t - warp[low]) / span, 0), 1) : 0)); };
  const carried = (from, to, t) => {
    if (!from || from === to) return t;
    if (from.warp.length && to.warp.length) return Math.min(at(to.warp, back(from.warp, t)), to.seconds);
    return t * to.seconds / from.seconds;
  };

  const now = () => playing ? Math.min(position + context.currentTime - playing.since, length()) : position;
  const stop = () => {
    if (!playing) return;
    const { source, gain } = playing, t = context.currentTime;
    position = now();
    gain.gain.cancelScheduledValues(t); gain.gain.setValueAtTime(gain.gain.value, t); gain.gain.linearRampToValueAtTime(0, t + FADE);
    source.onended = null; source.stop(t + FADE);
    playing = null;
  };
  const start = async () => {
    if (!here()) return;
    const mine = ++request, from = name(), audio = await buffer(from);
    if (mine !== request || from !== name()) return;
    if (!context) context = new AudioContext();
    if (context.state === "suspended") await context.resume();
    if (position >= length() - 0.02) position = 0;
    const source = context.createBufferSource(), gain = context.createGain(), t = context.currentTime;
    source.buffer = audio;
    gain.gain.setValueAtTime(0, t); gain.gain.linearRampToValueAtTime(10 ** (here().gain / 20), t + FADE);
    source.connect(gain).connect(context.destination);
    source.start(t, position);
    playing = { source, gain, since: t };
    source.onended = () => { playing = null; position = 0; document.body.dataset.ended = String(Number(document.body.dataset.ended || 0) + 1); show(); };
    document.body.dataset.starts = String(Number(document.body.dataset.starts || 0) + 1);
    show();
    tick();
  };
  const tick = () => { place(); if (playing) requestAnimationFrame(tick); };
  const place = () => {
    const t = now(), share = taken ? t / longest() : 0;
    head.style.left = 100 * share + "%";
    slider.value = String(Math.round(1000 * (length() ? t / length() : 0)));
    slider.setAttribute("aria-valuetext", t.toFixed(1) + " of " + length().toFixed(1) + " seconds");
    $("clock").textContent = t.toFixed(1) + " / " + length().toFixed(1) + " s";
  };
  const show = () => {
    play.textContent = playing ? "❚❚" : "▶";
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    document.querySelectorAll("#systems button").forEach((b, k) => {
      b.setAttribute("aria-checked", String(k === system)); b.tabIndex = k === system ? 0 : -1;
      b.disabled = !(taken && taken[data.systems[k]]);
    });
    document.body.dataset.playing = playing ? name() : "";
    place();
  };
  const paint = async () => {
    const mine = name(), t = here();
    canvas.setAttribute("aria-label", "Spectrogram of " + mine + ": " + data.texts[sentence]);
    if (!t) { canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height); status.textContent = mine + " did not say this sentence."; return; }
    const audio = await buffer(mine);
    if (mine !== name()) return;
    report.spectrogram.draw(canvas, audio.getChannelData(0), audio.sampleRate, t, longest());
    const phones = t.phones.length ? (t.carried ? "phones carried over from the recording" : "phones") : "no phones known";
    status.textContent = (system + 1) + " " + mine + " · " + phones + (t.f0.length ? " · F0 in blue, 0 to 400 Hz" : "") + (t.warp.length ? "" : " · places in proportion");
    const values = $("values");
    const figure = (d) => (data.values[d.key][mine] || [])[sentence];
    values.replaceChildren(...data.definitions.filter((d) => d.primary && typeof figure(d) === "number").map((d) =>
      make("span", {}, d.title + " ", make("b", {}, report.number(figure(d))), d.unit ? " " + d.unit : "")));
    document.body.dataset.painted = sentence + " " + mine;
  };
  const choose = async (index) => {
    if (index < 0 || index >= data.systems.length || (taken && !taken[data.systems[index]])) return;
    if (playing) await buffer(data.systems[index]);
    const before = here(), t = now(), ran = playing;
    stop();
    system = index;
    position = carried(before, here(), t);
    if (ran) start();
    show();
    paint();
  };
  const load = async (index, at_ = system, run = false) => {
    stop();
    sentence = Math.min(Math.max(index, 0), data.utterances.length - 1);
    choice.value = String(sentence);
    const text = $("text");
    text.textContent = data.texts[sentence]; text.lang = data.languages[sentence];
    const wanted = sentence;
    let found;
    try { found = await sounds(sentence); } catch (error) { status.textContent = error.message; return; }
    if (wanted !== sentence) return;
    taken = found; decoded = new Map(); position = 0; system = at_;
    if (!here()) system = Math.max(0, data.systems.findIndex((s) => taken[s]));
    show();
    await paint();
    for (const s of data.systems) if (taken[s]) buffer(s);
    if (run) start();
  };
  const toggle = () => { if (playing) { stop(); show(); } else start(); };
  const seek = (t) => { const ran = playing; stop(); position = Math.min(Math.max(t, 0), length()); if (ran) start(); show(); };

  data.systems.forEach((s, k) => {
    const button = make("button", { type: "button", role: "radio", "aria-checked": "false", "aria-keyshortcuts": String(k + 1), title: "key " + (k + 1) },
      make("kbd", { "aria-hidden": "true" }, String(k + 1)), make("i", { class: "dot", style: "background:" + data.colours[s], "aria-hidden": "true" }), make("span", {}, s));
    button.addEventListener("click", () => choose(k));
    $("systems").append(button);
  });
  data.utterances.forEach((u, k) => choice.append(make("option", { value: String(k), lang: data.languages[k] }, (k + 1) + ". " + data.texts[k])));
  choice.addEventListener("change", () => load(Number(choice.value)));
  play.addEventListener("click", toggle);
  $("before").addEventListener("click", () => load(sentence - 1));
  $("after").addEventListener("click", () => load(sentence + 1));
  slider.addEventListener("input", () => seek(length() * Number(slider.value) / 1000));
  $("stage").addEventListener("click", (e) => { const box = canvas.getBoundingClientRect(); seek((e.clientX - box.left) / box.width * longest()); });
  $("systems").addEventListener("keydown", (e) => {
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
    if (!way) return;
    e.preventDefault(); e.stopPropagation();
    choose((system + way + data.systems.length) % data.systems.length).then(() => $("systems").children[system].focus());
  });
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.target.closest("input:not([type=range]), select, textarea, a, summary, circle")) return;
    if (e.key >= "1" && e.key <= "9") { choose(Number(e.key) - 1); return; }
    const own = e.target.closest("button");
    if (e.key === " " && (!own || own.closest("#systems"))) { e.preventDefault(); toggle(); }
    else if (e.key === "ArrowLeft" && e.target !== slider) seek(now() - 0.5);
    else if (e.key === "ArrowRight" && e.target !== slider) seek(now() + 0.5);
    else if (e.key === "n") load(sentence + 1);
    else if (e.key === "p") load(sentence - 1);
  });
  let resized = 0;
  window.addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(paint, 150); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  if (data.utterances.length) load(0).then(() => { document.body.dataset.ready = "yes"; }); else document.body.dataset.ready = "yes";
  const listen = (utterance, who) => { load(data.utterances.indexOf(utterance), Math.max(0, data.systems.indexOf(who)), true); $("listen").scrollIntoView({ block: "start" }); };
  return { listen };
})();
