// Pages that renew themselves: when they were last renewed, and polling that never undoes a newer state.
import { Unreachable } from "../outbox.js";
import { byId, clockTime } from "../page.js";

const line = byId("fresh");

export function showFresh(words) {
  line.textContent = `${clockTime()} ${words}`;
  line.classList.remove("dy-old");
}

export function showStale(words) {
  line.classList.add("dy-old");
  if (!line.textContent.includes("网络")) line.textContent += `，网络断开，${words}`;
}

/**
 * Fetch every `every` milliseconds, and when the network is back. `fetchNews()` resolves to what `show` takes; an
 * answer is dropped if `now()` or `later()` was called after its request. `onstale()` is called when
 * it did not come, `after()` after each try.
 */
export function poll({ every, fetchNews, show, fresh, stale, onstale = () => {}, after = () => {} }) {
  let timer = 0;
  let latest = 0;
  function later() {
    latest++;
    clearTimeout(timer);
    timer = setTimeout(now, every);
  }
  async function now() {
    clearTimeout(timer);
    const request = ++latest;
    try {
      const news = await fetchNews();
      if (request !== latest) return;
      showFresh(fresh);
      show(news);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      if (request !== latest) return;
      showStale(stale);
      onstale();
    }
    after();
    later();
  }
  addEventListener("online", now);
  later();
  return { now, later };
}
