// Draws every [data-chart] from the JSON block it names. Colours follow the theme; the data table stands below.
(function () {
  "use strict";
  var dark = document.documentElement.dataset.bsTheme === "dark";
  var ink = dark ? "#d5dbe3" : "#3a4452", line = dark ? "#3a4654" : "#d9dee5";
  var colours = dark
    ? ["#4fc79a", "#6fa8ef", "#f0a35e", "#c792ea", "#ef8177", "#9aa7b6"]
    : ["#0a7f56", "#1c5fa8", "#b4560b", "#7a3fa0", "#b42318", "#5b6673"];
  function axis(own) {
    if (!own) return own;
    return (Array.isArray(own) ? own : [own]).map(function (one) {
      return Object.assign({}, one, {
        axisLabel: Object.assign({ color: ink }, one.axisLabel), axisLine: { lineStyle: { color: line } },
        splitLine: { lineStyle: { color: line } }
      });
    });
  }
  document.querySelectorAll("[data-chart]").forEach(function (box) {
    var option = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    // Tooltips drawn on the canvas: the page's policy forbids inline styles in HTML.
    var tooltip = Object.assign({ trigger: "axis" }, option.tooltip, { renderMode: "richText" });
    var chart = echarts.init(box, null, { renderer: "canvas" });
    chart.setOption(Object.assign({
      color: colours, animation: false, textStyle: { color: ink, fontFamily: "PingFang SC, Noto Sans CJK SC, sans-serif" },
      grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true }, legend: { top: 0, textStyle: { color: ink } }
    }, option, { tooltip: tooltip, xAxis: axis(option.xAxis), yAxis: axis(option.yAxis) }));
    window.addEventListener("resize", function () { chart.resize(); });
  });
})();
