// What the pages of the review desk share: notices, announcements, the undo toast, help, and the single keys.
"use strict";

(() => {
  const { Triage } = window, { settings, outbox } = Triage, at = (id) => document.getElementById(id);
  const TOAST_FOR = 8000;
  let toastTimer = 0, saying = 0;

  const frame = (Triage.frame = {
    /** {key: what it does}, for single keys. Those in `repeating` may be held down. */
    keys: {},
    repeating: new Set(["j", "k"]),
    onundo() {},

    /** For screen readers. The same words twice are said twice. */
    say(text) {
      at("say").textContent = "";
      clearTimeout(saying);
      saying = setTimeout(() => (at("say").textContent = text), 30);
    },

    toast(text, canUndo = false) {
      at("toast-text").textContent = text;
      at("toast-undo").hidden = !canUndo;
      at("toast").hidden = false;
      clearTimeout(toastTimer);
      toastTimer = setTimeout(() => (at("toast").hidden = true), TOAST_FOR);
    },

    /** What did not take effect stays on the page until it is read. */
    trouble(text) {
      const line = document.createElement("li");
      line.textContent = text;
      at("troubles").querySelector("ul").append(line);
      at("troubles").hidden = false;
    },

    count(id, number) {
      at(id).textContent = number;
      if (id === "waiting") at(id).dataset.waiting = number;
    },
  });

  function showOutbox() {
    const entries = outbox.waiting, isStuck = Boolean(outbox.trouble) || !outbox.isKept;
    at("outbox").hidden = !(entries.length && isStuck);
    document.body.dataset.unsent = entries.length;
    if (!entries.length || !isStuck) return;
    const why = outbox.trouble === "signed-out" ? "登录已过期，请重新登录" : outbox.trouble ? "网络断开，恢复后自动发送" : "正在发送";
    const where = outbox.isKept ? "已存在本机" : "浏览器不让本页保存，请不要关闭本页";
    const said = `${entries.length} 项操作待发送：${where}；${why}。`;
    const line = at("outbox").querySelector("p");
    if (line.textContent !== said) line.textContent = said;
    at("outbox").querySelector("ul").replaceChildren(
      ...entries.slice(-8).map((entry) => {
        const item = document.createElement("li");
        item.textContent = `${entry.what}：${entry.label}`;
        return item;
      })
    );
    at("sign-in").hidden = outbox.trouble !== "signed-out";
  }
  outbox.onchange = showOutbox;

  at("resend").addEventListener("click", outbox.retry);
  at("troubles-ok").addEventListener("click", () => {
    at("troubles").hidden = true;
    at("troubles").querySelector("ul").replaceChildren();
  });
  at("toast-undo").addEventListener("click", () => frame.onundo());
  at("help-button").addEventListener("click", () => at("d-help").showModal());

  // WCAG 2.1.4: single keys can be turned off; the server remembers it, this page obeys at once.
  function obeyKeys() {
    document.body.classList.toggle("keys-off", !settings.singleKeys);
    for (const button of document.querySelectorAll("[aria-keyshortcuts], [data-key]")) {
      button.dataset.key ??= button.getAttribute("aria-keyshortcuts");
      if (settings.singleKeys) button.setAttribute("aria-keyshortcuts", button.dataset.key);
      else button.removeAttribute("aria-keyshortcuts");
    }
  }
  at("single-keys").addEventListener("change", (event) => {
    settings.singleKeys = event.target.checked;
    obeyKeys();
    frame.say(settings.singleKeys ? "单键快捷键已打开" : "单键快捷键已关闭");
    Triage.post("keys", { on: settings.singleKeys }).catch(() => frame.trouble("快捷键设置没有存下来，刷新后请再设一次。"));
  });
  obeyKeys();

  const TYPES = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
  addEventListener("keydown", (event) => {
    // 229: a key that an input method is composing with; some browsers say nothing else about it
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.closest?.(TYPES)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key.toLowerCase(), act = frame.keys[key];
    if (!act || !settings.singleKeys || (event.repeat && !frame.repeating.has(key))) return;
    event.preventDefault();
    act();
  });
  frame.keys["?"] = () => at("d-help").showModal();
})();
