import { getCurves } from './api.js';
import { card, empty, h } from './dom.js';
import { fileName, saveCsv, savePng } from './download.js';
import { brief, isShare, metricName, number, percent, steps } from './format.js';
import { lineChart } from './lines.js';
import { seriesStyle } from './theme.js';

const usual = ['validationUtility', 'validationLateRate', 'utility', 'lateRate', 'criticLoss', 'actorLoss', 'shaperLoss', 'value'];
const referenceKey = { validationUtility: 'utility', validationLateRate: 'lateRate' };

/**
 * The learning curves of runs: one line a method with the 95 % interval over its seeds, the seeds behind it, and the
 * rule-based schedulers across. `show(ids)` draws; `refresh()` draws again what has grown.
 */
export function learningCard({ metrics = usual, height = 300, note = '' } = {}) {
  let ids = [];
  let metric = metrics.includes('validationUtility') ? 'validationUtility' : metrics[0];
  let seeds = true;
  let answer = null;
  let chart = null;
  let asked = 0;

  const pick = h(
    'select',
    { 'aria-label': 'Metric', onchange: () => ((metric = pick.value), void refresh()) },
    metrics.map((name) => h('option', { value: name, selected: name === metric }, metricName(name))),
  );
  const seedBox = h('input', { type: 'checkbox', checked: true, onchange: () => ((seeds = seedBox.checked), draw()) });
  const png = h('button', { class: 'quiet', type: 'button', onclick: savePicture, 'aria-label': 'Download curves as PNG' }, 'PNG');
  const csv = h('button', { class: 'quiet', type: 'button', onclick: saveTable, 'aria-label': 'Download curves as CSV' }, 'CSV');
  const body = h('div', {});
  const noteLine = h('p', { class: 'note' }, note);
  const element = card(
    'Learning',
    [h('span', { class: 'tools' }, pick), h('label', { class: 'check' }, seedBox, 'Seeds'), h('span', {}, png, csv)],
    body,
    noteLine,
  );

  const labelOf = (group) => {
    const several = new Set(answer.groups.map((one) => one.experiment)).size > 1;
    const count = group.runs.length > 1 ? ` (${group.runs.length} seeds)` : '';
    return `${several ? `${group.experiment}: ` : ''}${group.method}${count}`;
  };
  const format = (value) => (isShare(metric) ? percent(value, 2) : brief(value));
  const title = () => metricName(metric);

  function draw() {
    chart?.destroy();
    chart = null;
    for (const button of [png, csv]) button.disabled = answer === null || answer.groups.length === 0;
    noteLine.hidden = noteLine.textContent === '';
    if (answer === null || answer.groups.length === 0) {
      const nothing = ids.length === 0 ? 'No run is chosen.' : 'No values of this metric yet.';
      body.replaceChildren(empty(nothing, h('span', {}, ids.length === 0 ? 'Choose runs in the list.' : 'A run looks at its validation days now and then; curves grow here as it does.')));
      return;
    }
    const { groups, references } = answer;
    const lines = groups.flatMap((group, i) => {
      const style = seriesStyle(i);
      const { steps: x, mean: y, low, high } = group.band;
      const thin = seeds && group.runs.length > 1 ? group.runs.map((run) => ({ name: run.id, x: run.steps, y: run.values, ...style, thin: true })) : [];
      return [...thin, { name: labelOf(group), x, y, ...style, ...(group.runs.length > 1 ? { low, high } : {}) }];
    });
    const key = referenceKey[metric];
    const best = key === undefined ? [] : bestReferences(references, key);
    chart = lineChart({
      label: `${title()} against environment steps`,
      series: lines,
      references: best.map((one, i) => ({ name: one.name, y: one[key], colour: seriesStyle(6).colour, dash: [[2, 4], [8, 5], [1, 3]][i % 3] })),
      height,
      formatX: (x) => `step ${number(Math.round(x))}`,
      formatTickX: steps,
      formatY: format,
      formatTick: (value) => (isShare(metric) ? percent(value, 0) : Math.abs(value) >= 100 ? number(value) : brief(value)),
    });
    body.replaceChildren(chart.element, chart.legend);
  }

  async function refresh() {
    const turn = ++asked;
    if (ids.length === 0) answer = null;
    else {
      try {
        const fresh = await getCurves(ids, metric);
        if (turn !== asked) return;
        answer = fresh;
      } catch (error) {
        if (turn !== asked) return;
        answer = null;
        draw();
        body.replaceChildren(h('p', { class: 'trouble' }, error.message));
        return;
      }
    }
    draw();
  }

  function savePicture() {
    savePng(fileName('learning', metric), title(), [{ keys: chart.keys(), canvas: chart.canvas() }]);
  }

  function saveTable() {
    const rows = answer.groups.flatMap(({ experiment, method, band, runs }) => [
      ...band.steps.map((step, i) => [experiment, method, 'mean of seeds', step, band.mean[i], band.low[i], band.high[i]]),
      ...runs.flatMap((run) => run.steps.map((step, i) => [experiment, method, run.id, step, run.values[i], null, null])),
    ]);
    saveCsv(fileName('learning', metric), ['experiment', 'method', 'run', 'step', metric, 'low95', 'high95'], rows);
  }

  return {
    element,
    show: (chosen, text = note) => {
      noteLine.textContent = text;
      const same = chosen.length === ids.length && chosen.every((id, i) => id === ids[i]);
      ids = chosen;
      return same && answer !== null ? Promise.resolve() : refresh();
    },
    shows: (id) => ids.includes(id),
    refresh,
    redraw: draw,
    destroy: () => chart?.destroy(),
  };
}

/** At most the two best schedulers: more lines would hide the curves. The table has them all. */
function bestReferences(references, key) {
  if (new Set(references.map((one) => one.experiment)).size > 1) return [];
  const better = key === 'utility' ? -1 : 1;
  return [...references].sort((a, b) => better * (a[key] - b[key])).slice(0, 2);
}
