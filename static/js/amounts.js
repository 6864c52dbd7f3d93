// Amounts typed in 万元: shown in 元 while typing, and what they would be had somebody typed 元 (applications.statistics.slip).
const MOST = 5000;
const LEAST = 0.01;
const money = (value) => value.toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function amount(text) {
  const typed = text.replace(/[,，\s]/g, "").replace(/万元$/, "");
  const value = Number(typed);
  return typed && Number.isFinite(value) && value >= 0 ? value : null;
}

function slip(value) {
  if (value === null || value === 0 || (value >= LEAST && value <= MOST)) return null;
  if (value < LEAST) return { text: "不足 100 元，请核对是否按“亿元”填写了。本栏单位是万元。", fix: "" };
  const fix = String(Math.round(value / 100) / 100);
  return { text: `超过 5000 万元，请核对是否把“元”填成了“万元”。如果是 ${money(value)} 元，应填 ${fix} 万元。`, fix };
}

export function startAmounts() {
  document.querySelectorAll("input[data-wan]").forEach((input) => {
    const field = input.closest(".field");
    const shown = field && field.querySelector("[data-yuan]");
    const box = field && field.querySelector("[data-slip]");
    if (!shown || !box) return;
    const button = box.querySelector("[data-slip-fix]");
    const show = () => {
      const value = amount(input.value);
      shown.textContent = value === null ? "" : `${value.toLocaleString("zh-CN", { maximumFractionDigits: 6 })} 万元 = ${money(value * 10000)} 元`;
      const found = slip(value);
      box.hidden = !found;
      if (!found) return;
      box.querySelector("[data-slip-text]").textContent = found.text;
      if (!button) return;
      button.hidden = !found.fix;
      button.querySelector("[data-slip-value]").textContent = found.fix;
      button.dataset.fix = found.fix;
    };
    input.addEventListener("input", show);
    if (button) {
      button.addEventListener("click", (event) => {
        if (!button.dataset.fix) return;
        event.preventDefault();
        input.value = button.dataset.fix;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        input.dispatchEvent(new Event("change", { bubbles: true }));
        input.focus();
      });
    }
  });
}
