// The button that prints needs a script; the browser's own menu prints without.
const button = document.getElementById("print");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
