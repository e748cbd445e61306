/** The figures of a storage that the value of its energy hangs on. */
export interface StorageLimits {
  /** Least and most that it may hold, kWh. */
  readonly lowKwh: number;
  readonly highKwh: number;
  /** Largest power that it is built for, kW at the terminals. */
  readonly powerKw: number;
  /** Stored energy per energy charged, and energy delivered per stored energy drawn. */
  readonly etaCharge: number;
  readonly etaDischarge: number;
  /** Wear per kWh discharged, USD. */
  readonly wearUsdPerKwh: number;
}

/** Something that stores electricity. Ask for the feasible power first; power is in kW at the terminals, positive while charging. */
export interface Storage extends StorageLimits {
  readonly energyKwh: number;
  /** State of charge, a share of capacity; 0 without any. */
  readonly soc: number;
  /** Starts over, at its initial state of charge or another one. */
  reset(soc?: number): void;
  /** Largest charging and discharging power that can be held for `seconds`, kW (>= 0). */
  maxChargeKw(seconds: number): number;
  maxDischargeKw(seconds: number): number;
  /** The power that can be held for `seconds`, from full discharge (negative) to full charge, kW. */
  feasibleRange(seconds: number): { minKw: number; maxKw: number };
  /** Holds `powerKw` for `seconds`. Throws InputError if that is outside the feasible range. */
  apply(powerKw: number, seconds: number): void;
}
