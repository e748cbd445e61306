import { getDay } from './api.js';
import { card, choices, empty, h } from './dom.js';
import { fileName, saveCsv, savePng } from './download.js';
import { flowsView } from './flows.js';
import { clock, number, percent } from './format.js';
import { lineChart } from './lines.js';
import { seriesStyle } from './theme.js';

const used = (site) => site.pvKw.map((pv, slot) => pv + site.windKw[slot] - site.curtailedKw[slot]);
const kw = (value) => `${number(value, 2)} kW`;
const share = (value) => percent(value, 0);

/** The panels of a site's day, top to bottom; all on one time axis. */
const panels = [
  { title: 'Price', format: (value) => `$${number(value, 2)}/MWh`, tick: (value) => `$${number(value)}`, lines: [{ name: 'market price', of: (site) => site.priceUsdPerMwh }, { name: 'stored energy', of: (site) => (site.storedUsdPerMwh?.length > 0 ? site.storedUsdPerMwh : site.priceUsdPerMwh) }] },
  { title: 'GPU time', format: (value) => `$${number(value, 2)}/h`, tick: (value) => `$${number(value, 1)}`, zero: true, lines: [{ name: 'price of a GPU-hour', of: (site) => (site.gpuUsdPerHour?.length > 0 ? site.gpuUsdPerHour : site.priceUsdPerMwh.map(() => 0)) }] },
  {
    title: 'Load',
    format: share,
    range: [0, 1.06],
    lines: [
      { name: 'busy GPUs', of: (site) => site.utilisation },
      { name: 'clock', of: (site) => site.clockShare },
    ],
  },
  { title: 'Queue', format: (value) => `${number(value, 1)} min`, tick: (value) => `${number(value)} min`, zero: true, lines: [{ name: 'backlog', of: (site) => site.backlogSeconds.map((seconds) => seconds / 60) }] },
  { title: 'Battery', format: share, range: [0, 1.06], lines: [{ name: 'state of charge', of: (site) => site.soc }] },
  {
    title: 'Power',
    format: kw,
    tick: (value) => `${number(value, 1)}`,
    tall: true,
    lines: [
      { name: 'IT', of: (site) => site.itKw },
      { name: 'grid', of: (site) => site.gridKw },
      { name: 'renewable', of: used },
    ],
  },
];

/** What the table of all sites shows at the cursor. */
const columns = [
  { name: 'Price', of: (site, slot) => `$${number(site.priceUsdPerMwh[slot], 2)}` },
  { name: 'Load', of: (site, slot) => percent(site.utilisation[slot], 0) },
  { name: 'Queue', of: (site, slot) => `${number(site.backlogSeconds[slot])} s` },
  { name: 'Clock', of: (site, slot) => percent(site.clockShare[slot], 0) },
  { name: 'Battery', of: (site, slot) => percent(site.soc[slot], 1) },
  { name: 'Renewable', of: (site, slot) => kw(used(site)[slot]) },
  { name: 'Grid', of: (site, slot) => kw(site.gridKw[slot]) },
];

