/** What a cache is tuned for, where that is not what the file says. */
export const objectiveOptions = {
  objective: { type: 'string', describe: "time, energy or another metric of the cache (default: the cache's own, else time)" },
  direction: { choices: ['minimise', 'maximise'] as const, describe: 'which way the objective is better, where neither the cache nor its name says' },
} as const;
