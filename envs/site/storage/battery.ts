import { z } from 'zod';
import { InputError } from '../../../src/io/errors.js';
import type { Storage } from './storage.js';

const share = () => z.number().min(0).max(1);
const efficiency = () => z.number().positive().max(1);
const nonNegative = (most: number) => z.number().nonnegative().max(most);

export const batterySchema = z
  .strictObject({
    capacityKwh: nonNegative(1e6).default(6).describe('Capacity, kWh; 0 is no battery.'),
    powerKw: nonNegative(1e6).default(1.4).describe('Largest charging and discharging power at the terminals, kW.'),
    etaCharge: efficiency().default(0.95).describe('Stored energy per energy charged (share).'),
    etaDischarge: efficiency().default(0.95).describe('Energy delivered per stored energy drawn (share).'),
    socMin: share().default(0.1).describe('Lowest state of charge (share of capacity).'),
    socMax: share().default(0.9).describe('Highest state of charge (share of capacity).'),
    initialSoc: share().default(0.5).describe('State of charge at the start of a day (share of capacity).'),
    wearUsdPerKwh: nonNegative(10).default(0.02).describe('Wear per kWh discharged, USD.'),
  })
  .prefault({});

export type BatteryConfig = z.output<typeof batterySchema>;

/** What is wrong with a battery's states of charge, if anything: the key and a sentence. */
export function batteryProblem({ socMin, socMax, initialSoc }: BatteryConfig): { key: string; message: string } | undefined {
  if (socMin > socMax) return { key: 'socMin', message: 'expected at most socMax' };
  if (initialSoc < socMin || initialSoc > socMax) {
    return { key: 'initialSoc', message: `expected a value from socMin ${socMin} to socMax ${socMax}, found ${initialSoc}` };
  }
  return undefined;
}

/** Relative slack for powers that were computed from the feasible range itself. */
const rounding = 1e-9;

/** A battery: dE = etaCharge Pc dt - Pd dt / etaDischarge, between two states of charge. */
export class Battery implements Storage {
  readonly lowKwh: number;
  readonly highKwh: number;
  readonly powerKw: number;
  readonly etaCharge: number;
  readonly etaDischarge: number;
  readonly wearUsdPerKwh: number;
  #storedKwh: number;

  constructor(readonly config: BatteryConfig) {
    this.lowKwh = config.socMin * config.capacityKwh;
    this.highKwh = config.socMax * config.capacityKwh;
    this.powerKw = config.powerKw;
    this.etaCharge = config.etaCharge;
    this.etaDischarge = config.etaDischarge;
    this.wearUsdPerKwh = config.wearUsdPerKwh;
    this.#storedKwh = config.initialSoc * config.capacityKwh;
  }

  get energyKwh(): number {
    return this.#storedKwh;
  }

  get soc(): number {
    return this.config.capacityKwh === 0 ? 0 : this.#storedKwh / this.config.capacityKwh;
  }

  reset(soc: number = this.config.initialSoc): void {
    this.#storedKwh = soc * this.config.capacityKwh;
  }

  maxChargeKw(seconds: number): number {
    const { capacityKwh, powerKw, etaCharge, socMax } = this.config;
    return Math.min(powerKw, (Math.max(0, socMax * capacityKwh - this.#storedKwh) * 3600) / (etaCharge * seconds));
  }

  maxDischargeKw(seconds: number): number {
    const { capacityKwh, powerKw, etaDischarge, socMin } = this.config;
    return Math.min(powerKw, (Math.max(0, this.#storedKwh - socMin * capacityKwh) * etaDischarge * 3600) / seconds);
  }

  feasibleRange(seconds: number): { minKw: number; maxKw: number } {
    return { minKw: -this.maxDischargeKw(seconds), maxKw: this.maxChargeKw(seconds) };
  }

  apply(powerKw: number, seconds: number): void {
    const { capacityKwh, etaCharge, etaDischarge, socMin, socMax } = this.config;
    const most = powerKw >= 0 ? this.maxChargeKw(seconds) : this.maxDischargeKw(seconds);
    if (!(Math.abs(powerKw) <= most * (1 + rounding))) {
      const range = this.feasibleRange(seconds);
      throw new InputError(`Battery power: found ${powerKw} kW, expected ${range.minKw} to ${range.maxKw} kW for ${seconds} s.`);
    }
    const hours = seconds / 3600;
    const change = powerKw >= 0 ? etaCharge * powerKw * hours : (powerKw * hours) / etaDischarge;
    this.#storedKwh = Math.min(socMax * capacityKwh, Math.max(socMin * capacityKwh, this.#storedKwh + change));
  }
}
