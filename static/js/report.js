// Attachment 2: characters while typing. Attachment 3: the three rates while typing (the server computes them anyway).
import { startCounters } from "./lengths.js";

function total() {
  const place = document.querySelector("[data-total]");
  if (!place) return;
  let sum = 0;
  document.querySelectorAll("textarea[data-count]").forEach((area) => {
    sum += area.value.replace(/\s/g, "").length;
  });
  place.textContent = `正文共 ${sum} 字`;
}

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

function showRate(box) {
  const top = whole(box.dataset.top);
  const bottom = whole(box.dataset.bottom);
  const place = box.querySelector("[data-rate-value]");
  if (top === null || !bottom) {
    place.innerHTML = '<span class="rate__empty">待填写</span>';
  } else {
    place.textContent = percentage(top, bottom);
    const sign = document.createElement("small");
    sign.textContent = "%";
    place.append(sign);
  }
  box.classList.toggle("rate--odd", top !== null && Boolean(bottom) && top > bottom);
}

function computeRates() {
  const boxes = document.querySelectorAll("[data-rate]");
  if (!boxes.length) return;
  document.getElementById("draft").addEventListener("input", () => boxes.forEach(showRate));
}

// 作为底稿: last year's text into an empty part, without a round trip.
function takeLastYear() {
  document.querySelectorAll("[data-take]").forEach((button) => {
    const area = document.getElementById(button.dataset.take);
    const source = document.getElementById(button.dataset.source);
    button.addEventListener("click", (event) => {
      if (area.value.trim()) return; // the server says that the part is not empty
      event.preventDefault();
      area.value = source.innerText.trim();
      area.dispatchEvent(new Event("input", { bubbles: true }));
      area.dispatchEvent(new Event("change", { bubbles: true }));
      area.focus();
      button.hidden = true;
    });
  });
}

startCounters(total);
computeRates();
takeLastYear();
