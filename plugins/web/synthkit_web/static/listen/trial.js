// SPDX-License-Identifier: Apache-2.0
// One page of a test: play, switch, rate, go on. All designs; `finish` is given the answer once, when the listener goes on.
import { make, typing } from "../common/dom.js";
import { bar, playerKey } from "./bar.js";
import { Player, sound } from "./player.js";

export async function trial(root, test, state, say, soundUrl, finish) {
  const page = state.page, design = test.design, mushra = design === "mushra";
  const files = page.reference && design !== "abx" ? [page.reference, ...page.sounds] : [...page.sounds, ...(page.reference ? [page.reference] : [])];
  const names = files.map((file) => {
    const k = page.sounds.indexOf(file);
    if (file === page.reference) return design === "abx" ? "X" : say.reference;
    return page.sounds.length === 1 ? say.sound("").trim() : mushra ? say.sound(k + 1) : "AB"[k];
  });
  const player = new Player(await Promise.all(files.map((file) => sound(soundUrl(file)))));
  const began = performance.now();
  let gone = false; // the answer is on its way
  const draft = drafts(test, state);
  const heard = (k) => player.heard[k] >= test.must_play * player.lengths[k] - 0.03;

  const next = make("button", { class: "primary", id: "next", disabled: true, onclick: go }, say.next);
  const left = make("p", { class: "left", "aria-live": "polite" });
  const ticks = files.map(() => make("span", { class: "heard", "aria-hidden": "true" }, "✓"));
  const buttons = files.map((file, k) => make("button", { "aria-pressed": "false", onclick: () => player.switchTo(k) }, names[k], ticks[k]));
  const rating = mushra ? sliders() : choice();
  const comment = make("textarea", { "aria-label": say.addComment, oninput: () => draft.keep({ comment: comment.value }) });
  comment.value = draft.kept.comment ?? "";

  const asked = page.expect === undefined ? say.ask[design]
    : mushra ? say.check.mushra(page.expect) : say.check.other(say[design][page.expect]);
  root.replaceChildren(
    make("p", { class: "where" }, say.page(state.index + 1, state.total), page.practice ? make("span", { class: "practice" }, say.practice) : null),
    make("section", { class: "card" },
      make("h1", { class: page.expect === undefined ? "ask" : "ask check" }, asked),
      bar(player, say), rating.node,
      make("div", { class: "actions" }, left, next),
      make("details", { class: "note", open: Boolean(comment.value) }, make("summary", {}, say.addComment), comment)),
    keys());

  player.addEventListener("change", () => {
    buttons.forEach((b, k) => b.setAttribute("aria-pressed", String(k === player.current && player.playing)));
    rating.show?.();
  });
  player.addEventListener("tick", check);
  document.addEventListener("keydown", onkey);
  check();

  function go() {
    if (next.disabled || gone) return;
    gone = true;
    const scores = rating.scores(); // disabled fields have no value any more
    next.disabled = true;
    player.close();
    document.removeEventListener("keydown", onkey);
    finish({ scores, seconds: (performance.now() - began) / 1000 + (draft.kept.seconds ?? 0), comment: comment.value }, draft.drop);
  }

  function check() {
    ticks.forEach((t, k) => t.classList.toggle("yes", heard(k)));
    const unheard = names.filter((_, k) => !heard(k));
    const missing = rating.missing();
    const said = unheard.length ? say.toPlay(unheard.join(", "))
      : missing.length ? (mushra ? say.toRate(missing.join(", ")) : say.toChoose) : say.ready;
    if (left.textContent !== said) left.textContent = said;
    next.disabled = gone || unheard.length > 0 || missing.length > 0;
    rating.allow?.(page.sounds.every((file) => player.heard[files.indexOf(file)] > 0));
  }

  function onkey(event) {
    if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const slider = event.target instanceof HTMLInputElement && event.target.type === "range";
    if (event.key === "Enter") {
      if (event.target instanceof HTMLButtonElement || event.target.tagName === "SUMMARY") return;
      go();
    } else if (event.key === " " && (event.target instanceof HTMLButtonElement || event.target.tagName === "SUMMARY")) return;
    else if (!playerKey(player, event) && !switchKey(event) && !rating.key(event, slider)) return;
    event.preventDefault();
  }

  function switchKey(event) {
    const letter = { KeyA: "A", KeyB: "B", KeyX: "X", KeyR: say.reference }[event.code];
    let k = letter === undefined ? -1 : names.indexOf(letter);
    if (mushra && event.code === "Digit0") k = 0;
    if (mushra && /^Digit[1-9]$/.test(event.code)) k = files.indexOf(page.sounds[Number(event.code[5]) - 1]);
    if (k < 0) return false;
    player.switchTo(k);
    if (mushra) rating.focus(files[k]);
    return true;
  }

  function sliders() {
    const rows = page.sounds.map((file, j) => {
      const k = files.indexOf(file);
      const kept = draft.kept.scores?.[file];
      const input = make("input", {
        type: "range", min: String(test.low), max: String(test.high), step: "1", value: String(kept ?? 50),
        class: kept === undefined ? "untouched" : "", "aria-label": names[k],
        onfocus: () => { if (player.playing) player.switchTo(k); },
        oninput: () => touch(j),
      });
      input.value = String(kept ?? 50);
      const output = make("output", {}, kept === undefined ? "–" : String(kept));
      input.addEventListener("keydown", (event) => { // a score that is right where it stands is also a score
        if (event.key === "Home" || event.key === "End") setTimeout(() => touch(j));
      });
      return { file, input, output, node: make("div", { class: "stimulus" }, make("div", { class: "name" }, buttons[k]), input, output) };
    });
    function touch(j) {
      const { input, output } = rows[j];
      input.classList.remove("untouched");
      output.textContent = input.value;
      draft.keep({ scores: scores() });
      check();
    }
    const touched = (row) => !row.input.classList.contains("untouched");
    const scores = () => Object.fromEntries(rows.filter(touched).map((row) => [row.file, Number(row.input.value)]));
    const node = make("div", {},
      make("div", { class: "reference sounds" }, buttons[0]),
      make("div", { class: "marks", "aria-hidden": "true" }, say.marks.map((m) => make("span", {}, m))),
      make("div", { class: "mushra" }, rows.map((row) => row.node)));
    return {
      node, scores,
      missing: () => rows.filter((row) => !touched(row)).map((row) => names[files.indexOf(row.file)]),
      show: () => rows.forEach((row) => row.node.classList.toggle("on", row.file === files[player.current])),
      focus: (file) => (rows.find((row) => row.file === file)?.input ?? buttons[0]).focus(),
      key: () => false,
    };
  }

  function choice() {
    const labels = say[design];
    const values = { mos: [5, 4, 3, 2, 1], smos: [5, 4, 3, 2, 1], cmos: [3, 2, 1, 0, -1, -2, -3], ab: test.no_preference ? [1, 0.5, 0] : [1, 0], abx: [1, 0] }[design];
    const score = design === "mos" || design === "smos";
    const name = score ? page.sounds[0] : "choice";
    const kept = draft.kept.scores?.[name];
    const keyOf = (v, k) => String(score ? v : k + 1);
    const inputs = values.map((v) => make("input", {
      type: "radio", name: "score", value: String(v), checked: v === kept,
      onchange: () => { draft.keep({ scores: scores() }); check(); },
    }));
    const list = make("fieldset", { class: design === "ab" || design === "abx" ? "choices side" : "choices", "aria-label": asked0() },
      values.map((v, k) => make("label", {}, inputs[k], score ? make("b", {}, String(v)) : null, make("span", {}, labels[v]), make("kbd", {}, keyOf(v, k)))));
    const scores = () => {
      const chosen = inputs.find((i) => i.checked);
      return chosen ? { [name]: Number(chosen.value) } : {};
    };
    return {
      node: make("div", {}, files.length > 1 ? make("div", { class: "sounds" }, buttons) : null, list),
      scores,
      missing: () => (inputs.some((i) => i.checked) ? [] : [""]),
      allow: (yes) => { list.disabled = !yes; },
      key: (event) => {
        const k = values.findIndex((v, j) => keyOf(v, j) === event.key);
        if (k < 0 || list.disabled) return false;
        inputs[k].checked = true;
        inputs[k].focus();
        draft.keep({ scores: scores() });
        check();
        return true;
      },
    };
  }
  function asked0() { return say.ask[design]; }

  function keys() {
    const k = (keys, what) => make("span", {}, keys.flatMap((key) => [make("kbd", {}, key), " "]), what);
    const switches = mushra ? [["0"], ["1", "…", String(page.sounds.length)]] : names.length > 1 ? [names.map((n) => (n === say.reference ? "R" : n.length > 1 ? null : n)).filter(Boolean)] : [];
    return make("div", { class: "keys" },
      k(["Space"], say.keys.space),
      mushra ? k(switches[0], say.keys.reference) : null,
      switches.length ? k(switches[switches.length - 1], say.keys.switch) : null,
      mushra ? k(["←", "→"], say.keys.arrows) : null,
      k(["L"], say.keys.loop), k(["[", "]"], say.keys.region), k(["Enter"], say.keys.enter));
  }
}

// What was set on a page and not yet sent outlives a reload.
function drafts(test, state) {
  const name = `draft ${test.id} ${state.session} ${state.step}`;
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem(name)) ?? {}; } catch { /* nothing was kept, or storage is off */ }
  return {
    kept,
    keep: (more) => {
      Object.assign(kept, more);
      try { localStorage.setItem(name, JSON.stringify(kept)); } catch { /* the page works without */ }
    },
    drop: () => { try { localStorage.removeItem(name); } catch { /* the page works without */ } },
  };
}
