// SPDX-License-Identifier: Apache-2.0
// The server's addresses. What it refuses is an error with its words.
import { sixteen } from "../common/player.js";

export async function checked(reply) {
  if (reply.ok) return reply;
  const said = await reply.json().catch(() => ({ error: `${reply.status}` }));
  throw new Error(said.hint ? `${said.error}\n→ ${said.hint}` : said.error);
}
export const at = (url) => new URL(url, import.meta.url); // the same from every panel's page
export const ask = (url) => fetch(at(url)).then(checked).then((r) => r.json());
export const post = (url, body, signal) =>
  fetch(at(url), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal }).then(checked);

export const voices = () => ask("api/voices");
export const parts = (voice) => ask(`api/voices/${encodeURIComponent(voice)}/parts`);
export const vocoders = (voice) => ask(`api/voices/${encodeURIComponent(voice)}/vocoders`);
export const unit = (place, wanted) => post(`api/units/${place}`, wanted).then((r) => r.arrayBuffer());
export const recording = (u, wanted) => post("api/recordings", { ...wanted, source: u.source, start: u.from, end: u.to }).then((r) => r.arrayBuffer());

// What the search looked at; a request that another overtakes is given up.
let looking = null;
export const lattice = (wanted) => {
  looking?.abort();
  looking = new AbortController();
  const { vocoder, adapters, ...rest } = wanted; // units are chosen before there is a vocoder
  return post("api/lattice", rest, looking.signal).then((r) => r.json());
};

// Speaks, and gives what was told with its samples decoded. A request that another overtakes is given up.
let asking = null;
export async function speak(wanted, url = "api/speak") {
  asking?.abort();
  asking = new AbortController();
  const told = await post(url, wanted, asking.signal).then((r) => r.json());
  told.samples = sixteen(told.audio);
  delete told.audio;
  return told;
}
