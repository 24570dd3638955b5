// Keeps the page that checks certificates, and nothing else, for when there is no network. It is fetched
// without cookies, so that nothing of whoever is signed in lies in it.
const KEPT = [
  "/verify",
  "/static/tokens.css",
  "/static/house.css",
  "/static/portal.css",
  "/static/certificate.js",
  "/static/verify.js",
  "/static/icon.svg",
];
const NAME = "verify";

async function keep() {
  const cache = await caches.open(NAME);
  await Promise.all(
    KEPT.map(async (path) => {
      const answer = await fetch(path, { credentials: "omit", cache: "no-store" });
      if (answer.ok) await cache.put(path, answer);
    }),
  );
}

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== "GET" || !KEPT.includes(path)) return;
  event.respondWith(fetch(event.request).catch(async () => (await caches.match(path)) ?? Response.error()));
});
