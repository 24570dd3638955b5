// Files and folders that are dropped: one request a file, several at once, and what became of each.
const form = document.getElementById("add"), drop = document.getElementById("drop");
const panel = document.getElementById("progress"), list = panel.querySelector("ul");
const bar = panel.querySelector("progress"), sum = panel.querySelector("[data-sum]");
const AT_ONCE = 3, CAPTION = /\.(txt|caption)$/i, CAPTION_MAX = 65536;
// lost: the lines of those whose connection was lost, by path; they may be dropped once more.
const counts = new Map(), lost = new Map();
let queue = [], running = 0, done = 0, all = 0;

form.querySelector("[data-script]").hidden = false;
form.querySelector("[data-plain]").hidden = true;

const stem = (path) => path.replace(/\.[^./]*$/, "").toLowerCase();

async function give(files) {
  const texts = new Map();
  for (const [path, file] of files) if (CAPTION.test(path) && file.size <= CAPTION_MAX) texts.set(stem(path), file);
  const pictures = files.filter(([path]) => !CAPTION.test(path));
  const used = new Set(pictures.map(([path]) => stem(path)));
  for (const [path, file] of files) if (CAPTION.test(path) && !used.has(stem(path))) pictures.push([path, file]);
  all += pictures.length;
  queue.push(...pictures.map(([path, file]) => [path, file, CAPTION.test(path) ? undefined : texts.get(stem(path))]));
  panel.hidden = false;
  bar.hidden = false;
  told();
  while (running < AT_ONCE && queue.length) next();
}

async function next() {
  const one = queue.shift();
  if (!one) return;
  running++;
  const [path, file, caption] = one;
  let outcome = "lost", why = "";
  try {
    const said = new FormData();
    said.set("form", form.elements.form.value);
    said.set("shoot", form.elements.shoot.value);
    said.set("name", path);
    if (caption) said.set("caption", await caption.text());
    said.set("file", file);
    const answer = await fetch("/pictures/add", { method: "POST", body: said, headers: { accept: "application/json" } });
    if (answer.redirected) {
      outcome = "out";
    } else if (answer.headers.get("content-type")?.includes("json")) {
      const told = await answer.json();
      outcome = told.outcome;
      why = [told.why, told.remedy].filter(Boolean).join(" ");
    } else if (!answer.ok) {
      outcome = "refused";
      why = answer.status === 413 ? await answer.text() : "";
    }
  } catch { /* the connection was lost */ }
  if (outcome === "unreadable") outcome = "refused";
  const before = lost.get(path);
  if (before) { counts.set("lost", counts.get("lost") - 1); before.remove(); lost.delete(path); all--; done--; }
  if (!counts.get("lost")) counts.delete("lost");
  counts.set(outcome, (counts.get(outcome) || 0) + 1);
  done++;
  running--;
  line(path, outcome, why);
  told();
  next();
}

function line(path, outcome, why) {
  const item = document.createElement("li"), name = document.createElement("span"), what = document.createElement("span");
  name.textContent = path;
  what.textContent = why || form.dataset[outcome];
  const bad = ["refused", "lost", "out", "beside"].includes(outcome);
  what.classList.toggle("bad", bad);
  item.append(name, what);
  if (outcome === "lost") lost.set(path, item);
  // What needs somebody comes first; of what went well the latest hundred are enough.
  if (bad) list.prepend(item); else list.append(item);
  const fine = [...list.children].filter((each) => !each.querySelector(".bad"));
  if (fine.length > 100) fine[0].remove();
}

function told() {
  bar.max = all;
  bar.value = done;
  const written = (number) => number.toLocaleString(document.documentElement.lang);
  const parts = [...counts].map(([outcome, number]) => `${written(number)} ${form.dataset[outcome]}`);
  sum.textContent = `${written(done)} / ${written(all)}${parts.length ? ": " : ""}${parts.join(" · ")}`;
}

async function within(entry, before = "") {
  if (entry.isFile) {
    const file = await new Promise((found, failed) => entry.file(found, failed));
    return [[before + file.name, file]];
  }
  const reader = entry.createReader(), found = [];
  for (;;) {
    const some = await new Promise((read, failed) => reader.readEntries(read, failed));
    if (!some.length) break;
    for (const each of some) found.push(...await within(each, `${before}${entry.name}/`));
  }
  return found;
}

form.elements.file.addEventListener("change", () => {
  give([...form.elements.file.files].map((file) => [file.webkitRelativePath || file.name, file]));
  form.elements.file.value = "";
});
for (const what of ["dragenter", "dragover"]) {
  addEventListener(what, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  for (const entry of entries) give(await within(entry));
});
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("beforeunload", (event) => { if (running || queue.length) event.preventDefault(); });
