/**
 * `node scripts/manifests.ts`: renders deploy/manifests/temporal-spark.yaml from the chart again. A test checks it.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { ensureTools } from '../lab/toolchain/toolchain.ts';
import { tools } from '../lab/toolchain/tools.ts';

const deploy = join(import.meta.dirname, '..', 'deploy');
export const manifestsFile: string = join(deploy, 'manifests', 'temporal-spark.yaml');

/** The chart with these values, without its tests, as `helm template` prints it. Rejects with helm's message. */
export async function renderChart(args: readonly string[]): Promise<string> {
  const [helm] = await ensureTools([tools.helm]);
  const chart = join(deploy, 'helm', 'temporal-spark');
  const { stdout } = await execa(helm!, ['template', 'temporal-spark', chart, '--skip-tests', ...args], {
    stripFinalNewline: false,
  });
  return stdout;
}

/** The expected text of deploy/manifests/temporal-spark.yaml. */
export async function renderManifests(): Promise<string> {
  const rendered = await renderChart([
    ...['--namespace', 'temporal-spark', '--values', join(deploy, 'manifests', 'values.yaml')],
  ]);
  // Users of this file have no Helm.
  const plain = rendered.replaceAll(/^ *(helm\.sh\/chart|app\.kubernetes\.io\/managed-by): .*\n/gm, '');
  return `# Rendered from deploy/helm/temporal-spark with deploy/manifests/values.yaml; do not edit.\n${plain}`;
}

if (import.meta.filename === process.argv[1]) await writeFile(manifestsFile, await renderManifests());
