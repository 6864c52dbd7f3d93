// data-confirm="句子" asks before submitting; every form is sent once; data-unsaved marks and warns of unsaved input.
export function guardForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const question = (button && button.dataset.confirm) || form.dataset.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      return;
    }
    if (form.method.toLowerCase() !== "post" || form.hasAttribute("data-repeatable")) return;
    if (button && button.getAttribute("formtarget")) return; // a preview in another window: this page stays to be saved
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.dataset.changed = "";
    // Disabled only after the browser has read the pressed button's name and value.
    window.setTimeout(() => {
      form.querySelectorAll("button[type='submit'], button:not([type])").forEach((each) => {
        each.setAttribute("aria-disabled", "true");
      });
      if (button && button.dataset.busy) button.textContent = button.dataset.busy;
    }, 0);
  });

  // Coming back through history must not leave a form locked.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach((each) => each.removeAttribute("aria-disabled"));
    });
  });

  document.querySelectorAll("form[data-unsaved]").forEach((form) => {
    form.addEventListener("input", () => {
      form.dataset.changed = "yes";
      const sign = document.querySelector("[data-unsaved-sign]");
      if (sign) sign.hidden = false;
    });
  });
  window.addEventListener("beforeunload", (event) => {
    if (!document.querySelector("form[data-changed='yes']")) return;
    event.preventDefault();
    event.returnValue = "";
  });
}
