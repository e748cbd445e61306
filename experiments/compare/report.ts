import type { Estimate } from '../../src/math/comparison.js';
import { mean } from '../../src/math/statistics.js';
import type { Finding } from './behaviour.js';
import type { Drawing } from './drawings.js';
import type { Answer, Overall, Row } from './measure.js';
import type { Violation } from './results.js';
import type { MethodList } from './methodList.js';

/** What `report.json` holds; `report.md` says the same for people. */
export interface Report {
  readonly comparison: string;
  readonly command: string;
  readonly title: string;
  readonly about: string;
  readonly problems: readonly { readonly id: string; readonly name: string; readonly testDays: readonly string[]; readonly meanBound: number | null }[];
  readonly runs: { readonly finished: number; readonly of: number };
  readonly answers: readonly Answer[];
  readonly methods: readonly Row[];
  readonly overall: readonly Overall[];
  readonly bound: { readonly checkedDays: number; readonly violations: readonly Violation[] };
  readonly behaviour: readonly { readonly method: string; readonly days: number; readonly findings: readonly Finding[] }[];
  readonly figures: readonly Drawing[];
}

/** `value [low, high]`; the interval is left out where there is none. */
function cell({ value, low, high }: Estimate, digits: number, scale = 1): string {
  const show = (x: number): string => (Number.isFinite(x) ? (scale * x).toFixed(digits) : String(x));
  return low === high ? show(value) : `${show(value)} [${show(low)}, ${show(high)}]`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

const verdict = (answer: boolean | null): string => (answer === null ? 'open' : answer ? 'yes' : 'no');

export function markdown(report: Report, list: MethodList): string {
  const name = (id: string): string => list.methods.find((method) => method.id === id)?.name ?? id;
  const many = list.problems.length > 1;
  const sections = [
    `# ${report.title}`,
    report.about,
    `    ${report.command}`,
    `${report.runs.finished} of ${report.runs.of} runs are finished.${report.runs.finished < report.runs.of ? ' What is missing is left out below; the same command goes on.' : ''}`,
    '## Answers',
    answers(report.answers, name, many),
    ...report.problems.flatMap((problem) => [
      many ? `## Methods, ${problem.name}` : '## Methods',
      `${problem.testDays.length} test days, ${problem.testDays[0]} to ${problem.testDays.at(-1)}${problem.meanBound === null ? '' : `; no policy can exceed ${problem.meanBound.toFixed(0)} on their average`}.`,
      methods(report.methods.filter((row) => row.problem === problem.id)),
    ]),
    ...(many && report.overall.length > 0
      ? [
          '## Over all problems',
          table(
            ['method', 'share of the bound'],
            [...report.overall].sort((a, b) => b.shareOfBound.value - a.shareOfBound.value).map((row) => [row.name, cell(row.shareOfBound, 3)]),
          ),
        ]
      : []),
    '## Is the bound a bound?',
    bound(report.bound),
    ...(report.behaviour.length === 0 ? [] : ['## What the policies do', ...report.behaviour.map((one) => behaviour(one, name))]),
    '## Figures',
    ...report.figures.map(({ file, shows }) => `![${shows}](${file})\n\n${shows}`),
    '## How to read this',
    reading,
  ];
  return `${sections.join('\n\n')}\n`;
}

function answers(all: readonly Answer[], name: (id: string) => string, many: boolean): string {
  if (all.length === 0) return 'None yet: the runs that they need are not finished.';
  return table(
    ['question', 'answer', 'difference of interquartile means (over seeds and days)', 'difference of means (over seeds and days)', 'probability of improvement (over seeds)', 'runs', 'days'],
    all.map((one) => {
      const where = many ? `, ${one.problem}` : '';
      if (one.kind === 'share') {
        const aim = one.atLeast === null ? `${name(one.of)}` : `${name(one.of)}; aim ${one.atLeast}`;
        return [`${one.ask} (${aim}${where})`, one.atLeast === null ? cell(one.share, 3) : `${verdict(one.answer)}: ${cell(one.share, 3)}`, '', '', '', String(one.runs), String(one.days)];
      }
      return [
        `${one.ask} (${name(one.better)} against ${name(one.than)}${where})`,
        verdict(one.answer),
        cell(one.iqmDifference, 0),
        cell(one.meanDifference, 0),
        cell(one.probabilityOfImprovement, 2),
        one.runs.join(' and '),
        String(one.days),
      ];
    }),
  );
}

const methods = (rows: readonly Row[]): string =>
  table(
    ['method', 'runs', 'utility, interquartile mean', 'utility, mean', 'worst days', 'late %', 'share of the bound', 'utility, last policy', 'denoising steps', 'energy', 'env steps', 'training s'],
    [...rows]
      .sort((a, b) => b.utilityIqm.value - a.utilityIqm.value)
      .map((row) => [
        row.name,
        row.learns ? `${row.runs}${row.runs < row.expected ? ` of ${row.expected}` : ''}` : '-',
        cell(row.utilityIqm, 0),
        cell(row.utilityMean, 0),
        cell(row.worstDays, 0),
        cell(row.lateRate, 2, 100),
        row.shareOfBound === null ? '-' : cell(row.shareOfBound, 3),
        row.lastUtility === null ? '-' : cell(row.lastUtility, 0),
        row.denoisingSteps.toFixed(1),
        row.energyCost.toFixed(0),
        row.steps === null ? '-' : row.steps.toFixed(0),
        row.seconds === null ? '-' : row.seconds.toFixed(0),
      ]),
  );

function bound({ checkedDays, violations }: Report['bound']): string {
  if (checkedDays === 0) return 'Not checked yet: no bound is computed.';
  if (violations.length === 0) return `Yes: on each of ${checkedDays} evaluated days (of every run, best and last policy) utility is at most the day's bound.`;
  return `No: of ${checkedDays} evaluated days ${violations.length} exceed it.\n\n${table(
    ['problem', 'method', 'seed', 'day', 'utility', 'bound'],
    violations.map((one) => [one.problem, one.method, String(one.seed ?? '-'), one.day, one.utility.toFixed(2), one.bound.toFixed(2)]),
  )}`;
}

const behaviour = ({ method, days, findings }: Report['behaviour'][number], name: (id: string) => string): string =>
  `${name(method)}, ${days} recorded days of all its runs:\n\n${table(
    ['question', 'answer', 'mean over runs and days', 'what is measured'],
    findings.map((one) => [one.ask, one.holds ? 'yes' : 'no', cell(one.estimate, 3), one.unit]),
  )}`;

const reading = `- Money is in utility units per day. Brackets are 95 % intervals of Student's t. In answers they count seeds and days as drawn, methods
  paired by day (the same days and jobs), and so does the share of the bound there; the table of methods and the figures count seeds alone, on these
  days, so that a scheduler, which has no seed, has no interval there; what the policies do counts runs and days.
- Interquartile mean: the mean without the best and the worst quarter of the runs.
- A comparison is answered yes if both intervals of the difference lie above zero, and no otherwise; probability of
  improvement is that of a run of the first method doing better than one of the second on these days.
- Policies are chosen on validation days; so is the best learner, whose test days play no part in the choice.
- Worst days: mean utility of the worst tenth of each run's test days, mean over runs. Late %: of all jobs. Training time includes the looks at the validation days.
- The bound knows all jobs and prices beforehand and relaxes what a policy cannot do; its share of 1 is out of reach. For a method that
  has something taken away (transfer, clocks, renewables) it is still that of the whole fleet.
- Who manages batteries and clocks is the experiment's \`fleet.management\`, not the agent, unless a method says otherwise.`;

/** Mean bound of days; null unless every day has one. */
export function meanOver(days: readonly string[], bounds: ReadonlyMap<string, number> | undefined): number | null {
  const values = days.map((day) => bounds?.get(day));
  return values.length > 0 && values.every((value) => value !== undefined) ? mean(values) : null;
}
