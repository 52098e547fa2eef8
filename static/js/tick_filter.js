// A field above a long list of check boxes that leaves what contains the words, and what is ticked.
// Without this script the list is whole.

const LONG = 12;

function addFilter(list) {
  const rows = [...list.children];
  const field = document.createElement("input");
  field.type = "search";
  field.className = "input tick-filter";
  field.setAttribute("aria-label", "在下面的选项里找");
  field.placeholder = `在 ${rows.length} 项里找`;
  const count = document.createElement("p");
  count.className = "hint";
  count.setAttribute("role", "status");
  const show = () => {
    const words = field.value.trim().toLowerCase();
    let left = 0;
    for (const row of rows) {
      const fits = row.textContent.toLowerCase().includes(words);
      row.hidden = !fits && !row.querySelector("input").checked;
      left += fits ? 1 : 0;
    }
    count.textContent = words ? `${left} 项含“${field.value.trim()}”，已勾选的一直显示` : "";
  };
  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault(); // it would send the form
    }
  });
  list.before(field, count);
}

for (const list of document.querySelectorAll("form div[id]:has(> div > label > input[type='checkbox'])")) {
  if (list.children.length > LONG) {
    addFilter(list);
  }
}
