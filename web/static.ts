import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface StaticFile {
  readonly path: string;
  readonly type: string;
  readonly content: Buffer;
}

/**
 * The page and the chart library, read once: what is served is a fixed list, so that no request names a file. Scripts
 * and styles come from here alone.
 */
export function staticFiles(): StaticFile[] {
  const folder = join(import.meta.dirname, 'public');
  const file = (path: string, from: string): StaticFile => ({ path, type: types[extname(from)]!, content: readFileSync(from) });
  const uplot = (name: string): string => createRequire(import.meta.url).resolve(`uplot/dist/${name}`);
  return [
    ...readdirSync(folder)
      .filter((name) => extname(name) in types)
      .map((name) => file(name === 'index.html' ? '/' : `/${name}`, join(folder, name))),
    file('/uplot.js', uplot('uPlot.esm.js')),
    file('/uplot.css', uplot('uPlot.min.css')),
  ];
}
