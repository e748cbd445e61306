import { compareRuns } from './api.js';
import { breakdownCard } from './breakdown.js';
import { card, empty, h, svg } from './dom.js';
import { fileName, saveCsv } from './download.js';
import { number, steps, withInterval } from './format.js';
import { learningCard } from './learning.js';

/** Runs side by side: curves, a table with intervals over seeds for each experiment, and where utility comes from. */
export function comparePage(app, ids) {
  const known = ids.filter((id) => app.rows.has(id));
  const element = h('div', {});
  element.style.display = 'contents';
  const parts = [];

  async function load() {
    if (known.length === 0) {
      element.replaceChildren(h('section', { class: 'card' }, empty('Nothing to compare yet.', h('span', {}, 'Choose two or more runs in the list, then press Compare.'), h('a', { href: '#/' }, 'All runs'))));
      return;
    }
    const learning = learningCard({ height: 340 });
    parts.push(learning);
    const rest = h('div', {});
    rest.style.display = 'contents';
    element.replaceChildren(
      h('div', { class: 'head' }, h('div', {}, h('h1', {}, 'Comparison'), h('p', { class: 'facts' }, `${known.length} runs${known.length < ids.length ? `; ${ids.length - known.length} more are no longer there` : ''}`))),
      learning.element,
      rest,
    );
    await Promise.all([learning.show(known), fill(rest)]);
  }

  async function fill(rest) {
    let answer;
    try {
      answer = await compareRuns(known);
    } catch (error) {
      rest.replaceChildren(h('p', { class: 'trouble', role: 'alert' }, error.message));
      return;
    }
    for (const part of parts.splice(1)) part.destroy();
    const { experiments, unfinished } = answer;
    const sections = experiments.flatMap((one) => {
      const highlight = one.methods.filter((row) => row.steps !== null).map((row) => row.method);
      if (one.methods.length === 0) return [];
      const breakdown = breakdownCard(one.breakdown, { days: one.days, highlight });
      parts.push(breakdown);
      return [methodsCard(one), breakdown.element];
    });
    const left = unfinished.length === 0 ? [] : [h('p', { class: 'note' }, `Not in the tables, as they have not finished: ${unfinished.join(', ')}.`)];
    rest.replaceChildren(...sections, ...left);
  }

  return {
    title: 'Comparison',
    element,
    ready: load(),
    update: (changed) => {
      if (!changed.some((id) => known.includes(id))) return;
      void parts[0]?.refresh();
      if (changed.some((id) => app.rows.get(id)?.state === 'finished')) void fill(element.lastElementChild);
    },
    redraw: () => parts.forEach((part) => part.redraw()),
    destroy: () => parts.forEach((part) => part.destroy()),
  };
}

function methodsCard({ experiment, days, bound, methods }) {
  const ends = methods.flatMap(({ utility: { mean, ci95 } }) => [mean - (ci95 ?? 0), mean + (ci95 ?? 0)]);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, bound ?? 0, ...ends)];
  const best = Math.max(...methods.map((row) => row.utility.mean));
  const csv = h('button', { class: 'quiet', type: 'button', 'aria-label': `Download table of ${experiment} as CSV`, onclick: save }, 'CSV');
  const head = ['Method', 'Seeds', 'Steps', 'Utility', '', 'Late %', 'Last policy', 'Late %'];

  function save() {
    const rows = methods.map((row) => [row.method, row.seeds, row.steps, row.utility.mean, row.utility.ci95, row.lateRate.mean, row.lateRate.ci95, row.lastUtility?.mean, row.lastUtility?.ci95, row.lastLateRate?.mean, row.lastLateRate?.ci95]);
    saveCsv(fileName('comparison', experiment), ['method', 'seeds', 'steps', 'utility', 'utilityCi95', 'lateRate', 'lateRateCi95', 'lastUtility', 'lastUtilityCi95', 'lastLateRate', 'lastLateRateCi95'], rows);
  }

  return card(
    `Methods: ${experiment}`,
    [csv],
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Methods of ${experiment}` },
      h(
        'table',
        { class: 'methods' },
        h('thead', {}, h('tr', {}, head.map((name, i) => h('th', { scope: 'col', class: i > 0 && i !== 4 && 'right' }, name === '' ? h('span', { class: 'unseen' }, 'Utility, drawn') : name)))),
        h(
          'tbody',
          {},
          methods.map((row) =>
            h(
              'tr',
              { class: row.steps === null && 'rule' },
              h('th', { scope: 'row' }, row.method, row.utility.mean === best ? h('span', { class: 'unseen' }, ' (best)') : null),
              h('td', { class: 'right' }, row.steps === null ? '\u2013' : String(row.seeds)),
              h('td', { class: 'right' }, steps(row.steps)),
              h('td', { class: 'right' }, withInterval(row.utility)),
              h('td', {}, whisker(row.utility, low, high)),
              h('td', { class: 'right' }, withInterval(row.lateRate, 100, 2)),
              h('td', { class: 'right' }, row.lastUtility === null ? '\u2013' : withInterval(row.lastUtility)),
              h('td', { class: 'right' }, row.lastLateRate === null ? '\u2013' : withInterval(row.lastLateRate, 100, 2)),
            ),
          ),
          bound === null
            ? null
            : h(
                'tr',
                { class: 'rule' },
                h('th', { scope: 'row' }, 'bound: no policy can exceed'),
                h('td', {}),
                h('td', {}),
                h('td', { class: 'right' }, number(bound)),
                h('td', {}, whisker({ mean: bound, ci95: null }, low, high)),
                [0, 1, 2].map(() => h('td', {})),
              ),
        ),
      ),
    ),
    h('p', { class: 'note' }, `Mean of ${days} test days, of the policy that did best on the validation days; \u00b1: 95\u2009% Student interval over seeds. Rule-based schedulers depend on no seed.`),
  );
}

/** A mean and its interval on an axis from `low` to `high` that all rows share. */
function whisker({ mean, ci95 }, low, high) {
  const width = 160;
  const x = (value) => 6 + ((value - low) / Math.max(1e-9, high - low)) * (width - 12);
  return svg(
    'svg',
    { class: 'whisker', viewBox: `0 0 ${width} 22`, 'aria-hidden': 'true' },
    svg('line', { class: 'zero', x1: x(0), x2: x(0), y1: 1, y2: 21 }),
    ci95 === null ? null : svg('line', { x1: x(mean - ci95), x2: x(mean + ci95), y1: 11, y2: 11 }),
    svg('circle', { cx: x(mean), cy: 11, r: 4 }),
  );
}
