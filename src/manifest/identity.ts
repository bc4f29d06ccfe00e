import { didYouMean } from '../validation/closest.ts';
import type { FoundProblem } from '../validation/problem.ts';
import { problemAt } from '../validation/problems.ts';
import { asRecord, asText, isRecord, type UnknownRecord } from '../validation/unknown-data.ts';
import { PIPELINE_API_VERSION } from './pipeline/types.ts';
import { API_VERSION } from './spark-application.ts';

export const manifestKinds = [
  'SparkApplication',
  'ScheduledSparkApplication',
  'SparkConnect',
  'SparkPipeline',
  'ScheduledSparkPipeline',
] as const;

/** The kinds that run here. */
export type ManifestKind = (typeof manifestKinds)[number];

const CREATE_BEFOREHAND = 'create other objects beforehand, for example with kubectl apply';
const CREATE_WITH_RUN = 'create them beforehand with kubectl apply, or with temporal-spark run --with-others';

/** Checks kind and apiVersion; a document of another kind gets no further problems. */
export function checkIdentity(written: unknown): FoundProblem[] {
  if (!isRecord(written)) {
    return [{ path: [], code: 'wrong_type', message: 'must be a map with apiVersion, kind, metadata and spec' }];
  }
  const apiVersion = asText(written['apiVersion']) ?? '';
  if (/^spark\.apache\.org\//.test(apiVersion)) {
    return [
      problemAt(written, ['apiVersion'], {
        code: 'not_supported',
        message: "is that of Apache Spark's own operator, which has other fields",
        allowed: JSON.stringify(API_VERSION),
        remedy: `rewrite the manifest for ${API_VERSION}`,
      }),
    ];
  }
  const kind = written['kind'];
  if (isManifestKind(kind)) return [];
  if (kind === undefined && isManifestKind(asRecord(written['spark'])['kind'])) {
    return [
      {
        path: ['spark'],
        code: 'not_supported',
        message: "holds the manifest, as in a template file of Airflow's SparkKubernetesOperator",
        remedy: 'move apiVersion, kind, metadata and spec out of it to the top, and remove the rest of the file',
      },
    ];
  }
  return [
    problemAt(written, ['kind'], {
      code: kind === undefined ? 'required' : 'not_supported',
      message: kind === undefined ? 'is required' : 'is not a supported kind',
      allowed: manifestKinds.join(', '),
      remedy: didYouMean(asText(kind) ?? '', manifestKinds) ?? CREATE_BEFOREHAND,
    }),
  ];
}

const isManifestKind = (kind: unknown): kind is ManifestKind => manifestKinds.some((known) => known === kind);

/** Whether a document names a kind, or holds one that does; a file of settings does not. */
export const hasKind = (document: unknown): boolean =>
  asRecord(document)['kind'] !== undefined || asRecord(asRecord(document)['spark'])['kind'] !== undefined;

const OUR_GROUPS = [API_VERSION, PIPELINE_API_VERSION, 'spark.apache.org/'].map((version) => version.split('/')[0]!);

/** Whether a document is an object of Kubernetes that an application needs, such as a ServiceAccount. */
export function isForeign(document: unknown): document is UnknownRecord {
  if (!isRecord(document)) return false;
  const { apiVersion, kind } = document;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || isManifestKind(kind)) return false;
  return !OUR_GROUPS.includes(apiVersion.split('/')[0]!) && didYouMean(kind, manifestKinds) === undefined;
}

const SHOWN = 5;

/** States once which objects of a file are skipped. */
export function foreignNote(documents: readonly UnknownRecord[]): Pick<FoundProblem, 'code' | 'message' | 'remedy'> {
  const names = documents.map(({ kind, metadata }) => `${String(kind)} ${asText(asRecord(metadata)['name']) ?? ''}`);
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return {
    code: 'other_kind',
    message: `skips what it does not create: ${names.slice(0, SHOWN).join(', ').trim()}${more}`,
    remedy: CREATE_WITH_RUN,
  };
}
