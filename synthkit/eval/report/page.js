"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const sounds = JSON.parse(document.getElementById("sounds").textContent);
  const $ = (id) => document.getElementById(id);
  const make = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const svg = (name, attributes, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const number = (v) => {
    if (v === null || v === undefined) return "–";
    const size = Math.abs(v);
    return size >= 100 ? v.toFixed(0) : size >= 10 ? v.toFixed(1) : size >= 0.095 ? v.toFixed(2) : String(+v.toPrecision(3));
  };
  const soundOf = (system, utterance) => data.soundIndex[system + "\u0000" + utterance];

  // A player gets its sound when it comes near the screen; only one plays at a time.
  const give = (player) => {
    if (!player.src && player.dataset.sound in sounds) player.src = sounds[player.dataset.sound];
  };
  const watcher = new IntersectionObserver(
    (entries) => entries.forEach((e) => { if (e.isIntersecting) { give(e.target); watcher.unobserve(e.target); } }),
    { rootMargin: "300px" });
  document.querySelectorAll("audio[data-sound]").forEach((player) => watcher.observe(player));
  document.addEventListener("play", (event) => {
    document.querySelectorAll("audio").forEach((other) => { if (other !== event.target) other.pause(); });
  }, true);

  const player = (system, utterance) => {
    const key = soundOf(system, utterance);
    if (key === undefined) return make("i", { class: "soft" }, "sound not in this file");
    const node = make("audio", { controls: "", preload: "none", "data-sound": key });
    give(node);
    return node;
  };
  // What a recogniser made of it, where the figure comes of one.
  const heard = (system, utterance) => {
    const text = ((data.heard[metric.value] || {})[system] || {})[utterance];
    return text === undefined ? "" : make("div", { class: "soft heard" }, "heard: ", make("q", {}, text));
  };
  const row = (system, utterance, value) => make("div", { class: "row" },
    make("span", {}, make("i", { class: "dot", style: "background:" + data.colours[system] }), system + " ", make("b", {}, value)),
    player(system, utterance), heard(system, utterance));

  const metric = $("metric"), first = $("first"), second = $("second"), plot = $("scatter"), card = $("card"), worst = $("worst");
  for (const d of data.definitions) metric.append(make("option", { value: d.key }, d.label + " (" + d.key + ")"));

  const show = (utterance) => {
    const u = data.utterances.indexOf(utterance), values = data.values[metric.value];
    card.replaceChildren(make("div", {}, make("q", {}, data.texts[u]), " ", make("code", {}, utterance)),
      ...data.systems.filter((s) => soundOf(s, utterance) !== undefined || (values[s] && values[s][u] !== null))
        .map((s) => row(s, utterance, number(values[s] ? values[s][u] : null))));
    plot.querySelectorAll("circle").forEach((c) => c.classList.toggle("on", c.dataset.utterance === utterance));
  };

  const draw = () => {
    const values = data.values[metric.value], x = values[first.value] || [], y = values[second.value] || [];
    const points = data.utterances.map((u, k) => [u, x[k], y[k]])
      .filter((p) => p[1] !== null && p[1] !== undefined && p[2] !== null && p[2] !== undefined);
    plot.replaceChildren();
    if (!points.length) {
      plot.append(svg("text", { x: 230, y: 200, class: "axis" }, "no utterance has this figure for both"));
      return;
    }
    const all = points.flatMap((p) => [p[1], p[2]]);
    let low = Math.min(...all), high = Math.max(...all);
    const margin = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
    low -= margin; high += margin;
    const X = (v) => 60 + 380 * (v - low) / (high - low), Y = (v) => 400 - 380 * (v - low) / (high - low);
    const raw = (high - low) / 5, base = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((f) => f * base).reduce((a, b) => Math.abs(b - raw) < Math.abs(a - raw) ? b : a);
    for (let k = Math.ceil(low / step); k * step <= high; k++) {
      const v = k * step;
      plot.append(svg("line", { x1: X(v), x2: X(v), y1: 20, y2: 400, class: "grid" }), svg("line", { x1: 60, x2: 440, y1: Y(v), y2: Y(v), class: "grid" }),
        svg("text", { x: X(v), y: 416, class: "tick" }, number(v)), svg("text", { x: 52, y: Y(v) + 4, class: "name" }, number(v)));
    }
    plot.append(svg("line", { x1: X(low), y1: Y(low), x2: X(high), y2: Y(high), class: "diagonal" }),
      svg("text", { x: 250, y: 440, class: "axis" }, first.value),
      svg("text", { x: 0, y: 0, class: "axis", transform: "translate(14 210) rotate(-90)" }, second.value));
    for (const [u, a, b] of points) {
      const dot = svg("circle", { cx: X(a), cy: Y(b), r: 5, fill: data.colours[second.value], "fill-opacity": 0.75, "data-utterance": u, tabindex: 0 });
      dot.append(svg("title", {}, u + ": " + number(a) + " / " + number(b)));
      dot.addEventListener("click", () => show(u));
      dot.addEventListener("keydown", (e) => { if (e.key === "Enter") show(u); });
      plot.append(dot);
    }
    card.replaceChildren(make("p", { class: "soft" }, "Choose a point to hear it. Above the line, " + second.value + " has the larger figure."));
  };

  const list = () => {
    const d = data.definitions.find((d) => d.key === metric.value);
    $("worst-title").textContent = d.title + ": " + (d.better === "none" ? "farthest from the median" : "the worst");
    worst.replaceChildren(...(data.worst[metric.value] || []).map((w) => make("tr", {}, make("td", {}, number(w.value)), make("td", {}, w.system),
      make("td", {}, make("q", {}, data.texts[data.utterances.indexOf(w.utterance)]), " ", make("code", {}, w.utterance), heard(w.system, w.utterance)), make("td", {}, player(w.system, w.utterance)))));
    document.querySelectorAll("#tests tbody tr").forEach((r) => { r.hidden = $("one").checked && r.dataset.key !== metric.value; });
  };

  const choices = () => {
    const values = data.values[metric.value];
    const having = data.systems.filter((s) => (values[s] || []).some((v) => v !== null));
    // Two voices are the question that was asked; a reference against a voice is what is left where there is one only.
    const voices = having.filter((s) => data.voices.includes(s)), shown = voices.length > 1 ? voices : having;
    for (const [select, fallback] of [[first, shown[0]], [second, shown[1]]]) {
      const before = select.value;
      select.replaceChildren(...having.map((s) => make("option", {}, s)));
      select.value = having.includes(before) ? before : fallback || having[0] || "";
    }
    if (first.value === second.value && having.length > 1) second.value = having.find((s) => s !== first.value);
  };
  metric.addEventListener("change", () => { choices(); draw(); list(); });
  first.addEventListener("change", draw);
  second.addEventListener("change", draw);
  $("one").addEventListener("change", list);
  choices(); draw(); list();

  // #check plays the first sound and reports what happened, for automatic tests.
  document.body.dataset.ready = "yes";
  if (location.hash === "#check") {
    const key = Object.keys(sounds)[0];
    const probe = new Audio(sounds[key]);
    probe.muted = true;
    probe.addEventListener("ended", () => { document.body.dataset.played = "yes"; });
    probe.addEventListener("timeupdate", () => { document.body.dataset.position = String(probe.currentTime); });
    probe.addEventListener("loadedmetadata", () => { document.body.dataset.seconds = String(probe.duration); });
    probe.addEventListener("error", () => { document.body.dataset.played = "error " + (probe.error && probe.error.message); });
    probe.play().catch((error) => { document.body.dataset.played = "refused " + error; });
  }
})();
