import { allToAllSeconds, halfBytes, productSeconds } from './devices.js';
import type { Device } from './devices.js';

/** Where the time of a pass goes. */
export type Part = 'dense' | 'gate' | 'masks' | 'dispatch' | 'allToAll' | 'experts' | 'buffer';

/**
 * What a forward pass costs one device and its host. Host and device run side by side; they wait for each other only
 * where `sync` is called.
 */
export class Pass {
  /** Closed by `sync`. */
  seconds = 0;
  /** Of products, multiply and add counted as two. */
  flop = 0;
  /** Device time part by part, whether or not the host was slower. */
  readonly partSeconds: Partial<Record<Part, number>> = {};
  #hostSeconds = 0;
  #deviceSeconds = 0;
  /** Host time to launch one kernel. */
  readonly #launchSeconds: number;

  constructor(
    readonly device: Device,
    launchSeconds: number,
  ) {
    this.#launchSeconds = launchSeconds;
  }

  /** `times` half-precision products of rows x inner by inner x columns. */
  product(part: Part, [rows, inner, columns]: readonly [rows: number, inner: number, columns: number], times = 1): void {
    const flop = 2 * rows * inner * columns;
    const bytes = halfBytes * (rows * inner + inner * columns + rows * columns);
    this.flop += times * flop;
    this.busy(part, times * productSeconds(this.device, flop, bytes));
  }

  /** Element-wise kernels that read and write so many bytes of device memory. */
  move(part: Part, bytes: number): void {
    this.busy(part, bytes / this.device.memoryBytesPerSecond);
  }

  /** An exchange of `bytes` per device among all `devices`. */
  exchange(bytes: number, devices: number): void {
    this.busy('allToAll', allToAllSeconds(this.device, bytes, devices));
  }

  /** So many kernels launched. */
  launch(kernels: number): void {
    this.#hostSeconds += kernels * this.#launchSeconds;
  }

  busy(part: Part, seconds: number): void {
    this.partSeconds[part] = (this.partSeconds[part] ?? 0) + seconds;
    this.#deviceSeconds += seconds;
  }

  /** Closes a stretch in which host and device ran side by side: it lasted as long as the slower of them. */
  sync(): void {
    this.seconds += Math.max(this.#hostSeconds, this.#deviceSeconds);
    this.#hostSeconds = 0;
    this.#deviceSeconds = 0;
  }
}
