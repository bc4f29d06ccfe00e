// The second half of `npm run build`, after tsc: the entry points for CommonJS, and the workflows as one bundle.
import { globSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { format, type Options } from 'prettier';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const commonjs = join(dist, 'commonjs');
/** Tabs, because the four spaces of tsc for each level are a twelfth of the package, and no other character for readers. */
const WRITTEN: Options = {
  ...{ useTabs: true, singleQuote: true, printWidth: 160, objectWrap: 'collapse' },
  ...{ bracketSpacing: false, arrowParens: 'avoid', trailingComma: 'none' },
};

interface Conditions {
  readonly import: { readonly default: string };
  readonly require: { readonly types: string; readonly default: string };
}

/**
 * CommonJS gets one line for each entry point, which requires the ES module: Node can since 22.12, and so there is one copy
 * of each class for every importer. Its declarations are copies, because TypeScript takes the format of a module from
 * the place of its declarations.
 */
async function writeCommonJs(): Promise<void> {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, Conditions | string>;
  };
  const declarations = new Set<string>();
  for (const entry of Object.values(exports)) {
    if (typeof entry === 'string') continue;
    const script = join(root, entry.require.default);
    const target = relative(dirname(script), join(root, entry.import.default));
    await write(script, `module.exports = require('${target}');\n`);
    await collect(join(root, entry.import.default.replace(/\.js$/, '.d.ts')), declarations);
  }
  // Those of inner modules that no entry point reaches are of no use to anyone.
  for (const file of globSync('**/*.d.ts', { cwd: dist })) {
    if (!declarations.has(join(dist, file))) await rm(join(dist, file));
  }
  for (const file of declarations) {
    await write(join(commonjs, relative(dist, file)), forCommonJs(await readFile(file, 'utf8')));
  }
  await write(join(commonjs, 'package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`);
}

/** tsc leaves `.ts` in the imports of declarations, which not every tool takes. */
async function renameImports(): Promise<void> {
  for (const file of globSync('**/*.d.ts', { cwd: dist })) {
    const text = await readFile(join(dist, file), 'utf8');
    await writeFile(join(dist, file), text.replaceAll(/((?:from |import\()['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'));
  }
}

/** A file of declarations and those that it reaches. */
async function collect(file: string, found: Set<string>): Promise<void> {
  if (found.has(file)) return;
  found.add(file);
  const { importedFiles } = ts.preProcessFile(await readFile(file, 'utf8'), true, true);
  for (const { fileName } of importedFiles) {
    if (fileName.startsWith('.')) await collect(join(dirname(file), fileName.replace(/\.js$/, '.d.ts')), found);
  }
}

/** Types of a package that has only ES modules must be imported as such. */
const forCommonJs = (text: string): string =>
  text.replaceAll(/^(import type .* from '@kubernetes\/client-node');$/gm, "$1 with { 'resolution-mode': 'import' };");

/**
 * The workflows for `temporal-spark worker`, which would spend two seconds of a core on them at each start. The SDK's own
 * half of the sandbox is in it: the file is named after the version that it is for.
 */
async function writeWorkflowBundle(): Promise<void> {
  const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string };
  const workflowsPath = join(dist, 'workflows', 'index.js');
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    // As `SparkPlugin` has a worker bundle them: they keep no state, and all workflows share them.
    preloadModules: [workflowsPath],
    logger: new DefaultLogger('WARN'),
    // Stack traces name files and lines of the package, not of the machine that built it. With columns the file would be
    // a third larger.
    webpackConfigHook: (config) => ({
      ...config,
      devtool: 'inline-nosources-cheap-module-source-map',
      output: {
        ...config.output,
        devtoolModuleFilenameTemplate: ({ absoluteResourcePath }: { absoluteResourcePath: string }) =>
          absoluteResourcePath.replaceAll(`${root}/`, 'temporal-spark/'),
      },
    }),
  });
  const file = join(dist, 'worker', `workflow-bundle-${version}.js.br`);
  await writeFile(file, brotliCompressSync(code.replaceAll(`${root}/`, '')));
}

async function formatAll(): Promise<void> {
  for (const name of globSync('**/*.{js,d.ts}', { cwd: dist })) {
    const file = join(dist, name);
    const parser = name.endsWith('.js') ? 'babel' : 'typescript';
    await writeFile(file, await format(await readFile(file, 'utf8'), { ...WRITTEN, parser }));
  }
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

await renameImports();
await writeCommonJs();
await formatAll();
await writeWorkflowBundle();
