// Keyboard of the confirmation page; without scripts Tab, Space and the buttons do the same.

const form = document.querySelector("#confirm");
const rows = form ? [...form.querySelectorAll("[data-row]")] : [];
const control = (row) => row.querySelector("select, textarea, input:not([type=hidden])");
const tick = (row) => row.querySelector(".df-ok input");

// Enter says that the field was compared and goes on; an input method's Enter ends its composition only.
form?.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-row]");
  if (event.key !== "Enter" || event.isComposing || !row || event.shiftKey) return;
  if (event.target.tagName === "TEXTAREA" && !event.ctrlKey) return;
  event.preventDefault();
  if (tick(row)) tick(row).checked = true;
  const next = rows.slice(rows.indexOf(row) + 1).find((later) => !tick(later)?.checked);
  (next ? control(next) : form.querySelector("#non_secret")).focus();
});
