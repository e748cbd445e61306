// Runs a folder of cases: node scripts/cases.mjs FOLDER [NAME...]. Every folder in it that holds a run.sh is one; run.sh is
// run from the project's root, built, and what it does is printed: its exit status and, of each command, one line at most of
// what went to stderr. Exits 1 if anything was ended by a signal or printed a stack trace or an internal message.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || !existsSync(folder)) {
  console.error('usage: node scripts/cases.mjs FOLDER [NAME...]');
  process.exit(2);
}
const root = join(import.meta.dirname, '..');
/** What a user should never see: words of the runtime, and stacks. */
const internal = /\n\s+at |is not a function|is not iterable|Cannot read propert|Maximum call stack|heap out of memory|must be of type|undefined|\[object /;

let bad = 0;
for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
  const script = resolve(folder, entry.name, 'run.sh');
  if (!entry.isDirectory() || !existsSync(script) || (names.length > 0 && !names.some((name) => entry.name.startsWith(name)))) continue;
  const scratch = mkdtempSync(join(tmpdir(), 'jouleflow-case-'));
  const { status, signal, stdout, stderr } = spawnSync('sh', [script], { cwd: root, encoding: 'utf8', env: { ...process.env, TMPDIR: scratch } });
  rmSync(scratch, { recursive: true, force: true });
  const fault = signal !== null || internal.test(stderr);
  if (fault) bad++;
  console.log(`${fault ? 'FAULT' : 'ok'}  ${entry.name}: exit ${status ?? signal}`);
  for (const line of [...stdout.trim().split('\n').slice(-12), ...stderr.trim().split('\n')].filter((text) => text !== '')) console.log(`      ${line.slice(0, 200)}`);
}
process.exit(bad > 0 ? 1 : 0);
