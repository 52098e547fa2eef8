// Review match by match: what each key and button does, and how the page follows the server's answers.
import { newKey } from "../outbox.js";
import { byId } from "../page.js";
import { addTrouble } from "../status.js";
import { ask, askAnswers } from "./dialogs.js";
import { handlers, say, showCount, toast, withdrawToast } from "./feedback.js";
import { outbox, post, settings } from "./outbox.js";
import { pairs } from "./pairs.js";
import { queue } from "./queue.js";
import { forgetTyped, held, shortcuts, useTyped } from "./shortcuts.js";

// kind: [the word on screen, the state of the row afterwards, whether it is a verdict]
const KINDS = {
  accept: ["已采纳", "accepted", true],
  reject: ["已退回", "rejected", true],
  duplicate: ["已标为重复", "duplicate", true],
  broker: ["已采纳并委托经纪人", "accepted", true],
  hold: ["已暂缓", "held"],
  ask: ["已提问", "asked"],
  give: ["已交给同事", "given"],
  take: ["已接手", "due"],
  appeal: ["已请市里复议"],
  uphold: ["已维持"],
  reopen: ["已回到待审", "due"],
};
const OPEN_STATES = new Set(["due", "held", "asked"]);
const NEEDS_OPEN = new Set(["accept", "reject", "duplicate", "broker", "hold", "ask", "give"]);
const known = new Map(); // {match: its revision after our own latest step}
const done = settings.undoable.map((step) => ({ ...step })); // steps that can be undone, the latest last
let waiting = Number(byId("waiting").dataset.waiting);
let doneToday = settings.doneToday;
let changes = 0;

function count(byWaiting, byDone = 0) {
  changes++;
  waiting = Math.max(0, waiting + byWaiting);
  doneToday = Math.max(0, doneToday + byDone);
  showCount("waiting", waiting);
  if (byId("id_view").value === "mine")
    byId("found").textContent = `${Math.max(0, Number.parseInt(byId("found").textContent, 10) + byWaiting)} 条`;
  showCount("done-today", doneToday);
}

function go(id) {
  if (id !== null) queue.select(id);
  pairs.show(id);
  byId("queue").classList.remove("open");
  byId("queue-button").setAttribute("aria-expanded", "false");
}

const titleOf = (id) => queue.row(id)?.dataset.title ?? "";
function goOn(text) {
  const next = queue.ahead()[0] ?? null;
  go(next?.dataset.id ?? null);
  say(next ? `${text}。下一条：${next.dataset.title}，匹配度 ${next.dataset.score}` : `${text}。没有等您审核的匹配了`);
}

// Whoever is quicker than the list saw "nothing left" while the next window was on its way.
queue.onmore = () => {
  const next = pairs.opened === null ? queue.ahead()[0] : null;
  if (!next) return;
  go(next.dataset.id);
  say(`下一条：${next.dataset.title}，匹配度 ${next.dataset.score}`);
};

/** Take a step on the open pair: shown at once, kept, sent. */
function take(kind, answers = {}) {
  const id = pairs.opened;
  const article = pairs.article;
  const row = queue.row(id);
  const [word, state, isVerdict] = KINDS[kind];
  const body = {
    key: newKey(),
    id,
    revision: Number(article.dataset.revision),
    kind,
    open_ms: pairs.openMs,
    ...answers,
  };
  const title = titleOf(id) || article.querySelector("h2").textContent;
  const before = row?.outerHTML;
  const leaves = row?.dataset.state === "due" && state !== undefined && state !== "due" ? 1 : 0;
  done.push({ key: body.key, id, label: title, before, leaves, isVerdict });
  if (state) queue.mark(id, state);
  count(-leaves, isVerdict ? 1 : 0);
  toast(`${word}：${title}`, true, body.key);
  outbox.add({ address: "decide", body, label: title, what: word, leaves, isVerdict });
  if (NEEDS_OPEN.has(kind)) goOn(`${word}：${title}`);
  else say(`${word}：${title}`);
}

function act(kind) {
  if (kind === "next" || kind === "previous") return move(kind === "next" ? 1 : -1);
  if (kind === "undo") return undo();
  const article = pairs.article;
  if (!settings.mayReview || pairs.opened === null) return;
  if (!article) return toast(pairs.isLoading ? "这一条还在载入，请稍候。" : "这一条还没有载入，网络恢复后再审。");
  const state = queue.row(pairs.opened)?.dataset.state ?? "due";
  if (NEEDS_OPEN.has(kind) && !OPEN_STATES.has(state)) {
    return toast(state === "given" ? "这一条已交给同事，请先接手。" : "这一条已经审核过。");
  }
  if (kind === "take" && state !== "given") return;
  if (kind === "accept" || kind === "take") return take(kind);
  const id = pairs.opened; // the same pair may have been fetched anew while the dialog was open
  askAnswers(kind, article, (answers) => pairs.opened === id && pairs.article && take(kind, answers));
}

