// The list at the left: a window of it, more as one goes on, the place kept.
"use strict";

(() => {
  const { Triage } = window, { settings } = Triage, at = (id) => document.getElementById(id);
  const FEW = 25; // rows still ahead when the next window is asked for
  const list = at("rows");
  let isComplete = false, isLoading = false;

  const ROW = (id) => list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  const BADGES = {
    accepted: ["b-ok", "已采纳"], rejected: ["b-no", "已退回"], duplicate: ["b-hold", "重复"],
    held: ["b-hold", "暂缓"], asked: ["b-hold", "等答复"], given: ["b-go", "已交出"], due: ["", ""],
  };

  const queue = (Triage.queue = {
    onselect(_id) {},
    onpick() {},
    row: ROW,
    get rows() {
      return [...list.children];
    },
    get current() {
      return list.querySelector("a[aria-current]")?.parentElement ?? null;
    },
    get picked() {
      return [...list.querySelectorAll(".q-pick :checked")].map((box) => box.closest(".q").dataset.id);
    },

    /** Make a row the current one, and keep it in sight. */
    select(id) {
      queue.current?.querySelector("a").removeAttribute("aria-current");
      const row = ROW(id);
      row?.querySelector("a").setAttribute("aria-current", "true");
      row?.scrollIntoView({ block: "nearest" });
      queue.more();
    },

    /** The row `by` places further, or null. */
    step(by) {
      const rows = queue.rows, place = rows.indexOf(queue.current);
      return rows[place + by] ?? null;
    },

    /** The rows that wait, from the current one on and then from the top; those that colleagues have come last. */
    ahead() {
      const rows = queue.rows, place = rows.indexOf(queue.current);
      const order = [...rows.slice(place + 1), ...rows.slice(0, Math.max(place, 0))];
      const due = order.filter((row) => row.dataset.state === "due");
      return [...due.filter((row) => !row.dataset.looker), ...due.filter((row) => row.dataset.looker)];
    },

    /** Show at once what a step makes of a row; the server's own line replaces it. */
    mark(id, state) {
      const row = ROW(id);
      if (!row) return;
      row.dataset.state = state;
      const [style, word] = BADGES[state];
      const place = row.querySelector(".st");
      place.replaceChildren();
      if (word) place.append(Object.assign(document.createElement("span"), { className: `badge ${style}`, textContent: word }));
    },

    /** Put the server's line in place of ours. One that is not in the list is put before the current one if `wanted`. */
    replace({ id, html }, wanted = false) {
      const fresh = document.createRange().createContextualFragment(html).querySelector("li"), old = ROW(id);
      if (!old && !wanted) return null;
      if (old) {
        const wasCurrent = old === queue.current, wasPicked = old.querySelector(".q-pick :checked");
        old.replaceWith(fresh);
        if (wasCurrent) fresh.querySelector("a").setAttribute("aria-current", "true");
        if (wasPicked && fresh.dataset.state === "due") fresh.querySelector(".q-pick input").checked = true;
      } else if (queue.current) queue.current.before(fresh);
      else list.prepend(fresh);
      return fresh;
    },

    /** What colleagues have open or in hand: [{match, who, is_open}]. */
    looking(found) {
      const by = new Map(found.map((one) => [one.match, one]));
      for (const row of queue.rows) {
        const one = by.get(row.dataset.id), text = one ? `${one.who}${one.is_open ? "正在看" : "接着看"}` : "";
        if ((row.dataset.looker ?? "") === text) continue;
        if (text) row.dataset.looker = text;
        else delete row.dataset.looker;
        row.querySelector(".look").textContent = text;
        row.querySelector(".look").hidden = !text;
      }
      queue.more();
    },

    /** Load the next window when few rows are left ahead that no colleague has. */
    async more() {
      const last = queue.rows.at(-1), free = queue.ahead().filter((row) => !row.dataset.looker).length;
      const isShort = free < FEW || queue.rows.length - queue.rows.indexOf(queue.current) < FEW;
      if (isComplete || isLoading || !last || !isShort) return;
      isLoading = true;
      try {
        const answer = await Triage.get(`${settings.urls.queue}?${asked()}&after=${last.dataset.id}`);
        const lines = document.createRange().createContextualFragment(await answer.text()).querySelectorAll("li");
        isComplete = !lines.length;
        for (const line of lines) if (!ROW(line.dataset.id)) list.append(line);
      } catch (error) {
        if (!(error instanceof Triage.Unreachable)) throw error;
      } finally {
        isLoading = false;
      }
    },
  });

  const asked = () => {
    const values = new URLSearchParams(new FormData(at("filters")));
    for (const [name, value] of [...values]) if (!value) values.delete(name);
    return values.toString();
  };

  let filtering = 0;
  async function filter() {
    const number = ++filtering, question = asked();
    let answer;
    try {
      answer = await Triage.get(`${settings.urls.queue}?${question}`);
    } catch (error) {
      if (!(error instanceof Triage.Unreachable)) throw error;
      return Triage.frame.trouble("网络断开，筛选没有生效。");
    }
    const html = await answer.text();
    if (number !== filtering) return; // a later question is on its way
    list.innerHTML = html;
    isComplete = false;
    at("found").textContent = `${answer.headers.get("X-Found")} 条`;
    at("rows-end").textContent = list.children.length ? "" : "这里没有匹配。换一个条件，或等下一批推荐。";
    history.replaceState(null, "", `?${question}`);
    queue.onpick();
    queue.onselect(queue.ahead()[0]?.dataset.id ?? list.firstElementChild?.dataset.id ?? null);
  }

  at("filters").addEventListener("submit", (event) => {
    event.preventDefault();
    filter();
  });
  at("filters").addEventListener("change", (event) => event.target.id !== "id_q" && filter());
  let typing = 0;
  at("id_q").addEventListener("input", (event) => {
    clearTimeout(typing);
    if (!event.isComposing) typing = setTimeout(filter, 350);
  });
  at("id_q").addEventListener("compositionend", () => (typing = setTimeout(filter, 350)));

  list.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab is the browser's business
    event.preventDefault();
    queue.onselect(link.parentElement.dataset.id);
  });
  list.addEventListener("change", () => queue.onpick());
  at("queue").addEventListener("scroll", () => queue.more(), { passive: true });
  at("queue-button").addEventListener("click", () => {
    const isOpen = at("queue").classList.toggle("open");
    at("queue-button").setAttribute("aria-expanded", isOpen);
    if (isOpen) queue.current?.scrollIntoView({ block: "center" });
  });
})();
