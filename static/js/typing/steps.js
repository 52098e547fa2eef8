// On a narrow screen the form shows one step at a time; without scripts, and on a wide screen, all of it.

import { element } from "../page.js";

export function goBySteps(form) {
  const narrow = matchMedia("(max-width: 56rem)");
  const steps = [...form.querySelectorAll(":scope > .step")];
  const places = element("ol", { className: "form-steps" });
  const tabs = steps.map((step, number) => {
    const title = step.querySelector("h2").textContent.trim();
    const tab = element("button", { type: "button", textContent: `${number + 1} ${title}` });
    tab.addEventListener("click", () => show(number));
    places.append(element("li", {}, tab));
    return tab;
  });
  const back = element("button", { type: "button", className: "btn", textContent: "上一步" });
  const next = element("button", { type: "button", className: "btn btn-p", textContent: "下一步" });
  back.addEventListener("click", () => show(current - 1));
  next.addEventListener("click", () => show(current + 1));
  const acts = form.querySelector(".form-acts");
  steps[0].before(places);
  acts.prepend(back, next);

  let current = 0;
  function show(number, { moves = true } = {}) {
    current = Math.max(0, Math.min(number, steps.length - 1));
    const isStepping = narrow.matches;
    const isLast = current === steps.length - 1;
    form.classList.toggle("is-stepping", isStepping);
    form.classList.toggle("is-last", isLast);
    form.classList.toggle("is-first", current === 0);
    steps.forEach((step, at) => {
      step.hidden = isStepping && at !== current;
      tabs[at].toggleAttribute("aria-current", at === current);
      if (at === current) tabs[at].setAttribute("aria-current", "step");
    });
    places.hidden = !isStepping;
    back.hidden = !isStepping || current === 0;
    next.hidden = !isStepping || isLast;
    const submit = acts.querySelector("[name=submit]");
    if (submit) submit.hidden = isStepping && !isLast;
    if (!moves || !isStepping) return;
    places.scrollIntoView({ block: "start" });
    const heading = steps[current].querySelector("h2");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }

  /** Show the step that holds an element, with the fold around it open. */
  function reveal(target) {
    const at = steps.findIndex((step) => step.contains(target));
    if (at < 0) return;
    show(at, { moves: false });
    target.closest("details")?.setAttribute("open", "");
  }

  narrow.addEventListener("change", () => show(current, { moves: false }));
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".errsum a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    reveal(target);
    event.preventDefault();
    target.scrollIntoView({ block: "center" });
    (target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea"))?.focus();
  });
  const wanted = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  const wrong = form.querySelector(".step .bad");
  show(0, { moves: false });
  reveal(wrong ?? wanted ?? steps[0]);
}
