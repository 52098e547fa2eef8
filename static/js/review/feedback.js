// What the review pages tell the officer: announcements, the toast that can undo, counts, unsent and refused steps.
import { announce, byId } from "../page.js";
import { watchOutbox } from "../status.js";
import { outbox } from "./outbox.js";

const TOAST_FOR = 8000; // milliseconds
let toastTimer = 0;
let toastKey = ""; // of the step that it announces

/** Called by the button of a toast; set by the page. */
export const handlers = { undo() {} };

/** For screen readers only. */
export const say = (text) => announce(byId("say"), text);

/** `key`: of the step that the toast announces, so that `withdrawToast` finds it. */
export function toast(text, canUndo = false, key = "") {
  toastKey = key;
  byId("toast-text").textContent = text;
  byId("toast-undo").hidden = !canUndo;
  byId("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    byId("toast").hidden = true;
  }, TOAST_FOR);
}

/** Take back the toast of a step that did not take effect, unless a later one stands in its place. */
export function withdrawToast(key) {
  if (key && key === toastKey) byId("toast").hidden = true;
}

export function showCount(id, number) {
  byId(id).textContent = number;
  if (id === "waiting") byId(id).dataset.waiting = number;
}

watchOutbox(outbox, { noun: "项操作", most: 8, label: ({ what, label }) => `${what}：${label}` });
byId("toast-undo").addEventListener("click", () => handlers.undo());
