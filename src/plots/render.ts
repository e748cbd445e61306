import type { ChartConfiguration } from 'chart.js';
import type ChartJsNodeCanvas from 'chartjs-node-canvas';
import { createRequire } from 'node:module';
import { writeAtomic } from '../io/files.js';

export interface FigureSize {
  /** Pixels; default 960. */
  width?: number;
  /** Pixels; default 540. */
  height?: number;
}

/** Draws a Chart.js configuration as a PNG. Loads the canvas only when first called. */
export function renderPng(configuration: ChartConfiguration, { width = 960, height = 540 }: FigureSize = {}): Buffer {
  // chartjs-node-canvas is CommonJS with a default export that ESM interop does not see.
  const { ChartJSNodeCanvas } = createRequire(import.meta.url)('chartjs-node-canvas') as typeof ChartJsNodeCanvas;
  const canvas = new ChartJSNodeCanvas({ width, height, backgroundColour: 'white' });
  return canvas.renderToBufferSync({
    ...configuration,
    options: { ...configuration.options, animation: false, responsive: false, devicePixelRatio: 2 },
  });
}

/** Draws a figure to a PNG file, written whole or not at all. Throws InputError if the file cannot be written. */
export function savePng(file: string, configuration: ChartConfiguration, size?: FigureSize): void {
  writeAtomic(file, renderPng(configuration, size));
}
