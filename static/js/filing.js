// Attachment 1: members without a round trip, 万元 in 元 while typing, characters counted. Nothing depends on it.
const list = document.querySelector("[data-members]");
const template = document.querySelector("[data-member-template]");

function number() {
  list.querySelectorAll("[data-member]:not(.is-removed) [data-member-number]").forEach((each, index) => {
    each.textContent = String(index + 1);
  });
}

function prepare(member) {
  const button = member.querySelector("[data-remove-member]");
  const box = member.querySelector("input[type='checkbox'][name$='-DELETE']");
  if (!button || !box) return;
  box.closest(".field").hidden = true;
  button.hidden = false;
  button.addEventListener("click", () => {
    box.checked = true;
    member.classList.add("is-removed");
    number();
    document.querySelector("[data-add-member]").focus();
    member.dispatchEvent(new Event("input", { bubbles: true }));
  });
  if (box.checked && !member.querySelector(".field--error")) member.classList.add("is-removed");
}

if (list && template) {
  list.querySelectorAll("[data-member]").forEach(prepare);
  const total = document.getElementById("id_members-TOTAL_FORMS");
  document.querySelector("[data-add-member]").addEventListener("click", (event) => {
    event.preventDefault();
    const index = total.value;
    const holder = document.createElement("div");
    holder.innerHTML = template.innerHTML.replace(/__prefix__/g, index);
    const member = holder.querySelector("[data-member]");
    list.appendChild(member);
    total.value = String(Number(index) + 1);
    prepare(member);
    number();
    member.querySelector("input:not([type='hidden'])").focus();
  });
}

document.querySelectorAll("input[data-wan]").forEach((input) => {
  const shown = document.createElement("p");
  shown.className = "yuan";
  shown.setAttribute("aria-live", "polite");
  input.closest(".field").appendChild(shown);
  const show = () => {
    const value = Number(input.value.replace(/[,，\s]/g, ""));
    shown.textContent = input.value.trim() && Number.isFinite(value)
      ? `= ${(value * 10000).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} 元` : "";
  };
  input.addEventListener("input", show);
});

document.querySelectorAll("textarea[data-count]").forEach((area) => {
  const shown = document.createElement("p");
  shown.className = "field__count";
  area.insertAdjacentElement("afterend", shown);
  const most = area.getAttribute("maxlength");
  const show = () => { shown.textContent = `${area.value.replace(/\s/g, "").length} 字${most ? `，最多 ${most} 字` : ""}`; };
  area.addEventListener("input", show);
  show();
});
