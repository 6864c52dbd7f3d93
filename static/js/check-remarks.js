// Rows of remarks: more of them, what a link or the viewer wants one for, text blocks by click and by /shortcut.
const rows = document.querySelector("[data-remark-rows]");
const total = document.querySelector("[name=remarks-TOTAL_FORMS]");
let lastField = null;

const parts = (row) => ({
  place: row.querySelector("select"), page: row.querySelector("input"), text: row.querySelector("textarea"),
});

function addRow() {
  const index = Number(total.value);
  const row = rows.lastElementChild.cloneNode(true);
  row.querySelectorAll(".field-error").forEach((error) => error.remove());
  row.querySelectorAll("select, textarea, input, label").forEach((part) => {
    for (const name of ["id", "name", "for"]) {
      const value = part.getAttribute(name);
      if (value) part.setAttribute(name, value.replace(/remarks-\d+-/, `remarks-${index}-`));
    }
    if (part.tagName !== "LABEL") part.value = "";
  });
  rows.append(row);
  total.value = String(index + 1);
  showPage(row);
  return row;
}

function emptyRow() {
  const free = [...rows.children].find((row) => !parts(row).text.value && !parts(row).place.value);
  return free || addRow();
}

// A page can be named only of a file.
function showPage(row) {
  const { place, page } = parts(row);
  page.closest("label").hidden = !place.value.startsWith("file:");
}

export function fillRemark(place, page, text) {
  if (!rows) return;
  const row = emptyRow();
  const found = parts(row);
  found.place.value = place;
  if (page) found.page.value = page;
  if (text) found.text.value = text;
  showPage(row);
  row.scrollIntoView({ block: "center" });
  found.text.focus({ preventScroll: true });
  found.text.dispatchEvent(new Event("input", { bubbles: true }));
}

function blocks() {
  return new Map([...document.querySelectorAll("[data-block]")].map((one) => [one.dataset.block, one.dataset.text]));
}

// /gz followed by a space, Enter or Tab becomes the text block.
function expand(event) {
  if (![" ", "Enter", "Tab"].includes(event.key) || event.isComposing) return;
  const field = event.target;
  const before = field.value.slice(0, field.selectionStart);
  const found = before.match(/\/([a-z0-9-]+)$/);
  const text = found && blocks().get(found[1]);
  if (!text) return;
  event.preventDefault();
  field.setRangeText(text, field.selectionStart - found[0].length, field.selectionStart, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function write(text) {
  const field = lastField && lastField.isConnected ? lastField : parts(emptyRow()).text;
  const gap = field.value && !field.value.endsWith("\n") && !/[。；]$/.test(field.value) ? "；" : "";
  field.value += gap + text;
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export function setUpRemarks() {
  if (!rows || !total) return;
  [...rows.children].forEach(showPage);
  const more = document.querySelector("[data-add-remark]");
  more.type = "button";
  more.lastChild.textContent = "再加一条";
  more.addEventListener("click", () => parts(addRow()).place.focus());
  rows.addEventListener("change", (event) => {
    const row = event.target.closest(".remark-row");
    if (row) showPage(row);
  });
  document.querySelector("[data-decide]").addEventListener("focusin", (event) => {
    if (event.target.matches("[data-remark-rows] textarea, [name=reason]")) lastField = event.target;
  });
  document.querySelector("[data-decide]").addEventListener("keydown", (event) => {
    if (event.target.matches("[data-remark-rows] textarea, [name=reason]")) expand(event);
  });
  document.querySelectorAll("[data-block]").forEach((button) => {
    button.type = "button";
    button.addEventListener("click", () => write(button.dataset.text));
  });
  document.querySelectorAll("[data-remark]").forEach((link) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      fillRemark(link.dataset.remark, "", "");
    });
  });
}
