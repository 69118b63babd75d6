"use strict";
// What the page's other scripts share: its data, its sounds, and how to make elements.
const report = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
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

  // A sentence's sounds stand in the page, or in a script beside it: pages opened from disk may load scripts, not data.
  const waiting = new Map();
  const arrived = (index, sounds) => { const done = waiting.get(index); if (done) done(sounds); };
  const sounds = (index) => {
    const inside = $("sound-" + index);
    if (inside) return Promise.resolve(JSON.parse(inside.textContent));
    return new Promise((resolve, reject) => {
      waiting.set(index, resolve);
      const script = make("script", { src: data.folder + "/" + String(index).padStart(4, "0") + ".js" });
      script.addEventListener("error", () => reject(new Error("the sounds beside the page are not there: " + data.folder)));
      script.addEventListener("load", () => script.remove());
      document.head.append(script);
    });
  };
  return { data, $, make, svg, number, sounds, arrived };
})();
