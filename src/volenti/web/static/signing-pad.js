// A field for a signature: a finger, a pen or a mouse draws; a name that is typed counts as well.
export class Pad {
  #lines = [];
  #began = 0;

  constructor(place) {
    this.place = place;
    this.canvas = place.querySelector("canvas");
    this.typed = place.querySelector("[data-typed]");
    place.querySelector("[data-clear]").addEventListener("click", () => this.clear());
    this.canvas.addEventListener("pointerdown", (event) => this.#start(event));
    this.canvas.addEventListener("pointermove", (event) => this.#move(event));
    new ResizeObserver(() => this.#draw()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  clear() {
    this.#lines = [];
    this.typed.value = "";
    this.#draw();
  }

  // The mark as a statement has it; null where there is none.
  get mark() {
    const text = this.typed.value.trim();
    const points = this.#lines.flat().length;
    if (points >= 5) return { way: "drawn", text: "", strokes: this.#lines };
    return text ? { way: "typed", text, strokes: [] } : null;
  }

  #point(event) {
    const at = this.canvas.getBoundingClientRect();
    const share = (value, whole) => Math.max(0, Math.min(1000, Math.round((1000 * value) / whole)));
    const ms = Math.round(event.timeStamp - this.#began);
    return [share(event.clientX - at.left, at.width), share(event.clientY - at.top, at.height), Math.max(0, ms)];
  }

  #start(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    if (!this.#lines.length) this.#began = event.timeStamp;
    this.#lines.push([this.#point(event)]);
    this.#draw();
  }

  #move(event) {
    if (!this.canvas.hasPointerCapture(event.pointerId) || this.#lines.flat().length > 6000) return;
    this.#lines.at(-1).push(this.#point(event));
    this.#draw();
  }

  #draw() {
    const { clientWidth, clientHeight } = this.canvas;
    const scale = devicePixelRatio;
    this.canvas.width = clientWidth * scale;
    this.canvas.height = clientHeight * scale;
    const pen = this.canvas.getContext("2d");
    pen.strokeStyle = getComputedStyle(this.canvas).color;
    pen.lineWidth = 2.5 * scale;
    pen.lineCap = pen.lineJoin = "round";
    for (const line of this.#lines) {
      pen.beginPath();
      for (const [x, y] of line) pen.lineTo((x / 1000) * this.canvas.width, (y / 1000) * this.canvas.height);
      if (line.length === 1) pen.lineTo((line[0][0] / 1000) * this.canvas.width + 1, (line[0][1] / 1000) * this.canvas.height);
      pen.stroke();
    }
  }
}
