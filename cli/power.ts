import type { Argv } from 'yargs';
import type { CommonOptions } from './command.js';
import { command, group } from './command.js';

/** As in the power model, whose modules load only when a command runs. */
const runtimes = ['eager', 'compiled', 'served'] as const;
const precisions = ['fp32', 'fp16', 'bf16', 'fp8', 'int8'] as const;

const sizeOptions = (yargs: Argv<CommonOptions>) =>
  yargs
    .option('model', { type: 'string', describe: 'built-in model, such as llama-3.1-8b or flux.1' })
    .option('model-config', { type: 'string', describe: "a model hub's config.json of a decoder" })
    .option('workload', { type: 'string', describe: 'kernel list (JSON) instead of a model' })
    .option('runtime', { choices: runtimes, describe: 'what runs it; a model as it is usually run, a kernel list eagerly' })
    .option('batch', { type: 'number', default: 1, describe: 'sequences, images or videos at once' })
    .option('seq', { type: 'number', default: 512, describe: 'tokens a sequence: of the prompt, or in the cache (language models)' })
    .option('phase', { choices: ['prefill', 'decode', 'request'] as const, default: 'prefill' as const, describe: 'whole prompts, one more token, or prompts and answers' })
    .option('output', { type: 'number', default: 256, describe: 'tokens of an answer (phase request)' })
    .option('steps', { type: 'number', default: 25, describe: 'denoising steps (image and video generators)' })
    .option('width', { type: 'number', describe: "pixels (generators; the model's own unless given)" })
    .option('height', { type: 'number', describe: "pixels (generators; the model's own unless given)" })
    .option('frames', { type: 'number', describe: "frames (video generators; the model's own unless given)" })
    .option('precision', { choices: precisions, describe: "number format; the model's own unless given" })
    .option('tensor-parallel', { type: 'number', default: 1, describe: 'GPUs that share every matrix' })
    .option('expert-parallel', { type: 'number', default: 1, describe: 'GPUs that share the experts' })
    .option('data-parallel', { type: 'number', default: 1, describe: 'groups of GPUs with sequences of their own' })
    .option('ulysses', { type: 'number', default: 1, describe: 'GPUs that share a sequence by heads (diffusion transformers)' })
    .option('ring', { type: 'number', default: 1, describe: 'GPUs that share a sequence by blocks (diffusion transformers)' });

/** Options with two words, by their names in the program. */
const inProgram = <T extends Record<'tensor-parallel' | 'expert-parallel' | 'data-parallel', number> & { 'model-config': string | undefined }>(options: T) => ({
  ...options,
  modelConfig: options['model-config'],
  tensorParallel: options['tensor-parallel'],
  expertParallel: options['expert-parallel'],
  dataParallel: options['data-parallel'],
});

const launchOption = { type: 'number', describe: 'microseconds that the host takes to launch a kernel; 17, or as the GPU was calibrated' } as const;

const estimate = command(
  'estimate',
  'Time, power and energy of one workload on one GPU',
  (yargs) =>
    sizeOptions(yargs)
      .option('gpu', { type: 'string', demandOption: true, describe: 'built-in GPU, such as A100, or a YAML file' })
      .option('host-launch-us', launchOption)
      .option('clock', { type: 'number', describe: 'core clock in MHz; the maximum unless given' })
      .option('calibration', { type: 'string', default: 'builtin', describe: 'file from power calibrate' }),
  async (options, output) => {
    const { runEstimate } = await import('../workloads/power/commands.js');
    const { estimateText } = await import('../workloads/power/report.js');
    const report = runEstimate({ ...inProgram(options), hostLaunchUs: options['host-launch-us'] });
    output.say(estimateText(report));
    output.document(report);
  },
);

const calibrate = command(
  'calibrate',
  'Fit the model to measurements',
  (yargs) =>
    yargs
      .option('measurements', { type: 'string', array: true, demandOption: true, describe: 'CSV files: workload, energy (J), time (ms), avg_freq (MHz)' })
      .option('workloads', { type: 'string', describe: 'folder of kernel lists (JSON)' })
      .option('gpu', { type: 'string', array: true, demandOption: true, describe: 'GPU of all files, or one for each' })
      .option('host-launch-us', { type: 'number', array: true, describe: 'microseconds that the host took to launch a kernel, of all files, or one for each; 17 unless given' })
      .option('check', { type: 'string', array: true, describe: 'measurements of other GPUs: not fitted, but counted in the interval' })
      .option('check-gpu', { type: 'string', array: true, describe: 'GPU of each of those' })
      .option('out', { type: 'string', demandOption: true, describe: 'file to write' }),
  async (options, output) => {
    const { runCalibrate } = await import('../workloads/power/commands.js');
    const { calibrationText } = await import('../workloads/power/report.js');
    const calibration = runCalibrate({ ...options, hostLaunchUs: options['host-launch-us'], checkGpu: options['check-gpu'] });
    output.say(calibrationText(calibration, options.out));
    output.document(calibration);
  },
);

const validate = command(
  'validate',
  'Compare estimates with measurements the model has not seen',
  (yargs) =>
    yargs
      .option('measurements', { type: 'string', demandOption: true, describe: 'CSV file: workload, energy (J), time (ms), avg_freq (MHz); or of the ML.ENERGY leaderboard' })
      .option('workloads', { type: 'string', describe: 'folder of kernel lists (JSON)' })
      .option('gpu', { type: 'string', demandOption: true, describe: 'built-in GPU or a YAML file' })
      .option('runtime', { choices: runtimes, describe: 'what ran: served for ML.ENERGY v3, else eager' })
      .option('host-launch-us', launchOption)
      .option('calibration', { type: 'string', describe: 'file from power calibrate, or builtin: test it as it is' })
      .option('holdout', { choices: ['family', 'clock', 'half', 'none'] as const, describe: 'what to keep from the fit; family unless a calibration is named' }),
  async (options, output) => {
    const { runValidate } = await import('../workloads/power/commands.js');
    const { validationText } = await import('../workloads/power/report.js');
    const validation = runValidate({ ...options, hostLaunchUs: options['host-launch-us'] });
    output.say(validationText(validation));
    output.document(validation);
  },
);

const compare = command(
  'compare',
  'A model over GPUs and clocks: a table, and a figure of energy and time',
  (yargs) =>
    sizeOptions(yargs)
      .option('gpus', { type: 'string', demandOption: true, describe: 'GPUs, separated by commas' })
      .option('out', { type: 'string', default: 'power-compare.png', describe: 'figure to write (PNG)' }),
  async (options, output) => {
    const { runCompare } = await import('../workloads/power/commands.js');
    const { comparisonText } = await import('../workloads/power/report.js');
    const comparison = runCompare(inProgram(options));
    output.say(comparisonText(comparison, options.out));
    output.document({ ...comparison, figure: options.out });
  },
);

export const power = group('power', 'Time, power and energy of a workload on an accelerator', [estimate, calibrate, validate, compare]);
