// SPDX-License-Identifier: Apache-2.0
// A Worker for pages that are opened from disk, where browsers allow none: its script runs in a hidden frame.
window.IFrameWorker = class extends EventTarget {
  #ready;
  constructor(url) {
    super();
    const frame = document.createElement("iframe");
    frame.hidden = true;
    document.body.append(frame);
    const inside = frame.contentWindow, load = (address) => new Promise((done, failed) => {
      const script = inside.document.createElement("script");
      Object.assign(script, { src: new URL(address, document.baseURI), onload: done, onerror: failed });
      inside.document.body.append(script);
    });
    inside.importScripts = (...addresses) => addresses.reduce((before, address) => before.then(() => load(address)), Promise.resolve());
    inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
    this.inside = inside;
    this.#ready = load(url);
    this.#ready.catch(() => this.dispatchEvent(new Event("error")));
  }
  postMessage(data) { this.#ready.then(() => this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data }))); }
  terminate() { this.inside.frameElement.remove(); }
};
if (location.protocol === "file:") window.Worker = window.IFrameWorker;
