// The desk without waiting: the next questions are loaded before they are asked for, answers go out in the
// background, and each answer has a key. Without this script the same buttons and links are pressed.

// How long an answer can be taken back before it goes out, and how many may wait for that.
const BACK_MS = 6000, WAITING = 2, AHEAD = 3, RETRY_MS = 3000;

const answered = new Set(), pages = new Map(), returned = [], waiting = [], outgoing = [];
let desk = document.getElementById("desk");
let left = Number(desk.dataset.count), sending = Promise.resolve(), isSending = false;
const here = () => window.location.pathname + window.location.search;
let shownAt = here();

const keyOf = (node) => node.dataset.question;
const place = (key) => { const [id, purpose] = key.split(" "); return `/desk/${id}?for=${purpose}`; };
const words = (name) => desk.dataset[name] ?? "";

function read(html) {
  const found = new DOMParser().parseFromString(html, "text/html").getElementById("desk");
  // Imported, so that its pictures are loaded before they are seen.
  return found && document.importNode(found, true);
}

function load(key) {
  if (!pages.has(key)) {
    const page = fetch(place(key)).then(async (answer) => {
      const node = answer.ok ? read(await answer.text()) : null;
      return node && keyOf(node) === key ? node : null;
    }).catch(() => null);
    pages.set(key, page);
    page.then((node) => { if (!node) pages.delete(key); });
  }
  return pages.get(key);
}

const following = () => (desk.dataset.next || "").split(",").filter((key) => key && !answered.has(key));
const loadAhead = () => following().slice(0, AHEAD).forEach(load);

function say(text) {
  desk.querySelector("[data-status]").textContent = text;
}

function refresh() {
  const count = new Intl.NumberFormat(document.documentElement.lang).format(Math.max(0, left));
  desk.querySelector("[data-left]").textContent = count;
  if (waiting.length) desk.querySelector("[data-undo]").hidden = false;
}

// What was said before is still said, but for "an answer comes back" once it is there.
function show(node, isNew = true, isReturned = false) {
  const text = isReturned ? "" : desk.querySelector("[data-status]").textContent;
  desk.replaceWith(node);
  desk = node;
  if (isNew) history.pushState(null, "", place(keyOf(node)));
  shownAt = here();
  say(text);
  refresh();
  window.scrollTo(0, 0);
  document.getElementById("main").focus({ preventScroll: true });
  loadAhead();
}

async function goOn() {
  for (;;) {
    const isReturned = returned.length > 0;
    const key = returned.shift() ?? following()[0];
    if (!key) break;
    const node = await load(key);
    pages.delete(key);
    if (node) return show(node, true, isReturned);
    answered.add(key); // somebody else has answered it
  }
  sendAll();
  await sending;
  if (returned.length) return goOn();
  window.location.assign("/desk");
}

// -- answers

function answer(form, button) {
  if (answered.has(keyOf(desk))) return; // the next one isn't shown yet
  const body = new URLSearchParams(new FormData(form, button));
  body.set("stay", "1");
  const given = { key: keyOf(desk), node: desk, url: form.action, body };
  given.timer = setTimeout(() => send(given), BACK_MS);
  waiting.push(given);
  answered.add(given.key);
  left -= 1;
  say(words("answered"));
  while (waiting.length > WAITING) send(waiting[0]);
  goOn();
}

function send(given) {
  const at = waiting.indexOf(given);
  if (at < 0) return;
  clearTimeout(given.timer);
  waiting.splice(at, 1);
  outgoing.push(given);
  if (!isSending) sending = sendEach();
}

async function sendEach() {
  isSending = true;
  while (outgoing.length) {
    await post(outgoing[0]);
    outgoing.shift();
  }
  isSending = false;
}

const sendAll = () => [...waiting].forEach(send);

