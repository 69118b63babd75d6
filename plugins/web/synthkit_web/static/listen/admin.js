// SPDX-License-Identifier: Apache-2.0
// Who is where, looked up every few seconds.
import { make } from "../common/dom.js";

const ago = (s) => (s < 90 ? `${Math.round(s)} s ago` : s < 5400 ? `${Math.round(s / 60)} min ago` : `${Math.round(s / 3600)} h ago`);

async function look() {
  const sum = document.getElementById("sum");
  try {
    const reply = await fetch("admin/sessions", { cache: "no-store" });
    if (!reply.ok) throw new Error(`status ${reply.status}`);
    const { title, design, planned, people } = await reply.json();
    document.title = `${title}: listeners`;
    document.getElementById("title").textContent = title;
    const finished = people.filter((p) => p.step === "finished").length;
    const here = people.filter((p) => p.step !== "finished" && p.idle < 300).length;
    sum.textContent = `${design}: ${finished} finished, ${here} listening now, ${people.length} came, ${planned} planned`;
    document.getElementById("people").replaceChildren(...people.map((p) => make("tr", {},
      make("td", {}, p.who), make("td", {}, String(p.place)), make("td", {}, p.step),
      make("td", {}, `${p.answered} of ${p.pages}`), make("td", {}, ago(p.idle)),
      make("td", {}, p.headphones === null ? "–" : p.headphones ? "yes" : "no"), make("td", {}, p.comment))));
  } catch (error) {
    sum.textContent = `the server does not answer (${error.message}); this page looks again every 3 s`;
  }
  setTimeout(look, 3000);
}
look();
