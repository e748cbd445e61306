import { colour } from './theme.js';

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A cell: quoted where it must be; text that a spreadsheet would take for a formula is marked as text. */
function cell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+@\t\r-]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function saveCsv(name, header, rows) {
  const lines = [header, ...rows].map((row) => row.map(cell).join(','));
  save(new Blob([`${lines.join('\n')}\n`], { type: 'text/csv' }), `${name}.csv`);
}

const scale = () => Math.max(1, window.devicePixelRatio);

/**
 * Saves a figure: title, keys, and canvases one below the other, each with its own title.
 * `parts`: {title?, keys: [{name, colour, dash}], canvas}.
 */
export function savePng(name, title, parts) {
  const ratio = scale();
  const margin = 20;
  const [titleHeight, headHeight] = [34, 26];
  const width = Math.max(...parts.map((part) => part.canvas.width / ratio)) + 2 * margin;
  const height = titleHeight + 2 * margin + parts.reduce((sum, part) => sum + headHeight + part.canvas.height / ratio, 0);
  const canvas = document.createElement('canvas');
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext('2d');
  pen.scale(ratio, ratio);
  pen.fillStyle = colour('surface');
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = colour('ink');
  pen.font = `600 16px ${colour('font')}`;
  pen.textBaseline = 'middle';
  pen.fillText(title, margin, margin + 8, width - 2 * margin);
  let y = margin + titleHeight;
  for (const part of parts) {
    drawHead(pen, part, margin, y + 8, width - margin);
    y += headHeight;
    pen.drawImage(part.canvas, margin, y, part.canvas.width / ratio, part.canvas.height / ratio);
    y += part.canvas.height / ratio;
  }
  canvas.toBlob((blob) => save(blob, `${name}.png`), 'image/png');
}

function drawHead(pen, { title, keys = [] }, left, y, right) {
  let x = left;
  pen.font = `12px ${colour('font')}`;
  const write = (text, ink) => {
    pen.fillStyle = ink;
    pen.fillText(text, x, y);
    x += pen.measureText(text).width + 16;
  };
  if (title !== undefined) write(title, colour('soft'));
  for (const key of keys) {
    if (x > right - 40) break;
    pen.strokeStyle = key.colour;
    pen.lineWidth = 2.5;
    pen.setLineDash(key.dash ?? []);
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + 22, y);
    pen.stroke();
    pen.setLineDash([]);
    x += 29;
    write(key.name, colour('ink'));
  }
}

/** A file name of letters, digits, "." and "-". */
export const fileName = (...parts) => parts.join('-').replace(/[^\w.]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 120);
