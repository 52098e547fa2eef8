// All proposals of one need: tick up to three, perhaps a reason for the rest, and on to the next need.
"use strict";

(() => {
  const { Triage } = window, { settings, outbox, frame } = Triage, at = (id) => document.getElementById(id);
  const done = settings.undoable.filter((step) => step.batch);
  let waiting = Number(at("waiting").dataset.waiting), doneToday = settings.doneToday;

  const form = () => at("choice");
  const rows = () => [...document.querySelectorAll("#rows .q")];
  const current = () => document.querySelector("#rows a[aria-current]")?.parentElement ?? null;
  const boxes = () => [...form().querySelectorAll("[name=ids]")];

  function count(by) {
    frame.count("waiting", (waiting = Math.max(0, waiting - by)));
    frame.count("done-today", (doneToday = Math.max(0, doneToday + by)));
  }

  /** What is ticked: no more than three with those accepted before. */
  function tick() {
    if (!at("chosen")) return;
    const { most, accepted } = form().dataset, left = Number(most) - Number(accepted);
    const ticked = boxes().filter((box) => box.checked);
    for (const box of boxes()) box.disabled = !box.checked && ticked.length >= left;
    at("chosen").textContent = ticked.length;
    at("choose").disabled = !ticked.length && !form().elements.reason.value;
  }

  async function show(row) {
    if (!row) return frame.toast("没有更多需求了。");
    const link = row.querySelector("a");
    try {
      const address = new URL(link.href);
      address.searchParams.set("part", "1");
      at("need").innerHTML = await (await Triage.get(address)).text();
    } catch (error) {
      if (!(error instanceof Triage.Unreachable)) throw error;
      return frame.toast("网络断开，暂时打不开这项需求。");
    }
    current()?.querySelector("a").removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    history.replaceState(null, "", link.href);
    at("main").scrollTop = 0;
    at("queue").classList.remove("open");
    tick();
    frame.say(`${form().dataset.title}，${boxes().length} 条推荐`);
  }

  function move(by) {
    const all = rows();
    show(all[all.indexOf(current()) + by]);
  }

  function choose() {
    const ids = boxes().filter((box) => box.checked).map((box) => box.value), reason = form().elements.reason.value;
    if (!ids.length && !reason) return frame.toast("请先选要采纳的成果，或选其余退回的原因。");
    const { id, title } = form().dataset, number = reason ? boxes().length : ids.length;
    const rest = reason ? boxes().filter((box) => !box.checked).map((box) => box.value) : []; // what was seen and not chosen
    const body = { key: Triage.newKey(), demand: id, ids, rest, reason };
    done.push({ batch: body.key, key: body.key, label: title, demand: id, number });
    count(number);
    outbox.add({ door: "choose", body, label: title, what: `采纳 ${ids.length} 条`, number });
    const others = reason ? `，其余 ${rest.length} 条退回` : "";
    frame.toast(`已采纳 ${ids.length} 条${others}：${title}`, true);
    const row = current(), all = rows(), next = all[all.indexOf(row) + 1] ?? all[all.indexOf(row) - 1];
    if (reason || ids.length === boxes().length) row?.classList.add("tn-done");
    if (next) show(next);
  }

  function undo() {
    const step = done.pop();
    if (!step) return frame.toast("没有可以撤销的操作；逐条审核的请到“逐条”页撤销。");
    if (!outbox.cancel(step.key)) outbox.add({ door: "undo", body: { batch: step.batch }, label: step.label, what: "撤销", step });
    else frame.toast(`已撤销：${step.label}`);
    count(-(step.number ?? 0));
    const row = rows().find((one) => one.dataset.id === step.demand);
    row?.classList.remove("tn-done");
  }

  outbox.onanswer = (entry, { status, data }) => {
    if (status !== 200) {
      frame.trouble(`${entry.what}“${entry.label}”没有生效：${data.told ?? "请刷新后再试。"}`);
      count(-(entry.number ?? 0));
      const place = done.findIndex((step) => step.key === entry.body.key);
      if (place >= 0) done.splice(place, 1);
    } else if (entry.door === "choose" && data.excepted.length) {
      frame.trouble(`“${entry.label}”有 ${data.excepted.length} 条没有处理：${data.excepted.map((one) => one.why).join("；")}`);
      count(-data.excepted.length);
    }
    if (entry.door === "undo") {
      frame.toast(data.told);
      frame.say(data.told);
      const row = rows().find((one) => one.dataset.id === entry.step?.demand);
      if (row) show(row);
    }
  };

  frame.onundo = undo;
  Object.assign(frame.keys, { j: () => move(1), k: () => move(-1), z: undo, enter: choose, a: choose, "/": () => at("id_q").focus() });
  for (let digit = 1; digit <= 9; digit++) {
    frame.keys[digit] = () => {
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
    const button = event.target.closest("[data-move]"), link = event.target.closest("#rows a");
    if (button) button.dataset.move === "undo" ? undo() : move(Number(button.dataset.move));
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.parentElement);
  });
  at("queue-button").addEventListener("click", () => {
    at("queue-button").setAttribute("aria-expanded", at("queue").classList.toggle("open"));
  });
  current()?.scrollIntoView({ block: "nearest" });
  if (form()) tick();
  outbox.onchange();
  outbox.flush();
})();
