"use strict";
// Sentence by sentence: two systems against each other, and the worst.
(() => {
  const { data, $, make, svg, number } = report;
  const metric = $("metric"), first = $("first"), second = $("second"), plot = $("scatter"), card = $("card"), worst = $("worst");
  if (!metric) return;
  for (const d of data.definitions) metric.append(make("option", { value: d.key }, d.label + " (" + d.key + ")"));

  const ear = (system, utterance) => {
    if (!data.spoken[system].includes(utterance)) return make("i", { class: "soft" }, "not spoken");
    const button = make("button", { type: "button", "aria-label": "Listen to " + system + ", " + utterance }, "▶ listen");
    button.addEventListener("click", () => report.player.listen(utterance, system));
    return button;
  };
  // What a recogniser made of it, where the figure comes of one.
  const heard = (system, utterance) => {
    const text = ((data.heard[metric.value] || {})[system] || {})[utterance];
    return text === undefined ? "" : make("div", { class: "soft heard" }, "heard: ", make("q", { lang: data.languages[data.utterances.indexOf(utterance)] }, text));
  };
  const said = (utterance) => { const u = data.utterances.indexOf(utterance); return make("q", { lang: data.languages[u] }, data.texts[u]); };
  const show = (utterance) => {
    const u = data.utterances.indexOf(utterance), values = data.values[metric.value];
    card.replaceChildren(make("div", {}, said(utterance), " ", make("code", {}, utterance)),
      ...data.systems.filter((s) => data.spoken[s].includes(utterance) || (values[s] && values[s][u] !== null)).map((s) => make("div", { class: "row" },
        make("span", {}, make("i", { class: "dot", style: "background:" + data.colours[s], "aria-hidden": "true" }), s + " ", make("b", {}, number(values[s] ? values[s][u] : null))),
        ear(s, utterance), heard(s, utterance))));
    plot.querySelectorAll("circle").forEach((c) => c.classList.toggle("on", c.dataset.utterance === utterance));
  };
  const draw = () => {
    const values = data.values[metric.value], x = values[first.value] || [], y = values[second.value] || [];
    const points = data.utterances.map((u, k) => [u, x[k], y[k]]).filter((p) => p[1] !== null && p[1] !== undefined && p[2] !== null && p[2] !== undefined);
    plot.replaceChildren();
    if (!points.length) { plot.append(svg("text", { x: 230, y: 200, class: "axis" }, "no sentence has this figure for both")); return; }
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
      svg("text", { x: 250, y: 440, class: "axis" }, first.value), svg("text", { x: 0, y: 0, class: "axis", transform: "translate(14 210) rotate(-90)" }, second.value));
    for (const [u, a, b] of points) {
      const words = u + ": " + number(a) + " / " + number(b);
      const dot = svg("circle", { cx: X(a), cy: Y(b), r: 5, fill: data.colours[second.value], "fill-opacity": 0.75, "data-utterance": u, tabindex: 0, role: "button", "aria-label": words });
      dot.append(svg("title", {}, words));
      dot.addEventListener("click", () => show(u));
      dot.addEventListener("keydown", (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); show(u); } });
      plot.append(dot);
    }
    card.replaceChildren(make("p", { class: "soft" }, "Choose a point to hear it. Above the line, " + second.value + " has the larger figure."));
  };
  const list = () => {
    const d = data.definitions.find((d) => d.key === metric.value);
    $("worst-title").textContent = d.title + ": " + (d.better === "none" ? "farthest from the median" : "the worst");
    worst.replaceChildren(...(data.worst[metric.value] || []).map((w) => make("tr", {}, make("td", {}, number(w.value)), make("td", {}, w.system),
      make("td", {}, said(w.utterance), " ", make("code", {}, w.utterance), heard(w.system, w.utterance)), make("td", {}, ear(w.system, w.utterance)))));
  };
  const choices = () => {
    const values = data.values[metric.value], having = data.systems.filter((s) => (values[s] || []).some((v) => v !== null));
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
  choices(); draw(); list();

  // On paper everything is open, and afterwards as it was.
  let opened = [];
  window.addEventListener("beforeprint", () => { opened = [...document.querySelectorAll("details:not([open])")]; opened.forEach((d) => { d.open = true; }); });
  window.addEventListener("afterprint", () => { opened.forEach((d) => { d.open = false; }); });
})();
