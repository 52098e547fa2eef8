// The inbox: single keys on the list and on one row. Every key has a button or a link; without the script those work.
const list = document.getElementById("inbox");
const rows = list ? [...list.children] : [];
const keys = document.getElementById("keys");
const KEYS_OFF = "inbox-keys-off";
let at = -1;

const isOn = () => localStorage.getItem(KEYS_OFF) !== "1";
const link = (row) => row.querySelector("h2 a");

function show(index) {
  if (!rows.length) return;
  rows[at]?.classList.remove("on");
  at = Math.max(0, Math.min(index, rows.length - 1));
  rows[at].classList.add("on");
  rows[at].scrollIntoView({ block: "nearest" });
  link(rows[at]).focus({ preventScroll: true });
  document.getElementById("said").textContent = `${at + 1} / ${rows.length}`;
}

function focusFirst(box) {
  if (!box) return;
  if (box.tagName === "DETAILS") box.open = true;
  const field = box.matches("a, button") ? box : box.querySelector("textarea, select, input:not([type=hidden])");
  field?.focus();
  box.scrollIntoView({ block: "nearest" });
}

const go = (id) => document.getElementById(id)?.click();
const actions = list
  ? {
      j: () => show(at + 1),
      k: () => show(at - 1),
      enter: () => link(rows[Math.max(at, 0)]).click(),
      "/": () => document.getElementById("q").focus(),
    }
  : {
      j: () => go("after"),
      k: () => go("before"),
      u: () => go("back"),
      a: () =>
        focusFirst(document.querySelector(".panel.ask textarea")?.closest("form") ?? document.getElementById("reply")),
      h: () => focusFirst(document.getElementById("hand-over")),
    };
const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

addEventListener("keydown", (event) => {
  // keyCode 229: an input method is composing; some browsers give no other sign of it
  if (!keys || !isOn() || event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPED)) return;
  // Enter on a link or a button does what it always does.
  if (event.key === "Enter" && event.target.closest?.("a, button, summary, input, label")) return;
  const action = actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});

if (keys) {
  keys.hidden = false;
  for (const button of keys.querySelectorAll("[data-key]")) {
    button.addEventListener("click", () => actions[button.dataset.key]());
  }
  const toggle = document.getElementById("keys-on");
  toggle.checked = isOn();
  toggle.addEventListener("change", () => localStorage.setItem(KEYS_OFF, toggle.checked ? "0" : "1"));
}
