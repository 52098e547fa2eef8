// Review demand by demand: a digit accepts a candidate, 0 passes over all of them, and the next demand is there.
import { get, newKey, Unreachable } from "../outbox.js";
import { byId, element } from "../page.js";
import { addTrouble } from "../status.js";
import { demands } from "./demands.js";
import { handlers, say, toast, withdrawToast } from "./feedback.js";
import { outbox, post, settings } from "./outbox.js";
import { applySetting, shortcuts } from "./shortcuts.js";

const done = settings.undoable.filter((step) => step.demand);
const decided = { ...settings.decidedToday };

const rows = () => [...document.querySelectorAll("#rows li")];
const rowOf = (id) => rows().find((row) => row.dataset.id === id);
const boxes = () => [...(demands.form?.querySelectorAll("[data-digit][type=checkbox]") ?? [])];
const ticked = () => boxes().filter((box) => box.checked);
const openPanel = () => demands.form?.querySelector(".bn-more[open]") ?? null;
const digits = (chosen) => chosen.map((box) => box.dataset.digit).join("、");

/** The demands that are not decided, from the open one on and then from the top; those that colleagues have open last. */
function upcoming() {
  const all = rows();
  const place = all.findIndex((row) => row.dataset.id === demands.opened);
  const order = [...all.slice(place + 1), ...all.slice(0, Math.max(place, 0))];
  const ids = order.filter((row) => !("done" in row.dataset)).map((row) => row.dataset.id);
  return [...ids.filter((id) => !demands.looking.has(id)), ...ids.filter((id) => demands.looking.has(id))];
}
demands.upcoming = upcoming;

function showCounts() {
  const left = rows().filter((row) => !("done" in row.dataset)).length;
  byId("left").textContent = left;
  byId("decided").textContent = decided.all;
  byId("decided-none").textContent = decided.none;
  byId("progress").max = Math.max(1, decided.all + left);
  byId("progress").value = decided.all;
}

/** Count a step, or with -1 take it back. */
function count({ outcome, demand }, by) {
  if (outcome !== "held") decided.all = Math.max(0, decided.all + by);
  if (outcome === "none") decided.none = Math.max(0, decided.none + by);
  const row = rowOf(demand);
  if (row && by > 0) row.dataset.done = "";
  else if (row) delete row.dataset.done;
  showCounts();
}

function go(id) {
  document.querySelector("#rows a[aria-current]")?.removeAttribute("aria-current");
  const link = rowOf(id)?.querySelector("a");
  link?.setAttribute("aria-current", "true");
  history.replaceState(null, "", link?.href ?? settings.urls.needs);
  byId("queue").open = false;
  demands.show(id);
}

demands.onshow = () => {
  applySetting();
  showTicks();
};

/** At most so many may be ticked that no more than three are accepted in all. */
function showTicks() {
  if (!byId("choose")) return;
  const chosen = ticked();
  const left = Number(demands.form.dataset.mayAccept);
  for (const box of boxes()) box.disabled = !box.checked && chosen.length >= left;
  byId("choose").disabled = !chosen.length;
  byId("chosen").textContent = chosen.length ? `采纳 ${digits(chosen)}，看下一个` : "先选候选";
  document.body.classList.toggle("ticks-first", !settings.digitAccepts);
}

/** Take a step about the open demand: shown at once, kept, sent; then the next demand. */
function take(outcome, answers, what) {
  const { form, opened } = demands;
  const { title } = form.dataset;
  const shown = [...form.querySelectorAll("[name=shown]")].map((input) => input.value.split(":"));
  const body = {
    key: newKey(),
    demand: opened,
    outcome,
    shown: Object.fromEntries(shown.map(([id, revision]) => [id, Number(revision)])),
    open_ms: demands.openMs,
    ...answers,
  };
  const step = { key: body.key, batch: body.key, demand: opened, label: title, outcome };
  done.push(step);
  count(step, 1);
  outbox.add({ address: "choose", body, label: title, what, step });
  toast(`${what}：${title}`, true, body.key);
  const next = upcoming()[0] ?? null;
  go(next);
  const nextTitle = rowOf(next)?.dataset.title;
  say(next ? `${what}：${title}。下一个需求：${nextTitle}` : `${what}：${title}。没有等您审核的需求了`);
}

const mayReview = () => settings.mayReview && boxes().length > 0;

function accept(chosen) {
  if (chosen.length) take("chosen", { ids: chosen.map((box) => box.value) }, `已采纳 ${digits(chosen)}`);
  else toast("先按数字选候选，或按 0 都不合适。");
}

function none() {
  if (!mayReview()) return;
  const { reason, broker } = demands.form.elements;
  const where = demands.form.querySelector("[name=destination]:checked");
  // What nobody has chosen is left to the server: a colleague may have accepted a candidate meanwhile.
  const destination = where.defaultChecked ? "" : where.value;
  const answers = { destination, reason: reason.value, broker: Number(broker.value) || null };
  take("none", answers, "都不合适");
}

function hold(button) {
  take("held", { days: Number(button.value) }, "已暂缓");
}

function digit(number, ticksOnly) {
  if (!mayReview()) return;
  const panel = openPanel();
  if (panel?.id === "more-none") {
    const choice = panel.querySelector(`[data-digit="${number}"]`);
    if (choice) choice.checked = true;
    return choice ? none() : undefined;
  }
  if (panel) {
    const button = panel.querySelectorAll("[name=days]")[number - 1];
    return button ? hold(button) : undefined;
  }
  const box = boxes().find((other) => other.dataset.digit === String(number));
  if (!box) return toast(`没有候选 ${number}。`);
  if (box.disabled) return toast("一项需求最多采纳三条，不能再选了。");
  if (!ticksOnly && settings.digitAccepts && !ticked().length) return accept([box]);
  box.checked = !box.checked;
  showTicks();
  say(ticked().length ? `已选 ${digits(ticked())}` : "没有选");
}

