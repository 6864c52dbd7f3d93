// Draws each [data-chart] from the table it names: the numbers stand once in the page, and are read without script too.
import "./choose.js";
import { init } from "../vendor/echarts/echarts.min.js";

const PRINT_WIDTH = 640; // A4 between its margins
const ROW = 34;
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const tokens = getComputedStyle(document.documentElement);
const token = (name) => tokens.getPropertyValue(`--${name}`).trim();
const font = { fontFamily: token("sans"), fontSize: 14, color: token("ink-2") };

// Which columns to draw are counted from 1; the first column holds the names along the axis.
function read(table, columns) {
  const head = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  const rows = [...table.tBodies[0].rows].filter((row) => !row.hasAttribute("data-plain"));
  return {
    names: rows.map((row) => row.cells[0].dataset.short || row.cells[0].textContent.trim()),
    series: columns.map((at) => ({
      name: head[at - 1].dataset.series || head[at - 1].textContent.trim(),
      data: rows.map((row) => number(row.cells[at - 1])),
    })),
  };
}

function number(cell) {
  const text = (cell.dataset.value ?? cell.textContent).replaceAll(",", "").trim();
  return text === "" || text === "—" ? null : Number(text);
}

const spoken = (value) => (value === null || value === undefined ? "—" : Number(value).toLocaleString("zh-CN"));

// The first series is this year, dark and solid; the second the year before, pale or dashed: told apart in grey too.
function bar(series, place, lying) {
  const before = place > 0;
  return {
    ...series,
    type: "bar",
    barMaxWidth: 22,
    barGap: "10%",
    itemStyle: before
      ? { color: token("lake-100"), borderColor: token("edge"), borderWidth: 1 }
      : { color: token("lake-600"), borderRadius: lying ? [0, 3, 3, 0] : [3, 3, 0, 0] },
    label: { ...font, show: lying, position: "right", formatter: ({ value }) => spoken(value) },
  };
}

// Parts of one bar, best first: dark to pale, the last one hollow; their borders tell them apart in grey too.
const STACK = ["lake-800", "lake-600", "lake-200", "lake-50", "surface"];
function stacked(series, place, count) {
  const shade = place === count - 1 ? STACK.length - 1 : Math.min(place, STACK.length - 2);
  return {
    ...series,
    type: "bar",
    stack: "all",
    barMaxWidth: 28,
    itemStyle: { color: token(STACK[shade]) || token("lake-600"), borderColor: token("edge"), borderWidth: 1 },
  };
}

function line(series, place) {
  const before = place > 0;
  return {
    ...series,
    type: "line",
    symbol: before ? "emptyRect" : "circle",
    symbolSize: 6,
    showSymbol: series.data.filter((value) => value !== null).length < 20,
    lineStyle: { width: before ? 2 : 3, type: before ? "dashed" : "solid" },
    itemStyle: { color: before ? token("ink-3") : token("lake-600") },
    connectNulls: false,
  };
}

function options(kind, { names, series }, unit) {
  const lying = kind === "lying";
  const category = {
    type: "category",
    data: names,
    inverse: lying,
    axisLabel: { ...font, ...(lying ? { width: 132, overflow: "truncate" } : { hideOverlap: true }) },
    axisTick: { show: false },
    axisLine: { lineStyle: { color: token("edge") } },
  };
  const value = {
    type: "value",
    name: lying ? "" : unit,
    nameTextStyle: { ...font, align: "left" },
    axisLabel: { ...font, show: !lying },
    splitLine: { lineStyle: { color: token("line-2") } },
    minInterval: unit === "件" || unit === "个" || unit === "项" || unit === "组" ? 1 : 0,
  };
  return {
    animation: !calm,
    animationDuration: 300,
    textStyle: font,
    legend: { show: series.length > 1, top: 0, left: 0, itemWidth: 26, itemHeight: 12, textStyle: font },
    grid: { left: 4, right: lying ? 64 : 16, top: series.length > 1 ? (lying ? 36 : 64) : lying ? 4 : 36, bottom: 4, containLabel: true },
    // Drawn inside the SVG: an HTML tooltip would need inline styles, which the security policy forbids.
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: spoken, textStyle: { ...font, color: token("ink") }, axisPointer: { type: kind === "line" ? "line" : "shadow" } },
    xAxis: lying ? value : category,
    yAxis: lying ? category : value,
    series: series.map((each, place) => {
      if (kind === "stack") return stacked(each, place, series.length);
      return kind === "line" ? line(each, place) : bar(each, place, lying);
    }),
  };
}

function draw(place) {
  const table = document.getElementById(place.dataset.table);
  if (!table) return null;
  const content = read(table, place.dataset.columns.split(" ").map(Number));
  place.hidden = false;
  if (place.dataset.chart === "lying") {
    place.style.height = `${content.names.length * content.series.length * (ROW / (content.series.length > 1 ? 1.4 : 1)) + 56}px`;
  }
  const chart = init(place, null, { renderer: "svg" });
  chart.setOption(options(place.dataset.chart, content, place.dataset.unit || ""));
  return chart;
}

const charts = [...document.querySelectorAll("[data-chart]")].map(draw).filter(Boolean);
// What is drawn need not be read as numbers at once; on paper it stands there in full.
const numbers = [...document.querySelectorAll("details[data-numbers]")];
if (charts.length) numbers.forEach((each) => { each.open = false; });

let waiting = 0;
addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => charts.forEach((chart) => chart.resize()), 150);
});
const opened = new Set();
addEventListener("beforeprint", () => {
  charts.forEach((chart) => {
    chart.resize({ width: Math.min(PRINT_WIDTH, chart.getWidth()) });
    chart.getZr().flush(); // at once: the page is printed before the next frame
  });
  numbers.filter((each) => !each.open).forEach((each) => { opened.add(each); each.open = true; });
});
addEventListener("afterprint", () => {
  charts.forEach((chart) => chart.resize({ width: "auto" }));
  opened.forEach((each) => { each.open = false; });
  opened.clear();
});