/** The recorded day of a run: a cursor through five panels of one site, all sites at the cursor, and the flow of jobs. */
export function dayView(run, hasDay) {
  const body = h('div', {});
  const tools = h('span', { class: 'tools' });
  const element = card('A day', tools, body);
  let day = null;
  let site = 0;
  let slot = 0;
  let charts = [];
  let flows = null;

  const time = h('input', { type: 'range', min: '0', step: '1', 'aria-label': 'Time of day', oninput: () => moveTo(Number(time.value)) });
  const clockFace = h('output', {});
  const table = h('tbody', {});
  const panelBox = h('div', { class: 'panels' });

  async function load() {
    if (!hasDay) {
      body.replaceChildren(empty('No day is recorded yet.', h('span', {}, 'A run writes its first test day when it finishes.')));
      return;
    }
    try {
      day = await getDay(run);
    } catch (error) {
      body.replaceChildren(empty('This day cannot be shown.', h('span', {}, error.message)));
      return;
    }
    const last = day.late.length - 1;
    time.max = String(last);
    slot = Math.round(last / 2);
    tools.append(
      choices('site', 'Site', day.sites.map(({ name }, i) => ({ value: String(i), label: name })), '0', (value) => ((site = Number(value)), drawPanels())),
      h('span', {}, h('button', { class: 'quiet', type: 'button', 'aria-label': 'Download day as PNG', onclick: savePicture }, 'PNG'), h('button', { class: 'quiet', type: 'button', 'aria-label': 'Download day as CSV', onclick: saveTable }, 'CSV')),
    );
    element.querySelector('h2').textContent = `A day: ${day.day}`;
    flows = flowsView(day);
    body.replaceChildren(
      h('div', { class: 'at-time' }, clockFace, time),
      panelBox,
      h(
        'div',
        { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'All sites at the cursor' },
        h('table', { class: 'at-cursor' }, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'At the cursor'), columns.map((column) => h('th', { scope: 'col', class: 'right' }, column.name)))), table),
      ),
      h('h2', { class: 'sub' }, 'Jobs between sites'),
      flows.element,
    );
    drawPanels();
  }

  function drawPanels() {
    for (const chart of charts) chart.destroy();
    const here = day.sites[site];
    const hours = here.priceUsdPerMwh.map((_, i) => (i * day.slotSeconds) / 3600);
    charts = panels.map((panel, i) => {
      const last = i === panels.length - 1;
      return lineChart({
        label: `${panel.title} at ${here.name}`,
        series: panel.lines.map((line, k) => ({ name: line.name, x: hours, y: line.of(here), ...seriesStyle(k), dash: [] })),
        height: (panel.tall ? 150 : 96) + (last ? 26 : 0),
        formatX: (hour) => clock(3600 * hour),
        formatY: panel.format,
        formatTick: panel.tick ?? panel.format,
        rangeX: [0, 24],
        ticksX: [0, 3, 6, 9, 12, 15, 18, 21, 24],
        rangeY: panel.range ?? (panel.zero ? (_, __, most) => [0, Math.max(1, most * 1.08)] : null),
        stepped: true,
        axisX: last,
        onMove: moveTo,
      });
    });
    panelBox.replaceChildren(...charts.map((chart, i) => h('div', { class: 'panel' }, h('h3', {}, panels[i].title, chart.legend), chart.element)));
    moveTo(slot);
  }

  function moveTo(at) {
    slot = at;
    time.value = String(at);
    const text = clock(at * day.slotSeconds);
    time.setAttribute('aria-valuetext', `${text} UTC`);
    clockFace.textContent = `${text} UTC`;
    for (const chart of charts) chart.moveTo(at);
    table.replaceChildren(
      ...day.sites.map((one, i) => h('tr', { class: i !== site && 'rule' }, h('th', { scope: 'row' }, one.name), columns.map((column) => h('td', { class: 'right' }, column.of(one, at))))),
    );
    flows.moveTo(at);
  }

  function savePicture() {
    const { name, region } = day.sites[site];
    savePng(
      fileName('day', name, day.day),
      `${name} (${region}), ${day.day}, UTC`,
      charts.map((chart, i) => ({ title: panels[i].title, keys: chart.keys(), canvas: chart.canvas() })),
    );
  }

  function saveTable() {
    const names = Object.keys(day.sites[0]).filter((key) => Array.isArray(day.sites[0][key]));
    const rows = day.sites.flatMap((one) => day.late.map((_, at) => [day.day, at * day.slotSeconds, one.name, ...names.map((name) => one[name][at])]));
    saveCsv(fileName('day', day.day), ['day', 'second', 'site', ...names], rows);
  }

  return {
    element,
    ready: load(),
    redraw: () => {
      if (day === null) return;
      drawPanels();
      flows.redraw();
    },
    destroy: () => {
      for (const chart of charts) chart.destroy();
      flows?.destroy();
    },
  };
}
