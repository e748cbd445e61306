import type { Variant } from './chain.js';
import type { KernelLink } from './kernelLink.js';

export interface VariantGroup {
  readonly preset: string;
  /** The first is what the others are compared with. */
  readonly variants: readonly Variant[];
}

export interface ChainOptions {
  readonly model: string;
  readonly steps: number;
  readonly device: string;
}

const devices = 'fleet.sites.*.device';

/** Images: the device as it is, and one change at a time; with a tuned history also what is lost without tuning. */
export function imageVariants({ model, steps, device }: ChainOptions, kernel: KernelLink | undefined): VariantGroup {
  const base = { model, device, amount: steps };
  const onDevice = [`${devices}=${device}`];
  const variants: Variant[] = [
    { ...base, name: device, set: onDevice },
    { ...base, name: 'matrix products 20 % faster', set: [...onDevice, 'fleet.sites.*.serving.kernelTime.gemm=0.8'], kernelTime: { gemm: 0.8 } },
    { ...base, name: 'half the clock', set: [...onDevice, 'fleet.sites.*.serving.clockLimitShare=0.5'], clockShare: 0.5 },
    ...chips.filter((chip) => chip !== device).map((chip): Variant => ({ ...base, device: chip, name: chip, set: [`${devices}=${chip}`] })),
  ];
  if (kernel !== undefined) variants.push(untuned(base, onDevice, kernel));
  return { preset: 'chips', variants };
}

/** The fleet if the kernel had not been tuned: slower, or spending more at the same speed. */
function untuned(base: Pick<Variant, 'model' | 'device' | 'amount'>, onDevice: readonly string[], { kind, changes, ratio }: KernelLink): Variant {
  const factor = 1 / ratio;
  if (changes === 'time') {
    return { ...base, name: `untuned ${kind}`, set: [...onDevice, `fleet.sites.*.serving.kernelTime.${kind}=${factor}`], kernelTime: { [kind]: factor } };
  }
  return { ...base, name: `${kind} not tuned for energy`, set: onDevice, kernelEnergy: { kind, factor } };
}

const chips = ['A100-80GB', 'H100', 'L40S'] as const;

/** Translation on nodes of eight V100: how experts are gated, and the dense model under them. */
export function gatingVariants(): VariantGroup {
  const variant = (gating: string, name: string): Variant => ({
    name,
    set: [`fleet.sites.*.model.name=nllb-${gating}`],
    model: `nllb-${gating}`,
    device: 'V100-SXM2-32GB',
    batch: 384,
    amount: 28,
  });
  return { preset: 'moe', variants: [variant('static', 'static gating'), variant('dynamic', 'dynamic gating'), variant('dense', 'dense model')] };
}

