// Attachment 1: members without a round trip, amounts, lengths, the steps of another type. Nothing depends on it.
import { startAmounts } from "./amounts.js";
import { startCounters } from "./lengths.js";
import { startAwards, startTypePreview } from "./topic.js";

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

startAmounts();
startCounters();
startTypePreview();
startAwards();
