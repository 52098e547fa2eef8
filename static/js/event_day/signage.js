// The screen of a hall: turns its pages slowly, counts the minutes of each talk by the server's clock, keeps the last
// state while the network is away.
import { watchPolling } from "../htmx_polling.js";
import { byId, clockTime } from "../page.js";

const TURN = 12000; // milliseconds
const rows = byId("rows");
let current = 0;
let refreshed = new Date();

let clockError = serverTime() - Date.now(); // of this screen, in milliseconds

function serverTime() {
  return Number(rows.querySelector("[data-now]").dataset.now) * 1000;
}

/** 剩 12 分, or 超 3 分 for a talk that goes on. */
function countMinutes() {
  for (const left of rows.querySelectorAll("[data-ends-at]")) {
    const minutes = (Number(left.dataset.endsAt) * 1000 - Date.now() - clockError) / 60_000;
    left.textContent = minutes >= 0 ? `剩 ${Math.ceil(minutes)} 分` : `超 ${Math.ceil(-minutes)} 分`;
    left.classList.toggle("over", minutes < 0);
  }
}

function show() {
  const pages = [...rows.querySelectorAll("[data-page]")];
  if (current >= pages.length) current = 0;
  for (const [number, page] of pages.entries()) page.hidden = number !== current;
  byId("clock").textContent = clockTime(new Date(Date.now() + clockError));
  countMinutes();
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
rows.addEventListener("htmx:afterSwap", () => {
  clockError = serverTime() - Date.now();
  show();
});
setInterval(() => {
  current++;
  show();
}, TURN);
show();
