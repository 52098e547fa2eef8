// The screen of a hall: turns its pages slowly, counts the minutes of each talk by the server's clock, keeps the last
// state while the network is away.
import { watchPolling } from "../htmx_polling.js";
import { byId, clockTime, readJson } from "../page.js";
import { openKeptPage } from "./kept_page.js";

const TURN = 12000; // milliseconds
const rows = byId("rows");
const kept = await openKeptPage(readJson("wall-settings"));
if (kept.state) rows.innerHTML = kept.state.html;
let current = 0;
let clockError = kept.isOffline ? (kept.state?.clockError ?? 0) : serverTime() - Date.now(); // in milliseconds

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

/** Without a network: the screen says of when it is, by the clock of the server. */
function showStale() {
  byId("stale").textContent = `网络断开，以下是 ${clockTime(new Date(kept.at + clockError))} 的安排`;
  byId("stale").hidden = false;
}

function keepState() {
  kept.at = Date.now(); // also where nothing may be kept
  kept.keep({ html: rows.innerHTML, clockError });
}

watchPolling(rows, {
  onfresh() {
    byId("stale").hidden = true;
  },
  onstale: showStale,
});
rows.addEventListener("htmx:afterSwap", () => {
  clockError = serverTime() - Date.now();
  keepState();
  show();
});
if (kept.isOffline) showStale();
else keepState();
setInterval(() => {
  current++;
  show();
}, TURN);
show();
