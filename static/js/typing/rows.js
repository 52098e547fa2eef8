// The rows of a formset on the page.

/** The number of rows. */
export const rowCount = (form, prefix) => Number(form.elements[`${prefix}-TOTAL_FORMS`]?.value ?? 0);

/** Add blank rows until there are `wanted`, as far as the form allows. */
export function addRows(form, prefix, wanted) {
  const button = form.querySelector(`button[name=another][value="${CSS.escape(prefix)}"]`);
  for (let count = rowCount(form, prefix); count < wanted; count = rowCount(form, prefix)) {
    if (!button || button.hidden) return;
    button.click();
    if (rowCount(form, prefix) === count) return;
  }
}

/** Write values into the first row without a name, or into a new one. False when no more rows are allowed. */
export function fillRow(form, prefix, values) {
  let number = 0;
  while (number < rowCount(form, prefix) && form.elements[`${prefix}-${number}-name`].value.trim()) number += 1;
  addRows(form, prefix, number + 1);
  if (number >= rowCount(form, prefix)) return false;
  for (const [name, value] of Object.entries(values)) {
    const control = form.elements[`${prefix}-${number}-${name}`];
    if (control) control.value = value;
  }
  return true;
}
