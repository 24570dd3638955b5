// Keeps the chosen files in the form while the table is looked at again, and lets headings be dragged onto fields.
const form = document.getElementById("import");
const checked = document.getElementById("checked");

const values = () => new Map([...checked.querySelectorAll("[name]")].map((each) => [each.name, valueOf(each)]));
const valueOf = (each) => (each.type === "checkbox" ? each.checked : each.value);
let latest = 0;

// A light look sends no photographs: they are looked at when the button is pressed, and before the import.
async function look(light) {
  const mine = ++latest;
  const body = new FormData(form);
  body.set("do", "look");
  if (light) {
    body.set("light", "1");
    body.delete("files");
    body.delete("key");
  }
  const sent = values();
  checked.setAttribute("aria-busy", "true");
  const answer = await fetch("/imports", { method: "POST", body }).catch(() => null);
  if (mine !== latest) return;
  checked.removeAttribute("aria-busy");
  // Without an answer nothing is lost: the form has everything, and its buttons send it.
  if (!answer) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById("checked");
  if (!found || mine !== latest) return;
  const typed = [...values()].filter(([name, value]) => sent.has(name) && sent.get(name) !== value);
  const active = document.activeElement?.name;
  checked.replaceChildren(...found.childNodes);
  // What was typed while the answer was on its way stays.
  for (const [name, value] of typed) {
    const now = form.elements.namedItem(name);
    if (now && typeof value === "boolean") now.checked = value;
    else if (now) now.value = value;
  }
  // The table stands in the page from now on, with what is corrected in it.
  const table = form.elements.namedItem("table");
  if (form.elements.namedItem("text")) {
    table.value = "";
    table.required = false;
    form.querySelector("button.main[value=look]")?.classList.remove("main");
  }
  if (active) form.elements.namedItem(active)?.focus?.();
}

form.addEventListener("submit", (event) => {
  if (event.submitter?.value !== "look") return;
  event.preventDefault();
  look(false);
});
form.addEventListener("change", (event) => {
  const name = event.target.name ?? "";
  const started = form.elements.namedItem("text") || form.elements.namedItem("table").value;
  if (started && !name.startsWith("cell-") && name !== "key" && name !== "files") look(true);
});

let dragged = "";
form.addEventListener("dragstart", (event) => {
  dragged = event.target.dataset?.place ?? "";
  if (dragged) event.dataTransfer.setData("text/plain", dragged);
});
const target = (event) => (dragged ? event.target.closest?.("[data-field]") : null);
form.addEventListener("dragover", (event) => {
  const field = target(event);
  if (!field) return;
  event.preventDefault();
  field.classList.add("over");
});
form.addEventListener("dragleave", (event) => event.target.classList?.remove("over"));
form.addEventListener("drop", (event) => {
  const field = target(event);
  if (!field) return;
  event.preventDefault();
  form.elements.namedItem(`column-${dragged}`).value = field.dataset.field;
  dragged = "";
  look(true);
});
