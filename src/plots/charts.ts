import type { ChartConfiguration, ChartDataset, LegendItem } from 'chart.js';
import { fill, seriesStyle, translucent } from './style.js';

export interface Axis {
  /** With its unit, as in `price (USD/MWh)`. */
  label: string;
  logarithmic?: boolean;
  min?: number;
  max?: number;
}

export interface LineSeries {
  name: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** A band around the line, such as a 95 % interval. */
  low?: ArrayLike<number>;
  high?: ArrayLike<number>;
  /** Draw as a staircase: values hold until the next x. */
  stepped?: boolean;
  points?: boolean;
}

export interface LineChart {
  title: string;
  x: Axis;
  y: Axis;
  series: readonly LineSeries[];
  /** Horizontal reference lines, such as a rule-based scheduler's result. */
  references?: readonly { name: string; y: number }[];
}

const scale = (axis: Axis): object => ({
  type: axis.logarithmic ? 'logarithmic' : 'linear',
  title: { display: true, text: axis.label },
  grid: { color: '#e6e6e6' },
  ...(axis.min === undefined ? {} : { min: axis.min }),
  ...(axis.max === undefined ? {} : { max: axis.max }),
});

/** `marks` is what the legend shows of a series: its line with dashes, or its box. */
const frame = (title: string, marks: 'line' | 'rect', hidden: ReadonlySet<string> = new Set()): object => ({
  title: { display: true, text: title, font: { size: 16 } },
  legend: {
    position: 'bottom',
    labels: {
      usePointStyle: true,
      pointStyle: marks,
      ...(marks === 'line' ? { pointStyleWidth: 48, generateLabels: lineLabels(hidden) } : {}),
    },
  },
});

/** Lines as they are drawn: what Chart.js makes of them on its own leaves out their dashes. */
export const lineLabels =
  (hidden: ReadonlySet<string>) =>
  ({ data: { datasets } }: { data: { datasets: ChartDataset[] } }): LegendItem[] =>
    (datasets as ChartDataset<'line'>[]).flatMap(({ label = '', borderColor, borderDash, borderWidth }, datasetIndex) =>
      hidden.has(label)
        ? []
        : [
            {
              text: label,
              fontColor: '#666666',
              strokeStyle: borderColor as string,
              fillStyle: borderColor as string,
              lineDash: borderDash as number[],
              lineWidth: borderWidth as number,
              pointStyle: 'line' as const,
              datasetIndex,
            },
          ],
    );

const zip = (x: ArrayLike<number>, y: ArrayLike<number>): { x: number; y: number }[] =>
  Array.from(x, (value, i) => ({ x: value, y: y[i]! }));

/** Lines with optional bands and reference lines, as a Chart.js configuration. */
export function lineChart(chart: LineChart): ChartConfiguration {
  const hidden = new Set<string>();
  const datasets: ChartDataset<'line', { x: number; y: number }[]>[] = [];
  chart.series.forEach((series, index) => {
    const { colour, dash, shape } = seriesStyle(index);
    if (series.low !== undefined && series.high !== undefined) {
      const low = `${series.name} low`;
      const high = `${series.name} high`;
      hidden.add(low).add(high);
      // Bands lie behind all lines, and are paler where there are many of them.
      const backgroundColor = translucent(colour, chart.series.length > 4 ? 0.1 : 0.18);
      const edge = { borderWidth: 0, pointRadius: 0, backgroundColor, order: 1 };
      datasets.push({ label: low, data: zip(series.x, series.low), fill: false, ...edge });
      datasets.push({ label: high, data: zip(series.x, series.high), fill: '-1', ...edge });
    }
    datasets.push({
      label: series.name,
      data: zip(series.x, series.y),
      borderColor: colour,
      backgroundColor: colour,
      borderDash: dash,
      borderWidth: 2,
      pointStyle: shape,
      pointRadius: series.points === true ? 4 : 0,
      stepped: series.stepped === true,
      fill: false,
    });
  });
  const xs = chart.series.flatMap((series) => [series.x[0]!, series.x[series.x.length - 1]!]);
  (chart.references ?? []).forEach((reference, index) => {
    const { colour, dash } = seriesStyle(chart.series.length + index);
    datasets.push({
      label: reference.name,
      data: [
        { x: Math.min(...xs), y: reference.y },
        { x: Math.max(...xs), y: reference.y },
      ],
      borderColor: colour,
      backgroundColor: colour,
      borderDash: dash.length === 0 ? [3, 3] : dash,
      borderWidth: 1.5,
      pointRadius: 0,
    });
  });
  return {
    type: 'line',
    data: { datasets },
    options: { scales: { x: scale(chart.x), y: scale(chart.y) }, plugins: frame(chart.title, 'line', hidden) },
  };
}

export interface BarChart {
  title: string;
  categories: readonly string[];
  y: Axis;
  series: readonly { name: string; values: ArrayLike<number> }[];
  stacked?: boolean;
}

/** Grouped or stacked bars, as a Chart.js configuration. */
export function barChart(chart: BarChart): ChartConfiguration {
  return {
    type: 'bar',
    data: {
      labels: [...chart.categories],
      datasets: chart.series.map((series, index) => ({
        label: series.name,
        data: Array.from(series.values),
        backgroundColor: fill(index),
        borderColor: '#333333',
        borderWidth: 1,
      })),
    },
    options: {
      scales: {
        x: { stacked: chart.stacked === true },
        y: { ...scale(chart.y), stacked: chart.stacked === true },
      },
      plugins: frame(chart.title, 'rect'),
    },
  };
}
