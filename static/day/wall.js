// The wall of a hall: turns its screens over slowly, asks for news, keeps the last when the network is away.
"use strict";

(() => {
  const NEWS = 15000, TURN = 12000, PATIENCE = 10000; // milliseconds
  const at = (id) => document.getElementById(id), rows = at("rows");
  let page = 0, last = Date.now(), html = "";

  const clock = (time) => new Date(time).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });

  function show() {
    const pages = [...rows.querySelectorAll("[data-page]")];
    if (page >= pages.length) page = 0;
    pages.forEach((one, number) => (one.hidden = number !== page));
    at("clock").textContent = clock(Date.now());
  }

  async function news() {
    try {
      const answer = await fetch("?part=1", { signal: AbortSignal.timeout(PATIENCE), redirect: "manual" });
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (text !== html) rows.innerHTML = html = text;
      last = Date.now();
      at("stale").hidden = true;
      show();
    } catch {
      at("stale").textContent = `网络断开，以下是 ${clock(last)} 的安排`;
      at("stale").hidden = false;
    }
  }

  setInterval(news, NEWS);
  setInterval(() => {
    page++;
    show();
  }, TURN);
  addEventListener("online", news);
  show();
})();
