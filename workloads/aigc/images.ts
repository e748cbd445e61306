import type { QualityPoint, QualityShape } from './quality.js';
import { fitQuality } from './quality.js';

/** A text-to-image model as a fleet can serve it. */
export interface ImageModel {
  readonly kind: 'image';
  readonly name: string;
  readonly title: string;
  /** GenEval's overall score: the share of prompts whose picture shows what was asked for (Ghosh et al. 2023). */
  readonly genEval: number;
  readonly source: string;
}

const fid = { ddim: [183.29, 81.05, 22.38, 13.83], dpm: [185.78, 72.81, 18.43, 12.2] } as const;
const fidSteps = [1, 2, 4, 8] as const;
/** Of SD 1.5 with DPM-Solver on COCO, at 8 steps and at 25, where it is taken to have converged. */
const [fidAt8, fidAt25] = [31.7, 20.1] as const;
const shareAt8 = fidAt25 / fidAt8;

/**
 * Quality of Stable Diffusion by denoising steps, as FID at convergence over FID: FIDs at 1 to 8 steps from Luo et al.
 * 2023 (LCM, arXiv 2310.04378, table 1: DDIM and DPM++ at 512 x 512), carried on from 8 to 25 steps by Sauer et al. 2023
 * (ADD, arXiv 2311.17042, table 2).
 */
export const qualityPoints: readonly QualityPoint[] = [
  ...Object.values(fid).flatMap((values) => fidSteps.map((steps, i): QualityPoint => [steps, (shareAt8 * values[3]) / values[i]!])),
  [8, shareAt8],
  [25, 1],
];

/**
 * Fitted to Stable Diffusion's points and used for every image model: no FID by steps is at hand for the diffusion
 * transformers, and FLUX.1's scores at 25 and 50 steps, within 1 % of each other, agree where the curve is flat.
 */
export const imageQualityShape: QualityShape = fitQuality(qualityPoints);

/** Utility is relative to the best of the catalogue. */
const bestGenEval = 0.71;

/** Utility units per image that endless denoising would earn: GenEval relative to SD 3.5 large's. */
export const imageCeiling = ({ genEval }: ImageModel): number => genEval / bestGenEval;

const image = (name: string, title: string, genEval: number, source: string): ImageModel => ({ kind: 'image', name, title, genEval, source });
const genEvalPaper = 'Ghosh et al. 2023 (GenEval)';
const sanaPaper = 'Xie et al. 2024 (SANA, table 7)';

/** The image models, by the names of `workloads/power`, which knows their networks. */
export const imageModels: readonly ImageModel[] = [
  image('sd-1.5', 'Stable Diffusion 1.5, 512 x 512', 0.43, genEvalPaper),
  image('sd-2.1', 'Stable Diffusion 2.1, 768 x 768', 0.5, genEvalPaper),
  image('sdxl', 'Stable Diffusion XL, 1024 x 1024', 0.55, genEvalPaper),
  image('pixart-sigma', 'PixArt-Sigma, 1024 x 1024', 0.54, sanaPaper),
  image('sd3-medium', 'Stable Diffusion 3 medium, 1024 x 1024', 0.62, sanaPaper),
  image('sd3.5-medium', 'Stable Diffusion 3.5 medium, 1024 x 1024', 0.63, 'as quoted in later comparisons; not checked at its source'),
  image('sd3.5-large', 'Stable Diffusion 3.5 large, 1024 x 1024', bestGenEval, 'as quoted in later comparisons; not checked at its source'),
];
