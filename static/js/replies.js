// A ready answer is put where the cursor is. Without script its link opens the page with the text in the field.
const field = document.getElementById("id_body");
document.querySelectorAll("[data-reply]").forEach((link) => {
  link.addEventListener("click", (event) => {
    if (!field) return;
    event.preventDefault();
    const text = link.dataset.reply;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
  });
});
