// The stars of a page without loading it anew. Without this script the button posts its form.

const WORDS = { true: "已收藏", false: "收藏" };

function show(button, form, isFavourite) {
  button.classList.toggle("on", isFavourite);
  button.setAttribute("formaction", isFavourite ? form.dataset.remove : form.getAttribute("action"));
  button.querySelector(".word").textContent = WORDS[isFavourite];
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
  if (form.id !== "favourite-form" || !button || form.dataset.plain) {
    return;
  }
  event.preventDefault();
  if (await toggle(button, form).catch(() => false)) {
    return;
  }
  // A visitor, an error or a lost connection: the browser sends the form and shows the answer.
  form.dataset.plain = "1";
  form.requestSubmit(button);
});
