import { choices, h } from './dom.js';
import { fileName, saveCsv, savePng } from './download.js';
import { number } from './format.js';
import { colour } from './theme.js';

const nodeWidth = 12;
const gap = 16;
const hourSeconds = 3600;

/**
 * Who sends which jobs where: origins on the left, the sites that run the jobs on the right, bands as wide as the jobs
 * they carry; over the whole day or the hour at the cursor, of one deadline class or both.
 */
export function flowsView(day) {
  const names = day.sites.map((site) => site.name);
  let slot = 0;
  let span = 'day';
  let kind = 'all';
  const canvas = h('canvas', { role: 'img', 'aria-label': 'Jobs from origins to sites; the table has the numbers.' });
  const holder = h('div', { class: 'chart' }, canvas);
  const caption = h('p', { class: 'note', role: 'status' });
  const table = h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Jobs from origin to site' });
  const png = h('button', { class: 'quiet', type: 'button', 'aria-label': 'Download flows as PNG', onclick: () => savePng(fileName('flows', day.day), `Jobs between sites, ${caption.textContent}`, [{ canvas }]) }, 'PNG');
  const csv = h('button', { class: 'quiet', type: 'button', 'aria-label': 'Download flows as CSV', onclick: saveTable }, 'CSV');
  const spans = choices('flow-span', 'Time', [{ value: 'day', label: 'Whole day' }, { value: 'hour', label: 'Hour at the cursor' }], span, (value) => ((span = value), draw()));
  const kinds = choices(
    'flow-kind',
    'Deadlines',
    [{ value: 'all', label: 'All' }, { value: 'short', label: 'Short deadline' }, { value: 'long', label: 'Long deadline' }],
    kind,
    (value) => ((kind = value), draw()),
  );
  const element = h('div', {}, h('div', { class: 'tools' }, spans, kinds, h('span', {}, png, csv)), h('div', { class: 'two' }, h('div', {}, holder, caption), table));

  /** Jobs from each origin (row) to each site (column) in what is shown. */
  function counts() {
    const perHour = Math.round(hourSeconds / day.slotSeconds);
    const from = span === 'day' ? 0 : Math.floor(slot / perHour) * perHour;
    const to = span === 'day' ? Infinity : from + perHour;
    const classes = kind === 'all' ? [day.flows.short, day.flows.long] : [day.flows[kind]];
    return names.map((_, origin) => names.map((__, site) => classes.reduce((sum, flows) => sum + flows[origin][site].slice(from, to).reduce((a, b) => a + b, 0), 0)));
  }

  function draw() {
    const jobs = counts();
    const total = jobs.flat().reduce((a, b) => a + b, 0);
    const hour = String(Math.floor((slot * day.slotSeconds) / hourSeconds)).padStart(2, '0');
    caption.textContent = `${number(total)} jobs ${span === 'day' ? `on ${day.day}` : `from ${hour}:00 to ${hour}:59 UTC`}${kind === 'all' ? '' : `, ${kind} deadlines only`}`;
    table.replaceChildren(
      h(
        'table',
        {},
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'From \u2193 to \u2192'), names.map((name) => h('th', { scope: 'col', class: 'right' }, name)))),
        h('tbody', {}, jobs.map((row, i) => h('tr', {}, h('th', { scope: 'row' }, names[i]), row.map((count) => h('td', { class: 'right' }, number(count)))))),
      ),
    );
    const width = holder.clientWidth;
    if (width === 0) return;
    const ratio = Math.max(1, window.devicePixelRatio);
    const height = Math.max(200, 56 * names.length);
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    if (total > 0) paint(pen, jobs, total, width, height);
  }

  function paint(pen, jobs, total, width, height) {
    const unit = (height - gap * (names.length - 1) - 8) / total;
    pen.font = `12px ${colour('font')}`;
    pen.textBaseline = 'middle';
    const label = Math.min(0.22 * width, Math.max(...names.map((name) => pen.measureText(name).width)) + 10);
    const [leftX, rightX] = [label, width - label - nodeWidth];
    const place = (sums) => {
      let y = 4;
      return sums.map((sum) => {
        const at = y;
        y += sum * unit + gap;
        return at;
      });
    };
    const sent = jobs.map((row) => row.reduce((a, b) => a + b, 0));
    const got = names.map((_, site) => jobs.reduce((sum, row) => sum + row[site], 0));
    const [outY, inY] = [place(sent), place(got)];
    const [nextOut, nextIn] = [[...outY], [...inY]];
    const ink = (i) => colour(`series-${(i % 8) + 1}`);
    jobs.forEach((row, origin) =>
      row.forEach((count, site) => {
        if (count === 0) return;
        const thick = count * unit;
        const [y0, y1] = [nextOut[origin], nextIn[site]];
        nextOut[origin] += thick;
        nextIn[site] += thick;
        const middle = (leftX + nodeWidth + rightX) / 2;
        pen.fillStyle = ink(site);
        pen.globalAlpha = 0.32;
        pen.beginPath();
        pen.moveTo(leftX + nodeWidth, y0);
        pen.bezierCurveTo(middle, y0, middle, y1, rightX, y1);
        pen.lineTo(rightX, y1 + thick);
        pen.bezierCurveTo(middle, y1 + thick, middle, y0 + thick, leftX + nodeWidth, y0 + thick);
        pen.fill();
        pen.globalAlpha = 1;
      }),
    );
    names.forEach((name, i) => {
      pen.fillStyle = colour('soft');
      pen.fillRect(leftX, outY[i], nodeWidth, Math.max(1, sent[i] * unit));
      pen.fillStyle = ink(i);
      pen.fillRect(rightX, inY[i], nodeWidth, Math.max(1, got[i] * unit));
      pen.fillStyle = colour('ink');
      pen.textAlign = 'right';
      pen.fillText(name, leftX - 8, outY[i] + Math.max(6, (sent[i] * unit) / 2), label - 8);
      pen.textAlign = 'left';
      pen.fillText(name, rightX + nodeWidth + 8, inY[i] + Math.max(6, (got[i] * unit) / 2), label - 8);
    });
  }

  function saveTable() {
    const rows = ['short', 'long'].flatMap((deadline) =>
      names.flatMap((origin, i) =>
        names.flatMap((site, k) => day.flows[deadline][i][k].map((count, at) => [day.day, at * day.slotSeconds, deadline, origin, site, count])),
      ),
    );
    saveCsv(fileName('flows', day.day), ['day', 'second', 'deadline', 'origin', 'site', 'jobs'], rows);
  }

  const resize = new ResizeObserver(draw);
  resize.observe(holder);
  draw();
  return {
    element,
    moveTo: (at) => {
      slot = at;
      if (span === 'hour') draw();
    },
    redraw: draw,
    destroy: () => resize.disconnect(),
  };
}
