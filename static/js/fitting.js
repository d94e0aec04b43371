// The fitting room in a page: opens the panel, follows a try-on until it is over, tells what
// happened. htmx fetches every fragment; this file only says when.

const POLL_MS = 1200;
const SAFETY_POLL_MS = 6000; // a stream can hang without an error
const panel = document.getElementById("fitting-panel");
const live = document.getElementById("fitting-live");
const title = document.title;

const stage = () => document.getElementById("fitting-stage");

function announce(text) {
  if (live && text) live.textContent = text;
}

// --- panel ------------------------------------------------------------------------------------

document.addEventListener("htmx:afterSwap", async (event) => {
  if (event.detail.target.id !== "fitting-panel-content") return;
  const style = panel.querySelector("link[rel=stylesheet]");
  if (style && !style.sheet) {
    await new Promise((done) => {
      style.onload = done;
      style.onerror = done;
    });
  }
  if (!panel.open) panel.showModal();
  openTab();
  const start = panel.querySelector("[role=tabpanel]:not([hidden]) input:checked");
  (start?.checkVisibility() ? start : panel.querySelector("[aria-selected=true]"))?.focus();
});

/** What the open tab needs: the scripts for own photos come with their tab. */
function openTab() {
  const own = panel.querySelector("[role=tabpanel]:not([hidden]) [data-own]");
  if (own) import(own.dataset.script);
}

function selectTab(tab) {
  for (const other of tab.parentElement.children) {
    other.setAttribute("aria-selected", other === tab);
    other.tabIndex = other === tab ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
  }
  tab.focus();
  openTab();
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab], [data-tab]");
  if (tab) selectTab(tab.dataset.tab ? document.getElementById(tab.dataset.tab) : tab);
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || !event.target.matches("[role=tab]")) return;
  event.preventDefault();
  const tabs = [...event.target.parentElement.children];
  selectTab(tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length]);
});

// The same colour in both tabs; people by height and size.
document.addEventListener("change", (event) => {
  const { name, value } = event.target;
  if (name === "image" && panel?.contains(event.target)) {
    const twins = panel.querySelectorAll(`[name=image][value="${CSS.escape(value)}"]`);
    for (const twin of twins) twin.checked = true;
  }
  const filter = event.target.closest("[data-people-filter]");
  if (filter) filterPeople(filter);
});

function filterPeople(filter) {
  const on = (kind) => [...filter.querySelectorAll(`[data-${kind}]:checked`)];
  const [bands, sizes] = [on("from"), on("size")];
  let shown = 0;
  for (const person of filter.closest("form").querySelectorAll("[data-person]")) {
    const { height, size } = person.dataset;
    const inBand = ({ dataset }) => +height >= +dataset.from && +height < +dataset.below;
    const fits =
      (!bands.length || bands.some(inBand)) &&
      (!sizes.length || sizes.some((chip) => chip.dataset.size === size));
    person.hidden = !fits;
    const input = person.querySelector("input");
    if (!fits) input.checked = false;
    shown += fits;
  }
  filter.parentElement.querySelector("[data-people-none]").hidden = shown > 0;
}

document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-close]");
  if (close) close.closest("dialog").close();
  else if (event.target === panel) panel.close();
});

// A request that fails leaves the shopper with the plain page behind the link, or a sentence.
for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(name, (event) => {
    const source = event.detail.elt;
    if (source.matches("a[data-panel]")) location.assign(source.href);
    const form = source.closest(".panel__form");
    if (!form) return;
    let error = form.querySelector(".form-error");
    if (!error) {
      error = document.createElement("p");
      error.className = "form-error";
      error.setAttribute("role", "alert");
      form.querySelector(".panel__scroll").prepend(error);
    }
    error.textContent = form.dataset.offline;
  });
}

// --- one try-on, followed until it is over ------------------------------------------------------

let following = null;

function stopFollowing() {
  if (!following) return;
  following.source?.close();
  clearInterval(following.timer);
  following = null;
}

function refresh(known) {
  const node = stage();
  if (!node?.dataset.poll) return;
  const query = known ? `?stage=${encodeURIComponent(known)}` : "";
  htmx.ajax("GET", node.dataset.poll + query, { source: node, target: node, swap: "outerHTML" });
}

function show(node, { stage: step, position }) {
  node.dataset.step = step;
  let label = "";
  for (const item of node.querySelectorAll("[data-step-name]")) {
    if (item.dataset.stepName === step) {
      if (!item.hasAttribute("aria-current")) label = item.textContent.trim();
      item.setAttribute("aria-current", "step");
    } else item.removeAttribute("aria-current");
  }
  announce(label);
  const queue = node.querySelector("[data-queue]");
  if (queue) {
    queue.hidden = !(position > 0);
    queue.textContent = queue.dataset.queueText.replace("{position}", position);
  }
}

function poll(every) {
  clearInterval(following.timer);
  following.timer = setInterval(() => refresh(stage()?.dataset.step), every);
}

function follow(node) {
  stopFollowing();
  following = { source: null, timer: null };
  poll(POLL_MS);
  if (!window.EventSource) return;
  const source = new EventSource(node.dataset.events);
  following.source = source;
  source.addEventListener("open", () => following?.source === source && poll(SAFETY_POLL_MS));
  source.addEventListener("error", () => following?.source === source && poll(POLL_MS));
  source.addEventListener("stage", (event) => {
    if (following?.source !== source) return;
    const state = JSON.parse(event.data);
    if (state.status === "deleted") clearStage();
    else if (["done", "failed", "cancelled"].includes(state.status)) {
      source.close();
      refresh();
    } else show(stage(), state);
  });
}

function arrive(node, wasActive) {
  stopFollowing();
  announce(node.dataset.announce);
  if (node.dataset.events) return follow(node);
  if (node.dataset.status === "done" && wasActive) {
    node.querySelector("[data-compare]")?.classList.add("compare--fresh");
    document.title = `✓ ${node.dataset.titleReady} · ${title}`;
    const restore = () => {
      document.title = title;
      removeEventListener("pointerdown", restore);
      removeEventListener("keydown", restore);
    };
    addEventListener("pointerdown", restore);
    addEventListener("keydown", restore);
  }
  return undefined;
}

let wasActive = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "fitting-stage") wasActive = Boolean(stage()?.dataset.events);
});

document.addEventListener("htmx:afterSettle", (event) => {
  const node = event.target;
  if (node.id !== "fitting-stage") return;
  const cameFromPanel = panel?.open;
  if (cameFromPanel) {
    panel.close();
    document.querySelector(".product")?.scrollIntoView({ block: "start" });
  }
  const heading = node.querySelector("[data-stage-title]");
  if (heading) heading.focus({ preventScroll: true });
  else document.querySelector(".gallery__tryon")?.focus();
  arrive(node, wasActive || cameFromPanel);
});

function clearStage() {
  stopFollowing();
  stage()?.replaceChildren();
}

// Thumbnails bring the product's own pictures back.
document.addEventListener("otbang:product-pictures", clearStage);
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-stage-close]")) return;
  clearStage();
  document.querySelector(".gallery__tryon")?.focus();
});

if (stage()?.dataset.events) follow(stage());

// --- copy a share link ------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const input = button.parentElement.querySelector("[data-share-link]");
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    input.select();
    document.execCommand("copy"); // pages without https have no clipboard
  }
  button.textContent = button.dataset.done;
  announce(button.dataset.done);
});
