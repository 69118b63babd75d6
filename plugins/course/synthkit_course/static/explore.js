// Sliders choose which of the drawn states is seen; their words come as `labels`, the figure's id as `id`.
((id, labels) => {
  const whole = document.getElementById(id);
  if (!whole) return;
  const sliders = [...whole.querySelectorAll("input")];
  const frames = [...whole.querySelectorAll(".sk-frame")];
  const show = () => {
    const at = sliders.map((s) => s.value).join("-");
    for (const frame of frames) {
      frame.hidden = frame.dataset.at !== at;
      if (frame.hidden) for (const sound of frame.querySelectorAll("audio")) sound.pause();
    }
    sliders.forEach((s, n) => {
      const told = labels[n][Number(s.value)];
      s.nextElementSibling.textContent = told;
      s.setAttribute("aria-valuetext", told);
    });
  };
  for (const s of sliders) s.addEventListener("input", show);
  whole.classList.add("sk-live");
  show();
})
