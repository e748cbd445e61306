/**
 * GPU work by site and slot: busy GPU-seconds, dynamic energy, and the energy cost charged to jobs at dispatch. Each
 * site has the day's slots, the next day's, and one bin for what lies further ahead.
 */
export class WorkLedger {
  readonly busySeconds: Float64Array;
  readonly dynamicKwh: Float64Array;
  readonly attributedUsd: Float64Array;
  private readonly width: number;

  constructor(
    private readonly gpuCount: Int32Array,
    private readonly slots: number,
    private readonly slotSeconds: number,
  ) {
    this.width = 2 * slots + 1;
    const bins = gpuCount.length * this.width;
    this.busySeconds = new Float64Array(bins);
    this.dynamicKwh = new Float64Array(bins);
    this.attributedUsd = new Float64Array(bins);
  }

  index(site: number, slot: number): number {
    return site * this.width + slot;
  }

  clear(): void {
    for (const series of this.all()) series.fill(0);
  }

  /** Books a GPU of the site from `start` to `end`, s since the day's start, exactly on the slots that it spans. */
  book(site: number, start: number, end: number, kwhPerSecond: number, usdPerSecond: number): void {
    const { busySeconds, dynamicKwh, attributedUsd, slotSeconds, width } = this;
    const first = site * width;
    const last = width - 1;
    let slot = Math.floor(start / slotSeconds);
    for (let from = start; from < end; slot++) {
      const to = slot < last ? Math.min(end, (slot + 1) * slotSeconds) : end;
      const i = first + Math.min(slot, last);
      busySeconds[i] = busySeconds[i]! + (to - from);
      dynamicKwh[i] = dynamicKwh[i]! + (to - from) * kwhPerSecond;
      attributedUsd[i] = attributedUsd[i]! + (to - from) * usdPerSecond;
      from = to;
    }
  }

  /** Sums over all bins past the day. */
  tail(series: Float64Array, site: number): number {
    let sum = 0;
    for (let slot = this.slots; slot < this.width; slot++) sum += series[this.index(site, slot)]!;
    return sum;
  }

  /**
   * Moves on by a day. What lay beyond tomorrow is spread over the new tomorrow as far as its GPUs are free, which is
   * where it was queued: a site with work two days ahead is busy throughout.
   */
  nextDay(): void {
    const { slots, width } = this;
    for (let k = 0; k < this.gpuCount.length; k++) {
      const first = k * width;
      const rest = first + width - 1;
      for (const series of this.all()) {
        series.copyWithin(first, first + slots, rest);
        series.fill(0, first + slots, rest);
      }
      const capacity = this.gpuCount[k]! * this.slotSeconds;
      for (let i = first + slots; i < rest && this.busySeconds[rest]! > 0; i++) {
        const part = Math.min(1, capacity / this.busySeconds[rest]!);
        for (const series of this.all()) {
          series[i] = part * series[rest]!;
          series[rest] = part === 1 ? 0 : (1 - part) * series[rest]!;
        }
      }
    }
  }

  private all(): readonly Float64Array[] {
    return [this.busySeconds, this.dynamicKwh, this.attributedUsd];
  }
}
