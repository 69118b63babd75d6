// SPDX-License-Identifier: Apache-2.0
// Answers go to the server; the next page shows when it has them on its disk.
import { patient } from "./patient.js";

export async function open() {
  const ask = async (path, options) => {
    const reply = await patient(`api/${path}`, { cache: "no-store", ...options });
    if (reply.ok) return reply.json();
    const said = await reply.json().catch(() => ({}));
    throw Object.assign(new Error(said.error ?? `status ${reply.status}`), { status: reply.status });
  };
  const post = (path, body) => ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const test = await ask("test");
  const name = `session ${test.id}`;
  const query = new URLSearchParams(location.search);
  // The address holds the session: a bookmark, or the link in another browser, goes on as well.
  let session = query.get("s") ?? stored(name);
  const remember = (state) => {
    session = state.session;
    store(name, session);
    query.set("s", session);
    history.replaceState(null, "", `?${query}`);
    return state;
  };
  return {
    test,
    soundUrl: (file) => `sounds/${file}`,
    async state() {
      if (session) {
        try {
          return remember(await ask(`sessions/${encodeURIComponent(session)}`));
        } catch (error) {
          if (error.status !== 404 || query.has("s")) throw error;
        }
      }
      return remember(await post("sessions", { code: query.get("listener") ?? "" }));
    },
    answer: (step, data) => post(`sessions/${encodeURIComponent(session)}/answers`, { step, data }),
    async another() {
      store(name, "");
      location.href = location.pathname;
    },
  };
}

function stored(name) {
  try { return localStorage.getItem(name) || null; } catch { return null; }
}
function store(name, value) {
  try { localStorage.setItem(name, value); } catch { /* the address holds it too */ }
}
