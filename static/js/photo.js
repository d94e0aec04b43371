// A shopper's own photo, from the file to the answer: chosen, dropped, pasted or taken; cropped;
// sent once both boxes are ticked. Everything is delegated: fragments come and go. Loaded when
// the panel's tab "On me" opens. Without it the form is a plain form.

const picked = new WeakMap(); // form → {file, crop}: chosen, not sent yet
let sent = null; // the same, while its answer is awaited: a refused photo can be cropped again

const own = () => document.querySelector("[data-own]");
const isOpen = (node) => Boolean(node?.checkVisibility());
const formOf = (node) => node.closest("[data-photo-form]");

function announce(text) {
  const live = own()?.querySelector("[data-own-live]");
  if (live && text) live.textContent = text;
}

function view(name) {
  own().dataset.view = name;
}

// --- what is wrong ------------------------------------------------------------------------------

function complain(form, name, sentence) {
  form.querySelector(`[data-error=${name}]`).textContent = sentence;
  const field = form.elements[name];
  if (sentence) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/** Says everything that is missing; the focus goes to the first of it. */
function isComplete(form) {
  const { needPhoto, needConsent, needAttest } = form.dataset;
  const missing = [
    ["photo", picked.has(form), needPhoto],
    ["consent", form.elements.consent.checked, needConsent],
    ["attest", form.elements.attest.checked, needAttest],
  ].filter(([name, there, sentence]) => {
    complain(form, name, there ? "" : sentence);
    return !there;
  });
  if (!missing.length) return true;
  const [first] = missing[0];
  (first === "photo" ? form.querySelector("[data-choose]") : form.elements[first]).focus();
  form.querySelector(`[data-error=${first}]`).scrollIntoView({ block: "nearest" });
  announce(missing.map(([, , sentence]) => sentence).join(" "));
  return false;
}

// --- choosing -----------------------------------------------------------------------------------

function forget(form) {
  picked.get(form)?.crop?.close();
  picked.delete(form);
  form.dataset.step = "choose";
}

function isPhoto(file) {
  return file.type.startsWith("image/") || /\.hei[cf]$/i.test(file.name);
}

async function pick(form, file) {
  if (!file) return;
  const { maxBytes, tooLarge, notAPhoto } = form.dataset;
  forget(form);
  const wrong = file.size > Number(maxBytes) ? tooLarge : isPhoto(file) ? "" : notAPhoto;
  complain(form, "photo", wrong);
  if (wrong) {
    announce(wrong);
    return;
  }
  const choice = { file, crop: null };
  picked.set(form, choice);
  sent?.crop?.close();
  sent = null;
  const root = form.querySelector("[data-crop]");
  let crop = null;
  try {
    const bitmap = await createImageBitmap(file); // upright, as the camera meant it
    const { Crop } = await import(form.dataset.cropScript);
    crop = new Crop(root, bitmap);
  } catch {
    // A format that this browser cannot draw (HEIC outside Safari): it is sent as it is.
  }
  if (picked.get(form) !== choice) return void crop?.close(); // another one came meanwhile
  choice.crop = crop;
  offer(form, choice);
}

/** The second step: the photo in its frame, the boxes, the button. */
function offer(form, { file, crop }) {
  const root = form.querySelector("[data-crop]");
  form.dataset.step = "send";
  root.hidden = false;
  for (const part of root.querySelectorAll("[data-crop-frame], [data-crop-note], [data-rotate]")) {
    part.hidden = !crop;
  }
  root.querySelector("[data-crop-none]").hidden = Boolean(crop);
  root.querySelector("[data-crop-name]").textContent = file.name;
  crop?.show();
  form.querySelector(".panel__scroll").scrollTo?.(0, 0);
  form.elements.consent.focus({ preventScroll: true });
  announce(form.dataset.picked);
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-photo-input], [data-photo-capture]")) {
    pick(formOf(event.target), event.target.files[0]);
    event.target.value = ""; // so that the same file can be chosen again
  } else if (event.target.matches("[data-photo-form] [type=checkbox]")) {
    if (event.target.checked) complain(formOf(event.target), event.target.name, "");
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button || !own()?.contains(button)) return;
  const form = own().querySelector("[data-photo-form]");
  const { dataset } = button;
  if ("choose" in dataset) form.elements.photo.click();
  else if ("capture" in dataset) form.querySelector("[data-photo-capture]").click();
  else if ("rotate" in dataset) picked.get(form)?.crop?.rotate(Number(dataset.rotate));
  else if ("again" in dataset) {
    forget(form);
    form.querySelector("[data-choose]").focus();
  } else if ("camera" in dataset) {
    const { take } = await import(form.dataset.cameraScript);
    const photo = await take(document.getElementById("camera"));
    if (photo) pick(form, photo);
    else button.focus();
  } else if ("ownView" in dataset) {
    if ("photoAgain" in dataset) button.closest("[data-photo]").remove();
    view(dataset.ownView);
    if ("cropAgain" in dataset && sent) {
      picked.set(form, sent);
      offer(form, sent);
      sent = null;
    } else if (dataset.ownView === "add") form.querySelector("[data-choose]").focus();
  }
});

