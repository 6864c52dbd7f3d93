// The check page works without this: it adds rows without saving, fills in what a remark is about, and
// shows the correction's date only where a return is chosen.
const rows = document.querySelector("[data-remark-rows]");
const total = document.querySelector("[name=remarks-TOTAL_FORMS]");

function addRow() {
  const index = Number(total.value);
  const row = rows.lastElementChild.cloneNode(true);
  row.querySelectorAll(".field-error").forEach((error) => error.remove());
  row.querySelectorAll("select, textarea, label").forEach((part) => {
    for (const name of ["id", "name", "for"]) {
      const value = part.getAttribute(name);
      if (value) part.setAttribute(name, value.replace(/remarks-\d+-/, `remarks-${index}-`));
    }
    if (part.tagName !== "LABEL") part.value = "";
  });
  rows.append(row);
  total.value = String(index + 1);
  return row;
}

function emptyRow() {
  const free = [...rows.children].find((row) => !row.querySelector("textarea").value && !row.querySelector("select").value);
  return free || addRow();
}

if (rows && total) {
  const more = document.querySelector("[data-add-remark]");
  more.type = "button";
  more.lastChild.textContent = "再加一条";
  more.addEventListener("click", () => addRow().querySelector("select").focus());
  document.querySelectorAll("[data-remark]").forEach((link) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const row = emptyRow();
      row.querySelector("select").value = link.dataset.remark;
      row.scrollIntoView({ block: "center" });
      row.querySelector("textarea").focus({ preventScroll: true });
    });
  });
}

const decide = document.querySelector("[data-decide]");
if (decide) {
  const button = decide.querySelector("[data-decide-button]");
  const words = { accept: decide.querySelector("[value=defer]") ? "参评并通知单位" : "维持参评", return: "退回补正并发送信函", defer: "缓评并通知单位", refuse: "不予受理并通知单位" };
  const show = () => {
    const chosen = decide.querySelector("[name=outcome]:checked");
    decide.querySelectorAll("[data-for]").forEach((part) => { part.hidden = !chosen || chosen.value !== part.dataset.for; });
    button.textContent = chosen ? words[chosen.value] : "请先选择审查决定";
    button.disabled = !chosen;
  };
  decide.addEventListener("change", show);
  show();
}

const viewName = document.querySelector("[data-view-name]");
const viewOpen = document.querySelector("[data-view-open]");
document.querySelectorAll("[data-view]").forEach((link) => {
  link.addEventListener("click", () => {
    document.querySelectorAll("[data-view]").forEach((other) => other.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    viewName.textContent = link.dataset.view;
    if (viewOpen) viewOpen.href = link.href;
  });
});
