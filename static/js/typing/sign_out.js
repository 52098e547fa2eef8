// Signing out removes what was typed and not saved: the next person at this computer must not find it.

const form = document.querySelector(".me form");
form?.addEventListener("submit", () => {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith("draft.")) localStorage.removeItem(name);
  } catch {
    // storage is forbidden: nothing was kept
  }
});
