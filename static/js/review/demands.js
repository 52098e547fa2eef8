// The open demand and the next ones: fetched ahead, so that the next one opens at once. What is typed before the demand
// is on the screen waits for it.
import { Unreachable } from "../outbox.js";
import { byId } from "../page.js";
import { toast } from "./feedback.js";
import { outbox, post } from "./outbox.js";

const READY = 6;
const REFILL_BELOW = 4; // demands
const AT_ONCE = 4;
const BEAT = 30000;
const RETRY = 5000; // milliseconds
const cache = new Map();
const asked = new Set();
const typed = []; // actions that wait for the demand
const place = byId("need");
let opened = place.querySelector("form")?.dataset.id ?? null;
let isReady = true;
let isHeld = false;
let openFor = 0;
let openSince = performance.now();
let lookTimer = 0;

if (opened) cache.set(opened, place.innerHTML);

export const demands = {
  onshow() {},
  /** The ids that come next, in order; set by the page. */
  upcoming: () => [],
  /** The ids that colleagues have open. */
  looking: new Set(),
  get opened() {
    return opened;
  },
  get form() {
    return place.querySelector("form");
  },
  /** How long the demand has been open, in milliseconds; time on a hidden page does not count. */
  get openMs() {
    return Math.round(openFor + (document.hidden ? 0 : performance.now() - openSince));
  },

  /** Do this now, or as soon as the demand is on the screen, in the order of the calls. */
  whenReady(action) {
    typed.push(action);
    useTyped();
  },

  /** Show a demand, or null for nothing left. `isLater`: not before `show` is called for it again. */
  show(id, { isLater = false } = {}) {
    opened = id;
    isHeld = isLater;
    openFor = 0;
    openSince = performance.now();
    if (isHeld) cache.delete(id);
    isReady = id === null || cache.has(id);
    draw(id === null ? byId("nothing").innerHTML : (cache.get(id) ?? byId("unloaded").innerHTML));
    scrollTo(0, 0);
    demands.prepare();
    useTyped();
  },

  /** Drop what is cached: a step changed it. */
  forget: (id) => cache.delete(id),

  /** Drop what was typed and not used, for a step by mouse to another demand. */
  forgetTyped() {
    typed.length = 0;
  },

  /** Fetch the next demands when enough of them are missing. */
  prepare() {
    if (isHeld) return;
    const next = demands.upcoming().slice(0, READY);
    const missing = (opened ? [opened, ...next] : next).filter((id) => !cache.has(id) && !asked.has(id));
    const ready = next.filter((id) => cache.has(id)).length;
    const isUrgent = missing.includes(opened) || missing.includes(next[0]);
    if (missing.length && (isUrgent || ready < REFILL_BELOW)) return load(missing.slice(0, AT_ONCE));
    clearTimeout(lookTimer);
    lookTimer = setTimeout(() => load([]), 1500); // after a pause colleagues see which demand is open
  },
};

function draw(html) {
  const hadFocus = place.contains(document.activeElement);
  place.innerHTML = html;
  if (hadFocus) place.querySelector("h1")?.focus({ preventScroll: true });
  demands.onshow();
}

function useTyped() {
  while (isReady && typed.length) typed.shift()();
}

async function load(want) {
  clearTimeout(lookTimer);
  for (const id of want) asked.add(id);
  try {
    const { status, data } = await post("cards", { want, open: opened ?? "" });
    if (status !== 200) throw new Unreachable("offline");
    demands.looking = new Set(data.looking);
    for (const id of want) cache.set(id, data.demands[id] ?? byId("nothing").innerHTML);
    if (want.includes(opened) && !isReady) {
      isReady = true;
      draw(cache.get(opened));
    }
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    if (want.includes(opened) && !isReady) failed();
  } finally {
    for (const id of want) asked.delete(id);
  }
  if (want.length && isReady) demands.prepare();
  useTyped();
}

function failed() {
  if (typed.length) toast(`网络断开：刚才按的 ${typed.length} 个键没有用上，请在需求显示后再按。`);
  typed.length = 0;
  draw(byId("unreachable").innerHTML);
  setTimeout(() => !isReady && !outbox.trouble && demands.prepare(), RETRY);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) openFor += performance.now() - openSince;
  else {
    openSince = performance.now();
    demands.prepare();
  }
});
setInterval(() => !document.hidden && load([]), BEAT);
addEventListener("online", () => demands.prepare());
