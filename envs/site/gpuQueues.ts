/** When each GPU of each site is free: per site a binary heap, the earliest first. Times are seconds of the day. */
export class GpuQueues {
  private readonly freeAt: Float64Array;
  /** Where each site's heap begins. */
  private readonly offset: Int32Array;

  constructor(readonly gpuCount: Int32Array) {
    this.offset = new Int32Array(gpuCount.length + 1);
    gpuCount.forEach((count, k) => (this.offset[k + 1] = this.offset[k]! + count));
    this.freeAt = new Float64Array(this.offset[gpuCount.length]!);
  }

  reset(): void {
    this.freeAt.fill(0);
  }

  /** Moves the origin of time forward by `seconds`. */
  shift(seconds: number): void {
    for (let i = 0; i < this.freeAt.length; i++) this.freeAt[i] = this.freeAt[i]! - seconds;
  }

  /** When the site's next GPU is free; may lie in the past. */
  earliestFree(site: number): number {
    return this.freeAt[this.offset[site]!]!;
  }

  /** When the GPU after that is free; Infinity for a single one. */
  secondFree(site: number): number {
    const base = this.offset[site]!;
    const count = this.gpuCount[site]!;
    if (count < 3) return count === 2 ? this.freeAt[base + 1]! : Infinity;
    return Math.min(this.freeAt[base + 1]!, this.freeAt[base + 2]!);
  }

  /** Work still to be done at `now`, seconds per GPU. */
  backlogSeconds(site: number, now: number): number {
    const { freeAt } = this;
    const end = this.offset[site + 1]!;
    let sum = 0;
    for (let i = this.offset[site]!; i < end; i++) {
      const left = freeAt[i]! - now;
      if (left > 0) sum += left;
    }
    return sum / this.gpuCount[site]!;
  }

  /** Keeps the site's earliest-free GPU busy until `end`: the heap's root is replaced and sifted down. */
  occupy(site: number, end: number): void {
    const { freeAt } = this;
    const base = this.offset[site]!;
    const count = this.gpuCount[site]!;
    let i = 0;
    for (let child = 1; child < count; child = 2 * i + 1) {
      if (child + 1 < count && freeAt[base + child + 1]! < freeAt[base + child]!) child++;
      if (freeAt[base + child]! >= end) break;
      freeAt[base + i] = freeAt[base + child]!;
      i = child;
    }
    freeAt[base + i] = end;
  }
}
