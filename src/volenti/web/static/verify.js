import { Refused, verify } from "./certificate.js";

// Without this script the page says how to check a certificate at a command line.
const form = document.querySelector("#check");
const results = document.querySelector("#results");
const STEPS = ["form", "signature", "opening", "log", "proof"];

async function show(file) {
  const card = document.querySelector("#result").content.cloneNode(true).firstElementChild;
  const part = (name) => card.querySelector(`[data-part="${name}"]`);
  const say = (name, text) => (part(name).textContent = text);
  say("file", file.name);
  let failed = "", found = null;
  try {
    found = await verify(new Uint8Array(await file.arrayBuffer()), form.elements.key.value);
  } catch (error) {
    failed = error instanceof Refused ? error.step : "unsupported";
  }
  part("holds").hidden = !found;
  part("refused").hidden = !failed || failed === "unsupported";
  part("unsupported").hidden = failed !== "unsupported";
  part("key").hidden = failed !== "key";
  const reached = failed ? STEPS.indexOf(failed) : STEPS.length;
  for (const step of card.querySelectorAll("[data-step]")) {
    const place = STEPS.indexOf(step.dataset.step);
    step.className = place < reached ? "past" : place === reached ? "failed" : "";
    // The colour alone says nothing to whoever doesn't see it.
    const sign = place < reached ? "✓ " : place === reached ? `✗ ${step.parentElement.dataset.failed} ` : "";
    step.firstElementChild.prepend(sign);
    step.hidden = place > reached || reached < 0 || (step.dataset.step === "opening" && found !== null && found.about === null);
  }
  if (found) {
    const said = found.statement.predicate;
    say("request", said.request);
    say("completed", new Date(said.completed).toLocaleString(document.documentElement.lang));
    say("about", found.about ?? "");
    part("theirs").hidden = found.about === null;
    say("log", `${said.log} · ${found.index} / ${found.size}`);
    const items = Object.values(said.erased ?? {}).reduce((sum, each) => sum + (each.items ?? 0), 0);
    say("items", items.toLocaleString(document.documentElement.lang));
  }
  card.dataset.outcome = found ? "holds" : failed;
  results.prepend(card);
}

async function showAll(files) {
  results.replaceChildren();
  for (const file of files) await show(file);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  showAll(form.elements.files.files);
});
form.elements.files.addEventListener("change", () => showAll(form.elements.files.files));
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    if (name === "drop") showAll(event.dataTransfer.files);
  });
}
// So that the page opens without a network. A file that was saved needs no worker.
if (location.protocol !== "file:") navigator.serviceWorker?.register("/verify/worker.js", { scope: "/verify" });
