// Attachment 2: characters while typing, last year's text as a first draft.
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

// 作为底稿: last year's text into an empty part, without a round trip.
function takeLastYear() {
  document.querySelectorAll("[data-take]").forEach((button) => {
    const area = document.getElementById(button.dataset.take);
    const source = document.getElementById(button.dataset.source);
    button.addEventListener("click", (event) => {
      if (area.value.trim()) return; // the server says that the part is not empty
      event.preventDefault();
      area.value = source.textContent.trim();
      area.dispatchEvent(new Event("input", { bubbles: true }));
      area.dispatchEvent(new Event("change", { bubbles: true }));
      area.focus();
      button.hidden = true;
    });
  });
}

startCounters(total);
takeLastYear();