async function post(given) {
  for (let isAgain = false; ; isAgain = true) {
    try {
      const said = await fetch(given.url, { method: "POST", body: given.body, keepalive: true });
      if (isAgain) say(words("answered"));
      if (said.status === 204) return;
      if (said.redirected) return window.location.reload(); // signed out meanwhile: nothing was decided
      return refused(given, read(await said.text()));
    } catch {
      // The same answer sent twice is decided once, so it may be repeated.
      say(words("offline"));
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}

function refused(given, node) {
  answered.delete(given.key);
  if (!node?.querySelector("[data-decided]")) left += 1;
  // Where the answer isn't a page of the desk, the question is asked for once more.
  pages.delete(given.key);
  if (node) pages.set(given.key, Promise.resolve(node));
  returned.push(given.key);
  refresh();
  say(words("refusedSaid"));
}

async function undo() {
  const given = waiting.pop();
  if (given) {
    clearTimeout(given.timer);
    answered.delete(given.key);
    left += 1;
    show(given.node);
    say(words("undone"));
    return;
  }
  const form = desk.querySelector("[data-undo]");
  if (form.hidden) return;
  await sending;
  form.submit();
}

// -- what is pressed and typed

const isTyping = () => {
  const at = document.activeElement;
  return at && (/^(SELECT|TEXTAREA)$/.test(at.tagName) || (at.tagName === "INPUT" && !/^(radio|checkbox)$/.test(at.type)));
};

function withKey(key, within) {
  // Where a key opens something that has the same key inside, the inner one counts once it is open.
  return [...within.querySelectorAll("[data-key]")].filter((each) => each.dataset.key === key && each.checkVisibility()).at(-1);
}

function chooseFace(key) {
  const open = [...desk.querySelectorAll("[data-face]")].filter((each) => !each.querySelector(":checked"));
  const found = open.length && withKey(key, open[0]);
  if (!found) return false;
  found.click();
  (open[1] ?? desk.querySelector("[data-key=enter]"))?.scrollIntoView({ block: "nearest" });
  return true;
}

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if (key === "escape") {
    desk.querySelectorAll("details[open]").forEach((each) => { each.open = false; });
    if (isTyping()) document.activeElement.blur();
    return;
  }
  if (isTyping() || event.repeat || event.altKey) return;
  if ((event.ctrlKey || event.metaKey) && key === "z") { event.preventDefault(); undo(); return; }
  if (event.ctrlKey || event.metaKey) return;
  if (key === "enter" && /^(A|BUTTON|SUMMARY)$/.test(document.activeElement?.tagName ?? "")) return;
  if (chooseFace(key)) { event.preventDefault(); return; }
  const found = withKey(key, desk);
  if (!found || found.disabled || found.type === "radio") return;
  event.preventDefault();
  if (found.tagName === "INPUT") found.focus(); else found.click();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-answers]")) {
    event.preventDefault();
    const open = event.submitter?.value === "faces" && [...form.querySelectorAll("[data-face]")].find((each) => !each.querySelector(":checked"));
    if (open) open.querySelector("input")?.focus(); else answer(form, event.submitter);
  } else if (form.matches("[data-undo]")) {
    event.preventDefault();
    undo();
  } else if (form.matches("[data-find]")) {
    event.preventDefault();
    find(form);
  }
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const url = new URL(link.href), key = `${url.pathname.split("/").pop()} ${url.searchParams.get("for")}`;
  // What comes back comes before what was to come.
  const isReturned = link.dataset.key === "j" && returned.length > 0;
  const node = await load(link.dataset.key === "j" ? returned.shift() ?? following()[0] ?? key : key);
  if (!node) return window.location.assign(link.href);
  pages.delete(keyOf(node));
  show(node, true, isReturned);
});

let typed;
document.addEventListener("input", (event) => {
  if (!event.target.matches("[name=who]")) return;
  clearTimeout(typed);
  typed = setTimeout(() => find(event.target.form), 250);
});

async function find(form) {
  clearTimeout(typed);
  const asked = new URLSearchParams(new FormData(form));
  const said = await fetch(form.action, { method: "POST", body: asked }).catch(() => null);
  const node = said?.ok ? read(await said.text()) : null;
  if (node && asked.get("who") === form.elements.who.value) {
    desk.querySelector("#found").replaceChildren(...node.querySelector("#found").childNodes);
  }
}

window.addEventListener("popstate", async () => {
  // A link within the page, such as the one that skips the rooms, leads to no other question.
  if (here() === shownAt) return;
  sendAll();
  await sending;
  const said = await fetch(window.location.href).catch(() => null);
  const node = said?.ok ? read(await said.text()) : null;
  if (!node) return window.location.assign("/desk");
  history.replaceState(null, "", place(keyOf(node)));
  show(node, false);
});

// Whoever leaves the page has what they answered sent at once; the first that goes out is on its way.
window.addEventListener("pagehide", () => {
  for (const given of [...outgoing.slice(1), ...waiting]) {
    fetch(given.url, { method: "POST", body: given.body, keepalive: true }).catch(() => {});
  }
});
window.addEventListener("beforeunload", (event) => { if (outgoing.length > WAITING) event.preventDefault(); });

refresh();
loadAhead();
