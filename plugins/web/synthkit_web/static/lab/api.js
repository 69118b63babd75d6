// SPDX-License-Identifier: Apache-2.0
// The server's addresses. What it refuses is an error with its words.
import { sixteen } from "../common/player.js";

const refused = (said) => Object.assign(new Error(said.hint ? `${said.error}\n→ ${said.hint}` : said.error), { said });
export async function checked(reply) {
  if (reply.ok) return reply;
  throw refused(await reply.json().catch(() => ({ error: `${reply.status}` })));
}
// A server that is gone gives no answer, and the browser's word for it says nothing to a reader.
export const reach = (url, options) => fetch(url, options).catch((error) => { throw error.name === "AbortError" ? error : new Error("the lab does not answer: it was stopped, or the network is gone; synthkit lab starts it again"); });
export const at = (url) => new URL(url, import.meta.url); // the same from every panel's page
export const ask = (url) => reach(at(url)).then(checked).then((r) => r.json());
export const post = (url, body, signal) =>
  reach(at(url), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal }).then(checked);

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

// Lines of JSON as they come. An answer that ends without saying that it is done was broken off.
export async function* lines(reply) {
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const parts = (held + value).split("\n");
    held = parts.pop();
    for (const part of parts) yield JSON.parse(part);
  }
  if (held) yield JSON.parse(held);
}

// The pieces of a text, each as soon as it is spoken. `signal` ends it.
export async function* pieces(wanted, signal) {
  for await (const line of lines(await post("api/speak", wanted, signal))) {
    if (line.done) return;
    if (line.error) throw Object.assign(refused(line), { piece: line.piece });
    yield line;
  }
  throw new Error("the answer was broken off");
}

// Speaks with what was changed by hand, and gives what was told with its samples decoded. A request that another
// overtakes is given up.
let asking = null;
export async function edited(wanted) {
  asking?.abort();
  asking = new AbortController();
  const told = await post("api/edit", wanted, asking.signal).then((r) => r.json());
  told.samples = sixteen(told.audio);
  delete told.audio;
  return told;
}
