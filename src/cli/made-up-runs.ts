import type { KubernetesObject } from '../kubernetes/objects.ts';
import {
  API_VERSION,
  ManifestError,
  parseSparkApplication,
  ScheduleAnnotation,
  serverApplication,
  type ScheduledSparkApplication,
  type SparkApplication,
  type SparkApplicationManifest,
  type SparkManifest,
  type SparkPipeline,
  type SparkPipelineSpec,
} from '../manifest/index.ts';
import { evaluate, toExpressionValue, type Scope } from '../manifest/pipeline/expression.ts';
import { applicationOf } from '../manifest/pipeline/merge.ts';
import { withoutTrailing } from '../validation/trim.ts';
import { render, renderApplication } from '../manifest/pipeline/template.ts';
import type { PipelineStage } from '../manifest/pipeline/types.ts';
import type { ValueType } from '../manifest/pipeline/value-type.ts';
import { connectRoute, connectService } from '../spark/index.ts';
import { Label } from '../spark/metadata.ts';

const NAME_LIMIT = 50;

/** The applications that a manifest runs. */
export interface MadeUpRun {
  readonly applications: readonly SparkApplication[];
  /** What a session has besides its server: the Service, and the Ingress or route. @default none */
  readonly objects?: readonly KubernetesObject[];
  /** What is made up in them, or why a stage is missing. */
  readonly notes: readonly string[];
}

/**
 * The applications of a manifest: those of a pipeline or a schedule as one run of it has them, and the server of a
 * session. What only a run knows is made up: parameters without a default, outputs of stages, and the time, which is now.
 */
export function madeUpRun(manifest: SparkManifest): MadeUpRun {
  switch (manifest.kind) {
    case 'SparkApplication':
      return { applications: [manifest], notes: [] };
    case 'ScheduledSparkApplication':
      return { applications: [scheduledApplication(manifest)], notes: [] };
    case 'SparkPipeline':
      return ofPipeline(manifest, {});
    case 'ScheduledSparkPipeline':
      return ofPipeline(
        { ...manifest, kind: 'SparkPipeline', spec: manifest.spec.template },
        manifest.spec.parameters ?? {},
      );
    case 'SparkConnect': {
      const route = connectRoute(manifest);
      return {
        applications: [parseSparkApplication(serverApplication({ ...manifest }))],
        objects: [connectService(manifest), ...(route === undefined ? [] : [route])],
        notes: [],
      };
    }
    default:
      return manifest satisfies never;
  }
}

function scheduledApplication({ metadata, spec }: ScheduledSparkApplication): SparkApplication {
  const { name, namespace, labels, annotations } = metadata;
  const ofSchedules: readonly string[] = Object.values(ScheduleAnnotation);
  return parseSparkApplication({
    apiVersion: API_VERSION,
    kind: 'SparkApplication',
    metadata: {
      ...{ name: `${name}-scheduled`, namespace, labels: { ...labels, [Label.ScheduledAppName]: name } },
      annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !ofSchedules.includes(key))),
    },
    spec: renderApplication(spec.template, (expression) => evaluate(expression, { schedule: now() })),
  });
}

function now(): { readonly time: string; readonly date: string } {
  const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  return { time, date: time.slice(0, 10) };
}

type Values = Readonly<Record<string, unknown>>;

function ofPipeline(pipeline: SparkPipeline, given: Values): MadeUpRun {
  const { name, namespace } = pipeline.metadata;
  const common: Scope = {
    schedule: now(),
    run: { id: 'rendered', workflowId: `pipeline/${namespace}/${name}/rendered` },
    pipeline: { name, namespace },
  };
  const scope: Scope = {
    ...common,
    params: parametersOf(pipeline.spec, given, common),
    stages: Object.fromEntries(pipeline.spec.stages.map((stage) => [stage.name, endedStage(stage)])),
  };
  const runs = pipeline.spec.stages.map((stage) => ofStage(pipeline, stage, scope));
  const isMadeUp = JSON.stringify(pipeline.spec.stages).includes('${{');
  const note = `SparkPipeline ${namespace}/${name}: parameters without a default, outputs of stages and the time of the run are made up.`;
  return {
    applications: runs.flatMap(({ applications }) => applications),
    notes: [...(isMadeUp ? [note] : []), ...runs.flatMap(({ notes }) => notes)],
  };
}

