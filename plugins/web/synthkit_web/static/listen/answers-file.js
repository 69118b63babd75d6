// SPDX-License-Identifier: Apache-2.0
// Without a server: the plan is a file, answers stay in this browser until the listener downloads them.
export async function open() {
  const plan = await (await fetch("plan.json")).json();
  const test = plan.test, name = `answers ${test.id}`;
  const query = new URLSearchParams(location.search);
  const kept = () => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const save = () => localStorage.setItem(name, JSON.stringify(mine));
  const fresh = () => {
    const asked = Number(query.get("slot"));
    const slot = asked >= 1 ? (asked - 1) % plan.listeners.length : Math.floor(Math.random() * plan.listeners.length);
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return { session: [...bytes].map((b) => b.toString(16).padStart(2, "0")).join(""), slot, code: query.get("listener") ?? "", answers: [] };
  };
  let mine = kept() ?? fresh();

  function state() {
    const pages = plan.listeners[mine.slot], ids = pages.map((p) => p.id);
    const steps = ["consent", "sound", ...ids, "comment"];
    const given = new Set(mine.answers.map((a) => a.step));
    const at = steps.findIndex((s) => !given.has(s));
    const out = { session: mine.session, step: at < 0 ? null : steps[at], index: Math.max(0, Math.min(at - 2, ids.length)), total: ids.length };
    const page = pages[at - 2];
    if (page) out.page = page;
    out.next = pages[Math.max(0, at - 1)]?.sounds ?? [];
    return out;
  }
  return {
    test,
    soundUrl: (file) => `sounds/${file}`,
    state: async () => state(),
    async answer(step, data) {
      if (!mine.answers.some((a) => a.step === step)) mine.answers.push({ step, data, at: Date.now() / 1000 });
      save();
      return state();
    },
    another() {
      localStorage.removeItem(name);
      location.reload();
    },
    file: () => ({
      name: `${test.title.replace(/[^\p{L}\p{N}]+/gu, "-")}-${mine.code || mine.session.slice(0, 6)}.json`,
      text: JSON.stringify({ kind: plan.kind, test: test.id, ...mine }, null, 1),
    }),
  };
}
