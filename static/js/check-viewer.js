// The viewer of the check page: pages as pictures, zoom, rotation, two panes side by side, keys. Nothing is stored.
// Without script the list of files leads to a page that does the same with links.
import { fillRemark } from "./check-remarks.js";

const root = document.querySelector("[data-viewer]");
const WAIT = 3000; // a page that a worker still draws is asked for again
const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];

class Pane {
  constructor(element, link) {
    this.element = element;
    this.paper = element.querySelector("[data-paper]");
    this.open(link, 1);
  }

  open(link, page) {
    this.link = link;
    this.total = Number(link.dataset.pages) || 1;
    this.zoom = 1;
    this.turned = 0;
    this.element.querySelector("[data-pane-name]").textContent = link.dataset.name;
    this.element.querySelector("[data-pane-open]").href = link.dataset.original;
    this.go(page);
  }

  go(page) {
    this.page = Math.min(Math.max(page, 1), this.total);
    clearTimeout(this.timer);
    this.notes();
    if (this.link.dataset.state === "none" || this.link.dataset.state === "failed") {
      this.say(`《${this.link.dataset.name}》没有预览，请打开原件查看。`);
      return;
    }
    const image = new Image();
    image.alt = `${this.link.dataset.name}，第 ${this.page} 页`;
    const address = this.link.dataset.image.replace("/0/", `/${this.page}/`);
    image.addEventListener("load", () => { if (this.wanted === image) { this.image = image; this.paper.replaceChildren(image); this.shape(); } });
    image.addEventListener("error", () => { if (this.wanted === image) this.missing(address); });
    this.wanted = image;
    image.src = address;
  }

  async missing(address) {
    const page = this.page;
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
    if (page !== this.page) return;
    if (answer && answer.ok) { this.go(page); return; }
    if (answer && answer.status === 410) { this.say("这一页无法预览，请打开原件查看。"); return; }
    this.say("预览生成中，几秒后自动显示。");
    this.timer = setTimeout(() => this.go(page), WAIT);
  }

  say(words) {
    this.image = null;
    this.wanted = null;
    const line = document.createElement("p");
    line.className = "viewer-none";
    line.setAttribute("role", "status");
    line.textContent = words;
    this.paper.replaceChildren(line);
  }

  // A turned picture is laid out by its outer measures, so that the pane scrolls over all of it.
  shape() {
    if (!this.image) return;
    const { naturalWidth: width, naturalHeight: height } = this.image;
    const across = this.turned % 180 !== 0;
    const space = Math.max(this.paper.clientWidth - 24, 120);
    const shown = space * this.zoom;
    const scale = shown / (across ? height : width);
    this.image.style.width = `${width * scale}px`;
    this.image.style.height = `${height * scale}px`;
    const shift = across ? (width - height) * scale / 2 : 0;
    this.image.style.margin = across ? `${shift}px ${-shift}px` : "";
    this.image.style.transform = this.turned ? `rotate(${this.turned}deg)` : "";
  }

  scale(steps) {
    const at = ZOOMS.indexOf(this.zoom);
    this.zoom = steps === 0 ? 1 : ZOOMS[Math.min(Math.max(at + steps, 0), ZOOMS.length - 1)];
    this.shape();
  }

  turn() {
    this.turned = (this.turned + 90) % 360;
    this.shape();
  }

  notes() {
    const place = this.element.querySelector("[data-notes]");
    const all = JSON.parse(this.link.dataset.remarks || "{}");
    place.replaceChildren(...[...(all["0"] || []), ...(all[String(this.page)] || [])].map((words) => {
      const line = document.createElement("p");
      line.className = "annex__note";
      line.textContent = words;
      return line;
    }));
  }
}

function start() {
  const links = [...root.querySelectorAll("[data-file]")];
  const first = root.querySelector("[data-pane]");
  if (!links.length || !first) return;
  const panes = [new Pane(first, links[0])];
  let active = panes[0];
  const number = root.querySelector("[data-number]");
  const sum = root.querySelector("[data-total]");
  root.querySelector("[data-tools]").hidden = false;

  const show = () => {
    number.value = String(active.page);
    number.max = String(active.total);
    sum.textContent = `/ ${active.total}`;
    links.forEach((link) => (link === active.link ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    panes.forEach((pane) => pane.element.classList.toggle("is-active", pane === active && panes.length > 1));
    const remark = root.querySelector("[data-do=remark]");
    if (remark) remark.disabled = !active.link.dataset.target;
  };
  const choose = (pane) => { active = pane; show(); };
  const watch = (pane) => {
    pane.element.addEventListener("focusin", () => choose(pane));
    pane.element.addEventListener("click", () => choose(pane));
  };
  const split = () => {
    const two = panes.length === 1;
    if (two) {
      const copy = first.cloneNode(true);
      first.after(copy);
      const other = links[links.indexOf(active.link) + 1] || active.link;
      panes.push(new Pane(copy, other));
      watch(panes[1]);
      active = panes[1];
    } else {
      panes.pop().element.remove();
      active = panes[0];
    }
    document.querySelector("[data-check]").classList.toggle("check--wide", two);
    root.querySelector("[data-do=split]").setAttribute("aria-pressed", String(two));
    panes.forEach((pane) => pane.shape());
    show();
  };
  const step = (by) => {
    const next = links[links.indexOf(active.link) + by];
    if (next) { active.open(next, 1); show(); }
  };
  const remark = () => { if (active.link.dataset.target) fillRemark(active.link.dataset.target, active.page, ""); };
  const doing = {
    before: () => { active.go(active.page - 1); show(); },
    after: () => { active.go(active.page + 1); show(); },
    smaller: () => active.scale(-1), larger: () => active.scale(1), fit: () => active.scale(0),
    turn: () => active.turn(), split, remark,
  };
  watch(panes[0]);
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) doing[button.dataset.do]();
  });
  number.addEventListener("change", () => { active.go(Number(number.value) || 1); show(); });

  const open = (key, page) => {
    const link = links.find((each) => each.dataset.file === key);
    if (!link) return false;
    active.open(link, page);
    show();
    if (root.getBoundingClientRect().top > window.innerHeight || root.getBoundingClientRect().bottom < 0) root.scrollIntoView();
    return true;
  };
  links.forEach((link) => link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    active.open(link, 1);
    show();
  }));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-show], [data-goto]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const key = link.dataset.show || decodeURIComponent(link.hash.slice(1));
    if (open(key, Number(link.dataset.page) || 1)) event.preventDefault();
  });

  const keys = {
    ArrowLeft: doing.before, ArrowRight: doing.after, "+": doing.larger, "=": doing.larger, "-": doing.smaller,
    0: doing.fit, r: doing.turn, b: split, "[": () => step(-1), "]": () => step(1), c: remark,
  };
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.target.matches("input, select, textarea")) return;
    const done = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!done) return;
    event.preventDefault();
    done();
  });
  window.addEventListener("resize", () => panes.forEach((pane) => pane.shape()));
  show();
}

if (root) start();
