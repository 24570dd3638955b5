// Sends what waits on this device, and says what waits. It is sent under its own key, so that sending it twice keeps it once.
import { dropWaiting, keepWaiting, waiting } from "./signing-store.js";

// One at a time, also where two pages are open.
export const send = () => (navigator.locks ? navigator.locks.request("volenti-send", sendAll) : sendAll());

async function sendAll() {
  const sent = new Map();
  for (const item of await waiting()) {
    const body = new FormData();
    const form = document.querySelector("form.ceremony [name=form]");
    if (form) body.set("form", form.value);
    body.set("sealed", item.sealed, "sealed");
    let answer;
    try {
      answer = await fetch(`${item.path}/send`, { method: "POST", body });
    } catch {
      break; // There is no network.
    }
    if (answer.ok) {
      sent.set(item.key, (await answer.json()).receipt + item.key);
      await dropWaiting(item.key);
    } else if (answer.status === 409) {
      const { message, remedy } = await answer.json();
      await keepWaiting({ ...item, refused: `${message} ${remedy}` });
    } else {
      break; // The server is away; later.
    }
  }
  await show();
  return sent;
}

export async function show() {
  const place = document.querySelector(".waiting");
  const all = await waiting();
  const refused = all.find((each) => each.refused);
  place.hidden = all.length === 0;
  const some = place.querySelector("[data-waiting=some]");
  some.textContent = some.dataset.says.replace("COUNT", all.length.toLocaleString(document.documentElement.lang));
  const told = place.querySelector("[data-waiting=refused]");
  told.hidden = !refused;
  told.textContent = refused?.refused ?? "";
  place.querySelector("[data-discard]").hidden = !refused;
  return all;
}

// What was signed earlier without a network arrived. Of several people none is led to another's receipt.
export function tellSent(receipts) {
  if (!receipts.size) return;
  document.querySelector("[data-sent]").hidden = false;
  const link = document.querySelector("[data-receipt]");
  link.hidden = receipts.size > 1;
  [link.href] = receipts.values();
}

// Sends when it is asked for, and when there is a network again. finish: instead of that, where it is given.
export function attend(finish = async () => tellSent(await send())) {
  document.querySelector("[data-discard]").addEventListener("click", discard);
  document.querySelector("[data-send]").addEventListener("click", () => finish());
  addEventListener("online", () => finish());
}

// What the server refused for good is deleted at a word; whatever may still be taken stays.
export async function discard() {
  for (const item of (await waiting()).filter((each) => each.refused)) await dropWaiting(item.key);
  await show();
}
