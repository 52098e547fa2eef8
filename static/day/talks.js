// A party's own talks, and a table for whoever looks after it: renews itself, keeps what is said while the network is away.
"use strict";

(() => {
  const { Day, Outbox } = window, { at } = Day;
  const settings = JSON.parse(at("talks-settings").textContent);
  const EVERY = 20000;
  const talks = at("talks"), early = serverTime() - Date.now(); // a phone's clock may be wrong
  const outbox = Day.open(settings.outbox, settings.action, settings.by);

  outbox.onanswer = (entry, { status, data }) => {
    if (status === 200) Day.say(data.told ?? "已保存");
    else {
      Day.trouble(`${entry.what}没有生效：${data.told ?? (status === 404 ? "这场洽谈已不在您的范围内。" : "请刷新后再试。")}`);
      Day.say("没有保存，请看说明", "no");
    }
    news.now();
  };

  function serverTime() {
    return Number(talks.querySelector("[data-now]")?.dataset.now ?? Date.now() / 1000) * 1000;
  }

  /** The forms of talks that have begun since: they came with the page, for the network may be gone by now. */
  function openForms() {
    for (const form of talks.querySelectorAll("[data-opens-at]")) form.hidden = Date.now() + early < form.dataset.opensAt * 1000;
  }

  const inUse = () => talks.querySelector("details[open]") || talks.contains(document.activeElement) && document.activeElement.matches("input, select");

  const news = Day.news({
    every: EVERY,
    ask: async () => (await Outbox.get(`${location.pathname}?part=1`)).text(),
    show: (html) => {
      if (inUse()) return;
      if (talks.dataset.html !== html) talks.innerHTML = talks.dataset.html = html;
      mark();
    },
    said: "的安排",
    away: "恢复后自动更新",
    after: openForms,
  });

  /** What was said and is not yet there for the server. */
  function mark() {
    for (const entry of outbox.waiting) {
      const talk = talks.querySelector(`[data-meeting="${entry.body.meeting}"]`);
      if (!talk || talk.querySelector(".tk-unsent")) continue;
      const said = `${entry.what}：已存在本机，网络恢复后自动发送`;
      talk.querySelector("h2").after(Object.assign(document.createElement("p"), { className: "note tk-unsent", textContent: said }));
    }
  }

  const SUM = /^[0-9]{1,3}(?:[,，]?[0-9]{3})*(?:\.[0-9]{1,2})?\s*(?:万元?)?$|^[0-9]+(?:\.[0-9]{1,2})?\s*(?:万元?)?$/;
  /** What the server would refuse is said at once: the network may be away. */
  function fault(body) {
    if (!body.verdict) return "请选择有意向、继续谈或不合适。";
    if (body.verdict === "no_fit" && !body.reason) return "选择“不合适”时请选择原因。";
    if (body.verdict === "intent" && body.intent_wan && !SUM.test(body.intent_wan.trim())) return "意向金额请填数字，单位万元，例如 30 或 12.5。";
    return "";
  }

  talks.addEventListener("submit", (event) => {
    if (event.target.matches("[data-away]")) return; // leads to another page
    event.preventDefault();
    const form = event.target, body = Object.fromEntries(new FormData(form));
    if (event.submitter?.name) body[event.submitter.name] = event.submitter.value;
    for (const name of ["csrfmiddlewaretoken", "key"]) delete body[name];
    if ("is_signed" in body) body.is_signed = true;
    if (form.matches("[data-outcome]")) {
      const line = form.querySelector(".err"), said = fault(body);
      line.hidden = !said;
      line.textContent = said;
      if (said) return;
    }
    const head = form.closest("[data-meeting]"), who = head.querySelector("h2 time")?.textContent ?? "";
    const word = event.submitter?.textContent.trim() ?? "";
    form.closest("details")?.removeAttribute("open");
    document.activeElement?.blur();
    for (const button of head.querySelectorAll(".tk-steps button")) button.disabled = true;
    for (const more of head.querySelectorAll(`[data-opens-with="${body.kind}"]`)) more.hidden = false;
    Day.take(outbox, body, form.matches("[data-outcome]") ? `${who} 洽谈结果` : `${who} ${word}`);
    mark();
  });

  openForms();
  mark();
  outbox.flush();
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && news.now());
})();
