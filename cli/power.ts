import type { Argv } from 'yargs';
import type { CommonOptions } from './command.js';
import { command, group } from './command.js';

const precisions = ['fp32', 'fp16', 'bf16', 'fp8', 'int8'] as const;

const sizeOptions = (yargs: Argv<CommonOptions>) =>
  yargs
    .option('batch', { type: 'number', default: 1, describe: 'sequences or images at once' })
    .option('seq', { type: 'number', default: 512, describe: 'tokens a sequence (language models)' })
    .option('phase', { choices: ['prefill', 'decode'] as const, default: 'prefill' as const, describe: 'whole prompts, or one more token' })
    .option('steps', { type: 'number', default: 25, describe: 'denoising steps (image generators)' })
    .option('precision', { choices: precisions, default: 'bf16' as const, describe: 'number format' });

const estimate = command(
  'estimate',
  'Time, power and energy of one workload on one GPU',
  (yargs) =>
    sizeOptions(yargs)
      .option('model', { type: 'string', describe: 'built-in model, such as opt-1.3b or sdxl' })
      .option('workload', { type: 'string', describe: 'kernel list (JSON) instead of a model' })
      .option('gpu', { type: 'string', demandOption: true, describe: 'built-in GPU, such as A100, or a YAML file' })
      .option('clock', { type: 'number', describe: 'core clock in MHz; the maximum unless given' })
      .option('calibration', { type: 'string', default: 'builtin', describe: 'file from power calibrate' }),
  async (options, output) => {
    const { runEstimate } = await import('../workloads/power/commands.js');
    const { estimateText } = await import('../workloads/power/report.js');
    const report = runEstimate(options);
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
      .option('check', { type: 'string', array: true, describe: 'measurements of other GPUs: not fitted, but counted in the interval' })
      .option('check-gpu', { type: 'string', array: true, describe: 'GPU of each of those' })
      .option('out', { type: 'string', demandOption: true, describe: 'file to write' }),
  async (options, output) => {
    const { runCalibrate } = await import('../workloads/power/commands.js');
    const { calibrationText } = await import('../workloads/power/report.js');
    const calibration = runCalibrate(options);
    output.say(calibrationText(calibration, options.out));
    output.document(calibration);
  },
);

const validate = command(
  'validate',
  'Compare estimates with measurements the model has not seen',
  (yargs) =>
    yargs
      .option('measurements', { type: 'string', demandOption: true, describe: 'CSV file: workload, energy (J), time (ms), avg_freq (MHz)' })
      .option('workloads', { type: 'string', describe: 'folder of kernel lists (JSON)' })
      .option('gpu', { type: 'string', demandOption: true, describe: 'built-in GPU or a YAML file' })
      .option('calibration', { type: 'string', describe: 'file from power calibrate, or builtin: test it as it is' })
      .option('holdout', { choices: ['family', 'clock', 'half', 'none'] as const, describe: 'what to keep from the fit; family unless a calibration is named' }),
  async (options, output) => {
    const { runValidate } = await import('../workloads/power/commands.js');
    const { validationText } = await import('../workloads/power/report.js');
    const validation = runValidate(options);
    output.say(validationText(validation));
    output.document(validation);
  },
);

const compare = command(
  'compare',
  'A model over GPUs and clocks: a table, and a figure of energy and time',
  (yargs) =>
    sizeOptions(yargs)
      .option('model', { type: 'string', demandOption: true, describe: 'built-in model, such as sdxl' })
      .option('gpus', { type: 'string', demandOption: true, describe: 'GPUs, separated by commas' })
      .option('out', { type: 'string', default: 'power-compare.png', describe: 'figure to write (PNG)' }),
  async (options, output) => {
    const { runCompare } = await import('../workloads/power/commands.js');
    const { comparisonText } = await import('../workloads/power/report.js');
    const comparison = runCompare(options);
    output.say(comparisonText(comparison, options.out));
    output.document({ ...comparison, figure: options.out });
  },
);

export const power = group('power', 'Time, power and energy of a workload on an accelerator', [estimate, calibrate, validate, compare]);
