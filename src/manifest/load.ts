import { checkSchema } from '../validation/check-schema.ts';
import { resolveName } from './metadata.ts';
import { plainData } from '../validation/plain-data.ts';
import type { FoundProblem, ManifestProblem, ProblemPath } from '../validation/problem.ts';
import { ManifestError, pathText, problemAt, valueAt } from '../validation/problems.ts';
import { byPosition, readDocuments } from './documents.ts';
import { checkIdentity, foreignNote, isForeign, type ManifestKind } from './identity.ts';
import { scheduledSparkApplicationSchema, type ScheduledSparkApplication } from './scheduled-spark-application.ts';
import { sparkConnectSchema, type SparkConnect } from './connect/spark-connect.ts';
import { sparkApplicationSchema, type SparkApplication } from './spark-application.ts';
import type { FindRefusals } from './pipeline/check-application.ts';
import { withFiles, type ReadFile } from './pipeline/files.ts';
import { scheduledSparkPipelineSchema, type ScheduledSparkPipeline } from './pipeline/scheduled-spark-pipeline.ts';
import { sparkPipelineSchema } from './pipeline/spark-pipeline.ts';
import type { SparkPipeline } from './pipeline/types.ts';
import { refusalsIn } from './refusals.ts';
import { homesInSchedule, homesOfField } from './field-homes.ts';
import { asRecord, asText, isRecord, type UnknownRecord } from '../validation/unknown-data.ts';
import { withStandIns } from './stand-ins.ts';
import { findUnrendered, unrenderedAt } from './unrendered.ts';
import type { SourceOf } from '../validation/explain-issue.ts';
import type { TextProblem } from '../validation/yaml.ts';
import { present } from '../validation/present.ts';

/** A checked document of any supported kind. Distinguish them by `kind`. */
export type SparkManifest =
  SparkApplication | ScheduledSparkApplication | SparkConnect | SparkPipeline | ScheduledSparkPipeline;

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
   * `bcdfghjklmnpqrstvwxz2456789` are Kubernetes' convention. A function is called for each such manifest. Without it
   * they are rejected.
   */
  nameSuffix?: string | (() => string);
  /** Reads the files that a pipeline names. Without it a pipeline that names files is rejected. */
  readFile?: ReadFile;
  /** Returns further problems of an application that is valid so far. @default none */
  refusals?: FindRefusals;
  /** Returns true for documents to skip, unchecked. @default no document is skipped */
  skip?: (document: unknown) => boolean;
  /**
   * Receives what is accepted but deserves attention: a key that is set more than once, objects that are skipped.
   * @default notes are dropped
   */
  onNote?: (note: ManifestProblem) => void;
  /** Receives the objects of other kinds, if there are some. @default a note that they are skipped */
  onOthers?: (objects: readonly Readonly<Record<string, unknown>>[]) => void;
  /** Name of the file the manifest is from: for the problems, and to resolve further files. */
  fileName?: string;
}

const schemas = {
  SparkApplication: sparkApplicationSchema,
  ScheduledSparkApplication: scheduledSparkApplicationSchema,
  SparkConnect: sparkConnectSchema,
  SparkPipeline: sparkPipelineSchema,
  ScheduledSparkPipeline: scheduledSparkPipelineSchema,
} as const satisfies Readonly<Record<ManifestKind, unknown>>;

/**
 * Reads every document of a YAML or JSON text. Empty documents are skipped, and objects of other kinds where there is a
 * manifest, too.
 *
 * @throws {ManifestError} with all problems of all documents. Not retryable.
 */
