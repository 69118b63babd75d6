const all = [...document.querySelectorAll("section")];
const count = document.querySelector("footer");
let at = 0;
function go(to) {
  at = Math.min(Math.max(to, 0), all.length - 1);
  all.forEach((one, n) => one.classList.toggle("now", n === at));
  count.textContent = `${at + 1} / ${all.length}`;
  history.replaceState(null, "", `#${at + 1}`);
}
addEventListener("keydown", (e) => {
  if (e.target.matches("input, audio")) return; // theirs: a slider is moved, a sound is played
  if (["ArrowRight", "PageDown", " "].includes(e.key)) go(at + 1);
  else if (["ArrowLeft", "PageUp"].includes(e.key)) go(at - 1);
  else if (e.key === "Home") go(0);
  else if (e.key === "End") go(all.length - 1);
  else return;
  e.preventDefault();
});
go((Number(location.hash.slice(1)) || 1) - 1);
