/**
 * chartjs-node-canvas with Chart.js. The build joins them into one file over `@napi-rs/canvas`, because `canvas`, which
 * chartjs-node-canvas asks for, wants a compiler or a download at install. That file is `#chartCanvas` (package.json), CommonJS, so that a
 * figure can be drawn without waiting.
 */
export { ChartJSNodeCanvas } from 'chartjs-node-canvas';
