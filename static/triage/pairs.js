// The pair on show and those that come next: fetched before they are wanted, so that the next one is there at once.
"use strict";

(() => {
  const { Triage } = window, { settings, queue } = Triage, at = (id) => document.getElementById(id);
  const READY = 20, REFILL_BELOW = 14, AT_ONCE = 12, AHEAD = 30, BEAT = 30000; // pairs, the last in milliseconds
  const cache = new Map(), asked = new Set();
  let opened = null, openFor = 0, openSince = 0, lookTimer = 0;

  const place = at("pair");
  if (place.dataset.matchId) {
    cache.set(place.dataset.matchId, place.innerHTML);
    opened = place.dataset.matchId;
    openSince = performance.now();
  }

  const pairs = (Triage.pairs = {
    /** Called before a question and with its answer; what the first returns, the second gets. */
    onask() {},
    onanswer(_data, _asked) {},
    onshow(_id) {},
    get opened() {
      return opened;
    },
    get article() {
      return place.querySelector("article");
    },
    /** How long the pair has been in front of the officer, in milliseconds; a hidden page does not count. */
    get openMs() {
      return Math.round(openFor + (document.hidden ? 0 : performance.now() - openSince));
    },

    /** Show a pair, or null for nothing left. */
    show(id) {
      opened = id;
      openFor = 0;
      openSince = performance.now();
      const html = id === null ? at("nothing").innerHTML : cache.get(id) ?? at(Triage.outbox.trouble || !navigator.onLine ? "unreachable" : "unloaded").innerHTML;
      place.innerHTML = html;
      if (id === null) delete place.dataset.matchId;
      else place.dataset.matchId = id;
      at("main").scrollTop = 0;
      if (innerWidth < 900) scrollTo(0, 0);
      pairs.onshow(id);
      pairs.prepare();
    },

    /** What is kept of these is out of date: a step changed them, or a match they name. */
    forget(id) {
      for (const [other, html] of cache) if (other === id || html.includes(`data-other="${id}"`)) cache.delete(other);
    },

    /** Fetch what comes next, when enough of it is missing. */
    prepare() {
      const next = upcoming().slice(0, READY);
      const missing = (opened ? [opened, ...next] : next).filter((id) => !cache.has(id) && !asked.has(id));
      const ready = next.filter((id) => cache.has(id)).length;
      const isUrgent = missing.includes(opened) || missing.includes(next[0]);
      if (missing.length && (isUrgent || ready < REFILL_BELOW)) return fetchPairs(missing.slice(0, AT_ONCE));
      clearTimeout(lookTimer);
      lookTimer = setTimeout(() => fetchPairs([]), 1500); // whoever rests on a pair says so to colleagues
    },
  });

  const upcoming = () => queue.ahead().slice(0, AHEAD).map((row) => row.dataset.id);

  async function fetchPairs(want) {
    clearTimeout(lookTimer);
    for (const id of want) asked.add(id);
    const before = pairs.onask();
    try {
      const { status, data } = await Triage.post("pairs", { want, ahead: upcoming(), open: opened ?? "" });
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
      if (!(error instanceof Triage.Unreachable)) throw error;
      if (want.includes(opened) && !pairs.article) place.innerHTML = at("unreachable").innerHTML;
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
})();
