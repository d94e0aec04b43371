// Thumbnails: move the gallery sideways without moving the page, and show where it stands.
const view = document.querySelector("[data-gallery]");
const slides = [...document.querySelectorAll("[data-image]")];
const shown = document.getElementById("shown-image"); // what the panel starts with
const thumbs = [...document.querySelectorAll("[data-slide]")];
const colours = [...document.querySelectorAll("[data-show]")]; // links to a colour's picture

if (view && thumbs.length) {
  const smooth = matchMedia("(prefers-reduced-motion: no-preference)").matches;

  for (const link of [...thumbs, ...colours]) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.dispatchEvent(new Event("otbang:product-pictures"));
      const left = view.clientWidth * Number(link.dataset.slide ?? link.dataset.show);
      view.scrollTo({ left, behavior: smooth ? "smooth" : "auto" });
      // The names of colours lie below the picture on a phone.
      if (link.dataset.show) view.scrollIntoView({ block: "nearest" });
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
