import type { ChartConfiguration } from 'chart.js';
import type { DayRecord, SiteRecord } from '../../envs/index.js';
import { lineChart } from '../../src/plots/charts.js';
import { panelChart } from '../../src/plots/panels.js';
import type { LineSeries } from '../../src/plots/charts.js';
import { mean } from '../../src/math/statistics.js';

/** Tenths of a day, from its cheapest slots to its dearest. */
const tenths = Array.from({ length: 10 }, (_, k) => k);
const axis = { label: 'price: cheapest to dearest tenth of the site\'s day', min: 1, max: 10 } as const;

/** Load and energy against price: means over days of each tenth of a site's day, ordered by price. */
export function loadPriceFigure(records: readonly DayRecord[], policy: string): ChartConfiguration {
  const lines = (of: (site: SiteRecord) => readonly number[]): LineSeries[] => siteLines(records, of);
  return panelChart({
    title: `Load and energy against price: ${policy}`,
    x: { ...axis, ticks: { every: 1, format: String } },
    alike: true,
    panels: [
      { y: { label: 'busy GPUs (share)' }, series: lines((site) => site.utilisation) },
      { y: { label: 'IT and cooling (kW)' }, series: lines((site) => site.itKw.map((it, slot) => it + site.coolingKw[slot]!)) },
      { y: { label: 'grid (kW; negative: sold)' }, series: lines((site) => site.gridKw) },
    ],
  });
}

/** Battery power against price: above zero it charges. */
export function batteryPriceFigure(records: readonly DayRecord[], policy: string): ChartConfiguration {
  return lineChart({
    title: `Battery power against price: ${policy}`,
    x: axis,
    y: { label: 'battery power (kW; positive: charging)' },
    series: siteLines(records, (site) => site.batteryKw),
  });
}

function siteLines(records: readonly DayRecord[], of: (site: SiteRecord) => readonly number[]): LineSeries[] {
  return records[0]!.sites.map(({ name }, at) => {
    const days = records.map(({ sites }) => byTenth(of(sites[at]!), sites[at]!.priceUsdPerMwh));
    return { name, x: tenths.map((k) => k + 1), y: tenths.map((k) => mean(days.map((day) => day[k]!))), points: true };
  });
}

function byTenth(values: readonly number[], prices: readonly number[]): number[] {
  const dearer = values.map((_, slot) => slot).sort((a, b) => prices[a]! - prices[b]! || a - b);
  const edge = (k: number): number => Math.round((k * values.length) / 10);
  return tenths.map((k) => mean(dearer.slice(edge(k), edge(k + 1)).map((slot) => values[slot]!)));
}
