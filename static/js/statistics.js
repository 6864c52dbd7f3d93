// Attachment 3 as a grid: keys move between cells, a column from a spreadsheet can be pasted, and what the server
// would say of the entries (findings, repairs, rates, change against last year) shows while one types.
// Nothing depends on it: the table saves and checks without script.
import { Reasons } from "./statistics-reasons.js";

const form = document.getElementById("draft");
const cells = [...form.querySelectorAll("input[data-field]")];
const editable = Boolean(form.dataset.check);
const reasons = editable ? new Reasons(form) : null;

function changed(cell) {
  cell.dispatchEvent(new Event("input", { bubbles: true }));
  cell.dispatchEvent(new Event("change", { bubbles: true }));
}

// --- Keys ------------------------------------------------------------------------------------------

const before = new Map(); // cell -> its value when it was entered

function go(index) {
  const cell = cells[Math.max(0, Math.min(index, cells.length - 1))];
  cell.focus();
  cell.scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  const index = cells.indexOf(event.target);
  if (index < 0 || event.isComposing || event.altKey || event.metaKey) return;
  const down = event.key === "ArrowDown" || (event.key === "Enter" && !event.shiftKey);
  const up = event.key === "ArrowUp" || (event.key === "Enter" && event.shiftKey);
  if (event.ctrlKey && event.key === "Home") go(0);
  else if (event.ctrlKey && event.key === "End") go(cells.length - 1);
  else if (event.ctrlKey) return;
  else if (down && index === cells.length - 1) document.getElementById("id_filled_by").focus();
  else if (down) go(index + 1);
  else if (up) go(index - 1);
  else if (event.key === "Escape" && before.has(event.target) && event.target.value !== before.get(event.target)) {
    event.target.value = before.get(event.target);
    changed(event.target);
    event.target.select();
  } else return;
  event.preventDefault();
}

// --- Paste -----------------------------------------------------------------------------------------

const ROWS_WITH_RATES = 19;
const RATE_ROWS = [10, 11, 12]; // lines 11 to 13 of the printed table are computed
const isNumber = (text) => /^[+-]?[\d,，.\s]*\d[\d,，.\s]*[万元]*$/.test(text);
const plain = (text) => text.replace(/[\s，,。.、：:（）()]/g, "");
const labelOf = (cell) => plain(form.querySelector(`label[for="${cell.id}"]`).firstChild.textContent);

// What a pasted line means: [cell, text] by the label in it, or null.
function byLabel(parts) {
  for (let at = 0; at < parts.length - 1; at += 1) {
    const cell = plain(parts[at]) && cells.find((each) => labelOf(each) === plain(parts[at]));
    const value = cell && parts.slice(at + 1).find((part) => isNumber(part.trim()));
    if (value) return [cell, value.trim()];
  }
  return null;
}

function targets(lines, start) {
  const rows = lines.map((line) => line.split("\t"));
  const labelled = rows.map(byLabel).filter(Boolean);
  if (labelled.length) return labelled;
  let values = rows.map((parts) => parts[parts.length - 1].trim());
  if (values.length === ROWS_WITH_RATES && start === 0) values = values.filter((_value, row) => !RATE_ROWS.includes(row));
  return values.slice(0, cells.length - start).map((value, offset) => [cells[start + offset], value]);
}

let undo = [];

function onPaste(event) {
  const start = cells.indexOf(event.target);
  const text = event.clipboardData ? event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n+$/, "") : "";
  if (start < 0 || !/[\n\t]/.test(text)) return;
  event.preventDefault();
  const differing = targets(text.split("\n"), start).filter(([cell, value]) => value && cell.value !== value);
  const filled = differing.filter(([cell]) => !cell.readOnly);
  undo = filled.map(([cell]) => [cell, cell.value]);
  filled.forEach(([cell, value]) => { cell.value = value; changed(cell); });
  const box = form.querySelector("[data-grid-pasted]");
  box.hidden = false;
  box.querySelector("[data-grid-pasted-text]").textContent = filled.length
    ? `已粘贴 ${filled.length} 格，请核对。` : "粘贴的内容里没有新的数。";
  if (filled.length < differing.length) {
    box.querySelector("[data-grid-pasted-text]").textContent += `另有 ${differing.length - filled.length} 格本次补正未开放，没有粘贴。`;
  }
  box.querySelector("[data-grid-undo]").hidden = !filled.length;
  checkSoon();
}

function undoPaste() {
  undo.forEach(([cell, value]) => { cell.value = value; changed(cell); });
  form.querySelector("[data-grid-pasted]").hidden = true;
  if (undo.length) undo[0][0].focus();
  undo = [];
}

// --- What the server says of the entries -------------------------------------------------------------

let timer = 0;
let asked = 0;

function checkSoon() {
  window.clearTimeout(timer);
  timer = window.setTimeout(check, 400);
}

async function check() {
  const number = asked += 1;
  try {
    const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form), redirect: "error" });
    if (!answer.ok) return;
    const said = await answer.json();
    if (number === asked) show(said);
  } catch (error) {
    // Without a network the rates still follow; the findings come with the next answer.
  }
}

function finding(note, cell) {
  const box = document.querySelector(`[data-finding-template="${note.level}"]`).content.firstElementChild.cloneNode(true);
  dress(box, note, cell);
  return box;
}

