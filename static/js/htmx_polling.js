// A part of a page that htmx fetches again and again (hx-trigger="every …"): whether it came, whether it is replaced.

/** Call `onfresh` or `onstale` after each request of `part`. An answer is not shown while `isInUse()`. */
export function watchPolling(part, { onfresh, onstale, isInUse = () => false }) {
  part.addEventListener("htmx:beforeRequest", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    onstale();
  });
  part.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const isHere = new URL(detail.xhr.responseURL).pathname === location.pathname; // not so on the sign-in page
    detail.isError ||= !isHere;
    detail.shouldSwap &&= isHere && !isInUse();
    if (!detail.isError) onfresh();
  });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) part.addEventListener(name, onstale);
}
