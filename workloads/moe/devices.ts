/** An accelerator and the links around it, from data sheets. */
export interface Device {
  readonly name: string;
  /** Dense half-precision peak of the tensor cores, FLOP/s. */
  readonly peakFlopPerSecond: number;
  /** Memory bandwidth, bytes/s. */
  readonly memoryBytesPerSecond: number;
  readonly memoryBytes: number;
  /** To the other devices of the node, both directions together, bytes/s. */
  readonly nodeLinkBytesPerSecond: number;
  /** From host memory, in one direction, as reached in practice, bytes/s. */
  readonly hostLinkBytesPerSecond: number;
  /** To other nodes, per device, in one direction, bytes/s. */
  readonly networkBytesPerSecond: number;
  /** Board power limit, W. */
  readonly boardWatts: number;
  /** Power while waiting, W. */
  readonly idleWatts: number;
}

/**
 * NVIDIA V100-SXM2-32GB in a DGX-1: 125 TFLOP/s (tensor cores), 900 GB/s, 300 GB/s NVLink, 300 W (NVIDIA V100 data sheet,
 * 2020); four 100 Gbit/s adapters for eight devices (DGX-1 data sheet); PCIe 3.0 x16 reaches 12 of its 15.75 GB/s.
 * Idle power as nvidia-smi commonly shows it for a V100 with a context, about 40 W.
 */
export const v100: Device = {
  name: 'V100-SXM2-32GB',
  peakFlopPerSecond: 125e12,
  memoryBytesPerSecond: 900e9,
  memoryBytes: 32 * 2 ** 30,
  nodeLinkBytesPerSecond: 300e9,
  hostLinkBytesPerSecond: 12e9,
  networkBytesPerSecond: (4 * 12.5e9) / 8,
  boardWatts: 300,
  idleWatts: 40,
};

/** Share of the tensor cores' peak that large half-precision products reach in practice. */
export const gemmEfficiency = 0.75;

/** Seconds of one product of `flop` operations over `bytes` of operands: the slower of arithmetic and memory. */
export const productSeconds = (device: Device, flop: number, bytes: number): number =>
  Math.max(flop / (gemmEfficiency * device.peakFlopPerSecond), bytes / device.memoryBytesPerSecond);
