import { REFUSED, type FindRefusals } from './pipeline/check-application.ts';
import { checkSpec } from './pipeline/check.ts';
import type { ScheduledSparkPipeline } from './pipeline/scheduled-spark-pipeline.ts';
import type { SparkPipeline } from './pipeline/types.ts';
import { checkSchema } from '../validation/check-schema.ts';
import type { FoundProblem } from '../validation/problem.ts';
import { problemAt, valueAt } from '../validation/problems.ts';
import { problemInConnect, serverApplication } from './connect/server-application.ts';
import type { SparkConnect } from './connect/spark-connect.ts';
import type { ScheduledSparkApplication } from './scheduled-spark-application.ts';
import { API_VERSION, sparkApplicationSchema, type SparkApplication } from './spark-application.ts';
import { asRecord } from '../validation/unknown-data.ts';

/** Finds what is rejected in the applications of a manifest of any kind, with the path of each problem. */
export function refusalsIn(
  manifest: SparkApplication | ScheduledSparkApplication | SparkConnect | SparkPipeline | ScheduledSparkPipeline,
  find: FindRefusals,
): FoundProblem[] {
  const found = (): readonly Omit<FoundProblem, 'value'>[] => {
    switch (manifest.kind) {
      case 'SparkApplication':
        return find(manifest);
      case 'ScheduledSparkApplication': {
        const { metadata, spec } = manifest;
        return find({ apiVersion: API_VERSION, kind: 'SparkApplication', metadata, spec: spec.template }).map(
          ({ path: [root, ...rest], ...problem }) => ({
            ...problem,
            path: root === 'spec' ? ['spec', 'template', ...rest] : [root!, ...rest],
          }),
        );
      }
      case 'SparkConnect': {
        const server = checkSchema(sparkApplicationSchema, serverApplication({ ...manifest }));
        const found = 'problems' in server ? server.problems : find(server.value);
        return found.map(({ value: _value, ...problem }) => problemInConnect(problem));
      }
      case 'SparkPipeline':
        return checkSpec(asRecord(manifest.spec), ['spec'], find).filter(({ code }) => code === REFUSED);
      case 'ScheduledSparkPipeline':
        return checkSpec(asRecord(manifest.spec.template), ['spec', 'template'], find).filter(
          ({ code }) => code === REFUSED,
        );
      default:
        return manifest satisfies never;
    }
  };
  const problems = found()
    .filter(({ path }) => !String(valueAt(manifest, path)).includes('${{'))
    .map(({ path, ...explanation }) => problemAt(manifest, path, explanation));
  // A template that many stages use is reported once.
  return [...new Map(problems.map((problem) => [JSON.stringify([problem.path, problem.message]), problem])).values()];
}
