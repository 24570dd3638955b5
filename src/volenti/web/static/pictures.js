// The grid: its scroll bar goes over all pictures, and only those near the window are there.
const grid = document.getElementById("grid");
const chosen = new Set();
const form = document.getElementById("chosen");

function told() {
  if (!form) return;
  form.hidden = chosen.size === 0;
  form.querySelector("[data-none]").hidden = chosen.size > 0;
  form.querySelector("[data-some]").hidden = chosen.size === 0;
  form.querySelector("[data-number]").textContent = chosen.size.toLocaleString(document.documentElement.lang);
  for (const button of form.querySelectorAll("button")) button.disabled = chosen.size === 0;
}

if (grid) start(grid);

function start(grid) {
  const total = Number(grid.dataset.total), count = Number(grid.dataset.count), gap = 4;
  const tiles = new Map(), asked = new Set();
  let columns = 1, size = 1, waiting = 0, noting = 0;
  [...grid.children].forEach((tile, at) => tiles.set(Number(grid.dataset.start) + at, tile));

  function measure() {
    grid.classList.remove("far");
    grid.style.blockSize = "";
    const widths = getComputedStyle(grid).gridTemplateColumns.split(" ");
    columns = Math.max(1, widths.length);
    size = (grid.clientWidth - gap * (columns - 1)) / columns;
    grid.classList.add("far");
    grid.style.display = "block";
    grid.style.blockSize = `${Math.ceil(total / columns) * (size + gap) - gap}px`;
    for (const [at, tile] of tiles) place(at, tile);
  }

  function place(at, tile) {
    const row = Math.floor(at / columns), column = at % columns;
    tile.style.inlineSize = tile.style.blockSize = `${size}px`;
    tile.style.insetBlockStart = `${row * (size + gap)}px`;
    tile.style.insetInlineStart = `${column * (size + gap)}px`;
    const box = tile.querySelector("input");
    if (box) box.checked = chosen.has(box.value);
  }

  const top = () => grid.getBoundingClientRect().top + scrollY;
  const first = () => Math.min(total - 1, Math.max(0, Math.floor((scrollY - top()) / (size + gap) + 0.5)) * columns);
  const go = (at) => scrollTo({ top: at ? top() + Math.floor(at / columns) * (size + gap) : 0 });

  function wanted() {
    const rows = Math.ceil(innerHeight / (size + gap));
    const from = first();
    return [Math.max(0, from - rows * columns), Math.min(total, from + 3 * rows * columns)];
  }

  function show() {
    const [from, to] = wanted();
    for (const [at, tile] of tiles) {
      if (at < from - 3 * count || at >= to + 3 * count) {
        if (!tile.contains(document.activeElement)) { tile.remove(); tiles.delete(at); }
      }
    }
    for (let at = from - (from % count); at < to; at += count) {
      let lacks = false;
      for (let each = Math.max(at, from); each < Math.min(at + count, to); each++) lacks ||= !tiles.has(each);
      if (lacks && !asked.has(at)) fill(at);
    }
    clearTimeout(noting);
    noting = setTimeout(note, 300);
  }

  async function fill(at) {
    asked.add(at);
    const address = new URL(grid.dataset.link, location.href);
    address.pathname = "/pictures/window";
    address.searchParams.set("start", at);
    address.searchParams.set("count", count);
    try {
      const answer = await fetch(address, { headers: { accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const made = document.createElement("template");
      made.innerHTML = await answer.text();
      [...made.content.children].forEach((tile, each) => {
        const place_ = at + each;
        if (tiles.has(place_)) return;
        tiles.set(place_, tile);
        place(place_, tile);
        const after = [...tiles.keys()].filter((one) => one > place_).sort((a, b) => a - b)[0];
        grid.insertBefore(tile, after === undefined ? null : tiles.get(after));
      });
    } finally {
      asked.delete(at);
    }
  }

  function note() {
    const at = first(), address = new URL(location.href);
    if (at) address.searchParams.set("start", at); else address.searchParams.delete("start");
    address.searchParams.delete("page");
    history.replaceState(null, "", address);
    const marks = [...document.querySelectorAll(".ruler a")];
    const now = marks.filter((mark) => Number(mark.dataset.start) <= at + columns).pop();
    for (const mark of marks) mark.toggleAttribute("aria-current", mark === now);
  }

  const soon = () => { clearTimeout(waiting); waiting = setTimeout(show, 60); };
  addEventListener("scroll", soon, { passive: true });
  addEventListener("resize", () => { const at = first(); measure(); go(at); soon(); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-start]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(Number(link.dataset.start));
    soon();
  });
  grid.addEventListener("change", (event) => {
    if (event.target.name !== "image") return;
    if (event.target.checked) chosen.add(event.target.value); else chosen.delete(event.target.value);
    told();
  });
  for (const box of grid.querySelectorAll("input:checked")) chosen.add(box.value);
  if (form) {
    form.addEventListener("submit", () => {
      const there = new Set([...grid.querySelectorAll("input:checked")].map((box) => box.value));
      const rest = document.createElement("input");
      rest.type = "hidden";
      rest.name = "images";
      rest.value = [...chosen].filter((each) => !there.has(each)).join(" ");
      form.append(rest);
    });
  }
  history.scrollRestoration = "manual";
  measure();
  if (Number(grid.dataset.start)) go(Number(grid.dataset.start));
  show();
  told();
}
