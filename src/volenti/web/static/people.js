// Finds while one types. Without this script the form is sent by its button.
const form = document.querySelector("form[data-find]");
const typed = form?.querySelector("input[type=search]");
let latest = 0;
let waiting;

async function find() {
  const mine = ++latest;
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body });
  if (!answer.ok || mine !== latest) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById(form.dataset.find);
  if (found) document.getElementById(form.dataset.find).replaceChildren(...found.childNodes);
}

typed?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(find, 120);
});
for (const each of form?.querySelectorAll("select") ?? []) each.addEventListener("change", find);
