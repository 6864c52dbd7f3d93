// A choice in a form[data-choose] is one press without script, none with it.
document.querySelectorAll("form[data-choose] select").forEach((select) => {
  select.addEventListener("change", () => select.form.requestSubmit());
});