// --- dropping and pasting -----------------------------------------------------------------------

const bearsFiles = (transfer) => transfer?.types.includes("Files");

function over(on) {
  own()?.querySelector("[data-drop]").classList.toggle("drop--over", on);
}

document.addEventListener("dragover", (event) => {
  if (!isOpen(own()) || !bearsFiles(event.dataTransfer)) return;
  event.preventDefault(); // else the browser opens the file in place of the page
  view("add");
  over(true);
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) over(false);
});
document.addEventListener("drop", (event) => {
  if (!isOpen(own()) || !bearsFiles(event.dataTransfer)) return;
  event.preventDefault();
  over(false);
  pick(own().querySelector("[data-photo-form]"), event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => {
  const [file] = event.clipboardData?.files ?? [];
  if (!file || !isOpen(own())) return;
  event.preventDefault();
  view("add");
  pick(own().querySelector("[data-photo-form]"), file);
});

// --- sending ------------------------------------------------------------------------------------

// Before htmx and the browser: what is inside the frame takes the file's place, then it is sent.
document.addEventListener(
  "submit",
  async (event) => {
    const form = formOf(event.target);
    if (!form) return;
    if (form.dataset.cut) {
      delete form.dataset.cut;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = form.querySelector("[type=submit]");
    if (button.ariaBusy === "true" || !isComplete(form)) return;
    button.ariaBusy = "true";
    const { file, crop } = picked.get(form);
    const transfer = new DataTransfer();
    transfer.items.add(crop ? await crop.file() : file);
    form.elements.photo.files = transfer.files;
    form.dataset.cut = "1";
    setTimeout(() => form.requestSubmit()); // a form does not submit while it submits
  },
  true,
);

document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector?.("[data-progress]");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
});

// What is wrong comes as the form itself; a photo that was taken goes to the top of the list.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, target, xhr } = event.detail;
  if (!(elt ?? target).matches?.("[data-photo-form]") && target.id !== "own-photos") return;
  const form = own()?.querySelector("[data-photo-form]");
  if (!form) return;
  if (xhr.status === 422) {
    event.detail.target = form;
    event.detail.swapOverride = "outerHTML";
    return;
  }
  const id = /id="(photo-[0-9a-f-]+)"/.exec(xhr.responseText)?.[1];
  document.getElementById(id)?.remove(); // the same photo again
  form.reset();
  sent = picked.get(form);
  picked.delete(form);
  forget(form);
  view("photos");
});

document.addEventListener("htmx:afterRequest", (event) => {
  const here = own();
  if (!here) return;
  const bar = event.target.querySelector?.("[data-progress]");
  if (bar) bar.hidden = true;
  event.target.querySelector?.("[aria-busy]")?.removeAttribute("aria-busy");
  if (here.dataset.view === "photos" && !here.querySelector("[data-photo]")) {
    view("add");
    here.querySelector("[data-choose]").focus();
  }
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  const node = target.id === "own-photos" ? target.firstElementChild : target;
  if (node?.matches("[data-photo-form]")) {
    announce([...node.querySelectorAll("[data-error]")].map((at) => at.textContent).join(" "));
    node.querySelector("[aria-invalid]:not([type=file])")?.focus();
  }
  if (!node?.matches("[data-photo]") || !own()?.contains(node)) return;
  announce(node.dataset.announce);
  if (node !== target) node.closest(".panel__scroll").scrollTop = 0;
  const cropAgain = node.querySelector("[data-crop-again]");
  if (cropAgain) cropAgain.hidden = !sent?.crop;
  const lost = !document.activeElement || !document.activeElement.checkVisibility();
  if (lost || document.activeElement === document.body || own().contains(document.activeElement)) {
    const start = node.querySelector("input:enabled") ?? node.querySelector("[data-photo-title]");
    start?.focus({ preventScroll: node !== target });
  }
});

// A photo that is gone (erased on another page, or its time was up) is asked about no more.
document.addEventListener("htmx:responseError", (event) => {
  const { elt, xhr } = event.detail;
  if (xhr.status === 404 && elt.matches("[data-photo]")) elt.remove();
});
