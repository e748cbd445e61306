import type { ChartConfiguration } from 'chart.js';
import type { DayRecord } from '../../envs/index.js';
import type { LineSeries } from '../../src/plots/charts.js';
import { panelChart } from '../../src/plots/panels.js';

/** One site's day against UTC hours: prices of energy, of what is stored and of GPU time, and what they
 * caused: load, clock, queue, battery, and where its power came from. */
export function dayFigure(record: DayRecord, siteIndex: number): ChartConfiguration {
  const site = record.sites[siteIndex]!;
  const hours = site.priceUsdPerMwh.map((_, slot) => (slot * record.slotSeconds) / 3600);
  const line = (name: string, y: readonly number[]): LineSeries => ({ name, x: hours, y, stepped: true });
  const renewableKw = site.pvKw.map((pv, slot) => pv + site.windKw[slot]! - site.curtailedKw[slot]!);
  return panelChart({
    title: `${site.name} (${site.region}), ${record.day}`,
    x: { label: 'hour (UTC)', min: 0, max: 24, ticks: { every: 3, format: (hour) => `${hour}:00` } },
    panels: [
      { y: { label: 'energy (USD/MWh)' }, series: [line('market price', site.priceUsdPerMwh), ...(site.storedUsdPerMwh.length === 0 ? [] : [line('worth of stored energy', site.storedUsdPerMwh)])] },
      ...(site.gpuUsdPerHour.some((price) => price !== 0) ? [{ y: { label: 'GPU time (USD/h)' }, series: [line('price of a GPU-hour', site.gpuUsdPerHour)] }] : []),
      { y: { label: 'load (share)', min: 0, max: 1 }, series: [line('busy GPUs', site.utilisation), line('clock', site.clockShare)] },
      { y: { label: 'queue (minutes)', min: 0 }, series: [line('backlog', site.backlogSeconds.map((seconds) => seconds / 60))] },
      { y: { label: 'battery (share)', min: 0, max: 1 }, series: [line('battery state of charge', site.soc)] },
      {
        y: { label: 'power (kW)' },
        series: [
          line('IT', site.itKw),
          line('battery (negative: discharging)', site.batteryKw),
          line('renewable used', renewableKw),
          line('grid (negative: sold)', site.gridKw),
        ],
      },
    ],
  });
}
