import { InputError } from '../../src/io/errors.js';
import type { LineChart } from '../../src/plots/charts.js';
import type { ModelledDevice } from './calibration.js';
import { estimate } from './estimate.js';
import type { Workload } from './workload.js';

/** A workload on a device at a clock that the board can hold. */
export interface ComparisonPoint {
  readonly gpu: string;
  readonly basis: ModelledDevice['basis'];
  readonly clockMhz: number;
  /** Of one item: an image, a sequence. */
  readonly timeMs: number;
  readonly powerW: number;
  readonly energyJ: number;
  readonly energyInterval: readonly [number, number];
}

export interface Comparison {
  readonly workload: string;
  /** What an item is. */
  readonly item: string;
  readonly points: readonly ComparisonPoint[];
  /** Per GPU the point of least energy, and the fastest. */
  readonly best: readonly { readonly gpu: string; readonly thriftiest: ComparisonPoint; readonly fastest: ComparisonPoint }[];
}

/** The lowest clock worth comparing, as a share of the maximum; and how many there are. */
const lowestShare = 0.35;
const clocks = 14;

/** A workload of `items` items over devices and clocks. Clocks that a board's power limit would not hold are left out. */
export function compare(workload: Workload, items: number, item: string, devices: readonly ModelledDevice[]): Comparison {
  if (devices.length === 0) throw new InputError('--gpus: expected at least one GPU.');
  const best: { gpu: string; thriftiest: ComparisonPoint; fastest: ComparisonPoint }[] = [];
  const points: ComparisonPoint[] = [];
  for (const device of devices) {
    const { maxClockMhz, minClockMhz, name } = device.spec;
    const own: ComparisonPoint[] = [];
    for (let i = 0; i < clocks; i++) {
      const wanted = Math.max(minClockMhz, maxClockMhz * (lowestShare + ((1 - lowestShare) * i) / (clocks - 1)));
      const { timeMs, powerW, energyJ, interval, clockMhz, throttled } = estimate({ device, workload, clockMhz: wanted, byKernel: false });
      own.push({
        gpu: name,
        basis: device.basis,
        clockMhz,
        timeMs: timeMs / items,
        powerW,
        energyJ: energyJ / items,
        energyInterval: [interval.energyJ[0] / items, interval.energyJ[1] / items],
      });
      if (throttled) break;
    }
    points.push(...own);
    best.push({
      gpu: name,
      thriftiest: own.reduce((a, b) => (b.energyJ < a.energyJ ? b : a)),
      fastest: own.reduce((a, b) => (b.timeMs < a.timeMs ? b : a)),
    });
  }
  return { workload: workload.name, item, points, best };
}

/** Energy against time, a line a GPU, its clocks along it. */
export function comparisonChart({ workload, item, points, best }: Comparison): LineChart {
  return {
    title: `${workload}: energy and time at each clock`,
    x: { label: `time (ms per ${item})`, logarithmic: true },
    y: { label: `energy (J per ${item})`, min: 0 },
    series: best.map(({ gpu }) => {
      const own = points.filter((point) => point.gpu === gpu);
      return {
        name: own[0]!.basis === 'measured' ? gpu : `${gpu} (${own[0]!.basis})`,
        x: own.map(({ timeMs }) => timeMs),
        y: own.map(({ energyJ }) => energyJ),
        low: own.map(({ energyInterval }) => energyInterval[0]),
        high: own.map(({ energyInterval }) => energyInterval[1]),
        points: true,
      };
    }),
  };
}
