// The cockpit on a wall: fetches its content again, and keeps the last numbers while the network is away.
import { watchPolling } from "./htmx_polling.js";
import { byId, clockTime } from "./page.js";

let refreshed = new Date();

watchPolling(byId("screen"), {
  onfresh() {
    refreshed = new Date();
    byId("stale").hidden = true;
  },
  onstale() {
    const day = refreshed.toLocaleDateString("zh-CN", { month: "long", day: "numeric", timeZone: "Asia/Shanghai" });
    byId("stale").textContent = `没有连上，以下是 ${day} ${clockTime(refreshed)} 的数；连上后自动更新`;
    byId("stale").hidden = false;
  },
});
