// Suggestions while typing, for each search form with data-suggest. Arrow keys choose, Enter opens, Escape closes.
// Without this script the form works as a plain form.
import { element } from "./page.js";

const DELAY = 180;

function suggest(form, number) {
  const input = form.querySelector("[name=q]");
  const list = element("ul", { className: "suggestions", id: `suggestions-${number}`, role: "listbox", hidden: true });
  list.setAttribute("aria-label", "搜索建议");
  input.parentElement.append(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  let timer = 0;
  let asked = 0;
  let chosen = -1;

  const options = () => [...list.children];
  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) choose(-1);
  }
  function choose(index) {
    chosen = index;
    for (const [at, option] of options().entries()) option.setAttribute("aria-selected", String(at === index));
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", options()[index].id);
  }
  async function load() {
    const mine = ++asked;
    const typed = input.value.trim();
    let rows = [];
    if (typed.length > 1) {
      try {
        const response = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(typed.slice(0, 100))}`);
        if (response.ok) rows = (await response.json()).suggestions;
      } catch {
        // Offline: the form still works when the connection is back.
      }
    }
    if (mine !== asked) return;
    list.replaceChildren(
      ...rows.map((row, at) => {
        const option = element(
          "li",
          { id: `${list.id}-${at}`, role: "option" },
          element("span", { textContent: row.text }),
          element("small", { textContent: row.kind }),
        );
        option.setAttribute("aria-selected", "false");
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => location.assign(row.url));
        option.dataset.url = row.url;
        return option;
      }),
    );
    show(rows.length > 0 && document.activeElement === input);
  }
  function later() {
    clearTimeout(timer);
    timer = setTimeout(load, DELAY);
  }
  input.addEventListener("input", (event) => {
    if (!event.isComposing) later();
  });
  input.addEventListener("compositionend", later);
  input.addEventListener("blur", () => show(false));
  input.addEventListener("keydown", (event) => {
    const count = options().length;
    if (event.isComposing || list.hidden || !count) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      // One place beyond the last option is the text as typed.
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(((chosen + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(options()[chosen].dataset.url);
    } else if (event.key === "Escape") {
      event.preventDefault();
      show(false);
    }
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    asked += 1;
    show(false);
  });
}

for (const [number, form] of document.querySelectorAll("form[data-suggest]").entries()) suggest(form, number);
