/** What yargs finds by itself: commands, options, and values that an option lists. */
type Usual = (done: (error: Error | null, found: string[] | undefined) => void) => void;

/** Completes the word that is being typed: names of presets after --preset, else what yargs finds. */
export function complete(current: string, _argv: unknown, usual: Usual, done: (found: string[]) => void): void {
  const words = process.argv.slice(process.argv.indexOf('--get-yargs-completions') + 1);
  if (words.at(-2) !== '--preset') return usual((_error, found) => done(found ?? []));
  const names = words.includes('compare')
    ? import('../experiments/compare/methodList.js').then(({ listNames }) => listNames())
    : import('../experiments/run/config.js').then(({ presetNames }) => presetNames());
  names.then(
    (all) => done(all.filter((name) => name.startsWith(current))),
    () => done([]),
  );
}
