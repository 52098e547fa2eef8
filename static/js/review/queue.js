// The list at the left: a window of the queue; more is loaded as the officer goes on.
import { get, Unreachable } from "../outbox.js";
import { byId } from "../page.js";
import { addTrouble } from "../status.js";
import { settings } from "./outbox.js";

const FEW = 25; // rows still ahead when the next window is asked for
const list = byId("rows");
let isComplete = false;
let isLoading = false;

const rowOf = (id) => list.querySelector(`[data-id="${CSS.escape(id)}"]`);
const BADGES = {
  accepted: ["b-ok", "已采纳"],
  rejected: ["b-no", "已退回"],
  duplicate: ["b-hold", "重复"],
  held: ["b-hold", "暂缓"],
  asked: ["b-hold", "等答复"],
  given: ["b-go", "已交出"],
  due: ["", ""],
};

export const queue = {
  onselect(_id) {},
  onpick() {},
  /** The next window has been added to the list. */
  onmore() {},
  row: rowOf,
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
    const row = rowOf(id);
    row?.querySelector("a").setAttribute("aria-current", "true");
    row?.scrollIntoView({ block: "nearest" });
    queue.more();
  },

  /** The row `by` places further, or null. */
  step(by) {
    const rows = queue.rows;
    const place = rows.indexOf(queue.current);
    return rows[place + by] ?? null;
  },

  /** Rows that wait, from the current one on and then from the top; those that colleagues look at come last. */
  ahead() {
    const rows = queue.rows;
    const place = rows.indexOf(queue.current);
    const order = [...rows.slice(place + 1), ...rows.slice(0, Math.max(place, 0))];
    const due = order.filter((row) => row.dataset.state === "due");
    return [...due.filter((row) => !row.dataset.looker), ...due.filter((row) => row.dataset.looker)];
  },

  /** Show the state after a step at once; the server's own row replaces it later. */
  mark(id, state) {
    const row = rowOf(id);
    if (!row) return;
    row.dataset.state = state;
    const [style, word] = BADGES[state];
    const place = row.querySelector(".st");
    place.replaceChildren();
    if (word)
      place.append(Object.assign(document.createElement("span"), { className: `badge ${style}`, textContent: word }));
  },

  /** Put the server's row in place of ours. If `wanted`, a row that is not in the list is inserted before the current one. */
  replace({ id, html }, wanted = false) {
    const fresh = document.createRange().createContextualFragment(html).querySelector("li");
    const old = rowOf(id);
    if (!old && !wanted) return null;
    if (old) {
      const wasCurrent = old === queue.current;
      const wasPicked = old.querySelector(".q-pick :checked");
      old.replaceWith(fresh);
      if (wasCurrent) fresh.querySelector("a").setAttribute("aria-current", "true");
      if (wasPicked && fresh.dataset.state === "due") fresh.querySelector(".q-pick input").checked = true;
    } else if (queue.current) queue.current.before(fresh);
    else list.prepend(fresh);
    return fresh;
  },

  /** Show which rows colleagues look at: [{match, who, is_open}]. */
  looking(colleagues) {
    const byMatch = new Map(colleagues.map((colleague) => [colleague.match, colleague]));
    for (const row of queue.rows) {
      const colleague = byMatch.get(row.dataset.id);
      const text = colleague ? `${colleague.who}${colleague.is_open ? "正在看" : "接着看"}` : "";
      if ((row.dataset.looker ?? "") === text) continue;
      if (text) row.dataset.looker = text;
      else delete row.dataset.looker;
      row.querySelector(".look").textContent = text;
      row.querySelector(".look").hidden = !text;
    }
    queue.more();
  },

  /** Load the next window when few rows are left ahead that no colleague looks at. */
  async more() {
    const last = queue.rows.at(-1);
    const free = queue.ahead().filter((row) => !row.dataset.looker).length;
    const isShort = free < FEW || queue.rows.length - queue.rows.indexOf(queue.current) < FEW;
    if (isComplete || isLoading || !last || !isShort) return;
    isLoading = true;
    try {
      const answer = await get(`${settings.urls.queue}?${filters()}&after=${last.dataset.id}`);
      const lines = document
        .createRange()
        .createContextualFragment(await answer.text())
        .querySelectorAll("li");
      isComplete = !lines.length;
      for (const line of lines) if (!rowOf(line.dataset.id)) list.append(line);
      if (lines.length) queue.onmore();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    } finally {
      isLoading = false;
    }
  },
};

const filters = () => {
  const values = new URLSearchParams(new FormData(byId("filters")));
  for (const [name, value] of [...values]) if (!value) values.delete(name);
  return values.toString();
};

let latest = 0;
async function filter() {
  const request = ++latest;
  const query = filters();
  let answer;
  try {
    answer = await get(`${settings.urls.queue}?${query}`);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return addTrouble("网络断开，筛选没有生效。");
  }
  const html = await answer.text();
  if (request !== latest) return; // a later request is on its way
  list.innerHTML = html;
  isComplete = false;
  byId("found").textContent = `${answer.headers.get("X-Found")} 条`;
  byId("rows-end").textContent = list.children.length ? "" : "这里没有匹配。换一个条件，或等下一批推荐。";
  history.replaceState(null, "", `?${query}`);
  queue.onpick();
  queue.onselect(queue.ahead()[0]?.dataset.id ?? list.firstElementChild?.dataset.id ?? null);
}

byId("filters").addEventListener("submit", (event) => {
  event.preventDefault();
  filter();
});
byId("filters").addEventListener("change", (event) => event.target.id !== "id_q" && filter());
let typing = 0;
byId("id_q").addEventListener("input", (event) => {
  clearTimeout(typing);
  if (!event.isComposing) typing = setTimeout(filter, 350);
});
byId("id_q").addEventListener("compositionend", () => {
  typing = setTimeout(filter, 350);
});

list.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab is the browser's business
  event.preventDefault();
  queue.onselect(link.parentElement.dataset.id);
});
list.addEventListener("change", () => queue.onpick());
byId("queue").addEventListener("scroll", () => queue.more(), { passive: true });
byId("queue-button").addEventListener("click", () => {
  const isOpen = byId("queue").classList.toggle("open");
  byId("queue-button").setAttribute("aria-expanded", isOpen);
  if (isOpen) queue.current?.scrollIntoView({ block: "center" });
});
