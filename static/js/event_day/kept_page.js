// What this browser keeps of a page of the day, so that it opens without a network: page, files and the latest state.
// Kept only as long as the server allows, only over https; a page for staff only for who is signed in (`desk`, the
// cookie of the sign-in). A page without `desk` is open to whoever has its address.

const PREFIX = "day-desk.";
const STATE = "kept-state.json"; // below the page's address; the server has no such page. A newer page deletes it.

/** Forget the kept pages of all rounds: signing out, or the time is over. */
export async function forgetKeptPages() {
  if (!("caches" in window)) return;
  for (const name of await caches.keys()) if (name.startsWith(PREFIX)) await caches.delete(name);
}

const isSignedIn = (desk) => document.cookie.split("; ").includes(`day_desk=${desk}`);

/**
 * The kept page: `refusal` is why nothing may be shown, else "". `state` is what was kept last if the page was opened
 * without a network, `at` when the server last answered. Call `keep(state)` after each answer of the server.
 * `files`: what the page needs beside the files that it has loaded.
 */
export async function openKeptPage({ desk, made, keepUntil, worker, files = [] }) {
  const kept = { refusal: "", state: null, at: made, isOffline: "kept" in document.documentElement.dataset, keep() {} };
  if (!("serviceWorker" in navigator) || !("caches" in window)) return kept;
  const isAllowed = !desk || isSignedIn(desk);
  if (!isAllowed) await forgetKeptPages();
  if (!keepUntil || Date.now() > keepUntil || !isAllowed) {
    await caches.delete(PREFIX + location.pathname);
    if (kept.isOffline) kept.refusal = "您已退出登录，或这一页已过保存期限。请连上网络后重新打开本页。";
    return kept;
  }
  const cache = await caches.open(PREFIX + location.pathname);
  const stored = await (await cache.match(STATE))?.json();
  if (kept.isOffline && stored?.desk === desk) {
    kept.state = stored.state;
    kept.at = stored.at;
  }
  kept.keep = (state, at = Date.now()) => {
    kept.at = at;
    return cache.put(STATE, new Response(JSON.stringify({ desk, at, state }))).catch(() => {});
  };
  fill(cache, worker, files).catch(() => {}); // no room, or the network went away: the next visit tries again
  return kept;
}

async function fill(cache, worker, extra) {
  await navigator.serviceWorker.register(worker);
  await navigator.serviceWorker.ready;
  const files = performance
    .getEntriesByType("resource")
    .filter(({ initiatorType }) => ["script", "link", "css", "img", "other"].includes(initiatorType))
    .map(({ name }) => name)
    .filter((name) => name.startsWith(location.origin));
  for (const address of new Set([location.pathname, ...extra.map((path) => new URL(path, location).href), ...files])) {
    if (await cache.match(address, { ignoreVary: true })) continue;
    const answer = await fetch(address);
    const isPage = address === location.pathname;
    if (answer.ok && (!isPage || answer.headers.has("X-Keep-Until"))) await cache.put(address, answer);
  }
  document.body.dataset.kept = "true";
}