function dress(box, note, cell) {
  box.querySelector("[data-message]").textContent = note.message;
  const old = box.querySelector(":scope > button");
  if (old && (old.type === "submit" || old.textContent !== `改为 ${note.fix}`)) old.remove();
  if (note.fix && !cell.readOnly && !box.querySelector(":scope > button")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `btn btn--small${note.level === "error" ? " btn--danger" : ""}`;
    button.textContent = `改为 ${note.fix}`;
    button.addEventListener("click", () => { cell.value = note.fix; changed(cell); cell.focus(); });
    box.querySelector("[data-message]").after(button);
  }
  if (note.code) reasons.show(box, note);
}

// A warning that stays keeps its place in the page, with what is typed into it and the focus.
function showNotes(place, notes, cell) {
  const shown = notes.map((note) => {
    const found = note.code && place.querySelector(`[data-code="${note.code}"]`);
    if (!found) return finding(note, cell);
    dress(found, note, cell);
    return found;
  });
  [...place.children].filter((one) => !shown.includes(one)).forEach((one) => one.remove());
  shown.forEach((one, index) => { if (place.children[index] !== one) place.insertBefore(one, place.children[index] || null); });
}

function showRow(cell, row) {
  const line = cell.closest("tr");
  const notes = line.nextElementSibling;
  const key = JSON.stringify(row.notes);
  cell.classList.toggle("is-error", row.state === "error");
  cell.classList.toggle("is-warning", row.state === "warning");
  if (row.state === "error") cell.setAttribute("aria-invalid", "true"); else cell.removeAttribute("aria-invalid");
  line.classList.toggle("has-notes", row.notes.length > 0);
  notes.hidden = !row.notes.length;
  if (notes.dataset.shown !== key) {
    notes.dataset.shown = key;
    showNotes(notes.querySelector("[data-notes]"), row.notes, cell);
  }
  line.querySelector("[data-echo]").textContent = row.echo;
  const change = line.querySelector("[data-change]");
  if (change) change.textContent = row.change || "—";
}

function showSummary(rows) {
  const of = (state) => cells.filter((cell) => rows[cell.dataset.field].state === state);
  const [errors, all] = [of("error"), of("warning")];
  const warnings = all.filter((cell) => !rows[cell.dataset.field].explained);
  form.querySelector("[data-explained]").textContent = warnings.length < all.length
    ? `另有 ${all.length - warnings.length} 项已说明。` : "";
  const box = form.querySelector("[data-findings]");
  box.hidden = !errors.length && !warnings.length;
  box.classList.toggle("finding-summary--amber", !errors.length);
  box.querySelector(".finding-summary__error").hidden = !errors.length;
  box.querySelector(".finding-summary__warning").hidden = errors.length > 0;
  box.querySelector("[data-findings-blocks]").hidden = !errors.length;
  box.querySelector("[data-findings-title]").textContent = [
    errors.length ? `${errors.length} 项需改正` : "", warnings.length ? `${warnings.length} 项请核对` : "",
  ].filter(Boolean).join("，");
  box.querySelector("[data-findings-links]").replaceChildren(...[...errors, ...warnings].map((cell) => {
    const link = document.createElement("a");
    link.className = errors.includes(cell) ? "text-red" : "text-amber";
    link.href = `#${cell.id}`;
    const line = cell.closest("tr");
    link.textContent = `${line.querySelector(".statistics-row__number").textContent} ${
      line.querySelector("label").firstChild.textContent}`;
    return link;
  }));
}

function show(said) {
  cells.forEach((cell) => showRow(cell, said.rows[cell.dataset.field]));
  showSummary(said.rows);
  form.querySelectorAll("[data-rate]").forEach((box) => {
    const rate = said.rates[box.dataset.rate];
    showRate(box, rate.value, rate.refused ? "待改正" : "待填写");
    box.querySelector("[data-rate-numbers]").textContent = rate.numbers;
  });
}

// --- Rates while typing, before the server answers ----------------------------------------------------

function whole(field) {
  const input = document.getElementById(`id_${field}`);
  const typed = input ? input.value.replace(/[\s,，]/g, "") : "";
  return /^\d+$/.test(typed) ? Number(typed) : null;
}

// Half up at two places on whole numbers, as the server does it.
function percentage(top, bottom) {
  const hundredths = Math.floor((top * 20000 + bottom) / (2 * bottom));
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
}

function showRate(box, value, empty) {
  const place = box.querySelector("[data-rate-value]");
  const part = document.createElement(value === null ? "span" : "small");
  if (value === null) part.className = "rate__empty";
  part.textContent = value === null ? empty : "%";
  place.replaceChildren(...(value === null ? [part] : [value, part]));
  const odd = value !== null && Number(value) > 100;
  box.classList.toggle("rate--odd", odd);
  box.querySelector("[data-rate-odd]").hidden = !odd;
}

function computeRates() {
  form.querySelectorAll("[data-rate]").forEach((box) => {
    const top = whole(box.dataset.top);
    const bottom = whole(box.dataset.bottom);
    showRate(box, top === null || !bottom ? null : percentage(top, bottom), "待填写");
  });
}

if (editable) {
  form.querySelector("[data-grid-hint]").hidden = false;
  form.addEventListener("keydown", onKey);
  form.addEventListener("paste", onPaste);
  form.addEventListener("input", (event) => {
    if (!cells.includes(event.target)) return;
    computeRates();
    checkSoon();
  });
  form.querySelector("[data-grid-undo]").addEventListener("click", undoPaste);
  form.addEventListener("reasons:given", checkSoon);
  cells.forEach((cell) => cell.addEventListener("focus", () => {
    before.set(cell, cell.value);
    cell.select();
  }));
}
