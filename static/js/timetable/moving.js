// Moving a meeting of a draft: dragged, or picked up and put down with the keys or two taps. Where it may go is fetched
// once when it is picked up; what stands against a place is said before it is put there. On a phone, where the tables
// are not shown, the places are a list: first the time, then the table.
import { byId, element } from "../page.js";
import * as board from "./board.js";

const FAR = 6; // pixels before a press becomes a drag
let picked = null;
let cells = null;
let ghost = null;
let start = null;
let isTaken = false;

const tables = () => [...document.querySelectorAll(".sched")];
const isSeen = (element) => element.offsetParent !== null;
const isGridSeen = () => tables().some(isSeen);
const cellOf = (place) => document.querySelector(`td[data-place="${place}"]`);

async function pick(meeting) {
  stop();
  picked = { id: meeting.dataset.meeting, label: meeting.dataset.label, node: meeting };
  document.body.classList.add("is-moving");
  meeting.classList.add("picked");
  byId("moving").hidden = false;
  byId("moving-what").textContent = picked.label;
  say("正在查看哪里可以放……");
  const mine = picked;
  try {
    const { ok, data } = await board.ask("cells", { version: board.state().version, meeting: picked.id });
    if (picked !== mine) return;
    if (!ok) return giveUp(data.message);
    cells = data.cells;
  } catch {
    return giveUp("没有连上服务器，请稍后再试。");
  }
  let free = 0;
  for (const cell of document.querySelectorAll("td[data-place]")) {
    const isFree = cells[cell.dataset.place] === "";
    cell.toggleAttribute(isFree ? "data-can" : "data-cannot", true);
    free += isFree;
    cell.tabIndex = -1;
  }
  if (!isGridSeen()) return listPlaces(free);
  say(`拿起 ${picked.label}，有 ${free} 个位置可以放。方向键选位置，回车放下，Esc 取消。`);
  if (!ghost) (picked.node.closest("td") ?? document.querySelector("td[data-can]"))?.focus();
}

function giveUp(text) {
  stop();
  board.note(text, true);
}

/** A line for each slot: the tables where the meeting may go, or why there is none. */
function listPlaces(free) {
  const slots = new Map();
  for (const cell of document.querySelectorAll("td[data-place]")) {
    const key = cell.dataset.place.split("-")[0];
    const time = cell.dataset.name.split(" ", 1)[0];
    if (!slots.has(key)) slots.set(key, { time, open: [], why: "" });
    const slot = slots.get(key);
    const there = cell.querySelector("[data-meeting]");
    const why = cells[cell.dataset.place];
    if (there?.dataset.meeting === picked.id) byId("moving-where").textContent = `现在：${cell.dataset.name}`;
    else if (why) slot.why ||= why;
    else
      slot.open.push({
        place: cell.dataset.place,
        words: cell.dataset.name.slice(time.length + 1),
        label: there?.dataset.label,
      });
  }
  byId("moving-places").replaceChildren(...[...slots.values()].map(lineOf));
  say(free ? "点时间，再点位置。" : "没有可以放的位置。");
  byId("moving").querySelector("summary, #moving-stop").focus();
}

function lineOf({ time, open, why }) {
  if (!open.length) return element("li", {}, element("b", { textContent: time }), ` ${why || "现在的时间"}`);
  const places = open.map(({ place, words, label }) => {
    const button = element("button", {
      type: "button",
      className: "btn btn-s",
      textContent: label ? `${words}，与 ${label} 对换` : words,
    });
    button.dataset.to = place;
    return button;
  });
  const summary = element("summary", {}, element("b", { textContent: time }), ` ${open.length} 个位置`);
  return element(
    "li",
    {},
    element("details", { name: "place" }, summary, element("div", { className: "acts" }, ...places)),
  );
}

function say(text, style = "") {
  byId("moving-why").textContent = text;
  byId("moving-why").className = style;
  board.say(text);
}

/** Say what putting the meeting into this cell would do. */
function describe(cell) {
  for (const other of document.querySelectorAll("td.at")) other.classList.remove("at");
  if (!cell || !cells) return;
  cell.classList.add("at");
  byId("moving-where").textContent = `→ ${cell.dataset.name}`;
  const why = cells[cell.dataset.place];
  const there = cell.querySelector("[data-meeting]");
  if (there?.dataset.meeting === picked.id) say("现在的位置");
  else if (why) say(`${cell.dataset.name}：${why}`, "no");
  else say(`${cell.dataset.name}：${there ? `可以与 ${there.dataset.label} 对换` : "可以放"}`, "ok");
}

