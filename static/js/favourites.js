// The stars of a page without loading it anew. Without this script the button posts its form.

const WORDS = { true: "已收藏", false: "收藏" };

function show(button, isFavourite) {
  button.classList.toggle("on", isFavourite);
  button.setAttribute("formaction", isFavourite ? button.dataset.remove : button.dataset.add);
  button.querySelector(".word").textContent = WORDS[isFavourite];
}

async function toggle(button, form) {
  const data = new FormData(form, button);
  const response = await fetch(button.formAction, {
    method: "POST",
    body: data,
    headers: { Accept: "application/json" },
    redirect: "manual",
  });
  if (!response.ok) {
    return false;
  }
  show(button, (await response.json()).is_favourite);
  return true;
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter: button } = event;
  if (form.id !== "favourite-form" || !button?.dataset.add || form.dataset.plain) {
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
