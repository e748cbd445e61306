import type { QualityPoint, QualityShape } from './quality.js';
import { fitQuality } from './quality.js';

/** A model from text to images or videos as a fleet can serve it, by denoising steps. */
export interface ImageModel {
  readonly kind: 'image';
  readonly name: string;
  readonly title: string;
  /**
   * Of images GenEval's overall score, the share of prompts whose picture shows what was asked for (Ghosh et al. 2023); of
   * videos VBench's total (Huang et al., CVPR 2024), as a share.
   */
  readonly score: { readonly benchmark: keyof typeof reference; readonly value: number };
  readonly source: string;
}

/** Utility is relative to a model of each kind: Stable Diffusion 3.5 large, HunyuanVideo. */
const reference = { GenEval: 0.71, VBench: 0.8324 } as const;

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

/** Utility units per image or video that endless denoising would earn: its score relative to the reference of its kind. */
export const imageCeiling = ({ score: { benchmark, value } }: ImageModel): number => value / reference[benchmark];

const scored = (benchmark: keyof typeof reference) => (name: string, title: string, value: number, source: string): ImageModel => ({ kind: 'image', name, title, score: { benchmark, value }, source });
const image = scored('GenEval');
const video = scored('VBench');
const genEvalPaper = 'GenEval, Ghosh et al. 2023';
const sanaPaper = 'GenEval, Xie et al. 2024 (SANA, table 7)';
const sanaPage = "GenEval, the performance table of SANA's repository";
const quoted = 'as quoted in later comparisons; not checked at its source';

/** The image and video models, by the names of `workloads/power`, which knows their networks. */
export const imageModels: readonly ImageModel[] = [
  image('sd-1.5', 'Stable Diffusion 1.5, 512 x 512', 0.43, genEvalPaper),
  image('sd-2.1', 'Stable Diffusion 2.1, 768 x 768', 0.5, genEvalPaper),
  image('sdxl', 'Stable Diffusion XL, 1024 x 1024', 0.55, genEvalPaper),
  image('pixart-sigma', 'PixArt-Sigma, 1024 x 1024', 0.54, sanaPaper),
  image('hunyuan-dit', 'Hunyuan-DiT 1.2, 1024 x 1024', 0.63, sanaPaper),
  image('sd3-medium', 'Stable Diffusion 3 medium, 1024 x 1024', 0.62, sanaPaper),
  image('sd3.5-medium', 'Stable Diffusion 3.5 medium, 1024 x 1024', 0.63, `GenEval, ${quoted}`),
  image('sd3.5-large', 'Stable Diffusion 3.5 large, 1024 x 1024', reference.GenEval, `GenEval, ${quoted}`),
  image('flux.1', 'FLUX.1 dev, 1024 x 1024', 0.67, sanaPage),
  image('sana-0.6b', 'SANA 0.6 B, 1024 x 1024', 0.64, sanaPage),
  image('sana-1.6b', 'SANA 1.6 B, 1024 x 1024', 0.69, sanaPage),
  image('sana-4.8b', 'SANA 1.5 4.8 B, 1024 x 1024', 0.81, sanaPage),
  video('cogvideox-2b', 'CogVideoX 2 B, 49 frames of 720 x 480', 0.8091, `VBench, ${quoted}`),
  video('cogvideox-5b', 'CogVideoX 5 B, 49 frames of 720 x 480', 0.8161, `VBench, ${quoted}`),
  video('cogvideox1.5-5b', 'CogVideoX 1.5 5 B, 81 frames of 1360 x 768', 0.8217, `VBench, ${quoted}`),
  video('wan2.1-1.3b', 'Wan 2.1 1.3 B, 81 frames of 832 x 480', 0.8396, `VBench, the report of Wan 2.1 (Wan team 2025), ${quoted}`),
  video('wan2.1-14b', 'Wan 2.1 14 B, 81 frames of 832 x 480', 0.8622, `VBench, the report of Wan 2.1 (Wan team 2025), ${quoted}`),
  video('hunyuan-video', 'HunyuanVideo, 129 frames of 1280 x 720', reference.VBench, `VBench, ${quoted}`),
];
