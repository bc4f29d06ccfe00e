import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { parseManifest, parseManifests, parseSparkApplication } from '../src/manifest/index.ts';
import { attemptIdentity, attemptSubmission, buildDriverObjects } from '../src/spark/index.ts';
import { sparkPi } from '../test/support/manifests.ts';
import { withManifestFiles } from './manifest-files.ts';
import { median } from './measure.ts';

const ROUNDS = 500;

/**
 * How long it takes to check a manifest of some 200 lines that uses every group of fields: as data, as a workflow gets
 * it, and as YAML text, positions included. Medians in milliseconds, after a warm-up. And how long the command line
 * takes for 15,000 files of a typical manifest, in seconds.
 */
export async function manifest(): Promise<Record<string, number>> {
  const text = await readFile(new URL('../test/unit/manifest/full.yaml', import.meta.url), 'utf8');
  const [checked] = parseManifests(text);
  return {
    manifestLines: text.split('\n').length,
    manifestDataMs: medianMs(() => parseManifest(checked)),
    manifestYamlMs: medianMs(() => parseManifests(text)),
    translationsPerSecond: Math.round(translationsPerSecond()),
    validateFilesSeconds: await validateFilesSeconds(),
  };
}

/** From a typical manifest, as data, to the objects of its driver; one process, CPU time. */
function translationsPerSecond(): number {
  const written = sparkPi();
  const translate = (index: number) => {
    const application = parseSparkApplication(written);
    const identity = attemptIdentity({
      workflowId: `spark/default/spark-pi-${index}`,
      firstRunId: 'bench',
      attempt: 1,
      temporalNamespace: 'default',
      applicationName: 'spark-pi',
      driverPodName: 'spark-pi-driver',
      submitTime: 0,
    });
    return buildDriverObjects(attemptSubmission(application, identity), identity);
  };
  for (let index = 0; index < 1_000; index++) translate(index);
  const rounds = 5_000;
  const cpu = process.cpuUsage();
  for (let index = 0; index < rounds; index++) translate(index);
  const { user, system } = process.cpuUsage(cpu);
  return rounds / ((user + system) / 1e6);
}

const validateFilesSeconds = (): Promise<number> =>
  withManifestFiles(async (directory) => {
    const cli = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
    const begun = performance.now();
    await execa(process.execPath, [cli, 'validate', directory], { stdout: 'ignore' });
    return Math.round((performance.now() - begun) / 10) / 100;
  });

function medianMs(work: () => unknown): number {
  for (let round = 0; round < ROUNDS / 5; round++) work();
  const times = Array.from({ length: ROUNDS }, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  });
  return Number(median(times).toFixed(3));
}