async function drop(cell) {
  if (!picked || !cells || !cell) return stop();
  const { id } = picked;
  const place = cell.dataset.place;
  const why = cells[place];
  if (why) return describe(cell);
  if (cell.querySelector("[data-meeting]")?.dataset.meeting === id) return stop();
  stop();
  await board.step({ kind: "move", meeting: id, place });
  focusOn(id);
  return undefined;
}

/** The handle of this meeting that is shown: in the tables, or in a list. */
function focusOn(id) {
  [...document.querySelectorAll(`[data-meeting="${id}"] [data-grip]`)].find(isSeen)?.focus({ preventScroll: true });
}

function stop() {
  byId("moving-places").replaceChildren();
  picked?.node.classList.remove("picked");
  ghost?.remove();
  picked = cells = ghost = null;
  document.body.classList.remove("is-moving");
  byId("moving").hidden = true;
  byId("moving-where").textContent = "";
  for (const cell of document.querySelectorAll("td[data-place]")) {
    delete cell.dataset.can;
    delete cell.dataset.cannot;
    cell.classList.remove("at");
    cell.removeAttribute("tabindex");
  }
}

/** The cell next to this one; below the last row of a hall comes the next hall. */
function beside(cell, key) {
  const row = cell.parentElement;
  const cellsOfRow = [...row.querySelectorAll("td")];
  const column = cellsOfRow.indexOf(cell);
  if (key === "ArrowLeft") return cellsOfRow[column - 1];
  if (key === "ArrowRight") return cellsOfRow[column + 1];
  const rows = tables().flatMap((table) => [...table.tBodies[0].rows]);
  const next = rows[rows.indexOf(row) + (key === "ArrowDown" ? 1 : -1)];
  if (!next) return undefined;
  const others = [...next.querySelectorAll("td")];
  return others[Math.min(column, others.length - 1)];
}

document.addEventListener("keydown", (event) => {
  if (!picked) return;
  const cell = document.activeElement?.closest?.("td[data-place]");
  if (event.key === "Escape") {
    const { node } = picked;
    stop();
    board.say("没有移动");
    node.querySelector("[data-grip]")?.focus();
  } else if (event.key.startsWith("Arrow") && cell) {
    beside(cell, event.key)?.focus();
  } else if ((event.key === "Enter" || event.key === " ") && cell && document.activeElement === cell) {
    drop(cell);
  } else return;
  event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  if (picked && cells && event.target.matches?.("td[data-place]")) {
    describe(event.target);
    event.target.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
});

// --- Pressing, tapping, dragging ----------------------------------------------------------------------------------
document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button || picked || !isGridSeen()) return;
  start = { x: event.clientX, y: event.clientY, meeting: grip.closest("[data-meeting]"), id: event.pointerId };
});

document.addEventListener("pointermove", (event) => {
  if (start && !ghost && Math.hypot(event.clientX - start.x, event.clientY - start.y) > FAR) {
    ghost = document.createElement("div");
    ghost.className = "ghost";
    ghost.textContent = start.meeting.dataset.label;
    const mine = ghost;
    ghost = null;
    pick(start.meeting);
    ghost = mine;
    document.body.append(ghost);
  }
  if (!ghost) return;
  event.preventDefault();
  ghost.style.left = `${event.clientX + 10}px`;
  ghost.style.top = `${event.clientY + 10}px`;
  const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest("td[data-place]");
  if (cell && !cell.classList.contains("at")) describe(cell);
});

document.addEventListener("pointerup", (event) => {
  const wasDrag = Boolean(ghost);
  start = null;
  if (!wasDrag) return;
  isTaken = true; // the click that follows a drag is no press
  setTimeout(() => {
    isTaken = false;
  }, 0);
  ghost.remove();
  ghost = null;
  const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest("td[data-place]");
  if (!cell || !cells || cells[cell.dataset.place]) {
    if (cell && cells) board.note(byId("moving-why").textContent, true);
    stop();
  } else drop(cell);
});

document.addEventListener("pointercancel", () => {
  start = null;
  if (ghost) stop();
});

document.addEventListener("click", (event) => {
  if (isTaken) return;
  const grip = event.target.closest("[data-grip]");
  const cell = event.target.closest("td[data-place]");
  const to = event.target.closest("[data-to]");
  if (event.target.closest("#moving-stop")) stop();
  else if (to) drop(cellOf(to.dataset.to));
  else if (picked && cell) drop(cell);
  else if (grip) pick(grip.closest("[data-meeting]"));
});
