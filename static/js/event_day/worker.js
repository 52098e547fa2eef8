// A page of the day without a network (check-in, a table, the screen of a hall): serves what this browser keeps of it for
// as long as the server allowed. Its scope is that page. The page itself fills the cache (kept_page.js).

const CACHE = `day-desk.${new URL(self.registration.scope).pathname}`;
const PATIENCE = 5000; // milliseconds: a network that is there and answers nothing counts as away
const KEEP_UNTIL = "X-Keep-Until"; // seconds; the server sends it only while the page may be kept
const STATE = new URL("kept-state.json", self.registration.scope).href; // of kept_page.js
const ANY = { ignoreVary: true };
const SHELL = ["script", "style", "image", "font"];
const NOTHING_KEPT = `<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>没有网络</title>
<h1>没有网络</h1><p>这台设备上没有存下可以离线使用的这一页。请连上网络后重新打开。</p>`;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(openPage(event));
  else if (SHELL.includes(request.destination)) event.respondWith(openShell(event));
});

async function openPage(event) {
  let answer;
  try {
    answer = await fetch(event.request, { signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return keptPage(event.request);
  }
  if (answer.status >= 500) return (await isKept(event.request)) ? keptPage(event.request) : answer;
  if (answer.ok && answer.headers.has(KEEP_UNTIL)) event.waitUntil(keep(event.request, answer.clone()));
  else event.waitUntil(caches.delete(CACHE)); // signed out, no longer permitted, or the round is over
  return answer;
}

const pageOf = (request) => new URL(request.url).pathname;

async function keep(request, answer) {
  const cache = await caches.open(CACHE);
  await cache.put(pageOf(request), answer);
  await cache.delete(STATE); // older than the page
}

const isKept = async (request) => Boolean(await (await caches.open(CACHE)).match(pageOf(request), ANY));

async function keptPage(request) {
  const kept = await (await caches.open(CACHE)).match(pageOf(request), ANY);
  const isValid = kept && Date.now() < Number(kept.headers.get(KEEP_UNTIL)) * 1000;
  if (kept && !isValid) await caches.delete(CACHE);
  if (!isValid) return new Response(NOTHING_KEPT, { status: 503, headers: { "Content-Type": "text/html" } });
  const html = (await kept.text()).replace("<html ", '<html data-kept="true" ');
  return new Response(html, { headers: kept.headers });
}

/** A file of the page: from the cache at once, renewed meanwhile; names of files change with their content. */
async function openShell(event) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(event.request.url, ANY);
  if (!kept) return fetch(event.request);
  event.waitUntil(
    fetch(event.request)
      .then((answer) => answer.ok && cache.put(event.request.url, answer))
      .catch(() => {}),
  );
  return kept;
}
