// SPDX-License-Identifier: Apache-2.0
// The server's addresses. What it refuses is an error with its words.
async function checked(reply) {
  if (reply.ok) return reply;
  const said = await reply.json().catch(() => ({ error: `${reply.status}` }));
  throw new Error(said.hint ? `${said.error}\n→ ${said.hint}` : said.error);
}
const post = (url, body, signal) =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal }).then(checked);

export const voices = () => fetch("api/voices").then(checked).then((r) => r.json());
export const parts = (voice) => fetch(`api/voices/${encodeURIComponent(voice)}/parts`).then(checked).then((r) => r.json());
export const vocoders = (voice) => fetch(`api/voices/${encodeURIComponent(voice)}/vocoders`).then(checked).then((r) => r.json());
export const unit = (place, wanted) => post(`api/units/${place}`, wanted).then((r) => r.arrayBuffer());

// Speaks, and gives what was told with its samples decoded. A request that another overtakes is given up.
let asking = null;
export async function speak(wanted) {
  asking?.abort();
  asking = new AbortController();
  const told = await post("api/speak", wanted, asking.signal).then((r) => r.json());
  const bytes = Uint8Array.from(atob(told.audio), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer, 44); // 16-bit samples follow the header
  told.samples = Float32Array.from({ length: (bytes.length - 44) >> 1 }, (_, k) => view.getInt16(2 * k, true) / 32768);
  delete told.audio;
  return told;
}
