// A ready sentence goes into the text, where it can be changed; a text of one's own is never overwritten.
const choice = document.querySelector("[data-sentences]");
const target = document.querySelector("[data-sentence-target]");
if (choice && target) {
  const ready = [...choice.options].map((option) => option.value);
  choice.addEventListener("change", () => {
    if (!target.value.trim() || ready.includes(target.value)) target.value = choice.value;
  });
}
