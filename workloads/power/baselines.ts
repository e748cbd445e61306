import { mean } from '../../src/math/statistics.js';
import type { CalibrationRow } from './calibrate.js';
import { at, peakTflops } from './device.js';
import { rooflineMs } from './measurements.js';
import { workloadTotals } from './workload.js';

/** What a baseline says of a workload; null where it says nothing. */
export interface BaselineEstimate {
  readonly timeMs: number | null;
  readonly powerW: number | null;
}

/** A yardstick: predicts a row, knowing the rows that a model would be fitted on. */
export interface Baseline {
  readonly name: string;
  predict(row: CalibrationRow, fitted: readonly CalibrationRow[]): BaselineEstimate;
}

/** Vidur-Energy (Ozcan et al., 2025): power saturates at this model FLOP utilisation, with this exponent. */
const saturationMfu = 0.45;
const mfuExponent = 0.7;

export const baselines: readonly Baseline[] = [
  {
    name: 'mean of the device',
    predict: (_, fitted) => ({ timeMs: null, powerW: mean(fitted.map((row) => row.powerW)) }),
  },
  {
    name: 'board limit',
    predict: ({ device }) => ({ timeMs: null, powerW: device.powerCapW }),
  },
  {
    // Given the measured time, which it would have to be told or to simulate.
    name: 'Vidur-Energy (MFU)',
    predict: ({ device, measurement, clockMhz, timeMs }) => {
      const idle = at(device.idlePowerW, clockMhz);
      const mfu = workloadTotals(measurement.workload).flop / (timeMs * peakTflops(device, 'bf16', true) * 1e9);
      return { timeMs: null, powerW: idle + (device.powerCapW - idle) * Math.min(1, mfu / saturationMfu) ** mfuExponent };
    },
  },
  {
    name: 'roofline, at board limit',
    predict: ({ device, measurement, clockMhz }) => ({
      timeMs: rooflineMs(measurement.workload, device, clockMhz),
      powerW: device.powerCapW,
    }),
  },
];
