// The choices of a facet come anew with each search: what the reader has unfolded stays unfolded.

document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  for (const fold of detail.target.querySelectorAll("details[open][id]")) {
    detail.fragment.getElementById?.(fold.id)?.setAttribute("open", "");
  }
});