export function parseManifests(text: string, options: ParseManifestOptions = {}): SparkManifest[] {
  const { fileName, skip = () => false, onNote = () => undefined, onOthers } = options;
  const file = present({ file: fileName });
  const { documents, problems: unreadable, repeatedKeys } = readDocuments(text);
  const problems: ManifestProblem[] = unreadable.map((each) => ({ ...file, ...each }));
  const refused = (problem: TextProblem): ManifestError => new ManifestError([{ ...file, ...problem }]);
  const manifests: SparkManifest[] = [];
  const considered = documents.filter(({ value }) => !skip(value));
  const others = considered.filter(({ value }) => isForeign(value));
  const foreign = others.length === considered.length ? [] : others;
  const ours = considered.filter((each) => !foreign.includes(each));
  for (const document of ours) {
    const result = check(document.value, options, document.sourceOf);
    if ('manifest' in result) manifests.push(result.manifest);
    else {
      const templated = result.problems.find(({ path }) => document.isTemplated(path));
      if (templated !== undefined) throw refused(unrenderedAt(document.place(templated), text));
      problems.push(...result.problems.map((found) => ({ ...file, ...document.place(found) })));
    }
  }
  if (unreadable.length > 0) {
    const template = findUnrendered(text);
    if (template !== undefined) throw refused(template);
  }
  if (problems.length === 0 && manifests.length === 0 && considered.length === documents.length) {
    throw refused({ document: 1, path: [], pathText: '', code: 'empty', message: 'contains no manifest' });
  }
  if (problems.length > 0) throw new ManifestError(problems.sort(byPosition));
  for (const note of repeatedKeys) {
    if (ours.some(({ index }) => index === note.document)) onNote({ ...file, ...note });
  }
  const [first] = foreign;
  if (first !== undefined && onOthers !== undefined) {
    onOthers(foreign.map(({ value }) => asRecord(value)));
  } else if (first !== undefined) {
    const { document, line, column } = first.place({ path: [], code: '', message: '' });
    const note = foreignNote(foreign.map(({ value }) => asRecord(value)));
    onNote({ ...file, document, ...present({ line, column }), path: [], pathText: '', ...note });
  }
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
  SparkConnect: 'create it with kubectl apply',
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

type Checked = { manifest: SparkManifest } | { problems: FoundProblem[] };

function check(value: unknown, options: ParseManifestOptions, sourceOf?: SourceOf): Checked {
  const written = plainData(value);
  if (written.problems.length > 0) return { problems: [...written.problems] };
  const unusable = checkIdentity(written.value);
  if (unusable.length > 0) return { problems: unusable };
  const named = prepared(asRecord(written.value), options);
  const { manifest: complete, problems: unreadable } = withPipelineFiles(named, options);
  if (unreadable.length > 0) {
    const result = validate(complete, sourceOf);
    const others = 'problems' in result ? result.problems.filter(({ code }) => code !== 'unresolved_file') : [];
    return { problems: [...unreadable, ...others] };
  }
  return withRefusals(pruned(complete, options, sourceOf), complete, options);
}

function pruned(complete: UnknownRecord, { prune = false }: ParseManifestOptions, sourceOf?: SourceOf): Checked {
  const result = validate(complete, sourceOf);
  if ('manifest' in result || !prune) return result;
  const unknown = result.problems.filter(({ code }) => code === 'unknown_field');
  return unknown.length === 0 ? result : validate(without(complete, unknown), sourceOf);
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
  // What a map needs may be what was wrong in it.
  const around = new Set(checked.problems.map(({ path }) => JSON.stringify(path.slice(0, -1))));
  const missing = new Set(checked.problems.flatMap(({ path }) => path.flatMap((part) => dependents[part] ?? [])));
  const refused = refusalsIn(rest.manifest, refusals).filter(
    ({ path }) =>
      !isWithin(wrong, path) &&
      !(path.length > 2 && around.has(JSON.stringify(path))) &&
      !(valueAt(complete, path) === undefined && isWithin(parents, path)) &&
      !path.some((part) => missing.has(String(part))),
  );
  return { problems: [...checked.problems, ...refused] };
}

/** Fields whose values are right or wrong only together with another field's, by that one. */
const dependents: Readonly<Record<string, string>> = {
  volumes: 'volumeMounts',
  cores: 'coreLimit',
  coreRequest: 'coreLimit',
};

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

function validate(written: UnknownRecord, sourceOf?: SourceOf): Checked {
  const kind = written['kind'] as ManifestKind;
  const homes = kind === 'ScheduledSparkApplication' ? homesInSchedule : homesOfField;
  const known = kind === 'SparkConnect' ? {} : { homes };
  const result = checkSchema<SparkManifest>(schemas[kind], written, { ...known, ...present({ sourceOf }) });
  return 'value' in result ? { manifest: result.value } : result;
}

/** The manifest with name and namespace filled in, where the caller provides them. */
function prepared(written: UnknownRecord, { namespace, nameSuffix }: ParseManifestOptions): UnknownRecord {
  if (!isRecord(written['metadata'])) return written;
  const { namespace: own, ...rest } = written['metadata'];
  const metadata: UnknownRecord = { ...rest, ...present({ namespace: own === '' ? namespace : (own ?? namespace) }) };
  if (metadata['name'] !== undefined || nameSuffix === undefined) return { ...written, metadata };
  const suffix = typeof nameSuffix === 'function' ? nameSuffix() : nameSuffix;
  const name = resolveName({ generateName: asText(metadata['generateName']) ?? '' }, suffix);
  return { ...written, metadata: { ...metadata, ...present({ name }) } };
}

function without(written: UnknownRecord, problems: readonly FoundProblem[]): UnknownRecord {
  for (const { path } of problems) {
    const parent = valueAt(written, path.slice(0, -1));
    if (typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, path.at(-1) ?? '');
  }
  return written;
}
