// A page to be looked at: its middle renews itself and says of when it is.
"use strict";

(() => {
  const EVERY = 30000, PATIENCE = 10000;
  const part = document.getElementById("renew"), fresh = document.getElementById("fresh");
  const clock = () => new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });

  async function renew() {
    try {
      const answer = await fetch("?part=1", { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (!part.contains(document.activeElement)) part.innerHTML = html; // whoever is on a link of it keeps it
      fresh.textContent = `${clock()} 的安排`;
      fresh.classList.remove("dy-old");
    } catch {
      fresh.classList.add("dy-old");
      if (!fresh.textContent.includes("网络")) fresh.textContent += "，网络断开，恢复后自动更新";
    }
  }

  setInterval(renew, EVERY);
  addEventListener("online", renew);
})();
