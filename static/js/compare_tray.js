// The tray of a list of achievements: what was ticked stays chosen on the next pages of the list.

const KEY = "compared-achievements";
const MOST = 4;
const form = document.getElementById("compare-form");
const counter = document.getElementById("compare-count");

const read = () => {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
};
const write = (ids) => {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(ids));
  } catch {
    // Private windows may refuse storage: then the choice is that of this page.
  }
};
const boxes = () => document.querySelectorAll('input[name="id"][form="compare-form"]');

function show(chosen) {
  for (const box of boxes()) {
    box.checked = chosen.includes(box.value);
    box.disabled = !box.checked && chosen.length >= MOST;
  }
  // What was ticked on other pages goes along.
  for (const hidden of form.querySelectorAll('input[type="hidden"]')) {
    hidden.remove();
  }
  const here = new Set([...boxes()].map((box) => box.value));
  for (const id of chosen.filter((value) => !here.has(value))) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "id", value: id }));
  }
  form.classList.toggle("on", chosen.length > 0);
  counter.textContent = chosen.length ? `已选 ${chosen.length} 项，最多 ${MOST} 项` : "勾选 2–4 项成果";
}

if (form) {
  let chosen = read();
  show(chosen);
  // In the capture phase and no further: a ticked box is no filter that would load the list anew.
  document.addEventListener(
    "change",
    (event) => {
      const box = event.target;
      if (box.getAttribute("form") !== "compare-form" || box.name !== "id") {
        return;
      }
      event.stopPropagation();
      chosen = chosen.filter((id) => id !== box.value);
      if (box.checked && chosen.length < MOST) {
        chosen.push(box.value);
      }
      write(chosen);
      show(chosen);
    },
    true,
  );
  form.addEventListener("submit", () => write([]));
  document.addEventListener("htmx:afterSettle", () => show(chosen));
}