function move(by) {
  const row = queue.step(by);
  if (!row) return toast(by > 0 ? "已经是最后一条。" : "已经是第一条。");
  go(row.dataset.id);
  say(`${row.dataset.title}，匹配度 ${row.dataset.score}`);
}

function undo() {
  const step = done.pop();
  if (!step) return toast("没有可以撤销的操作。");
  if (step.before) queue.replace({ id: step.id, html: step.before });
  count(step.leaves ?? 0, step.isVerdict ? -1 : 0);
  if (!outbox.cancel(step.key)) {
    const body = step.batch ? { batch: step.batch } : { key: step.key };
    outbox.add({ address: "undo", body, label: step.label, what: "撤销", step });
  }
  toast(`已撤销：${step.label}`);
  say(`已撤销：${step.label}`);
  if (!step.batch) {
    pairs.forget(step.id);
    if (queue.row(step.id)) go(step.id);
  }
}

/** Our own steps that were sent after the pair was fetched are not a colleague's change. */
outbox.onsend = (entry) => {
  const { id, revision } = entry.body;
  if (known.has(id)) entry.body.revision = Math.max(revision, known.get(id));
};

// --- What the server answers ---------------------------------------------------------------------------------
outbox.onanswer = (entry, { status, data }) => {
  if (status !== 200) refused(entry, status, data);
  let added = 0; // rows that wait now and did not before, less those that no longer wait
  for (const row of [data.row, ...(data.rows ?? [])].filter(Boolean)) {
    const wasDue = queue.row(row.id)?.dataset.state === "due";
    const isDue = row.html.includes('data-state="due"');
    added += Number(isDue) - Number(queue.row(row.id) ? wasDue : !isDue);
    if (status === 200) known.set(row.id, row.revision);
    queue.replace(row, entry.address === "undo" && !entry.step?.batch);
    pairs.forget(row.id);
    if (row.id === pairs.opened) pairs.refresh();
  }
  if (entry.address === "bulk" || entry.step?.batch)
    count(added, (entry.address === "bulk" ? 1 : -1) * (data.count ?? 0));
  if (status === 200) accepted(entry, data);
  pairs.prepare();
};

function accepted(entry, data) {
  if (entry.address === "undo" && entry.step && !entry.step.batch && !entry.step.before && data.row) {
    go(data.row.id); // taken before this page was loaded: only now is its row here
    if (queue.row(data.row.id)?.dataset.state === "due") count(1);
  }
  if (entry.address === "bulk") {
    done.push({ key: entry.body.key, batch: entry.body.key, label: `批量操作 ${data.count} 条`, leaves: 0 });
    const passed = data.excepted.length ? `，${data.excepted.length} 条没有处理` : "";
    toast(`${entry.what} ${data.count} 条${passed}`, data.count > 0);
    say(`${entry.what} ${data.count} 条${passed}`);
    if (queue.row(pairs.opened)?.dataset.state !== "due") goOn(`${entry.what} ${data.count} 条`);
  }
}

function refused(entry, status, data) {
  const reason = data.message ?? (status === 404 ? "它已不在您的范围内。" : "服务器没有接受这一步，请刷新后再试。");
  withdrawToast(entry.body.key);
  // The sentence about a conflict says what the colleague did, and that this step was not taken.
  addTrouble(
    status === 409 && entry.address === "decide" ? reason : `${entry.what}“${entry.label}”没有生效：${reason}`,
  );
  const place = done.findIndex((step) => step.key === entry.body.key);
  const isDueAgain = data.row && /data-state="due"/.test(data.row.html);
  if (place >= 0) {
    done.splice(place, 1);
    if (entry.address === "decide") count(entry.leaves && isDueAgain ? 1 : 0, entry.isVerdict ? -1 : 0);
  }
  if (entry.address === "undo" && entry.step && !entry.step.batch)
    count(isDueAgain ? 0 : -(entry.step.leaves ?? 0), entry.step.isVerdict ? 1 : 0);
}

pairs.onask = () => changes;
pairs.onanswer = (data, changesBefore) => {
  const unsent = new Set(outbox.waiting.map((entry) => entry.body.id));
  for (const row of data.rows) {
    if (unsent.has(row.id) || queue.row(row.id)?.dataset.state !== "due") continue; // changed by our own step
    queue.replace(row); // changed by a colleague
    pairs.forget(row.id);
  }
  // A number counted before the latest step would be wrong by that step.
  if ("waiting" in data && !outbox.waiting.length && changes === changesBefore) {
    waiting = data.waiting;
    showCount("waiting", waiting);
  }
  showLooker();
};
pairs.onshow = () => {
  const state = queue.row(pairs.opened)?.dataset.state ?? "due";
  for (const button of document.querySelectorAll(".tr-act [data-act]")) {
    button.disabled = NEEDS_OPEN.has(button.dataset.act) && (!pairs.article || !OPEN_STATES.has(state));
  }
  showLooker();
  useTyped();
};
held.isLoading = () => pairs.isLoading;
held.keys = new Set("arhdqbgt"); // nothing is decided that is not on the screen
pairs.onlost = () => {
  const lost = forgetTyped();
  if (lost) toast(`网络断开：刚才按的 ${lost} 个键没有用上，请在这一条显示后再按。`);
};

