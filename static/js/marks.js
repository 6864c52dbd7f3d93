// A row of buttons above the text of a notice, and pasting from Word: both only write the marks of qcportal/richtext.py.
// Without this script the marks are typed.

const BUTTONS = [
  ["标题", (text) => lines(text, (line) => `# ${line}`)],
  ["小标题", (text) => lines(text, (line) => `## ${line}`)],
  ["粗体", (text) => `**${text || "粗体"}**`],
  ["列表", (text) => lines(text || "事项", (line) => `- ${line}`)],
  ["编号", (text) => lines(text || "事项", (line, number) => `${number + 1}. ${line}`)],
  ["链接", (text) => `[${text || "文字"}](https://)`],
  ["表格", () => "| 项目 | 内容 |\n| 甲 | 乙 |"],
  ["引用", (text) => lines(text || "引用", (line) => `> ${line}`)],
];

function lines(text, change) {
  return text.split("\n").map((line, number) => (line.trim() ? change(line.trim(), number) : line)).join("\n");
}

function replace(area, text) {
  const start = area.selectionStart;
  area.setRangeText(text, start, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

function toolbar(area) {
  const bar = document.createElement("div");
  bar.className = "marks-bar";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "正文的记号");
  for (const [name, make] of BUTTONS) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn--small";
    button.textContent = name;
    button.addEventListener("click", () => replace(area, make(area.value.slice(area.selectionStart, area.selectionEnd))));
    bar.append(button);
  }
  area.before(bar);
}

// What Word and web pages put on the clipboard, as marks. The document is parsed inert: nothing in it runs or loads.
export function marksOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  page.querySelectorAll("script, style, head, template, noscript, object, iframe").forEach((one) => one.remove());
  return blocksOf(page.body).join("\n\n").replace(/\n{3,}/g, "\n\n").trim();
}

function words(node) {
  let text = "";
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) text += child.textContent.replace(/\s+/g, " ");
    else if (child.nodeType !== Node.ELEMENT_NODE) continue;
    else if (child.tagName === "BR") text += "\n";
    else text += inline(child);
  }
  return text;
}

function inline(node) {
  const text = words(node);
  if (!text.trim()) return text;
  const weight = node.style ? node.style.fontWeight : "";
  if (["B", "STRONG"].includes(node.tagName) || weight === "bold" || Number(weight) >= 600) return `**${text.trim()}**`;
  const address = node.tagName === "A" ? node.getAttribute("href") || "" : "";
  return /^(https?:|mailto:)/.test(address) && !/[\s()]/.test(address) ? `[${text.trim()}](${address})` : text;
}

const BLOCKS = "P, DIV, H1, H2, H3, H4, H5, H6, UL, OL, TABLE, BLOCKQUOTE, SECTION, ARTICLE";

function blocksOf(parent) {
  const found = [];
  let loose = "";
  const close = () => {
    if (loose.trim()) found.push(loose.trim());
    loose = "";
  };
  for (const node of parent.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) loose += node.textContent.replace(/\s+/g, " ");
    if (node.nodeType !== Node.ELEMENT_NODE) continue;
    if (!node.matches(BLOCKS)) {
      loose += node.querySelector(BLOCKS) ? blocksOf(node).join("\n\n") : inline(node);
      continue;
    }
    close();
    found.push(...blockOf(node));
  }
  close();
  return found;
}

function blockOf(node) {
  const kind = node.tagName;
  if (/^H[1-6]$/.test(kind)) return [`${"#".repeat(Math.min(Number(kind[1]), 2))} ${words(node).trim().replace(/\*\*/g, "")}`];
  if (kind === "UL") return [items(node, () => "-")];
  if (kind === "OL") return [items(node, (number) => `${number + 1}.`)];
  if (kind === "TABLE") return [tableOf(node)];
  if (node.querySelector(BLOCKS)) return blocksOf(node);
  const text = words(node).trim();
  return text ? [text] : [];
}

function items(node, mark) {
  const rows = [...node.children].filter((one) => one.tagName === "LI");
  return rows.map((one, number) => `${mark(number)} ${words(one).replace(/\n/g, " ").trim()}`).join("\n");
}

function tableOf(node) {
  const rows = [...node.rows].map((row) => [...row.cells].map((cell) => words(cell).replace(/[\n|]/g, " ").trim()));
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

for (const area of document.querySelectorAll("textarea[data-marks]")) {
  toolbar(area);
  area.addEventListener("paste", (event) => {
    const html = event.clipboardData && event.clipboardData.getData("text/html");
    if (!html) return;
    const text = marksOf(html);
    if (!text) return;
    event.preventDefault();
    replace(area, text);
  });
}
