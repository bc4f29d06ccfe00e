import { checkSchema } from '../validation/check-schema.ts';
import { didYouMean } from '../validation/closest.ts';
import { resolveName } from './metadata.ts';
import { plainData } from '../validation/plain-data.ts';
import type { FoundProblem, ManifestProblem, ProblemPath } from '../validation/problem.ts';
import { ManifestError, pathText, problemAt, valueAt } from '../validation/problems.ts';
import { scheduledSparkApplicationSchema, type ScheduledSparkApplication } from './scheduled-spark-application.ts';
import { API_VERSION, sparkApplicationSchema, type SparkApplication } from './spark-application.ts';
import type { FindRefusals } from './pipeline/check-application.ts';
import { withFiles, type ReadFile } from './pipeline/files.ts';
import { scheduledSparkPipelineSchema, type ScheduledSparkPipeline } from './pipeline/scheduled-spark-pipeline.ts';
import { sparkPipelineSchema } from './pipeline/spark-pipeline.ts';
import type { SparkPipeline } from './pipeline/types.ts';
import { refusalsIn } from './refusals.ts';
import { homesOfField } from './spark-application-spec.ts';
import { asRecord, asText, isRecord, type UnknownRecord } from '../validation/unknown-data.ts';
import { readYaml, type YamlDocument } from '../validation/yaml.ts';
import { present } from '../validation/present.ts';

/** A checked document of any supported kind. Distinguish them by `kind`. */
export type SparkManifest = SparkApplication | ScheduledSparkApplication | SparkPipeline | ScheduledSparkPipeline;

export interface ParseManifestOptions {
  /**
   * Drop unknown fields, as an API server does, instead of rejecting them.
   * @default false
   */
  prune?: boolean;
  /**
   * Namespace of manifests that name none.
   * @default 'default'
   */
  namespace?: string;
  /**
   * What completes `metadata.generateName` where there is no `metadata.name`; five random characters of
   * `bcdfghjklmnpqrstvwxz2456789` are Kubernetes' convention. Without it such a manifest is rejected.
   */
  nameSuffix?: string;
  /** Reads the files that a pipeline names. Without it a pipeline that names files is rejected. */
  readFile?: ReadFile;
  /** Returns further problems of an application that is valid so far. @default none */
  refusals?: FindRefusals;
  /** Returns true for documents to skip, unchecked. @default no document is skipped */
  skip?: (document: unknown) => boolean;
  /** Name of the file the manifest is from: for the problems, and to resolve further files. */
  fileName?: string;
}

const schemas = {
  SparkApplication: sparkApplicationSchema,
  ScheduledSparkApplication: scheduledSparkApplicationSchema,
  SparkPipeline: sparkPipelineSchema,
  ScheduledSparkPipeline: scheduledSparkPipelineSchema,
} as const;

type ManifestKind = keyof typeof schemas;

const kinds = Object.keys(schemas) as ManifestKind[];

/**
 * Reads every document of a YAML or JSON text. Empty documents are skipped.
 *
 * @throws {ManifestError} with all problems of all documents. Not retryable.
 */
export function parseManifests(text: string, options: ParseManifestOptions = {}): SparkManifest[] {
  const { fileName, skip = () => false } = options;
  const file = present({ file: fileName });
  const { documents, problems: unreadable } = readYaml(text);
  const problems: ManifestProblem[] = unreadable.map((each) => ({ ...file, ...each }));
  const manifests: SparkManifest[] = [];
  const ours = documents.filter(({ value }) => !skip(value));
  for (const document of ours) {
    const result = check(document.value, options);
    if ('manifest' in result) manifests.push(result.manifest);
    else problems.push(...result.problems.map((found) => ({ ...file, ...place(found, document) })));
  }
  if (problems.length === 0 && manifests.length === 0 && ours.length === documents.length) {
    problems.push({
      ...file,
      document: 1,
      path: [],
      pathText: '',
      code: 'empty',
      message: 'contains no manifest',
    });
  }
  if (problems.length > 0) throw new ManifestError(problems.sort(byPosition));
  return manifests;
}

