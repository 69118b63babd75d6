// SPDX-License-Identifier: Apache-2.0
// A request that outlives the server's absence: asked again until there is a reply, and the page says so meanwhile.
export const connection = { trouble: () => {} }; // the page sets what shows it

export async function patient(url, options) {
  for (let wait = 250; ; wait = Math.min(2 * wait, 4000)) {
    try {
      const reply = await fetch(url, options);
      connection.trouble(false);
      return reply;
    } catch {
      connection.trouble(true);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
