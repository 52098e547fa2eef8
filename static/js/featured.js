// The featured list of a round: htmx posts the forms and replaces the page; rows are dragged, or carried by keys.
// Every button and form works without scripts as well.
import { announce, byId } from "./page.js";

const LIST = "#fy-chosen-list";
const EDGE = 60;
const SCROLL = 12; // pixels: the page scrolls while a row is dragged this close to an edge
const OFFLINE = "网络断开，这一步没有生效，请稍后再试。";
let held = null; // {row, from}: the row that is being moved and its place before

const say = (text) => announce(byId("fy-say"), text);
const rows = () => [...document.querySelectorAll(`${LIST} > .fy-row`)];
const gripOf = (row) => row.querySelector(".fy-grip");

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "main") return;
  detail.shouldSwap = detail.serverResponse.includes('id="fy"');
  if (!detail.shouldSwap) location.reload(); // signed out, or no longer allowed: the server says so
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id !== "main") return;
  const notes = target.querySelector(".notes");
  if (!notes) return;
  say(notes.textContent.trim());
  if (notes.querySelector(".error") && notes.getBoundingClientRect().top < 0) notes.scrollIntoView({ block: "center" });
});

document.addEventListener("htmx:sendError", ({ detail }) => {
  if (detail.target.id !== "main") return;
  say(OFFLINE);
  alert(OFFLINE);
});

function lift(row) {
  held = { row, from: rows().indexOf(row) };
  row.classList.add("is-held");
  gripOf(row).setAttribute("aria-pressed", "true");
}

function release() {
  held.row.classList.remove("is-held");
  gripOf(held.row).setAttribute("aria-pressed", "false");
  held = null;
}

function putBack() {
  if (!held) return;
  const { row, from } = held;
  release();
  for (let place = rows().indexOf(row); place !== from; place += place < from ? 1 : -1)
    step(row, place < from ? 1 : -1);
  say("已取消移动。");
}

function drop() {
  const { row, from } = held;
  const place = rows().indexOf(row);
  release();
  if (place === from) return;
  const form = byId(`a-m-${row.dataset.key}`);
  form.elements.place.value = place + 1;
  byId(`a-place-${row.dataset.key}`).click(); // htmx sends the value of the button that was clicked
}

/** One place up or down. The neighbour is moved, not the row: a row that is taken out loses focus and pointer. */
function step(row, by) {
  const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return false;
  if (by < 0) row.after(other);
  else row.before(other);
  return true;
}

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(`${LIST} .fy-grip`)?.closest(".fy-row");
  if (!row) return;
  if (event.key === " " || event.key === "Enter") {
    event.preventDefault();
    if (held) drop();
    else {
      lift(row);
      say("已拿起，用上下方向键移动，空格放下，Esc 取消。");
    }
  } else if (held && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    if (!step(row, event.key === "ArrowUp" ? -1 : 1)) return;
    row.scrollIntoView({ block: "nearest" });
    say(`第 ${rows().indexOf(row) + 1} 位`);
  } else if (held && event.key === "Escape") {
    event.preventDefault();
    putBack();
    gripOf(row).focus();
  }
});

document.addEventListener("focusout", (event) => {
  if (!event.target.matches(".fy-grip")) return;
  setTimeout(() => !document.activeElement?.matches(".fy-grip") && putBack(), 50);
});

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest(`${LIST} .fy-grip`);
  const row = grip?.closest(".fy-row");
  if (!grip || event.button || held) return;
  event.preventDefault();
  grip.focus();
  grip.setPointerCapture(event.pointerId);
  lift(row);
  const middle = (other) => other.getBoundingClientRect().top + other.offsetHeight / 2;
  const move = ({ clientY }) => {
    if (clientY < EDGE) scrollBy(0, -SCROLL);
    else if (clientY > innerHeight - EDGE) scrollBy(0, SCROLL);
    while (row.previousElementSibling && clientY < middle(row.previousElementSibling)) step(row, -1);
    while (row.nextElementSibling && clientY > middle(row.nextElementSibling)) step(row, 1);
  };
  const end = ({ type }) => {
    grip.removeEventListener("pointermove", move);
    if (!held) return;
    if (type === "pointerup") drop();
    else putBack();
  };
  grip.addEventListener("pointermove", move);
  for (const name of ["pointerup", "pointercancel"]) grip.addEventListener(name, end, { once: true });
});
