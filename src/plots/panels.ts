import type { ChartConfiguration } from 'chart.js';
import type { Axis, LineSeries } from './charts.js';
import { lineLabels } from './charts.js';
import { seriesStyle } from './style.js';

export interface Panel {
  y: Axis;
  series: readonly LineSeries[];
}

export interface PanelChart {
  title: string;
  x: Axis & { ticks?: { every: number; format: (x: number) => string } };
  panels: readonly Panel[];
  /** Panels show the same things: series are styled alike in each of them, and named once. Otherwise each has its own style. */
  alike?: boolean;
}

/** Panels above each other on one horizontal axis, the first on top, as a Chart.js configuration. */
export function panelChart({ title, x, panels, alike = false }: PanelChart): ChartConfiguration {
  const legend = lineLabels(new Set());
  // Chart.js stacks axes of one group from the bottom up.
  const axes = panels.map(({ y }, panel) => [
    `y${panel}`,
    {
      type: 'linear',
      position: 'left',
      stack: 'panels',
      stackWeight: 1,
      weight: panels.length - panel,
      offset: true,
      title: { display: true, text: y.label },
      grid: { color: '#e6e6e6' },
      ...(y.min === undefined ? {} : { min: y.min }),
      ...(y.max === undefined ? {} : { max: y.max }),
    },
  ]);
  return {
    type: 'line',
    data: { datasets: lines(panels, alike) },
    options: {
      scales: {
        x: {
          type: 'linear',
          title: { display: true, text: x.label },
          grid: { color: '#e6e6e6' },
          ...(x.min === undefined ? {} : { min: x.min }),
          ...(x.max === undefined ? {} : { max: x.max }),
          ...(x.ticks === undefined
            ? {}
            : { ticks: { stepSize: x.ticks.every, callback: (value: string | number) => x.ticks!.format(Number(value)) } }),
        },
        ...Object.fromEntries(axes),
      },
      plugins: {
        title: { display: true, text: title, font: { size: 16 } },
        legend: {
          position: 'bottom',
          labels: { usePointStyle: true, pointStyleWidth: 48, generateLabels: (chart) => legend(chart).slice(0, alike ? panels[0]!.series.length : undefined) },
        },
      },
    },
  };
}

function lines(panels: readonly Panel[], alike: boolean): ChartConfiguration<'line'>['data']['datasets'] {
  let styled = 0;
  return panels.flatMap(({ series }, panel) =>
    series.map((line, index) => {
      const { colour, dash, shape } = seriesStyle(alike ? index : styled++);
      return {
        label: line.name,
        data: Array.from(line.x, (at, i) => ({ x: at, y: line.y[i]! })),
        yAxisID: `y${panel}`,
        borderColor: colour,
        backgroundColor: colour,
        borderDash: dash,
        borderWidth: 1.8,
        pointStyle: shape,
        pointRadius: line.points === true ? 4 : 0,
        stepped: line.stepped === true,
      };
    }),
  );
}
