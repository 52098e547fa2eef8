// One tap puts an offer of the writing partner into its field; without scripts the button posts the form.

import { fillRow } from "./rows.js";

/** Accept offers without leaving the page. Clicks are heard on the form, because the offers are replaced. */
export function acceptInPlace(form) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=accept], button[name=accept_all]");
    if (!button) return;
    event.preventDefault();
    const chosen = button.name === "accept" ? [button] : [...form.querySelectorAll("button[name=accept]")];
    const next =
      button.closest("li")?.nextElementSibling?.querySelector("button") ?? form.querySelector("#partner-all");
    for (const offer of chosen) {
      if (accept(form, ...JSON.parse(offer.value))) offer.closest("li").remove();
    }
    if (!form.querySelector("#partner-offers li")) form.querySelector("#partner-offers").replaceChildren();
    else next?.focus();
    // The listeners of the form look for doubles, exposure and offers anew, and the draft is kept.
    form.dispatchEvent(new Event("change", { bubbles: true }));
  });
  const fold = document.getElementById("near-fold");
  if (fold && matchMedia("(min-width: 56.01rem)").matches) fold.open = true;
}

function accept(form, name, value) {
  if (name === "indicator") return fillRow(form, "indicators", value);
  const control = form.elements[name];
  if (!control) return false;
  control.value = value;
  control.closest("details")?.setAttribute("open", "");
  return true;
}
