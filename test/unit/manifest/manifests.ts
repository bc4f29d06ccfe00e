import { readFileSync } from 'node:fs';
import {
  ManifestError,
  parseManifest,
  type ManifestProblem,
  type ParseManifestOptions,
} from '../../../src/manifest/index.ts';

export interface Written {
  apiVersion: string;
  kind: string;
  metadata: Record<string, unknown>;
  spec: Record<string, unknown> & { driver: Record<string, unknown>; executor: Record<string, unknown> };
  status?: unknown;
}

/** The minimal SparkApplication, with more fields of its spec. */
export const application = (
  spec: Record<string, unknown> = {},
  metadata: Record<string, unknown> = { name: 'spark-pi' },
): Written => ({
  apiVersion: 'sparkoperator.k8s.io/v1beta2',
  kind: 'SparkApplication',
  metadata,
  spec: {
    sparkVersion: '4.1.4',
    mainApplicationFile: 'local:///opt/spark/examples/jars/spark-examples.jar',
    driver: {},
    executor: {},
    ...spec,
  },
});

/** The minimal ScheduledSparkApplication, with more fields of its spec. */
export const schedule = (
  spec: Record<string, unknown> = {},
  metadata: Record<string, unknown> = { name: 'nightly' },
): Record<string, unknown> => ({
  apiVersion: 'sparkoperator.k8s.io/v1beta2',
  kind: 'ScheduledSparkApplication',
  metadata,
  spec: { schedule: '0 3 * * *', template: application().spec, ...spec },
});

/** A manifest of some 200 lines that uses every group of fields. */
export const fullYaml = readFileSync(new URL('full.yaml', import.meta.url), 'utf8');

/** What is wrong with a manifest; nothing if it is accepted. */
export function problemsOf(value: unknown, options: ParseManifestOptions = {}): readonly ManifestProblem[] {
  return problemsThrownBy(() => parseManifest(value, options));
}

/** The problems of the ManifestError that a function throws; none if it returns. Another error is passed on. */
export function problemsThrownBy(run: () => unknown): readonly ManifestProblem[] {
  try {
    run();
    return [];
  } catch (error) {
    if (error instanceof ManifestError) return error.problems;
    throw error;
  }
}
