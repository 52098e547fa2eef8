// Review demand by demand: tick up to three proposals, perhaps a reason for the rest, and on to the next demand.
import { get, newKey, Unreachable } from "../outbox.js";
import { byId } from "../page.js";
import { addTrouble } from "../status.js";
import { handlers, say, showCount, toast } from "./feedback.js";
import { outbox, settings } from "./outbox.js";
import { shortcuts } from "./shortcuts.js";

const done = settings.undoable.filter((step) => step.batch);
let waiting = Number(byId("waiting").dataset.waiting);
let doneToday = settings.doneToday;

const form = () => byId("choice");
const rows = () => [...document.querySelectorAll("#rows .q")];
const current = () => document.querySelector("#rows a[aria-current]")?.parentElement ?? null;
const boxes = () => [...form().querySelectorAll("[name=ids]")];

function count(by) {
  waiting = Math.max(0, waiting - by);
  doneToday = Math.max(0, doneToday + by);
  showCount("waiting", waiting);
  showCount("done-today", doneToday);
}

/** At most three may be ticked, together with those accepted before. */
function tick() {
  if (!byId("chosen")) return;
  const { most, accepted } = form().dataset;
  const left = Number(most) - Number(accepted);
  const ticked = boxes().filter((box) => box.checked);
  for (const box of boxes()) box.disabled = !box.checked && ticked.length >= left;
  byId("chosen").textContent = ticked.length;
  byId("choose").disabled = !ticked.length && !form().elements.reason.value;
}

async function show(row) {
  if (!row) return toast("没有更多需求了。");
  const link = row.querySelector("a");
  try {
    const address = new URL(link.href);
    address.searchParams.set("part", "1");
    byId("need").innerHTML = await (await get(address)).text();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return toast("网络断开，暂时打不开这项需求。");
  }
  current()?.querySelector("a").removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", link.href);
  byId("main").scrollTop = 0;
  byId("queue").classList.remove("open");
  tick();
  say(`${form().dataset.title}，${boxes().length} 条推荐`);
}

function move(by) {
  const all = rows();
  show(all[all.indexOf(current()) + by]);
}

function choose() {
  const ids = boxes()
    .filter((box) => box.checked)
    .map((box) => box.value);
  const reason = form().elements.reason.value;
  if (!ids.length && !reason) return toast("请先选要采纳的成果，或选其余退回的原因。");
  const { id, title } = form().dataset;
  const number = reason ? boxes().length : ids.length;
  const rest = reason
    ? boxes()
        .filter((box) => !box.checked)
        .map((box) => box.value)
    : []; // those that were shown and not chosen
  const body = { key: newKey(), demand: id, ids, rest, reason };
  done.push({ batch: body.key, key: body.key, label: title, demand: id, number });
  count(number);
  outbox.add({ address: "choose", body, label: title, what: `采纳 ${ids.length} 条`, number });
  const others = reason ? `，其余 ${rest.length} 条退回` : "";
  toast(`已采纳 ${ids.length} 条${others}：${title}`, true);
  const row = current();
  const all = rows();
  const next = all[all.indexOf(row) + 1] ?? all[all.indexOf(row) - 1];
  if (reason || ids.length === boxes().length) row?.classList.add("tn-done");
  if (next) show(next);
}

function undo() {
  const step = done.pop();
  if (!step) return toast("没有可以撤销的操作；逐条审核的请到“逐条”页撤销。");
  if (!outbox.cancel(step.key))
    outbox.add({ address: "undo", body: { batch: step.batch }, label: step.label, what: "撤销", step });
  else toast(`已撤销：${step.label}`);
  count(-(step.number ?? 0));
  const row = rows().find((other) => other.dataset.id === step.demand);
  row?.classList.remove("tn-done");
}

outbox.onanswer = (entry, { status, data }) => {
  if (status !== 200) {
    addTrouble(`${entry.what}“${entry.label}”没有生效：${data.message ?? "请刷新后再试。"}`);
    count(-(entry.number ?? 0));
    const place = done.findIndex((step) => step.key === entry.body.key);
    if (place >= 0) done.splice(place, 1);
  } else if (entry.address === "choose" && data.excepted.length) {
    addTrouble(
      `“${entry.label}”有 ${data.excepted.length} 条没有处理：${data.excepted.map(({ why }) => why).join("；")}`,
    );
    count(-data.excepted.length);
  }
  if (entry.address === "undo") {
    toast(data.message);
    say(data.message);
    const row = rows().find((other) => other.dataset.id === entry.step?.demand);
    if (row) show(row);
  }
};

handlers.undo = undo;
Object.assign(shortcuts, {
  j: () => move(1),
  k: () => move(-1),
  z: undo,
  enter: choose,
  a: choose,
  "/": () => byId("id_q").focus(),
});
for (let digit = 1; digit <= 9; digit++) {
  shortcuts[digit] = () => {
    const box = form()?.querySelector(`[data-digit="${digit}"]`);
    if (box && !box.disabled) box.click();
  };
}
document.addEventListener("change", tick);
document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  choose();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  const link = event.target.closest("#rows a");
  if (button) {
    if (button.dataset.move === "undo") undo();
    else move(Number(button.dataset.move));
  }
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.parentElement);
});
byId("queue-button").addEventListener("click", () => {
  byId("queue-button").setAttribute("aria-expanded", byId("queue").classList.toggle("open"));
});
current()?.scrollIntoView({ block: "nearest" });
if (form()) tick();
outbox.onchange();
outbox.flush();
