import { card, h } from './dom.js';
import { fileName, saveCsv, savePng } from './download.js';
import { number, percent, withInterval } from './format.js';
import { colour } from './theme.js';

const costs = [
  { name: 'penalty for lateness', of: (row) => row.penalty, ink: 'series-2' },
  { name: 'energy', of: (row) => row.energyCost, ink: 'series-5' },
  { name: 'transfer', of: (row) => row.transferCost, ink: 'series-4' },
];
const revenue = { name: 'revenue', ink: 'series-3' };
const barHeight = 16;
/** Names stand before their bars, or above them where the page is narrow. */
const [rowHeight, tallRowHeight] = [34, 46];
const narrow = 560;

/**
 * Where utility comes from and goes, a bar a method: revenue to the right of zero, what is paid to the left, a mark with
 * its 95 % interval at what is left. The table below says the same in numbers.
 */
export function breakdownCard(rows, { days, highlight = [] }) {
  const canvas = h('canvas', { role: 'img', 'aria-label': 'Revenue, costs and utility of each method; the table has the numbers.' });
  const keys = () => [revenue, ...costs, { name: 'utility', ink: 'ink' }].map((key) => ({ name: key.name, colour: colour(key.ink), dash: [] }));
  const legend = h('ul', { class: 'legend' });
  const holder = h('div', { class: 'chart' }, canvas);
  const png = h('button', { class: 'quiet', type: 'button', 'aria-label': 'Download breakdown as PNG', onclick: () => savePng(fileName('breakdown'), title, [{ keys: keys(), canvas }]) }, 'PNG');
  const csv = h('button', { class: 'quiet', type: 'button', 'aria-label': 'Download breakdown as CSV', onclick: saveTable }, 'CSV');
  const title = 'Where utility comes from and goes';
  const element = card(title, [h('span', {}, png, csv)], holder, legend, tableOf(rows, highlight), h('p', { class: 'note' }, `Mean of ${days} test days; utility units a day. \u00b1: 95\u2009% interval, over days for one run, over seeds for several.`));

  function draw() {
    const width = holder.clientWidth;
    if (width === 0) return;
    const ratio = Math.max(1, window.devicePixelRatio);
    const height = rows.length * (width < narrow ? tallRowHeight : rowHeight) + 26;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    paint(pen, width, height);
    legend.replaceChildren(...keys().map((key) => h('li', {}, h('span', { class: 'key', colour: key.colour }), key.name)));
  }

  function paint(pen, width, height) {
    pen.font = `12px ${colour('font')}`;
    pen.textBaseline = 'middle';
    const above = width < narrow;
    const pitch = above ? tallRowHeight : rowHeight;
    const names = above ? 0 : Math.min(0.34 * width, Math.max(...rows.map((row) => pen.measureText(row.method).width)) + 14);
    const right = Math.max(...rows.map((row) => Math.max(row.revenue, row.utility.mean + (row.utility.ci95 ?? 0))), 1);
    const left = Math.max(...rows.map((row) => Math.max(row.penalty + row.energyCost + row.transferCost, (row.utility.ci95 ?? 0) - row.utility.mean)), right / 20);
    const step = niceStep((left + right) / Math.max(3, (width - names) / 90));
    const x = (value) => names + ((value + left) / (left + right)) * (width - names - 8);
    pen.fillStyle = colour('soft');
    pen.textAlign = 'center';
    for (let tick = -Math.floor(left / step) * step; tick <= right; tick += step) {
      pen.strokeStyle = colour(tick === 0 ? 'soft' : 'grid');
      pen.beginPath();
      pen.moveTo(x(tick), 0);
      pen.lineTo(x(tick), height - 22);
      pen.stroke();
      pen.fillText(number(tick), x(tick), height - 9);
    }
    rows.forEach((row, i) => {
      const top = i * pitch + (above ? pitch - barHeight - 4 : (pitch - barHeight) / 2);
      const middle = top + barHeight / 2;
      pen.textAlign = 'left';
      pen.fillStyle = colour('ink');
      pen.font = `${highlight.includes(row.method) ? 600 : 400} 12px ${colour('font')}`;
      if (above) pen.fillText(row.method, 0, top - 11, width);
      else pen.fillText(row.method, 0, middle, names - 10);
      const bar = (from, to, ink) => {
        pen.fillStyle = colour(ink);
        pen.globalAlpha = 0.82;
        pen.fillRect(x(Math.min(from, to)), top, Math.max(0.5, Math.abs(x(to) - x(from)) - 1), barHeight);
        pen.globalAlpha = 1;
      };
      bar(0, row.revenue, revenue.ink);
      let at = 0;
      for (const cost of costs) bar(at, (at -= cost.of(row)), cost.ink);
      pen.strokeStyle = colour('ink');
      pen.fillStyle = colour('surface');
      pen.lineWidth = 1.6;
      if (row.utility.ci95 !== null) {
        pen.beginPath();
        pen.moveTo(x(row.utility.mean - row.utility.ci95), middle);
        pen.lineTo(x(row.utility.mean + row.utility.ci95), middle);
        pen.stroke();
      }
      pen.beginPath();
      pen.arc(x(row.utility.mean), middle, 4.5, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
      pen.lineWidth = 1;
    });
  }

  function saveTable() {
    const header = ['method', 'seeds', 'utility', 'ci95', 'lateRate', 'revenue', 'penalty', 'transferCost', 'energyCost', 'energyKwh', 'renewableKwh', 'carbonKg', 'meanSteps'];
    saveCsv(
      fileName('breakdown'),
      header,
      rows.map((row) => [row.method, row.seeds, row.utility.mean, row.utility.ci95, ...header.slice(4).map((key) => row[key])]),
    );
  }

  const resize = new ResizeObserver(draw);
  resize.observe(holder);
  return { element, redraw: draw, destroy: () => resize.disconnect() };
}

function tableOf(rows, highlight) {
  const head = ['Method', 'Utility', 'Late', 'Revenue', 'Penalty', 'Energy', 'Transfer', 'kWh', 'kg CO\u2082', 'Steps'];
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Breakdown in numbers' },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, head.map((name, i) => h('th', { scope: 'col', class: i > 0 && 'right' }, name)))),
      h(
        'tbody',
        {},
        rows.map((row) => {
          const cells = [withInterval(row.utility), percent(row.lateRate), number(row.revenue), number(row.penalty), number(row.energyCost), number(row.transferCost), number(row.energyKwh), number(row.carbonKg, 1), number(row.meanSteps, 1)];
          return h('tr', { class: !highlight.includes(row.method) && 'rule' }, h('th', { scope: 'row' }, row.method), cells.map((text) => h('td', { class: 'right' }, text)));
        }),
      ),
    ),
  );
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
}
