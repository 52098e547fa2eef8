// What this browser keeps of the check-in page, so that it opens without a network: page, files and the latest list.
// Kept only for who is signed in (the cookie of the desk), only as long as the server allows, only over https.

const PREFIX = "day-desk.";
const LIST = "kept-guests.json"; // below the page's address; the server has no such page

/** Forget the kept pages of all rounds: signing out, or the time is over. */
export async function forgetKeptPages() {
  if (!("caches" in window)) return;
  for (const name of await caches.keys()) if (name.startsWith(PREFIX)) await caches.delete(name);
}

const isSignedIn = (desk) => document.cookie.split("; ").includes(`day_desk=${desk}`);

/**
 * The kept page: `refusal` is why nothing may be shown, else "". `list` is the kept list if it is newer than the page,
 * `at` when the server last answered. `keep(list)` is called after each answer of the server.
 */
export async function openKeptPage({ desk, made, keepUntil, urls }) {
  const kept = { refusal: "", list: null, at: made, isOffline: "kept" in document.documentElement.dataset, keep() {} };
  if (!("serviceWorker" in navigator) || !("caches" in window)) return kept;
  if (!isSignedIn(desk)) await forgetKeptPages();
  if (!keepUntil || Date.now() > keepUntil || !isSignedIn(desk)) {
    await caches.delete(PREFIX + location.pathname);
    if (kept.isOffline) kept.refusal = "您已退出登录，或名单已过保存期限。请连上网络后重新打开本页。";
    return kept;
  }
  const cache = await caches.open(PREFIX + location.pathname);
  const stored = await (await cache.match(LIST))?.json();
  if (stored && stored.desk === desk && stored.at > made) {
    kept.list = stored.list;
    kept.at = stored.at;
  }
  kept.keep = (list, at = Date.now()) => {
    kept.at = at;
    return cache.put(LIST, new Response(JSON.stringify({ desk, at, list }))).catch(() => {});
  };
  fill(cache, urls).catch(() => {}); // no room, or the network went away: the next visit tries again
  return kept;
}

async function fill(cache, { worker, decoder }) {
  await navigator.serviceWorker.register(worker);
  await navigator.serviceWorker.ready;
  const files = performance
    .getEntriesByType("resource")
    .filter(({ initiatorType }) => ["script", "link", "css", "img", "other"].includes(initiatorType))
    .map(({ name }) => name)
    .filter((name) => name.startsWith(location.origin));
  for (const address of new Set([location.pathname, new URL(decoder, location).href, ...files])) {
    if (await cache.match(address, { ignoreVary: true })) continue;
    const answer = await fetch(address);
    const isPage = address === location.pathname;
    if (answer.ok && (!isPage || answer.headers.has("X-Keep-Until"))) await cache.put(address, answer);
  }
  document.body.dataset.kept = "true";
}
