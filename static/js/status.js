// The status of an outbox on its page: steps that wait to be sent, and steps that did not take effect.
import { byId, element } from "./page.js";

/** A step that did not take effect stays on the page until it is read. */
export function addTrouble(text) {
  byId("troubles")
    .querySelector("ul")
    .append(element("li", { textContent: text }));
  byId("troubles").hidden = false;
}

/**
 * Show what waits in the outbox, now and after each change.
 * `noun` counts the steps, `label(entry)` describes one of the last `most`, `onchange()` is called after each change.
 */
export function watchOutbox(
  outbox,
  { noun = "项", most = 5, label = (entry) => entry.what, onchange = () => {} } = {},
) {
  const show = () => showOutbox(outbox, noun, outbox.waiting.slice(-most).map(label));
  outbox.onchange = () => {
    show();
    onchange();
  };
  byId("resend").addEventListener("click", outbox.retry);
  byId("troubles-ok").addEventListener("click", () => {
    byId("troubles").hidden = true;
    byId("troubles").querySelector("ul").replaceChildren();
  });
  show();
}

function showOutbox(outbox, noun, labels) {
  const number = outbox.waiting.length;
  const isShown = number > 0 && (outbox.trouble !== "" || !outbox.isKept);
  document.body.dataset.unsent = number;
  byId("outbox").hidden = !isShown;
  if (!isShown) return;
  const reasons = { "": "正在发送", offline: "网络断开，恢复后自动发送", "signed-out": "登录已过期，请重新登录" };
  const place = outbox.isKept ? "已存在本机" : "浏览器不让本页保存，请不要关闭本页";
  const text = `${number} ${noun}待发送：${place}；${reasons[outbox.trouble]}。`;
  const line = byId("outbox").querySelector("p");
  if (line.textContent !== text) line.textContent = text; // a live region: announced only when it changes
  byId("outbox")
    .querySelector("ul")
    .replaceChildren(...labels.map((textContent) => element("li", { textContent })));
  if (byId("sign-in")) byId("sign-in").hidden = outbox.trouble !== "signed-out";
}
