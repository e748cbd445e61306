import type { SiteConfig } from '../../config/fleetConfig.js';
import { InputError } from '../../../src/io/errors.js';

/** Relative slack for powers that were computed from the feasible range itself. */
const rounding = 1e-9;

/**
 * A battery: dE = etaCharge Pc dt - Pd dt / etaDischarge, between two states of charge. Ask for the feasible power
 * first; power outside it is refused. Power is in kW at the terminals, positive while charging.
 */
export class Battery {
  private storedKwh: number;

  constructor(readonly config: SiteConfig['battery']) {
    this.storedKwh = config.initialSoc * config.capacityKwh;
  }

  get energyKwh(): number {
    return this.storedKwh;
  }

  /** State of charge, a share of capacity; 0 without a battery. */
  get soc(): number {
    return this.config.capacityKwh === 0 ? 0 : this.storedKwh / this.config.capacityKwh;
  }

  /** Starts over, at the initial state of charge or another one. */
  reset(soc: number = this.config.initialSoc): void {
    this.storedKwh = soc * this.config.capacityKwh;
  }

  /** Largest charging power that can be held for `seconds`, kW (>= 0). */
  maxChargeKw(seconds: number): number {
    const { capacityKwh, powerKw, etaCharge, socMax } = this.config;
    return Math.min(powerKw, (Math.max(0, socMax * capacityKwh - this.storedKwh) * 3600) / (etaCharge * seconds));
  }

  /** Largest discharging power that can be held for `seconds`, kW (>= 0). */
  maxDischargeKw(seconds: number): number {
    const { capacityKwh, powerKw, etaDischarge, socMin } = this.config;
    return Math.min(powerKw, (Math.max(0, this.storedKwh - socMin * capacityKwh) * etaDischarge * 3600) / seconds);
  }

  /** The power that can be held for `seconds`, from full discharge (negative) to full charge, kW. */
  feasibleRange(seconds: number): { minKw: number; maxKw: number } {
    return { minKw: -this.maxDischargeKw(seconds), maxKw: this.maxChargeKw(seconds) };
  }

  /** Holds `powerKw` for `seconds`. Throws InputError if that is outside the feasible range. */
  apply(powerKw: number, seconds: number): void {
    const { capacityKwh, etaCharge, etaDischarge, socMin, socMax } = this.config;
    const most = powerKw >= 0 ? this.maxChargeKw(seconds) : this.maxDischargeKw(seconds);
    if (!(Math.abs(powerKw) <= most * (1 + rounding))) {
      const range = this.feasibleRange(seconds);
      throw new InputError(`Battery power: found ${powerKw} kW, expected ${range.minKw} to ${range.maxKw} kW for ${seconds} s.`);
    }
    const hours = seconds / 3600;
    const change = powerKw >= 0 ? etaCharge * powerKw * hours : (powerKw * hours) / etaDischarge;
    this.storedKwh = Math.min(socMax * capacityKwh, Math.max(socMin * capacityKwh, this.storedKwh + change));
  }
}
