// Big buttons and a running total for the score sheet. The server checks and adds up again; without script all works.
const number = (text) => (text.trim() === "" ? null : Number(text));
const shown = (value) => String(Math.round(value * 100) / 100);

function addButtons(stepper, changed) {
  const input = stepper.querySelector("input");
  const [low, high, step] = [Number(input.min), Number(input.max), Number(input.step)];
  const label = input.dataset.item;
  const press = (direction) => {
    const value = number(input.value);
    // From empty, minus begins at the full mark: most scores lie near it.
    const start = value === null ? (direction > 0 ? low : high) : Math.round((value + direction * step) / step) * step;
    input.value = shown(Math.min(Math.max(start, low), high));
    input.dispatchEvent(new Event("input", { bubbles: true }));
    changed();
  };
  const button = (sign, words, direction) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = sign;
    made.setAttribute("aria-label", `${label}${words} ${shown(step)} 分`);
    made.addEventListener("click", () => press(direction));
    return made;
  };
  stepper.prepend(button("−", "减", -1));
  stepper.append(button("+", "加", 1));
}

function watch(form) {
  const inputs = [...form.querySelectorAll("[data-stepper] input")];
  const submit = form.querySelector("[data-review]");
  const refresh = () => {
    const values = inputs.map((input) => number(input.value));
    const filled = values.filter((value) => value !== null && !Number.isNaN(value));
    form.querySelector("[data-total]").textContent = shown(filled.reduce((sum, value) => sum + value, 0));
    form.querySelector("[data-filled]").textContent = String(filled.length);
    const missing = inputs.length - filled.length;
    submit.textContent = missing ? `还差 ${missing} 项` : "核对并提交";
    submit.setAttribute("aria-disabled", missing ? "true" : "false");
  };
  form.querySelectorAll("[data-stepper]").forEach((stepper) => addButtons(stepper, refresh));
  form.addEventListener("input", refresh);
  submit.addEventListener("click", (event) => {
    const empty = inputs.find((input) => number(input.value) === null);
    if (!empty) return;
    event.preventDefault();
    empty.closest("[data-score-item]").scrollIntoView({ block: "center" });
    empty.focus({ preventScroll: true });
  });
  // A wheel over the number must not change a score.
  inputs.forEach((input) => input.addEventListener("wheel", () => input.blur(), { passive: true }));
  form.querySelector("[data-sum]").hidden = false;
  refresh();
}

document.querySelectorAll("form[data-score]").forEach(watch);
