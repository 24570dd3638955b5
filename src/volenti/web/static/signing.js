// A signing, one question a screen. What is answered is kept on this device at once; what was signed is sealed and
// sent, now or when there is a network. Without this script the same form is a plain page.
import { Pad } from "./signing-pad.js";
import { Photos } from "./signing-photos.js";
import { digest, newKey, sealed } from "./signing-seal.js";
import { attend, send, show, tellSent } from "./signing-send.js";
import { draftOf, dropDraft, keepDraft, signed } from "./signing-store.js";

const ADULT_YEARS = 18;
// After how many milliseconds a tap on an answer leads on, and for how long a tap on "Next" is then the same one.
const LEADS_ON = 160, SAME_TAP = 800;
// For how long a draft is kept: others may use the device.
const KEPT = 2 * 24 * 3600 * 1000;
const form = document.querySelector("form.ceremony");
const facts = form.dataset;
const words = form.querySelector("[data-words]").dataset;
const [back, next] = [form.querySelector("[data-back]"), form.querySelector("[data-next]")];
const problem = form.querySelector("[data-problem]");
const screens = [...form.querySelectorAll(".screen")];
const pads = new Map([...form.querySelectorAll(".pad")].map((each) => [each.dataset.pad, new Pad(each)]));
const began = new Date();
const photos = new Photos(form.querySelector("[data-photos]") ?? document.createElement("div"), facts.path, words, keep);
let now = screens[0], key = newKey(), ledOn = -SAME_TAP;

const moment = (when) => when.toISOString().replace(/\.\d+Z$/, "Z");
// Characters that nobody sees, such as those that turn the direction of a text, are no part of a name.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const said = (name) => (form.elements[name]?.value ?? "").replace(UNSEEN, "").trim();
const plain = (text) => text.trim().replace(/\s+/g, " ").toLowerCase();
// A name that is typed as a signature is that of whoever signs.
const isOwn = (mark, name) => mark.way !== "typed" || plain(mark.text) === plain(name);
const grants = () => [...new Set([...form.querySelectorAll(".choice input")].map((each) => each.name))];

function isMinor() {
  const born = said("birth_date");
  if (!born) return false;
  const [year, month, day] = born.split("-").map(Number);
  const today = new Date();
  const had = today.getMonth() + 1 > month || (today.getMonth() + 1 === month && today.getDate() >= day);
  return today.getFullYear() - year - (had ? 0 : 1) < ADULT_YEARS;
}
const signer = () => (isMinor() ? said("guardian") : said("name"));
const measured = () => said("grant biometric-templates") === "yes";

// The screens that this person sees: photographs only after a yes to measurements, a guardian only for minors.
function shown() {
  const seen = { photos: measured, guardian: isMinor };
  return screens.filter((each) => each.dataset.screen !== "done" && (seen[each.dataset.screen] ?? (() => true))());
}

function missing(screen) {
  const kind = screen.dataset.screen;
  if (kind === "grant" && !screen.querySelector("input:checked")) return problem.dataset.answers;
  if (kind === "person" && !said("name")) return problem.dataset.person;
  if (kind === "person" && !form.elements.birth_date.validity.valid) return problem.dataset.birth;
  if (kind === "guardian" && !(said("guardian") && said("relation"))) return problem.dataset.guardian;
  if (kind === "witness" && !form.querySelector("[data-witness-name]").value.trim()) return problem.dataset.name;
  if (kind === "witness" && !pads.get("witness").mark) return problem.dataset.pad;
  if (kind === "witness") return isOwn(pads.get("witness").mark, form.querySelector("[data-witness-name]").value) ? "" : problem.dataset.own;
  if (kind !== "sign") return "";
  if (!pads.get("signer").mark) return problem.dataset.pad;
  return isOwn(pads.get("signer").mark, signer()) ? "" : problem.dataset.own;
}

function tell(message) {
  problem.textContent = message;
  problem.hidden = !message;
  if (message) now.append(problem);
}

