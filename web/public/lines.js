import uPlot from '/uplot.js';
import { h } from './dom.js';
import { colour } from './theme.js';

const axisWidth = 58;
const font = () => `12px ${colour('font')}`;

/** The index of the last of ascending values that is not above `x`; 0 if all are. */
function indexAt(values, x) {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle] <= x) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** `#rrggbb` and an opacity, as canvas takes them. */
const veiled = (hex, opacity) => hex + Math.round(opacity * 255).toString(16).padStart(2, '0');

/**
 * A line chart with its key below it (or beside `head`). Each series: {name, x, y, colour, dash, low?, high?, thin?}; thin
 * ones stand behind and have no key. `references`: {name, y, colour, dash}, drawn across. Arrow keys move the cursor.
 * Returns {element, legend, canvas, keys, moveTo(index), redraw(), destroy()}.
 */
export function lineChart({
  label,
  series,
  references = [],
  height = 260,
  formatX,
  formatY,
  formatTick = formatY,
  formatTickX = formatX,
  rangeX = null,
  rangeY = null,
  stepped = false,
  axisX = true,
  ticksX = null,
  onMove = null,
}) {
  const legend = h('ul', { class: 'legend' });
  const at = h('li', { class: 'at number' });
  const element = h('div', { class: 'chart', tabindex: '0', role: 'group', 'aria-label': `${label}. Arrow keys move the cursor.` });
  const keyed = [...series.filter((one) => !one.thin), ...references];
  const values = keyed.map(() => h('span', { class: 'value' }));
  legend.append(
    ...keyed.map((one, i) => {
      const key = h('span', { class: 'key', colour: one.colour });
      if (one.dash.length > 0) key.style.borderTopStyle = one.dash[0] > 3 ? 'dashed' : 'dotted';
      return h('li', {}, key, one.name, values[i]);
    }),
    ...(onMove === null ? [at] : []),
  );

  const allX = series.flatMap((one) => one.x);
  const span = rangeX ?? [Math.min(...allX), Math.max(...allX)];
  const lines = [...series, ...references.map((one) => ({ ...one, x: span, y: [one.y, one.y] }))];
  let plot = null;
  let index = null;

  function show(i) {
    index = i;
    const x = i === null ? null : plot.data[0][i];
    keyed.forEach((one, k) => {
      const y = x === null ? null : one.x === undefined ? one.y : x < one.x[0] || x > one.x.at(-1) + 1e-9 ? null : one.y[indexAt(one.x, x)];
      values[k].textContent = y === null || y === undefined ? '' : formatY(y);
    });
    at.textContent = x === null ? '' : `at ${formatX(x)}`;
  }

  function moveTo(i) {
    if (plot === null || plot.status === 0) {
      index = i;
      return;
    }
    const x = plot.data[0][i];
    if (x === undefined) return;
    plot.setCursor({ left: plot.valToPos(x, 'x'), top: plot.bbox.height / (2 * uPlot.pxRatio) }, false);
    show(i);
  }

  function draw() {
    plot?.destroy();
    const tables = lines.map((one) => (one.low === undefined ? [one.x, one.y] : [one.x, one.y, one.low, one.high]));
    const configs = [{}];
    const bands = [];
    for (const one of lines) {
      configs.push({
        label: one.name,
        stroke: one.thin ? veiled(one.colour, 0.3) : one.colour,
        width: one.thin ? 1 : 2,
        dash: one.thin ? [] : one.dash,
        points: { show: one.x.length === 1 },
        ...(stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
      });
      if (one.low === undefined) continue;
      const hidden = { stroke: 'transparent', width: 0, points: { show: false } };
      configs.push({ ...hidden }, { ...hidden });
      bands.push({ series: [configs.length - 1, configs.length - 2], fill: veiled(one.colour, 0.16) });
    }
    const axis = { stroke: colour('soft'), font: font(), grid: { stroke: colour('grid'), width: 1 }, ticks: { show: false } };
    plot = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height,
        padding: [8, 16, axisX ? 0 : 6, 0],
        legend: { show: false },
        series: configs,
        bands,
        scales: {
          x: { time: false, ...(rangeX === null ? {} : { range: rangeX }) },
          y: rangeY === null ? {} : { range: rangeY },
        },
        axes: [
          {
            ...axis,
            size: axisX ? 30 : 0,
            space: 70,
            values: (_, ticks) => (axisX ? ticks.map(formatTickX) : ticks.map(() => '')),
            ...(ticksX === null ? {} : { splits: (u) => (u.width < 520 ? ticksX.filter((_, i) => i % 2 === 0) : ticksX) }),
          },
          { ...axis, size: axisWidth, space: 32, values: (_, ticks) => ticks.map(formatTick) },
        ],
        cursor: {
          y: false,
          drag: { x: onMove === null, y: false },
          points: { size: 7 },
        },
        hooks: {
          ready: [() => index !== null && moveTo(Math.min(index, plot.data[0].length - 1))],
          setCursor: [
            (u) => {
              const i = u.cursor.idx;
              // Only the pointer speaks here; what is set from elsewhere is known.
              if (!u.cursor.event || i === undefined || i === index) return;
              if (onMove !== null) {
                if (i !== null) onMove(i);
                return;
              }
              show(i);
            },
          ],
        },
      },
      tables.length === 1 ? tables[0] : uPlot.join(tables),
      element,
    );
  }

  element.addEventListener('keydown', (event) => {
    if (plot === null) return;
    const last = plot.data[0].length - 1;
    const from = index ?? (event.key === 'ArrowLeft' ? last + 1 : -1);
    const stride = event.shiftKey ? 12 : 1;
    const to = { ArrowLeft: from - stride, ArrowRight: from + stride, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(last, to));
    if (onMove === null) moveTo(next);
    else onMove(next);
  });
  const resize = new ResizeObserver(() => {
    const width = element.clientWidth;
    if (width === 0) return;
    if (plot === null) draw();
    else if (Math.abs(plot.width - width) > 1) {
      plot.setSize({ width, height });
      if (index !== null) moveTo(index);
    }
  });
  resize.observe(element);

  return {
    element,
    legend,
    keys: () => keyed.map(({ name, colour: ink, dash }) => ({ name, colour: ink, dash })),
    canvas: () => plot?.ctx.canvas ?? null,
    moveTo,
    destroy: () => {
      resize.disconnect();
      plot?.destroy();
    },
  };
}
