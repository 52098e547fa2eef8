// A page with a long draft and small forms beside it: whoever sends a small one after typing in the draft sends the draft
// with it, and the server saves it first.
const draft = document.querySelector("form[data-draft]");

// What was typed before this script came counts, too, and so does a draft that the server has refused.
const isUnsaved = () =>
  draft.dataset.draft === "refused" ||
  [...draft.elements].some(
    (field) =>
      (field.type !== "hidden" && field.value !== (field.defaultValue ?? field.value)) ||
      field.checked !== field.defaultChecked,
  );

for (const form of draft ? document.querySelectorAll("form[data-step]") : []) {
  form.addEventListener("formdata", (event) => {
    if (!isUnsaved()) return;
    const own = new Set(event.formData.keys());
    for (const [name, value] of new FormData(draft)) {
      if (!own.has(name)) event.formData.append(name, value);
    }
  });
}
