// Draws the charts of a page of figures from the numbers that its tables show too.
import { readJson } from "./page.js";

const { echarts } = window; // a classic script, loaded before this one
const numbers = readJson("charts");
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const text = { fontFamily: css("--font"), color: css("--ink-2"), fontSize: 13 };
const base = { animation: false, aria: { enabled: false }, textStyle: text };
const count = (value) => (value === null ? "" : value.toLocaleString("zh-CN", { maximumFractionDigits: 2 }));
const axis = { axisLine: { lineStyle: { color: css("--line-2") } }, axisTick: { show: false }, axisLabel: text };
const charts = [];

const bars = (rows, suffix = "") => ({
  ...base,
  grid: { left: 4, right: 64, top: 8, bottom: 4, containLabel: true },
  xAxis: { type: "value", show: false },
  yAxis: { type: "category", inverse: true, data: rows.map(([label]) => label), ...axis, axisLine: { show: false } },
  series: [
    {
      type: "bar",
      data: rows.map(([, value]) => value),
      barMaxWidth: 20,
      itemStyle: { color: css("--blue") },
      label: {
        show: true,
        position: "right",
        ...text,
        color: css("--ink"),
        formatter: ({ value }) => count(value) + suffix,
      },
    },
  ],
});

const line = (name, data, color, type, offset) => ({
  name,
  type: "line",
  data,
  symbol: "circle",
  symbolSize: 5,
  itemStyle: { color },
  lineStyle: { color, width: 2, type },
  endLabel: { show: true, formatter: name, offset, ...text, color },
});

const trend = ({ months, added, before }) => ({
  ...base,
  grid: { left: 4, right: 56, top: 24, bottom: 4, containLabel: true },
  xAxis: { type: "category", data: months, ...axis },
  yAxis: { type: "value", ...axis, axisLine: { show: false }, splitLine: { lineStyle: { color: css("--line") } } },
  series: [
    line("上年", before, css("--ink-3"), "dashed", [2, 10]),
    line("今年", added, css("--blue"), "solid", [-8, -14]),
  ],
});

const draw = (box, option, rows) => {
  if (rows && !rows.length) return box.remove();
  if (rows) box.style.height = `${Math.max(6, rows.length * 1.9 + 1)}rem`;
  const chart = echarts.init(box, null, { devicePixelRatio: 2 });
  chart.setOption(option);
  charts.push(chart);
};

for (const box of document.querySelectorAll("[data-chart]")) {
  const name = box.dataset.chart;
  if (name === "trend") draw(box, trend(numbers.trend));
  else draw(box, bars(numbers[name], name === "institutions" ? "%" : ""), numbers[name]);
}
for (const box of document.querySelectorAll("[data-bars]")) {
  draw(box, bars(numbers.bars[box.dataset.bars]), numbers.bars[box.dataset.bars]);
}
const resize = (size) => {
  for (const chart of charts) {
    chart.resize(size);
    chart.getZr().flush();
  }
};
// Chromium prints a chart in the size in which it was drawn: 103 mm by 72 mm on paper, see kpi.css
addEventListener("beforeprint", () => resize({ width: 381, height: 264 }));
for (const event of ["resize", "afterprint"]) addEventListener(event, () => resize({ width: "auto", height: "auto" }));
