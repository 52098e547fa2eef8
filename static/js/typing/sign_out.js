// Signing out removes what was typed and not saved, and pages kept for use without a network: the next person at this
// computer must not find them.
import { forgetKeptPages } from "../event_day/kept_page.js";

const form = document.querySelector(".me form");
form?.addEventListener("submit", () => {
  forgetKeptPages().catch(() => {});
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith("draft.")) localStorage.removeItem(name);
  } catch {
    // storage is forbidden: nothing was kept
  }
});
