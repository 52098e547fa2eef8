// Dragging pictures into another order. Without it the buttons do the same.
const list = document.getElementById("shots");
const form = document.getElementById("order-form");

if (list && form && list.children.length > 1) {
  let moved = null;
  document.getElementById("drag-hint").hidden = false;
  for (const item of list.children) {
    const handle = item.querySelector(".shot");
    handle.draggable = true;
    handle.classList.add("grab");
    handle.addEventListener("dragstart", (event) => {
      moved = item;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", item.dataset.id);
      item.classList.add("moved");
    });
    handle.addEventListener("dragend", () => {
      item.classList.remove("moved");
      moved = null;
      unmark();
    });
    item.addEventListener("dragover", (event) => {
      if (!moved) return;
      event.preventDefault();
      unmark();
      if (item !== moved) item.classList.add("over");
    });
    item.addEventListener("drop", (event) => {
      if (!moved || item === moved) return;
      event.preventDefault();
      const items = [...list.children];
      const isLater = items.indexOf(item) > items.indexOf(moved);
      list.insertBefore(moved, isLater ? item.nextElementSibling : item);
      save();
    });
  }

  function unmark() {
    for (const item of list.children) item.classList.remove("over");
  }

  function save() {
    for (const item of list.children) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = "order";
      input.value = item.dataset.id;
      form.append(input);
    }
    form.requestSubmit();
  }
}
