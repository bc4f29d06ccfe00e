import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

// The rooms of src/ and the arrows between them (docs/architecture.md). `types` may be imported with `import type` only.
const rooms = {
  cli: {
    values: ['client', 'manifest', 'spark', 'protocol', 'assembly', 'worker', 'operations'],
    types: ['workflows', 'kubernetes', 'submitters'],
  },
  assembly: {
    values: [
      ...['worker', 'client', 'workflows', 'protocol', 'activities'],
      ...['submitters', 'clusters', 'placement', 'compare', 'kubernetes', 'spark', 'manifest', 'timings'],
    ],
    types: [],
  },
  worker: {
    values: ['protocol', 'submitters', 'clusters', 'placement', 'kubernetes'],
    types: [],
  },
  operations: {
    values: [
      ...['worker', 'protocol', 'activities', 'submitter-server', 'submitters', 'clusters'],
      ...['placement', 'compare', 'kubernetes', 'spark', 'manifest'],
    ],
    types: [],
  },
  client: { values: ['manifest', 'protocol'], types: ['workflows', 'spark'] },
  workflows: {
    values: ['spark', 'manifest', 'timings', 'protocol'],
    types: ['activities', 'submitters', 'kubernetes'],
  },
  protocol: { values: [], types: ['manifest', 'timings', 'spark'] },
  activities: {
    values: [
      'submitters',
      'clusters',
      'kubernetes',
      'placement',
      'compare',
      'spark',
      'protocol',
      'manifest',
      'timings',
    ],
    types: [],
  },
  'submitter-server': { values: ['submitters', 'kubernetes', 'spark'], types: [] },
  testing: { values: ['submitters', 'compare', 'kubernetes', 'spark', 'manifest'], types: [] },
  submitters: { values: ['kubernetes', 'placement', 'spark', 'manifest'], types: [] },
  clusters: { values: ['kubernetes', 'spark', 'manifest'], types: [] },
  compare: { values: [], types: ['spark', 'kubernetes'] },
  placement: { values: ['manifest'], types: ['kubernetes', 'spark'] },
  spark: { values: ['manifest'], types: ['kubernetes'] },
  kubernetes: { values: [], types: [] },
  manifest: { values: [], types: ['kubernetes'] },
  timings: { values: [], types: [] },
};

const to = (type) => ({ to: { element: { type } } });

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'docs/'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'object-shorthand': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['**/*.{js,mjs}', '*.config.ts'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['scripts/**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  { files: ['*.config.{mjs,ts}'], rules: { 'no-restricted-exports': 'off' } },
  {
    files: ['src/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': [
        ...Object.keys(rooms)
          .filter((room) => room !== 'assembly')
          .map((room) => ({ type: room, pattern: `src/${room}` })),
        // The files that put everything together lie in src/ itself.
        { type: 'assembly', pattern: 'src' },
      ],
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          message: 'This room may not import that one like this: see the arrows in docs/architecture.md',
          policies: Object.entries(rooms).map(([room, { values, types }]) => ({
            from: { element: { type: room } },
            allow: [
              ...[room, ...values].map(to),
              ...types.map((type) => ({ ...to(type), dependency: { kind: 'type' } })),
            ],
          })),
        },
      ],
    },
  },
  {
    // Nothing but kubernetes/ talks to an API server.
    files: ['src/**/*.ts'],
    ignores: ['src/kubernetes/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@kubernetes/client-node',
              message: 'Only src/kubernetes talks to an API server; take types from src/kubernetes/objects.ts.',
            },
          ],
        },
      ],
    },
  },
  {
    // Workflow code, and what it imports as values, runs in Temporal's deterministic sandbox.
    files: [
      'src/workflows/**/*.ts',
      'src/workflow.ts',
      'src/manifest/**/*.ts',
      'src/placement/**/*.ts',
      'src/protocol/**/*.ts',
      'src/spark/**/*.ts',
      'src/timings/**/*.ts',
    ],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [{ name: '@kubernetes/client-node', message: 'Not in the workflow sandbox.' }],
          patterns: [
            { group: ['node:*'], message: 'No Node builtins in the workflow sandbox.' },
            {
              group: ['@temporalio/activity', '@temporalio/client', '@temporalio/worker'],
              allowTypeImports: true,
              message: 'Not in the workflow sandbox.',
            },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        ...['process', 'Buffer', 'structuredClone', 'crypto', 'setInterval', 'queueMicrotask', 'fetch'].map((name) => ({
          name,
          message: 'Absent from the workflow sandbox.',
        })),
      ],
    },
  },
);
