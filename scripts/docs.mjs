// Builds the documentation site: the API reference from the docstrings of what index.ts exports, then every page. A dead link
// between pages, or to a file of the project, fails it.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Application } from 'typedoc';
import { build } from 'vitepress';

const root = join(import.meta.dirname, '..');
const docs = join(root, 'docs');
const reference = join(docs, 'reference');

rmSync(reference, { recursive: true, force: true });
const app = await Application.bootstrapWithPlugins({
  entryPoints: [join(root, 'index.ts')],
  tsconfig: join(root, 'tsconfig.build.json'),
  plugin: ['typedoc-plugin-markdown'],
  outputs: [{ name: 'markdown', path: reference }],
  entryFileName: 'index',
  readme: 'none',
  name: 'API reference',
  disableSources: true,
  logLevel: 'Warn',
  validation: { invalidLink: true, notExported: false },
});
const project = await app.convert();
if (project === undefined) process.exit(1);
await app.generateOutputs(project);

const dead = deadLinks();
for (const sentence of dead) process.stderr.write(`${sentence}\n`);
if (dead.length > 0) process.exit(1);
await build(docs);

/** Links of the pages and of the README to files that are not there. */
function deadLinks() {
  const pages = readdirSync(docs, { recursive: true })
    .filter((file) => file.endsWith('.md') && !file.startsWith('.vitepress') && !file.startsWith('reference'))
    .map((file) => join(docs, file));
  return [...pages, ...['README.md', 'CONTRIBUTING.md'].map((file) => join(root, file))].flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
      .map(([, link]) => link)
      .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(dirname(page), link)))
      .map((link) => `${relative(root, page)}: there is no ${link}`),
  );
}
