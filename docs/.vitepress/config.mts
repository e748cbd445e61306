import { defineConfig } from 'vitepress';

const pages = (...entries: [string, string][]) => entries.map(([text, link]) => ({ text, link }));

export default defineConfig({
  title: 'jouleflow',
  description: 'Decides which AI job runs where, how, and on whose electricity.',
  lang: 'en',
  cleanUrls: true,
  markdown: { config: (md) => void md.core.ruler.push('outside', withoutLinksOutside) },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [
      { text: 'Use', items: pages(['The first hour', '/first-hour'], ['Words', '/glossary'], ['Training', '/training'], ['Comparing', '/comparing'], ['Dashboard and decisions', '/dashboard'], ['Many runs', '/running-many'], ['Python', '/python'], ['Data', '/data']) },
      { text: 'The chain', items: pages(['Overview', '/chain'], ['Tensor programs', '/tensor'], ['Power', '/power'], ['Mixture of experts', '/moe'], ['Simulator', '/simulator'], ['Agents', '/agents'], ['Shaping', '/shaping'], ['Engine', '/engine']) },
      { text: 'Look up', items: pages(['API reference', '/reference/'], ['Results', '/results'], ['Deviations and sources', '/deviations'], ['Dependencies', '/dependencies']) },
    ],
  },
});

interface Token {
  type: string;
  hidden: boolean;
  children: Token[] | null;
  attrGet(name: string): string | null;
}

/** Links to files of the repository that are no pages keep their text only. scripts/docs.mjs checks that the files exist. */
function withoutLinksOutside(state: { env: { relativePath?: string }; tokens: Token[] }): void {
  const depth = (state.env.relativePath ?? '').split('/').length - 1;
  for (const { children } of state.tokens) {
    if (children === null) continue;
    let outside = false;
    for (const token of children) {
      if (token.type === 'link_open') outside = leaves(token.attrGet('href') ?? '', depth);
      if (outside && (token.type === 'link_open' || token.type === 'link_close')) token.type = 'text';
    }
  }
}

const leaves = (href: string, depth: number): boolean => (/^(\.\.\/)*/.exec(href)?.[0].length ?? 0) / 3 > depth;
