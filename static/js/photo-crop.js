// Crop and turn a photo on a canvas. Only what is inside the frame is ever sent.

const SMALLEST = 0.1; // of a side
const SHOWN = 1000; // pixels of the longer side on the screen
const SENT = 2048; // ... and of what is sent: more than the fitting room keeps
const QUALITY = 0.92;
const OPPOSITE = { top: "bottom", bottom: "top", left: "right", right: "left" };
const KEYS = {
  ArrowUp: ["top bottom", -1],
  ArrowDown: ["top bottom", 1],
  ArrowLeft: ["left right", -1],
  ArrowRight: ["left right", 1],
};

export class Crop {
  /** root: the `[data-crop]` element. bitmap: the photo, upright; `close()` frees it. */
  constructor(root, bitmap) {
    this.bitmap = bitmap;
    this.canvas = root.querySelector("canvas");
    this.box = root.querySelector("[data-crop-box]");
    this.frame = root.querySelector("[data-crop-frame]");
    this.turns = 0;
    this.whole();
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.frame.addEventListener("pointerdown", (event) => this.grab(event), { signal });
    this.frame.addEventListener("keydown", (event) => this.key(event), { signal });
  }

  close() {
    this.listening.abort();
    this.bitmap.close();
  }

  whole() {
    this.cut = { top: 0, right: 0, bottom: 0, left: 0 }; // shares of the sides
  }

  show() {
    this.paint(this.canvas, { top: 0, right: 0, bottom: 0, left: 0 }, SHOWN);
    this.place();
  }

  place() {
    const { top, right, bottom, left } = this.cut;
    const percent = [top, right, bottom, left].map((share) => `${100 * share}%`);
    this.box.style.inset = percent.join(" ");
    this.box.classList.toggle("crop__box--whole", top + right + bottom + left === 0);
    for (const edge of this.box.querySelectorAll("[role=slider]")) {
      const value = Math.round(100 * this.cut[edge.dataset.edge]);
      edge.setAttribute("aria-valuenow", value);
      edge.setAttribute("aria-valuetext", `${value} %`);
    }
  }

  move(edge, share) {
    const most = 1 - SMALLEST - this.cut[OPPOSITE[edge]];
    this.cut[edge] = Math.min(Math.max(share, 0), most);
  }

  rotate(quarter) {
    this.turns = (this.turns + quarter + 4) % 4;
    const { top, right, bottom, left } = this.cut;
    this.cut =
      quarter > 0
        ? { top: left, right: top, bottom: right, left: bottom }
        : { top: right, right: bottom, bottom: left, left: top };
    this.show();
  }

  key(event) {
    const { edge } = event.target.dataset;
    const [edges, way] = KEYS[event.key] ?? [];
    if (!edges?.includes(edge)) return;
    event.preventDefault();
    const inward = edge === "top" || edge === "left" ? way : -way;
    this.move(edge, this.cut[edge] + (inward * (event.shiftKey ? 10 : 1)) / 100);
    this.place();
  }

  /** Edges and corners are pulled; the inside moves the frame. */
  grab(event) {
    const handle = event.target.closest("[data-edge]");
    if (!handle && !event.target.closest("[data-crop-box]:not(.crop__box--whole)")) return;
    event.preventDefault();
    const { width, height } = this.frame.getBoundingClientRect();
    const start = { x: event.clientX, y: event.clientY, cut: { ...this.cut } };
    const edges = handle ? handle.dataset.edge.split(" ") : null;
    const drag = new AbortController();
    const { signal } = drag;
    const pull = (moved) => {
      const x = (moved.clientX - start.x) / width;
      const y = (moved.clientY - start.y) / height;
      const { top, right, bottom, left } = start.cut;
      if (edges) {
        const to = { top: top + y, bottom: bottom - y, left: left + x, right: right - x };
        for (const edge of edges) this.move(edge, to[edge]);
      } else {
        const dx = Math.min(Math.max(x, -left), right);
        const dy = Math.min(Math.max(y, -top), bottom);
        this.cut = { top: top + dy, bottom: bottom - dy, left: left + dx, right: right - dx };
      }
      this.place();
    };
    addEventListener("pointermove", pull, { signal });
    for (const end of ["pointerup", "pointercancel"]) {
      addEventListener(end, () => drag.abort(), { signal });
    }
    handle?.focus({ preventScroll: true });
  }

  paint(canvas, { top, right, bottom, left }, longest) {
    const { width: w, height: h } = this.bitmap;
    const [width, height] = this.turns % 2 ? [h, w] : [w, h];
    const [cutWidth, cutHeight] = [(1 - left - right) * width, (1 - top - bottom) * height];
    const scale = Math.min(1, longest / Math.max(cutWidth, cutHeight));
    canvas.width = Math.max(1, Math.round(cutWidth * scale));
    canvas.height = Math.max(1, Math.round(cutHeight * scale));
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.fillStyle = "#fff"; // what is transparent becomes white, not black
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.scale(scale, scale);
    context.translate(width / 2 - left * width, height / 2 - top * height);
    context.rotate((this.turns * Math.PI) / 2);
    context.drawImage(this.bitmap, -w / 2, -h / 2);
  }

  /** What is inside the frame, as a new JPEG without metadata. */
  async file() {
    const canvas = document.createElement("canvas");
    this.paint(canvas, this.cut, SENT);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return new File([blob], "photo.jpg", { type: "image/jpeg" });
  }
}
