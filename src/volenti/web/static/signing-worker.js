// Keeps the pages of signing links, so that a session that was opened once signs without a network. It keeps no
// answers: those lie sealed, or in the draft, where signing-store.js puts them.
const CACHE = "volenti-signing-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (!/^\/(static\/|sign\/[^/]+$)/.test(url.pathname)) return;
  event.respondWith(fromNetworkFirst(event.request));
});

async function fromNetworkFirst(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await (await caches.open(CACHE)).put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await (await caches.open(CACHE)).match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
