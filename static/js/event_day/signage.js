// The screen of a hall: turns its pages slowly, keeps the last state while the network is away.
import { watchPolling } from "../htmx_polling.js";
import { byId, clockTime } from "../page.js";

const TURN = 12000; // milliseconds
const rows = byId("rows");
let current = 0;
let refreshed = new Date();

function show() {
  const pages = [...rows.querySelectorAll("[data-page]")];
  if (current >= pages.length) current = 0;
  for (const [number, page] of pages.entries()) page.hidden = number !== current;
  byId("clock").textContent = clockTime();
}

watchPolling(rows, {
  onfresh() {
    refreshed = new Date();
    byId("stale").hidden = true;
  },
  onstale() {
    byId("stale").textContent = `网络断开，以下是 ${clockTime(refreshed)} 的安排`;
    byId("stale").hidden = false;
  },
});
rows.addEventListener("htmx:afterSwap", show);
setInterval(() => {
  current++;
  show();
}, TURN);
show();
