// Thumbnails: move the gallery sideways without moving the page, and show where it stands.
const view = document.querySelector("[data-gallery]");
const slides = [...document.querySelectorAll("[data-image]")];
const shown = document.getElementById("shown-image"); // what the panel starts with
const thumbs = [...document.querySelectorAll("[data-slide]")];

if (view && thumbs.length) {
  const smooth = matchMedia("(prefers-reduced-motion: no-preference)").matches;

  for (const thumb of thumbs) {
    thumb.addEventListener("click", (event) => {
      event.preventDefault();
      document.dispatchEvent(new Event("otbang:product-pictures"));
      const left = view.clientWidth * Number(thumb.dataset.slide);
      view.scrollTo({ left, behavior: smooth ? "smooth" : "auto" });
    });
  }

  const mark = () => {
    const current = Math.round(view.scrollLeft / view.clientWidth);
    thumbs.forEach((thumb, index) => {
      if (index === current) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    });
    if (shown && slides[current]) shown.value = slides[current].dataset.image;
  };
  view.addEventListener("scroll", mark, { passive: true });
}
