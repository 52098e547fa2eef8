// The staff page of a round's fifty: rows are dragged or carried by keys, and each step changes the page in place.
// Every button and form works without this script as well.
"use strict";

(() => {
  const page = () => document.getElementById("fy");
  let held = null; // {row, from}: the row that is being moved and where it stood

  function say(text) {
    document.getElementById("fy-say").textContent = text;
  }

  /** Send a form's step; the page it leads to takes the place of this one. */
  async function send(url, data, focus) {
    page().classList.add("is-busy");
    try {
      const response = await fetch(url, { method: "POST", body: data, redirect: "follow" });
      const found = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("fy");
      if (!found) return location.reload(); // signed out, or no longer allowed: let the server say so
      page().replaceWith(document.adoptNode(found));
      dress();
      const notes = page().querySelector(".fy-notes");
      document.querySelector(focus)?.focus();
      if (notes) {
        say(notes.textContent.trim());
        if (notes.getBoundingClientRect().top < 0 && notes.querySelector(".error")) notes.scrollIntoView({ block: "center" });
      }
    } catch {
      page().classList.remove("is-busy");
      say("网络断开，这一步没有生效，请稍后再试。");
      alert("网络断开，这一步没有生效，请稍后再试。");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("#fy form[method=post]");
    if (!form) return;
    event.preventDefault();
    const row = form.closest(".fy-row"), button = event.submitter;
    const data = new FormData(form);
    if (button?.name) data.set(button.name, button.value);
    const again = row && button?.value ? `#${CSS.escape(row.id)} button[value="${button.value}"]` : "#fy-chosen";
    send(form.action, data, again);
  });

  const rows = () => [...document.querySelectorAll("#fy-chosen-list > .fy-row")];

  function lift(row) {
    held = { row, from: rows().indexOf(row) };
    row.classList.add("is-held");
    row.querySelector(".fy-grip").setAttribute("aria-pressed", "true");
  }

  function putBack() {
    if (!held) return;
    const { row, from } = held;
    release();
    for (let at = rows().indexOf(row); at !== from; at += at < from ? 1 : -1) step(row, at < from ? 1 : -1);
    say("已取消移动。");
  }

  function release() {
    held.row.classList.remove("is-held");
    held.row.querySelector(".fy-grip").setAttribute("aria-pressed", "false");
    held = null;
  }

  function drop() {
    const { row, from } = held, at = rows().indexOf(row);
    release();
    if (at === from) return;
    const form = document.getElementById(`a-m-${row.dataset.key}`), data = new FormData(form);
    data.set("deed", "place");
    data.set("place", at + 1);
    send(form.action, data, `#${CSS.escape(row.id)} .fy-grip`);
  }

  /** One place up or down. The neighbour is moved, not the row: a row that is taken out loses focus and pointer. */
  function step(row, by) {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return false;
    if (by < 0) row.after(other);
    else row.before(other);
    return true;
  }

  function shift(row, by) {
    if (!step(row, by)) return;
    row.scrollIntoView({ block: "nearest" });
    say(`第 ${rows().indexOf(row) + 1} 位`);
  }

  function byKey(event) {
    const row = event.currentTarget.closest(".fy-row");
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (held) drop();
      else {
        lift(row);
        say("已拿起，用上下方向键移动，空格放下，Esc 取消。");
      }
    } else if (held && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      shift(row, event.key === "ArrowUp" ? -1 : 1);
    } else if (held && event.key === "Escape") {
      event.preventDefault();
      putBack();
      row.querySelector(".fy-grip").focus();
    }
  }

  function byPointer(event) {
    if (event.button || held) return;
    const grip = event.currentTarget, row = grip.closest(".fy-row");
    event.preventDefault();
    grip.focus();
    grip.setPointerCapture(event.pointerId);
    lift(row);
    const middle = (other) => other.getBoundingClientRect().top + other.offsetHeight / 2;
    const move = ({ clientY }) => {
      if (clientY < 60) scrollBy(0, -12);
      else if (clientY > innerHeight - 60) scrollBy(0, 12);
      while (row.previousElementSibling && clientY < middle(row.previousElementSibling)) step(row, -1);
      while (row.nextElementSibling && clientY > middle(row.nextElementSibling)) step(row, 1);
    };
    const end = (how) => {
      grip.removeEventListener("pointermove", move);
      if (!held) return;
      if (how.type === "pointerup") drop();
      else putBack();
    };
    grip.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) grip.addEventListener(name, end, { once: true });
  }

  function dress() {
    for (const grip of document.querySelectorAll("#fy .fy-grip")) {
      grip.hidden = false;
      grip.addEventListener("keydown", byKey);
      grip.addEventListener("pointerdown", byPointer);
      grip.addEventListener("blur", () => setTimeout(() => held && !document.activeElement?.classList.contains("fy-grip") && putBack(), 50));
    }
  }
  dress();
})();