function showLooker() {
  const text = queue.row(pairs.opened)?.dataset.looker ?? "";
  const article = pairs.article;
  const note = article?.querySelector(".tp-look");
  if (!article || !text.endsWith("正在看")) return note?.remove();
  if (note) note.textContent = `${text}这一条。`;
  else
    article
      .querySelector("h2")
      .after(Object.assign(document.createElement("p"), { className: "note tp-look", textContent: `${text}这一条。` }));
}

// --- Many at once --------------------------------------------------------------------------------------------
queue.onpick = () => {
  const number = queue.picked.length;
  if (!byId("bulk-bar")) return;
  byId("bulk-bar").hidden = !number;
  byId("bulk-n").textContent = number ? `已选 ${number} 条` : "";
};

async function bulk(kind) {
  if (kind === "all" || kind === "none") {
    for (const row of queue.rows) {
      const box = row.querySelector(".q-pick input");
      if (box) box.checked = kind === "all" && row.dataset.state === "due";
    }
    return queue.onpick();
  }
  const ids = queue.picked;
  const isReject = kind === "reject";
  const verb = isReject ? "退回" : "采纳";
  let answer;
  try {
    answer = await post("preview", { ids });
  } catch {
    return toast("网络断开，批量操作请等恢复后再做。");
  }
  if (answer.status !== 200) return toast(answer.data.message ?? "批量操作没有成功，请刷新后再试。");
  const { count: ready, excepted } = answer.data;
  const dialog = byId("d-bulk");
  dialog.querySelector("h2").textContent = `批量${verb}`;
  byId("bulk-ready").textContent =
    `将${verb} ${ready} 条${excepted.length ? `，另有 ${excepted.length} 条不会处理` : ""}。`;
  byId("bulk-except").hidden = !excepted.length;
  byId("bulk-except").querySelector("summary").textContent = `不会处理的 ${excepted.length} 条`;
  byId("bulk-except")
    .querySelector("ul")
    .replaceChildren(
      ...excepted.map(({ title, why }) =>
        Object.assign(document.createElement("li"), { textContent: `${title}：${why}` }),
      ),
    );
  byId("bulk-reason").hidden = byId("bulk-reason").disabled = !isReject;
  byId("bulk-keys").hidden = !isReject;
  const button = dialog.querySelector("[value=ok]");
  button.textContent = `${verb} ${ready} 条`;
  button.disabled = !ready;
  ask("bulk", ({ reason, note }) => {
    const body = { key: newKey(), ids, kind, reason: isReject ? reason : "", note };
    outbox.add({ address: "bulk", body, label: `${ready} 条`, what: `已批量${verb}` });
    bulk("none");
  });
}

// --- Wiring --------------------------------------------------------------------------------------------------
queue.onselect = (id) => {
  forgetTyped(); // a click to another match is not what was typed before it
  go(id);
};
handlers.undo = undo;
Object.assign(shortcuts, {
  a: () => act("accept"),
  r: () => act("reject"),
  h: () => act("hold"),
  d: () => act("duplicate"),
  q: () => act("ask"),
  b: () => act("broker"),
  g: () => act("give"),
  t: () => act("take"),
  z: undo,
  j: () => move(1),
  k: () => move(-1),
  "/": () => {
    byId("queue").classList.add("open");
    byId("id_q").focus();
  },
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act], [data-bulk], [data-go]");
  if (!button) return;
  if (button.dataset.bulk) return bulk(button.dataset.bulk);
  if (button.dataset.go) {
    if (!queue.row(button.dataset.go)) return; // not in this list: the link opens it
    event.preventDefault();
    forgetTyped();
    return go(button.dataset.go);
  }
  if (byId("more").matches(":popover-open")) byId("more").hidePopover();
  act(button.dataset.act);
});

// Steps taken before the page was closed or reloaded, which the server does not have yet.
for (const entry of outbox.waiting) {
  if (entry.address !== "decide") continue;
  const [, state] = KINDS[entry.body.kind];
  const row = queue.row(entry.body.id);
  // A step that was tried may have reached the server, which then leaves its row out.
  if (row ? row.dataset.state === "due" : !entry.isTried) count(-(entry.leaves ?? 0), entry.isVerdict ? 1 : 0);
  if (state) queue.mark(entry.body.id, state);
  if (!done.some((step) => step.key === entry.body.key)) {
    done.push({
      key: entry.body.key,
      id: entry.body.id,
      label: entry.label,
      leaves: entry.leaves,
      isVerdict: entry.isVerdict,
    });
  }
}
if (pairs.opened) queue.select(pairs.opened);
if (pairs.opened && queue.current?.dataset.state !== "due" && outbox.waiting.length) goOn("");
else pairs.onshow(pairs.opened);
pairs.prepare();
outbox.onchange();
outbox.flush();