function go(screen, focus = true) {
  now = screen;
  tell("");
  const all = shown(), place = all.indexOf(screen);
  for (const each of screens) each.classList.toggle("now", each === screen);
  form.querySelector("progress").value = (place + 1) / all.length;
  const counted = form.querySelector("[data-place]");
  counted.textContent = counted.dataset.says.replace("NUMBER", place + 1).replace("COUNT", all.length);
  back.hidden = place <= 0;
  next.textContent = place === all.length - 1 ? next.dataset.sign : next.dataset.go;
  if (screen.dataset.screen === "summary") summarise();
  for (const each of form.querySelectorAll("[data-signer]")) each.textContent = signer();
  form.querySelector("[data-minor]").textContent = said("name");
  scrollTo(0, 0);
  const heading = screen.querySelector("h2");
  if (focus && heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}

function summarise() {
  for (const each of form.querySelectorAll("[data-answer]")) {
    const name = each.dataset.answer;
    let answer = name === "photos" ? String(measured() ? photos.blobs.length : 0) : said(name);
    if (name.startsWith("grant ")) answer = words[answer];
    if (name === "guardian" && !isMinor()) answer = "";
    if (name === "birth_date") answer = new Date(`${answer}T12:00`).toLocaleDateString(facts.language, { dateStyle: "long" });
    each.textContent = answer;
    each.parentElement.hidden = !answer;
  }
}

function forward() {
  const told = missing(now);
  if (told) return tell(told);
  const all = shown();
  if (now === all.at(-1)) return sign();
  go(all[all.indexOf(now) + 1]);
  keep();
}

function keep() {
  const fields = {};
  for (const each of form.querySelectorAll("input[name]:not([type=file]):not([type=hidden])")) {
    if (each.type !== "radio" || each.checked) fields[each.name] = each.value;
  }
  return keepDraft(facts.path, { at: Date.now(), key, fields, photos: photos.all.map((each) => each.blob), screen: screens.indexOf(now) });
}

async function restore() {
  const draft = await draftOf(facts.path);
  if (!draft) return;
  if (!(Date.now() - draft.at < KEPT)) return dropDraft(facts.path);
  key = draft.key;
  for (const [name, value] of Object.entries(draft.fields)) {
    for (const each of form.querySelectorAll(`input[name="${CSS.escape(name)}"]`)) {
      if (each.type === "radio") each.checked = each.value === value;
      else each.value = value;
    }
  }
  const last = screens[draft.screen];
  if (last && shown().includes(last)) go(last, false);
  document.querySelector("[data-resumed]").hidden = !Object.values(draft.fields).some(Boolean);
  await photos.restore(draft.photos);
}

async function statement(blobs) {
  const witness = form.querySelector("[data-witness-name]");
  return {
    type: "volenti-web-ceremony",
    version: 1,
    session: facts.session,
    key,
    language: facts.language,
    text_sha256: facts.text,
    notice_sha256: facts.notice,
    answers: Object.fromEntries(grants().map((name) => [name.replace("grant ", ""), said(name) === "yes"])),
    name: said("name"),
    birth_date: said("birth_date"),
    contact: said("contact"),
    guardian: isMinor() ? { name: said("guardian"), relation: said("relation") } : null,
    photos: await Promise.all(blobs.map(digest)),
    mark: pads.get("signer").mark,
    witness: witness ? { name: witness.value.trim(), saw: signer(), mark: pads.get("witness").mark } : null,
    began: moment(began),
    signed_at: moment(new Date()),
  };
}

async function sign() {
  next.disabled = true;
  try {
    const blobs = measured() ? await Promise.all(photos.blobs.map((each) => each.arrayBuffer())) : [];
    const item = { key, path: facts.path, sealed: await sealed(facts.key, await statement(blobs), blobs) };
    await signed(facts.path, item);
  } catch {
    next.disabled = false;
    return tell(problem.dataset.failed);
  }
  form.querySelector(".steps").hidden = true;
  go(screens.at(-1));
  await finish();
}

// Sends, and goes on to the receipt where it arrived; else says that it waits.
async function finish() {
  const receipt = (await send()).get(key);
  if (receipt) return location.replace(receipt);
  const refused = (await show()).find((each) => each.key === key && each.refused);
  form.querySelector("[data-done=sending]").hidden = true;
  form.querySelector("[data-done=waits]").hidden = Boolean(refused);
  const told = form.querySelector("[data-done=refused]");
  told.hidden = !refused;
  told.textContent = refused?.refused ?? "";
}

async function prepare() {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register("/sign/worker.js", { scope: "/sign/" });
  const assets = performance.getEntriesByType("resource").map((each) => each.name);
  const own = assets.filter((each) => new URL(each).pathname.startsWith("/static/"));
  const pages = [...form.querySelectorAll(".languages a")].map((each) => each.href);
  const every = [location.href, new URL(facts.path, location.href).href, ...pages, ...own];
  await (await caches.open("volenti-signing-1")).addAll([...new Set(every)]);
  await navigator.serviceWorker.ready;
  form.querySelector("[data-offline]").hidden = false;
}

form.noValidate = true;
form.classList.add("stepwise");
for (const each of form.querySelectorAll(".scripted")) each.hidden = false;
tell("");
photos.show();
go(now, false);
next.addEventListener("click", () => {
  if (performance.now() - ledOn > SAME_TAP) forward();
});
back.addEventListener("click", () => go(shown()[shown().indexOf(now) - 1]));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (now.dataset.screen !== "done") forward();
});
form.addEventListener("input", (event) => {
  if (!event.target.matches(".choice input")) ledOn = -SAME_TAP;
});
form.addEventListener("change", (event) => {
  if (event.target.type !== "file") return keep();
  for (const file of event.target.files) photos.add(file);
  event.target.value = "";
});
// A tap on an answer leads on; by keyboard it doesn't, because arrow keys change the answer.
form.addEventListener("click", (event) => {
  if (!event.target.matches(".choice input") || event.detail === 0) return;
  ledOn = performance.now();
  const answered = now;
  setTimeout(() => now === answered && forward(), LEADS_ON);
});
document.querySelector("[data-anew]").addEventListener("click", async () => {
  await dropDraft(facts.path);
  // Nothing that the browser itself remembers of the fields comes back.
  form.reset();
  location.reload();
});
attend(async () => (now.dataset.screen === "done" ? finish() : tellSent(await send())));
await restore();
tellSent(await send());
prepare().catch(() => {});
