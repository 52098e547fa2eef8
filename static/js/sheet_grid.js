// Keyboard, paste and undo in the grid of an import; without scripts the fields work one by one.

const grid = document.querySelector("#grid");
const fields = grid ? [...grid.querySelectorAll("input[id^='c-'], textarea")] : [];
const past = []; // [[field, value before], …] of each step, the last one at the end
let typing = null;

const rowOf = (field) => field.id.split("-")[1];
const columnOf = (field) => field.id.split("-").slice(2).join("-");

function step(from, by) {
  const next = fields[fields.indexOf(from) + by];
  (next ?? grid.querySelector("button.btn-p")).focus();
}

// What is typed into one field until another is entered is one step.
grid?.addEventListener("focusin", (event) => {
  if (fields.includes(event.target)) typing = { field: event.target, before: event.target.value };
});
grid?.addEventListener("input", (event) => {
  if (typing?.field !== event.target) return;
  if (past.at(-1)?.typed !== typing) past.push(Object.assign([[event.target, typing.before]], { typed: typing }));
});

function undo() {
  const last = past.pop();
  if (!last) return;
  for (const [field, before] of last) field.value = before;
  last[0][0].focus();
  typing = { field: last[0][0], before: last[0][0].value };
}

// Enter and F8 go to the next cell; an input method's Enter ends its composition only. Ctrl+Z takes back a step,
// also a paste over many cells, which the browser's own undo does not know.
grid?.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const isField = fields.includes(event.target);
  if (event.key === "Enter" && event.target.tagName === "INPUT" && isField) {
    event.preventDefault();
    step(event.target, event.shiftKey ? -1 : 1);
  } else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && past.length > 0) {
    event.preventDefault();
    undo();
  }
});

// From anywhere on the page: the next finding that is not changed yet, from the top again after the last one.
document.addEventListener("keydown", (event) => {
  if (event.key !== "F8" || fields.length === 0) return;
  event.preventDefault();
  const order = event.shiftKey ? fields.toReversed() : fields;
  const at = order.indexOf(document.activeElement);
  const open = (field) => field.value === field.defaultValue;
  const next = order.slice(at + 1).find(open) ?? order.find(open);
  next?.focus();
  next?.select();
});

// A block copied from a spreadsheet: its lines fill the rows from here on, its columns the cells of the row; a single
// column fills the cells of the same column below.
grid?.addEventListener("paste", (event) => {
  const lines = event.clipboardData
    .getData("text/plain")
    .replace(/\r?\n$/, "")
    .split(/\r?\n/)
    .map((line) => line.split("\t"));
  if (!fields.includes(event.target) || (lines.length < 2 && lines[0].length < 2)) return;
  if (lines[0].length < 2 && event.target.tagName === "TEXTAREA") return;
  event.preventDefault();
  const below = fields.slice(fields.indexOf(event.target));
  const filled = lines[0].length < 2 ? sameColumn(below, lines) : block(below, lines);
  if (filled.length === 0) return;
  past.push(filled.map(([field]) => [field, field.value]));
  for (const [field, text] of filled) field.value = text;
  filled.at(-1)[0].focus();
});

function sameColumn(below, lines) {
  const same = below.filter((field) => columnOf(field) === columnOf(below[0]));
  return same.slice(0, lines.length).map((field, place) => [field, lines[place][0]]);
}

function block(below, lines) {
  const rows = [...new Set(below.map(rowOf))];
  return lines.slice(0, rows.length).flatMap((cells, line) => {
    const own = below.filter((field) => rowOf(field) === rows[line]);
    return own.slice(0, cells.length).map((field, place) => [field, cells[place]]);
  });
}
