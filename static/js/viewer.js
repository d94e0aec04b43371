// Looking at a result: slide or hold to compare it with the original, enlarge it.
// Delegated, because results arrive in pages that are already open.

const box = (target) => target.closest("[data-compare]");

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-range]")) return;
  const value = Number(event.target.value);
  box(event.target).style.setProperty("--cut", `${value}%`);
  box(event.target).classList.toggle("compare--split", value > 0 && value < 100);
});

function hold(button, on) {
  box(button).classList.toggle("compare--held", on);
  button.setAttribute("aria-pressed", String(on));
}

document.addEventListener("pointerdown", (event) => {
  const button = event.target.closest("[data-hold]");
  if (!button) return;
  hold(button, true);
  const release = () => {
    hold(button, false);
    removeEventListener("pointerup", release);
    removeEventListener("pointercancel", release);
  };
  addEventListener("pointerup", release);
  addEventListener("pointercancel", release);
});
for (const [name, on] of [["keydown", true], ["keyup", false]]) {
  document.addEventListener(name, (event) => {
    const button = event.target.closest?.("[data-hold]");
    if (button && (event.key === " " || event.key === "Enter")) {
      event.preventDefault();
      hold(button, on);
    }
  });
}
document.addEventListener("focusout", (event) => {
  const button = event.target.closest?.("[data-hold]");
  if (button) hold(button, false);
});
document.addEventListener("contextmenu", (event) => {
  if (event.target.closest("[data-hold]")) event.preventDefault(); // a long press is a hold
});

const zoom = document.getElementById("zoom");

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-zoom]");
  if (!link || !zoom) return;
  event.preventDefault();
  const after = box(link).querySelector("[data-after]");
  const image = zoom.querySelector("[data-zoom-image]");
  image.src = after.currentSrc || after.src;
  image.alt = after.alt;
  zoom.classList.remove("zoom--large");
  zoom.showModal();
});

zoom?.querySelector("[data-zoom-image]").addEventListener("click", (event) => {
  const image = event.target;
  const x = event.offsetX / image.clientWidth;
  const y = event.offsetY / image.clientHeight;
  const large = zoom.classList.toggle("zoom--large");
  const scroll = zoom.querySelector("[data-zoom-scroll]");
  if (large) {
    scroll.scrollTo(
      image.clientWidth * x - scroll.clientWidth / 2,
      image.clientHeight * y - scroll.clientHeight / 2,
    );
  }
});