/**
 * Checks a manifest that is data already: an API request, a workflow's input.
 *
 * @throws {ManifestError} with all problems. Not retryable.
 */
export function parseManifest(value: unknown, options: ParseManifestOptions = {}): SparkManifest {
  const result = check(value, options);
  if ('manifest' in result) return result.manifest;
  throw new ManifestError(result.problems.map((found) => ({ document: 1, ...found, pathText: pathText(found.path) })));
}

/**
 * Checks a manifest that must be a SparkApplication: the input of a workflow of that type.
 *
 * @throws {ManifestError} with all problems. Not retryable.
 */
export function parseSparkApplication(value: unknown, options: ParseManifestOptions = {}): SparkApplication {
  const manifest = parseManifest(value, options);
  if (manifest.kind === 'SparkApplication') return manifest;
  throw notOfKind(manifest, 'SparkApplication');
}

/**
 * Checks a manifest that must be a SparkPipeline: the input of a workflow of that type.
 *
 * @throws {ManifestError} with all problems. Not retryable.
 */
export function parseSparkPipeline(value: unknown, options: ParseManifestOptions = {}): SparkPipeline {
  const manifest = parseManifest(value, options);
  if (manifest.kind === 'SparkPipeline') return manifest;
  throw notOfKind(manifest, 'SparkPipeline');
}

const remediesForKind: Readonly<Record<ManifestKind, string>> = {
  SparkApplication: 'start it with SparkClient.start',
  ScheduledSparkApplication:
    'create the schedule (temporal-spark schedule create), or run its spec.template as a SparkApplication',
  SparkPipeline: 'start it with SparkClient.pipelines.start',
  ScheduledSparkPipeline:
    'create the schedule (temporal-spark schedule create), or run its spec.template as a SparkPipeline',
};

function notOfKind(manifest: SparkManifest, wanted: ManifestKind): ManifestError {
  const found = problemAt(manifest, ['kind'], {
    code: 'not_supported',
    message: 'cannot be run directly',
    allowed: wanted,
    remedy: remediesForKind[manifest.kind],
  });
  return new ManifestError([{ document: 1, ...found, pathText: pathText(found.path) }]);
}

function place(found: FoundProblem, document: YamlDocument): ManifestProblem {
  return {
    document: document.index,
    ...found,
    pathText: pathText(found.path),
    ...document.positionOf(found.path, found.code === 'unknown_field' || found.code === 'invalid_key'),
  };
}

const byPosition = (a: ManifestProblem, b: ManifestProblem): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

type Checked = { manifest: SparkManifest } | { problems: FoundProblem[] };

function check(value: unknown, options: ParseManifestOptions): Checked {
  const written = plainData(value);
  if (written.problems.length > 0) return { problems: [...written.problems] };
  const unusable = checkIdentity(written.value);
  if (unusable.length > 0) return { problems: unusable };
  const named = prepared(asRecord(written.value), options);
  const { manifest: complete, problems: unreadable } = withPipelineFiles(named, options);
  if (unreadable.length > 0) {
    const result = validate(complete);
    const others = 'problems' in result ? result.problems.filter(({ code }) => code !== 'unresolved_file') : [];
    return { problems: [...unreadable, ...others] };
  }
  return withRefusals(pruned(complete, options), complete, options);
}

function pruned(complete: UnknownRecord, { prune = false }: ParseManifestOptions): Checked {
  const result = validate(complete);
  if ('manifest' in result || !prune) return result;
  const unknown = result.problems.filter(({ code }) => code === 'unknown_field');
  return unknown.length === 0 ? result : validate(without(complete, unknown));
}

