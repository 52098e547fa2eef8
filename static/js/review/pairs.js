// The open pair and the next ones: fetched ahead, so that the next one opens at once.
import { Unreachable } from "../outbox.js";
import { byId } from "../page.js";
import { outbox, post } from "./outbox.js";
import { queue } from "./queue.js";

const READY = 20;
const REFILL_BELOW = 14;
const AT_ONCE = 12;
const AHEAD = 30;
const BEAT = 30000; // pairs, the last in milliseconds
const cache = new Map();
const asked = new Set();
let opened = null;
let openFor = 0;
let openSince = 0;
let lookTimer = 0;

const place = byId("pair");
if (place.dataset.matchId) {
  cache.set(place.dataset.matchId, place.innerHTML);
  opened = place.dataset.matchId;
  openSince = performance.now();
}

export const pairs = {
  /** Called before a request and with its answer; the second gets what the first returned. */
  onask() {},
  onanswer(_data, _asked) {},
  onshow(_id) {},
  /** The open pair cannot be loaded now. */
  onlost() {},
  get opened() {
    return opened;
  },
  get isLoading() {
    return place.querySelector("[data-loading]") !== null;
  },
  get article() {
    return place.querySelector("article");
  },
  /** How long the pair has been open, in milliseconds; time on a hidden page does not count. */
  get openMs() {
    return Math.round(openFor + (document.hidden ? 0 : performance.now() - openSince));
  },

  /** Show a pair, or null for nothing left. */
  show(id) {
    opened = id;
    openFor = 0;
    openSince = performance.now();
    place.innerHTML = htmlOf(id);
    if (id === null) delete place.dataset.matchId;
    else place.dataset.matchId = id;
    byId("main").scrollTop = 0;
    if (innerWidth < 900) scrollTo(0, 0);
    pairs.onshow(id);
    pairs.prepare();
  },

  /** Drop what is cached of this match and of the pairs that name it: a step changed it. */
  forget(id) {
    for (const [other, html] of cache) if (other === id || html.includes(`data-other="${id}"`)) cache.delete(other);
  },

  /** Fetch the next pairs when enough of them are missing. */
  prepare() {
    const next = upcoming().slice(0, READY);
    const missing = (opened ? [opened, ...next] : next).filter((id) => !cache.has(id) && !asked.has(id));
    const ready = next.filter((id) => cache.has(id)).length;
    const isUrgent = missing.includes(opened) || missing.includes(next[0]);
    if (missing.length && (isUrgent || ready < REFILL_BELOW)) return fetchPairs(missing.slice(0, AT_ONCE));
    clearTimeout(lookTimer);
    lookTimer = setTimeout(() => fetchPairs([]), 1500); // after a pause colleagues see which pair is open
  },
};

function htmlOf(id) {
  if (id === null) return byId("nothing").innerHTML;
  return cache.get(id) ?? byId(outbox.trouble || !navigator.onLine ? "unreachable" : "unloaded").innerHTML;
}

const upcoming = () =>
  queue
    .ahead()
    .slice(0, AHEAD)
    .map((row) => row.dataset.id);

async function fetchPairs(want) {
  clearTimeout(lookTimer);
  for (const id of want) asked.add(id);
  const before = pairs.onask();
  try {
    const { status, data } = await post("pairs", { want, ahead: upcoming(), open: opened ?? "" });
    if (status !== 200) return;
    for (const [id, html] of Object.entries(data.pairs)) cache.set(id, html);
    queue.looking(data.looking);
    pairs.onanswer(data, before);
    if (want.includes(opened) && data.pairs[opened] && !place.querySelector(`article[data-id="${opened}"]`)) {
      place.innerHTML = data.pairs[opened];
      pairs.onshow(opened);
    }
    if (want.length) pairs.prepare();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    if (want.includes(opened) && !pairs.article) {
      place.innerHTML = byId("unreachable").innerHTML;
      pairs.onlost();
    }
  } finally {
    for (const id of want) asked.delete(id);
  }
}

/** Show the open pair as it is now. */
pairs.refresh = async () => {
  const id = opened;
  cache.delete(id);
  await fetchPairs([id]);
  if (opened === id && cache.has(id)) {
    place.innerHTML = cache.get(id);
    pairs.onshow(id);
  }
};

document.addEventListener("visibilitychange", () => {
  if (document.hidden) openFor += performance.now() - openSince;
  else {
    openSince = performance.now();
    pairs.prepare();
  }
});
setInterval(() => !document.hidden && fetchPairs([]), BEAT);
addEventListener("online", () => pairs.prepare());
