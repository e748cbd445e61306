/** An accelerator and the links around it, from data sheets. */
export interface Device {
  readonly name: string;
  /** Core clock at which the figures hold, MHz. */
  readonly clockMhz: number;
  /** Half-precision peak of the tensor cores, FLOP/s. */
  readonly peakFlopPerSecond: number;
  /** Half-precision matrix products as large ones reach, FLOP/s. */
  readonly gemmFlopPerSecond: number;
  /** Memory bandwidth, bytes/s. */
  readonly memoryBytesPerSecond: number;
  readonly memoryBytes: number;
  readonly devicesPerNode: number;
  /** To the other devices of the node, in one direction, bytes/s. */
  readonly nodeLinkBytesPerSecond: number;
  /** To other nodes, per device, in one direction, bytes/s. */
  readonly networkBytesPerSecond: number;
  /** From host memory, in one direction, as reached in practice, bytes/s. */
  readonly hostLinkBytesPerSecond: number;
  /** Board power limit, W. */
  readonly boardWatts: number;
  /** Power with a context but no work, W. */
  readonly idleWatts: number;
}

/**
 * NVIDIA V100-SXM2-32GB, eight in a DGX-1. Data sheets: 1,530 MHz, 125 TFLOP/s, 900 GB/s,
 * 32 GB, 300 GB/s NVLink both ways together, 300 W; four
 * 100 Gbit/s adapters for eight devices. cuBLAS reaches 83 of the 125 TFLOP/s of the tensor cores (Markidis et al. 2018,
 * "NVIDIA Tensor Core Programmability, Performance & Precision"); PCIe 3.0 x16 reaches 12 of its 15.75 GB/s. Idle power:
 * about 40 W, as commonly reported for an idle V100 with a context; the data sheet has none.
 */
export const v100: Device = {
  name: 'V100-SXM2-32GB',
  clockMhz: 1530,
  peakFlopPerSecond: 125e12,
  gemmFlopPerSecond: 83e12,
  memoryBytesPerSecond: 900e9,
  memoryBytes: 32 * 2 ** 30,
  devicesPerNode: 8,
  nodeLinkBytesPerSecond: 300e9 / 2,
  networkBytesPerSecond: (4 * 12.5e9) / 8,
  hostLinkBytesPerSecond: 12e9,
  boardWatts: 300,
  idleWatts: 40,
};

/** Bytes of a half-precision value. */
export const halfBytes = 2;

/** Seconds of one product of `flop` operations over `bytes` of operands: the slower of arithmetic and memory. */
export const productSeconds = (device: Device, flop: number, bytes: number): number =>
  Math.max(flop / device.gemmFlopPerSecond, bytes / device.memoryBytesPerSecond);

/**
 * Seconds in which every device exchanges `bytes` with all `devices` evenly: what stays in the node goes over its links,
 * the rest over the network, at the same time.
 */
export function allToAllSeconds(device: Device, bytes: number, devices: number): number {
  const inNode = Math.min(devices, device.devicesPerNode);
  const near = (bytes * (inNode - 1)) / devices / device.nodeLinkBytesPerSecond;
  const far = (bytes * (devices - inNode)) / devices / device.networkBytesPerSecond;
  return Math.max(near, far);
}
