import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';
import { rooms } from './eslint.rooms.ts';

const to = (type) => ({ to: { element: { type } } });

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'docs/', 'test/package/consumers/'] },
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
    // One text of a user must not stop a worker or a workflow; test/unit/validation/hostile.test.ts measures the checks.
    files: ['src/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
    },
  },
  {
    // Temporal changes internals without notice; the client has no other way to set the request id of a start.
    files: ['src/**/*.ts', 'lab/**/*.ts'],
    ignores: ['src/operator/runs.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [{ regex: '^@temporalio/[a-z-]+/lib/', message: 'An internal of the SDK; import its public API.' }],
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
    // A package of its own, which everything else uses: it starts the worker as a process.
    files: ['lab/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '/src/', allowTypeImports: true, message: 'The lab imports only types of src/.' },
            { regex: '/(bench|scripts|test)/', message: 'The lab imports nothing of what uses it.' },
          ],
        },
      ],
    },
  },
  {
    // What removes the finalizer has recorded the outcome before: Attempt.close is the only caller.
    files: ['src/workflows/**/*.ts'],
    ignores: ['src/workflows/application/attempt.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "Identifier[name='finalizeSparkApplication']",
          message: 'Only Attempt.close has the finalizer of a driver removed, after it recorded the outcome.',
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
      'src/pod-rules/**/*.ts',
      'src/failure-cause/**/*.ts',
      'src/timings/**/*.ts',
      'src/validation/**/*.ts',
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
