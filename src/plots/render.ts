import type { ChartConfiguration } from 'chart.js';
import { createRequire } from 'node:module';
import type * as ChartCanvas from '../vendor/chartCanvas.js';
import { writeAtomic } from '../io/files.js';

export interface FigureSize {
  /** Pixels; default 960. */
  width?: number;
  /** Pixels; default 540. */
  height?: number;
}

/** Draws a Chart.js configuration as a PNG, its numbers written as in English whatever the machine's locale. Loads the canvas only when first called. */
export function renderPng(configuration: ChartConfiguration, { width = 960, height = 540 }: FigureSize = {}): Buffer {
  const { ChartJSNodeCanvas } = createRequire(import.meta.url)('#chartCanvas') as typeof ChartCanvas;
  const canvas = new ChartJSNodeCanvas({ width, height, backgroundColour: 'white' });
  return canvas.renderToBufferSync({
    ...configuration,
    options: { ...configuration.options, locale: 'en-US', animation: false, responsive: false, devicePixelRatio: 2 },
  });
}

/** Draws a figure to a PNG file, written whole or not at all. Throws InputError if the file cannot be written. */
export function savePng(file: string, configuration: ChartConfiguration, size?: FigureSize): void {
  writeAtomic(file, renderPng(configuration, size));
}
