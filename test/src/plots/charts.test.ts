import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { lineChart } from '../../../src/plots/charts.js';
import { renderPng } from '../../../src/plots/render.js';
import { projectRoot } from '../../support/cli.js';

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

/** A line with numbers that German writes otherwise (1.234,5), and bars with an interval, drawn by a process of that locale. */
function drawnUnder(locale: string): { locale: string; png: string[] } {
  const built = (file: string): string => JSON.stringify(pathToFileURL(join(projectRoot, 'dist', 'src', 'plots', file)).href);
  const script = `
    import { createHash } from 'node:crypto';
    import { lineChart } from ${built('charts.js')};
    import { intervalChart } from ${built('intervals.js')};
    import { renderPng } from ${built('render.js')};
    const line = lineChart({ title: 'a', x: { label: 'x' }, y: { label: 'y' }, series: [{ name: 's', x: [0, 20000], y: [0, 0.5] }] });
    const bars = intervalChart({ title: 'b', x: { label: 'x' }, rows: [{ name: 'r', group: 'g', value: 1234.5, low: 1000, high: 1500 }] });
    const png = [line, bars].map((chart) => createHash('sha256').update(renderPng(chart, { width: 300, height: 200 })).digest('hex'));
    console.log(JSON.stringify({ locale: new Intl.NumberFormat().resolvedOptions().locale, png }));`;
  const env = { ...process.env, LC_ALL: locale, LANG: locale };
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { env, encoding: 'utf8' })) as { locale: string; png: string[] };
}

it('draws the same bytes whatever the locale', () => {
  const english = drawnUnder('en_US.UTF-8');
  const german = drawnUnder('de_DE.UTF-8');
  expect([english.locale, german.locale]).toEqual(['en-US', 'de-DE']);
  expect(german.png).toEqual(english.png);
});
