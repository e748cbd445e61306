import { getRun } from './api.js';
import { breakdownCard } from './breakdown.js';
import { dayView } from './dayView.js';
import { empty, h } from './dom.js';
import { number, percent, steps } from './format.js';
import { learningCard } from './learning.js';

/** One run: what it reached, how it learned, where its utility comes from, a day of it, its configuration. */
export function runPage(app, [id = '']) {
  const element = h('div', { class: 'run' });
  element.style.display = 'contents';
  let parts = [];
  let learning = null;
  let day = null;
  let state = null;

  async function load() {
    let detail;
    try {
      detail = await getRun(id);
    } catch (error) {
      element.replaceChildren(empty(error.message, h('a', { href: '#/' }, 'All runs')));
      return;
    }
    destroy();
    const { row, summary, config, metrics, breakdown, hasDay } = detail;
    state = row.state;
    const trains = row.kind === 'train';
    learning = trains ? learningCard(metrics.length === 0 ? {} : { metrics }) : null;
    day = trains ? dayView(id, hasDay) : null;
    parts = [learning, day].filter((part) => part !== null);
    const breakdownPart = summary === null ? null : breakdownCard(breakdown, { days: summary.test.best.days.length, highlight: [row.method] });
    if (breakdownPart !== null) parts.push(breakdownPart);
    element.replaceChildren(
      heading(row),
      ...(summary === null ? [] : [tiles(summary)]),
      ...(trains ? [] : [result(row)]),
      ...[learning, breakdownPart, day].filter((part) => part !== null).map((part) => part.element),
      h('section', { class: 'card' }, h('details', {}, h('summary', {}, 'Configuration'), h('pre', { tabindex: '0' }, config))),
    );
    await Promise.all([learning?.show([id]), day?.ready]);
  }

  function heading(row) {
    const states = { running: 'running', finished: 'finished', stopped: 'stopped', failed: 'failed', broken: 'unreadable' };
    const facts = [row.experiment, row.seed === null ? null : `seed ${row.seed}`, row.steps === null ? null : `${steps(Math.round(row.share * row.steps))} of ${steps(row.steps)} steps`];
    return h(
      'div',
      { class: 'head' },
      h('div', {}, h('h1', {}, row.method === '' ? id : row.method), h('p', { class: 'facts' }, facts.filter(Boolean).join(' \u00b7 '), ' \u00b7 ', h('code', {}, id)), row.reason === null ? null : h('p', { class: 'trouble' }, `It failed: ${row.reason}`)),
      h('span', { class: `state ${row.state}` }, states[row.state]),
    );
  }

  function update(changed) {
    if (!changed.includes(id)) return;
    if (!app.rows.has(id)) return void element.replaceChildren(empty('This run was deleted.', h('a', { href: '#/' }, 'All runs')));
    const row = app.rows.get(id);
    if (row.state !== state) return void load();
    element.querySelector('.head')?.replaceWith(heading(row));
    void learning?.refresh();
  }

  function destroy() {
    for (const part of parts) part.destroy();
    parts = [];
  }

  return {
    title: id,
    element,
    ready: load(),
    update,
    redraw: () => parts.forEach((part) => part.redraw()),
    destroy,
  };
}

/** Of a scheduler or the bound, which learn nothing. */
function result(row) {
  const all = [
    [row.kind === 'bound' ? 'No policy can exceed, a day' : 'Utility a day', number(row.utility)],
    ['Late jobs', percent(row.lateRate, 2)],
  ];
  return h('dl', { class: 'tiles' }, all.map(([name, value]) => h('div', { class: 'tile' }, h('dt', {}, name), h('dd', {}, value))));
}

function tiles({ test: { best }, validation, parameters }) {
  const interval = best.utility.ci95 === null ? null : ` \u00b1 ${number(best.utility.ci95)}`;
  const renewables = best.renewableKwh / Math.max(1e-9, best.renewableKwh + best.gridImportKwh);
  const all = [
    ['Utility a day', number(best.utility.mean), interval],
    ['Late jobs', percent(best.lateRate, 2)],
    ['Energy a day', number(best.energyKwh), ' kWh'],
    ['Renewable share', percent(renewables, 0)],
    ['Emissions a day', number(best.carbonKg, 1), ' kg CO\u2082'],
    ['Denoising steps', number(best.meanSteps, 1), ' mean'],
    ['Best policy', steps(validation.step), ' steps in'],
    ['Parameters', number(parameters)],
  ];
  return h('dl', { class: 'tiles' }, all.map(([name, value, small]) => h('div', { class: 'tile' }, h('dt', {}, name), h('dd', {}, value, small ? h('small', {}, small) : null))));
}
