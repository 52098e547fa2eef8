// Keyboard and paste in the grid of an import; without scripts the fields work one by one.

const grid = document.querySelector("#grid");
const fields = grid ? [...grid.querySelectorAll("input[data-key], textarea")] : [];

// Enter goes to the next cell instead of sending the form; an input method's Enter ends its composition only.
grid?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  const step = event.shiftKey ? -1 : 1;
  const next = fields[fields.indexOf(event.target) + step];
  (next ?? grid.querySelector("button.btn-p")).focus();
});

// A column copied from a spreadsheet fills the cells of the same column below.
grid?.addEventListener("paste", (event) => {
  const lines = event.clipboardData
    .getData("text/plain")
    .replace(/\r?\n$/, "")
    .split(/\r?\n/);
  if (lines.length < 2 || !event.target.dataset.key) return;
  event.preventDefault();
  const below = fields.slice(fields.indexOf(event.target));
  const same = below.filter((field) => field.dataset.key === event.target.dataset.key);
  for (const [place, field] of same.slice(0, lines.length).entries()) {
    field.value = lines[place].split("\t")[0];
  }
  same[Math.min(lines.length, same.length) - 1].focus();
});
