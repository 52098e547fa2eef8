// Single-key shortcuts of the review pages, their help, and the switch that turns them off (WCAG 2.1.4).
import { byId } from "../page.js";
import { addTrouble } from "../status.js";
import { say } from "./feedback.js";
import { post, settings } from "./outbox.js";

/** {key: action}; a digit with Shift is "shift+1". Keys in `repeating` act again while they are held down. */
export const shortcuts = { "?": () => byId("d-help").showModal() };
const repeating = new Set(["j", "k"]);

/** Set by a page: `keys` wait while something loads, and then what is typed after them, so that none is dropped. */
export const held = { isLoading: () => false, keys: new Set() };
const typed = [];
const HELD = /^(?:[a-z0-9]|enter)$/i;

/** Use the keys that were typed while something was loading, in their order, until something loads again. */
export function useTyped() {
  while (typed.length && !held.isLoading()) {
    const target = document.querySelector("dialog[open]") ?? document.body;
    target.dispatchEvent(new KeyboardEvent("keydown", { ...typed.shift(), bubbles: true, cancelable: true }));
  }
}

/** Forget the keys that were typed while something was loading. Returns how many. */
export const forgetTyped = () => typed.splice(0).length;

byId("help-button").addEventListener("click", shortcuts["?"]);

/** Show the present setting; also for parts of the page that were loaded since. */
export function applySetting() {
  document.body.classList.toggle("keys-off", !settings.singleKeys);
  for (const button of document.querySelectorAll("[aria-keyshortcuts], [data-key]")) {
    button.dataset.key ??= button.getAttribute("aria-keyshortcuts");
    if (settings.singleKeys) button.setAttribute("aria-keyshortcuts", button.dataset.key);
    else button.removeAttribute("aria-keyshortcuts");
  }
}

byId("single-keys").addEventListener("change", (event) => {
  settings.singleKeys = event.target.checked;
  applySetting();
  say(settings.singleKeys ? "单键快捷键已打开" : "单键快捷键已关闭");
  post("keys", { on: settings.singleKeys }).catch(() => addTrouble("快捷键设置没有存下来，刷新后请再设一次。"));
});
applySetting();

const TEXT_FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const ENTERED = "a, button, summary"; // Enter is theirs

/** The name of a key in `shortcuts`. With Shift the number row types other characters, by layout: its code counts. */
function nameOf(event) {
  const digit = event.shiftKey && /^Digit([0-9])$/.exec(event.code);
  return digit ? `shift+${digit[1]}` : event.key.toLowerCase();
}

addEventListener("keydown", (event) => {
  // keyCode 229: an input method is composing; some browsers give no other sign of it
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.target.closest?.(TEXT_FIELDS)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const key = nameOf(event);
  const waits = held.isLoading() && (held.keys.has(key) || (typed.length && HELD.test(key)));
  if (waits && settings.singleKeys && !event.repeat) {
    event.preventDefault();
    typed.push({ key: event.key, code: event.code, shiftKey: event.shiftKey });
    return;
  }
  const action = shortcuts[key];
  if (!action || !settings.singleKeys || (event.repeat && !repeating.has(key))) return;
  if (key === "enter" && event.target.closest?.(ENTERED)) return;
  event.preventDefault();
  action();
});
