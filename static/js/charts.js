// Pictures, only where one reads faster than a table. The table with the same numbers always stands below.
(() => {
  "use strict";
  const ink = "#1f2530", quiet = "#566070", line = "#dde1e7", blue = "#1f4e8c";
  const font = getComputedStyle(document.body).fontFamily;
  const DAY = 86400000;
  // Days where they can be told apart, months where they cannot; never the same label twice.
  const days = (all, width) => {
    const long = Date.parse(all.at(-1)) - Date.parse(all[0]) > 400 * DAY;
    return {
      minInterval: long ? 28 * DAY : DAY,
      splitNumber: Math.max(1, Math.floor(width / 200)),
      axisLabel: { color: quiet, hideOverlap: true, formatter: long ? "{yyyy}-{MM}" : "{yyyy}-{MM}-{dd}" },
    };
  };
  const draw = {
    // Prices that hold until the next one: {"days":[…],"prices":["…"]}, the last day may be today.
    "price-steps": (data, unit, width) => ({
      animation: false,
      textStyle: { fontFamily: font, color: ink },
      grid: { left: 8, right: 24, top: 32, bottom: 8, containLabel: true },
      xAxis: { type: "time", ...days(data.days, width), axisLine: { lineStyle: { color: quiet } } },
      yAxis: { type: "value", name: unit, min: 0, nameTextStyle: { color: quiet, align: "left" }, axisLabel: { color: quiet }, splitLine: { lineStyle: { color: line } } },
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (value) => `${value} ${unit}` },
      series: [{ type: "line", step: "end", data: data.days.map((day, index) => ({ value: [day, data.prices[index]], label: { show: data.prices[index] !== data.prices[index - 1], align: index === 0 ? "left" : "center", offset: [index === 0 ? 4 : 0, 2] } })), symbolSize: 8, color: blue, lineStyle: { width: 2 }, label: { show: true, position: "bottom", formatter: (point) => data.prices[point.dataIndex], color: ink } }],
    }),
    // What each value of a parameter gives: {"values":["1.5",…],"winners":[…],"kept":["53.12"|null,…],"cut":[…]}, shares in percent.
    "what-if": (data) => ({
      animation: false,
      textStyle: { fontFamily: font, color: ink },
      legend: { bottom: 0, textStyle: { color: ink } },
      grid: { left: 8, right: 8, top: 32, bottom: 36, containLabel: true },
      xAxis: { type: "category", data: data.values, axisLine: { lineStyle: { color: quiet } }, axisLabel: { color: quiet } },
      yAxis: [
        { type: "value", name: "家", minInterval: 1, nameTextStyle: { color: quiet }, axisLabel: { color: quiet }, splitLine: { lineStyle: { color: line } } },
        { type: "value", name: "%", min: 0, max: 100, nameTextStyle: { color: quiet }, axisLabel: { color: quiet }, splitLine: { show: false } },
      ],
      tooltip: { trigger: "axis", renderMode: "richText" },
      series: [
        { name: "中选（家）", type: "bar", barMaxWidth: 48, data: data.winners, color: blue, label: { show: true, position: "top", color: ink } },
        { name: "需求保留（%）", type: "line", yAxisIndex: 1, data: data.kept, symbol: "circle", symbolSize: 8, color: "#8a5a00", lineStyle: { width: 2 } },
        { name: "平均降幅（%）", type: "line", yAxisIndex: 1, data: data.cut, symbol: "diamond", symbolSize: 10, color: "#2e6b3f", lineStyle: { width: 2, type: "dashed" } },
      ].filter((series) => series.data.some((value) => value !== null)),
    }),
  };
  document.querySelectorAll("[data-chart]").forEach((element) => {
    const make = draw[element.dataset.chart];
    if (!make || !window.echarts) return;
    const chart = window.echarts.init(element, null, { renderer: "canvas" });
    chart.setOption(make(JSON.parse(element.dataset.series), element.dataset.unit ?? "", element.clientWidth));
    new ResizeObserver(() => chart.resize()).observe(element);
  });
})();
