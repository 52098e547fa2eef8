// The table of achievements: single keys, a form in the cell, the history beside the table. Without it every link works.
const table = document.querySelector("table.grid");
const rows = table ? [...table.tBodies[0].rows] : [];
const drawer = document.getElementById("drawer");
const keys = document.getElementById("keys");
const KEYS_OFF = "portfolio-keys-off";
let at = -1;
let column = 0;

const say = (text) => {
  document.getElementById("said").textContent = text;
};
const isOn = () => localStorage.getItem(KEYS_OFF) !== "1";

// --- Rows and cells ---
function show(index, cell = column) {
  if (!rows.length) return;
  rows[at]?.classList.remove("on");
  table.querySelector("td.at")?.classList.remove("at");
  at = Math.max(0, Math.min(index, rows.length - 1));
  const cells = editable(rows[at]);
  column = cells.length ? (cell + cells.length) % cells.length : 0;
  rows[at].classList.add("on");
  cells[column]?.classList.add("at");
  rows[at].scrollIntoView({ block: "nearest" });
  (cells[column]?.querySelector(".pen") ?? rows[at].querySelector("th a")).focus({ preventScroll: true });
}
const editable = (row) => [...row.querySelectorAll("td[data-cell]")];

function tick(row) {
  const box = row.querySelector(".chk");
  box.checked = !box.checked;
  count();
  say(`${box.checked ? "已选中" : "已取消"}：${row.querySelector("th a").textContent}`);
}

function count() {
  const number = rows.filter((row) => row.querySelector(".chk").checked).length;
  const label = document.getElementById("ticked");
  if (label) label.textContent = number ? ` ${number} 项` : "";
  const all = document.getElementById("tick-all");
  all.checked = number > 0 && number === rows.length;
  all.indeterminate = number > 0 && number < rows.length;
}

// --- A form in the cell ---
async function edit(cell) {
  if (!cell || cell.classList.contains("editing")) return;
  for (const open of table.querySelectorAll("td.editing")) close(open);
  const response = await fetch(cell.dataset.cell, { headers: { "X-Cell": "1" } });
  if (!response.ok || response.redirected) {
    location.assign(cell.dataset.cell);
    return;
  }
  cell.classList.add("editing");
  fill(cell, await response.text());
}

// The table is inside a form, and a form must not stand in another: the cell holds the fields, sent by the script.
function fill(cell, html) {
  cell.querySelector(".cell-f")?.remove();
  const form = new DOMParser().parseFromString(html, "text/html").querySelector("form");
  const box = document.createElement("div");
  box.className = "cell-f";
  box.append(...form.childNodes);
  for (const field of box.querySelectorAll("[name]")) {
    field.dataset.name = field.name;
    field.removeAttribute("name");
  }
  cell.append(box);
  const field = box.querySelector("input:not([type=hidden]), select");
  field?.focus();
  field?.select?.();
  box.querySelector("button")?.addEventListener("click", (event) => {
    event.preventDefault();
    save(cell);
  });
  box.querySelector("[data-cancel]")?.addEventListener("click", (event) => {
    event.preventDefault();
    close(cell);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && event.target.tagName !== "A") {
      event.preventDefault();
      event.stopPropagation();
      save(cell);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close(cell);
    }
  });
}

function close(cell) {
  cell.querySelector(".cell-f")?.remove();
  cell.classList.remove("editing");
  cell.querySelector(".pen")?.focus();
}

async function save(cell) {
  const data = new FormData();
  for (const field of cell.querySelectorAll("[data-name]")) data.append(field.dataset.name, field.value);
  let response;
  try {
    response = await fetch(cell.dataset.cell, { method: "POST", body: data, headers: { "X-Cell": "1" } });
  } catch {
    say("网络断开，没有保存。");
    return;
  }
  const html = await response.text();
  const saved = new DOMParser().parseFromString(html, "text/html").querySelector("[data-saved]");
  if (response.ok && saved) {
    close(cell);
    await refresh(cell);
    say(saved.textContent);
  } else if (response.status === 422) fill(cell, html);
  else say("没有保存，请刷新页面再试。");
}

// The row as the server shows it now.
async function refresh(cell) {
  const row = cell.closest("tr");
  const response = await fetch(location.href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector(`tr[data-id="${row.dataset.id}"]`);
  if (!fresh) return; // it no longer fits the filter: it stays until the page is loaded again
  fresh.querySelector(".chk").checked = row.querySelector(".chk").checked;
  const index = rows.indexOf(row);
  const place = editable(row).indexOf(cell);
  row.replaceWith(fresh);
  rows[index] = fresh;
  wire(fresh);
  show(index, place);
}

// --- History ---
async function history(row) {
  const link = row.querySelector(".go a");
  const response = await fetch(link.href, { headers: { "X-Part": "history" } });
  if (!response.ok || response.redirected) {
    location.assign(link.href);
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-s";
  button.textContent = "关上";
  button.addEventListener("click", () => {
    drawer.hidden = true;
    link.focus();
  });
  drawer.replaceChildren(...page.body.childNodes);
  drawer.querySelector(".panel-h").append(button);
  drawer.hidden = false;
  drawer.scrollIntoView({ block: "nearest" });
  button.focus({ preventScroll: true });
}

// --- Keys, each with a button that does the same ---
const actions = {
  "/": () => document.getElementById("q").focus(),
  j: () => show(at + 1),
  k: () => show(at - 1),
  arrowright: () => at >= 0 && show(at, column + 1),
  arrowleft: () => at >= 0 && show(at, column - 1),
  x: () => {
    if (at < 0) show(0);
    tick(rows[at]);
  },
  e: () => {
    if (at < 0) show(0);
    edit(editable(rows[at])[column]);
  },
  h: () => {
    if (at < 0) show(0);
    history(rows[at]);
  },
  escape: () => {
    drawer.hidden = true;
  },
};
const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

addEventListener("keydown", (event) => {
  // keyCode 229: an input method is composing; some browsers give no other sign of it
  if (!table || !isOn() || event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPED)) return;
  const action = actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});

function wire(row) {
  row.querySelector(".chk").addEventListener("change", count);
  row.querySelector(".go a").addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || matchMedia("(max-width: 56rem)").matches) return;
    event.preventDefault();
    history(row);
  });
  for (const cell of editable(row)) {
    cell.querySelector(".pen").addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(rows.indexOf(row), editable(row).indexOf(cell));
      edit(cell);
    });
  }
}

if (table) {
  rows.forEach(wire);
  const all = document.getElementById("tick-all");
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const row of rows) row.querySelector(".chk").checked = all.checked;
    count();
  });
  keys.hidden = false;
  for (const button of keys.querySelectorAll("[data-key]")) {
    button.addEventListener("click", () => actions[button.dataset.key]());
  }
  const toggle = document.getElementById("keys-on");
  toggle.checked = isOn();
  toggle.addEventListener("change", () => localStorage.setItem(KEYS_OFF, toggle.checked ? "0" : "1"));
  count();
}
