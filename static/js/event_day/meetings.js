// The meetings of a party or of a table: the list renews itself, steps and outcomes are kept while the network is away.
import { get } from "../outbox.js";
import { byId, clockTime, element, readJson } from "../page.js";
import { addTrouble, watchOutbox } from "../status.js";
import { openKeptPage } from "./kept_page.js";
import { poll } from "./refresh.js";
import { openDayOutbox, showResult, takeStep } from "./steps.js";

const EVERY = 20000; // milliseconds
const settings = readJson("talks-settings");
const list = byId("talks");
const kept = settings.kept ? await openKeptPage(settings.kept) : { isOffline: false, at: Date.now(), keep() {} };
if (kept.refusal) {
  byId("main").replaceChildren(element("p", { className: "wrap note", textContent: kept.refusal }));
  await new Promise(() => {}); // nothing of the kept page is shown
}
if (kept.state) list.innerHTML = kept.state.html;
// A phone's clock may be wrong, in milliseconds.
const clockError = kept.isOffline ? (kept.state?.clockError ?? 0) : serverTime() - Date.now();
const outbox = openDayOutbox(settings.outbox, settings.action, settings.by);

outbox.onanswer = (entry, { status, data }) => {
  if (status === 200) showResult(data.message ?? "已保存");
  else {
    const reason = data.message ?? (status === 404 ? "这场洽谈已不在您的范围内。" : "请刷新后再试。");
    addTrouble(`${entry.what}没有生效：${reason}`);
    showResult("没有保存，请看说明", "no");
  }
  polling.now();
};

function serverTime() {
  return Number(list.querySelector("[data-now]")?.dataset.now ?? Date.now() / 1000) * 1000;
}

/** The forms of meetings that have begun since the page was loaded: the network may be away by now. */
function openForms() {
  for (const form of list.querySelectorAll("[data-opens-at]")) {
    form.hidden = Date.now() + clockError < form.dataset.opensAt * 1000;
  }
}

const isInUse = () =>
  list.querySelector("details[open]") ||
  (list.contains(document.activeElement) && document.activeElement.matches("input, select"));

const polling = poll({
  every: EVERY,
  fetchNews: async () => (await get(`${location.pathname}?part=1`)).text(),
  show(html) {
    showAnnouncements(html);
    showOffline(false);
    kept.at = Date.now();
    kept.keep({ html, clockError });
    if (isInUse()) return;
    if (list.dataset.html !== html) {
      list.dataset.html = html;
      list.innerHTML = html;
    }
    markUnsent();
  },
  fresh: "的安排",
  stale: "恢复后自动更新",
  onstale: () => showOffline(true),
  after: openForms,
});

/** Since when the page is without a network; only on a page that is kept. */
function showOffline(isOffline) {
  const line = byId("offline");
  if (!line) return;
  line.hidden = !isOffline;
  if (!isOffline) return;
  const time = clockTime(new Date(kept.at + clockError));
  const text = `没有网络：${time} 起没有连上服务器。安排是那时的；记下的结果存在本机，恢复后自动发送。`;
  if (line.textContent !== text) line.textContent = text;
}

/** What is announced is shown also while a form is open. */
function showAnnouncements(html) {
  const part = "[data-announcements]";
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(part);
  const shown = list.querySelector(part);
  if (fresh && shown && fresh.textContent !== shown.textContent) shown.replaceWith(document.adoptNode(fresh));
}

/** Mark the meetings whose last step the server does not have yet. */
function markUnsent() {
  for (const entry of outbox.waiting) {
    const meeting = list.querySelector(`[data-meeting="${entry.body.meeting}"]`);
    if (!meeting) continue;
    for (const button of meeting.querySelectorAll(".tk-steps button")) button.disabled = true;
    for (const part of meeting.querySelectorAll(`[data-opens-with="${entry.body.kind}"]`)) part.hidden = false;
    if (meeting.querySelector(".tk-unsent")) continue;
    const textContent = `${entry.what}：已存在本机，网络恢复后自动发送`;
    meeting.querySelector("h2").after(element("p", { className: "note tk-unsent", textContent }));
  }
}

const SUM = /^[0-9]{1,3}(?:[,，]?[0-9]{3})*(?:\.[0-9]{1,2})?\s*(?:万元?)?$|^[0-9]+(?:\.[0-9]{1,2})?\s*(?:万元?)?$/;
/** Why the server would refuse this outcome, or "": the network may be away. */
function faultOf({ verdict, reason, intent_wan: sum, early_reason: early }) {
  if (!verdict) return "请选择有意向、继续谈或不合适。";
  if (verdict === "no_fit" && !reason) return "选择“不合适”时请选择原因。";
  if (early !== undefined && !early.trim()) return "洽谈还没到开始时间，请写明提前记录的原因。";
  if (verdict === "intent" && sum && !SUM.test(sum.trim())) return "意向金额请填数字，单位万元，例如 30 或 12.5。";
  return "";
}

list.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-away]")) return; // leads to another page
  event.preventDefault();
  const body = Object.fromEntries(new FormData(form));
  if (event.submitter?.name) body[event.submitter.name] = event.submitter.value;
  for (const name of ["csrfmiddlewaretoken", "key"]) delete body[name];
  if ("is_signed" in body) body.is_signed = true;
  const isOutcome = form.matches("[data-outcome]");
  if (isOutcome) {
    const line = form.querySelector(".err");
    line.textContent = faultOf(body);
    line.hidden = !line.textContent;
    if (line.textContent) return;
  }
  const meeting = form.closest("[data-meeting]");
  const time = meeting.querySelector("h2 time")?.textContent ?? "";
  const word = isOutcome ? "洽谈结果" : (event.submitter?.textContent.trim() ?? "");
  form.closest("details")?.removeAttribute("open");
  document.activeElement?.blur();
  takeStep(outbox, body, `${time} ${word}`);
  markUnsent();
});

watchOutbox(outbox);
if (!kept.isOffline) kept.keep({ html: list.innerHTML, clockError });
else {
  byId("fresh").textContent = `${clockTime(new Date(kept.at + clockError))} 的安排`;
  showOffline(true);
  polling.now();
}
openForms();
markUnsent();
outbox.flush();
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && polling.now());
