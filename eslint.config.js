import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// Imports point one way: a room may import only from the rooms after it, and from itself.
const rooms = ['cli', 'web', 'experiments', 'agents', 'diffusion', 'envs', 'datasets', 'workloads', 'src'];
const level = (room) => (room === 'workloads' ? rooms.indexOf('datasets') : rooms.indexOf(room));
const zones = rooms.flatMap((target) =>
  rooms
    .filter((from) => from !== target && level(from) <= level(target))
    .map((from) => ({ target: `./${target}`, from: `./${from}`, message: `${target} may not import from ${from}` })),
);

const plain = {
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Take a named stream from src/math/random.ts.' },
  ],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  'max-lines': ['error', { max: 400 }],
  eqeqeq: 'error',
  'prefer-const': 'error',
};

/** What the dashboard's scripts find in a browser. */
const browser = [
  ...['Blob', 'EventSource', 'ResizeObserver', 'URL', 'URLSearchParams', 'clearTimeout'],
  ...['document', 'fetch', 'getComputedStyle', 'localStorage', 'location', 'matchMedia', 'performance', 'setTimeout', 'window'],
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'runs/', 'docs/', 'experiments/commands/init/'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'], extensionAlias: { '.js': ['.ts', '.js'] } })],
      'import-x/extensions': ['.ts', '.js'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      ...plain,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
    },
  },
  {
    // Rooms that keep to the limits on files and functions.
    files: ['src/{io,math,plots}/**/*.ts', 'datasets/**/*.ts', 'workloads/moe/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300 }],
      'max-params': ['error', { max: 4 }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true }],
    },
  },
  {
    files: ['web/public/**/*.js'],
    plugins: { 'import-x': importX },
    languageOptions: { globals: Object.fromEntries(browser.map((name) => [name, 'readonly'])) },
    rules: {
      ...plain,
      'no-undef': 'error',
      'import-x/named': 'error',
      // The server serves uPlot from its package.
      'import-x/no-unresolved': ['error', { ignore: ['^/uplot'] }],
      'import-x/no-cycle': 'error',
    },
  },
);
