// Keeps what is written in a form with data-keep in this browser until the form is sent: nothing is lost when the
// network fails or somebody has to sign up first. Without scripts the server keeps it until the sign-in.

const DAYS_KEPT = 14;

function read(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    return kept && Date.now() - kept.at < DAYS_KEPT * 86_400_000 ? kept.text : "";
  } catch {
    return "";
  }
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  const field = form.querySelector("textarea");
  const key = `kept ${form.dataset.keep}`;
  if (!field) continue;
  if (!field.value) field.value = read(key);
  field.addEventListener("input", () => {
    try {
      if (field.value.trim()) localStorage.setItem(key, JSON.stringify({ at: Date.now(), text: field.value }));
      else localStorage.removeItem(key);
    } catch {
      // the browser keeps nothing; the form works all the same
    }
  });
}

// The page that follows a sent form names what was sent.
for (const sent of document.querySelectorAll("[data-sent]")) localStorage.removeItem(`kept ${sent.dataset.sent}`);
