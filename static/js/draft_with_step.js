// A page with a long draft and small forms beside it: whoever sends a small one after typing in the draft sends the draft
// with it, and the server saves it first.
const draft = document.querySelector("form[data-draft]");
let isChanged = false;

draft?.addEventListener("input", () => {
  isChanged = true;
});

for (const form of draft ? document.querySelectorAll("form[data-step]") : []) {
  form.addEventListener("formdata", (event) => {
    if (!isChanged) return;
    const own = new Set(event.formData.keys());
    for (const [name, value] of new FormData(draft)) {
      if (!own.has(name)) event.formData.append(name, value);
    }
  });
}
