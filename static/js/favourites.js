// The stars of a page without loading it anew. Without this script the button posts its form.
// A visitor's list is a cookie: pages that are one answer for all visitors learn here what is on it.

const WORDS = { true: "已收藏", false: "收藏" };
const FORM = "favourite-form";

function show(button, form, isFavourite) {
  button.classList.toggle("on", isFavourite);
  button.setAttribute("formaction", isFavourite ? form.dataset.remove : form.getAttribute("action"));
  button.querySelector(".word").textContent = WORDS[isFavourite];
}

function showList() {
  const form = document.getElementById(FORM);
  if (!form || form.dataset.visitor === undefined) {
    return;
  }
  const [, list = ""] = /(?:^|; )favourites=([\w.-]*)/.exec(document.cookie) ?? [];
  const marked = new Set(list.split(".").map((part) => part.slice(2)));
  for (const button of document.querySelectorAll(`button[form="${FORM}"]`)) {
    show(button, form, marked.has(button.value));
  }
}

async function toggle(button, form) {
  const data = new FormData(form, button);
  const response = await fetch(button.getAttribute("formaction") ?? form.getAttribute("action"), {
    method: "POST",
    body: data,
    headers: { Accept: "application/json" },
    redirect: "manual",
  });
  if (!response.ok) {
    return false;
  }
  show(button, form, (await response.json()).is_favourite);
  return true;
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter: button } = event;
  if (form.id !== FORM || !button || form.dataset.plain) {
    return;
  }
  event.preventDefault();
  if (await toggle(button, form).catch(() => false)) {
    return;
  }
  // An error or a lost connection: the browser sends the form and shows the answer.
  form.dataset.plain = "1";
  form.requestSubmit(button);
});

showList();
document.addEventListener("htmx:afterSettle", showList);
window.addEventListener("pageshow", showList); // the page may come out of the browser's memory, older than the list