function ofStage(pipeline: SparkPipeline, stage: PipelineStage, scope: Scope): MadeUpRun {
  const subject = `Stage ${stage.name} of ${pipeline.metadata.namespace}/${pipeline.metadata.name}`;
  const evaluated = (expression: string) => evaluate(expression, { ...scope, ...itemOf(stage, scope) });
  try {
    if (stage.pipeline !== undefined) {
      const metadata = { ...pipeline.metadata, name: stage.name };
      return ofPipeline({ ...pipeline, metadata, spec: stage.pipeline }, render(stage.parameters ?? {}, evaluated));
    }
    const template = applicationOf(stage, pipeline.spec);
    if (template === undefined) return { applications: [], notes: [] };
    const written = renderApplication(template, evaluated) as Partial<SparkApplicationManifest>;
    const { namespace, labels } = pipeline.metadata;
    const application = parseSparkApplication({
      apiVersion: API_VERSION,
      kind: 'SparkApplication',
      metadata: {
        ...{ name: nameOf(pipeline, stage), namespace, ...written.metadata },
        labels: {
          ...labels,
          ...written.metadata?.labels,
          [Label.Pipeline]: pipeline.metadata.name,
          [Label.Stage]: stage.name,
        },
      },
      spec: written.spec!,
    });
    return { applications: [application], notes: [] };
  } catch (error) {
    const { name, message } = error as Error;
    if (!(error instanceof ManifestError) && name !== 'ExpressionError') throw error;
    return { applications: [], notes: [`${subject} is left out: it needs values of a run: ${message}`] };
  }
}

const nameOf = ({ metadata }: SparkPipeline, { name }: PipelineStage): string =>
  withoutTrailing(`${metadata.name}-${name}`.slice(0, NAME_LIMIT), '-');

function parametersOf({ parameters = {} }: SparkPipelineSpec, given: Values, scope: Scope): Values {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { type, default: preset }]) => {
      const value = given[name] ?? render(preset, (expression) => evaluate(expression, scope)) ?? samples[type];
      return [name, toExpressionValue(value, type)];
    }),
  );
}

/** A stage as the expressions of later ones see it. */
function endedStage({ outputs = {}, pipeline, forEach }: PipelineStage): object {
  const types: [string, ValueType][] = pipeline
    ? Object.entries(pipeline.outputs ?? {}).map(([name, { type }]) => [name, type])
    : Object.entries(outputs);
  const values = types.map(([name, type]) => {
    const value = toExpressionValue(samples[type], type);
    return [name, forEach === undefined ? value : [value]];
  });
  return { state: 'SUCCEEDED', message: '', outputs: Object.fromEntries(values) as object };
}

function itemOf({ forEach }: PipelineStage, scope: Scope): Scope {
  if (forEach === undefined) return {};
  const evaluated = (expression: string) => evaluate(expression, scope);
  const [item]: readonly unknown[] =
    forEach.range === undefined
      ? asList(render(forEach.items, evaluated))
      : [render(forEach.range.from ?? 0, evaluated)];
  return { item: Number.isSafeInteger(item) ? toExpressionValue(item, 'int') : (item ?? 'made-up'), index: 0n };
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

const samples: Readonly<Record<ValueType, unknown>> = {
  ...{ string: 'made-up', int: 1, double: 1, bool: true, list: [], map: {} },
  ...{ 'list<string>': ['made-up'], 'list<int>': [1], 'list<double>': [1], 'list<bool>': [true] },
};
