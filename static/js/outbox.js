// The copy button beside a text that can be copied by hand as well.
document.querySelectorAll("[data-copy]").forEach((button) => {
  const text = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector("[data-copied]");
  button.hidden = false;
  if (said) said.textContent = "";
  button.addEventListener("click", async () => {
    text.focus();
    text.select();
    let done = false;
    try {
      await navigator.clipboard.writeText(text.value);
      done = true;
    } catch {
      done = document.execCommand("copy"); // plain HTTP has no clipboard of its own
    }
    if (said) said.textContent = done ? "已复制，可以粘贴到微信。" : "没能复制，请全选文字后手动复制。";
  });
});
