// Named points and foreground/background marks on a photo, moved by mouse, touch or keyboard.
//
//   <div data-points data-photo="URL" data-width="W" data-height="H"
//        data-input="id of the field with the points"   (may be left out)
//        data-clicks="id of the field with the marks"   (may be left out)
//        data-overlay="URL"           a picture of the photo's size to lay over it
//        data-swap="id of a checkbox" data-overlay-swapped="URL"   that exchanges the overlay
//        data-seen="1">               third number of a point that somebody has placed
//     <script type="application/json">
//       {"points": [{"name", "label", "side": "left|right|", "mirror": "name of its twin"}],
//        "lines": [["name", "name"]], "text": {see TEXT}}
//     </script>
//   </div>
//
// The points' field holds JSON, either [[x, y, seen], ...] in the schema's order or
// {"name": [x, y, seen], ...}, and is written as it was found; 0 in the third place means hidden.
// The marks' field holds [[x, y, 1 or 0], ...]: 1 foreground, 0 background. All in photo pixels.
// A field changed by hand is read again. The root gets bubbling events: `points:ready`, and
// `points:change` with detail {points, clicks} after every finished change (undo included).
// `root.pointEditor` has points, clicks, undo(), redo(), swap(), setOverlay(url), setClicks(list),
// reload().
// `fittingroom.admin.points.PointsWidget` renders all of this as a form field (a module script).
const SVG = "http://www.w3.org/2000/svg";
const TEXT = {
  move: "Move points",
  plus: "Mark the garment",
  minus: "Mark what is not garment",
  undo: "Undo",
  redo: "Redo",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  fit: "Whole photo",
  overlay: "Show colours",
  swap: "Swap left and right",
  hidden: "hidden",
  seen: "{name} can be seen",
  mark: "Mark {number}",
  editor: "Photo with points",
  help: "",
};
const ICONS = { undo: "↶", redo: "↷", zoomIn: "+", zoomOut: "−" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MAX_ZOOM = 12;
const HISTORY = 200;

class PointEditor {
  constructor(root) {
    this.root = root;
    this.size = [Number(root.dataset.width), Number(root.dataset.height)];
    this.seen = Number(root.dataset.seen || 1);
    const schema = JSON.parse(root.querySelector("script")?.textContent || "{}");
    this.schema = schema.points || [];
    this.lines = schema.lines || [];
    this.text = { ...TEXT, ...schema.text };
    this.input = document.getElementById(root.dataset.input);
    this.clicksInput = document.getElementById(root.dataset.clicks);
    this.index = new Map(this.schema.map((point, i) => [point.name, i]));
    this.view = { x: 0, y: 0, zoom: 1 };
    this.pointers = new Map();
    this.past = [];
    this.future = [];
    this.read();
    this.build();
    this.tool(this.input ? "move" : "plus");
    this.draw();
    for (const field of [this.input, this.clicksInput]) {
      field?.addEventListener("change", () => this.reread());
    }
    new ResizeObserver(() => this.draw()).observe(this.svg);
    root.dispatchEvent(new CustomEvent("points:ready", { bubbles: true }));
  }

  // --- values -----------------------------------------------------------------------------------

  read() {
    const given = parsed(this.input) ?? [];
    this.named = !Array.isArray(given);
    this.points = this.schema.map(({ name }, i) => triple(this.named ? given[name] : given[i]));
    const clicks = parsed(this.clicksInput);
    this.clicks = Array.isArray(clicks) ? clicks.map(triple) : [];
    this.saved = this.state();
  }

  reread() {
    const before = this.saved;
    this.read();
    if (this.saved !== before) this.remember(before);
    this.drawMarks();
    this.draw();
  }

  state() {
    return JSON.stringify([this.points, this.clicks]);
  }

  restore(state) {
    [this.points, this.clicks] = JSON.parse(state);
    this.drawMarks();
    this.finish();
  }

  remember(before) {
    this.past.push(before);
    if (this.past.length > HISTORY) this.past.shift();
    this.future = [];
  }

  /** A change is over. Changes of the same `kind` in a row are undone as one. */
  commit(kind = "") {
    const now = this.state();
    if (now !== this.saved) {
      if (!kind || kind !== this.kind) this.remember(this.saved);
      this.kind = kind;
      this.finish();
    } else this.draw();
  }

  finish() {
    this.saved = this.state();
    if (this.input) {
      const named = () => Object.fromEntries(this.schema.map(({ name }, i) => [name, this.points[i]]));
      this.input.value = JSON.stringify(this.named ? named() : this.points);
    }
    if (this.clicksInput) this.clicksInput.value = JSON.stringify(this.clicks);
    this.draw();
    const detail = { points: this.points, clicks: this.clicks };
    this.root.dispatchEvent(new CustomEvent("points:change", { bubbles: true, detail }));
  }

  undo() {
    if (!this.past.length) return;
    this.future.push(this.saved);
    this.kind = "";
    this.restore(this.past.pop());
  }

  redo() {
    if (!this.future.length) return;
    this.past.push(this.saved);
    this.kind = "";
    this.restore(this.future.pop());
  }

  swap() {
    const before = this.points;
    this.points = this.schema.map(({ mirror }, i) => before[this.index.get(mirror) ?? i]);
    this.commit();
  }

  /** Take over what another script wrote into the fields: not a step that undo takes back. */
  reload() {
    this.read();
    this.drawMarks();
    this.draw();
  }

  setClicks(clicks) {
    this.clicks = clicks.map(triple);
    this.drawMarks();
    this.commit();
  }

  setOverlay(url) {
    this.overlay.setAttribute("href", url);
  }

  place(i, x, y) {
    const [width, height] = this.size;
    const within = (value, most) => Math.round(10 * Math.min(Math.max(value, 0), most)) / 10;
    this.points[i] = [within(x, width), within(y, height), this.seen];
  }

  hide(i, hidden) {
    const [x, y] = this.points[i];
    if (hidden) this.points[i] = [x, y, 0];
    else if (x || y) this.points[i] = [x, y, this.seen];
    else this.place(i, ...this.guess(i));
    this.commit();
  }

  /** Where a point that was never anywhere appears: between its neighbours, or in the middle. */
  guess(i) {
    const { name } = this.schema[i];
    const near = this.lines
      .filter((line) => line.includes(name))
      .map(([a, b]) => this.points[this.index.get(a === name ? b : a)])
      .filter((point) => point[2] > 0);
    if (!near.length) return this.centre();
    const mean = (axis) => near.reduce((sum, point) => sum + point[axis], 0) / near.length;
    return [mean(0) + 12 * this.unit(), mean(1) + 12 * this.unit()];
  }

  // --- elements ---------------------------------------------------------------------------------

  build() {
    const [width, height] = this.size;
    this.bar = element("div", { class: "points__bar", role: "toolbar" });
    if (this.clicksInput) {
      this.tools = ["move", "plus", "minus"]
        .filter((name) => name !== "move" || this.input)
        .map((name) => this.button(name, () => this.tool(name), { "data-tool": name }));
    }
    this.undoButton = this.button("undo", () => this.undo());
    this.redoButton = this.button("redo", () => this.redo());
    this.button("zoomOut", () => this.zoomBy(1 / 1.5));
    this.button("zoomIn", () => this.zoomBy(1.5));
    this.button("fit", () => this.zoomBy(0));
    if (this.root.dataset.overlay) {
      this.overlayButton = this.button("overlay", () => {
        const shown = this.overlayButton.getAttribute("aria-pressed") !== "true";
        this.overlayButton.setAttribute("aria-pressed", String(shown));
        this.svg.classList.toggle("points__stage--plain", !shown);
      }, { "aria-pressed": "true" });
    }
    if (this.schema.some((point) => point.mirror)) this.button("swap", () => this.swap());

    this.svg = element("svg", {
      class: "points__stage",
      role: "group",
      "aria-label": this.text.editor,
      tabindex: this.clicksInput ? "0" : "-1",
    });
    // Half the window's height at least stays for the rest of the form.
    this.svg.style.aspectRatio = `${width} / ${height}`;
    this.svg.style.maxWidth = `calc(78vh * ${width / height})`;
    const whole = { width, height, preserveAspectRatio: "none" };
    this.svg.append(element("image", { ...whole, href: this.root.dataset.photo }));
    this.overlay = element("image", { ...whole, class: "points__overlay" });
    if (this.root.dataset.overlay) this.setOverlay(this.root.dataset.overlay);
    this.svg.append(this.overlay);
    this.lineElements = this.lines.map(([, b]) => {
      const side = this.schema[this.index.get(b)].side || "middle";
      return element("line", { class: `points__line points__line--${side}` });
    });
    this.handles = this.schema.map(({ side }, i) => this.handle(`point points__point--${side || "middle"}`, i));
    this.marks = element("g", {});
    this.svg.append(...this.lineElements, ...this.handles, this.marks);

    this.list = element("ul", { class: "points__list" });
    this.boxes = this.schema.map(({ label, side }, i) => {
      const box = element("input", { type: "checkbox", "aria-label": this.text.seen.replace("{name}", label) });
      box.addEventListener("change", () => this.hide(i, !box.checked));
      const name = element("button", { type: "button", class: `points__name points__name--${side || "middle"}` });
      name.textContent = label;
      name.addEventListener("click", () => this.handles[i].focus());
      const row = element("li", {});
      row.append(box, name);
      row.addEventListener("pointerenter", () => this.handles[i].classList.add("points__point--near"));
      row.addEventListener("pointerleave", () => this.handles[i].classList.remove("points__point--near"));
      this.list.append(row);
      return box;
    });
    this.said = element("output", { class: "points__said", "aria-live": "polite" });
    const main = element("div", { class: "points__main" });
    const columns = element("div", { class: "points__columns" });
    main.append(this.svg, this.said);
    columns.append(main, ...(this.schema.length ? [this.list] : []));
    this.root.append(this.bar, columns);
    if (this.text.help) {
      const help = element("p", { class: "points__help" });
      help.textContent = this.text.help;
      this.root.append(help);
    }
    this.drawMarks();
    this.listen();
  }

  button(name, act, attributes = {}) {
    const label = this.text[name];
    const made = element("button", { type: "button", class: "button points__button", title: label, ...attributes });
    made.textContent = ICONS[name] || label;
    if (ICONS[name]) made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    this.bar.append(made);
    return made;
  }

  handle(kind, i) {
    const made = element("g", { class: `points__${kind}`, tabindex: "0", role: "button" });
    made.append(element("circle", { class: "points__hit" }), element("circle", { class: "points__dot" }));
    made.index = i;
    return made;
  }

  drawMarks() {
    this.marks.replaceChildren(
      ...this.clicks.map(([, , foreground], i) => {
        const made = this.handle(`mark points__mark--${foreground ? "plus" : "minus"}`, i);
        made.isMark = true;
        made.append(element("path", { class: "points__sign" }));
        return made;
      }),
    );
  }

  tool(name) {
    this.chosen = name;
    for (const button of this.tools || []) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === name));
    }
    this.svg?.classList.toggle("points__stage--marking", name !== "move");
  }

  // --- drawing ----------------------------------------------------------------------------------

  /** Photo pixels per pixel of the screen. */
  unit() {
    return this.size[0] / this.view.zoom / (this.svg.clientWidth || this.size[0]);
  }

  centre() {
    const [width, height] = this.size;
    return [this.view.x + width / this.view.zoom / 2, this.view.y + height / this.view.zoom / 2];
  }

  draw() {
    const [width, height] = this.size;
    const { view } = this;
    view.x = Math.min(Math.max(view.x, 0), width - width / view.zoom);
    view.y = Math.min(Math.max(view.y, 0), height - height / view.zoom);
    this.svg.setAttribute("viewBox", `${view.x} ${view.y} ${width / view.zoom} ${height / view.zoom}`);
    this.svg.classList.toggle("points__stage--zoomed", view.zoom > 1);
    const unit = this.unit();
    this.lines.forEach(([a, b], i) => {
      const [from, to] = [a, b].map((name) => this.points[this.index.get(name)]);
      set(this.lineElements[i], {
        x1: from[0], y1: from[1], x2: to[0], y2: to[1],
        visibility: from[2] > 0 && to[2] > 0 ? "visible" : "hidden",
      });
    });
    this.handles.forEach((handle, i) => {
      const [x, y, seen] = this.points[i];
      const somewhere = seen > 0 || x || y;
      handle.classList.toggle("points__point--hidden", !(seen > 0));
      handle.setAttribute("visibility", somewhere ? "visible" : "hidden");
      handle.setAttribute("aria-label", this.describe(i));
      put(handle, x, y, unit);
      this.boxes[i].checked = seen > 0;
    });
    [...this.marks.children].forEach((mark, i) => {
      const [x, y, foreground] = this.clicks[i];
      const label = this.text.mark.replace("{number}", i + 1);
      mark.setAttribute("aria-label", `${label}: ${foreground ? this.text.plus : this.text.minus}`);
      put(mark, x, y, unit);
      const bar = `M${x - 4 * unit} ${y}h${8 * unit}`;
      const sign = foreground ? `${bar}M${x} ${y - 4 * unit}v${8 * unit}` : bar;
      mark.lastChild.setAttribute("d", sign);
    });
    this.undoButton.disabled = !this.past.length;
    this.redoButton.disabled = !this.future.length;
  }

  describe(i) {
    const [x, y, seen] = this.points[i];
    const where = `${Math.round(x)}, ${Math.round(y)}`;
    return `${this.schema[i].label}: ${seen > 0 ? where : this.text.hidden}`;
  }

  say(handle) {
    if (!handle || handle.isMark) this.said.textContent = handle?.getAttribute("aria-label") ?? "";
    else this.said.textContent = this.describe(handle.index);
  }

  // --- mouse and touch --------------------------------------------------------------------------

  listen() {
    const { svg } = this;
    svg.addEventListener("pointerdown", (event) => this.down(event));
    svg.addEventListener("pointermove", (event) => this.moved(event));
    for (const name of ["pointerup", "pointercancel"]) {
      svg.addEventListener(name, (event) => this.up(event, name === "pointercancel"));
    }
    // Browsers that ignore touch-action inside an SVG would scroll the page with the point.
    svg.addEventListener("touchstart", (event) => {
      if (event.target.closest("g[tabindex]")) event.preventDefault();
    }, { passive: false });
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY / 200), this.at(event));
    }, { passive: false });
    svg.addEventListener("keydown", (event) => this.key(event));
    svg.addEventListener("focusin", (event) => this.say(event.target.closest("g[tabindex]")));
    svg.addEventListener("pointerover", (event) => {
      const handle = event.target.closest("g[tabindex]");
      if (handle) this.say(handle);
    });
    this.root.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) this.redo();
      else this.undo();
    });
    const box = document.getElementById(this.root.dataset.swap);
    box?.addEventListener("change", () => {
      this.setOverlay(box.checked ? this.root.dataset.overlaySwapped : this.root.dataset.overlay);
    });
  }

  at(event) {
    const matrix = this.svg.getScreenCTM().inverse();
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    return [x, y];
  }

  down(event) {
    if (event.button > 0) return;
    const at = this.at(event);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.pointers.size === 2) {
      this.drag = null; // two fingers zoom
      [this.points, this.clicks] = JSON.parse(this.saved);
      this.draw();
      return;
    }
    if (this.pointers.size > 2) return;
    const handle = event.target.closest("g[tabindex]");
    const usable = handle && (handle.isMark || this.chosen === "move");
    this.svg.setPointerCapture(event.pointerId);
    if (usable) {
      event.preventDefault();
      handle.focus({ preventScroll: true });
      const [x, y] = (handle.isMark ? this.clicks : this.points)[handle.index];
      this.drag = { handle, from: at, offset: [x - at[0], y - at[1]], far: false };
    } else {
      this.svg.focus({ preventScroll: true }); // for Ctrl+Z
      this.drag = { from: at, screen: [event.clientX, event.clientY], view: { ...this.view }, far: false };
    }
  }

  moved(event) {
    if (!this.pointers.has(event.pointerId)) return;
    const before = [...this.pointers.values()];
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.pointers.size === 2) {
      const now = [...this.pointers.values()];
      const middle = { clientX: (now[0][0] + now[1][0]) / 2, clientY: (now[0][1] + now[1][1]) / 2 };
      this.zoomBy(distance(...now) / (distance(...before) || 1), this.at(middle));
      return;
    }
    const { drag } = this;
    if (!drag) return;
    const at = this.at(event);
    drag.far ||= Math.hypot(at[0] - drag.from[0], at[1] - drag.from[1]) > 3 * this.unit();
    if (!drag.far) return;
    if (drag.handle) {
      const [x, y] = [at[0] + drag.offset[0], at[1] + drag.offset[1]];
      if (drag.handle.isMark) this.clicks[drag.handle.index] = [...this.inside(x, y), this.clicks[drag.handle.index][2]];
      else this.place(drag.handle.index, x, y);
      this.say(drag.handle);
    } else {
      const unit = this.unit();
      this.view.x = drag.view.x - (event.clientX - drag.screen[0]) * unit;
      this.view.y = drag.view.y - (event.clientY - drag.screen[1]) * unit;
    }
    this.draw();
  }

  up(event, cancelled) {
    if (!this.pointers.delete(event.pointerId)) return;
    const { drag } = this;
    this.drag = null;
    if (!drag) return;
    if (cancelled) {
      [this.points, this.clicks] = JSON.parse(this.saved);
      this.draw();
    } else if (drag.handle && drag.far) this.commit();
    else if (drag.handle?.isMark) {
      this.dropMark(drag.handle.index);
      this.svg.focus({ preventScroll: true });
    } else if (!drag.handle && !drag.far && this.chosen !== "move") this.addMark(...drag.from);
  }

  inside(x, y) {
    const [width, height] = this.size;
    const within = (value, most) => Math.round(10 * Math.min(Math.max(value, 0), most - 1)) / 10;
    return [within(x, width), within(y, height)];
  }

  addMark(x, y) {
    this.clicks.push([...this.inside(x, y), this.chosen === "plus" ? 1 : 0]);
    this.drawMarks();
    this.commit();
  }

  dropMark(i) {
    this.clicks.splice(i, 1);
    this.drawMarks();
    this.commit();
  }

  zoomBy(factor, at = this.centre()) {
    const before = this.view.zoom;
    const zoom = Math.min(Math.max(before * factor, 1), MAX_ZOOM);
    this.view = {
      zoom,
      x: at[0] - ((at[0] - this.view.x) * before) / zoom,
      y: at[1] - ((at[1] - this.view.y) * before) / zoom,
    };
    this.draw();
  }

  // --- keyboard ---------------------------------------------------------------------------------

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const handle = event.target.closest("g[tabindex]");
    const mark = handle?.isMark;
    if (!handle) {
      if (event.key !== "Enter" || this.chosen === "move") return;
      event.preventDefault();
      this.addMark(...this.centre());
      this.marks.lastChild.focus();
      return;
    }
    const i = handle.index;
    if (ARROWS[event.key]) {
      event.preventDefault();
      const step = event.shiftKey ? 10 : 1;
      const [dx, dy] = ARROWS[event.key].map((sign) => sign * step);
      const [x, y, kind] = (mark ? this.clicks : this.points)[i];
      if (mark) this.clicks[i] = [...this.inside(x + dx, y + dy), kind];
      else this.place(i, x + dx, y + dy);
      this.commit(`${mark ? "mark" : "point"} ${i}`);
      this.say(handle);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      if (mark) {
        this.dropMark(i);
        (this.marks.children[Math.max(0, i - 1)] ?? this.svg).focus();
      } else this.hide(i, true);
    } else if (!mark && (event.key.toLowerCase() === "h" || event.key === " ")) {
      event.preventDefault();
      this.hide(i, this.points[i][2] > 0);
      this.say(handle);
    } else if (event.key === "Enter") event.preventDefault(); // would send the form
  }
}

function element(name, attributes) {
  const svg = ["svg", "g", "image", "line", "circle", "path"].includes(name);
  return set(svg ? document.createElementNS(SVG, name) : document.createElement(name), attributes);
}

function set(target, attributes) {
  for (const [name, value] of Object.entries(attributes)) target.setAttribute(name, value);
  return target;
}

/** A handle is as large at every zoom; its invisible part is large enough for a finger. */
function put(handle, x, y, unit) {
  set(handle.children[0], { cx: x, cy: y, r: 14 * unit });
  set(handle.children[1], { cx: x, cy: y, r: 5.5 * unit });
}

function parsed(field) {
  try {
    return JSON.parse(field?.value || "null");
  } catch {
    return null;
  }
}

function triple(value) {
  return [0, 1, 2].map((i) => Number(value?.[i]) || 0);
}

function distance(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

for (const root of document.querySelectorAll("[data-points]")) root.pointEditor = new PointEditor(root);