/** Adds what the translation refuses, in the valid part of the manifest if it has problems. */
function withRefusals(checked: Checked, complete: UnknownRecord, { refusals }: ParseManifestOptions): Checked {
  if (refusals === undefined) return checked;
  if ('manifest' in checked) {
    const problems = refusalsIn(checked.manifest, refusals);
    return problems.length === 0 ? checked : { problems };
  }
  const rest = validate(withStandIns(without(plainData(complete).value as UnknownRecord, checked.problems)));
  if (!('manifest' in rest)) return checked;
  const wrong = new Set(checked.problems.map(({ path }) => JSON.stringify(path)));
  // A misspelled field may be the missing one.
  const misspelled = checked.problems.filter(({ code }) => code === 'unknown_field');
  const parents = new Set(misspelled.map(({ path }) => JSON.stringify(path.slice(0, -1))));
  const isWithin = (paths: ReadonlySet<string>, path: ProblemPath): boolean =>
    [...path, ''].some((_, length) => paths.has(JSON.stringify(path.slice(0, length))));
  const refused = refusalsIn(rest.manifest, refusals).filter(
    ({ path }) => !isWithin(wrong, path) && !(valueAt(complete, path) === undefined && isWithin(parents, path)),
  );
  return { problems: [...checked.problems, ...refused] };
}

/** Valid values for what an application, or its schedule, lacks, so that its other problems can be found. */
function withStandIns(written: UnknownRecord): UnknownRecord {
  const { kind, metadata, spec } = written;
  if (kind !== 'SparkApplication' && kind !== 'ScheduledSparkApplication') return written;
  const complete = (application: unknown): UnknownRecord => {
    const { driver, executor, ...rest } = asRecord(application);
    return { ...SPEC_STAND_INS, ...rest, driver: asRecord(driver), executor: asRecord(executor) };
  };
  return {
    ...written,
    metadata: { name: 'unnamed', ...asRecord(metadata) },
    spec:
      kind === 'SparkApplication'
        ? complete(spec)
        : { schedule: '@daily', ...asRecord(spec), template: complete(asRecord(spec)['template']) },
  };
}

/** The version supports every feature: nothing is refused because of an absent version. */
const SPEC_STAND_INS = { type: 'Scala', sparkVersion: '4.1.0' };

function withPipelineFiles(
  written: UnknownRecord,
  { readFile, fileName }: ParseManifestOptions,
): ReturnType<typeof withFiles> {
  if (readFile === undefined) return { manifest: written, problems: [] };
  if (written['kind'] === 'SparkPipeline') return withFiles(written, readFile, fileName);
  const { template, ...schedule } = asRecord(written['spec']);
  if (written['kind'] !== 'ScheduledSparkPipeline' || !isRecord(template)) return { manifest: written, problems: [] };
  const { manifest, problems } = withFiles({ spec: template }, readFile, fileName);
  return {
    manifest: { ...written, spec: { ...schedule, template: manifest['spec'] } },
    problems: problems.map(({ path, ...problem }) => ({ path: ['spec', 'template', ...path.slice(1)], ...problem })),
  };
}

function validate(written: UnknownRecord): Checked {
  const result = checkSchema<SparkManifest>(schemas[written['kind'] as ManifestKind], written, homesOfField);
  return 'value' in result ? { manifest: result.value } : result;
}

/** Checks kind and apiVersion; a document of another kind gets no further problems. */
function checkIdentity(written: unknown): FoundProblem[] {
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
  if (kinds.some((known) => known === kind)) return [];
  return [
    problemAt(written, ['kind'], {
      code: kind === undefined ? 'required' : 'not_supported',
      message: kind === undefined ? 'is required' : 'is not a supported kind',
      allowed: kinds.join(', '),
      remedy:
        didYouMean(asText(kind) ?? '', kinds) ?? 'create other objects beforehand, for example with kubectl apply',
    }),
  ];
}

/** The manifest with name and namespace filled in, where the caller provides them. */
function prepared(written: UnknownRecord, { namespace, nameSuffix }: ParseManifestOptions): UnknownRecord {
  if (!isRecord(written['metadata'])) return written;
  const metadata: UnknownRecord = { ...present({ namespace }), ...written['metadata'] };
  if (metadata['name'] !== undefined || nameSuffix === undefined) return { ...written, metadata };
  const name = resolveName({ generateName: asText(metadata['generateName']) ?? '' }, nameSuffix);
  return { ...written, metadata: { ...metadata, ...present({ name }) } };
}

function without(written: UnknownRecord, problems: readonly FoundProblem[]): UnknownRecord {
  for (const { path } of problems) {
    const parent = valueAt(written, path.slice(0, -1));
    if (typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, path.at(-1) ?? '');
  }
  return written;
}
