// What is typed into a form is kept in this browser until the server has stored it: a lost network, a closed tab or a
// refused post lose nothing. A draft belongs to one user and one form; contacts and files are never kept; signing out
// removes all drafts (sign_out.js).

import { newKey } from "../outbox.js";
import { clockTime, element } from "../page.js";
import { addRows } from "./rows.js";

export const PREFIX = "draft.";
const COOKIE = "saved_draft";
const PAUSE = 400; // milliseconds after the last key
const DAY = 24 * 60 * 60 * 1000;
const OWN_DAYS = 7;
const NOT_KEPT = /^(contact_|csrfmiddlewaretoken$|draft_key$|seen|firm$|institution$|exposure_|offer-|take$|quoted-)/;

/** Keep what is typed into the form, and bring back what an earlier visit has not saved. */
export function keepDraft(form) {
  const { user, draft } = form.dataset;
  const place = `${PREFIX}${user}.${draft}`;
  forgetSaved();
  forgetOld(user);
  const kept = read(place);
  const key = kept?.key ?? newKey();
  form.append(element("input", { type: "hidden", name: "draft_key", value: key }));

  const version = form.elements.seen_at?.value ?? form.elements.seen?.value ?? "";
  const before = values(form);
  let isAsking = false;
  if (kept && !isSame(kept.fields, before)) {
    // The record has changed since, or the page brings other text: the reader decides.
    isAsking = kept.version !== version || document.querySelector(".kept") !== null || "hasErrors" in form.dataset;
    offerDraft(kept, before);
  }

  let timer = 0;
  const save = () => {
    clearTimeout(timer);
    timer = 0;
    if (!isAsking) write(place, { key, version, at: Date.now(), fields: values(form) });
  };
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, () => {
      clearTimeout(timer);
      timer = setTimeout(save, PAUSE);
    });
  }
  addEventListener("pagehide", () => timer && save());
  form.addEventListener("submit", save);
  // Signing out removes the drafts; leaving the page must not write this one again.
  document.querySelector(".me form")?.addEventListener("submit", () => {
    isAsking = true;
  });

  function offerDraft(stored, shown) {
    const note = element("div", { className: "note kept-note" });
    note.setAttribute("role", "status");
    const time = clockTime(new Date(stored.at));
    const back = element("button", { type: "button", className: "btn btn-s" });
    const drop = element("button", { type: "button", className: "btn btn-s", textContent: "丢掉" });
    if (!isAsking) {
      fill(form, stored.fields);
      note.append(`已恢复您在这台电脑上 ${time} 写的、还没有保存的内容（联系人要重新填）。`, back);
      back.textContent = "不要，用原来的";
      back.addEventListener("click", () => {
        fill(form, shown);
        remove(place);
        note.remove();
      });
    } else {
      note.append(`这台电脑上还有您 ${time} 写的、没有保存的内容。`, back, " ", drop);
      back.textContent = "换成那时写的";
      back.addEventListener("click", () => {
        isAsking = false;
        fill(form, stored.fields);
        note.remove();
      });
      drop.addEventListener("click", () => {
        isAsking = false;
        remove(place);
        note.remove();
      });
    }
    form.before(note);
  }
}

/** The values of the fields that are kept: a list of [name, value], of ticked boxes only. */
function values(form) {
  const fields = [];
  for (const control of form.elements) {
    const isCount = control.name.endsWith("-TOTAL_FORMS");
    if (!control.name || NOT_KEPT.test(control.name) || control.matches("button, fieldset, [type=file]")) continue;
    if (control.type === "hidden" && !isCount) continue;
    if (!["checkbox", "radio"].includes(control.type)) fields.push([control.name, control.value]);
    else if (control.checked) fields.push([control.name, control.value]);
  }
  return fields;
}

/** Whether two lists say the same; blank rows and empty fields do not count. */
function isSame(first, second) {
  const filled = (fields) =>
    JSON.stringify(fields.filter(([name, value]) => value && !/-TOTAL_FORMS$|-comparison$/.test(name)));
  return filled(first) === filled(second);
}

function fill(form, fields) {
  for (const [name, value] of fields) {
    if (name.endsWith("-TOTAL_FORMS")) addRows(form, name.replace(/-TOTAL_FORMS$/, ""), Number(value));
  }
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const control of form.elements) {
    if (!control.name || NOT_KEPT.test(control.name) || control.matches("button, fieldset, [type=file], [type=hidden]"))
      continue;
    const own = values.get(control.name) ?? [];
    if (["checkbox", "radio"].includes(control.type)) control.checked = own.includes(control.value);
    else if (own.length) control.value = own[0];
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

/** The server names in a cookie the draft that it has stored. */
function forgetSaved() {
  const saved = document.cookie.match(new RegExp(`(?:^|; )${COOKIE}=([0-9a-f-]+)`))?.[1];
  if (!saved) return;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in all browsers of the offices
  document.cookie = `${COOKIE}=; max-age=0; path=/`;
  for (const place of places()) if (read(place)?.key === saved) remove(place);
}

/** Own drafts stay a week, those of others at this computer a day. */
function forgetOld(user) {
  for (const place of places()) {
    const days = place.startsWith(`${PREFIX}${user}.`) ? OWN_DAYS : 1;
    if (!(Date.now() - (read(place)?.at ?? 0) < days * DAY)) remove(place);
  }
}

function places() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function read(place) {
  try {
    return JSON.parse(localStorage.getItem(place));
  } catch {
    return null;
  }
}

function write(place, draft) {
  try {
    localStorage.setItem(place, JSON.stringify(draft));
  } catch {
    // full or forbidden: the form works as without scripts
  }
}

function remove(place) {
  try {
    localStorage.removeItem(place);
  } catch {
    // forbidden: nothing was kept
  }
}
