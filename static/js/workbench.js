// Conveniences of the workbench's forms; without scripts every button works too.

// Add a row to a group of rows: a copy of the last one, emptied and numbered.
for (const button of document.querySelectorAll("button[name=another]")) {
  const group = button.parentElement;
  const prefix = button.value;
  const number = (name) => group.querySelector(`[name="${prefix}-${name}_FORMS"]`);
  const total = number("TOTAL");
  const most = Number(number("MAX_NUM").value);
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const at = Number(total.value);
    const last = [...group.querySelectorAll(":scope > fieldset")].pop();
    const row = last.cloneNode(true);
    for (const node of row.querySelectorAll("*")) {
      for (const { name, value } of [...node.attributes]) {
        if (["id", "name", "for", "aria-describedby"].includes(name)) {
          node.setAttribute(name, value.replaceAll(`${prefix}-${at - 1}-`, `${prefix}-${at}-`));
        }
      }
      node.classList.remove("bad");
    }
    for (const error of row.querySelectorAll(".err")) error.remove();
    for (const field of row.querySelectorAll("input, select, textarea")) {
      field.removeAttribute("aria-invalid");
      if (field.type === "checkbox") field.checked = false;
      else if (field.tagName === "SELECT") field.selectedIndex = 0;
      else field.value = "";
    }
    row.querySelector("legend").textContent = `第 ${at + 1} 行`;
    last.after(row);
    total.value = at + 1;
    button.hidden = at + 1 >= most;
    row.querySelector("input:not([type=hidden]), select, textarea").focus();
  });
}

// A sheet may be dropped anywhere on its form; while it travels and is checked, the page says so.
for (const form of document.querySelectorAll("form.drop")) {
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  form.append(status);
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("on");
  });
  form.addEventListener("dragleave", () => form.classList.remove("on"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("on");
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", () => {
    button.disabled = true;
    status.textContent = "正在上传并检查，通常只要几秒。";
  });
  addEventListener("pageshow", () => {
    // coming back finds the page as it was left
    button.disabled = false;
    status.textContent = "";
  });
}

// A language model takes seconds: the page says that it waits. The button stays enabled, because the browser would leave
// a disabled one out of what it sends.
for (const button of document.querySelectorAll("button[data-waits]")) {
  const status = document.createElement("span");
  status.className = "muted";
  status.setAttribute("role", "status");
  button.after(" ", status);
  button.form.addEventListener("submit", (event) => {
    if (event.submitter !== button) return;
    if (button.ariaBusy === "true") {
      event.preventDefault();
      return;
    }
    button.ariaBusy = "true";
    status.textContent = `正在请语言模型阅读，最长 ${button.dataset.waits} 秒。`;
  });
  addEventListener("pageshow", () => {
    button.ariaBusy = "false";
    status.textContent = "";
  });
}

// One tap puts a proposal into the field where one writes; the form's own listener then asks for the hints again.
document.querySelector("#exposure")?.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=fix]");
  if (!button) return;
  const [field, excerpt, replacement] = JSON.parse(button.value);
  const form = button.form;
  event.preventDefault();
  if (field === "detail") {
    const choice = form.querySelector(`[name=chosen_detail][value="${CSS.escape(excerpt)}"]`);
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    return;
  }
  const names = field === "indicators" ? "[name^=indicators-]:not([type=hidden])" : `[name="${CSS.escape(field)}"]`;
  for (const control of form.querySelectorAll(names)) {
    if (!control.value.includes(excerpt)) continue;
    control.value = control.value.replaceAll(excerpt, replacement);
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
  button.closest("li").remove();
});
