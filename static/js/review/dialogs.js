// Dialogs that ask what a step needs besides its key: a reason, a day, a person.
import { get, Unreachable } from "../outbox.js";
import { byId } from "../page.js";
import { toast } from "./feedback.js";
import { settings } from "./outbox.js";

const dayAfter = (days) => {
  const [year, month, day] = settings.today.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, day + days)).toISOString().slice(0, 10);
};

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const isText = event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return sendWritten(event, dialog);
    if (event.ctrlKey || event.metaKey || event.altKey || isText || !/^[1-9]$/.test(event.key)) return;
    const choice = dialog.querySelector(`[data-digit="${event.key}"]`);
    const button = dialog.querySelector("[value=ok]");
    if (!choice || choice.matches(":disabled") || button.disabled) return;
    event.preventDefault();
    choice.checked = true;
    if ("stays" in choice.dataset) dialog.querySelector("textarea").focus();
    else dialog.querySelector("form").requestSubmit(button);
  });
}
/** Send a dialog by Ctrl+Enter. A return with a note and no reason has the reason that stands for a note. */
function sendWritten(event, dialog) {
  event.preventDefault();
  const form = dialog.querySelector("form");
  const written = dialog.querySelector("[data-for-note]:enabled");
  const hasReason = form.querySelector("[name=reason]:checked");
  if (written && !hasReason && form.elements.note.value.trim()) written.checked = true;
  const button = dialog.querySelector("[value=ok]");
  if (!button.disabled) form.requestSubmit(button);
}

for (const label of document.querySelectorAll("[data-days]")) {
  const [, month, day] = dayAfter(Number(label.dataset.days)).split("-").map(Number);
  label.textContent = `${month}月${day}日`;
}
const until = document.querySelector("#d-hold [name=until]");
if (until) {
  until.min = dayAfter(1);
  until.max = dayAfter(365);
}

/** Open a dialog. `then` gets {name: value} of its form when it is sent, and is not called when it is closed. */
export function ask(name, then) {
  const dialog = byId(`d-${name}`);
  const form = dialog.querySelector("form");
  form.reset();
  form.onsubmit = (event) => {
    event.preventDefault();
    dialog.close();
    then(Object.fromEntries(new FormData(form))); // not after the close event: the next key may come before it
  };
  dialog.showModal();
}

/** Fill a select with people for this match. Resolves to whether there are any, or null without a network. */
async function fill(select, id) {
  try {
    const answer = await get(`${settings.urls[select.dataset.choices]}?match=${id}`);
    const { choices } = await answer.json();
    const groups = new Map();
    for (const { value, label, group = "" } of choices) {
      if (!groups.has(group)) {
        groups.set(
          group,
          group
            ? Object.assign(document.createElement("optgroup"), { label: group })
            : document.createDocumentFragment(),
        );
      }
      groups.get(group).append(new Option(label, value));
    }
    select.replaceChildren(new Option("请选择", ""), ...groups.values());
    return choices.length > 0;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    toast("网络断开，暂时查不到名单。");
    return null;
  }
}

const special = {
  hold: (_article, then) =>
    ask("hold", ({ until, days, note }) => {
      const day = until || (days && dayAfter(Number(days)));
      if (day) then({ until: day, note });
      else toast("没有选日期，这一条没有暂缓。");
    }),

  duplicate(article, then) {
    const others = [...article.querySelectorAll("[data-other]")].slice(0, 9);
    if (!others.length) return toast("这项需求没有其他推荐，不能标为重复；可以退回并说明。");
    byId("d-duplicate")
      .querySelector("[data-choices]")
      .replaceChildren(
        ...others.map((line, index) => {
          const label = document.createElement("label");
          const key = Object.assign(document.createElement("kbd"), { ariaHidden: "true" });
          const input = Object.assign(document.createElement("input"), {
            type: "radio",
            name: "other",
            value: line.dataset.other,
            required: true,
          });
          input.dataset.digit = key.textContent = index + 1;
          label.className = "pick";
          label.append(input, " ", key, ` ${line.textContent.replace(/\s+/g, " ").trim()}`);
          return label;
        }),
      );
    ask("duplicate", then);
  },

  async broker(article, then) {
    const some = await fill(byId("d-broker").querySelector("select"), article.dataset.id);
    if (some === false) toast("现在没有证书有效的技术经纪人。");
    if (some) ask("broker", ({ broker, note }) => then({ broker: Number(broker), note }));
  },

  async give(article, then) {
    const some = await fill(byId("d-give").querySelector("select"), article.dataset.id);
    if (some === false) toast("没有其他同事可以审核这一条。");
    if (some) ask("give", ({ to, note }) => then({ to: Number(to), note }));
  },
};

/** Ask what a step of this kind needs to know about the open article; `then` gets the answers. */
export function askAnswers(kind, article, then) {
  if (kind in special) special[kind](article, then);
  else ask(kind, then);
}
