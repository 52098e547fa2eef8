// One pair after the other: what each key and button does, and what the page makes of the server's answers.
"use strict";

(() => {
  const { Triage } = window, { settings, outbox, frame, queue, pairs, dialogs } = Triage, at = (id) => document.getElementById(id);
  // kind: [the word for what was done, what it makes of the row, whether it is a verdict]
  const KINDS = {
    accept: ["已采纳", "accepted", true], reject: ["已退回", "rejected", true], duplicate: ["已标为重复", "duplicate", true],
    broker: ["已采纳并委托经纪人", "accepted", true], hold: ["已暂缓", "held"], ask: ["已提问", "asked"], give: ["已交给同事", "given"],
    take: ["已接手", "due"], appeal: ["已请市里复议"], uphold: ["已维持"], reopen: ["已回到待审", "due"],
  };
  const OPEN_STATES = new Set(["due", "held", "asked"]);
  const NEEDS_OPEN = new Set(["accept", "reject", "duplicate", "broker", "hold", "ask", "give"]);
  const known = new Map(); // {match: the revision that our own latest step has left it in}
  const done = settings.undoable.map((step) => ({ ...step })); // steps that can be taken back, the latest last
  let waiting = Number(at("waiting").dataset.waiting), doneToday = settings.doneToday, changes = 0;

  function count(byWaiting, byDone = 0) {
    changes++;
    waiting = Math.max(0, waiting + byWaiting);
    doneToday = Math.max(0, doneToday + byDone);
    frame.count("waiting", waiting);
    if (at("id_view").value === "mine") at("found").textContent = `${Math.max(0, parseInt(at("found").textContent) + byWaiting)} 条`;
    frame.count("done-today", doneToday);
  }

  function go(id) {
    if (id !== null) queue.select(id);
    pairs.show(id);
    at("queue").classList.remove("open");
    at("queue-button").setAttribute("aria-expanded", "false");
  }

  const titleOf = (id) => queue.row(id)?.dataset.title ?? "";
  function goOn(told) {
    const next = queue.ahead()[0] ?? null;
    go(next?.dataset.id ?? null);
    frame.say(next ? `${told}。下一条：${next.dataset.title}，匹配度 ${next.dataset.score}` : `${told}。没有等您审核的匹配了`);
  }

  /** Take a step about the open pair: shown at once, kept, sent. */
  function take(kind, answers = {}) {
    const id = pairs.opened, article = pairs.article, row = queue.row(id), [word, state, isVerdict] = KINDS[kind];
    const body = { key: Triage.newKey(), id, revision: Number(article.dataset.revision), kind, open_ms: pairs.openMs, ...answers };
    const title = titleOf(id) || article.querySelector("h2").textContent, before = row?.outerHTML;
    const leaves = row?.dataset.state === "due" && state !== undefined && state !== "due" ? 1 : 0;
    done.push({ key: body.key, id, label: title, before, leaves, isVerdict });
    if (state) queue.mark(id, state);
    count(-leaves, isVerdict ? 1 : 0);
    frame.toast(`${word}：${title}`, true);
    outbox.add({ door: "decide", body, label: title, what: word, leaves, isVerdict });
    if (NEEDS_OPEN.has(kind)) goOn(`${word}：${title}`);
    else frame.say(`${word}：${title}`);
  }

  function act(kind) {
    if (kind === "next" || kind === "previous") return move(kind === "next" ? 1 : -1);
    if (kind === "undo") return undo();
    const article = pairs.article;
    if (!settings.mayReview || pairs.opened === null) return;
    if (!article) return frame.toast("这一条还在载入，请稍候。"); // nothing is decided unseen
    const state = queue.row(pairs.opened)?.dataset.state ?? "due";
    if (NEEDS_OPEN.has(kind) && !OPEN_STATES.has(state)) {
      return frame.toast(state === "given" ? "这一条已交给同事，请先接手。" : "这一条已经审核过。");
    }
    if (kind === "take" && state !== "given") return;
    if (kind === "accept" || kind === "take") return take(kind);
    const id = pairs.opened; // the same pair may have been fetched anew while the dialog was open
    dialogs.answers(kind, article, (answers) => pairs.opened === id && pairs.article && take(kind, answers));
  }

  function move(by) {
    const row = queue.step(by);
    if (!row) return frame.toast(by > 0 ? "已经是最后一条。" : "已经是第一条。");
    go(row.dataset.id);
    frame.say(`${row.dataset.title}，匹配度 ${row.dataset.score}`);
  }

  function undo() {
    const step = done.pop();
    if (!step) return frame.toast("没有可以撤销的操作。");
    if (step.before) queue.replace({ id: step.id, html: step.before });
    count(step.leaves ?? 0, step.isVerdict ? -1 : 0);
    if (!outbox.cancel(step.key)) {
      const body = step.batch ? { batch: step.batch } : { key: step.key };
      outbox.add({ door: "undo", body, label: step.label, what: "撤销", step });
    }
    frame.toast(`已撤销：${step.label}`);
    frame.say(`已撤销：${step.label}`);
    if (!step.batch) {
      pairs.forget(step.id);
      if (queue.row(step.id)) go(step.id);
    }
  }

  /** Steps of our own that went out since the pair was fetched are no colleague's change. */
  outbox.onsend = (entry) => {
    const { id, revision } = entry.body;
    if (known.has(id)) entry.body.revision = Math.max(revision, known.get(id));
  };

  // --- What the server answers ---------------------------------------------------------------------------------
  outbox.onanswer = (entry, { status, data }) => {
    if (status !== 200) refused(entry, status, data);
    let came = 0; // rows that wait now and did not, less those that did and do not
    for (const row of [data.row, ...(data.rows ?? [])].filter(Boolean)) {
      const wasDue = queue.row(row.id)?.dataset.state === "due", isDue = row.html.includes('data-state="due"');
      came += Number(isDue) - Number(queue.row(row.id) ? wasDue : !isDue);
      if (status === 200) known.set(row.id, row.revision);
      queue.replace(row, entry.door === "undo" && !entry.step?.batch);
      pairs.forget(row.id);
      if (row.id === pairs.opened) pairs.refresh();
    }
    if (entry.door === "bulk" || entry.step?.batch) count(came, (entry.door === "bulk" ? 1 : -1) * (data.count ?? 0));
    if (status === 200) accepted(entry, data);
    pairs.prepare();
  };

  function accepted(entry, data) {
    if (entry.door === "undo" && entry.step && !entry.step.batch && !entry.step.before && data.row) {
      go(data.row.id); // taken before this page was loaded: only now is its row here
      if (queue.row(data.row.id)?.dataset.state === "due") count(1);
    }
    if (entry.door === "bulk") {
      done.push({ key: entry.body.key, batch: entry.body.key, label: `批量操作 ${data.count} 条`, leaves: 0 });
      const passed = data.excepted.length ? `，${data.excepted.length} 条没有处理` : "";
      frame.toast(`${entry.what} ${data.count} 条${passed}`, data.count > 0);
      frame.say(`${entry.what} ${data.count} 条${passed}`);
      if (queue.row(pairs.opened)?.dataset.state !== "due") goOn(`${entry.what} ${data.count} 条`);
    }
  }

  function refused(entry, status, data) {
    const told = data.told ?? (status === 404 ? "它已不在您的范围内。" : "服务器没有接受这一步，请刷新后再试。");
    frame.trouble(`${entry.what}“${entry.label}”没有生效：${told}`);
    const place = done.findIndex((step) => step.key === entry.body.key);
    const isDueAgain = data.row && /data-state="due"/.test(data.row.html);
    if (place >= 0) {
      done.splice(place, 1);
      if (entry.door === "decide") count(entry.leaves && isDueAgain ? 1 : 0, entry.isVerdict ? -1 : 0);
    }
    if (entry.door === "undo" && entry.step && !entry.step.batch) count(isDueAgain ? 0 : -(entry.step.leaves ?? 0), entry.step.isVerdict ? 1 : 0);
  }

  pairs.onask = () => changes;
  pairs.onanswer = (data, changesBefore) => {
    const unsent = new Set(outbox.waiting.map((entry) => entry.body.id));
    for (const row of data.rows) {
      if (unsent.has(row.id) || queue.row(row.id)?.dataset.state !== "due") continue; // our own doing
      queue.replace(row); // a colleague's
      pairs.forget(row.id);
    }
    // A number counted before the latest step would be wrong by that step.
    if ("waiting" in data && !outbox.waiting.length && changes === changesBefore) frame.count("waiting", (waiting = data.waiting));
    tellLooker();
  };
  pairs.onshow = () => {
    const state = queue.row(pairs.opened)?.dataset.state ?? "due";
    for (const button of document.querySelectorAll(".tr-act [data-act]")) {
      button.disabled = NEEDS_OPEN.has(button.dataset.act) && (!pairs.article || !OPEN_STATES.has(state));
    }
    tellLooker();
  };

  function tellLooker() {
    const text = queue.row(pairs.opened)?.dataset.looker ?? "", article = pairs.article, note = article?.querySelector(".tp-look");
    if (!article || !text.endsWith("正在看")) return note?.remove();
    if (note) note.textContent = `${text}这一条。`;
    else article.querySelector("h2").after(Object.assign(document.createElement("p"), { className: "note tp-look", textContent: `${text}这一条。` }));
  }

  // --- Many at once --------------------------------------------------------------------------------------------
  queue.onpick = () => {
    const number = queue.picked.length;
    if (!at("bulk-bar")) return;
    at("bulk-bar").hidden = !number;
    at("bulk-n").textContent = number ? `已选 ${number} 条` : "";
  };

  async function bulk(kind) {
    if (kind === "all" || kind === "none") {
      for (const row of queue.rows) {
        const box = row.querySelector(".q-pick input");
        if (box) box.checked = kind === "all" && row.dataset.state === "due";
      }
      return queue.onpick();
    }
    const ids = queue.picked, isReject = kind === "reject", verb = isReject ? "退回" : "采纳";
    let found;
    try {
      found = await Triage.post("preview", { ids });
    } catch {
      return frame.toast("网络断开，批量操作请等恢复后再做。");
    }
    if (found.status !== 200) return frame.toast(found.data.told ?? "批量操作没有成功，请刷新后再试。");
    const { count: ready, excepted } = found.data, dialog = at("d-bulk");
    dialog.querySelector("h2").textContent = `批量${verb}`;
    at("bulk-ready").textContent = `将${verb} ${ready} 条${excepted.length ? `，另有 ${excepted.length} 条不会处理` : ""}。`;
    at("bulk-except").hidden = !excepted.length;
    at("bulk-except").querySelector("summary").textContent = `不会处理的 ${excepted.length} 条`;
    at("bulk-except").querySelector("ul").replaceChildren(
      ...excepted.map(({ title, why }) => Object.assign(document.createElement("li"), { textContent: `${title}：${why}` }))
    );
    at("bulk-reason").hidden = !isReject;
    dialog.querySelector("select").required = isReject;
    const button = dialog.querySelector("[value=ok]");
    button.textContent = `${verb} ${ready} 条`;
    button.disabled = !ready;
    dialogs.ask("bulk", ({ reason, note }) => {
      const body = { key: Triage.newKey(), ids, kind, reason: isReject ? reason : "", note };
      outbox.add({ door: "bulk", body, label: `${ready} 条`, what: `已批量${verb}` });
      bulk("none");
    });
  }

  // --- Wiring --------------------------------------------------------------------------------------------------
  queue.onselect = go;
  frame.onundo = undo;
  Object.assign(frame.keys, {
    a: () => act("accept"), r: () => act("reject"), h: () => act("hold"), d: () => act("duplicate"), q: () => act("ask"),
    b: () => act("broker"), g: () => act("give"), t: () => act("take"), z: undo, j: () => move(1), k: () => move(-1),
    "/": () => {
      at("queue").classList.add("open");
      at("id_q").focus();
    },
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act], [data-bulk], [data-go]");
    if (!button) return;
    if (button.dataset.bulk) return bulk(button.dataset.bulk);
    if (button.dataset.go) {
      if (!queue.row(button.dataset.go)) return; // not in this list: the link opens it
      event.preventDefault();
      return go(button.dataset.go);
    }
    if (at("more").matches(":popover-open")) at("more").hidePopover();
    act(button.dataset.act);
  });

  // What was taken before the page was closed or reloaded is not there for the server yet.
  for (const entry of outbox.waiting) {
    if (entry.door !== "decide") continue;
    const [, state] = KINDS[entry.body.kind], row = queue.row(entry.body.id);
    // One that was tried may have been done: then the server has left its row out already.
    if (row ? row.dataset.state === "due" : !entry.isTried) count(-(entry.leaves ?? 0), entry.isVerdict ? 1 : 0);
    if (state) queue.mark(entry.body.id, state);
    if (!done.some((step) => step.key === entry.body.key)) {
      done.push({ key: entry.body.key, id: entry.body.id, label: entry.label, leaves: entry.leaves, isVerdict: entry.isVerdict });
    }
  }
  if (pairs.opened) queue.select(pairs.opened);
  if (pairs.opened && queue.current?.dataset.state !== "due" && outbox.waiting.length) goOn("");
  else pairs.onshow(pairs.opened);
  pairs.prepare();
  outbox.onchange();
  outbox.flush();
})();
