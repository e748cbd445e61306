import { expect, it } from 'vitest';
import { lineChart } from '../../../src/plots/charts.js';
import { renderPng } from '../../../src/plots/render.js';

it('draws a line chart with a band and a reference as a PNG of the stated size', () => {
  const png = renderPng(
    lineChart({
      title: 'utility',
      x: { label: 'steps' },
      y: { label: 'utility' },
      series: [{ name: 'a', x: [0, 1], y: [1, 2], low: [0, 1], high: [2, 3] }],
      references: [{ name: 'greedy', y: 1.5 }],
    }),
    { width: 400, height: 300 },
  );
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([800, 600]);
});
