// The fields of a draft form by key: an input's name, but all inputs of the member rows are the one key "members".
export function keyOf(name) {
  return name.indexOf("members-") === 0 ? "members" : name;
}

export class Fields {
  constructor(form, keys) {
    this.form = form;
    this.keys = keys;
  }

  inputs(key) {
    return Array.from(this.form.elements).filter((each) => each.name && keyOf(each.name) === key && each.type !== "file"
      && each.type !== "submit" && each.type !== "button");
  }

  // What a form would post for the key: pairs of name and value.
  pairs(key) {
    const found = [];
    this.inputs(key).forEach((each) => {
      if (each.disabled || ((each.type === "checkbox" || each.type === "radio") && !each.checked)) return;
      found.push([each.name, each.value]);
    });
    return found;
  }

  read(key) {
    return JSON.stringify(this.pairs(key));
  }

  exists(key) {
    return this.inputs(key).length > 0;
  }

  writePairs(key, pairs) {
    if (key === "members") this.addRows(pairs);
    const names = {};
    pairs.forEach(([name, value]) => { (names[name] = names[name] || []).push(value); });
    this.inputs(key).forEach((each) => {
      if (each.name === "members-TOTAL_FORMS" || each.name === "members-INITIAL_FORMS") return;
      this.put(each, names[each.name] || []);
    });
    this.inputs(key).slice(0, 1).forEach((each) => each.dispatchEvent(new Event("input", { bubbles: true })));
  }

  // A value of the server, as its inputs would post it.
  writeEntry(key, values) {
    const inputs = this.inputs(key);
    inputs.forEach((each) => this.put(each, values));
    inputs.slice(0, 1).forEach((each) => each.dispatchEvent(new Event("input", { bubbles: true })));
  }

  put(input, values) {
    if (input.type === "checkbox" || input.type === "radio") {
      input.checked = values.indexOf(input.value) >= 0;
    } else {
      input.value = values.length ? values[0] : "";
    }
  }

  addRows(pairs) {
    const wanted = pairs.find(([name]) => name === "members-TOTAL_FORMS");
    const total = this.form.elements["members-TOTAL_FORMS"];
    const more = this.form.querySelector("[data-add-member]");
    for (let guard = 0; more && wanted && guard < 60 && Number(total.value) < Number(wanted[1]); guard += 1) more.click();
  }

  label(key) {
    if (key === "members") return "小组成员";
    const input = this.inputs(key)[0];
    if (!input) return key;
    const choice = input.type === "checkbox" || input.type === "radio";
    const box = input.closest("fieldset");
    const label = choice && box ? box.querySelector("legend") : this.form.querySelector(`label[for="${input.id}"]`);
    if (!label) return key;
    const copy = label.cloneNode(true);
    copy.querySelectorAll(".field__need").forEach((each) => each.remove());
    return copy.textContent.trim();
  }

  // Errors of the keys sent are renewed; those of other inputs stay unless the answer names them.
  showErrors(sent, errors) {
    sent.forEach((key) => this.inputs(key).forEach((each) => { if (!errors[each.name]) this.clearError(each); }));
    Object.keys(errors).forEach((name) => {
      const input = this.form.elements[name];
      if (input) this.showError(input.length && !input.options ? input[0] : input, errors[name]);
    });
  }

  place(input) {
    return input.closest(".field") || input.closest("td") || input.parentNode;
  }

  clearError(input) {
    const place = this.place(input);
    const shown = place.querySelector(".field__error");
    if (!shown) return;
    shown.remove();
    place.classList.remove("field--error");
    input.removeAttribute("aria-invalid");
    input.classList.remove("is-error");
  }

  showError(input, messages) {
    const place = this.place(input);
    let shown = place.querySelector(".field__error");
    if (!shown) {
      shown = document.createElement("div");
      shown.className = "field__error";
      shown.id = `${input.id}_error`;
      place.appendChild(shown);
    }
    shown.textContent = messages.join(" ");
    place.classList.add("field--error");
    input.setAttribute("aria-invalid", "true");
    const described = (input.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== shown.id);
    input.setAttribute("aria-describedby", described.concat(shown.id).join(" "));
  }
}