function enter() {
  if (!mayReview()) return;
  if (openPanel()?.id === "more-none") none();
  else if (!openPanel()) accept(ticked());
}

function toggle(id) {
  const panel = byId(id);
  if (!panel || !mayReview()) return;
  panel.open = !panel.open;
  if (panel.open) panel.querySelector("input:checked, button").focus({ preventScroll: true });
}

function closePanel() {
  const panel = openPanel();
  if (panel) panel.open = false;
  byId("queue").open = false;
  byId("need-h")?.focus({ preventScroll: true });
}

function move(by) {
  const all = rows();
  const row = all[all.findIndex((other) => other.dataset.id === demands.opened) + by];
  if (!row) return toast(by > 0 ? "已经是最后一个需求。" : "已经是第一个需求。");
  go(row.dataset.id);
  say(row.dataset.title);
}

function undo() {
  const step = done.pop();
  if (!step) return toast("没有可以撤销的操作；逐条审核的请到“逐条”页撤销。");
  if (!rowOf(step.demand)) {
    const href = `${settings.urls.needs}${step.demand}/`; // decided before this page was opened
    const row = element("li", {}, element("a", { href, textContent: step.label }));
    Object.assign(row.dataset, { id: step.demand, title: step.label });
    byId("rows").prepend(row);
  }
  count(step, -1);
  if (outbox.cancel(step.key)) {
    go(step.demand);
    toast(`已撤销：${step.label}`);
    return say(`已撤销：${step.label}`);
  }
  outbox.add({ address: "undo", body: { batch: step.batch }, label: step.label, what: "撤销", step });
  demands.show(step.demand, { isLater: true }); // as the server has it, once it has undone the step
  say(`正在撤销：${step.label}`);
}

// --- What the server answers ---------------------------------------------------------------------------------
outbox.onanswer = (entry, { status, data }) => {
  const { step } = entry;
  if (!step?.demand) return;
  demands.forget(step.demand);
  if (status !== 200) {
    withdrawToast(step.key);
    const reason = data.message ?? "请刷新后再试。";
    addTrouble(status === 409 ? reason : `${entry.what}“${entry.label}”没有生效：${reason}`);
  } else if (entry.address === "choose" && data.excepted.length) {
    const left = data.excepted.map(({ title, why }) => `“${title}”${why}`).join("；");
    addTrouble(`“${entry.label}”有 ${data.excepted.length} 条没有处理：${left}`);
  }
  if (entry.address === "choose") {
    if (status === 200) return;
    const place = done.findIndex(({ key }) => key === step.key);
    if (place >= 0) {
      done.splice(place, 1);
      count(step, -1); // it comes again
    }
    if (demands.opened === null) go(step.demand);
    return;
  }
  if (status === 200) {
    toast(data.message);
    say(data.message);
  } else count(step, 1);
  if (demands.opened === step.demand) go(step.demand);
};

// --- Keys, buttons, links ------------------------------------------------------------------------------------
const keys = {
  0: none,
  r: () => toggle("more-none"),
  h: () => toggle("more-hold"),
  j: () => move(1),
  k: () => move(-1),
  z: undo,
  enter,
  escape: closePanel,
};
for (let number = 1; number <= 9; number++) {
  keys[number] = () => digit(number, false);
  keys[`shift+${number}`] = () => digit(number, true);
}
for (const [key, action] of Object.entries(keys)) shortcuts[key] = () => demands.whenReady(action);
shortcuts["/"] = () => {
  byId("queue").open = true;
  byId("id_q").focus();
};
handlers.undo = () => demands.whenReady(undo);

document.addEventListener("submit", (event) => {
  if (event.target !== demands.form) return;
  event.preventDefault();
  const { submitter } = event;
  if (submitter?.name === "days") hold(submitter);
  else if (submitter?.value === "none") none();
  else accept(ticked());
});
document.addEventListener("change", (event) => {
  if (event.target.name === "ids") showTicks();
  if (event.target.name === "destination") offerBrokers(event.target);
  if (event.target.id !== "digit-accepts") return;
  settings.digitAccepts = event.target.checked;
  showTicks();
  post("keys", { digits: settings.digitAccepts }).catch(() => addTrouble("设置没有存下来，刷新后请再设一次。"));
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (button) return button.dataset.move === "undo" ? handlers.undo() : move(Number(button.dataset.move));
  const link = event.target.closest("#rows a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  demands.forgetTyped();
  go(link.parentElement.dataset.id);
});

/** Fill the select of brokers once the demand is to go to one. */
async function offerBrokers({ value, form }) {
  const select = form.elements.broker;
  select.disabled = value !== "broker";
  select.parentElement.hidden = select.disabled;
  if (select.disabled || select.options.length > 1) return;
  const [match] = form.querySelector("[name=shown]").value.split(":");
  try {
    const { choices } = await (await get(`${settings.urls.brokers}?match=${match}`)).json();
    select.append(...choices.map((choice) => new Option(choice.label, choice.value)));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    toast("网络断开，暂时查不到名单。");
  }
}

showTicks();
showCounts();
demands.prepare();
outbox.onchange();
outbox.flush();
