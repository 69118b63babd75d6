// SPDX-License-Identifier: Apache-2.0
// The menus of the stages: which parts fit, and of one that does not, why: the table of the fields that disagree.
import { make } from "../common/dom.js";
import * as api from "./api.js";
import { translated } from "./errors.js";

const $ = (id) => document.getElementById(id);
const MENU = { segmentation: "segmentation", acoustic_model: "acoustic_model", vocoder: "vocoder" };
const BUILT = { alignment: "alignment", features: "features", acoustic_model: "built_model" };

export class Stages {
  found = null; // what speaks, as the server tells it
  built = null;
  // `acts`: chosen(stage, choice), called when a part that fits was chosen; trouble(error)
  constructor(acts) {
    this.acts = acts;
    for (const [stage, id] of Object.entries(MENU)) $(id).addEventListener("change", () => this.#chosen(stage, $(id)));
    for (const [stage, id] of Object.entries(BUILT)) $(id).addEventListener("change", () => this.#rebuild(stage, $(id)));
    $("building").addEventListener("toggle", () => { if ($("building").open) this.#building(); });
  }

  choices(stage) { return this.found?.find((menu) => menu.stage === stage)?.choices ?? []; }

  // The voice's own parts stand there until what fits is known.
  begin(about, say) {
    this.voice = about.name; this.found = this.built = this.asking = null; this.say = say;
    for (const [stage, id] of Object.entries(MENU)) $(id).replaceChildren(make("option", { value: about[stage] }, about[stage]));
    this.#quiet();
    if ($("building").open) this.#building();
  }
  // `vocoder`: what is spoken by in place of the voice's own; other acoustic models have to fit it.
  async load(vocoder = "") {
    const asking = (this.asking = {}), by = vocoder ? `?vocoder=${encodeURIComponent(vocoder)}` : "";
    const found = await api.ask(`api/voices/${encodeURIComponent(this.voice)}/stages${by}`);
    if (asking === this.asking) this.found = found;
    return asking === this.asking;
  }
  // `state`: what speaks, by stage, where it is not the voice's own.
  show(state, say) {
    this.say = say;
    for (const [stage, id] of Object.entries(MENU)) {
      const choices = this.choices(stage);
      if (choices.length) $(id).replaceChildren(...choices.map((c, k) => make("option", { value: stage === "acoustic_model" ? `${k}` : c.name }, this.#told(c))));
    }
    this.state = state;
    this.#settle();
    this.#showBuilt();
  }
  // What was only looked at goes back to what it is, in every menu but `looked`.
  #settle(looked) {
    this.#quiet();
    for (const [stage, id] of Object.entries(MENU)) {
      const choices = this.choices(stage);
      if ($(id) !== looked && choices.length) $(id).value = stage === "acoustic_model" ? "0" : choices.some((c) => c.fits && c.name === this.state[stage]) ? this.state[stage] : choices[0].name;
    }
    for (const { stage, choices } of this.built ?? []) if ($(BUILT[stage]) !== looked && choices.length) $(BUILT[stage]).value = choices[0].name;
  }

  #told(c) {
    const { say } = this, whose = c.voice && !c.own ? ` · ${say.voiceOf(c.voice)}` : "";
    const how = c.own ? say.own : !c.fits ? say.unfit : c.adapters.length ? `${say.over} ${c.adapters.join(", ")}` : "✓";
    return `${c.name}${whose} (${how})`;
  }
  #chosen(stage, menu) {
    const choices = this.choices(stage), found = stage === "acoustic_model" ? choices[+menu.value] : choices.find((c) => c.name === menu.value);
    this.#settle(menu);
    if (!found) return; // it is not yet known what fits
    if (found.fits) { this.acts.chosen(stage, found); return; }
    menu.setAttribute("aria-invalid", "true");
    this.#explain(found);
  }
  async #building() {
    if (this.built) return;
    const voice = this.voice;
    try {
      for (const id of Object.values(BUILT)) $(id).replaceChildren(make("option", {}, this.say.loading));
      const built = await api.ask(`api/voices/${encodeURIComponent(voice)}/building`);
      if (voice !== this.voice) return;
      this.built = built;
      this.#showBuilt();
      document.body.dataset.building = voice;
    } catch (error) { this.acts.trouble(error); }
  }
  #showBuilt() {
    for (const { stage, choices } of this.built ?? []) {
      const menu = $(BUILT[stage]);
      menu.disabled = !choices.length;
      menu.replaceChildren(...(choices.length ? choices.map((c) => make("option", { value: c.name }, this.#told(c))) : [make("option", {}, this.say.unknown)]));
    }
  }
  #rebuild(stage, menu) {
    const found = this.built?.find((m) => m.stage === stage)?.choices.find((c) => c.name === menu.value);
    this.#settle(menu);
    if (!found || found.own) return;
    if (!found.fits) { menu.setAttribute("aria-invalid", "true"); this.#explain(found); return; }
    this.#say(make("p", {}, this.say.buildWith(found.name)), make("pre", { tabindex: "0" }, `[${stage}]\nplugin = "${found.name}"`));
  }
  #explain(found) {
    const { say } = this, tables = found.tables.map(([head, ...rows]) => make("table", {},
      make("thead", {}, make("tr", {}, ...head.map((h, k) => make("th", { scope: "col" }, k ? translated(h) : say.field)))),
      make("tbody", {}, ...rows.map(([field, ...cells]) => make("tr", {}, make("th", { scope: "row" }, field), ...cells.map((c) => make("td", {}, c)))))));
    const between = tables.flatMap((table, k) => (k ? [make("p", {}, say.or), table] : [table]));
    this.#say(make("p", {}, make("strong", {}, found.name), `: ${translated(found.why)}`), ...between, found.hint && make("p", {}, `→ ${translated(found.hint)}`));
  }
  #say(...nodes) { $("unfit").replaceChildren(...nodes.filter(Boolean)); $("unfit").hidden = false; }
  #quiet() {
    $("unfit").hidden = true;
    $("unfit").replaceChildren();
    for (const id of [...Object.values(MENU), ...Object.values(BUILT)]) $(id).removeAttribute("aria-invalid");
  }
}
