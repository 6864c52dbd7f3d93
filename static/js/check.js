// The check page works without this: it adds rows without saving, fills in what a remark is about, writes text
// blocks where the cursor is, counts the checklist, and shows the correction's date only where a return is chosen.
import { fillRemark, setUpRemarks } from "./check-remarks.js";

setUpRemarks();

const decide = document.querySelector("[data-decide]");
if (decide) {
  const button = decide.querySelector("[data-decide-button]");
  const accept = document.querySelector("[data-accept-all]");
  const words = {
    accept: decide.querySelector("[value=defer]") ? "预览参评通知" : "维持参评",
    return: "预览补正通知", defer: "预览缓评通知", refuse: "预览不予受理通知",
  };
  const show = () => {
    const chosen = decide.querySelector("[name=outcome]:checked");
    decide.querySelectorAll("[data-for]").forEach((part) => { part.hidden = !chosen || chosen.value !== part.dataset.for; });
    document.querySelectorAll("[name=action][value=propose]").forEach((each) => {
      each.textContent = chosen ? words[chosen.value] : "请先选择审查决定";
      each.disabled = !chosen;
    });
  };
  // 其余各项符合 is for a filing with nothing against it: neither a 不符 nor a remark.
  const count = () => {
    const lines = [...decide.querySelectorAll("[data-line]")];
    const answers = lines.map((line) => (line.querySelector("input:checked") || {}).value || "");
    const done = answers.filter(Boolean).length;
    const sign = document.querySelector("[data-answered]");
    if (sign) sign.textContent = `${lines.length} 项，已核 ${done} 项`;
    const bar = document.querySelector("[data-answered-bar]");
    if (bar) bar.textContent = `${done}/${lines.length}`;
    lines.forEach((line, place) => {
      const link = line.querySelector(".answer__propose");
      if (link) link.hidden = answers[place] !== "no";
    });
    const written = [...decide.querySelectorAll("[data-remark-rows] textarea")].some((field) => field.value.trim());
    if (accept) accept.hidden = answers.includes("no") || written;
  };
  decide.addEventListener("change", () => { show(); count(); });
  decide.addEventListener("input", count);
  decide.addEventListener("click", (event) => {
    const link = event.target.closest(".answer__propose");
    if (!link) return;
    event.preventDefault();
    fillRemark(link.dataset.propose, "", link.dataset.text);
  });
  show();
  count();
}
